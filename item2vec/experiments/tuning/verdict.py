"""The verdict of tuning: whether a trial is significantly better than the defaults.

The best of many trials owes a part of its score to chance, the more so the more trials there are.
A trial therefore replaces the defaults only if it is better by more than one standard error on
users that the search did not score: the one-standard-error rule, with the defaults as the simplest
choice (Breiman, Friedman, Olshen and Stone, 1984, section 3.4.3; Hastie, Tibshirani and Friedman,
2009, section 7.10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from item2vec._support.messages import counted
from item2vec.experiments.registry import make
from item2vec.experiments.tuning.study_file import Trial
from item2vec.experiments.tuning.task import Task, to_parameters
from item2vec.types import Values

ENOUGH = 2  # splits: one split does not show how much a mean varies between splits

# For each split the scores of the trial and of the defaults, each of shape (users,).
Pairs = Sequence[tuple[Values, Values]]


@dataclass(frozen=True)
class Comparison:
    """A trial compared with the defaults on users that the search did not score.

    Parameters
    ----------
    trial : Trial
    score, defaults_score : float
        Means over the users.
    standard_error : float
        Standard error of the difference.
    users, splits : int
        Numbers of users that were scored, and of their splits.
    """

    trial: Trial
    score: float
    defaults_score: float
    standard_error: float
    users: int
    splits: int

    @property
    def difference(self) -> float:
        """The score minus that of the defaults."""
        return self.score - self.defaults_score


@dataclass(frozen=True)
class Verdict:
    """The result of tuning: whether a trial is better than the defaults, and on what evidence.

    Parameters
    ----------
    task : Task
    comparisons : tuple of Comparison
        One for each trial that was scored again on enough splits.
    reason : str
        Why there are no comparisons, for messages.
    """

    task: Task
    comparisons: tuple[Comparison, ...]
    reason: str = ""

    @property
    def best(self) -> Comparison | None:
        """The comparison with the highest lower bound, or None if there is none."""
        return max(self.comparisons, key=self._bound, default=None)

    @property
    def kept(self) -> Trial | None:
        """The trial that is better than the defaults; None if the defaults are kept."""
        best = self.best
        return best.trial if best and self._bound(best) > 0 else None

    def _bound(self, comparison: Comparison) -> float:
        needed = standard_errors_needed(len(self.comparisons))
        return comparison.difference - needed * comparison.standard_error

    def parameters(self) -> dict[str, Any]:
        """Return the parameters to use, as they are written to a parameters file."""
        if self.kept is not None:
            return to_parameters(self.task, self.kept)
        trainer = make(self.task.name)
        return {name: getattr(trainer, name) for name in trainer.searched()}

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence for a parameters file; trials are counted from 1, as in messages."""
        best = self.best
        evidence = {"kept": "defaults" if self.kept is None else f"trial {self.kept.number + 1}"}
        if best is None:
            return evidence
        return evidence | {
            "best_trial": best.trial.number + 1,
            "best_trial_score": round(best.score, 6),
            "defaults_score": round(best.defaults_score, 6),
            "difference": round(best.difference, 6),
            "standard_error": round(best.standard_error, 6),
            "standard_errors_needed": round(standard_errors_needed(len(self.comparisons)), 2),
            "trials_compared": len(self.comparisons),
            "splits": best.splits,
            "users": best.users,
        }

    def sentence(self) -> str:
        """Return sentences on which parameters are kept and why."""
        best, name = self.best, self.task.name
        if best is None:
            return f"The defaults of {name} are kept: {self.reason}."
        n, number = len(self.comparisons), best.trial.number + 1
        rule = "more than one standard error"
        if n > 1:
            rule += f" ({standard_errors_needed(n):.2f} for the best of {counted(n, 'trial')})"
        if self.kept is None:
            result = (
                f"The defaults of {name} are kept: no trial is better than the defaults by {rule}. "
                f"The best is trial {number}."
            )
        else:
            result = f"Trial {number} of {name} is better than the defaults by {rule}."
        return f"{result} {self._evidence(best)}"

    def _evidence(self, best: Comparison) -> str:
        """Return a sentence on the scores of the best trial on other users."""
        return (
            f"On {counted(best.users, 'user')} whom the search did not score, in "
            f"{counted(best.splits, 'split')}, its {self.task.metric} is {best.score:.4f} and that "
            f"of the defaults {best.defaults_score:.4f}: {best.difference:+.4f}, with a standard "
            f"error of {best.standard_error:.4f}."
        )


def standard_errors_needed(n_trials: int) -> float:
    """Return by how many standard errors the best of some trials must be better.

    A single trial needs one, which chance exceeds with a probability of 16 %. For the best of n
    trials, chance exceeds the returned number with at most this probability (Bonferroni's
    inequality).

    Examples
    --------
    >>> [round(standard_errors_needed(n), 2) for n in (1, 2, 5)]
    [1.0, 1.41, 1.86]
    """
    above = 1 - NormalDist().cdf(1)
    return NormalDist().inv_cdf(1 - above / n_trials)


def compare_with_defaults(pairs: Sequence[tuple[Trial, Pairs]]) -> tuple[Comparison, ...]:
    """Compare trials with the defaults, each on the splits on which both were scored.

    The standard error is the largest of three. One is of the mean over users. Another is of the
    mean over splits, and includes the variation between training runs, which the users of a
    split share. A few splits may agree by chance, so the third is the second with the variances of
    all trials averaged: where one training run of twelve fails (another memory is selected, say),
    the trials whose runs did not fail were lucky, and may fail for the user.

    Parameters
    ----------
    pairs : sequence of (Trial, Pairs)
        Trials with fewer than `ENOUGH` splits are ignored.
    """
    enough = [(trial, splits) for trial, splits in pairs if len(splits) >= ENOUGH]
    between = [
        np.var([np.mean(own - defaults) for own, defaults in splits], ddof=1) / len(splits)
        for _, splits in enough
    ]
    average = np.mean(between) if between else 0.0
    comparisons = []
    for (trial, splits), own_splits in zip(enough, between, strict=True):
        own, defaults = (np.concatenate(scores) for scores in zip(*splits, strict=True))
        within = np.var(own - defaults, ddof=1) / len(own)
        error = float(np.sqrt(max(within, own_splits, average)))
        means = float(own.mean()), float(defaults.mean())
        comparisons.append(Comparison(trial, *means, error, len(own), len(splits)))
    return tuple(comparisons)
