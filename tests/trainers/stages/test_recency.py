"""Recency: the exponent is selected on validation users, if the times are known."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import ParameterError
from item2vec.experiments.registry import TRAINERS
from item2vec.trainers.stages import recency_selection
from item2vec.trainers.stages.recency_selection import RECENCIES, describe
from item2vec.trainers.stages.vector_cache import VectorCache
from item2vec.trainers.word2vec.trainer import Word2Vec

GROUPS = 8
SMALL = {"vector_size": 8, "epochs": 3, "workers": 1}


def drifting(*, drifts: bool) -> Histories:
    """Return 400 users: their first items are of one group and their last four of another.

    If they do not drift, the same items are in random order.
    """
    rng = np.random.default_rng(1)
    lists = []
    for _ in range(400):
        old, new = rng.choice(GROUPS, 2, replace=False)
        items = [f"{old}-{place}" for place in rng.choice(12, 6, replace=False)]
        items += [f"{new}-{place}" for place in rng.choice(12, 4, replace=False)]
        lists.append(items if drifts else rng.permutation(items).tolist())
    return Histories.from_lists(lists)


@pytest.fixture(scope="module")
def fitted():
    histories = drifting(drifts=True).in_order()
    trainers = {name: kind(**SMALL, memory=0) for name, kind in TRAINERS.items()}
    return histories, {name: trainer.fit(histories) for name, trainer in trainers.items()}


@pytest.mark.parametrize("name", TRAINERS)
def test_late_items_weigh_more_where_users_drift(fitted, name):
    model = fitted[1][name]
    assert model.recency > 0
    report = model.metadata["order"]
    assert report["recency"] == model.recency == model.metadata["parameters"]["recency"]
    assert report["users"] == 133, "a third of the users, who are held out"
    by_recency = report["scores"]["next item"]
    assert by_recency[f"{model.recency:g}"] > 1.2 * by_recency["0"]
    assert f"(1 + age)^-{model.recency:g}" in describe(report)


@pytest.mark.parametrize("name", TRAINERS)
def test_the_vectors_do_not_depend_on_the_recency(fitted, name):
    histories, models = fitted
    plain = TRAINERS[name](**SMALL, memory=0).fit(replace(histories, moments=None))
    np.testing.assert_array_equal(plain.item_vectors, models[name].item_vectors)
    np.testing.assert_array_equal(plain.context_vectors, models[name].context_vectors)
    assert plain.recency == 0
    assert "order" not in plain.metadata


def test_all_items_weigh_the_same_if_their_order_is_random():
    model = Word2Vec(**SMALL, memory=0).fit(drifting(drifts=False).in_order())
    assert model.recency == 0
    assert "at any age" in describe(model.metadata["order"])


def test_interactions_of_one_time_are_not_taken_for_a_sequence():
    """If all interactions of a user have one time, what comes next is the order of the file."""
    histories = drifting(drifts=True)
    at_once = replace(histories, moments=np.zeros(len(histories.items), np.int32))
    model = Word2Vec(**SMALL, memory=0).fit(at_once)
    assert model.recency == 0
    assert model.metadata["order"]["users"] == 0


def test_a_given_exponent_is_used_as_it_is():
    histories = drifting(drifts=True)
    model = Word2Vec(**SMALL, memory=0, recency=0.3).fit(histories)
    assert model.recency == 0.3
    assert "order" not in model.metadata
    none = Word2Vec(**SMALL, memory=0, recency=0).fit(histories.in_order())
    assert none.recency == 0
    with pytest.raises(ParameterError, match="recency must be at least 0"):
        Word2Vec(recency=-1.0)


def test_few_users_leave_all_items_with_the_same_weight():
    histories = drifting(drifts=True).in_order().slice(0, 150)
    model = Word2Vec(**SMALL, memory=0).fit(histories)
    assert model.recency == 0
    assert "fewer than 100 users" in describe(model.metadata["order"])


def test_the_memory_and_the_recency_are_selected_with_the_same_vectors(monkeypatch):
    histories = drifting(drifts=True).in_order()
    runs = []
    train = Word2Vec._run_epochs

    def counting(self, fitted, state):
        runs.append(len(fitted))
        return train(self, fitted, state)

    monkeypatch.setattr(Word2Vec, "_run_epochs", counting)
    seen = []
    model = Word2Vec(**SMALL, memory=5).fit(histories, progress=lambda *at: seen.append(at))
    assert runs == [400, 267], "once all users, once those who are not held out"
    assert seen == [(epoch, 6) for epoch in range(1, 7)]
    assert model.memory is not None
    assert model.recency > 0
    runs.clear()
    seen.clear()
    Word2Vec(**SMALL, memory=0).fit(histories, progress=lambda *at: seen.append(at))
    assert runs == [400, 267]
    assert seen == [(epoch, 6) for epoch in range(1, 7)]


def test_vectors_are_trained_once_for_the_same_histories():
    calls = []
    cache = VectorCache(lambda fitted: calls.append(fitted) or len(calls))
    first, other = drifting(drifts=True), drifting(drifts=False)
    same = drifting(drifts=True)
    found = [cache(each) for each in (first, other, same)]
    assert found == [1, 2, 1]


def test_interactions_with_times_select_a_recency_too():
    histories = drifting(drifts=True)
    users = tuple(f"{user:03}" for user in range(len(histories)))
    ids = sorted(histories.vocabulary.ids)
    place = {item_id: row for row, item_id in enumerate(ids)}
    items = np.array([place[histories.vocabulary.ids[row]] for row in histories.items], np.int32)
    times = np.arange(len(items), dtype=np.int64)
    interactions = Interactions(items, histories.offsets, tuple(ids), users, times=times)
    assert Word2Vec(**SMALL, memory=0).fit(interactions).recency > 0


def test_the_labels_are_the_last_items_and_the_last_moments():
    rows, offsets = np.arange(6, dtype=np.int32), np.array([0, 6])
    histories = Histories.from_lists([list("abcdef")])
    assert histories.items.tolist() == rows.tolist()
    moments = np.array([0, 0, 1, 2, 2, 3], np.int32)
    kinds = recency_selection._cases_by_kind(
        Histories(rows, offsets, histories.vocabulary, moments=moments)
    )
    found = {
        name: [(cases.inputs[n].tolist(), cases.labels[n].tolist()) for n in range(len(cases))]
        for name, cases in kinds.items()
    }
    assert found == {
        "next item": [([0, 1, 2], [3]), ([0, 1, 2, 3], [4]), ([0, 1, 2, 3, 4], [5])],
        "next moment": [([0, 1], [2]), ([0, 1, 2], [3, 4]), ([0, 1, 2, 3, 4], [5])],
    }
    assert set(recency_selection._cases_by_kind(histories.in_order())) == {"next item"}


def test_the_smallest_exponent_within_a_standard_error_of_the_best_is_taken():
    noise = 0.1 * (-1) ** np.arange(500)  # a standard error of .0045

    def scores(*gains: float) -> np.ndarray:
        return np.array([1 + gain + noise * (gain != 0) for gain in gains])

    assert RECENCIES[recency_selection._choose([scores(0, 0.001, 0.002, 0.001)])] == 0
    assert RECENCIES[recency_selection._choose([scores(0, 0.1, 0.1, 0.1)])] == 0.25
    assert RECENCIES[recency_selection._choose([scores(0, 0.1, 0.2, 0.3)])] == 1
    assert (
        RECENCIES[recency_selection._choose([scores(0, 0.1, 0.2, 0), scores(0, 0, 0, -0.3)])] == 0.5
    )


def test_seen_items_are_no_labels():
    """Repeats can be kept in training, but seen items can't be recommended."""
    lists = [[f"{n % 7}", f"{n % 11}x", f"{n % 5}y", f"{n % 7}"] for n in range(300)]
    histories = Histories.from_lists(lists).in_order()
    kinds = recency_selection._cases_by_kind(histories.without_repeats())
    for cases in kinds.values():
        for place in range(len(cases)):
            assert not set(cases.inputs[place]) & set(cases.labels[place])
    model = Word2Vec(**SMALL, memory=0).fit(histories)
    assert model.metadata["order"]["scores"]["next item"]["0"] > 0
