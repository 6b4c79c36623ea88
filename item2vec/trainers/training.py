"""One run of the softmax trainer: its parameters as they change, a step at a time."""

from collections.abc import Iterator

import numpy as np

from item2vec.embedding_bag import Floats
from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.candidates import CandidateSampler
from item2vec.trainers.network import Network
from item2vec.trainers.team import Team


class Training:
    """A network, what deals it batches, and a learning rate that falls to 0.

    Parameters
    ----------
    batches : HistoryBatches
    team : Team
        Whose threads share each step.
    vectors : (item_vectors, context_vectors), arrays of shape (n_items, d), float32
        What it begins with; changed in place.
    epochs, learning_rate, emphasis, seed
        As `Softmax` has them.
    power : float
        Of n in ``h = sum(item_vectors[i]) / n ** power``.
    n_drawn : int, optional
        Items that a step draws beside its labels; without it, its softmax runs over all items.
    """

    def __init__(
        self,
        batches: HistoryBatches,
        team: Team,
        *,
        vectors: tuple[Floats, Floats],
        epochs: int,
        learning_rate: float,
        emphasis: float,
        power: float,
        n_drawn: int | None,
        seed: int,
    ) -> None:
        self.batches, self.learning_rate, self.emphasis = batches, learning_rate, emphasis
        items, n_items = batches.histories.items, len(batches.histories.vocabulary)
        shares = np.maximum(np.bincount(items, minlength=n_items), 1) / len(items)
        bias = np.log(shares).astype(np.float32)  # without a history, popularity is right
        self.network = Network(*vectors, bias, power=power, team=team)
        self._sampler = CandidateSampler(batches, n_drawn) if n_drawn else None
        self._drawing = np.random.default_rng([seed, 0, 1])
        self._n_steps, self._n_done = epochs * len(batches), 0

    def steps(self, epoch: int) -> Iterator[float]:
        """Take the steps of an epoch, and return the loss before each of them."""
        for batch in self.batches.epoch(epoch):
            rate = self.learning_rate * max(0.0, 1 - self._n_done / self._n_steps)
            candidates = self._sampler.draw(batch, self._drawing) if self._sampler else None
            yield self.network.step(batch, rate, emphasis=self.emphasis, candidates=candidates)
            self._n_done += 1
