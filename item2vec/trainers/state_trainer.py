"""Training from one state to the next: the base of `EpochTrainer.fit`.

A subclass provides the initialization (`_initialize`) and the epochs (`_run_epochs`). This module
combines them into runs that can be stopped after any epoch and continued exactly.
"""

from abc import abstractmethod
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from item2vec._support.checks import check_whole
from item2vec._support.finite import Floats
from item2vec._support.messages import shown
from item2vec._support.threads import blas_threads
from item2vec.data.histories import Histories
from item2vec.errors import ParameterError
from item2vec.models.item_vectors import ItemVectors
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.trainers.checks import check_converged, check_not_empty
from item2vec.trainers.early_stopping import EpochWatcher
from item2vec.trainers.shared_parameters import SharedParameters
from item2vec.trainers.stages.bias import BiasWeight
from item2vec.trainers.state import (
    Initialization,
    LearnedArrays,
    TrainerState,
    histories_digest,
    vocabulary_digest,
)
from item2vec.types import Progress

# A history of n items is scored with the sum of their vectors over n ** POWER: 0 is the sum, 1 the
# mean. 1/2 lets the history count for more, compared with the bias, the longer it is.
POWER = 0.5
# A state can be continued with other values of these parameters: the epochs do not depend on them.
NOT_IN_STATE = frozenset(
    {"epochs", "workers", "validate", "patience", "bias_weight", "memory", "recency"}
)


class RunSize(NamedTuple):
    """The length of a run and its number of threads, with ``auto`` resolved."""

    epochs: int
    workers: int


