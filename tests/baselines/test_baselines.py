"""Baselines: each is compared with its definition, by hand or in plain numpy."""

import sys

import numpy as np
import pytest

from item2vec.baselines import ease as ease_module
from item2vec.baselines.ease import EASE
from item2vec.baselines.gensim_defaults import GensimDefaults
from item2vec.baselines.ials import IALS
from item2vec.baselines.item_knn import ItemKNN
from item2vec.baselines.non_personalized import Popularity, Random
from item2vec.data.histories import Histories
from item2vec.errors import DataError, MissingExtraError, TooLargeError
from item2vec.experiments.registry import BASELINES, TRAINERS, make

LISTS = [["a", "b", "c"], ["a", "b"], ["a", "c", "d"], ["b", "a"], ["e", "d"]]


@pytest.fixture
def histories() -> Histories:
    return Histories.from_lists(LISTS)


def dense(histories: Histories) -> np.ndarray:
    matrix = np.zeros((len(histories), len(histories.vocabulary)))
    for row in range(len(histories)):
        matrix[row, histories[row]] = 1
    return matrix


@pytest.mark.parametrize("name", [*TRAINERS, *BASELINES])
def test_every_recommender_keeps_the_contract(name, cliques):
    fitted = make(name).fit(cliques)
    asked = Histories.from_lists(
        [["a1", "a2"], [], ["unknown"], ["b3", "unknown"]], vocabulary=cliques.vocabulary
    )
    found = fitted.recommend_rows(asked, 65)
    assert found.dtype == np.int32
    assert found.shape == (4, 65)
    for row in range(4):
        own = set(asked[row].tolist()) - {-1}
        real = [item for item in found[row].tolist() if item >= 0]
        assert len(set(real)) == len(real) == 60 - len(own), "each other item once, then -1"
        assert not own & set(real), "an input is never recommended"
        assert (found[row, len(real) :] == -1).all()


@pytest.mark.parametrize("name", [*TRAINERS, *BASELINES])
def test_histories_of_another_vocabulary_of_the_same_size_are_refused(name, cliques):
    """Their rows mean other items, so the metrics would be those of chance."""
    renamed = Histories.from_lists([[f"{item}!" for item in cliques.vocabulary]])
    assert len(renamed.vocabulary) == len(cliques.vocabulary)
    with pytest.raises(DataError, match="another vocabulary"):
        make(name).fit(cliques).recommend_rows(renamed, 5)


def test_popularity_recommends_the_most_counted_ties_by_id(histories):
    asked = Histories.from_lists([["b"]], vocabulary=histories.vocabulary)
    rows = Popularity().fit(histories).recommend_rows(asked, 4)[0]
    assert [histories.vocabulary.ids[row] for row in rows] == ["a", "c", "d", "e"]


def test_item_knn_is_the_cosine_with_shrinkage(histories):
    matrix = dense(histories)
    together = matrix.T @ matrix
    counts = np.diag(together)
    expected = together / (np.sqrt(np.outer(counts, counts)) + 2)
    np.fill_diagonal(expected, 0)
    fitted = ItemKNN(shrinkage=2.0, neighbors=200, normalization="none").fit(histories)
    np.testing.assert_allclose(fitted.weights.toarray(), expected, rtol=1e-6)
    np.testing.assert_allclose(fitted.score_rows(histories), matrix @ expected, rtol=1e-5)


def test_item_knn_keeps_the_largest_cosines_whatever_the_blocks(cliques, monkeypatch):
    full = (
        ItemKNN(shrinkage=0.0, neighbors=200, normalization="none").fit(cliques).weights.toarray()
    )
    monkeypatch.setattr("item2vec.models.item_pairs.BLOCK_PAIRS", 150)
    few = ItemKNN(shrinkage=0.0, neighbors=3, normalization="none").fit(cliques).weights.toarray()
    for kept, row in zip(few, full, strict=True):
        np.testing.assert_allclose(np.sort(kept)[-3:], np.sort(row)[-3:], rtol=1e-6)
        assert np.count_nonzero(kept) == 3


