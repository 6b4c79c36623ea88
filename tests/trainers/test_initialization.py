"""The initialization: products with EASE's weights, eigenvectors, and the vectors from both."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.trainers import ease_products
from item2vec.trainers.ease_products import EaseProducts, leading_eigenvectors
from item2vec.trainers.initialization import random_initialization, spectral_initialization
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.word2vec.trainer import Word2Vec


def drawn_lists(n_users, n_items, n_topics, seed=0):
    """Return lists of items of users who mostly have items of one topic."""
    rng = np.random.default_rng(seed)
    lists = []
    for user in range(n_users):
        own = np.arange(user % n_topics, n_items, n_topics)
        items = rng.choice(own, min(len(own), rng.integers(3, 9)), replace=False)
        lists.append([f"i{item:04d}" for item in {*items.tolist(), int(rng.integers(n_items))}])
    return lists


def drawn(n_users, n_items, n_topics):
    return Histories.from_lists(drawn_lists(n_users, n_items, n_topics))


SCALE = {"context_ridge": 25.0, "largest": 4.0}


@pytest.fixture
def histories():
    return drawn(80, 30, 5)


def weights_by_definition(histories, r):
    """Return the symmetric average of EASE's weights, float64."""
    matrix = histories.to_csr().toarray().astype(np.float64)
    gram = matrix.T @ (matrix / np.sqrt(np.maximum(histories.lengths, 1))[:, None])
    counts = gram.diagonal()
    unit = counts[:1000].mean()
    ridge = r * unit * np.maximum(counts / unit, 0.01) ** 0.9
    precision = np.linalg.inv(gram + np.diag(ridge))
    weights = -precision / np.diag(precision)
    np.fill_diagonal(weights, 0)
    return (weights + weights.T) / 2


@pytest.mark.parametrize("r", [3.0, 12.0])
def test_products_are_those_with_the_weights_by_definition(histories, r):
    n = len(histories.vocabulary)
    found = EaseProducts(histories).symmetric(r)(np.eye(n, dtype=np.float32))
    np.testing.assert_allclose(found, weights_by_definition(histories, r), atol=1e-5)


def test_a_single_vector_has_the_same_product_as_among_others(histories):
    multiply = EaseProducts(histories).symmetric(12.0)
    vectors = np.random.default_rng(0).standard_normal((30, 3)).astype(np.float32)
    np.testing.assert_allclose(multiply(vectors[:, 1]), multiply(vectors)[:, 1], rtol=1e-5)


def test_with_few_exact_eigenvalues_the_weights_are_still_close(monkeypatch):
    """In a large catalogue the others are small; here half of the topics are among them."""
    monkeypatch.setattr(ease_products, "LEADING", 10)
    monkeypatch.setattr(ease_products, "ALL_UP_TO", 50)
    histories = drawn(1500, 400, 20)
    n = len(histories.vocabulary)
    found = EaseProducts(histories).symmetric(12.0)(np.eye(n, dtype=np.float32))
    expected = weights_by_definition(histories, 12.0)
    others = ~np.eye(n, dtype=bool)
    assert np.corrcoef(found[others], expected[others])[0, 1] > 0.99


def test_the_leading_eigenvectors_are_found():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.standard_normal((900, 4)))[0].astype(np.float32)
    matrix = (basis * [9, 7, -8, 5]) @ basis.T
    for n_wanted in (2, 3):
        values, vectors = leading_eigenvectors(lambda v: matrix @ v, 900, n_wanted, seed=0)
        assert values.tolist() == pytest.approx([9, 7, 5][:n_wanted], rel=1e-3)
        cosines = np.abs((vectors * basis[:, [0, 1, 3][:n_wanted]]).sum(axis=0))
        assert cosines.tolist() == pytest.approx([1] * n_wanted, abs=1e-3)


def test_a_matrix_smaller_than_the_dimensions_gives_all_its_eigenvectors():
    matrix = np.diag([2.0, 3.0]).astype(np.float32)
    values, vectors = leading_eigenvectors(lambda v: matrix @ v, 2, 10, seed=0)
    assert values.tolist() == pytest.approx([3, 2])
    assert np.abs(vectors).tolist() == [[0, 1], [1, 0]]


