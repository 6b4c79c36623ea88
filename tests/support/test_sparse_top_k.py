"""Ranking in sparse rows, against the ranking of dense ones."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from item2vec._support.sparse_top_k import keep_largest, top_k_of_sparse
from item2vec._support.top_k import top_k

# Few different values, so that many are equal; some are not positive and never ranked.
values = st.sampled_from([-1.0, 0.0, 0.0, 0.5, 1.0, 1.5, 3e-39, 2e30])


@st.composite
def matrices(draw):
    width = draw(st.integers(1, 9))
    rows = draw(st.lists(st.lists(values, min_size=width, max_size=width), min_size=1, max_size=5))
    return np.array(rows, dtype=np.float32)


@given(matrices(), st.integers(1, 12))
def test_the_best_of_sparse_rows_are_the_positive_best_of_dense_ones(dense, k):
    expected = top_k(np.where(dense > 0, dense, -np.inf).astype(np.float32), k)
    places, best = top_k_of_sparse(scipy.sparse.csr_array(dense), k)
    np.testing.assert_array_equal(places, expected)
    assert (places.dtype, best.dtype) == (np.int32, np.float32)
    for row, own in enumerate(places):
        np.testing.assert_array_equal(best[row, own >= 0], dense[row, own[own >= 0]])
        assert np.isnan(best[row, own < 0]).all()


@given(matrices(), st.integers(1, 12))
def test_the_largest_entries_of_each_row_are_kept_of_equal_ones_the_first(dense, n):
    kept = keep_largest(scipy.sparse.csr_array(dense), n).toarray()
    for row, own in enumerate(top_k(np.where(dense > 0, dense, -np.inf).astype(np.float32), n)):
        expected = np.zeros(dense.shape[1], dtype=np.float32)
        expected[own[own >= 0]] = dense[row, own[own >= 0]]
        np.testing.assert_array_equal(kept[row], expected)


def test_columns_may_be_in_any_order():
    shuffled = scipy.sparse.csr_array(
        (np.array([1, 5, 5], np.float32), np.array([7, 3, 2]), np.array([0, 3])), shape=(1, 8)
    )
    assert top_k_of_sparse(shuffled, 3)[0].tolist() == [[2, 3, 7]]


@pytest.mark.parametrize("width", [2**31 - 1])
def test_the_last_column_that_32_bits_can_name_is_ranked(width):
    last = scipy.sparse.csr_array(
        (np.ones(2, np.float32), np.array([width - 1, 0]), np.array([0, 2])), shape=(1, width)
    )
    assert top_k_of_sparse(last, 2)[0].tolist() == [[0, width - 1]]
