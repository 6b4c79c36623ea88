"""The selection of the item-item memory and of its mixing weight on validation users."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec._support.top_k import top_k
from item2vec.data.histories import Histories
from item2vec.evaluation.metrics import find_hits, ndcg
from item2vec.evaluation.splitting.held_out_protocols import FoldInProtocol, RandomProtocol
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.validation import hold_out
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.stages import memory_selection, score_grid, selection_users
from item2vec.trainers.stages.balanced_memory import balanced_memory, n_neighbors
from item2vec.trainers.stages.memory import choose_memory
from item2vec.trainers.stages.memory_selection import Mixture, describe, select_memory
from item2vec.trainers.stages.score_grid import CROSSOVERS, MIXING_WEIGHTS, ScoreGrid
from item2vec.trainers.stages.selection_users import PROTOCOLS

PROTOCOL = RandomProtocol(inputs=2, labels=4)


def knowing(histories, *, strength=1.0, noise=0.0):
    """Return vectors whose products are 1 for items of the same group, plus noise."""
    ids = histories.vocabulary.ids
    groups = np.array(["abcdefghij".index(item[0]) for item in ids])
    rng = np.random.default_rng(0)
    vectors = strength * np.eye(10)[groups] + noise * rng.standard_normal((len(ids), 10))
    vectors = vectors.astype(np.float32)
    bias = np.zeros(len(ids), dtype=np.float32)
    return ItemVectors(histories.vocabulary, vectors, vectors, bias, power=0.5)


def ignorant(histories):
    return knowing(histories, strength=0.0, noise=1.0)


def with_memory(train, histories, wanted, protocols):
    """Return the memory that is added to vectors, and what their metadata hold of its selection."""
    vectors = replace(train(histories), metadata={})
    added = choose_memory(wanted, train, histories, protocols).apply(vectors, histories)
    return added.memory, added.metadata["memory"]


def test_a_memory_is_added_where_it_improves_scores(groups):
    memory, report = with_memory(ignorant, groups, "auto", [PROTOCOL])
    scores = report["scores"][PROTOCOL.description]
    assert scores["both"] > scores["vectors"] + 0.2
    assert report["users"] == 133, "a third of the users, where they are few"
    assert report["kept"] == 100
    assert report["mixing_weight"] in MIXING_WEIGHTS
    assert memory.crossover == report["crossover"]
    assert "is added" in describe(report)
    assert "133 validation users and the 120 most popular items" in describe(report)


def test_no_memory_is_added_where_it_does_not_improve_scores(groups):
    """Vectors that separate the groups can't be improved: items within one are random."""
    memory, report = with_memory(knowing, groups, "auto", [PROTOCOL])
    assert memory is None
    assert (report["kept"], report["mixing_weight"]) == (0, 0.0)
    scores = report["scores"][PROTOCOL.description]
    assert scores["both"] == scores["vectors"]
    assert "is not added" in describe(report)


def test_a_number_of_neighbors_keeps_the_memory_even_there(groups):
    memory, report = with_memory(knowing, groups, 3, [PROTOCOL])
    assert report["kept"] == 3
    assert np.bincount(memory.long.items).max() <= 3
    assert np.diff(memory.short.offsets).max() <= 3
    assert memory.short.weights.any()
    assert memory.long.weights.any()


def test_the_selection_is_that_of_the_seed(groups):
    first, second = (select_memory(ignorant, groups, "auto", [PROTOCOL], seed=3) for _ in range(2))
    assert first == second
    other = select_memory(ignorant, groups, "auto", [PROTOCOL], seed=4)
    assert other.scores != first.scores, "other users are held out"


def test_too_few_validation_users_give_the_defaults(groups):
    few = groups.slice(0, 297)  # a third of them is 99
    trained = []
    selection = select_memory(trained.append, few, "auto", [PROTOCOL])
    assert not trained
    assert selection.mixture == (10.0, 1.0)
    memory, report = with_memory(ignorant, few, "auto", [PROTOCOL])
    assert (memory.crossover, report["kept"]) == (10.0, 100)
    assert "default weight: fewer than 100 users" in describe(report)


def test_histories_too_short_for_a_protocol_leave_the_choice_to_the_others(groups):
    course = RandomProtocol(inputs=3, labels=7)  # ten of eight items
    selection = select_memory(ignorant, groups, "auto", [course, PROTOCOL])
    assert list(selection.scores) == [PROTOCOL.description]
    assert select_memory(ignorant, groups, "auto", [course]).n_users == 0


