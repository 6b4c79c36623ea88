"""Recommendations for many histories: options of `recommend_rows`, and results by plain sums."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from item2vec._support import threshold, top_k_of_products
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import ParameterError
from item2vec.models import scoring_law
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory import item_item_memory as memory_module
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.models.recommender import SameForAll

N_ITEMS = 400


def whole_numbers(n_items: int, seed: int, *, remembered: int | None = None) -> ItemVectors:
    """Return vectors of small integers, whose scores are exact in float32 and often tied."""
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
        dense += vectors.memory.short.to_csr().toarray()
    return dense


def exact_scores(vectors: ItemVectors, histories: Histories) -> np.ndarray:
    """Return all scores by the scoring law in float64, one item of a history at a time."""
    memory = dense_memory(vectors)
    contexts = vectors.context_vectors.astype(float)
    scores = np.tile(vectors.bias.astype(float), (len(histories), 1))
    for row in range(len(histories)):
        known = [item for item in histories[row].tolist() if item >= 0]
        for item in known:
            with_item = contexts @ vectors.item_vectors[item]
            scores[row] += (with_item + memory[item]) / len(known) ** vectors.power
    return scores


def by_hand(vectors, histories, k, *, keep_seen=False, allowed=None):
    """Rank items by sorting pairs of exact score and row."""
    ranked = []
    scores = exact_scores(vectors, histories)
    for row in range(len(histories)):
        candidates = range(len(vectors)) if allowed is None else allowed.tolist()
        own = set() if keep_seen else set(histories[row].tolist())
        candidates = [item for item in candidates if item not in own]
        best = sorted(candidates, key=lambda item: (-scores[row, item], item))[:k]
        ranked.append(best + [-1] * (k - len(best)))
    return ranked


def random_histories(vectors: ItemVectors, n: int, longest: int, seed: int) -> Histories:
    """Return histories of 0 to `longest` items; a few are unknown and some repeated."""
    rng = np.random.default_rng(seed)
    offsets = np.cumsum([0, *rng.integers(0, longest + 1, n)])
    items = rng.integers(-1, len(vectors), offsets[-1]).astype(np.int32)
    return Histories(items, offsets, vectors.vocabulary)


@pytest.mark.parametrize("remembered", [None, 20])
@pytest.mark.parametrize("n", [3, 100])
@pytest.mark.parametrize("keep_seen", [False, True])
@pytest.mark.parametrize("share", [None, 0.0, 0.01, 0.7])
def test_options_of_recommend_rows_select_the_items(n, remembered, keep_seen, share):
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
        (np.array([2, 1], np.int32), "ascending order"),
        (np.array([1, 1], np.int32), "ascending order"),
        (np.array([-1, 1], np.int32), r"0 \.\.\. 399, not -1"),
        (np.array([3, 400], np.int32), r"not 3 \.\.\. 400"),
        (np.array([True, False]), "flat int32 array"),
        ([1, 2], "flat int32 array"),
    ],
)
def test_allowed_rows_that_are_not_ascending_are_refused(n, allowed, why):
    vectors = whole_numbers(N_ITEMS, 0)
    with pytest.raises(ParameterError, match=why):
        vectors.recommend_rows(random_histories(vectors, n, 3, 0), 2, allowed=allowed)


@pytest.fixture
def small_blocks(monkeypatch):
    """Use blocks so small that a few histories and items are divided, and samples are used."""
    for module, name, size in [
        (top_k_of_products, "TILE_ROWS", 7),
        (threshold, "TILE_ITEMS", 40),
        (threshold, "STRIDE", 2),
        (top_k_of_products, "MOST_ADDED_ROWS", 5),
        (memory_module, "BLOCK_WEIGHTS", 100),
        (memory_module, "FEW_HISTORIES", 4),
        (scoring_law, "FEW_HISTORIES", 4),
        (scoring_law, "BLOCK_HISTORIES", 16),
    ]:
        monkeypatch.setattr(module, name, size)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    n_items=st.integers(1, 300),
    n=st.integers(0, 40),
    k=st.integers(1, 12),
    remembered=st.integers(1, 60),
    keep_seen=st.booleans(),
    share=st.sampled_from([None, 0.05, 0.8]),
)
def test_with_a_memory_whole_numbers_are_ranked_as_exact_sums(
    small_blocks, seed, n_items, n, k, remembered, keep_seen, share
):
    """Sums of integers do not depend on their order, so every tie must go to the lower row."""
    vectors = whole_numbers(n_items, seed, remembered=remembered)
    histories = random_histories(vectors, n, 9, seed)
    allowed = None
    if share is not None:
        chosen = np.random.default_rng(seed).random(n_items) < share
        allowed = np.flatnonzero(chosen).astype(np.int32)
    options = {"keep_seen": keep_seen, "allowed": allowed}
    found = vectors.recommend_rows(histories, k, **options)
    assert found.tolist() == by_hand(vectors, histories, k, **options)


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_with_a_memory_distinct_scores_are_ranked_as_in_double_precision(power):
    """With 3,000 items a sampled threshold is used, and rows of the memory vary in length."""
    rng = np.random.default_rng(0)
    n_items = 3000
    vocabulary = Vocabulary.from_counts([f"{row:05}" for row in range(n_items)], [5] * n_items)
    items, contexts = rng.standard_normal((2, n_items, 8)).astype(np.float32)
    lengths = rng.integers(0, 60, n_items)
    weights = ItemWeights(
        np.concatenate([np.sort(rng.choice(n_items, m, replace=False)) for m in lengths]).astype(
            np.int32
        ),
        np.concatenate([[0], np.cumsum(lengths)]),
        rng.normal(0, 3, lengths.sum()).astype(np.float32),
    )
    vectors = ItemVectors(
        vocabulary, items, contexts, np.zeros(n_items, np.float32), power, memory=Memory(weights)
    )
    histories = random_histories(vectors, 80, 30, 1)
    found = vectors.recommend_rows(histories, 20)
    expected = np.array(by_hand(vectors, histories, 21))
    scores = exact_scores(vectors, histories)
    compared = 0
    for row in range(len(histories)):
        apart = -np.diff(scores[row, expected[row]]) > 1e-4
        if apart.all():  # else rounding may swap two of them
            compared += 1
            assert found[row].tolist() == expected[row, :20].tolist()
    assert compared > 60


def test_scores_of_few_and_of_many_histories_are_the_same(monkeypatch):
    vectors = whole_numbers(N_ITEMS, 0, remembered=30)
    histories = random_histories(vectors, 200, 20, 1)
    many = vectors.score_rows(histories)
    assert many.dtype == np.float32
    np.testing.assert_array_equal(many, exact_scores(vectors, histories))
    few = [vectors.score_rows(histories.slice(row, row + 1)) for row in range(200)]
    np.testing.assert_array_equal(many, np.concatenate(few))


def test_memory_use_does_not_grow_with_the_number_of_histories(monkeypatch):
    """Except for the result, which takes 4 bytes per recommendation."""
    monkeypatch.setattr(scoring_law, "BLOCK_HISTORIES", 500)
    vectors = whole_numbers(1000, 0, remembered=20)
    k = 5

    def peak(n):
        histories = random_histories(vectors, n, 20, 1)
        tracemalloc.start()
        vectors.recommend_rows(histories, k)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(500)  # imports
    once, many = peak(1000), peak(5000)
    assert many - once < 4 * k * 4000 + once / 4