def test_products_of_the_vectors_are_close_to_the_weights_with_the_larger_ridge():
    histories = drawn(400, 60, 6)
    items, contexts = spectral_initialization(histories, 60, seed=0, **SCALE)
    products = items @ contexts.T
    weights = weights_by_definition(histories, 25.0)
    others = ~np.eye(len(weights), dtype=bool)
    assert np.corrcoef(products[others], weights[others])[0, 1] > 0.95
    assert np.abs(products).max(axis=1).mean() == pytest.approx(4.0, rel=0.01)


@pytest.mark.parametrize("all_up_to", [600, 20])
def test_topics_are_separated_before_the_first_epoch(monkeypatch, all_up_to):
    """Both with all eigenvalues of a small matrix and with the Lanczos iteration."""
    monkeypatch.setattr(ease_products, "ALL_UP_TO", all_up_to)
    histories = drawn(1000, 200, 4)
    items, _ = spectral_initialization(histories, 8, seed=0, **SCALE)
    topic = np.array([int(item[1:]) % 4 for item in histories.vocabulary])
    unit = items / np.linalg.norm(items, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    nearest = np.argsort(-cosines, axis=1)[:, :10]
    assert (topic[nearest] == topic[:, None]).mean() > 0.95


def test_rare_items_begin_near_items_of_their_topic():
    """All items have an initialization, not the popular ones alone."""
    frequent = drawn_lists(900, 60, 3)
    rare = [[f"r{user:03d}", *history[:3]] for user, history in enumerate(frequent[:90])]
    histories = Histories.from_lists(frequent + rare * 2)
    items, _ = spectral_initialization(histories, 16, seed=0, **SCALE)
    near = topics_of_nearest(items, histories)
    own = [near[f"r{user:03d}"] == user % 3 for user in range(90)]
    assert np.mean(own) > 0.9


def topics_of_nearest(items, histories):
    """Return item id → topic of the nearest frequent item."""
    ids = np.array(histories.vocabulary.ids)
    frequent = np.flatnonzero(np.char.startswith(ids, "i"))
    unit = items / np.maximum(np.linalg.norm(items, axis=1, keepdims=True), 1e-12)
    best = frequent[np.argmax(unit @ unit[frequent].T, axis=1)]
    return {item: int(ids[row][1:]) % 3 for item, row in zip(ids, best, strict=True)}


@pytest.mark.parametrize("all_up_to", [600, 20])
def test_the_same_seed_gives_the_same_vectors_and_another_one_others(
    cliques, monkeypatch, all_up_to
):
    monkeypatch.setattr(ease_products, "ALL_UP_TO", all_up_to)
    first, again, other = (
        spectral_initialization(cliques, 8, seed, **SCALE)[0] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    if all_up_to == 20:  # all eigenvectors of a small matrix need no seed
        assert not np.array_equal(first, other)
    first, again, other = (random_initialization(cliques, 8, seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_dimensions_beyond_the_number_of_items_begin_short():
    histories = Histories.from_lists([["a", "b"], ["b", "c"], ["a", "c"]] * 5)
    items, contexts = spectral_initialization(histories, 10, seed=0, **SCALE)
    assert items.shape == contexts.shape == (3, 10)
    assert np.linalg.norm(items[:, 3:], axis=1).max() < 0.5 < np.linalg.norm(items, axis=1).min()


@pytest.mark.parametrize("trainer", [
    Softmax(vector_size=4, epochs=2, memory=0, workers=1),
    Word2Vec(vector_size=4, epochs=2, memory=0, workers=1),
])  # fmt: skip
def test_histories_without_common_items_can_be_trained_on(trainer):
    lonely = Histories.from_lists([["a", "b"]] + [[item] for item in "cdefgh"])
    for name in ("spectral", "random"):
        assert np.isfinite(replace(trainer, start=name).fit(lonely).item_vectors).all()
