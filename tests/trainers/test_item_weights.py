"""Weights for a memory, against the formula in float64 and against EASE itself."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.baselines.ease import EASE
from item2vec.histories import Histories
from item2vec.trainers import item_weights
from item2vec.trainers.item_weights import ItemWeights, Shape


@pytest.fixture
def histories():
    rng = np.random.default_rng(0)
    popularity = 1 / np.arange(1, 13)
    popularity /= popularity.sum()
    return Histories.from_lists(
        [
            [f"i{item:02d}" for item in rng.choice(12, size, replace=False, p=popularity)]
            for size in rng.integers(1, 9, 80)
        ]
    )


def by_the_formula(histories, shape):
    watched = histories.to_csr().toarray().astype(np.float64)
    counts = histories.lengths**-0.5
    counts /= counts.mean()
    gram = watched.T @ (counts[:, None] * watched)
    unit = gram.diagonal().mean()
    popularity = gram.diagonal() / unit
    inverse = np.linalg.inv(gram + np.diag(shape.ridge * unit * np.sqrt(popularity)))
    weights = -inverse / inverse.diagonal()
    np.fill_diagonal(weights, 0)
    weights /= popularity[:, None] ** shape.input_power
    return weights * popularity**shape.candidate_power


@pytest.mark.parametrize("ridge", [0.5, 30.0])
@pytest.mark.parametrize("powers", [(0.0, 0.0), (0.2, -0.3)])
def test_weights_are_those_of_the_formula(histories, ridge, powers):
    shape = Shape(ridge=ridge, input_power=powers[0], candidate_power=powers[1])
    weights = ItemWeights(histories).of(shape)
    np.testing.assert_allclose(weights, by_the_formula(histories, shape), rtol=1e-3, atol=1e-6)


def test_histories_of_one_length_and_items_of_one_popularity_give_ease():
    histories = Histories.from_lists([["a", "b"], ["b", "c"], ["c", "a"]] * 5)
    ours = ItemWeights(histories).of(Shape(ridge=0.2, input_power=0.0, candidate_power=-0.3))
    np.testing.assert_allclose(ours, EASE(l2=0.2 * 10).fit(histories).weights, rtol=1e-4)


def test_a_large_ridge_leaves_the_co_occurrences_over_a_power_of_the_inputs_popularity():
    histories = Histories.from_lists([["a", "b"], ["a", "c"], ["a", "b"], ["a", "d"]] * 5)
    ours = ItemWeights(histories).of(Shape(ridge=1000.0, input_power=0.2, candidate_power=0.0))
    a, b, c = (histories.vocabulary.row(item) for item in "abc")
    assert ours[a, b] == pytest.approx(2 * ours[a, c], rel=0.01)
    popularity_of_b_over_c = 2.0
    assert ours[b, a] / ours[c, a] == pytest.approx(2 / popularity_of_b_over_c**0.7, rel=0.01)


def test_with_a_large_ridge_only_the_popular_are_solved_and_it_makes_little_difference(
    histories, monkeypatch
):
    shape = Shape(ridge=100.0, input_power=0.2, candidate_power=-0.15)
    every = by_the_formula(histories, shape)
    monkeypatch.setattr(item_weights, "ROWS", 3)
    monkeypatch.setattr(item_weights, "POPULAR", 5)
    some = ItemWeights(histories).of(shape)
    np.testing.assert_allclose(some, every, rtol=0.1, atol=1e-6)
    assert not np.allclose(some, every, rtol=1e-3, atol=1e-6)
    small = replace(shape, ridge=29.0)
    np.testing.assert_allclose(
        ItemWeights(histories).of(small), by_the_formula(histories, small), rtol=1e-3, atol=1e-6
    )


def test_items_that_are_not_solved_predict_and_are_predicted_each_by_itself(monkeypatch):
    """Of two items alone, with nobody to explain anything away, that is exact."""
    histories = Histories.from_lists([["a", "b"], ["c", "d"], ["c", "d"]] * 5)
    shape = Shape(ridge=100.0, input_power=0.0, candidate_power=0.0)
    monkeypatch.setattr(item_weights, "POPULAR", 1)
    exact = by_the_formula(histories, shape)
    np.testing.assert_allclose(ItemWeights(histories).of(shape), exact, rtol=1e-4, atol=1e-9)


def test_items_that_nobody_watched_have_no_weights(histories):
    fitted = histories.take(np.flatnonzero([11 not in items for items in histories]))
    weights = ItemWeights(fitted).of(Shape(ridge=1.0, input_power=0.2, candidate_power=-0.3))
    assert np.isfinite(weights).all()
    assert not weights[11].any()
    assert not weights[:, 11].any()
