"""What training begins with: lift against its definition, factors against numpy's own."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.histories import Histories
from item2vec.trainers import start
from item2vec.trainers.softmax import Softmax
from item2vec.trainers.start import leading_factors, log_lift, random_start, spectral_start


@pytest.fixture
def histories():
    rng = np.random.default_rng(0)
    return Histories.from_lists(
        [
            [f"i{item:02d}" for item in rng.choice(15, size, replace=False)]
            for size in rng.integers(1, 9, 60)
        ]
    )


def test_lift_is_how_much_oftener_two_items_meet_than_by_chance(histories):
    watched = histories.to_csr().toarray().astype(np.float64)
    together = watched.T @ (watched / np.sqrt(histories.lengths)[:, None])
    np.fill_diagonal(together, 0)
    sums = together.sum(axis=1)
    by_chance = np.outer(sums, sums) / sums.sum() + sums.mean() ** 2 / sums.sum()
    expected = np.log1p(together / by_chance)
    np.testing.assert_allclose(log_lift(histories, 100), expected, rtol=1e-4)


def test_only_the_first_items_are_looked_at(histories):
    assert log_lift(histories, 4).shape == (4, 4)


@pytest.mark.parametrize("n", [3, 5])
def test_factors_are_the_largest_eigenvalues_and_their_vectors(n):
    """Of a matrix of rank 5 with eigenvalues of both signs they are found exactly."""
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((200, 5)))[0]
    matrix = ((basis * [9, -7, 5, -3, 1]) @ basis.T).astype(np.float32)
    values, vectors = leading_factors(matrix, n, seed=0)
    assert values.tolist() == pytest.approx([9, -7, 5, -3, 1][:n], rel=1e-4)
    cosines = np.abs((vectors * basis[:, :n]).sum(axis=0))
    assert cosines.tolist() == pytest.approx([1] * n, abs=1e-4)


def test_a_matrix_smaller_than_the_dimensions_gives_what_it_has():
    values, vectors = leading_factors(np.diag([3.0, 2.0]).astype(np.float32), 10, seed=0)
    assert sorted(values.tolist()) == pytest.approx([2, 3])
    assert vectors.shape == (2, 2)


def test_products_begin_near_the_logarithm_of_lift(histories):
    items, contexts = spectral_start(histories, 16, seed=0)
    products = items @ contexts.T
    lift = log_lift(histories, 100)
    others = ~np.eye(len(lift), dtype=bool)
    assert np.corrcoef(products[others], lift[others])[0, 1] > 0.999
    assert np.abs(products).max(axis=1).mean() == pytest.approx(start.LARGEST, rel=1e-3)


def test_groups_are_apart_before_the_first_step(cliques):
    items, _ = spectral_start(cliques, 8, seed=0)
    group = np.array([item[0] for item in cliques.vocabulary])
    unit = items / np.linalg.norm(items, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    nearest = np.argsort(-cosines, axis=1)[:, :5]
    assert (group[nearest] == group[:, None]).mean() > 0.95


def test_items_beyond_the_most_popular_begin_short(cliques, monkeypatch):
    monkeypatch.setattr(start, "MOST_ITEMS", 40)
    items, contexts = spectral_start(cliques, 8, seed=0)
    for vectors in (items, contexts):
        lengths = np.linalg.norm(vectors, axis=1)
        assert lengths[40:].max() < 2.5 * start.RARE < lengths[:40].mean()
        assert (lengths[40:] > 0).all()


@pytest.mark.parametrize("begin", [random_start, spectral_start])
def test_the_same_seed_gives_the_same_start_and_another_one_another(cliques, begin, monkeypatch):
    monkeypatch.setattr(start, "MOST_ITEMS", 40)
    first, again, other = (begin(cliques, 8, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])


def test_histories_that_share_nothing_are_no_reason_to_fail():
    lonely = Histories.from_lists([["a", "b"]] + [[item] for item in "cdefgh"])
    trainer = Softmax(vector_size=4, epochs=2, memory=0, workers=1)
    for name in ("spectral", "random"):
        assert np.isfinite(replace(trainer, start=name).fit(lonely).item_vectors).all()
