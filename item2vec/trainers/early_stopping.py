"""Early stopping: vectors are scored on validation users after each epoch; the best are kept.

A trainer passes its vectors to an `EpochWatcher` after every epoch and stops when the watcher
returns true. `BestEpoch` is the watcher of a trainer with `validate`; tuning has others.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from item2vec._support.messages import counted, setting
from item2vec.errors import DataError
from item2vec.evaluation.metrics import MAIN_METRIC
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.validation import mean_metric
from item2vec.models.item_vectors import ItemVectors


class EpochWatcher(Protocol):
    """A callback that receives the vectors after each epoch, and can end training."""

    def on_epoch_end(self, vectors: ItemVectors) -> bool:
        """Inspect the vectors after an epoch, and return whether training should end.

        The next epoch changes the arrays in place: copy them to keep them.
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
                f"none of {counted(cases.n_skipped, 'validation user')} has enough items to be "
                f"scored: raise {setting('validate')}, or train without it"
            )
        self.cases = cases
        self.patience = patience
        self.scores: list[float] = []  # one per epoch
        self._best: ItemVectors | None = None

    @property
    def best_epoch(self) -> int:
        """The epoch with the highest score, counted from 1."""
        return 1 + self.scores.index(max(self.scores))

    def on_epoch_end(self, vectors: ItemVectors) -> bool:
        """Score the vectors, keep a copy if they are the best so far; return whether to stop."""
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
        """Return the vectors of the best epoch, with the scores of all epochs in their metadata."""
        if self._best is None:
            raise RuntimeError("best() was called before the end of the first epoch")
        return replace(self._best, metadata={**self._best.metadata, "validation": self.to_dict()})

    def to_dict(self) -> dict[str, Any]:
        """Return the scores of all epochs and the number of the best one, as JSON values."""
        return {
            "metric": MAIN_METRIC,
            "users": len(set(self.cases.users.tolist())),
            "best_epoch": self.best_epoch,
            "scores": [round(score, 6) for score in self.scores],
        }


def describe(validation: Mapping[str, Any]) -> str:
    """Return a sentence about the epoch that was kept, from the metadata of a model."""
    best = validation["best_epoch"]
    return (
        f"The vectors of epoch {best} of {len(validation['scores'])} are kept: "
        f"{validation['metric']} {validation['scores'][best - 1]:.4f} on "
        f"{counted(validation['users'], 'validation user')}."
    )
