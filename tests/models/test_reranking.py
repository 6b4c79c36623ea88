"""Nearest items ranked by cosine and item-item memory, against dense matrices."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.models.memory.reranking import memory_similarities

N = 7
IDS = tuple("abcdefg")


@pytest.fixture
def weights():
    """Return two dense sets of weights for some pairs of items, some of them negative."""
    rng = np.random.default_rng(0)
    kept = rng.random((2, N, N)) < 0.6
    kept[:, np.arange(N), np.arange(N)] = False
    return list(np.where(kept, rng.standard_normal((2, N, N)), 0).astype(np.float32))


@pytest.fixture
def vectors(weights):
    memory = Memory(*(ItemWeights.of_largest([array], N) for array in weights), crossover=10.0)
    items = np.random.default_rng(1).standard_normal((N, 3)).astype(np.float32)
    vocabulary = Vocabulary.from_counts(IDS, range(N, 0, -1))
    return ItemVectors(vocabulary, items, items, np.zeros(N, np.float32), power=0.5, memory=memory)


def similarities_by_definition(weights):
    total = weights[0] + weights[1]
    both = np.maximum(total + total.T, 0)
    largest = np.maximum(both.max(axis=1), 1e-30)
    return both / np.sqrt(np.outer(largest, largest))


def ranked_by_definition(vectors, weights, k, signs, allowed=None):
    """Return rows and cosines; `signs` are those of the query items."""
    unit = vectors.item_vectors / np.linalg.norm(vectors.item_vectors, axis=1, keepdims=True)
    query = sum(sign * unit[row] for row, sign in signs.items())
    cosines = unit @ (query / np.linalg.norm(query))
    added = sum(s * similarities_by_definition(weights)[row] for row, s in signs.items())
    scores = cosines + added / len(signs)
    scores[list(signs)] = -np.inf
    if allowed is not None:
        scores[[row for row in range(N) if row not in allowed]] = -np.inf
    order = np.argsort(-scores)[:k]
    return order.tolist(), cosines[order]


def test_similarities_are_symmetric_weights_over_the_largest(vectors, weights):
    found = memory_similarities(vectors.memory).toarray()
    np.testing.assert_allclose(found, similarities_by_definition(weights), rtol=1e-5)
    alone = memory_similarities(Memory(vectors.memory.short)).toarray()
    zero = np.zeros_like(weights[1])
    np.testing.assert_allclose(alone, similarities_by_definition([weights[0], zero]), rtol=1e-5)


@pytest.mark.parametrize("row", range(N))
def test_one_item_is_ranked_by_the_sum_and_shows_its_cosines(vectors, weights, row):
    rows, cosines = ranked_by_definition(vectors, weights, 4, {row: 1})
    found = vectors.most_similar(IDS[row], 4, rerank=True)
    assert [n.id for n in found] == [IDS[r] for r in rows]
    np.testing.assert_allclose([n.cosine for n in found], cosines, atol=1e-6)
    assert vectors.reranked().similar_rows(np.array([row], np.int32), 4).tolist() == [rows]


def test_several_items_are_ranked_by_their_mean_similarity(vectors, weights):
    rows, cosines = ranked_by_definition(vectors, weights, 3, {0: 1, 3: 1, 5: -1})
    found = vectors.most_similar(["a", "d"], 3, negative="f", rerank=True)
    assert [n.id for n in found] == [IDS[r] for r in rows]
    np.testing.assert_allclose([n.cosine for n in found], cosines, atol=1e-6)


def test_filters_apply_before_the_best_are_chosen(vectors, weights):
    rows, _ = ranked_by_definition(vectors, weights, 2, {0: 1}, allowed={2, 4, 6})
    found = vectors.most_similar("a", 2, only=["c", "e", "g"], rerank=True)
    assert [n.id for n in found] == [IDS[r] for r in rows]
    frame = vectors.similar_frame(2, items=["a"], only=["c", "e", "g"], rerank=True)
    assert frame["neighbor"].tolist() == [IDS[r] for r in rows]


def test_the_table_of_all_items_is_that_of_each(vectors):
    frame = vectors.similar_frame(3, rerank=True)
    for item_id in IDS:
        one = [n.id for n in vectors.most_similar(item_id, 3, rerank=True)]
        assert frame[frame["item"] == item_id]["neighbor"].tolist() == one


def test_reranking_changes_the_order_only_if_requested(vectors):
    plain = [[n.id for n in vectors.most_similar(i, 3)] for i in IDS]
    again = [[n.id for n in vectors.most_similar(i, 3, rerank=True)] for i in IDS]
    assert plain != again
    without = replace(vectors, memory=None)
    assert plain == [[n.id for n in without.most_similar(i, 3)] for i in IDS]


def test_reranking_without_a_memory_is_an_error(vectors):
    without = replace(vectors, memory=None)
    assert without.reranked() is None
    with pytest.raises(ParameterError, match="no item-item memory to rank by"):
        without.most_similar("a", rerank=True)
    with pytest.raises(ParameterError, match="no item-item memory to rank by"):
        without.similar_frame(rerank=True)
    with pytest.raises(ParameterError, match="only vectors are given: name an item"):
        vectors.most_similar(np.ones(3, np.float32), rerank=True)
    with pytest.raises(ParameterError, match="there is no known item to search by"):
        vectors.most_similar("unheard of", rerank=True, unknown="skip")


def test_weights_that_are_not_finite_are_refused(vectors):
    broken = replace(vectors, memory=vectors.memory.scaled(np.inf))
    for ask in (broken.reranked, lambda: broken.most_similar(IDS[0], rerank=True)):
        with pytest.raises(DataError, match="the model is damaged"):
            ask()
    with pytest.raises(DataError, match="the model is damaged"):
        broken.parts()["memory alone"].similar_rows(np.array([0], np.int32), 2)


def test_the_size_of_the_weights_does_not_matter(vectors):
    for factor in (1e-20, 1e12):
        scaled = memory_similarities(vectors.memory.scaled(factor)).toarray()
        np.testing.assert_allclose(scaled, memory_similarities(vectors.memory).toarray(), rtol=1e-5)


@pytest.mark.parametrize("row", [-1, N])
def test_rows_out_of_range_are_refused(vectors, row):
    with pytest.raises(ParameterError, match="rows must lie in"):
        vectors.reranked().neighbors(np.array([row], dtype=np.int32), 2)
