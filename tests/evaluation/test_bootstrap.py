"""Intervals, against theory, scipy and what can be counted."""

import math
from collections import Counter

import numpy as np
import pytest
import scipy.stats

from item2vec.evaluation.bootstrap import (
    Groups,
    Interval,
    resampled_means,
    resampled_means_by_value,
    to_differences,
    to_interval,
)


def interval(values, seed=0):
    values = np.asarray(values, dtype=np.float64)
    return to_interval(values.mean(), resampled_means(values[:, None], seed=seed)[:, 0])


@pytest.fixture
def rng():
    return np.random.default_rng(12)


def test_the_interval_of_a_mean_is_that_of_normal_theory(rng):
    values = rng.normal(5, 2, 2000)
    found = interval(values)
    half = 1.96 * values.std() / math.sqrt(2000)
    assert found.mean == values.mean()
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_the_interval_of_a_hit_rate_is_that_of_the_binomial():
    hits = np.repeat([1.0, 0.0], [120, 880])
    low, high = scipy.stats.binom(1000, 0.12).ppf([0.025, 0.975]) / 1000
    found = interval(hits)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.003)


def test_a_skewed_metric_gets_the_interval_that_scipy_gives(rng):
    values = rng.exponential(size=200) ** 2
    outside = scipy.stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=5000, rng=rng
    ).confidence_interval
    resampled = resampled_means(values[:, None], resamples=5000)[:, 0]
    found = to_interval(values.mean(), resampled)
    width = outside.high - outside.low
    assert found.low == pytest.approx(outside.low, abs=0.06 * width)
    assert found.high == pytest.approx(outside.high, abs=0.06 * width)


def test_95_of_100_intervals_hold_the_truth(rng):
    held = 0
    for seed in range(150):
        values = rng.exponential(size=(100, 1))
        resampled = resampled_means(values, resamples=300, seed=seed)
        found = to_interval(values.mean(), resampled)
        held += found.low <= 1.0 <= found.high
    assert 0.88 <= held / 150 <= 0.99


def test_every_resample_is_as_likely_as_it_should_be():
    # Two cases give the means 0, 1/2 and 1 with the chances 1/4, 1/2 and 1/4.
    means = Counter(resampled_means(np.array([[0.0], [1.0]]), resamples=4000)[:, 0].tolist())
    assert set(means) == {0.0, 0.5, 1.0}
    assert means[0.0] == pytest.approx(1000, abs=140)
    assert means[0.5] == pytest.approx(2000, abs=160)


def test_a_paired_difference_is_the_difference_of_what_was_resampled(rng):
    first, second = rng.random((2, 300))
    together = resampled_means(np.column_stack([first, second]), seed=4)
    alone = resampled_means((first - second)[:, None], seed=4)[:, 0]
    np.testing.assert_allclose(together[:, 0] - together[:, 1], alone, atol=1e-12)


def test_two_models_that_fail_on_the_same_users_can_be_told_apart(rng):
    # Users differ by far more than the models; only the paired interval excludes 0.
    ease = rng.random(300)
    better = ease + rng.normal(0.02, 0.02, 300)
    means = resampled_means(np.column_stack([better, ease]))
    one, other = to_interval(better.mean(), means[:, 0]), to_interval(ease.mean(), means[:, 1])
    assert one.low < other.high
    assert to_interval(0, means[:, 0] - means[:, 1]).low > 0


