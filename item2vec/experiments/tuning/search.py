"""Search for the parameters that score best on validation users, with optuna.

The choice of parameters matters more than the choice of the model (Caselles-Dupré et al., 2018;
Twitter's SimClusters and others, arXiv 2009.12192). The search uses training users only.
"""

import inspect
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from item2vec._support.interrupts import HeldInterrupts
from item2vec._support.messages import either, setting
from item2vec.data.histories import Histories
from item2vec.errors import ParameterError
from item2vec.evaluation.validation import mean_metric
from item2vec.experiments.registry import RECOMMENDERS, make
from item2vec.experiments.tuning.first_trials import next_first_trial
from item2vec.experiments.tuning.study_file import (
    Trial,
    open_study,
    read_mixture,
    trials_of,
    without_warnings,
    write_mixture,
)
from item2vec.experiments.tuning.task import Task
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.recommender import Recommender
from item2vec.parameters import Among, Parameters, Search, alternatives, parameters_of
from item2vec.trainers.base import EpochTrainer
from item2vec.trainers.early_stopping import EpochWatcher
from item2vec.trainers.stages.memory_selection import Mixture

if TYPE_CHECKING:
    import optuna

STEPS = 10  # a trial may be stopped after each tenth of its epochs
SLOWEST = 3  # times the defaults: a trial that would take longer is stopped


def search(
    task: Task,
    study_file: Path,
    *,
    seconds: float | None = None,
    trials: int | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> list[Trial]:
    """Search for the best parameters, or resume a search.

    The first trial takes the defaults, the next ones change one parameter each, and then optuna's
    tree-structured Parzen estimator takes over (Bergstra et al., 2011). A trial is scored with the
    item-item memory if the defaults select one, mixed in all trials as the first one selected it:
    a selection takes twice the time of training, and would add chance to the differences between
    trials.

    Parameters
    ----------
    task : Task
    study_file : Path
        Stores every trial when it ends; an existing study is resumed.
    seconds : float, optional
        No trial begins after this time, and one that is running then is discarded.
    trials : int, optional
        Number of trials in all, including those of earlier runs.
    on_trial : callable, optional
        Called after each trial.

    Returns
    -------
    list of Trial
        All trials, including those of earlier runs, in order.

    Raises
    ------
    MissingExtraError, DataError
        If optuna is not installed; if the file is not a study of this task.
    """
    _check_ends(seconds, trials)
    deadline = time.monotonic() + (seconds or float("inf"))
    with without_warnings(), HeldInterrupts() as interrupts:
        study = opened(task, study_file)
        made = trials_of(study)
        while (trials is None or len(made) < trials) and time.monotonic() < deadline:
            if not _make_trial(task, study, made, deadline, interrupts):
                break
            made = trials_of(study)
            if on_trial:
                on_trial(made[-1])
    return made


def _check_ends(seconds: float | None, trials: int | None) -> None:
    """Raise ParameterError if a search would never end."""
    if seconds is None and trials is None:
        raise ParameterError(
            f"tuning needs an end: give {either('--budget', 'seconds')} or {setting('trials')}"
        )


def _make_trial(
    task: Task,
    study: "optuna.Study",
    made: list[Trial],
    deadline: float,
    interrupts: HeldInterrupts,
) -> bool:
    """Make one more trial; return whether it ended before the deadline."""
    import optuna

    with interrupts.let_through():
        parameters = next_first_trial(task, made)
    if parameters is not None:
        study.enqueue_trial(parameters)
    trial = study.ask()
    state, score = optuna.trial.TrialState.FAIL, None  # an interrupted trial is ignored
    try:
        with interrupts.let_through():
            score = _score(task, trial, made, deadline)
        state = optuna.trial.TrialState.COMPLETE
    except optuna.TrialPruned:
        state = optuna.trial.TrialState.PRUNED
    except TimeIsUp:
        return False
    finally:
        study.tell(trial, score, state)
    return True


def stored(task: Task, study_file: Path) -> list[Trial]:
    """Return the trials in a study file."""
    return trials_of(opened(task, study_file))


def opened(task: Task, study_file: Path) -> "optuna.Study":
    """Open the study of a task, or create it; see `study_file.open_study`."""
    return open_study(study_file, task.name, task.to_dict(), seed=task.seed)


def _score(task: Task, trial: "optuna.Trial", made: list[Trial], deadline: float) -> float:
    """Train with the parameters of a trial and score validation users."""
    import optuna

    kind = RECOMMENDERS[task.name]
    chosen = {name: _suggested(trial, name, what, kind) for name, what in kind.searched().items()}
    trainer = make(task.name, chosen, validation=task.protocol, seed=task.seed)
    mixture = read_mixture(trial.study)
    if mixture is not None and isinstance(trainer, EpochTrainer):
        crossover, mixing_weight, bias_weight = mixture
        chosen_before = Mixture(crossover, mixing_weight)
        trainer = replace(trainer, selected=chosen_before, bias_weight=bias_weight)
    longest = SLOWEST * made[0].seconds if made else float("inf")
    watcher = _Pruning(task, trial, chosen.get("epochs", 1), longest, deadline)
    try:
        fitted = fit(trainer, task.training, watcher)
    except ParameterError as error:  # such as a run that diverged
        raise optuna.TrialPruned(str(error)) from error
    report = fitted.metadata.get("memory") if isinstance(fitted, ItemVectors) else None
    if report and mixture is None:
        bias_weight = parameters_of(fitted)["bias_weight"]
        write_mixture(trial.study, report["crossover"], report["mixing_weight"], bias_weight)
    return mean_metric(fitted, task.cases, task.metric)


def fit(trainer: Any, histories: Histories, watcher: EpochWatcher) -> Recommender:
    """Fit a trainer or a baseline; the watcher follows it if it works in epochs."""
    if "watcher" in inspect.signature(trainer.fit).parameters:
        return cast("Recommender", trainer.fit(histories, watcher=watcher))
    return cast("Recommender", trainer.fit(histories))


class TimeIsUp(Exception):  # noqa: N818 - not an error
    """Ends the training of a model when the time for tuning has run out."""


class _Pruning:
    """Stops a trial that scores below the others, takes too long, or reaches the deadline."""

    def __init__(
        self, task: Task, trial: "optuna.Trial", epochs: int, longest: float, deadline: float
    ) -> None:
        self.task, self.trial, self.epochs = task, trial, epochs
        self.longest, self.deadline = longest, deadline
        self.epoch = 0
        self.step = 0
        self.begun = time.monotonic()

    def on_epoch_end(self, vectors: ItemVectors) -> bool:
        import optuna

        self.epoch += 1
        step = STEPS * self.epoch // self.epochs
        now = time.monotonic()
        if now > self.deadline:
            raise TimeIsUp
        if (now - self.begun) * self.epochs / self.epoch > self.longest:
            raise optuna.TrialPruned("it takes too long")
        if step > self.step and step < STEPS:
            self.step = step
            self.trial.report(mean_metric(vectors, self.task.cases, self.task.metric), step)
            if self.trial.should_prune():
                raise optuna.TrialPruned("it lags behind")
        return False


def _suggested(trial: "optuna.Trial", name: str, what: Search, kind: type[Parameters]) -> Any:
    if isinstance(what, Among):
        return trial.suggest_categorical(name, what.values)
    kinds, _ = alternatives(get_type_hints(kind)[name])
    if int in kinds:
        return trial.suggest_int(name, int(what.low), int(what.high), log=what.log)
    return trial.suggest_float(name, what.low, what.high, log=what.log)
