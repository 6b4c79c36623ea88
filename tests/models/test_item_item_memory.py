"""A memory: item-item weights beside vectors, against dense matrices."""

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


@given(lists_of_items, st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, 50))
def test_scores_are_one_hot_times_the_matrix_over_a_power_of_the_length(lists, power, block):
    histories = Histories.from_lists(lists, vocabulary=VOCABULARY)
    expected = np.zeros((len(lists), N))
    for row, items in enumerate(lists):
        for item in items:
            expected[row] += WEIGHTS[VOCABULARY.row(item)] / len(items) ** power
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_module, "BLOCK_WEIGHTS", block)
        patch.setattr(sums, "BLOCK_WEIGHTS", block)
        found = Memory.of_largest([WEIGHTS], N).score_rows(histories, power=power)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("n", [1, 2, 6, 100])
def test_the_largest_weights_are_kept_whatever_their_sign(n):
    weights = WEIGHTS.copy()
    weights[:, 0] = 0
    memory = ItemWeights.of_largest([weights[:4], weights[4:]], n)
    kept = np.zeros_like(weights)
    for row in range(N):
        run = slice(memory.offsets[row], memory.offsets[row + 1])
        kept[row, memory.items[run]] = memory.weights[run]
    smallest = -np.sort(-np.abs(weights), axis=1)[:, [min(n, N) - 1]]
    np.testing.assert_array_equal(kept, np.where(np.abs(weights) >= smallest, weights, 0))
    assert (memory.weights != 0).all(), "a zero needs no room"


def test_a_memory_is_added_to_the_score_and_nothing_else(small_vectors):
    weights = np.zeros((4, 4), np.float32)
    weights[0, 3] = 20.0
    both = replace(small_vectors, memory=Memory.of_largest([weights], 2))
    history = Histories.from_lists([["a", "b"]], vocabulary=small_vectors.vocabulary)
    expected = small_vectors.score_rows(history)
    expected[0, 3] += 20.0 / 2  # this model's power is 1
    np.testing.assert_allclose(both.score_rows(history), expected, atol=1e-6)
    assert [r.id for r in both.recommend(["a", "b"], k=1)] == ["d"]
    assert both.most_similar("a", 3) == small_vectors.most_similar("a", 3)


def test_many_histories_are_recommended_what_each_alone_is(small_vectors):
    both = replace(small_vectors, memory=Memory.of_largest([WEIGHTS[:4, :4]], 3))
    lists = [["a"], ["b", "c"], ["d"], []] * 40
    histories = Histories.from_lists(lists, vocabulary=both.vocabulary)
    at_once = both.recommend_rows(histories, 2)
    for place in range(len(lists)):
        np.testing.assert_array_equal(
            at_once[[place]], both.recommend_rows(histories.take([place]), 2)
        )


def test_a_model_file_keeps_it(tmp_path, small_vectors):
    memory = Memory.of_largest([WEIGHTS[:4, :4]], 2)
    model_file.save(replace(small_vectors, memory=memory), tmp_path / "m")
    loaded = model_file.load(tmp_path / "m", verify=True).memory
    for name in ("items", "offsets", "weights"):
        np.testing.assert_array_equal(getattr(loaded.short, name), getattr(memory.short, name))
    assert loaded.long is None
    model_file.save(small_vectors, tmp_path / "m")
    assert model_file.load(tmp_path / "m").memory is None


