"""The weights of the item-item memory, against ridge regressions in float64."""

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.trainers.memory_weights import co_occurrence_tables, long_histories, short_histories
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables


def drawn(n_users, n_items, n_topics=5, seed=0):
    """Return histories with items mostly of one topic per user, and few popular items."""
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
    matrix = histories.to_csr().toarray().astype(np.float64)
    return matrix.T @ (matrix / np.sqrt(np.maximum(histories.lengths, 1))[:, None])


def cosines_of(histories):
    gram = gram_of(histories)
    cosines = gram / np.sqrt(np.outer(gram.diagonal(), gram.diagonal()))
    np.fill_diagonal(cosines, 0)
    return cosines


def popularity_of(gram):
    """Return the unit of popularity, and the popularity of each item in this unit, float64."""
    unit = gram.diagonal()[:1000].mean()
    return unit, np.maximum(gram.diagonal() / unit, 0.01)


def by_definition(histories, neighbors):
    """Return the weights of a ridge regression of each item on its neighbors, float64."""
    gram = gram_of(histories)
    unit, popularity = popularity_of(gram)
    weights = np.zeros(gram.shape)
    for item, near in enumerate(neighbors):
        rows = near[near >= 0]
        system = gram[np.ix_(rows, rows)] + np.diag(2.0 * unit * np.sqrt(popularity[rows]))
        weights[rows, item] = np.linalg.solve(system, gram[rows, item]) * popularity[item] ** -0.15
    return weights


def assert_defined(histories, n, rtol=1e-3):
    tables = CoOccurrenceTables.of(histories, n)
    found = long_histories.neighborhood_weights(tables)
    assert found.weights.dtype == np.float32
    expected = by_definition(histories, tables.nearest)
    atol = 1e-5 * np.abs(expected).max()
    np.testing.assert_allclose(found.to_csr().toarray(), expected, rtol=rtol, atol=atol)
    return tables.nearest, found


def pairs_by_definition(histories, n, n_popular=4000):
    """Return the n largest weights of each item: EASE's among the first items, else k-NN's."""
    gram = gram_of(histories)
    unit, popularity = popularity_of(gram)
    ridge = 100.0 * unit * np.sqrt(popularity)
    weights = gram / (gram.diagonal() + ridge)[:, None]
    inverse = np.linalg.inv(gram[:n_popular, :n_popular] + np.diag(ridge[:n_popular]))
    weights[:n_popular, :n_popular] = -inverse / inverse.diagonal()
    np.fill_diagonal(weights, 0)
    weights *= popularity**-0.15 * (popularity**-0.2)[:, None]
    weights = np.maximum(weights, 0)
    return np.where(weights >= -np.sort(-weights, axis=1)[:, [n - 1]], weights, 0)


def pair_weights_of(histories, n):
    return short_histories.pair_weights(CoOccurrenceTables.of(histories, n))


@pytest.fixture(params=["dense", "sparse"])
def path(request, monkeypatch):
    """Keep co-occurrences in the dense or in the sparse matrix; here it keeps all of them."""
    if request.param == "sparse":
        monkeypatch.setattr(co_occurrence_tables, "DENSE_ITEMS", 7)
        monkeypatch.setattr(co_occurrence_tables, "POPULAR_ITEMS", 5)
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


@pytest.mark.parametrize("n_popular", [1, 5, 4000])
@pytest.mark.parametrize("n", [3, 12])
def test_the_largest_weights_of_each_item_are_kept_for_short_histories(
    histories, path, n, n_popular, monkeypatch
):
    monkeypatch.setattr(co_occurrence_tables, "POPULAR_ITEMS", n_popular)
    found = pair_weights_of(histories, n).to_csr().toarray()
    in_tables = min(n_popular, 7) if path == "sparse" else n_popular
    expected = pairs_by_definition(histories, n, in_tables)
    assert (np.count_nonzero(expected, axis=1) == n).all()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-7)


