"""What the trainers share: initialization, epochs, validation, states and the item-item memory."""

from abc import abstractmethod
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from item2vec._support.checks import check_whole
from item2vec._support.messages import counted, setting, shown
from item2vec._support.progress import Progress, continued
from item2vec._support.threads import blas_threads
from item2vec.data.histories import Histories
from item2vec.data.history_sketch import HistorySketch
from item2vec.errors import ParameterError
from item2vec.evaluation.validation import hold_out
from item2vec.models.item_vectors import ItemVectors
from item2vec.parameters import Among, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.trainers.early_stopping import (
    EarlyStopping,
    EpochWatcher,
    check_converged,
    check_not_empty,
)
from item2vec.trainers.stages.bias import BiasStage, with_bias
from item2vec.trainers.stages.memory import MemoryStage
from item2vec.trainers.stages.recency import OrderStage, Pilots
from item2vec.trainers.state import TrainerState, histories_digest, vocabulary_digest

POWER = 0.5
# A state can be continued with other values of these: what is trained does not depend on them.
FREE = frozenset({"epochs", "workers", "validate", "patience", "bias_weight", "memory", "recency"})


@dataclass(frozen=True, kw_only=True)
class EpochTrainer(OrderStage, MemoryStage, BiasStage, EarlyStopping):
    """A trainer that works in epochs.

    It can choose the best epoch on validation users, continue from a `TrainerState`, choose how
    much the bias weighs in the scores of the vectors that it has trained, add an item-item memory
    to them, and choose how fast items of a history lose weight with age.
    """

    name: ClassVar[str]
    optimized: ClassVar[tuple[str, ...]] = ()  # arrays for which an optimizer keeps numbers

    vector_size: int = parameter(
        128,
        "number of dimensions of the vectors",
        at_least=1,
        at_most=10_000,
        search=Among((32, 64, 128, 256)),
    )
    start: Literal["spectral", "random"] = parameter(
        "spectral",
        "initialization of the vectors: leading eigenvectors of EASE's item-item weights "
        "(spectral), or random numbers",
    )
    seed: int = parameter(0, "random seed", at_least=0, at_most=2**32 - 1)

    def fit(
        self,
        histories: HistoriesLike,
        *,
        state: TrainerState | None = None,
        progress: Progress | None = None,
        watcher: EpochWatcher | None = None,
    ) -> ItemVectors:
        """Train on `histories` to the end, and add the item-item memory if it improves scores.

        Parameters
        ----------
        histories : Histories, or whatever `as_histories` takes
            Histories of the training users; every item known.
        state : TrainerState, optional
            Continue from here; without it, training begins with the initialization.
        progress : Progress, optional
            Called with epochs done and epochs to do.
        watcher : EpochWatcher, optional
            Called with the vectors after each epoch, and able to end training; then there is no
            validation beside it.

        Raises
        ------
        DataError
            If there is nothing to learn from, nobody to validate on, or the state belongs to other
            histories.
        ParameterError
            If training diverged (a number that it learned is NaN or infinite), the state belongs
            to other parameters, or `validate` is combined with a state.
        """
        histories = as_histories(histories).known()
        if state is not None and self.validate:
            raise ParameterError(
                f"{setting('validate')} is {self.validate}, and a state does not hold the best "
                f"epoch so far: continue with {setting('validate', 0)}"
            )
        with blas_threads(self.resolve(len(histories.items))[1]):  # it decides what is rounded
            vectors = self._fit(histories, state, progress, watcher)
        check_converged(vectors.arrays(), self)
        return vectors

    def train(
        self,
        histories: HistoriesLike,
        *,
        state: TrainerState | None = None,
        epochs: int | None = None,
        progress: Progress | None = None,
    ) -> TrainerState:
        """Train for some epochs of the run and return the state, without validation.

        Nothing is selected after training: no weight of the bias, no memory, no recency.

        Parameters
        ----------
        histories, state, progress
            As in `fit`.
        epochs : int, optional
            Epochs to train now, at most those that are left; 0 returns the initialization. Without
            it, all that are left. The learning rate falls over the epochs of the trainer, however
            they are divided, so that a longer run needs a trainer with more epochs from the start.

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
        histories = self._prepared(as_histories(histories).known())
        with blas_threads(self.resolve(len(histories.items))[1]):
            return self._train(histories, state, progress, epochs=epochs)

    def vectors(self, state: TrainerState, histories: HistoriesLike) -> ItemVectors:
        """Return the item vectors of a state of this trainer; see `TrainerState`.

        Nothing is selected for them: they have no memory, and their bias is multiplied by
        `bias_weight` only where that is a number.

        Raises
        ------
        DataError, ParameterError
            If the state belongs to other histories or other parameters.
        """
        histories = self._prepared(as_histories(histories).known())
        self._check_state(state, histories)
        return self.with_given_bias_weight(self._vectors(state, histories))

    def plan(self, n_items: int, n_interactions: int) -> str:
        """Describe the run, above all the values that ``auto`` stands for."""
        epochs, workers = self.resolve(n_interactions)
        ceiling = " at most" if self.validate else ""
        return (
            f"Training runs for {counted(epochs, 'epoch')}{ceiling} on "
            f"{counted(workers, 'worker')}."
        )

    def resolved(self, n_interactions: int) -> dict[str, Any]:
        """Return all parameters, with the epochs, workers and rate that ``auto`` stands for."""
        epochs, workers = self.resolve(n_interactions)
        return self._resolved() | {"epochs": epochs, "workers": workers}

    @abstractmethod
    def resolve(self, n_interactions: int) -> tuple[int, int]:
        """Return the epochs and workers that ``auto`` stands for."""

    @abstractmethod
    def _begin(self, histories: Histories) -> TrainerState:
        """Return the state before the first epoch."""

    @abstractmethod
    def _run(
        self, histories: Histories, state: TrainerState
    ) -> Generator[TrainerState, None, None]:
        """Continue from a state, and yield the state after each of the epochs that are left.

        The arrays of the given state are not changed; those yielded are, by the next epoch.
        """

    def _prepared(self, histories: Histories) -> Histories:
        """Return the histories as they are trained on."""
        return histories

    def _resolved_rate(self) -> dict[str, float]:
        """Return the learning rate that ``auto`` stands for, by the name of its parameter."""
        return {}

    @property
    def _dimensions(self) -> int:
        """The number of dimensions of the arrays that are trained."""
        return self.vector_size

    def _refit_bias(
        self, vectors: ItemVectors, fitted: Histories, histories: Histories
    ) -> ItemVectors:
        """Return the vectors with a bias of all histories, not of the fitted ones alone."""
        return vectors

    def _arrays(self, state: TrainerState) -> dict[str, Any]:
        """Return the arrays of item vectors that belong to a state."""
        return dict(state.arrays())

    def _metadata(self, histories: Histories) -> dict[str, Any]:
        """Return what a model file tells about the run, with ``auto`` resolved."""
        return {
            "trainer": self.name,
            "parameters": self.resolved(len(histories.items)),
            "histories": len(histories),
            "interactions": len(histories.items),
        }

    def _fit(
        self,
        histories: Histories,
        state: TrainerState | None,
        progress: Progress | None,
        watcher: EpochWatcher | None,
    ) -> ItemVectors:
        if not self.validate or watcher is not None:
            prepared = self._prepared(histories)
            vectors = self._vectors(
                self._train(prepared, state, progress, watcher=watcher, memory=True), prepared
            )
        else:
            vectors = self._best(histories, progress)
        vectors = self._add_stages(vectors, self._prepared(histories), progress)
        if histories.digests is None:
            return vectors
        return replace(vectors, sketch=HistorySketch.of(histories.digests))

    def _best(self, histories: Histories, progress: Progress | None) -> ItemVectors:
        """Train on some of the users, and return the vectors that are best on the others."""
        fitted, cases = hold_out(histories, self.validate, self.validation, seed=self.seed)
        fitted = self._prepared(fitted)
        judge = self.judge(cases, self.resolve(len(fitted.items))[0])
        self._train(fitted, None, progress, watcher=judge, memory=True)
        return self._refit_bias(judge.best(), fitted, self._prepared(histories))

    def _train(
        self,
        histories: Histories,
        state: TrainerState | None,
        progress: Progress | None,
        *,
        epochs: int | None = None,
        watcher: EpochWatcher | None = None,
        memory: bool = False,
    ) -> TrainerState:
        """Train for some epochs, or until the watcher ends it, on prepared histories."""
        check_not_empty(histories)
        rounds = 1 + (memory and (self.wants_memory or self.wants_recency(histories)))
        if state is None:
            state = self._begin(histories)
        else:
            self._check_state(state, histories)
        last = state.epochs if epochs is None else min(state.epochs, state.epoch + epochs)
        if state.epoch >= last:
            return state
        with closing(self._run(histories, state)) as run:
            for state in run:
                check_converged(state.arrays(), self)
                if progress:
                    progress(state.epoch, rounds * state.epochs)
                if watcher and watcher.on_epoch_end(self._vectors(state, histories)):
                    break
                if state.epoch == last:
                    break
        return state

    def _vectors(self, state: TrainerState, histories: Histories) -> ItemVectors:
        return ItemVectors(
            vocabulary=histories.vocabulary,
            power=POWER,
            metadata=self._metadata(histories),
            **self._arrays(state),
        )

    def _add_stages(
        self, vectors: ItemVectors, histories: Histories, progress: Progress | None
    ) -> ItemVectors:
        """Return the vectors with what is chosen after training.

        These are the weight of the bias, a memory, and the recency.
        """
        epochs = self.resolve(len(histories.items))[0]
        only_vectors: dict[str, Any] = {
            "bias_weight": 1.0,
            "memory": 0,
            "recency": 0.0,
            "validate": 0.0,
            "epochs": epochs,
        }
        without = replace(self, **only_vectors)
        after = continued(progress, epochs)
        pilots = Pilots(lambda fitted: without.fit(fitted, progress=after))
        protocols = self.protocols if self.wants_memory else ()
        vectors = self.with_bias_weight(vectors, pilots, histories, protocols, seed=self.seed)
        weight = vectors.metadata["parameters"]["bias_weight"]

        def weighted(fitted: Histories) -> ItemVectors:
            return with_bias(pilots(fitted), weight)

        vectors = self.with_memory(vectors, weighted, histories, seed=self.seed)
        return self.with_recency(vectors, weighted, histories, seed=self.seed)

    def _state(self, histories: Histories, **learned: Any) -> TrainerState:
        """Return a state of this trainer on these histories before the first epoch."""
        return TrainerState(
            trainer=self.name,
            parameters=self._fixed(),
            vocabulary=vocabulary_digest(histories.vocabulary),
            histories=histories_digest(histories),
            epoch=0,
            epochs=self.resolve(len(histories.items))[0],
            steps=0,
            **learned,
        )

    def _check_state(self, state: TrainerState, histories: Histories) -> None:
        if not isinstance(state, TrainerState):
            raise ParameterError(
                f"state must be a TrainerState, not {shown(state)}: read one from a file with "
                "load_state(path)"
            )
        epochs = self.resolve(len(histories.items))[0]
        state.check_continues(
            self.name,
            self._fixed(),
            epochs,
            histories,
            n_dimensions=self._dimensions,
            optimized=self.optimized,
        )

    def _fixed(self) -> dict[str, Any]:
        """Return the parameters that training depends on, but for the number of epochs."""
        return {name: value for name, value in self._resolved().items() if name not in FREE}

    def _resolved(self) -> dict[str, Any]:
        return self.to_dict() | self._resolved_rate()
