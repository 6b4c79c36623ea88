"""An item-item memory with different weights for short and for long histories."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory import item_item_memory as memory_module
from item2vec.models.memory import sums
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights

N = 6
WEIGHTS = np.random.default_rng(0).standard_normal((N, N)).astype(np.float32)
VOCABULARY = Vocabulary.from_counts(list("abcdef"), [6, 5, 4, 3, 2, 1])
lists_of_items = st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=5)


def dense_of(weights):
    """Return weights as a matrix, from the packed arrays."""
    dense = np.zeros((len(weights), len(weights)), dtype=np.float32)
    for row in range(len(weights)):
        run = slice(weights.offsets[row], weights.offsets[row + 1])
        dense[row, weights.items[run]] = weights.weights[run]
    return dense


NEIGHBORS = np.array(
    [[1, 2, -1], [0, 3, 4], [5, -1, -1], [1, 0, 2], [-1, -1, -1], [0, 1, 2]], dtype=np.int32
)
LONG = np.random.default_rng(1).standard_normal((N, 3)).astype(np.float32)


@pytest.fixture
def mixed():
    return both_weights()


def both_weights(n=N, crossover=2.0):
    """Return a memory of the first items, whose two parts have weights of different pairs."""
    neighbors = np.where(NEIGHBORS[:n] < n, NEIGHBORS[:n], -1)
    long = ItemWeights.of_neighbors(neighbors, LONG[:n])
    return Memory(ItemWeights.of_largest([WEIGHTS[:n, :n]], 2), long, crossover=crossover)


def dense_long():
    """Return the weights as a dense matrix: one row per input, one column per predicted item."""
    dense = np.zeros((N, N))
    for predicted, near in enumerate(NEIGHBORS):
        for place, item in enumerate(near):
            if item >= 0:
                dense[item, predicted] = LONG[predicted, place]
    return dense


def test_weights_given_by_predicted_item_are_packed_by_input(mixed):
    np.testing.assert_allclose(dense_of(mixed.long), dense_long())
    assert len(mixed.long.items) == np.count_nonzero(NEIGHBORS >= 0)


def test_packed_weights_are_a_sparse_matrix_and_back(mixed):
    matrix = mixed.long.to_csr()
    np.testing.assert_allclose(matrix.toarray(), dense_long())
    np.testing.assert_array_equal(dense_of(ItemWeights.of_csr(matrix)), dense_of(mixed.long))
    np.testing.assert_allclose(
        mixed.total().toarray(), dense_of(mixed.short) + dense_long(), rtol=1e-6
    )


@given(lists_of_items, st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, 50), st.booleans())
def test_both_weights_are_mixed_by_the_length_of_a_history(lists, power, block, many):
    histories = Histories.from_lists(lists, vocabulary=VOCABULARY)
    mixed = both_weights()
    short, long = dense_of(mixed.short), dense_long()
    expected = np.zeros((len(lists), N))
    for row, items in enumerate(lists):
        n = len(items)
        share = min(1, n**2 / 8)
        for item in items:
            at = VOCABULARY.row(item)
            expected[row] += ((1 - share) * short[at] + share * long[at]) / n**power
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_module, "BLOCK_WEIGHTS", block)
        patch.setattr(sums, "BLOCK_WEIGHTS", block)
        patch.setattr(memory_module, "FEW_HISTORIES", 0 if many else 100)
        found = mixed.score_rows(histories, power=power)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_share_of_the_long_weights_rises_from_0_through_a_half_to_1(mixed):
    share = mixed.long_share(np.array([0, 1, 2, 3, 4, 1000]))
    np.testing.assert_allclose(share, [0, 0.125, 0.5, 1, 1, 1], atol=1e-6)
    assert not Memory(mixed.short).long_share(np.array([0, 5])).any()


def test_many_histories_get_the_recommendations_of_each_alone_with_two_weights(small_vectors):
    both = replace(small_vectors, memory=both_weights(4, crossover=1.5))
    lists = [["a"], ["b", "c"], ["d"], [], ["a", "b", "c"]] * 30
    histories = Histories.from_lists(lists, vocabulary=both.vocabulary)
    at_once = both.recommend_rows(histories, 2)
    for place in range(5):
        one = both.recommend_rows(histories.take([place]), 2)
        np.testing.assert_array_equal(at_once[place::5], np.repeat(one, 30, axis=0))


def test_sums_of_some_columns_equal_those_of_all(mixed):
    lists = [["a", "b", "e"], ["c"], [], ["f", "d"]] * 20
    histories = Histories.from_lists(lists, vocabulary=VOCABULARY)
    columns = np.array([1, 2, 5], dtype=np.int32)
    found = np.empty((len(lists), 3), dtype=np.float32)
    mixed.sums(columns).write(histories, 0.5, found)
    whole = mixed.score_rows(histories, power=0.5)
    np.testing.assert_allclose(found, whole[:, columns], rtol=1e-5, atol=1e-6)


def test_scaling_and_reordering_change_both_weights_alike(mixed):
    order = np.array([2, 6, 4, 0, 3, 1, 5], dtype=np.int32)  # 6 is a new item
    for changed, factor in ((mixed.scaled(3.0), 3), (mixed.reordered(order).scaled(1.0), 1)):
        assert changed.crossover == 2.0
        for name, part in mixed.parts().items():
            expected = factor * dense_of(part)
            if len(changed) == 7:
                expected = np.pad(expected, (0, 1))[np.ix_(order, order)]
            np.testing.assert_allclose(dense_of(changed.parts()[name]), expected, rtol=1e-6)


def test_similar_items_have_the_largest_sum_of_both_weights(mixed):
    weights = dense_of(mixed.short) + dense_long()
    weights = weights + weights.T
    np.fill_diagonal(weights, 0)
    expected = np.argsort(-weights, axis=1, kind="stable")[:, :3]
    expected[np.take_along_axis(weights, expected, axis=1) <= 0] = -1
    rows = np.arange(N, dtype=np.int32)
    np.testing.assert_array_equal(mixed.similar_rows(rows, 3), expected)


def test_a_memory_without_weights_gives_scores_of_0():
    none = ItemWeights.of_neighbors(np.full((N, 1), -1, dtype=np.int32), LONG[:, :1])
    memory = Memory(none, none, crossover=2.0)
    for n in (3, 100):
        histories = Histories.from_lists([["a", "b"]] * n, vocabulary=VOCABULARY)
        assert not memory.score_rows(histories, power=0.5).any()
    assert (memory.similar_rows(np.arange(N, dtype=np.int32), 2) == -1).all()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"long": ItemWeights.of_largest([WEIGHTS[:4, :4]], 2)}, "between 4 items, those for"),
        ({"crossover": 0.0}, "needs a crossover of at least 0.1 items"),
        ({"crossover": 1e-30}, "needs a crossover of at least 0.1 items"),
        ({"crossover": -1.0}, "crossover must be a number of items in 0 ... 1,000,000, not -1.0"),
        ({"crossover": 1e308}, "crossover must be a number of items"),
        ({"crossover": np.nan}, "crossover must be a number of items"),
        ({"crossover": np.inf}, "crossover must be a number of items"),
        ({"crossover": "5"}, "crossover must be a number of items"),
    ],
)
def test_weights_that_do_not_fit_each_other_are_refused(mixed, changes, why):
    with pytest.raises(DataError, match=why):
        replace(mixed, **changes)


def a_model(memory=None):
    vectors = np.random.default_rng(0).standard_normal((2, N, 3)).astype(np.float32)
    return ItemVectors(VOCABULARY, *vectors, LONG[:, 0], power=0.5, memory=memory)


def test_a_model_file_keeps_both_weights(tmp_path, mixed):
    model = a_model(mixed)
    model_file.save(model, tmp_path / "m")
    loaded = model_file.load(tmp_path / "m", verify=True)
    assert loaded.memory.crossover == 2.0
    for kind, part in mixed.parts().items():
        for name in ("items", "offsets", "weights"):
            found = getattr(loaded.memory.parts()[kind], name)
            np.testing.assert_array_equal(found, getattr(part, name))
    for n in (3, 100):
        histories = Histories.from_lists([["a", "b", "e"], ["c"]] * n, vocabulary=VOCABULARY)
        np.testing.assert_array_equal(loaded.score_rows(histories), model.score_rows(histories))
    model_file.save(loaded, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "m").read_bytes()


def test_the_header_distinguishes_one_and_two_weights(tmp_path, mixed):
    """Earlier versions accept only ``true``, and refuse a file with two sets of weights."""
    for memory, entry in ((None, False), (Memory(mixed.short), True), (mixed, {"crossover": 2.0})):
        model_file.save(a_model(memory), tmp_path / "m")
        with safe_open(tmp_path / "m", framework="numpy") as file:
            header = json.loads(file.metadata()[model_file.KEY])
            has_long = "memory/long/weights" in file.keys()  # noqa: SIM118
        assert has_long == isinstance(entry, dict)
        assert header["memory"] == entry


@pytest.mark.parametrize("broken", [None, [1, 2], "weights"])
def test_values_that_are_no_arrays_or_weights_are_refused(mixed, broken):
    with pytest.raises(DataError, match="items must be an array"):
        replace(mixed.short, items=broken)
    with pytest.raises(DataError, match="a memory consists of ItemWeights"):
        Memory(broken)


def test_no_rows_and_n_of_0_are_refused():
    with pytest.raises(DataError, match="there are no rows"):
        ItemWeights.of_largest([], 2)
    with pytest.raises(ParameterError, match="n must be at least 1, not 0"):
        ItemWeights.of_largest([WEIGHTS], 0)
