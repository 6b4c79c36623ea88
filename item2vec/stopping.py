"""Training that stops by itself: the vectors of each epoch are scored on validation users.

Any trainer that works in epochs takes the same hook: it shows its vectors to an `EpochWatcher`
after each of them, and ends when that says so.
"""

from dataclasses import replace
from typing import Any, Protocol

from item2vec.errors import DataError
from item2vec.heldout import Cases
from item2vec.metrics import MAIN_METRIC
from item2vec.validation import mean_metric
from item2vec.vectors import ItemVectors
from item2vec.wording import counted


class EpochWatcher(Protocol):
    """Sees vectors grow."""

    def see(self, vectors: ItemVectors) -> bool:
        """Take note of the vectors after an epoch, and return whether training should end.

        The arrays change in the next epoch: copy what is to be kept.
        """


class BestEpoch:
    """Keeps the vectors of the epoch that does best on validation users.

    Parameters
    ----------
    cases : Cases
        Of validation users, in the vocabulary of training.
    patience : int
        Training ends after so many epochs without a better one.

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
        """The epoch that did best, counted from 1."""
        return 1 + self.scores.index(max(self.scores))

    def see(self, vectors: ItemVectors) -> bool:
        """Score the vectors, keep a copy if they are the best so far, and say whether to end."""
        self.scores.append(mean_metric(vectors, self.cases))
        if self.best_epoch == len(self.scores):
            self._best = replace(
                vectors,
                item_vectors=vectors.item_vectors.copy(),
                context_vectors=vectors.context_vectors.copy(),
            )
        return len(self.scores) - self.best_epoch >= self.patience

    def best(self) -> ItemVectors:
        """Return the vectors of the best epoch; their metadata tell the score of every epoch."""
        if self._best is None:
            raise RuntimeError("no epoch was seen")
        return replace(self._best, metadata={**self._best.metadata, "validation": self.to_dict()})

    def to_dict(self) -> dict[str, Any]:
        """Return what the validation users said."""
        return {
            "metric": MAIN_METRIC,
            "users": len(set(self.cases.users.tolist())),
            "best_epoch": self.best_epoch,
            "scores": [round(score, 6) for score in self.scores],
        }

    @staticmethod
    def said(validation: dict[str, Any]) -> str:
        """Say in a sentence which epoch was kept, from what the metadata tell."""
        best = validation["best_epoch"]
        return (
            f"The vectors of epoch {best} of {len(validation['scores'])} are kept: "
            f"{validation['metric']} {validation['scores'][best - 1]:.4f} on "
            f"{counted(validation['users'], 'validation user')}."
        )