@pytest.mark.parametrize(
    ("items", "offsets", "weights", "why"),
    [
        ([0, 2], [0, 1, 2], [1, 1], "rows of a vocabulary of 2"),
        ([0, -1], [0, 1, 2], [1, 1], "known items alone"),
        ([0, 1], [0, 1, 2], [1], "weights must be float32"),
        ([0, 1], [0, 1, 3], [1, 1], "offsets must run from 0 to 2"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(items, offsets, weights, why):
    with pytest.raises(DataError, match=why):
        ItemWeights(np.array(items, np.int32), np.array(offsets), np.array(weights, np.float32))


def test_a_memory_of_other_items_is_refused(small_vectors):
    with pytest.raises(DataError, match="a memory of 6 items beside vectors of 4"):
        replace(small_vectors, memory=Memory.of_largest([WEIGHTS], 2))


def dense_of(weights):
    """Return weights as a matrix, from the packed arrays."""
    dense = np.zeros((len(weights), len(weights)), dtype=np.float32)
    for row in range(len(weights)):
        run = slice(weights.offsets[row], weights.offsets[row + 1])
        dense[row, weights.items[run]] = weights.weights[run]
    return dense


def test_rows_in_a_new_order_keep_their_weights_and_new_rows_have_none():
    weights = np.random.default_rng(0).standard_normal((4, 4)).astype(np.float32)
    memory = ItemWeights.of_largest([weights], 3)
    order = np.array([2, 4, 0, 3, 1, 5], dtype=np.int32)  # 4 and 5 are new
    padded = np.zeros((6, 6), dtype=np.float32)
    padded[:4, :4] = dense_of(memory)
    np.testing.assert_array_equal(dense_of(memory.reordered(order)), padded[np.ix_(order, order)])


# -- two weights, mixed by the length of the history --------------------------------------------

NEIGHBORS = np.array(
    [[1, 2, -1], [0, 3, 4], [5, -1, -1], [1, 0, 2], [-1, -1, -1], [0, 1, 2]], dtype=np.int32
)
LONG = np.random.default_rng(1).standard_normal((N, 3)).astype(np.float32)


@pytest.fixture
def mixed():
    return both_weights()


def both_weights(n=N, crossover=2.0):
    """Return a memory of the first items, whose two weights are between different pairs."""
    neighbors = np.where(NEIGHBORS[:n] < n, NEIGHBORS[:n], -1)
    long = ItemWeights.of_neighbors(neighbors, LONG[:n])
    return Memory(ItemWeights.of_largest([WEIGHTS[:n, :n]], 2), long, crossover=crossover)


def dense_long():
    """Return the weights as a matrix: a row for each input, a column for each predicted item."""
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
def test_a_history_is_scored_with_the_mean_that_belongs_to_its_length(lists, power, block, many):
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


def test_many_histories_are_recommended_what_each_alone_is_by_two_weights(small_vectors):
    both = replace(small_vectors, memory=both_weights(4, crossover=1.5))
    lists = [["a"], ["b", "c"], ["d"], [], ["a", "b", "c"]] * 30
    histories = Histories.from_lists(lists, vocabulary=both.vocabulary)
    at_once = both.recommend_rows(histories, 2)
    for place in range(5):
        one = both.recommend_rows(histories.take([place]), 2)
        np.testing.assert_array_equal(at_once[place::5], np.repeat(one, 30, axis=0))


def test_some_columns_alone_have_the_sums_of_all(mixed):
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


def test_a_memory_without_any_weight_scores_nothing():
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


def test_the_header_says_how_many_weights_there_are(tmp_path, mixed):
    """Versions that know one weight take ``true`` alone, and refuse a file with two."""
    for memory, entry in ((None, False), (Memory(mixed.short), True), (mixed, {"crossover": 2.0})):
        model_file.save(a_model(memory), tmp_path / "m")
        with safe_open(tmp_path / "m", framework="numpy") as file:
            header = json.loads(file.metadata()[model_file.KEY])
            has_long = "memory/long/weights" in file.keys()  # noqa: SIM118
        assert has_long == isinstance(entry, dict)
        assert header["memory"] == entry


@pytest.mark.parametrize("broken", [None, [1, 2], "weights"])
def test_what_is_no_array_and_no_weights_is_refused(mixed, broken):
    with pytest.raises(DataError, match="items must be an array"):
        replace(mixed.short, items=broken)
    with pytest.raises(DataError, match="a memory holds ItemWeights"):
        Memory(broken)


def test_no_rows_and_no_weights_wanted_are_refused():
    with pytest.raises(DataError, match="there are no rows"):
        ItemWeights.of_largest([], 2)
    with pytest.raises(ParameterError, match="n must be at least 1, not 0"):
        ItemWeights.of_largest([WEIGHTS], 0)
