"""A trial replaces the defaults only where it is better by more than chance explains."""

import numpy as np
import pytest

from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.validation import hold_out
from item2vec.experiments.tuning.study_file import Trial
from item2vec.experiments.tuning.task import Task
from item2vec.experiments.tuning.verdict import (
    Verdict,
    compare_with_defaults,
    standard_errors_needed,
)

PROTOCOL = RandomProtocol(inputs=2, labels=4)


@pytest.fixture
def task(cliques) -> Task:
    return Task("ease", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)


def trial(number: int) -> Trial:
    return Trial(number, {"l2": 10.0 + number}, 0.5)


def scores(*splits):
    return [np.array(split, dtype=float) for split in splits]


def test_the_standard_error_is_that_of_the_paired_difference():
    defaults = scores([0.1, 0.9, 0.4, 0.2], [0.3, 0.8, 0.5, 0.6])
    gains = scores([0.02, 0.04, 0.03, 0.01], [0.04, 0.02, 0.01, 0.03])
    pairs = [(own + gain, own) for own, gain in zip(defaults, gains, strict=True)]
    (found,) = compare_with_defaults([(trial(1), pairs)])
    assert found.difference == pytest.approx(0.025)
    assert found.defaults_score == pytest.approx(0.475)
    over_users = np.concatenate(gains).std(ddof=1) / np.sqrt(8)  # both splits gain 0.025
    assert found.standard_error == pytest.approx(over_users)
    assert (found.users, found.splits) == (8, 2)


def test_what_all_users_of_a_split_have_in_common_counts_as_noise():
    """One training run is better and the next one worse, for all of their users alike."""
    defaults = scores(np.full(500, 0.5), np.full(500, 0.5))
    pairs = [(defaults[0] + 0.03, defaults[0]), (defaults[1] - 0.01, defaults[1])]
    (found,) = compare_with_defaults([(trial(1), pairs)])
    assert found.difference == pytest.approx(0.01)
    assert found.standard_error == pytest.approx(0.02)


def test_splits_of_a_trial_that_agree_by_chance_borrow_the_noise_of_the_others():
    defaults = scores(np.full(500, 0.5), np.full(500, 0.5))

    def pairs(*gains):
        return [(own + gain, own) for own, gain in zip(defaults, gains, strict=True)]

    noisy = [(trial(n), pairs(0.03, -0.01)) for n in (1, 2)]
    *_, found = compare_with_defaults([*noisy, (trial(3), pairs(0.01, 0.01))])
    assert found.standard_error == pytest.approx(0.02 * np.sqrt(2 / 3))


def test_one_split_is_not_enough(task):
    own = np.full(500, 0.5)
    assert compare_with_defaults([(trial(1), [(own + 0.1, own)])]) == ()
    verdict = Verdict(task, (), "there was no time")
    assert verdict.kept is None
    assert verdict.sentence() == "The defaults of ease are kept: there was no time."
    assert verdict.to_dict() == {"kept": "defaults"}
    assert verdict.parameters() == {"l2": "auto"}


@pytest.mark.parametrize(("gain", "kept"), [(0.9, False), (1.1, True)])
def test_a_single_trial_needs_more_than_one_standard_error(task, gain, kept):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(2, 50))
    noise -= noise.mean(axis=1, keepdims=True)
    error = noise.std(ddof=1) / 10
    pairs = [(gain * error + part, np.zeros(50)) for part in noise]
    verdict = Verdict(task, compare_with_defaults([(trial(6), pairs)]))
    assert (verdict.kept is not None) == kept
    assert verdict.to_dict()["kept"] == ("trial 7" if kept else "defaults")
    assert verdict.parameters() == {"l2": 16.0 if kept else "auto"}
    assert ("no trial is better than the defaults" in verdict.sentence()) != kept
    assert "by more than one standard error" in verdict.sentence()
    assert "On 100 users whom the search did not score, in 2 splits" in verdict.sentence()


def test_the_best_of_many_trials_needs_more():
    """The best of n differences of pure noise passes no more often than a single one."""
    rng = np.random.default_rng(0)
    for n in (1, 2, 5, 20):
        best = rng.normal(size=(20_000, n)).max(axis=1)
        passed = np.mean(best > standard_errors_needed(n))
        assert passed <= 0.159 + 3 * np.sqrt(0.159 * 0.841 / 20_000)
        assert passed > 0.14, "and not much less often"


def test_trials_that_are_equal_to_the_defaults_or_worse_are_not_kept(task):
    own = np.array([0.2, 0.4])
    for change in (0.0, -0.1):
        verdict = Verdict(task, compare_with_defaults([(trial(1), [(own + change, own)] * 2)]))
        assert verdict.kept is None


def test_of_two_that_are_better_the_better_one_is_kept(task):
    own = np.linspace(0.2, 0.4, 30)
    pairs = [(trial(n), [(own + gain, own)] * 2) for n, gain in ((1, 0.1), (2, 0.3), (3, 0.2))]
    verdict = Verdict(task, compare_with_defaults(pairs))
    assert verdict.kept == trial(2)
    assert verdict.to_dict()["trials_compared"] == 3
    assert "1.62 for the best of 3 trials" in verdict.sentence()
