"""The top k, against Python's own sort."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from item2vec._support import threshold
from item2vec._support import top_k_of_products as products_module
from item2vec._support.top_k import exclude, top_k
from item2vec._support.top_k_of_products import top_k_of_products


def by_sorting(scores, k):
    """The places of the k largest scores of one row; ties by place, -inf never, then -1."""
    allowed = [place for place, score in enumerate(scores) if score != float("-inf")]
    best = sorted(allowed, key=lambda place: (-scores[place], place))[:k]
    return best + [-1] * (k - len(best))


def assert_ranked(found, best, scores, k):
    """Check places and scores against a sort; a place of -1 has no score."""
    assert found.dtype == np.int32
    assert best.dtype == np.float32
    assert found.tolist() == [by_sorting(row, k) for row in scores.tolist()]
    for places, values, row in zip(found, best, scores, strict=True):
        assert values[places >= 0].tolist() == row[places[places >= 0]].tolist()
        assert np.isnan(values[places < 0]).all()


shapes = st.tuples(st.integers(0, 6), st.integers(1, 12))
# Few values, so that nearly every boundary is a tie; and any value but NaN.
heavy_ties = st.sampled_from([float("-inf"), -1.0, -0.0, 0.0, 1.0, float("inf")])
any_score = st.floats(allow_nan=False, width=32)
scores_of = st.one_of(
    hnp.arrays(np.float32, shapes, elements=heavy_ties),
    hnp.arrays(np.float32, shapes, elements=any_score),
)


@given(scores_of, st.integers(1, 15))
def test_any_ranking_is_what_sorting_gives(scores, k):
    found = top_k(scores, k)
    assert found.dtype == np.int32
    assert found.shape == (len(scores), k)
    assert found.tolist() == [by_sorting(row, k) for row in scores.tolist()]


@given(scores_of, st.integers(1, 15), st.data())
def test_a_ranking_does_not_depend_on_how_rows_are_cut_into_blocks(scores, k, data):
    cut = data.draw(st.integers(0, len(scores)))
    halves = [top_k(scores[:cut], k), top_k(scores[cut:], k)]
    assert np.concatenate(halves).tolist() == top_k(scores, k).tolist()


@given(scores_of, st.integers(1, 15))
def test_a_longer_ranking_begins_with_the_shorter_one(scores, k):
    assert top_k(scores, k + 3)[:, :k].tolist() == top_k(scores, k).tolist()


def test_a_wide_row_of_few_values_is_ranked_as_sorting_does():
    scores = np.random.default_rng(0).integers(0, 4, (20, 5000)).astype(np.float32)
    scores[:, ::3] = -np.inf
    for k in (1, 10, 1000, 4000):
        assert top_k(scores, k).tolist() == [by_sorting(row, k) for row in scores.tolist()]


@pytest.fixture
def small_tiles(monkeypatch):
    """Tiles and samples so small that short rows are cut into many."""
    monkeypatch.setattr(products_module, "TILE_ROWS", 3)
    monkeypatch.setattr(products_module, "MOST_ADDED_ROWS", 3)
    monkeypatch.setattr(threshold, "TILE_ITEMS", 40)
    monkeypatch.setattr(threshold, "STRIDE", 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 8), st.integers(1, 12), st.data())
def test_a_sample_changes_no_ranking(small_tiles, seed, m, k, data):
    """For any sample of a row: few, many or all scores pass, or the row is too short."""
    rng = np.random.default_rng(seed)
    levels = data.draw(st.sampled_from([2, 5, 100, 2**20]), "few levels make ties")
    scores = rng.integers(0, levels, (m, rng.integers(1, 400))).astype(np.float32)
    scores[rng.random(scores.shape) < data.draw(st.sampled_from([0, 0.3, 0.99]))] = -np.inf
    if data.draw(st.booleans(), "the best hide from the sample"):
        scores[:, ::2] += 2**20
    assert top_k(scores, k).tolist() == [by_sorting(row, k) for row in scores.tolist()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 11), st.integers(1, 12), st.integers(1, 500))
def test_products_are_ranked_as_their_scores_are(small_tiles, seed, m, k, n):
    """Whole numbers, so that no sum depends on its order, with many ties; and own items hidden."""
    rng = np.random.default_rng(seed)
    queries = rng.integers(-2, 3, (m, 4)).astype(np.float32)
    items = rng.integers(-2, 3, (n, 4)).astype(np.float32)
    own = rng.integers(-1, n, m * 3).astype(np.int32)
    offsets = np.arange(0, 3 * m + 1, 3)
    scores = queries @ items.T
    exclude(scores, own, offsets)
    found, best = top_k_of_products(queries, items, k, hidden=(own, offsets))
    assert_ranked(found, best, scores, k)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 11), st.integers(1, 12), st.integers(1, 500))
def test_what_is_added_to_products_counts_in_the_ranking(small_tiles, seed, m, k, n):
    rng = np.random.default_rng(seed)
    queries = rng.integers(-2, 3, (m, 4)).astype(np.float32)
    items = rng.integers(-2, 3, (n, 4)).astype(np.float32)
    added = rng.choice([0, 0, 0, -20, 20], (m, n)).astype(np.float32)

    def write(start, stop, out):
        out[...] = added[start:stop]

    found, best = top_k_of_products(queries, items, k, write_added=write)
    assert_ranked(found, best, queries @ items.T + added, k)


def test_one_item_and_no_row_are_ranked_too():
    assert top_k(np.array([[0.5], [-np.inf]], np.float32), 3).tolist() == [[0, -1, -1], [-1] * 3]
    assert top_k(np.empty((0, 4), np.float32), 2).shape == (0, 2)


def test_nothing_is_recommended_if_all_items_are_excluded():
    assert top_k(np.full((2, 5), -np.inf, np.float32), 3).tolist() == [[-1] * 3] * 2


def test_scores_are_left_as_they_were():
    scores = np.array([[3.0, 1.0, 3.0, 2.0]], np.float32)
    top_k(scores, 2)
    assert scores.tolist() == [[3.0, 1.0, 3.0, 2.0]]


@given(st.lists(st.lists(st.integers(-1, 4), max_size=5), max_size=6), st.integers(0, 3))
def test_exclude_removes_the_items_of_each_row_and_no_others(lists, before):
    # Offsets need not begin at 0: a block of histories is a view into all of them.
    items = np.array([0] * before + [item for row in lists for item in row], np.int32)
    offsets = before + np.cumsum([0, *map(len, lists)])
    scores = np.arange(5.0 * len(lists), dtype=np.float32).reshape(len(lists), 5)
    expected = [
        [float("-inf") if item in own else score for item, score in enumerate(row)]
        for own, row in zip(lists, scores.tolist(), strict=True)
    ]
    exclude(scores, items, offsets)
    assert scores.tolist() == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unknown_items_exclude_nothing(dtype):
    scores = np.ones((1, 3), dtype)
    exclude(scores, np.array([-1, -1], np.int32), np.array([0, 2]))
    assert scores.tolist() == [[1.0, 1.0, 1.0]]
