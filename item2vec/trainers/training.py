"""One run of the softmax trainer: its parameters as they change, a step at a time."""

import math
from collections.abc import Iterator

import numpy as np

from item2vec.embedding_bag import Floats
from item2vec.histories import Histories
from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.candidates import CandidateSampler
from item2vec.trainers.network import Network
from item2vec.trainers.team import Team

BEGINNING = 0.3  # length of a vector when training begins


class Training:
    """A network, what deals it batches, and a learning rate that falls to 0.

    Parameters
    ----------
    batches : HistoryBatches
    team : Team
        Whose threads share each step.
    vector_size, epochs, learning_rate, emphasis, seed
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
        vector_size: int,
        epochs: int,
        learning_rate: float,
        emphasis: float,
        power: float,
        n_drawn: int | None,
        seed: int,
    ) -> None:
        self.batches, self.learning_rate, self.emphasis = batches, learning_rate, emphasis
        self.network = Network(
            *first_parameters(batches.histories, vector_size, seed), power=power, team=team
        )
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


def first_parameters(
    histories: Histories, vector_size: int, seed: int
) -> tuple[Floats, Floats, Floats]:
    """Return item vectors, context vectors and bias: small, random, and what popularity says."""
    n_items = len(histories.vocabulary)
    rng = np.random.default_rng([seed, 0])
    item_vectors, context_vectors = (
        rng.standard_normal((n_items, vector_size), dtype=np.float32) for _ in range(2)
    )
    for vectors in (item_vectors, context_vectors):
        vectors *= np.float32(BEGINNING / math.sqrt(vector_size))
    counts = np.bincount(histories.items, minlength=n_items)
    bias = np.log(np.maximum(counts, 1) / len(histories.items)).astype(np.float32)
    return item_vectors, context_vectors, bias
