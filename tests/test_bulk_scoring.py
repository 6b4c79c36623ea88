"""Recommendations in bulk: the options of `recommend_rows`, and its results against plain sums."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.errors import ParameterError
from item2vec.histories import Histories
from item2vec.memory import Memory
from item2vec.recommender import SameForAll
from item2vec.vectors import ItemVectors
from item2vec.vocabulary import Vocabulary

N_ITEMS = 400


def whole_numbers(n_items: int, seed: int, *, remembered: int | None = None) -> ItemVectors:
    """Return vectors of small whole numbers, whose scores float32 holds exactly, with many ties."""
    rng = np.random.default_rng(seed)
    vocabulary = Vocabulary.from_counts([f"{row:05}" for row in range(n_items)], [5] * n_items)
    items, contexts = rng.integers(-2, 3, (2, n_items, 4)).astype(np.float32)
    bias = rng.integers(-2, 3, n_items).astype(np.float32)
    vectors = ItemVectors(vocabulary, items, contexts, bias, power=0.0)
    if remembered is None:
        return vectors
    weights = rng.integers(-6, 7, (n_items, n_items)).astype(np.float32)
    return replace(vectors, memory=Memory.of_largest([weights], remembered))


def dense_memory(vectors: ItemVectors) -> np.ndarray:
    dense = np.zeros((len(vectors), len(vectors)))
    if vectors.memory is not None:
        for row in range(len(vectors)):
            run = slice(*vectors.memory.offsets[row : row + 2].tolist())
            dense[row, vectors.memory.items[run]] = vectors.memory.weights[run]
    return dense


def by_hand(vectors, histories, k, *, keep_seen=False, allowed=None):
    """Rank one history at a time, by float64 sums as the scoring law writes them."""
    memory = dense_memory(vectors)
    ranked = []
    for history in range(len(histories)):
        own = [item for item in histories[history].tolist() if item >= 0]
        length = max(1, len(own)) ** vectors.power
        scores = vectors.bias + np.zeros(len(vectors))
        for item in own:
            with_item = vectors.context_vectors.astype(float) @ vectors.item_vectors[item]
            scores += (with_item + memory[item]) / length
        candidates = range(len(vectors)) if allowed is None else allowed.tolist()
        candidates = [item for item in candidates if keep_seen or item not in own]
        best = sorted(candidates, key=lambda item: (-scores[item], item))[:k]
        ranked.append(best + [-1] * (k - len(best)))
    return ranked


def random_histories(vectors: ItemVectors, n: int, longest: int, seed: int) -> Histories:
    """Return histories of 0 to `longest` items, a few of them unknown and some repeated."""
    rng = np.random.default_rng(seed)
    offsets = np.cumsum([0, *rng.integers(0, longest + 1, n)])
    items = rng.integers(-1, len(vectors), offsets[-1]).astype(np.int32)
    return Histories(items, offsets, vectors.vocabulary)


@pytest.mark.parametrize("remembered", [None, 20])
@pytest.mark.parametrize("n", [3, 100])
@pytest.mark.parametrize("keep_seen", [False, True])
@pytest.mark.parametrize("share", [None, 0.0, 0.01, 0.7])
def test_options_of_a_bulk_call_choose_the_items_that_they_name(n, remembered, keep_seen, share):
    vectors = whole_numbers(N_ITEMS, 0, remembered=remembered)
    histories = random_histories(vectors, n, 9, 1)
    allowed = None
    if share is not None:
        allowed = np.flatnonzero(np.random.default_rng(2).random(N_ITEMS) < share).astype(np.int32)
    found = vectors.recommend_rows(histories, 12, keep_seen=keep_seen, allowed=allowed)
    assert found.dtype == np.int32
    assert found.tolist() == by_hand(vectors, histories, 12, keep_seen=keep_seen, allowed=allowed)


def test_a_baseline_takes_the_same_options():
    vocabulary = Vocabulary(list("abcd"), np.array([9, 7, 5, 4]))
    popular = SameForAll(vocabulary, vocabulary.counts.astype(np.float32))
    asked = Histories.from_lists([["a", "c"], ["x"]], vocabulary=vocabulary)
    some = np.array([0, 2, 3], np.int32)
    assert popular.recommend_rows(asked, 3, keep_seen=True).tolist() == [[0, 1, 2]] * 2
    assert popular.recommend_rows(asked, 3, allowed=some).tolist() == [[3, -1, -1], [0, 2, 3]]
    assert popular.recommend_rows(asked, 2, keep_seen=True, allowed=some).tolist() == [[0, 2]] * 2


@pytest.mark.parametrize("n", [1, 100])
@pytest.mark.parametrize(
    ("allowed", "why"),
    [
        (np.array([2, 1], np.int32), "rising order"),
        (np.array([1, 1], np.int32), "rising order"),
        (np.array([-1, 1], np.int32), r"0 \.\.\. 399, not -1"),
        (np.array([3, 400], np.int32), r"not 3 \.\.\. 400"),
        (np.array([True, False]), "flat int32 array"),
        ([1, 2], "flat int32 array"),
    ],
)
def test_allowed_items_that_are_no_rows_in_rising_order_are_refused(n, allowed, why):
    vectors = whole_numbers(N_ITEMS, 0)
    with pytest.raises(ParameterError, match=why):
        vectors.recommend_rows(random_histories(vectors, n, 3, 0), 2, allowed=allowed)
