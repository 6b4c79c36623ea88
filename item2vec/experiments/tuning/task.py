"""The task of tuning, its defaults, and the parameters of a trial as they are written to a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from item2vec._support.messages import setting
from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.metrics import MAIN_METRIC, parse_metric
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.experiments.registry import RECOMMENDERS, make
from item2vec.experiments.tuning.study_file import Trial
from item2vec.trainers.base import EpochTrainer

SEARCHED = [name for name, kind in RECOMMENDERS.items() if kind.searched()]


@dataclass(frozen=True)
class Task:
    """A recommender to tune, and the users to tune it on.

    Parameters
    ----------
    name : str
        One of `SEARCHED`.
    training : Histories
        The histories on which each trial is trained.
    cases : Cases
        Cases of validation users, in the vocabulary of training.
    protocol : SplitProtocol
        How the cases were made.
    metric : str
        The metric to maximize, such as "ndcg@10".
    seed : int
        Seed of training and of the search.
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
                f"{self.name!r} has nothing to tune: choose from {', '.join(SEARCHED)}"
            )
        if len(self.cases) == 0:
            raise DataError(
                "no validation user has enough items to be scored: use longer histories, or "
                f"fewer inputs and labels ({setting('inputs')}, {setting('labels')})"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return a description of the task; only a study of the same task can be resumed."""
        return {
            "trainer": self.name,
            "metric": self.metric,
            "seed": self.seed,
            "protocol": self.protocol.identity(),
            "items": len(self.training.vocabulary),
            "interactions": len(self.training.items),
            "cases": len(self.cases),
        }


def defaults_of(task: Task) -> dict[str, Any]:
    """Return the default of every parameter that is searched, with "auto" resolved."""
    trainer = make(task.name)
    values = trainer.to_dict()
    if isinstance(trainer, EpochTrainer):
        values = trainer.resolved(len(task.training.items))
    return {name: values[name] for name in trainer.searched() if values[name] != "auto"}


def to_parameters(task: Task, trial: Trial) -> dict[str, Any]:
    """Return the parameters of a trial as they are written to a parameters file.

    Numbers have four significant digits. A value that is the default is written as the default, so
    that "auto" stays "auto" for training on more users.
    """
    trainer, defaults = make(task.name), defaults_of(task)
    written: dict[str, Any] = {}
    for name, value in trial.parameters.items():
        is_default = name in defaults and value == defaults[name]
        kept = getattr(trainer, name) if is_default else value
        written[name] = float(f"{kept:.4g}") if isinstance(kept, float) else kept
    return written


def score_of_defaults(task: Task, trials: Sequence[Trial]) -> float:
    """Return the score of the trial with the defaults, 0 if none was completed."""
    defaults = defaults_of(task)
    for trial in trials:
        if trial.score is not None and defaults.items() <= trial.parameters.items():
            return trial.score
    return 0.0
