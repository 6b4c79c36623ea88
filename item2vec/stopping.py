"""Training that stops by itself: the vectors of each epoch are scored on validation users.

Any trainer that works in epochs takes the same hook: it shows its vectors to an `EpochWatcher`
after each of them, and ends when that says so.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from item2vec.conversion import HistoriesLike, as_histories
from item2vec.errors import DataError, ParameterError
from item2vec.finite import Floats, is_finite
from item2vec.heldout import Cases, RandomProtocol, SplitProtocol
from item2vec.histories import Histories
from item2vec.history_sketch import HistorySketch
from item2vec.metrics import MAIN_METRIC
from item2vec.parameters import Among, Parameters, parameter
from item2vec.progress import Progress
from item2vec.validation import hold_out, mean_metric
from item2vec.vectors import ItemVectors
from item2vec.wording import counted, setting


def dimensions(default: int) -> Any:
    """Declare `vector_size`, of which trainers need different numbers."""
    return parameter(
        default,
        "number of dimensions of the vectors",
        at_least=1,
        at_most=10_000,
        search=Among((32, 64, 128, 256)),
    )


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
                bias=vectors.bias.copy(),
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


@dataclass(frozen=True, kw_only=True)
class EpochTrainer(Parameters):
    """A trainer that works in epochs and can choose the best of them on validation users."""

    vector_size: int = dimensions(64)
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
        "with validate: stop after this many epochs without improvement; auto: a fifth of "
        "`epochs`, at least 5",
        at_least=1,
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)
    seed: int = parameter(0, "random seed", at_least=0, at_most=2**32 - 1)

    def fit(
        self,
        histories: HistoriesLike,
        *,
        progress: Progress | None = None,
        watcher: EpochWatcher | None = None,
    ) -> ItemVectors:
        """Train on `histories`.

        Parameters
        ----------
        histories : Histories, or whatever `as_histories` takes
            Training users'; every item known.
        progress : Progress, optional
            Called with epochs done and epochs to do.
        watcher : EpochWatcher, optional
            Shown the vectors after each epoch, with the power to end training; then there is no
            validation beside it.

        Raises
        ------
        DataError
            If there is nothing to learn from, or nobody to validate on.
        ParameterError
            If training diverged: a number that it learned is NaN or infinite.
        """
        histories = as_histories(histories).known()
        vectors = self._fitted(histories, progress, watcher)
        check_converged(vectors.arrays(), self)
        return vectors

    def _fitted(
        self, histories: Histories, progress: Progress | None, watcher: EpochWatcher | None
    ) -> ItemVectors:
        if not self.validate or watcher is not None:
            trained = self._trained(histories, progress, watcher)
            return _with_sketch(self._completed(trained, histories, progress), histories)
        fitted, cases = hold_out(histories, self.validate, self.validation, seed=self.seed)
        ceiling = self.resolve(len(fitted.items))[0]
        patience = max(5, ceiling // 5) if self.patience == "auto" else self.patience
        judge = BestEpoch(cases, patience=patience)
        self._trained(fitted, progress, judge)
        best = self._finished(judge.best(), histories)
        return _with_sketch(self._completed(best, histories, progress), histories)

    def plan(self, n_items: int, n_interactions: int) -> str:
        """Say what is about to be done, above all what ``auto`` stands for."""
        epochs, workers = self.resolve(n_interactions)
        ceiling = " at most" if self.validate else ""
        at_work = counted(workers, "worker")
        return f"Training runs for {counted(epochs, 'epoch')}{ceiling} on {at_work}."

    @abstractmethod
    def resolve(self, n_interactions: int) -> tuple[int, int]:
        """Return the epochs and workers that ``auto`` stands for."""

    @abstractmethod
    def _trained(
        self, histories: Histories, progress: Progress | None, watcher: EpochWatcher | None
    ) -> ItemVectors:
        """Train for all epochs, or until the watcher says so."""

    def _finished(self, vectors: ItemVectors, histories: Histories) -> ItemVectors:
        """Return the vectors of the best epoch as those of all histories, not the fitted alone."""
        return vectors

    def _completed(
        self, vectors: ItemVectors, histories: Histories, progress: Progress | None
    ) -> ItemVectors:
        """Return trained vectors with what is made when they are done."""
        return vectors


def _with_sketch(vectors: ItemVectors, histories: Histories) -> ItemVectors:
    """Return the vectors with a sketch of all histories that they come from."""
    if histories.digests is None:
        return vectors
    return replace(vectors, sketch=HistorySketch.of(histories.digests))


def auto_epochs(at_a_million: int, n_interactions: int) -> int:
    """Return the epochs that ``auto`` stands for: more on less data, 5 to 100."""
    return min(100, max(5, round(at_a_million * math.sqrt(1e6 / max(1, n_interactions)))))


def check_converged(arrays: Mapping[str, Floats], parameters: Parameters) -> None:
    """Raise ParameterError unless all numbers that training learned are finite.

    Parameters
    ----------
    arrays : mapping of str to array
        By the name that the message gives them.
    parameters : Parameters
        Of the trainer; the message names its learning rate, if it has one.
    """
    for name, array in arrays.items():
        if not is_finite(array):
            rates = {"learning_rate", "alpha"} & parameters.to_dict().keys()
            told = [
                f"lower {setting(rate)}, which is {getattr(parameters, rate)}" for rate in rates
            ]
            raise ParameterError(
                f"training diverged, {name} hold NaN or infinity: "
                f"{' or '.join(told) or 'take other parameters'}"
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
