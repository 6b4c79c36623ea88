"""Tuning: the parameters that do best on validation users, searched for by optuna.

Choosing parameters well is worth more than choosing the model (Caselles-Dupré et al., 2018;
Twitter's SimClusters and others, arXiv 2009.12192). The search sees training users alone.
"""

import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_type_hints

import numpy as np

from item2vec.errors import DataError, ParameterError
from item2vec.heldout import Cases, SplitProtocol
from item2vec.histories import Histories
from item2vec.interrupts import HeldInterrupts
from item2vec.metrics import MAIN_METRIC, parse_metric
from item2vec.parameters import Among, Parameters, Search, alternatives, resolved_parameters
from item2vec.recommender import Recommender
from item2vec.registry import RECOMMENDERS, make
from item2vec.stopping import EpochWatcher
from item2vec.studies import Trial, open_study, trials_of, without_warnings
from item2vec.trainers.epoch_trainer import EpochTrainer
from item2vec.validation import mean_metric
from item2vec.vectors import ItemVectors
from item2vec.wording import either, setting

if TYPE_CHECKING:
    import optuna

STEPS = 10  # a trial is looked at after each tenth of its epochs
SLOWEST = 3  # times the defaults: a trial that would take longer is given up

SEARCHED = [name for name, kind in RECOMMENDERS.items() if kind.searched()]


