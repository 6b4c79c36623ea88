"""Early stopping: the vectors of each epoch are scored on validation users.

A trainer that works in epochs passes its vectors to an `EpochWatcher` after each of them, and ends
when the watcher returns true.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from item2vec._support.finite import Floats, is_finite
from item2vec._support.messages import counted, setting
from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.metrics import MAIN_METRIC
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import mean_metric
from item2vec.models.item_vectors import ItemVectors
from item2vec.parameters import Parameters, parameter


class EpochWatcher(Protocol):
    """Follows training epoch by epoch, and can end it."""

    def on_epoch_end(self, vectors: ItemVectors) -> bool:
        """Inspect the vectors after an epoch, and return whether training should end.

        The arrays change in the next epoch: copy what is to be kept.
        """


class BestEpoch:
    """Keeps the vectors of the epoch that scores best on validation users.

    Parameters
    ----------
    cases : Cases
        Cases of validation users, in the vocabulary of training.
    patience : int
        Training ends after this many epochs without improvement.

    Raises
    ------
    DataError
        If there is no case.
    """

    def __init__(self, cases: Cases, *, patience: int) -> None:
        if len(cases) == 0:
            raise DataError(
                f"of {counted(cases.n_skipped, 'validation user')} none has enough items to be "
                "scored: hold out a larger share, or train without validation"
            )
        self.cases = cases
        self.patience = patience
        self.scores: list[float] = []
        self._best: ItemVectors | None = None

    @property
    def best_epoch(self) -> int:
        """The epoch with the highest score, counted from 1."""
        return 1 + self.scores.index(max(self.scores))

    def on_epoch_end(self, vectors: ItemVectors) -> bool:
        """Score the vectors, keep a copy if they are the best so far; return whether to end."""
        self.scores.append(mean_metric(vectors, self.cases))
        if self.best_epoch == len(self.scores):
            self._best = replace(
                vectors,
                item_vectors=vectors.item_vectors.copy(),
                context_vectors=vectors.context_vectors.copy(),
                bias=vectors.bias.copy(),
            )
        return len(self.scores) - self.best_epoch >= self.patience

    def best(self) -> ItemVectors:
        """Return the vectors of the best epoch; their metadata hold the score of every epoch."""
        if self._best is None:
            raise RuntimeError("no epoch has ended yet")
        return replace(self._best, metadata={**self._best.metadata, "validation": self.to_dict()})

    def to_dict(self) -> dict[str, Any]:
        """Return the scores of all epochs, and which one was best."""
        return {
            "metric": MAIN_METRIC,
            "users": len(set(self.cases.users.tolist())),
            "best_epoch": self.best_epoch,
            "scores": [round(score, 6) for score in self.scores],
        }

    @staticmethod
    def said(validation: dict[str, Any]) -> str:
        """Describe in a sentence which epoch was kept, given what `to_dict` returned."""
        best = validation["best_epoch"]
        return (
            f"The vectors of epoch {best} of {len(validation['scores'])} are kept: "
            f"{validation['metric']} {validation['scores'][best - 1]:.4f} on "
            f"{counted(validation['users'], 'validation user')}."
        )


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(Parameters):
    """The parameters by which a trainer chooses its best epoch on validation users."""

    validate: float = parameter(
        0.0,
        "share of the training users held out to choose the best epoch, of at most `epochs`; 0: "
        "train all epochs",
        at_least=0,
        at_most=0.5,
        when_bare=0.1,
    )
    patience: int | Literal["auto"] = parameter(
        "auto",
        "with --validate: stop after this many epochs without improvement; auto: a fifth of "
        "`epochs`, at least 5",
        at_least=1,
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)

    def judge(self, cases: Cases, epochs: int) -> BestEpoch:
        """Return what keeps the best of so many epochs, given cases of validation users."""
        patience = max(5, epochs // 5) if self.patience == "auto" else self.patience
        return BestEpoch(cases, patience=patience)


def auto_epochs(at_a_million: int, n_interactions: int, *, least: int = 5, most: int = 100) -> int:
    """Return the number of epochs for ``epochs="auto"``: more for fewer interactions.

    It falls with the root of the number of interactions, between `least` and `most`.

    Examples
    --------
    >>> auto_epochs(4, 1_000_000), auto_epochs(4, 40_000), auto_epochs(4, 40_000, most=10)
    (5, 20, 10)
    """
    wanted = at_a_million * math.sqrt(1e6 / max(1, n_interactions))
    return min(most, max(least, round(wanted)))


def check_converged(arrays: Mapping[str, Floats], parameters: Parameters) -> None:
    """Raise ParameterError unless all numbers that training learned are finite.

    Parameters
    ----------
    arrays : mapping of str to array
        By the name that the message uses.
    parameters : Parameters
        The trainer; the message names its learning rate, if it has one.
    """
    for name, array in arrays.items():
        if not is_finite(array):
            rates = {"learning_rate", "alpha"} & parameters.to_dict().keys()
            remedies = [
                f"lower {setting(rate)}, which is {getattr(parameters, rate)}" for rate in rates
            ]
            raise ParameterError(
                f"training diverged, {name} hold NaN or infinity: "
                f"{' or '.join(remedies) or 'take other parameters'}"
            )


def check_not_empty(histories: Histories) -> None:
    """Raise DataError if there is nothing to learn from."""
    if len(histories.items) == 0:
        raise DataError(
            f"no history holds an item that occurs often enough: lower {setting('min_count')}, "
            "or bring more interactions"
        )
    if histories.lengths.max() < 2:
        raise DataError("every history has but one item left: bring longer histories")
