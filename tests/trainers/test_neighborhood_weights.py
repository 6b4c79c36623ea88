"""Weights by which items are predicted, against ridge regressions in float64, one for each item."""

import numpy as np
import pytest

from item2vec.histories import Histories
from item2vec.trainers import co_occurrence_tables, neighborhood_weights
from item2vec.trainers.co_occurrence_tables import CoOccurrenceTables
from item2vec.vocabulary import Vocabulary

RULES = (neighborhood_weights.Rule(100.0, 0.2), neighborhood_weights.Rule(2.0, 0.0))


def drawn(n_users, n_items, n_topics=5, seed=0):
    """Return histories in which users mostly have the items of one topic, few items popular."""
    rng = np.random.default_rng(seed)
    chance = 1 / np.arange(1, n_items + 1) ** 0.7
    lists = []
    for user in range(n_users):
        own = np.where(np.arange(n_items) % n_topics == user % n_topics, 10 * chance, chance)
        size = int(rng.integers(1, 9))
        lists.append(rng.choice(n_items, size, replace=False, p=own / own.sum()))
    return Histories.from_lists([[f"i{item:03}" for item in items] for items in lists])


@pytest.fixture(scope="module")
def histories():
    return drawn(600, 40)


def gram_of(histories):
    watched = histories.to_csr().toarray().astype(np.float64)
    return watched.T @ (watched / np.sqrt(np.maximum(histories.lengths, 1))[:, None])


def cosines_of(histories):
    gram = gram_of(histories)
    cosines = gram / np.sqrt(np.outer(gram.diagonal(), gram.diagonal()))
    np.fill_diagonal(cosines, 0)
    return cosines


def by_definition(histories, neighbors, rule):
    """Return the ridge regressions restricted to the neighbors that are given, float64."""
    gram = gram_of(histories)
    unit = gram.diagonal()[: neighborhood_weights.UNIT_OF].mean()
    popularity = np.maximum(gram.diagonal() / unit, 0.01)
    weights = np.zeros(neighbors.shape)
    for item, near in enumerate(neighbors):
        there = near >= 0
        rows = near[there]
        system = gram[np.ix_(rows, rows)] + np.diag(rule.ridge * unit * np.sqrt(popularity[rows]))
        solved = np.linalg.solve(system, gram[rows, item]) * popularity[item] ** -0.15
        weights[item, there] = solved * popularity[rows] ** -rule.input_power
    return weights


def assert_defined(histories, n, rtol=1e-3):
    neighbors, weights = neighborhood_weights.neighborhood_weights(histories, n, RULES)
    for rule, found in zip(RULES, weights, strict=True):
        assert found.dtype == np.float32
        expected = by_definition(histories, neighbors, rule)
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-5 * np.abs(expected).max())
    return neighbors, weights


@pytest.fixture(params=["dense", "sparse"])
def path(request, monkeypatch):
    """Both ways of keeping co-occurrences; the sparse one keeps all of them here."""
    if request.param == "sparse":
        monkeypatch.setattr(co_occurrence_tables, "DENSE_ITEMS", 7)
    return request.param


@pytest.mark.parametrize("n", [1, 6, 39, 500])
def test_weights_are_ridge_regressions_on_the_nearest_items(histories, path, n):
    neighbors, _ = assert_defined(histories, n)
    assert neighbors.shape == (40, min(n, 39)), "an item is not its own neighbor"
    assert (neighbors != np.arange(40)[:, None]).all()


def test_neighbors_are_the_items_with_the_largest_cosines(histories, path):
    cosines = cosines_of(histories)
    nearest = CoOccurrenceTables.of(histories, 6).nearest
    found = np.take_along_axis(cosines, nearest.astype(int), axis=1)
    np.testing.assert_allclose(found, -np.sort(-cosines, axis=1)[:, :6], rtol=1e-6)


def test_tables_hold_the_co_occurrences(histories, path):
    tables = CoOccurrenceTables.of(histories, 6)
    gram = gram_of(histories)
    rng = np.random.default_rng(0)
    items = np.array([rng.choice(40, 9, replace=False) for _ in range(20)], dtype=np.int32)
    expected = gram[items[:, :, None], items[:, None, :]]
    np.testing.assert_allclose(tables.among(items), expected, rtol=1e-5)
    first, others = items[:, 0], items[:, 1:]
    np.testing.assert_allclose(tables.between(first, others), gram[first[:, None], others], 1e-5)


