"""The training loop of the softmax trainer: batches, a network, and a falling learning rate."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.softmax.candidates import CandidateSampler
from item2vec.trainers.softmax.network import Network
from item2vec.trainers.softmax.thread_pool import ThreadPool
from item2vec.trainers.state import LearnedArrays, TrainerState, restore_generator


@dataclass(frozen=True, kw_only=True)
class LoopSettings:
    """The settings of a training loop.

    Parameters
    ----------
    learning_rate : float
        The initial learning rate, which falls linearly to 0.
    emphasis : float
        As in `Softmax`.
    power : float
        The exponent of n in ``h = sum(item_vectors[i]) / n ** power``.
    n_drawn : int, optional
        The number of items that a step draws besides its labels. By default the softmax runs over
        all items.
    """

    learning_rate: float
    emphasis: float
    power: float
    n_drawn: int | None = None


class TrainingLoop:
    """Trains a network on batches, from one state to the next.

    Parameters
    ----------
    batches : HistoryBatches
    pool : ThreadPool
        Its threads share each step.
    state : TrainerState
        The state to begin with; its arrays are copied.
    settings : LoopSettings
    """

    def __init__(
        self,
        batches: HistoryBatches,
        pool: ThreadPool,
        state: TrainerState,
        settings: LoopSettings,
    ) -> None:
        self.batches, self.settings = batches, settings
        arrays = LearnedArrays(*(array.copy() for array in state.arrays().values()))
        self.network = Network(arrays, power=settings.power, pool=pool)
        self.network.restore_optimizer(state.optimizer, state.steps)
        self._sampler = CandidateSampler(batches, settings.n_drawn) if settings.n_drawn else None
        self._rng = np.random.Generator(restore_generator(state.generator))  # draws candidates
        # An epoch may have a few more batches than len(batches), hence the max(0, ...) in `steps`.
        self._n_steps, self._n_done = state.epochs * len(batches), state.steps
        self._latest = state
        self._latest = self.state(state.epoch)  # releases the arrays that were given

    def steps(self, epoch: int) -> Iterator[float]:
        """Take the steps of an epoch, and yield the loss before each of them."""
        settings = self.settings
        for batch in self.batches.epoch(epoch):
            # In step t of T: learning_rate · (1 - t / T)
            rate = settings.learning_rate * max(0.0, 1 - self._n_done / self._n_steps)
            candidates = self._sampler.draw(batch, self._rng) if self._sampler else None
            yield self.network.step(batch, rate, emphasis=settings.emphasis, candidates=candidates)
            self._n_done += 1

    def state(self, epoch: int) -> TrainerState:
        """Return the state after this number of epochs; its arrays change with the next step."""
        return replace(
            self._latest,
            epoch=epoch,
            steps=self._n_done,
            item_vectors=self.network.item_vectors,
            context_vectors=self.network.context_vectors,
            bias=self.network.bias,
            optimizer=self.network.optimizer_state(),
            generator=self._rng.bit_generator.state,
        )
