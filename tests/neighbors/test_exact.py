"""The contract that every search keeps, against brute force; then exact search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from item2vec.errors import ParameterError
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.hnsw_index import HnswNeighbors

# With a k of about all items, Annoy inspects all of them and HNSW searches exactly, so that their
# results are exact too.
SEARCHES = {
    "exact": ExactNeighbors,
    "annoy": lambda vectors: AnnoyNeighbors.build(vectors, trees=20),
    "hnsw": lambda vectors: HnswNeighbors.build(vectors),
}
every_search = pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)

# Vectors along the axes, of lengths that are powers of two: their cosines are -1, 0 and 1 without
# any rounding, and nearly all of them are ties. Some are zero.
axes = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([-4.0, -1.0, 0.0, 0.5, 1.0, 2.0])),
    min_size=1,
    max_size=12,
)


def rows(*numbers):
    return np.array(numbers, dtype=np.int32)


def random_vectors(n, size=6, seed=0):
    return np.random.default_rng(seed).standard_normal((n, size)).astype(np.float32)


def cosines_of(vectors):
    """All cosines, in double precision; 0 with a vector of zeros."""
    vectors = vectors.astype(np.float64)
    norms = np.linalg.norm(vectors, axis=1)
    products = np.outer(norms, norms)
    return np.divide(vectors @ vectors.T, products, out=np.zeros_like(products), where=products > 0)


@every_search
@pytest.mark.parametrize("n", [2, 3, 40])
def test_cosines_are_right_and_descending(search, n):
    vectors = random_vectors(n)
    asked = np.arange(n, dtype=np.int32)
    nearest, cosines = search(vectors).neighbors(asked, n - 1)
    assert (nearest.dtype, cosines.dtype) == (np.int32, np.float32)
    assert nearest.shape == cosines.shape == (n, n - 1)
    for row in range(n):
        assert sorted(nearest[row].tolist()) == [other for other in range(n) if other != row]
        np.testing.assert_allclose(cosines[row], cosines_of(vectors)[row, nearest[row]], atol=1e-5)
        assert (np.diff(cosines[row]) <= 0).all()


@every_search
def test_vectors_too_short_for_a_direction_have_cosine_0(search):
    """1 / length of them is infinite in single precision."""
    vectors = np.eye(6, 3, dtype=np.float32)
    vectors[5] = [1e-42, 0, 0]
    nearest, cosines = search(vectors).neighbors(np.array([0, 5], dtype=np.int32), 3)
    assert nearest.tolist() == [[1, 2, 3], [0, 1, 2]]
    assert cosines.tolist() == [[0, 0, 0], [0, 0, 0]]


@every_search
@settings(deadline=None)  # some examples build an index
@given(drawn=axes, k=st.integers(1, 15))
def test_ties_go_to_the_lower_row_and_zeros_have_cosine_0(search, drawn, k):
    vectors = np.zeros((len(drawn), 3), dtype=np.float32)
    for row, (axis, length) in enumerate(drawn):
        vectors[row, axis] = length
    cosine = cosines_of(vectors)
    nearest, cosines = search(vectors).neighbors(
        np.arange(len(drawn), dtype=np.int32), max(k, len(drawn))
    )
    for row in range(len(drawn)):
        others = [other for other in range(len(drawn)) if other != row]
        others.sort(key=lambda other, row=row: (-cosine[row, other], other))
        n_missing = nearest.shape[1] - len(others)
        assert nearest[row].tolist() == others + [-1] * n_missing
        assert cosines[row, : len(others)].tolist() == cosine[row, others].tolist()
        assert np.isnan(cosines[row, len(others) :]).all()


@every_search
def test_an_item_with_duplicates_is_never_its_own_neighbor(search):
    vectors = np.repeat(random_vectors(1), 8, axis=0)
    nearest, cosines = search(vectors).neighbors(np.arange(8, dtype=np.int32), 3)
    assert nearest.tolist() == [[r for r in range(8) if r != row][:3] for row in range(8)]
    np.testing.assert_allclose(cosines, 1, atol=1e-6)


@every_search
def test_rows_are_filled_if_there_are_too_few_items(search):
    nearest, cosines = search(np.eye(3, dtype=np.float32)).neighbors(rows(1), 5)
    assert nearest.tolist() == [[0, 2, -1, -1, -1]]
    assert cosines[0, :2].tolist() == [0, 0]
    assert np.isnan(cosines[0, 2:]).all()
    nearest, cosines = search(np.ones((1, 3), np.float32)).neighbors(rows(0), 2)
    assert nearest.tolist() == [[-1, -1]]
    assert np.isnan(cosines).all()


@every_search
def test_cosines_never_leave_minus_1_to_1(search):
    direction = random_vectors(1, 64)
    vectors = direction * np.linspace(-3, 3, 50, dtype=np.float32)[:, None]
    _, cosines = search(vectors).neighbors(np.arange(50, dtype=np.int32), 49)
    assert np.abs(cosines).max() == 1


@every_search
def test_results_are_in_the_order_of_the_queries(search):
    found = search(random_vectors(12))
    alone = [found.neighbors(rows(row), 11)[0][0].tolist() for row in (7, 2, 7)]
    assert found.neighbors(rows(7, 2, 7), 11)[0].tolist() == alone
    assert found.neighbors(rows(), 4)[0].shape == (0, 4)


@every_search
@pytest.mark.parametrize("wrong", [[-1], [5], [0, 5], [2**31 - 1]])
def test_a_row_out_of_range_is_refused(search, wrong):
    with pytest.raises(ParameterError, match=r"rows must lie in 0 \.\.\. 4"):
        search(random_vectors(5)).neighbors(rows(*wrong), 2)


@every_search
@pytest.mark.parametrize("k", [0, -3])
def test_k_below_1_is_refused(search, k):
    with pytest.raises(ParameterError, match=f"k must be at least 1, not {k}"):
        search(random_vectors(5)).neighbors(rows(0), k)


@every_search
@pytest.mark.parametrize("scale", [1e-25, 1e-12, 1e-3, 1e3, 1e12, 1e25])
def test_neighbors_do_not_depend_on_how_long_vectors_are(search, scale):
    vectors = random_vectors(400, 8)
    asked = np.arange(0, 400, 8, dtype=np.int32)
    exact = np.argsort(-cosines_of(vectors)[asked], axis=1)[:, 1:6]
    nearest, cosines = search(vectors * np.float32(scale)).neighbors(asked, 5)
    found = [np.isin(a, b).mean() for a, b in zip(exact, nearest, strict=True)]
    assert np.mean(found) > 0.9
    np.testing.assert_allclose(
        cosines, np.take_along_axis(cosines_of(vectors)[asked], nearest, axis=1), atol=1e-4
    )


@every_search
def test_mapped_vectors_can_be_searched(search, tmp_path):
    vectors = random_vectors(20)
    vectors.tofile(tmp_path / "vectors")
    mapped = np.memmap(tmp_path / "vectors", np.float32, "r", shape=(20, 6))
    asked = np.arange(20, dtype=np.int32)
    assert (
        search(mapped).neighbors(asked, 19)[0].tolist()
        == search(vectors).neighbors(asked, 19)[0].tolist()
    )


# -- the exact search -------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 10, 150])
def test_exact_search_misses_nothing(k):
    vectors = random_vectors(200, 16)
    cosine = cosines_of(vectors)
    np.fill_diagonal(cosine, -np.inf)
    nearest, cosines = ExactNeighbors(vectors).neighbors(np.arange(200, dtype=np.int32), k)
    best = -np.sort(-cosine, axis=1)[:, :k]
    np.testing.assert_allclose(cosines, best, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(cosine, nearest, axis=1), best, atol=1e-5)


def test_exact_search_does_not_depend_on_the_size_of_blocks(monkeypatch):
    vectors = random_vectors(60)
    asked = np.random.default_rng(1).permutation(60).astype(np.int32)
    nearest, cosines = ExactNeighbors(vectors).neighbors(asked, 7)
    for block in (1, 61, 60 * 7):
        monkeypatch.setattr("item2vec.neighbors.exact.BLOCK_SCORES", block)
        monkeypatch.setattr("item2vec.neighbors.exact.BLOCK_ROWS", 1 + block % 50)
        again, likewise = ExactNeighbors(vectors).neighbors(asked, 7)
        assert again.tolist() == nearest.tolist()
        np.testing.assert_allclose(likewise, cosines, atol=1e-6)


def test_the_search_leaves_the_vectors_as_they_were():
    vectors = random_vectors(9)
    before = vectors.copy()
    ExactNeighbors(vectors).neighbors(rows(3, 4), 2)
    assert (vectors == before).all()