def test_resamples_repeat_with_their_seed_and_change_with_it(rng):
    values = rng.random((50, 2))
    first, again, other = (resampled_means(values, seed=seed) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_resamples_do_not_depend_on_how_they_were_cut_into_blocks(rng, monkeypatch):
    values = rng.random((50, 3))
    whole = resampled_means(values, resamples=101)
    for most in (1, 7, 1000):
        monkeypatch.setattr("item2vec.evaluation.bootstrap.MOST", most)
        np.testing.assert_allclose(resampled_means(values, resamples=101), whole, rtol=1e-12)


@pytest.mark.parametrize("constant", [0.0, 0.5, 1.0])
def test_what_is_the_same_for_everyone_has_no_width(constant):
    assert interval(np.full(70, constant)) == Interval(constant, constant, constant)


def test_a_single_case_has_no_width_and_does_not_fail():
    assert interval([0.25]) == Interval(0.25, 0.25, 0.25)


def test_an_interval_runs_from_the_2_5th_to_the_97_5th_percentile():
    assert to_interval(7.0, np.arange(1001.0)) == Interval(7.0, 25.0, 975.0)


def test_a_case_without_a_value_counts_in_no_mean(rng):
    values = rng.random((400, 2))
    values[::2, 1] = np.nan
    means = resampled_means(values)
    half = resampled_means(values[1::2, 1:])[:, 0]
    assert means[:, 1].mean() == pytest.approx(half.mean(), abs=3 * half.std() / math.sqrt(1000))
    assert means[:, 1].std() == pytest.approx(half.std(), rel=0.15)
    assert means[:, 1].std() > 1.2 * means[:, 0].std()


def test_the_cases_of_a_user_are_drawn_together(rng):
    """Ten equal cases of each of 50 users say no more than one of each."""
    once = rng.random((50, 1))
    users = np.repeat(rng.permutation(50), 10)
    tenfold = once[users]
    together = resampled_means(tenfold, users=users)[:, 0].std()
    assert together == pytest.approx(resampled_means(once)[:, 0].std(), rel=0.1)
    assert together > 2.5 * resampled_means(tenfold)[:, 0].std()


def test_a_user_with_more_cases_weighs_more():
    values, users = np.array([[1.0], [0.0], [0.0], [0.0]]), np.array([1, 0, 0, 0])
    means = Counter(resampled_means(values, users=users, resamples=4000)[:, 0].tolist())
    assert set(means) == {0.0, 0.25, 1.0}, "nobody drawn twice but the one or the other, or both"


def test_intervals_for_all_at_once_hold_95_of_100_times(rng):
    """Twenty models that are all the same: some plain interval leaves zero out nearly always."""
    plain = for_all = 0
    for seed in range(150):
        values = rng.standard_normal((200, 21))
        means = resampled_means(values, resamples=300, seed=seed)
        others = {str(n): (float(values[:, n].mean()), means[:, n]) for n in range(1, 21)}
        found = to_differences(float(values[:, 0].mean()), means[:, 0], others).values()
        plain += all(d.low <= 0 <= d.high for d in found)
        for_all += all(d.low_of_all <= 0 <= d.high_of_all for d in found)
    assert plain / 150 < 0.75
    assert 0.88 <= for_all / 150 <= 0.995


def test_one_comparison_needs_no_correction(rng):
    values = rng.standard_normal((500, 2)) + np.array([0.1, 0])
    means = resampled_means(values)
    mean, other = values.mean(axis=0).tolist()
    found = to_differences(mean, means[:, 0], {"b": (other, means[:, 1])})["b"]
    width = found.high - found.low
    assert found.low_of_all == pytest.approx(found.low, abs=0.08 * width)
    assert found.high_of_all == pytest.approx(found.high, abs=0.08 * width)


def test_models_that_are_the_same_differ_by_nothing():
    means = np.linspace(0, 1, 1000)
    found = to_differences(0.5, means, {"same": (0.5, means)})["same"]
    assert found == (0, 0, 0, 0, 0)
    assert to_differences(0.5, means, {}) == {}


def test_values_that_hold_many_items_make_the_interval_as_wide_as_they_are_few():
    """20 series of 30 books each, found or missed together: 20 draws, not 600."""
    found = np.repeat(np.random.default_rng(0).random(20) < 0.5, 30).astype(float)[:, None]
    items, series = np.arange(600), np.repeat(np.arange(20), 30)
    by_value = resampled_means_by_value(found, Groups(items, series))
    by_series = resampled_means(found[::30])
    np.testing.assert_allclose(by_value, by_series, err_msg="whole series are drawn")
    assert by_value.std() > 4 * resampled_means(found).std()


def test_an_item_of_several_values_counts_once_in_all():
    values = np.array([[1.0], [0.0], [0.5]])
    groups = Groups(np.array([0, 1, 2, 2]), np.array([0, 1, 0, 1]))
    drawn = set(resampled_means_by_value(values, groups).round(6).ravel().tolist())
    # Value 0 alone: (1 + .5 / 2) / 1.5; value 1 alone: (0 + .5 / 2) / 1.5; both: the plain mean.
    assert drawn == {round(1.25 / 1.5, 6), round(0.25 / 1.5, 6), 0.5}
