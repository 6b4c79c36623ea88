"""Ridge regression, against scikit-learn's with leave-one-out cross-validation."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.linear_model import Ridge as Oracle
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict

from item2vec.models.cold_items import ridge
from item2vec.models.cold_items.ridge import PENALTIES, fit_ridges


def made(n=120, n_features=30, noise=1.0, seed=0):
    rng = np.random.default_rng(seed)
    features = scipy.sparse.random_array(
        (n, n_features), density=0.2, rng=rng, dtype=np.float32, format="csr"
    )
    targets = features @ rng.standard_normal((n_features, 4)) + 3
    targets += noise * rng.standard_normal(targets.shape)
    return features, targets.astype(np.float32)


def fitted(features, targets):
    return fit_ridges(features, {"targets": targets})["targets"]


@pytest.mark.parametrize("noise", [0.05, 1.0, 5.0])
def test_coefficients_and_penalty_equal_those_of_scikit_learn(noise):
    features, targets = made(noise=noise)
    ours = fitted(features, targets)
    dense = features.toarray().astype(float)
    oracle = RidgeCV(alphas=PENALTIES).fit(dense, targets.astype(float))
    assert ours.penalty == oracle.alpha_
    np.testing.assert_allclose(ours.weights, oracle.coef_.T, atol=1e-4)
    np.testing.assert_allclose(ours.predict(features[:9]), oracle.predict(dense[:9]), atol=1e-4)


def test_r2_is_computed_on_rows_left_out():
    features, targets = made()
    ours = fitted(features, targets)
    dense = features.toarray().astype(float)
    predicted = cross_val_predict(Oracle(alpha=ours.penalty), dense, targets, cv=LeaveOneOut())
    n = len(targets)
    means = (targets.sum(axis=0) - targets) / (n - 1)
    errors = ((predicted - targets) ** 2).sum()
    assert ours.r2 == pytest.approx(1 - errors / ((targets - means) ** 2).sum(), abs=1e-3)
    assert ours.r2 < r2_score(targets, Oracle(ours.penalty).fit(dense, targets).predict(dense))


def test_random_features_explain_nothing():
    features, targets = made(n=400)
    ours = fitted(features, np.random.default_rng(1).permutation(targets))
    assert abs(ours.r2) < 0.03
    assert np.abs(ours.weights).max() < 0.1


def test_constant_targets_are_predicted():
    features, targets = made()
    ours = fitted(features, np.full_like(targets, 7))
    np.testing.assert_allclose(ours.predict(features), 7, atol=1e-4)
    assert ours.r2 == 0


def test_errors_on_a_sample_of_rows_estimate_those_on_all(monkeypatch):
    features, targets = made(n=3000)
    whole = fitted(features, targets)
    monkeypatch.setattr(ridge, "MOST_ROWS", 1000)
    part = fitted(features, targets)
    assert part.r2 == pytest.approx(whole.r2, abs=0.05)
    np.testing.assert_allclose(part.weights, whole.weights, atol=0.05)


def test_each_target_has_its_own_penalty():
    features, targets = made(noise=0.05)
    noise = np.random.default_rng(2).standard_normal(targets.shape).astype(np.float32)
    both = fit_ridges(features, {"told": targets, "noise": noise})
    assert both["noise"].penalty > 100 * both["told"].penalty
    np.testing.assert_array_equal(both["told"].weights, fitted(features, targets).weights)


def test_a_million_rows_are_summed_accurately():
    features, targets = made(n=100)
    times = 3000
    many = scipy.sparse.vstack([features] * times, format="csr")
    few, more = fitted(features, targets), fitted(many, np.tile(targets, (times, 1)))
    # The same data so often: the same regression with a penalty that much larger.
    oracle = Oracle(alpha=more.penalty / times).fit(features.toarray().astype(float), targets)
    np.testing.assert_allclose(more.weights, oracle.coef_.T, atol=1e-4)
    assert more.r2 > few.r2