@pytest.mark.parametrize("lists", [[["a"]], [["a"], ["a"]], [["a", "b"]], [["a"], ["b"]] * 500])
@pytest.mark.parametrize("wanted", ["auto", 5])
def test_tiny_histories_have_a_finite_memory_or_none(lists, wanted):
    histories = Histories.from_lists(lists)
    n = len(histories.vocabulary)
    ones = np.ones((n, 2), dtype=np.float32)
    vectors = ItemVectors(histories.vocabulary, ones, ones, ones[:, 0], power=0.5)
    memory, report = with_memory(lambda _: vectors, histories, wanted, PROTOCOLS)
    assert report["kept"] == n - 1
    assert (memory is None) == (n == 1)
    if memory is not None:
        assert all(np.isfinite(part.weights).all() for part in memory.parts().values())


def test_protocols_that_hold_the_same_users_out_share_the_training(groups):
    trained = []

    def train(histories):
        trained.append(histories)
        return ignorant(histories)

    protocols = [PROTOCOL, RandomProtocol(inputs=4, labels=4), FoldInProtocol()]
    selection = select_memory(train, groups, "auto", protocols)
    assert len(trained) == 1
    assert len(trained[0]) == 267
    assert len(selection.scores) == 3


def test_a_later_split_is_selected_for_on_histories_without_their_ends(groups):
    trained = []

    def train(histories):
        trained.append(histories)
        return ignorant(histories)

    selection = select_memory(train, groups, "auto", [PROTOCOL, LeaveLastOutProtocol()])
    assert [len(histories) for histories in trained] == [267, 400]
    assert (trained[1].lengths == 7).all()
    scores = selection.scores[LeaveLastOutProtocol().description]
    assert scores["both"] > scores["vectors"] + 0.2
    assert selection.n_users == 400


def test_the_most_popular_items_decide_and_the_memory_holds_all(groups, monkeypatch):
    monkeypatch.setattr(selection_users, "SELECTION_ITEMS", 60)
    memory, report = with_memory(ignorant, groups, "auto", [PROTOCOL])
    assert report["items"] == 60
    assert len(memory) == 120
    assert (np.diff(memory.short.offsets) > 0).all()
    assert (np.bincount(memory.long.items, minlength=120) > 0).all()


def test_reported_scores_are_those_of_the_parts_and_of_the_model(groups, monkeypatch):
    """They are recomputed with `recommend_rows` of vectors fitted without the validation users."""
    monkeypatch.setattr(score_grid, "MOST_CASES", 10_000)
    selection = select_memory(ignorant, groups, 30, [PROTOCOL])
    fitted, cases = hold_out(groups, 1 / 3, PROTOCOL, seed=0)
    vectors = ignorant(fitted)
    memory = balanced_memory(vectors, fitted, 30, crossover=selection.mixture.crossover)
    both = replace(vectors, memory=memory.scaled(selection.mixture.mixing_weight))

    def score(model):
        rows = model.recommend_rows(cases.inputs, 10)
        found = find_hits(rows, cases.labels.items, cases.labels.offsets)
        return float(ndcg(found, cases.labels.lengths, 10).mean())

    expected = {name: score(part) for name, part in both.parts().items()}
    scores = selection.scores[PROTOCOL.description]
    assert scores["vectors"] == pytest.approx(expected["vectors alone"], abs=1e-6)
    assert scores["memory"] == pytest.approx(expected["memory alone"], abs=1e-4)
    assert scores["both"] == pytest.approx(score(both), abs=1e-4)


def test_weights_are_spread_in_proportion_to_the_vectors(groups):
    vectors = knowing(groups, strength=7.0, noise=0.3)
    memory = balanced_memory(vectors, groups, 20, crossover=5.0)
    spread = vectors.score_rows(groups).std(axis=1).mean()
    for weights, factor in zip(memory.parts().values(), (1, 2), strict=True):
        of_memory = Memory(weights).score_rows(groups, power=0.5).std(axis=1).mean()
        assert of_memory == pytest.approx(factor * spread, rel=0.05)


def grid(means, users=200, noise=0.0, seed=0):
    """Return a grid with these mean scores (crossovers, 1 + mixing weights) for each user."""
    rng = np.random.default_rng(seed)
    both = np.repeat(np.asarray(means, dtype=float)[:, :, None], users, axis=2)
    both += noise * rng.standard_normal(both.shape)
    return ScoreGrid(both, both[:, 0])


def means_with(rows):
    """Return scores of 0.1, except those given: {(crossover, mixing weight): score}."""
    means = np.full((len(CROSSOVERS), 1 + len(MIXING_WEIGHTS)), 0.1)
    for (crossover, weight), value in rows.items():
        means[CROSSOVERS.index(crossover), (0.0, *MIXING_WEIGHTS).index(weight)] = value
    return means


def test_the_mixture_with_the_best_mean_of_relative_scores_is_chosen():
    """The scores of the second protocol are a tenth, but their relative differences are larger."""
    first = grid(means_with({(8.0, 2.0): 0.12, (20.0, 1.0): 0.11}))
    second = grid(means_with({(20.0, 1.0): 0.2}) / 10)
    assert memory_selection._choose([first]) == Mixture(8.0, 2.0)
    assert memory_selection._choose([first, second]) == Mixture(20.0, 1.0)