@dataclass(frozen=True)
class Task:
    """What is tuned, on whom.

    Parameters
    ----------
    name : str
        One of `SEARCHED`.
    training : Histories
        What each trial is trained on.
    cases : Cases
        Of validation users, in the vocabulary of training.
    protocol : SplitProtocol
        How they were split.
    metric : str
        Such as "ndcg@10".
    seed : int
        Of training and of the search.
    """

    name: str
    training: Histories
    cases: Cases
    protocol: SplitProtocol
    metric: str = MAIN_METRIC
    seed: int = 0

    def __post_init__(self) -> None:
        parse_metric(self.metric)
        if self.name not in SEARCHED:
            raise ParameterError(
                f"{self.name!r} has nothing to tune: choose of {', '.join(SEARCHED)}"
            )
        if len(self.cases) == 0:
            raise DataError(
                "no validation user has enough items to be scored: bring longer histories, or ask "
                f"for fewer items ({setting('inputs')}, {setting('labels')})"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return what a study of this task must be about, to be gone on with."""
        return {
            "trainer": self.name,
            "metric": self.metric,
            "seed": self.seed,
            "protocol": self.protocol.identity(),
            "items": len(self.training.vocabulary),
            "interactions": len(self.training.items),
            "cases": len(self.cases),
        }


def search(
    task: Task,
    study_file: Path,
    *,
    seconds: float | None = None,
    trials: int | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> list[Trial]:
    """Search for the best parameters, or go on with a search that was begun.

    The first trial takes the defaults. The next ones change one parameter each; then optuna's
    tree-structured Parzen estimator takes over (Bergstra et al., 2011). The best of many trials
    owes a part of its score to chance; `rescoring.score_again` says what is left of it.

    A trial scores the model as the trainer makes it, with its item-item memory where it selects
    one: the memory is a large part of the score, and which vectors are best beside it is another
    question than which are best alone.

    Parameters
    ----------
    task : Task
    study_file : Path
        Every trial is kept there as it ends. If it is there it is gone on with.
    seconds : float, optional
        No trial begins after so many, and one under way is given up, as if never made.
    trials : int, optional
        How many there shall be in all, those of earlier sittings included.
    on_trial : callable, optional
        Called after each trial.

    Returns
    -------
    list of Trial
        All of them, with those of earlier sittings, in the order in which they were made.

    Raises
    ------
    MissingExtraError
        If optuna is not installed.
    DataError
        If the study is of something else, or no study.
    """
    if seconds is None and trials is None:
        raise ParameterError(
            f"tuning needs an end: give {either('--budget', 'seconds')} or {setting('trials')}"
        )
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


def _make_trial(
    task: Task,
    study: "optuna.Study",
    made: list[Trial],
    deadline: float,
    interrupts: HeldInterrupts,
) -> bool:
    """Make one more trial; tell whether it ended by itself, and was not ended by the clock."""
    import optuna

    with interrupts.let_through():
        beginning = _next_beginning(task, made) if made else _first(task)
    if beginning is not None:
        study.enqueue_trial(beginning)
    trial = study.ask()
    state, score = optuna.trial.TrialState.FAIL, None  # if it is interrupted: as if never made
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
    """Return the trials that a study file holds."""
    return trials_of(opened(task, study_file))


def to_parameters(task: Task, trial: Trial) -> dict[str, Any]:
    """Return the parameters of a trial as a person writes them.

    Four significant digits are plenty; and what is no other than the default stands for itself on
    more users too, as "auto" does.
    """
    trainer, defaults = make(task.name), _defaults(task)
    written: dict[str, Any] = {}
    for name, value in trial.parameters.items():
        is_default = name in defaults and value == defaults[name]
        kept = getattr(trainer, name) if is_default else value
        written[name] = float(f"{kept:.4g}") if isinstance(kept, float) else kept
    return written


def score_of_defaults(task: Task, trials: Sequence[Trial]) -> float:
    """Return the score of the trial that took the defaults, 0 where none did to the end."""
    defaults = _defaults(task)
    for trial in trials:
        if trial.score is not None and defaults.items() <= trial.parameters.items():
            return trial.score
    return 0.0


def opened(task: Task, study_file: Path) -> "optuna.Study":
    """Open the study of a task, or begin it; see `studies.open_study`."""
    return open_study(study_file, task.name, task.to_dict(), seed=task.seed)


def _defaults(task: Task) -> dict[str, Any]:
    """Return the default of every parameter that is searched; "auto" as what it stands for."""
    trainer = make(task.name)
    values = trainer.to_dict()
    if isinstance(trainer, EpochTrainer):
        values = trainer.resolved(len(task.training.items))
    return {name: values[name] for name in trainer.searched() if values[name] != "auto"}


def _first(task: Task) -> dict[str, Any]:
    """Return the defaults, with what a baseline chooses in fitting for those that are "auto"."""
    defaults = _defaults(task)
    if defaults.keys() == RECOMMENDERS[task.name].searched().keys():
        return defaults
    trainer = make(task.name, validation=task.protocol, seed=task.seed)
    try:
        resolved = resolved_parameters(trainer, trainer.fit(task.training))
    except ParameterError:  # the trial will say so
        return defaults
    spaces = trainer.searched()
    return {name: _inside(value, spaces[name]) for name, value in resolved.items()} | defaults


def _inside(value: Any, what: Search) -> Any:
    """Return the value nearest to one that is searched: a baseline may choose 0, which has no log.

    Values of `Among` stay as they are.
    """
    return value if isinstance(what, Among) else min(max(value, what.low), what.high)


def _beginnings(task: Task) -> list[dict[str, Any]]:
    """Return the defaults, and these with one parameter changed at a time, in an order by chance.

    With some tens of trials and nine parameters, a search that begins at random finds less.
    """
    kind = RECOMMENDERS[task.name]
    defaults = _defaults(task)
    changed = [
        defaults | {name: value}
        for name, what in kind.searched().items()
        if name in defaults
        for value in _beside(defaults[name], what)
    ]
    order = np.random.default_rng(task.seed).permutation(len(changed))
    return [defaults, *(changed[place] for place in order.tolist())]


def _next_beginning(task: Task, made: list[Trial]) -> dict[str, Any] | None:
    """Return the first of the beginnings that no trial was made of."""
    for beginning in _beginnings(task):
        if not any(beginning.items() <= trial.parameters.items() for trial in made):
            return beginning
    return None


def _beside(value: Any, what: Search) -> list[Any]:
    """Return the values on both sides of one."""
    if isinstance(what, Among):
        place = what.values.index(value)
        return [v for p, v in enumerate(what.values) if abs(p - place) == 1]
    step = (what.high - what.low) / 6
    sides = [value / 2, value * 2] if what.log else [value - step, value + step]
    sides = [round(side) if isinstance(value, int) else side for side in sides]
    return [side for side in sides if what.low <= side <= what.high and side != value]


def _score(task: Task, trial: "optuna.Trial", made: list[Trial], deadline: float) -> float:
    """Train with the parameters of a trial and score validation users."""
    import optuna

    kind = RECOMMENDERS[task.name]
    chosen = {name: _suggested(trial, name, what, kind) for name, what in kind.searched().items()}
    trainer = make(task.name, chosen, validation=task.protocol, seed=task.seed)
    longest = SLOWEST * made[0].seconds if made else float("inf")
    watcher = _Pruning(task, trial, chosen.get("epochs", 1), longest, deadline)
    try:
        fitted = fit(trainer, task.training, watcher)
    except ParameterError as error:  # it diverged, say: no choice to take
        raise optuna.TrialPruned(str(error)) from error
    return mean_metric(fitted, task.cases, task.metric)


def fit(trainer: Any, histories: Histories, watcher: EpochWatcher) -> Recommender:
    """Fit a trainer or a baseline, watched if it works in epochs."""
    if "watcher" in inspect.signature(trainer.fit).parameters:
        return cast("Recommender", trainer.fit(histories, watcher=watcher))
    return cast("Recommender", trainer.fit(histories))


class TimeIsUp(Exception):  # noqa: N818 - no error
    """The time for tuning has run out while a model is trained."""


class _Pruning:
    """Gives a trial up that lags behind the others, takes too long, or that time runs out on."""

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
