"""Second scores of the best trials and of the defaults, on users that the search did not score.

They are trained again on further splits with other seeds; `verdict` compares them. Every score is
stored in the study at once, so that an interrupted run can be resumed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from item2vec._support.interrupts import HeldInterrupts
from item2vec._support.messages import either
from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.validation import metric_values
from item2vec.experiments.registry import RECOMMENDERS, make
from item2vec.experiments.tuning.search import TimeIsUp, fit, opened
from item2vec.experiments.tuning.splits import MakeSplit
from item2vec.experiments.tuning.study_file import (
    Trial,
    read_scores,
    trials_of,
    without_warnings,
    write_scores,
)
from item2vec.experiments.tuning.task import Task, score_of_defaults, to_parameters
from item2vec.experiments.tuning.verdict import ENOUGH, Pairs, Verdict, compare_with_defaults
from item2vec.models.item_vectors import ItemVectors
from item2vec.trainers.base import EpochTrainer
from item2vec.types import Values

if TYPE_CHECKING:
    import optuna

CANDIDATES = 5  # most trials that are scored again
RESERVED = 0.4  # share of the time for tuning that is reserved for scoring again
MOST_RESERVED = 0.8  # the same, if the smallest number of fits takes longer
LEEWAY = 1.5  # expected duration of a fit, in units of that of the defaults


def score_again(
    task: Task,
    study_file: Path,
    splits: Sequence[MakeSplit],
    *,
    seconds: float | None = None,
    on_score: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Train the best trials and the defaults again on further splits, and compare them.

    Scores that the study contains are not computed again.

    Parameters
    ----------
    task : Task
    study_file : Path
        Contains the trials; the scores are added to it.
    splits : sequence of MakeSplit
        As `splits.other_splits` returns them.
    seconds : float, optional
        Only as many trials are scored again as probably fit into this time, at least one. No fit
        begins after it, and one that is running then is discarded.
    on_score : callable, optional
        Called after each score with the number of scores made and to make.

    Raises
    ------
    MissingExtraError
        If optuna is not installed.
    DataError
        If the study belongs to another task, or the file is not a study.
    """
    deadline = time.monotonic() + (float("inf") if seconds is None else seconds)
    with without_warnings(), HeldInterrupts() as interrupts:
        study = opened(task, study_file)
        chosen = candidates(task, trials_of(study), len(splits), seconds)
        rescoring = _Rescoring(task, study, deadline, interrupts)
        n_jobs = len(splits) * (1 + len(chosen)) if chosen else 0
        for job in range(n_jobs):
            place, which = divmod(job, 1 + len(chosen))
            trial = chosen[which - 1] if which else None  # the defaults first
            if not rescoring.score(place, splits[place], trial):
                break
            if on_score:
                on_score(job + 1, n_jobs)
    return stored_verdict(task, study_file, len(splits))


def search_seconds(seconds: float, trials: Sequence[Trial]) -> float:
    """Return the seconds for the search, so that time is left to score the best trial again.

    Parameters
    ----------
    seconds : float
        The time for both.
    trials : sequence of Trial
        The trials so far; the first one shows how long a fit takes.

    Examples
    --------
    >>> search_seconds(100, []), search_seconds(100, [Trial(0, {}, 0.5, seconds=10)])
    (60.0, 40.0)
    """
    needed = 2 * ENOUGH * LEEWAY * trials[0].seconds if trials else 0.0  # and the defaults each
    return seconds - min(max(RESERVED * seconds, needed), MOST_RESERVED * seconds)


def candidates(
    task: Task, trials: Sequence[Trial], n_splits: int, seconds: float | None = None
) -> list[Trial]:
    """Return the trials to score again: the best that scored higher than the defaults, best first.

    Parameters
    ----------
    task : Task
    trials : sequence of Trial
        All trials of the search.
    n_splits : int
        Number of splits on which each is scored.
    seconds : float, optional
        The time for it; at least one trial is returned.
    """
    defaults = score_of_defaults(task, trials)
    better = [t for t in trials if t.score is not None and t.score > defaults]
    best = sorted(better, key=lambda trial: (-(trial.score or 0.0), trial.number))[:CANDIDATES]
    if seconds is None or not best:
        return best
    # Only the first trial selected a memory; every fit that is scored again selects one.
    selection = trials[0].seconds if issubclass(RECOMMENDERS[task.name], EpochTrainer) else 0.0
    each = (trial.seconds + selection for trial in best)
    costs = n_splits * np.cumsum([trials[0].seconds, *each])[1:]
    return best[: max(1, int(np.count_nonzero(costs <= seconds)))]