@dataclass(frozen=True, kw_only=True)
class StateTrainer(SharedParameters):
    """A trainer that trains from a `TrainerState` to the state some epochs later."""

    name: ClassVar[str]
    rate_name: ClassVar[str] = ""  # the parameter that is the learning rate
    optimized: ClassVar[tuple[str, ...]] = ()  # the arrays for which the optimizer has a state

    def train(
        self,
        histories: HistoriesLike,
        *,
        state: TrainerState | None = None,
        epochs: int | None = None,
        progress: Progress | None = None,
    ) -> TrainerState:
        """Train for some epochs of the run and return the state.

        There is no validation, and nothing is selected after training: no weight of the bias, no
        memory, no recency.

        Parameters
        ----------
        histories, state, progress
            As in `fit`.
        epochs : int, optional
            The number of epochs to train now, at most those that are left; 0 returns the
            initialization. By default all that are left. The learning rate falls over all
            epochs of the trainer, no matter how they are divided into calls, so a longer run needs
            a trainer with more epochs from the start.

        Raises
        ------
        DataError, ParameterError
            As in `fit`; also if `epochs` is negative.

        Examples
        --------
        >>> from item2vec.trainers.word2vec.trainer import Word2Vec
        >>> histories = Histories.from_lists([["a", "b", "c"], ["d", "e", "f"]] * 50)
        >>> trainer = Word2Vec(vector_size=8, epochs=5, workers=1, memory=0)
        >>> trainer.train(histories, epochs=3)
        TrainerState of word2vec after epoch 3 of 5
        """
        if epochs is not None:
            check_whole("epochs", epochs, 0)
        histories = self._prepare(as_histories(histories).known())
        with blas_threads(self.resolve(len(histories.items)).workers):
            return self._train(histories, state, progress, n_epochs=epochs)

    def vectors(self, state: TrainerState, histories: HistoriesLike) -> ItemVectors:
        """Return the item vectors of a state of this trainer; see `TrainerState`.

        Nothing is selected for them: they have no memory, and their bias is multiplied by
        `bias_weight` only if that is a number.

        Raises
        ------
        DataError, ParameterError
            If the state belongs to other histories or other parameters.
        """
        histories = self._prepare(as_histories(histories).known())
        self._check_state(state, histories)
        weight = BiasWeight(1.0 if self.bias_weight == "auto" else self.bias_weight)
        return weight.apply(self._item_vectors(state, histories))

    def resolved(self, n_interactions: int) -> dict[str, Any]:
        """Return all parameters, with the epochs, workers and rate that ``auto`` stands for."""
        return self._with_rate() | self.resolve(n_interactions)._asdict()

    # -- provided by a subclass --------------------------------------------------------------------

    @abstractmethod
    def resolve(self, n_interactions: int) -> RunSize:
        """Return the epochs and workers that ``auto`` stands for."""

    @abstractmethod
    def _initialize(self, histories: Histories) -> Initialization:
        """Return the arrays before the first epoch."""

    @abstractmethod
    def _run_epochs(
        self, histories: Histories, state: TrainerState
    ) -> Generator[TrainerState, None, None]:
        """Continue from a state, and yield the state after each of the epochs that are left.

        The arrays of the given state are not changed; those yielded are, by the next epoch.
        """

    def _resolve_rate(self) -> float:
        """Return the learning rate that ``auto`` stands for, if the trainer has one."""
        return 0.0

    def _prepare(self, histories: Histories) -> Histories:
        """Return the histories as they are trained on."""
        return histories

    @property
    def _n_dimensions(self) -> int:
        """The number of dimensions of the trained arrays."""
        return self.vector_size

    def _output_arrays(self, state: TrainerState) -> LearnedArrays:
        """Return the arrays of a state in the form that `ItemVectors` uses."""
        return LearnedArrays(**state.arrays())

    def _metadata(self, histories: Histories) -> dict[str, Any]:
        """Return what a model file reports about the run, with ``auto`` resolved."""
        return {
            "trainer": self.name,
            "parameters": self.resolved(len(histories.items)),
            "histories": len(histories),
            "interactions": len(histories.items),
        }

    # -- the run -----------------------------------------------------------------------------------

    def _train(
        self,
        histories: Histories,
        state: TrainerState | None,
        progress: Progress | None,
        *,
        n_epochs: int | None = None,
        watcher: EpochWatcher | None = None,
    ) -> TrainerState:
        """Train on prepared histories for some epochs, or until the watcher stops training."""
        check_not_empty(histories)
        if state is None:
            state = self._initial_state(histories)
        else:
            self._check_state(state, histories)
        last = state.epochs if n_epochs is None else min(state.epochs, state.epoch + n_epochs)
        if state.epoch >= last:
            return state
        with closing(self._run_epochs(histories, state)) as run:
            for state in run:
                self._check_converged(state.arrays())
                if progress:
                    progress(state.epoch, state.epochs)
                if watcher and watcher.on_epoch_end(self._item_vectors(state, histories)):
                    break
                if state.epoch == last:
                    break
        return state

    def _initial_state(self, histories: Histories) -> TrainerState:
        initial = self._initialize(histories)
        return TrainerState(
            trainer=self.name,
            parameters=self._parameters_of_state(),
            vocabulary=vocabulary_digest(histories.vocabulary),
            histories=histories_digest(histories),
            epoch=0,
            epochs=self.resolve(len(histories.items)).epochs,
            steps=0,
            **initial.arrays._asdict(),
            optimizer=initial.optimizer,
            generator=initial.generator,
        )

    def _item_vectors(self, state: TrainerState, histories: Histories) -> ItemVectors:
        return ItemVectors(
            vocabulary=histories.vocabulary,
            power=POWER,
            metadata=self._metadata(histories),
            **self._output_arrays(state)._asdict(),
        )

    def _check_state(self, state: TrainerState, histories: Histories) -> None:
        """Raise ParameterError or DataError unless this trainer can continue from the state."""
        if not isinstance(state, TrainerState):
            raise ParameterError(
                f"state must be a TrainerState, not {shown(state)}: read one from a file with "
                "load_state(path)"
            )
        state.check_continues(
            self.name,
            self._parameters_of_state(),
            self.resolve(len(histories.items)).epochs,
            histories,
            n_dimensions=self._n_dimensions,
            optimized=self.optimized,
        )

    def _check_converged(self, arrays: Mapping[str, Floats]) -> None:
        check_converged(arrays, rate_name=self.rate_name, rate=self._resolve_rate())

    def _parameters_of_state(self) -> dict[str, Any]:
        """Return the parameters on which the epochs depend, except their number."""
        parameters = self._with_rate()
        return {name: value for name, value in parameters.items() if name not in NOT_IN_STATE}

    def _with_rate(self) -> dict[str, Any]:
        """Return all parameters, with the learning rate resolved."""
        rate = {self.rate_name: self._resolve_rate()} if self.rate_name else {}
        return self.to_dict() | rate
