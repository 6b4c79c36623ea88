"""An embedding bag is a one-hot matrix times a matrix of vectors, without the zeros."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.packed import pack_lengths
from item2vec.models.embedding_bag import Bags

N_ITEMS, SIZE = 7, 4
bags_of_items = st.lists(st.lists(st.integers(0, N_ITEMS - 1), max_size=5), min_size=1, max_size=6)


def packed(lists, power):
    items = np.array([item for items in lists for item in items], dtype=np.int32)
    return Bags.of(items, pack_lengths([len(items) for items in lists]), power=power)


def one_hot(lists, power):
    """Return the bags as a dense matrix: one row per history, one column per item."""
    matrix = np.zeros((len(lists), N_ITEMS), dtype=np.float32)
    for row, items in enumerate(lists):
        for item in items:
            matrix[row, item] += 1 / len(items) ** power
    return matrix


@given(bags_of_items, st.sampled_from([0.0, 0.5, 1.0]))
def test_sums_are_one_hot_times_matrix(lists, power):
    vectors = np.random.default_rng(0).standard_normal((N_ITEMS, SIZE)).astype(np.float32)
    sums = packed(lists, power).sums(vectors)
    assert sums.dtype == np.float32
    np.testing.assert_allclose(sums, one_hot(lists, power) @ vectors, atol=1e-5)


@given(bags_of_items, st.sampled_from([0.0, 0.5, 1.0]))
def test_the_gradient_is_one_hot_transposed_times_the_gradient_of_the_sums(lists, power):
    grad_sums = np.random.default_rng(0).standard_normal((len(lists), SIZE)).astype(np.float32)
    rows, gradient = packed(lists, power).gradient(grad_sums)
    assert rows.tolist() == sorted({item for items in lists for item in items}), "no other row"
    dense = np.zeros((N_ITEMS, SIZE), dtype=np.float32)
    dense[rows] = gradient
    np.testing.assert_allclose(dense, one_hot(lists, power).T @ grad_sums, atol=1e-5)


@pytest.mark.parametrize(("power", "weight"), [(0.0, 1.0), (0.5, 0.5), (1.0, 0.25)])
def test_weights_are_one_over_n_to_the_power(power, weight):
    assert packed([[0, 1, 2, 3]], power).weights.tolist() == pytest.approx([weight] * 4)


def test_a_slice_holds_the_requested_bags():
    lists = [[0, 1], [], [2, 3, 4, 5], [6]]
    bags = packed(lists, 0.5)
    vectors = np.random.default_rng(0).standard_normal((N_ITEMS, SIZE)).astype(np.float32)
    whole = bags.sums(vectors)
    for start, stop in ((0, 2), (1, 3), (2, 4), (2, 100)):
        np.testing.assert_array_equal(bags.slice(start, stop).sums(vectors), whole[start:stop])
