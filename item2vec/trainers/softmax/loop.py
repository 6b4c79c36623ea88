"""One run of the softmax trainer: its parameters as they change, a step at a time."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.softmax.candidates import CandidateSampler
from item2vec.trainers.softmax.network import Network
from item2vec.trainers.softmax.thread_pool import Team
from item2vec.trainers.state import TrainerState, restored


class Training:
    """A network, its batches, and a learning rate that falls to 0.

    Parameters
    ----------
    batches : HistoryBatches
    team : Team
        Its threads share each step.
    state : TrainerState
        Where training begins; its arrays are copied.
    learning_rate, emphasis
        As in `Softmax`.
    power : float
        Exponent of n in ``h = sum(item_vectors[i]) / n ** power``.
    n_drawn : int, optional
        Items that a step draws beside its labels; without it, its softmax runs over all items.
    """

    def __init__(
        self,
        batches: HistoryBatches,
        team: Team,
        state: TrainerState,
        *,
        learning_rate: float,
        emphasis: float,
        power: float,
        n_drawn: int | None,
    ) -> None:
        self.batches, self.learning_rate, self.emphasis = batches, learning_rate, emphasis
        vectors = [array.copy() for array in state.arrays().values()]
        self.network = Network(*vectors, power=power, team=team)
        self.network.restore_optimizer(state.optimizer, state.steps)
        self._sampler = CandidateSampler(batches, n_drawn) if n_drawn else None
        self._drawing = np.random.Generator(restored(state.generator))
        self._n_steps, self._n_done = state.epochs * len(batches), state.steps
        self._latest = state
        self._latest = self.state(state.epoch)  # the arrays that it was given are no longer held

    def steps(self, epoch: int) -> Iterator[float]:
        """Take the steps of an epoch, and yield the loss before each of them."""
        for batch in self.batches.epoch(epoch):
            rate = self.learning_rate * max(0.0, 1 - self._n_done / self._n_steps)
            candidates = self._sampler.draw(batch, self._drawing) if self._sampler else None
            yield self.network.step(batch, rate, emphasis=self.emphasis, candidates=candidates)
            self._n_done += 1

    def state(self, epoch: int) -> TrainerState:
        """Return the state after so many epochs; its arrays change with the next step."""
        return replace(
            self._latest,
            epoch=epoch,
            steps=self._n_done,
            item_vectors=self.network.item_vectors,
            context_vectors=self.network.context_vectors,
            bias=self.network.bias,
            optimizer=self.network.optimizer_state(),
            generator=self._drawing.bit_generator.state,
        )
