"""The weight of the bias: selected on validation users, and multiplied with the bias alone."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.validation import hold_out, mean_metric
from item2vec.models.item_vectors import ItemVectors
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.stages import score_grid
from item2vec.trainers.stages.bias import (
    BIAS_WEIGHTS,
    BiasWeight,
    _choose,
    describe,
    select_bias_weight,
)
from item2vec.trainers.word2vec.trainer import Word2Vec

PROTOCOL = RandomProtocol(inputs=2, labels=2)
N_ITEMS = 50


def crowd(n_users, seed=0):
    """Return histories of four items that are drawn by popularity alone."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, N_ITEMS + 1)
    draws = [rng.choice(N_ITEMS, 4, replace=False, p=shares / shares.sum()) for _ in range(n_users)]
    return Histories.from_lists([[f"i{item}" for item in draw.tolist()] for draw in draws])


def with_products(histories, products, bias):
    """Return vectors whose products are the given ones, float32 (n_items, n_items)."""
    return ItemVectors(
        histories.vocabulary,
        np.eye(len(bias), dtype=np.float32),
        products.astype(np.float32),
        bias.astype(np.float32),
        power=0.5,
    )


def noisy(histories):
    """Return vectors whose bias is right, and whose products are noise."""
    bias = np.log(histories.vocabulary.counts)
    rng = np.random.default_rng(1)
    return with_products(histories, rng.standard_normal((len(bias), len(bias))), bias)


def misled(groups):
    """Return vectors whose products are right, and whose bias is noise."""
    ids = groups.vocabulary.ids
    letters = np.array([item[0] for item in ids])
    same = letters[:, None] == letters[None, :]
    bias = 2 * np.random.default_rng(1).standard_normal(len(ids))
    return with_products(groups, same * 2.0, bias)


def test_a_bias_that_predicts_better_than_the_products_weighs_more():
    selection = select_bias_weight(noisy, crowd(900), [PROTOCOL])
    assert selection.weight > 1.5
    assert selection.n_users == 300
    assert list(selection.scores) == [PROTOCOL.description]
    scores = selection.scores[PROTOCOL.description]
    assert scores["2"] > scores["1"] > scores["0.25"]


def test_a_bias_that_is_noise_weighs_less(groups):
    selection = select_bias_weight(misled, groups, [PROTOCOL])
    assert selection.weight < 0.5
    assert f"multiplied by {selection.weight:g}" in describe(selection.to_dict())


def test_too_few_validation_users_keep_the_trained_bias():
    trained = []
    selection = select_bias_weight(trained.append, crowd(297), [PROTOCOL])
    assert not trained
    assert (selection.weight, selection.n_users, selection.scores) == (1.0, 0, {})
    assert "fewer than 100 users" in describe(selection.to_dict())


def test_reported_scores_are_those_of_vectors_with_that_weight(groups, monkeypatch):
    monkeypatch.setattr(score_grid, "MOST_CASES", 10_000)
    selection = select_bias_weight(misled, groups, [PROTOCOL], seed=2)
    fitted, cases = hold_out(groups, 1 / 3, PROTOCOL, seed=2)
    for weight in BIAS_WEIGHTS:
        expected = mean_metric(BiasWeight(weight).scale(misled(fitted)), cases)
        found = selection.scores[PROTOCOL.description][f"{weight:g}"]
        assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("highest", "expected"), [(0.7, 0.7), (1.3, 1.3), (-1.0, 0.25), (9.0, 2.0)]
)
def test_the_weight_is_where_the_parabola_is_highest(highest, expected):
    weights = np.array(BIAS_WEIGHTS)
    scores = 0.3 - 0.001 * (weights - highest) ** 2
    assert _choose([np.repeat(scores[:, None], 10, axis=1)]) == pytest.approx(expected)


def test_equal_scores_keep_the_trained_bias():
    assert _choose([np.zeros((len(BIAS_WEIGHTS), 10))]) == 1.0
    assert _choose([np.full((len(BIAS_WEIGHTS), 10), 0.25)]) == 1.0


def test_scores_that_are_lowest_in_the_middle_choose_the_better_end():
    scores = (np.array(BIAS_WEIGHTS) - 1) ** 2
    assert _choose([np.repeat(scores[:, None], 10, axis=1)]) == 2.0


@pytest.mark.parametrize("kind", [Softmax, Word2Vec])
def test_a_weight_multiplies_the_bias_alone(cliques, kind):
    trainer = kind(vector_size=4, epochs=2, workers=1, memory=0)
    plain, weighted = trainer.fit(cliques), replace(trainer, bias_weight=0.5).fit(cliques)
    np.testing.assert_allclose(weighted.bias, plain.bias / 2, rtol=1e-6)
    np.testing.assert_array_equal(weighted.item_vectors, plain.item_vectors)
    np.testing.assert_array_equal(weighted.context_vectors, plain.context_vectors)
    assert weighted.metadata["parameters"]["bias_weight"] == 0.5
    assert plain.metadata["parameters"]["bias_weight"] == 1.0, "no memory, no validation users"
    assert "bias" not in plain.metadata


def test_a_weight_multiplies_the_bias_of_the_vectors_of_a_state(cliques):
    trainer = Softmax(vector_size=4, epochs=2, workers=1, memory=0)
    state = trainer.train(cliques)
    plain = trainer.vectors(state, cliques)
    weighted = replace(trainer, bias_weight=3.0).vectors(state, cliques)
    np.testing.assert_allclose(weighted.bias, 3 * plain.bias, rtol=1e-6)
    np.testing.assert_array_equal(plain.bias, trainer.fit(cliques).bias)


def test_the_same_users_later_count_only_where_nothing_else_is_selected_for(groups):
    trainer = Softmax(
        vector_size=4, epochs=2, workers=1, protocols=(PROTOCOL, LeaveLastOutProtocol())
    )
    scores = trainer.fit(groups).metadata["bias"]["scores"]
    assert list(scores) == [PROTOCOL.description]
    later = replace(trainer, protocols=(LeaveLastOutProtocol(),))
    scores = later.fit(groups).metadata["bias"]["scores"]
    assert list(scores) == [LeaveLastOutProtocol().description]


def test_the_weight_is_selected_where_the_memory_is(groups):
    vectors = Softmax(vector_size=4, epochs=2, workers=1, protocols=(PROTOCOL,)).fit(groups)
    report = vectors.metadata["bias"]
    assert report["users"] == vectors.metadata["memory"]["users"] == 133
    assert vectors.metadata["parameters"]["bias_weight"] == report["weight"]
    again = Softmax(
        vector_size=4, epochs=2, workers=1, protocols=(PROTOCOL,), bias_weight=report["weight"]
    ).fit(groups)
    np.testing.assert_array_equal(again.bias, vectors.bias)
    np.testing.assert_array_equal(again.memory.long.weights, vectors.memory.long.weights)
