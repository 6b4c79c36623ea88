"""The item-item memory: weights added to the scores of vectors, against dense matrices."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.models import model_file
from item2vec.models.memory import item_item_memory as memory_module
from item2vec.models.memory import sums
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights

N = 6
WEIGHTS = np.random.default_rng(0).standard_normal((N, N)).astype(np.float32)
VOCABULARY = Vocabulary.from_counts(list("abcdef"), [6, 5, 4, 3, 2, 1])
lists_of_items = st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=5)


@given(lists_of_items, st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, 50))
def test_scores_equal_multi_hot_histories_times_the_dense_matrix(lists, power, block):
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


def test_the_memory_is_added_to_the_score(small_vectors):
    weights = np.zeros((4, 4), np.float32)
    weights[0, 3] = 20.0
    both = replace(small_vectors, memory=Memory.of_largest([weights], 2))
    history = Histories.from_lists([["a", "b"]], vocabulary=small_vectors.vocabulary)
    expected = small_vectors.score_rows(history)
    expected[0, 3] += 20.0 / 2  # this model's power is 1
    np.testing.assert_allclose(both.score_rows(history), expected, atol=1e-6)
    assert [r.id for r in both.recommend(["a", "b"], k=1)] == ["d"]
    assert both.most_similar("a", 3) == small_vectors.most_similar("a", 3)


def test_many_histories_get_the_recommendations_of_each_alone(small_vectors):
    both = replace(small_vectors, memory=Memory.of_largest([WEIGHTS[:4, :4]], 3))
    lists = [["a"], ["b", "c"], ["d"], []] * 40
    histories = Histories.from_lists(lists, vocabulary=both.vocabulary)
    at_once = both.recommend_rows(histories, 2)
    for place in range(len(lists)):
        np.testing.assert_array_equal(
            at_once[[place]], both.recommend_rows(histories.take([place]), 2)
        )


def test_a_model_file_keeps_the_memory(tmp_path, small_vectors):
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
        ([0, -1], [0, 1, 2], [1, 1], "known items, 0 or more, not -1"),
        ([0, 1], [0, 1, 2], [1], "weights must be float32"),
        ([0, 1], [0, 1, 3], [1, 1], "offsets must run from 0 to 2"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(items, offsets, weights, why):
    with pytest.raises(DataError, match=why):
        ItemWeights(np.array(items, np.int32), np.array(offsets), np.array(weights, np.float32))


def test_a_memory_of_other_items_is_refused(small_vectors):
    with pytest.raises(DataError, match="memory has 6 items and the vectors have 4"):
        replace(small_vectors, memory=Memory.of_largest([WEIGHTS], 2))


def dense_of(weights):
    """Return weights as a matrix, from the packed arrays."""
    dense = np.zeros((len(weights), len(weights)), dtype=np.float32)
    for row in range(len(weights)):
        run = slice(weights.offsets[row], weights.offsets[row + 1])
        dense[row, weights.items[run]] = weights.weights[run]
    return dense


def test_reordered_rows_keep_their_weights_and_new_rows_are_empty():
    weights = np.random.default_rng(0).standard_normal((4, 4)).astype(np.float32)
    memory = ItemWeights.of_largest([weights], 3)
    order = np.array([2, 4, 0, 3, 1, 5], dtype=np.int32)  # 4 and 5 are new
    padded = np.zeros((6, 6), dtype=np.float32)
    padded[:4, :4] = dense_of(memory)
    np.testing.assert_array_equal(dense_of(memory.reordered(order)), padded[np.ix_(order, order)])
