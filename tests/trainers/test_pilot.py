"""The pilot: a memory is kept where validation users gain by it, and not elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.errors import DataError, TooLargeError
from item2vec.heldout import RandomProtocol
from item2vec.histories import Histories
from item2vec.trainers import pilot
from item2vec.trainers.pilot import choose_memory, said
from item2vec.trainers.softmax import Softmax
from item2vec.validation import SHARE, hold_out, mean_metric

PROTOCOL = RandomProtocol(inputs=2, labels=4)
# Two dimensions can't hold ten groups: there is something to remember.
NARROW = Softmax(
    vector_size=2, epochs=10, batch_size=16, memory="auto", validation=PROTOCOL, workers=1
)


@pytest.fixture(scope="module")
def groups():
    """Ten groups of twelve items; who watches one of a group watches others of it."""
    rng = np.random.default_rng(0)
    return Histories.from_lists(
        [
            [f"{'abcdefghij'[user % 10]}{item}" for item in rng.choice(12, 8, replace=False)]
            for user in range(400)
        ]
    )


def test_what_vectors_can_not_hold_is_remembered(groups):
    vectors = NARROW.fit(groups)
    told = vectors.metadata["memory"]
    assert told["kept"] == 200
    assert told["scores"]["both"] > told["scores"]["vectors"] + 0.2
    assert {r.id[0] for r in vectors.recommend(["a1", "a2"], k=5)} == {"a"}
    assert said(told).startswith(
        "A memory is kept beside the vectors: ndcg@10 on 80 validation users and the 120 most "
        "popular items was "
    )


def test_the_vectors_are_those_of_training_without_it(groups):
    with_it, without = NARROW.fit(groups), replace(NARROW, memory=0).fit(groups)
    assert without.memory is None
    np.testing.assert_array_equal(with_it.item_vectors, without.item_vectors)


def test_progress_counts_the_epochs_of_the_pilot_too(groups):
    told = []
    replace(NARROW, epochs=2).fit(groups, progress=lambda *at: told.append(at))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_what_the_pilot_tells_is_what_validation_users_score(groups):
    trainer = replace(NARROW, memory=0)
    chosen = choose_memory(trainer.fit, groups, 50, PROTOCOL)
    fitted, cases = hold_out(groups, SHARE, PROTOCOL, seed=0)
    vectors = trainer.fit(fitted)
    both = replace(vectors, memory=chosen.memory(fitted, 50))
    assert chosen.told["scores"]["vectors"] == pytest.approx(mean_metric(vectors, cases), abs=1e-6)
    assert chosen.told["scores"]["both"] == pytest.approx(mean_metric(both, cases), abs=1e-6)
    assert chosen.told["users"] == 80


def test_where_there_is_nothing_to_gain_nothing_is_kept():
    """Everybody watches the whole group: vectors that have learned the groups make no mistake."""
    whole = Histories.from_lists(
        [[f"{'abcde'[user % 5]}{item}" for item in range(6)] for user in range(200)]
    )
    wide = replace(NARROW, vector_size=16, epochs=60)
    vectors = wide.fit(whole)
    told = vectors.metadata["memory"]
    assert told["scores"]["vectors"] == told["scores"]["both"] == 1.0
    assert told["kept"] == 0
    assert vectors.memory is None
    assert "No memory is kept beside the vectors" in said(told)
    named = replace(wide, memory=3).fit(whole)
    assert named.metadata["memory"]["kept"] == 3, "who names a number gets it"
    assert len(named.memory.items) <= 3 * 30


def test_a_catalogue_that_is_too_large_goes_without_or_says_so(groups, monkeypatch):
    monkeypatch.setattr(pilot, "MOST_ITEMS", 100)
    assert NARROW.fit(groups).memory is None
    told = []
    with pytest.raises(TooLargeError, match="a memory of 120 items is too large"):
        replace(NARROW, memory=10).fit(groups, progress=lambda *at: told.append(at))
    assert not told, "it is said before anything is trained"


def test_the_pilot_looks_at_popular_items_and_the_memory_holds_all(groups, monkeypatch):
    monkeypatch.setattr(pilot, "PILOT_ITEMS", 60)
    vectors = NARROW.fit(groups)
    assert vectors.metadata["memory"]["pilot_items"] == 60
    assert (np.diff(vectors.memory.offsets) > 0).all()
    rare = vectors.vocabulary.ids[110]
    assert {r.id[0] for r in vectors.recommend([rare], k=5)} == {rare[0]}


def test_histories_too_short_to_judge_by_go_without_or_say_so(groups):
    course = replace(NARROW, validation=RandomProtocol(inputs=3, labels=7))
    assert course.fit(groups).memory is None
    with pytest.raises(DataError, match="no history is long enough to choose a memory by"):
        replace(course, memory=10).fit(groups)