def test_the_smallest_weight_within_one_standard_error_is_chosen():
    means = means_with({(8.0, 0.5): 0.299, (8.0, 1.0): 0.3, (8.0, 2.0): 0.301})
    assert memory_selection._choose([grid(means)]).mixing_weight == 2.0, "nothing is uncertain"
    noisy = grid(means, noise=0.1)
    assert memory_selection._choose([noisy]).mixing_weight == 0.5


def test_the_memory_is_left_out_only_where_the_vectors_alone_are_clearly_better():
    """Few users are no reason to leave it out, because long histories lose much without it."""
    better = grid(means_with({(8.0, 0.5): 0.11, (8.0, 1.0): 0.111}), noise=0.1)
    assert memory_selection._choose([better]).mixing_weight == 0.5
    worse = means_with(
        {(crossover, weight): 0.09 for crossover in CROSSOVERS for weight in MIXING_WEIGHTS}
    )
    assert memory_selection._choose([grid(worse, noise=0.01)]).mixing_weight == 0.0
    assert memory_selection._choose([grid(worse, noise=0.5)]).mixing_weight > 0


def test_scores_of_zero_leave_the_memory_in():
    assert memory_selection._choose([grid(means_with({}) * 0)]).mixing_weight == 0.5


def test_a_grid_holds_what_each_choice_scores(groups, monkeypatch):
    monkeypatch.setattr(score_grid, "MOST_CASES", 10_000)
    fitted, cases = hold_out(groups, 1 / 3, PROTOCOL, seed=0)
    vectors = knowing(fitted, noise=0.8)
    memory = balanced_memory(vectors, fitted, 30, crossover=1.0)
    found = ScoreGrid.of(vectors, memory, cases, "ndcg@10")
    assert found.n_users == 133
    for place, crossover in enumerate(CROSSOVERS):
        for row, weight in enumerate((0.0, *MIXING_WEIGHTS)):
            chosen = replace(memory, crossover=crossover).scaled(weight)
            scores = replace(vectors, memory=chosen).score_rows(cases.inputs)
            inputs = cases.inputs
            scores[np.repeat(np.arange(len(inputs)), inputs.lengths), inputs.items] = -np.inf
            hits = find_hits(top_k(scores, 10), cases.labels.items, cases.labels.offsets)
            values = ndcg(hits, cases.labels.lengths, 10)
            assert found.both[place, row].mean() == pytest.approx(values.mean(), abs=1e-4)


def test_the_number_of_neighbors_falls_in_a_large_catalog():
    assert [n_neighbors("auto", n) for n in (1, 2, 50, 100_000, 100_001)] == [0, 1, 49, 100, 50]
    assert [n_neighbors(20, n) for n in (1, 2, 50)] == [0, 1, 20]


def test_many_cases_are_sampled_evenly(groups, monkeypatch):
    _, cases = hold_out(groups, 1 / 3, PROTOCOL, seed=0)
    monkeypatch.setattr(score_grid, "MOST_CASES", 40)
    some = score_grid.some_cases(cases)
    assert len(some) == 40
    assert (some.users[0], some.users[-1]) == (cases.users[0], cases.users[-1])
    rows = np.linspace(0, len(cases) - 1, 40).astype(int).tolist()
    for place, row in enumerate(rows):
        assert some.users[place] == cases.users[row]
        assert some.inputs[place].tolist() == cases.inputs[row].tolist()
        assert some.labels[place].tolist() == cases.labels[row].tolist()


def test_trainers_store_what_was_selected(groups):
    narrow = Softmax(vector_size=2, epochs=4, batch_size=16, workers=1, protocols=(PROTOCOL,))
    vectors = narrow.fit(groups)
    assert list(vectors.metadata["memory"]["scores"]) == [PROTOCOL.description]
    assert {r.id[0] for r in vectors.recommend(["a1", "a2"], k=5)} == {"a"}


def test_histories_of_two_items_leave_nothing_to_learn_from_when_the_last_is_held_out():
    """The default protocols include that one where times are known."""
    pairs = Histories.from_lists([[f"p{n % 40}", f"q{n % 40}"] for n in range(400)])
    protocols = [RandomProtocol(), LeaveLastOutProtocol()]
    trained = []
    selection = select_memory(trained.append, pairs, "auto", protocols)
    assert not trained
    assert selection.n_users == 0


def test_weights_with_equal_scores_are_not_scaled_up():
    histories = Histories.from_lists([["a", "b"]] * 20)
    memory = balanced_memory(knowing_pairs(histories), histories, 1, crossover=10.0)
    assert all(np.abs(part.weights).max() < 100 for part in memory.parts().values())


def knowing_pairs(histories):
    ones = np.eye(2, dtype=np.float32)
    return ItemVectors(histories.vocabulary, ones, ones, ones[0], power=0.5)
