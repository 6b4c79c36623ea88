"""The base class of the epoch-based trainers, word2vec and softmax.

`EpochTrainer.fit` is the place to start reading. It checks its input, initializes the vectors and
trains them epoch by epoch (`StateTrainer._train`), and runs the stages after training. These select
on validation users, in this order, the weight of the bias; an item-item memory, which is a sparse
matrix of weights between items that adds to the scores of the vectors; and the recency, by which
older items of a history count for less.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from item2vec._support.messages import counted, setting
from item2vec._support.progress import continued
from item2vec._support.threads import blas_threads
from item2vec.data.histories import Histories
from item2vec.data.history_sketch import HistorySketch
from item2vec.errors import ParameterError
from item2vec.evaluation.validation import hold_out
from item2vec.models.item_vectors import ItemVectors
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.trainers.early_stopping import BestEpoch, EpochWatcher
from item2vec.trainers.stages.bias import choose_bias_weight
from item2vec.trainers.stages.memory import choose_memory
from item2vec.trainers.stages.recency import choose_recency
from item2vec.trainers.stages.vector_cache import FitVectors, VectorCache
from item2vec.trainers.state import TrainerState
from item2vec.trainers.state_trainer import StateTrainer
from item2vec.types import Progress


@dataclass(frozen=True, kw_only=True)
class EpochTrainer(StateTrainer):
    """A trainer of item vectors that works in epochs.

    It can choose the best epoch on validation users, and it can continue from a `TrainerState`.
    After training it selects the weight of the bias, an item-item memory and the recency, on
    validation users again.
    """

    def fit(
        self,
        histories: HistoriesLike,
        *,
        state: TrainerState | None = None,
        progress: Progress | None = None,
        watcher: EpochWatcher | None = None,
    ) -> ItemVectors:
        """Train on `histories` to the last epoch, and add the memory if it improves scores.

        Parameters
        ----------
        histories : Histories, or anything that `as_histories` accepts
            Histories of the training users. Unknown items are dropped.
        state : TrainerState, optional
            The state to continue from. By default training begins with the initialization.
        progress : Progress, optional
            Called with the number of epochs done and in total.
        watcher : EpochWatcher, optional
            Called with the vectors after each epoch; it can end training. With a watcher,
            `validate` has no effect.

        Raises
        ------
        DataError
            If there is nothing to learn from, no user to validate on, or the state belongs to
            other histories.
        ParameterError
            If training diverged (a learned number is NaN or infinite), the state belongs to other
            parameters, or `validate` is combined with a state.
        """
        histories = as_histories(histories).known()
        self._check_no_validation(state)
        with blas_threads(self.resolve(len(histories.items)).workers):  # rounding depends on it
            if self.validate and watcher is None:
                vectors = self._fit_to_best_epoch(histories, progress)
            else:
                vectors = self._fit_to_last_epoch(histories, state, progress, watcher)
            vectors = self._run_stages(vectors, self._prepare(histories), progress)
        self._check_converged(vectors.arrays())
        if histories.digests is None:
            return vectors
        return replace(vectors, sketch=HistorySketch.of(histories.digests))

    def plan(self, n_items: int, n_interactions: int) -> str:
        """Describe the run, above all the values that ``auto`` stands for."""
        epochs, workers = self.resolve(n_interactions)
        ceiling = " at most" if self.validate else ""
        return (
            f"Training runs for {counted(epochs, 'epoch')}{ceiling} on "
            f"{counted(workers, 'worker')}."
        )

    def _check_no_validation(self, state: TrainerState | None) -> None:
        """Raise ParameterError if a state is to be continued with validation."""
        if state is not None and self.validate:
            raise ParameterError(
                f"{setting('validate')} is {self.validate}, but a state does not store the best "
                f"epoch so far: continue with {setting('validate', 0)}"
            )

    def _fit_to_last_epoch(
        self,
        histories: Histories,
        state: TrainerState | None,
        progress: Progress | None,
        watcher: EpochWatcher | None,
    ) -> ItemVectors:
        """Train on all users until the last epoch, or until the watcher ends training."""
        histories = self._prepare(histories)
        progress = self._with_stages(progress, histories)
        state = self._train(histories, state, progress, watcher=watcher)
        return self._item_vectors(state, histories)

    def _fit_to_best_epoch(self, histories: Histories, progress: Progress | None) -> ItemVectors:
        """Train on some of the users, and return the vectors that score best on the others."""
        fitted, cases = hold_out(histories, self.validate, self.validation, seed=self.seed)
        fitted = self._prepare(fitted)
        epochs = self.resolve(len(fitted.items)).epochs
        best = BestEpoch(cases, patience=self.resolve_patience(epochs))
        self._train(fitted, None, self._with_stages(progress, fitted), watcher=best)
        return self._refit_bias(best.best(), fitted, self._prepare(histories))

    def _refit_bias(
        self, vectors: ItemVectors, fitted: Histories, histories: Histories
    ) -> ItemVectors:
        """Return vectors that were trained on `fitted`, with a bias that fits all histories.

        By default this is the bias that was trained. It differs if it is computed from counts.
        """
        return vectors

    def _run_stages(
        self, vectors: ItemVectors, histories: Histories, progress: Progress | None
    ) -> ItemVectors:
        """Return the vectors with the bias weight, the memory and the recency that are selected.

        Each stage needs vectors that were trained without its validation users. They are trained
        once for all stages that hold out the same users.
        """
        train = VectorCache(self._selection_trainer(histories, progress))
        protocols = self.protocols if self.wants_memory else ()
        bias = choose_bias_weight(self.bias_weight, train, histories, protocols, seed=self.seed)
        vectors = bias.apply(vectors)

        def train_weighted(fitted: Histories) -> ItemVectors:
            return bias.scale(train(fitted))

        memory = choose_memory(
            self.memory,
            train_weighted,
            histories,
            self.protocols,
            selected=self.selected,
            seed=self.seed,
        )
        if memory is not None:
            vectors = memory.apply(vectors, histories)
        recency = choose_recency(self.recency, train_weighted, histories, memory, seed=self.seed)
        return recency.apply(vectors)

    def _selection_trainer(self, histories: Histories, progress: Progress | None) -> FitVectors:
        """Return the function that trains vectors for the stages, without stages of its own."""
        epochs = self.resolve(len(histories.items)).epochs
        plain: Any = self  # `epochs` is a field of every subclass
        plain = replace(plain, bias_weight=1.0, memory=0, recency=0.0, validate=0.0, epochs=epochs)
        progress = continued(progress, epochs)

        def train(fitted: Histories) -> ItemVectors:
            vectors: ItemVectors = plain.fit(fitted, progress=progress)
            return vectors

        return train

    def _with_stages(self, progress: Progress | None, histories: Histories) -> Progress | None:
        """Return a progress callback whose total includes the epochs of the stages.

        If the stages select anything, they train once more.
        """
        if progress is None or not (self.wants_memory or self.wants_recency(histories)):
            return progress
        return lambda done, total: progress(done, 2 * total)


def auto_epochs(at_a_million: int, n_interactions: int, *, least: int = 5, most: int = 100) -> int:
    """Return the number of epochs for ``epochs="auto"``: more for fewer interactions.

    It is proportional to 1 / sqrt(n_interactions), within `least` and `most`, so that the number
    of training steps grows with the root of the number of interactions.

    Parameters
    ----------
    at_a_million : int
        The number of epochs for a million interactions.
    n_interactions : int
    least, most : int

    Examples
    --------
    >>> auto_epochs(4, 1_000_000), auto_epochs(4, 40_000), auto_epochs(4, 40_000, most=10)
    (5, 20, 10)
    """
    wanted = at_a_million * math.sqrt(1e6 / max(1, n_interactions))
    return min(most, max(least, round(wanted)))