def test_work_in_blocks_changes_nothing(histories, path, monkeypatch):
    whole = neighborhood_weights.neighborhood_weights(histories, 6, RULES)
    monkeypatch.setattr(neighborhood_weights, "BLOCK_NUMBERS", 100)
    monkeypatch.setattr(co_occurrence_tables, "BLOCK", 3)
    monkeypatch.setattr("item2vec.item_pairs.BLOCK_PAIRS", 500)
    parts = neighborhood_weights.neighborhood_weights(histories, 6, RULES)
    np.testing.assert_array_equal(whole[0], parts[0])
    np.testing.assert_allclose(whole[1], parts[1], rtol=1e-4, atol=1e-6)


def test_with_few_co_occurrences_kept_the_weights_are_still_close(monkeypatch):
    histories = drawn(6000, 200, 10)
    exact = neighborhood_weights.neighborhood_weights(histories, 10, RULES)
    monkeypatch.setattr(co_occurrence_tables, "DENSE_ITEMS", 20)
    monkeypatch.setattr(co_occurrence_tables, "MOST_KEPT", 20)
    tables = CoOccurrenceTables.of(histories, 10)
    assert tables.sparse.nnz < 200 * 20
    close = neighborhood_weights.neighborhood_weights(histories, 10, RULES)
    same = (exact[0] == close[0]).all(axis=1)
    assert same.mean() > 0.95, "which items are near does not depend on what is kept"
    for whole, some in zip(exact[1], close[1], strict=True):
        assert np.corrcoef(whole[same].ravel(), some[same].ravel())[0, 1] > 0.97


def test_as_many_co_occurrences_are_kept_as_there_are_neighbors(histories, monkeypatch):
    monkeypatch.setattr(co_occurrence_tables, "DENSE_ITEMS", 1)
    monkeypatch.setattr(co_occurrence_tables, "MOST_KEPT", 2)
    tables = CoOccurrenceTables.of(histories, 20)
    items = np.arange(40, dtype=np.int32)
    near = np.maximum(tables.nearest, 0)
    expected = np.where(tables.nearest < 0, 0, gram_of(histories)[items[:, None], near])
    found = np.where(tables.nearest < 0, 0, tables.between(items, near))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_missing_neighbors_have_no_weight_and_change_none(path):
    """The items of a pair have one neighbor, whatever number of neighbors others have."""
    lists = [["a", "b"]] * 3 + [["c", "d", "e", "f", "g", "h", "k", "l"]] * 5 + [["c", "d"]] * 9
    histories = Histories.from_lists([*lists, ["alone"]])
    neighbors, weights = assert_defined(histories, 7)
    a, b, alone = (histories.vocabulary.row(item) for item in ("a", "b", "alone"))
    assert neighbors[a].tolist() == [b, -1, -1, -1, -1, -1, -1]
    assert (neighbors[alone] == -1).all()
    for found in weights:
        assert not found[neighbors < 0].any()
        assert (found[[a, b], 0] > 0).all()


@pytest.mark.parametrize(
    "lists",
    [
        [["a"]],
        [["a"], ["b"]],
        [["a", "b"]],
        [["a", "b"]] * 50,
        [["a", "b", "c", "d"]] * 50,
        [["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]],
        [["a"], [], ["b", "c"]],
    ],
)
def test_tiny_and_uniform_histories_have_finite_weights(lists, path):
    assert_defined(Histories.from_lists(lists), 5)


def test_items_without_an_interaction_have_no_weights(path):
    """Validation holds users back whom the vocabulary has counted."""
    vocabulary = Vocabulary.from_counts([f"i{i:02}" for i in range(12)], range(12, 0, -1))
    histories = Histories.from_lists(
        [["i00", "i08"], ["i00", "i09", "i08"]] * 5, vocabulary=vocabulary
    )
    neighbors, weights = neighborhood_weights.neighborhood_weights(histories, 3, RULES)
    there = [0, 8, 9]
    assert set(neighbors[there].ravel().tolist()) == {0, 8, 9, -1}
    without = np.setdiff1d(np.arange(12), there)
    assert (neighbors[without] == -1).all()
    assert all(np.isfinite(found).all() and not found[without].any() for found in weights)