def stored_verdict(task: Task, study_file: Path, n_splits: int) -> Verdict:
    """Return the verdict on the scores in a study file, without computing any.

    Parameters
    ----------
    task : Task
    study_file : Path
    n_splits : int
        Number of splits on which trials are scored again.
    """
    study = opened(task, study_file)
    trials = trials_of(study)
    defaults = [_stored(task, study, place, None) for place in range(n_splits)]
    pairs: list[tuple[Trial, Pairs]] = []
    for trial in trials:
        own = [_stored(task, study, place, trial) for place in range(n_splits)]
        pairs.append(
            (
                trial,
                [
                    (values, beside)
                    for values, beside in zip(own, defaults, strict=True)
                    if values is not None and beside is not None and len(values) == len(beside)
                ],
            )
        )
    reason = _reason(task, trials, n_splits)
    return Verdict(task, compare_with_defaults(pairs), reason)


def _reason(task: Task, trials: Sequence[Trial], n_splits: int) -> str:
    """Return why no trial was scored again, if none was."""
    remedy = f"a larger {either('--budget', 'seconds')} gives it more time"
    if not any(trial.score is not None for trial in trials):
        return f"no trial was finished ({remedy})"
    if len(trials) == 1:
        return f"only the defaults were tried ({remedy})"
    if not candidates(task, trials, n_splits):
        return "no trial scored higher than the defaults on the validation users"
    return f"the best trials were not scored again on enough users ({remedy})"


@dataclass
class _Rescoring:
    """Scores the defaults and the trials one after the other, on the current split."""

    task: Task
    study: "optuna.Study"
    deadline: float
    interrupts: HeldInterrupts
    held: tuple[int, tuple[Histories, Cases] | None] = (-1, None)

    def score(self, place: int, make_split: MakeSplit, trial: Trial | None) -> bool:
        """Score a trial, or the defaults, on a split; return whether there was time for it."""
        if _stored(self.task, self.study, place, trial) is not None:
            return True
        if time.monotonic() >= self.deadline:
            return False
        try:
            with self.interrupts.let_through():
                split = self._split(place, make_split)
                if split is None:
                    return True
                trainer = _trainer(self.task, trial, place)
                values = _user_scores(self.task, trainer, *split, self.deadline)
        except TimeIsUp:
            return False
        write_scores(self.study, place, trial, trainer.to_dict(), values.tolist())
        return True

    def _split(self, place: int, make_split: MakeSplit) -> tuple[Histories, Cases] | None:
        """Return a split; None if nothing is left to train on, or no user to score."""
        if self.held[0] != place:
            self.held = (place, None)  # frees the previous split first
            try:
                split = make_split()
                self.held = (place, split if len(split[1]) else None)
            except DataError:  # for example if no item occurs often enough
                pass
        return self.held[1]


def _trainer(task: Task, trial: Trial | None, place: int) -> Any:
    """Return the trainer of a trial as it would be written to a file, or of the defaults."""
    parameters = None if trial is None else to_parameters(task, trial)
    return make(task.name, parameters, validation=task.protocol, seed=task.seed + 1 + place)


def _stored(task: Task, study: "optuna.Study", place: int, trial: Trial | None) -> Values | None:
    """Return the stored scores of a trial, or of the defaults, on a split; None without any."""
    scores = read_scores(study, place, trial)
    # Defaults, which a trial has for what it does not set, may have changed since it was scored.
    if scores is None or scores[0] != _trainer(task, trial, place).to_dict():
        return None
    return np.array(scores[1])


def _user_scores(
    task: Task, trainer: Any, training: Histories, cases: Cases, deadline: float
) -> Values:
    """Train, and return the mean score of each user's cases, float64 (users,)."""
    _, which, n_cases = np.unique(cases.users, return_inverse=True, return_counts=True)
    try:
        fitted = fit(trainer, training, _Deadline(deadline))
    except ParameterError:  # training diverged: such a model scores 0
        return np.zeros(len(n_cases))
    sums = np.bincount(which, weights=metric_values(fitted, cases, task.metric))
    means: Values = sums / n_cases
    return means


class _Deadline:
    """Ends training at a deadline."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def on_epoch_end(self, vectors: ItemVectors) -> bool:
        if time.monotonic() > self.deadline:
            raise TimeIsUp
        return False