def test_an_unpopular_item_predicts_popular_ones_in_short_histories(histories):
    """For long histories none does, because the items nearest to a popular one are popular too."""
    tables = CoOccurrenceTables.of(histories, 4)
    short = short_histories.pair_weights(tables).to_csr().toarray()
    long = long_histories.neighborhood_weights(tables).to_csr().toarray()
    assert (np.count_nonzero(short, axis=1) == 4).all()
    assert (np.count_nonzero(long[30:, :10], axis=1) == 0).any()
    assert (np.count_nonzero(short[30:, :10], axis=1) > 0).all()


def test_the_size_of_blocks_changes_nothing(histories, path, monkeypatch):
    def both():
        tables = CoOccurrenceTables.of(histories, 6)
        parts = short_histories.pair_weights(tables), long_histories.neighborhood_weights(tables)
        return [part.to_csr().toarray() for part in parts]

    whole = both()
    monkeypatch.setattr(long_histories, "BLOCK_NUMBERS", 100)
    monkeypatch.setattr(co_occurrence_tables, "BLOCK", 3)
    monkeypatch.setattr(short_histories, "BLOCK", 3)
    monkeypatch.setattr("item2vec.models.item_pairs.BLOCK_PAIRS", 500)
    for one, parts in zip(whole, both(), strict=True):
        np.testing.assert_array_equal(one != 0, parts != 0)
        np.testing.assert_allclose(one, parts, rtol=1e-4, atol=1e-6)


def test_with_few_co_occurrences_kept_the_weights_are_still_close(monkeypatch):
    histories = drawn(6000, 200, 10)

    def computed():
        tables = CoOccurrenceTables.of(histories, 10)
        weights = long_histories.neighborhood_weights(tables).to_csr().toarray()
        return tables, np.take_along_axis(weights.T, tables.nearest.astype(int), axis=1)

    exact, whole = computed()
    monkeypatch.setattr(co_occurrence_tables, "DENSE_ITEMS", 20)
    monkeypatch.setattr(co_occurrence_tables, "MOST_KEPT", 20)
    close, some = computed()
    assert close.sparse.nnz < 200 * 20
    same = (exact.nearest == close.nearest).all(axis=1)
    assert same.mean() > 0.95, "which items are near does not depend on what is kept"
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
    """The items of a pair have one neighbor, while others have up to seven."""
    lists = [["a", "b"]] * 3 + [["c", "d", "e", "f", "g", "h", "k", "l"]] * 5 + [["c", "d"]] * 9
    histories = Histories.from_lists([*lists, ["alone"]])
    neighbors, weights = assert_defined(histories, 7)
    a, b, alone = (histories.vocabulary.row(item) for item in ("a", "b", "alone"))
    assert neighbors[a].tolist() == [b, -1, -1, -1, -1, -1, -1]
    assert (neighbors[alone] == -1).all()
    dense = weights.to_csr().toarray()
    assert dense[a, b] > 0
    assert dense[b, a] > 0
    assert np.count_nonzero(dense[[a, b]]) == 2
    assert not dense[alone].any()


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
    histories = Histories.from_lists(lists)
    assert_defined(histories, 5)
    weights = pair_weights_of(histories, 5).weights
    assert np.isfinite(weights).all()
    assert (weights > 0).all()


def test_items_without_an_interaction_have_no_weights(path):
    """With validation, the vocabulary also counts users who are held out."""
    vocabulary = Vocabulary.from_counts([f"i{i:02}" for i in range(12)], range(12, 0, -1))
    histories = Histories.from_lists(
        [["i00", "i08"], ["i00", "i09", "i08"]] * 5, vocabulary=vocabulary
    )
    tables = CoOccurrenceTables.of(histories, 3)
    neighbors = tables.nearest
    there = [0, 8, 9]
    assert set(neighbors[there].ravel().tolist()) == {0, 8, 9, -1}
    without = np.setdiff1d(np.arange(12), there)
    assert (neighbors[without] == -1).all()
    for weights in (short_histories.pair_weights, long_histories.neighborhood_weights):
        dense = weights(tables).to_csr().toarray()
        assert np.isfinite(dense).all()
        assert not dense[without].any()
        assert not dense[:, without].any()