def test_ease_equals_its_closed_form(histories):
    matrix = dense(histories)
    precision = np.linalg.inv(matrix.T @ matrix + 0.7 * np.eye(matrix.shape[1]))
    expected = -precision / np.diag(precision)  # column j over P_jj
    np.fill_diagonal(expected, 0)
    fitted = EASE(l2=0.7).fit(histories)
    np.testing.assert_allclose(fitted.weights, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(fitted.score_rows(histories), matrix @ expected, atol=1e-5)


def test_ease_solves_the_regression_it_stands_for(cliques):
    """Without the diagonal, column j is the ridge regression of item j on all other items."""
    matrix = dense(cliques)
    weights = EASE(l2=5.0).fit(cliques).weights
    for column in (0, 7, 59):
        others = np.delete(np.arange(60), column)
        inputs, wanted = matrix[:, others], matrix[:, column]
        ridge = np.linalg.solve(inputs.T @ inputs + 5 * np.eye(59), inputs.T @ wanted)
        np.testing.assert_allclose(weights[others, column], ridge, rtol=1e-3, atol=1e-5)


def test_similar_items_of_ease_are_ordered_by_the_inverse(monkeypatch):
    """The reference is numpy's inverse; the size of blocks must not change the order."""
    rng = np.random.default_rng(0)
    lists = [[f"i{item}" for item in rng.permutation(12)[: rng.integers(2, 8)]] for _ in range(80)]
    histories = Histories.from_lists(lists)
    watched = dense(histories)
    precision = np.linalg.inv(watched.T @ watched + 3 * np.eye(12))
    np.fill_diagonal(precision, np.inf)
    expected = np.argsort(precision, axis=1)[:, :11]
    fitted = EASE(l2=3.0).fit(histories)
    rows = np.array([4, 0, 11, 7, 8], dtype=np.int32)
    for scores in (10**6, 24):  # two rows at a time
        monkeypatch.setattr(ease_module, "BLOCK_SCORES", scores)
        np.testing.assert_array_equal(fitted.similar_rows(rows, 11), expected[rows])
    assert (fitted.similar_rows(rows, 12)[:, -1] == -1).all(), "no item is its own neighbor"


def test_ease_that_would_not_fit_into_memory_is_refused(histories, monkeypatch):
    monkeypatch.setattr(ease_module, "MOST_ITEMS", 3)
    with pytest.raises(TooLargeError, match="5 x 5"):
        EASE(l2=1.0).fit(histories)


def test_parameters_are_chosen_on_validation_users_alone(cliques):
    """The choice depends only on the training histories, so it is the same twice."""
    first, second = EASE().fit(cliques), EASE().fit(cliques)
    assert first.parameters == second.parameters
    assert isinstance(first.parameters.l2, float)
    assert isinstance(ItemKNN().fit(cliques).parameters.shrinkage, float)


def test_item_knn_keeps_no_more_neighbors_than_fit_into_memory(cliques, monkeypatch):
    monkeypatch.setattr("item2vec.baselines.item_knn.MOST_KEPT", 60 * 30)
    assert ItemKNN().fit(cliques).parameters.neighbors == 20
    assert ItemKNN(neighbors=3).fit(cliques).parameters.neighbors == 3


def test_ials_solves_its_equations(cliques):
    """At the end of a fit the item factors are the weighted ridge regression on the users'."""
    fitted = IALS(factors=8, alpha=5.0, regularization=2.0, iterations=3).fit(cliques)
    watched = dense(cliques)
    users = fitted.model.user_factors[:, :8].astype(float)
    items = fitted.item_factors[:, :8].astype(float)
    for item in (0, 17, 59):
        weights = np.where(watched[:, item] > 0, 5.0, 1.0)
        left = users.T @ (weights[:, None] * users) + 2.0 * np.eye(8)
        exact = np.linalg.solve(left, users.T @ (weights * watched[:, item]))
        np.testing.assert_allclose(items[item], exact, atol=0.05 * np.abs(exact).max())


def test_ials_folds_a_history_in_by_least_squares(cliques):
    fitted = IALS(factors=4, alpha=3.0, regularization=1.0).fit(cliques)
    items = fitted.item_factors.astype(float)
    asked = Histories.from_lists([["a1", "a2"], ["b5"]], vocabulary=cliques.vocabulary)
    scores = fitted.score_rows(asked)
    for row in range(2):
        watched = np.zeros(60)
        watched[asked[row]] = 1
        weights = np.where(watched > 0, 3.0, 1.0)
        left = items.T @ (weights[:, None] * items) + np.eye(items.shape[1])
        factor = np.linalg.solve(left, items.T @ (weights * watched))
        np.testing.assert_allclose(scores[row], items @ factor, atol=1e-4)


def test_ials_is_reproducible_and_resolves_only_auto(cliques):
    asked = cliques.slice(0, 9)
    trainer = IALS(factors=4, regularization=0.5, seed=1)
    first, second = trainer.fit(cliques), trainer.fit(cliques)
    np.testing.assert_array_equal(first.score_rows(asked), second.score_rows(asked))
    assert first.parameters.regularization == 0.5
    assert isinstance(first.parameters.alpha, float)


def test_without_implicit_the_error_names_the_extra(cliques, monkeypatch):
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    with pytest.raises(MissingExtraError, match=r"item2vec\[baselines\]"):
        IALS(alpha=1.0, regularization=1.0).fit(cliques)


def test_random_is_as_good_as_chance_and_repeats_with_its_seed(cliques):
    first = Random(seed=3).fit(cliques).recommend_rows(cliques, 5)
    np.testing.assert_array_equal(first, Random(seed=3).fit(cliques).recommend_rows(cliques, 5))
    counts = np.bincount(first.ravel(), minlength=60)
    assert counts.min() > 0.5 * counts.mean()


def test_gensim_defaults_recommends_what_keyed_vectors_would(cliques):
    """The reference is gensim's own ``wv.most_similar(positive=history)``."""
    from gensim.models import Word2Vec

    ids = cliques.vocabulary.ids
    sentences = [[ids[row] for row in cliques[i]] for i in range(len(cliques))]
    model = Word2Vec(sentences, workers=1)
    fitted = GensimDefaults().fit(cliques)
    asked = Histories.from_lists([["a1", "a2", "a3"]], vocabulary=cliques.vocabulary)
    found = [ids[row] for row in fitted.recommend_rows(asked, 5)[0]]
    assert found == [name for name, _ in model.wv.most_similar(positive=["a1", "a2", "a3"], topn=5)]
