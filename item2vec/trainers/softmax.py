"""The softmax trainer: the network of Google's machine-learning crash course.

Sparse history → embedding layer → logit layer → the other items of the history. In the course 3
watched films predict 7 others; here, unless told so, any part of a history predicts the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from item2vec.cores import available_cores, blas_threads
from item2vec.errors import DataError
from item2vec.histories import Histories
from item2vec.parameters import Among, Between, parameter
from item2vec.progress import Progress
from item2vec.stopping import (
    EpochTrainer,
    EpochWatcher,
    auto_epochs,
    check_converged,
    check_not_empty,
    dimensions,
)
from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.item_weights import MOST_ITEMS
from item2vec.trainers.network import Network
from item2vec.trainers.pilot import KEPT, is_wanted, memory_beside
from item2vec.trainers.start import random_start, spectral_start
from item2vec.trainers.team import Team
from item2vec.trainers.training import Training
from item2vec.vectors import ItemVectors

POWER = 0.5
FULL_UP_TO, DRAWN = 10_000, 2048


@dataclass(frozen=True, kw_only=True)
class Softmax(EpochTrainer):
    """Item vectors by a softmax over the whole catalogue.

    In every epoch each history is cut at random into inputs and labels. With h the sum of the
    inputs' item vectors over the root of their number, the loss is the cross-entropy of
    ``softmax(h @ context_vectors.T + bias)`` against the labels. Scores are those of `ItemVectors`,
    with p = 1/2. The vectors depend on the number of workers, which decides what is rounded when,
    and on nothing else: they are the same on every run.

    Raises
    ------
    ParameterError
        If a parameter is outside its range.

    Examples
    --------
    >>> histories = Histories.from_lists([["a", "b", "c"], ["d", "e", "f"]] * 50)
    >>> vectors = Softmax(vector_size=8, epochs=20, workers=1).fit(histories)
    >>> sorted(recommendation.id for recommendation in vectors.recommend(["a"], k=2))
    ['b', 'c']
    """

    vector_size: int = dimensions(128)
    epochs: int | Literal["auto"] = parameter(
        "auto",
        "passes over the histories; auto: 4 for a million interactions, more for fewer",
        at_least=1,
        at_most=100_000,
        search=Between(3, 50, log=True),
    )
    batch_size: int = parameter(
        256,
        "histories per training step",
        at_least=1,
        at_most=100_000,
        search=Among((64, 128, 256, 512)),
    )
    learning_rate: float = parameter(
        0.01,
        "initial learning rate of RMSprop, which falls linearly to 0",
        above=0,
        at_most=1,
        search=Between(0.001, 0.05, log=True),
    )
    input_size: int | Literal["auto"] = parameter(
        "auto",
        "items of a history that are inputs; auto: a random number of them; 3 in Google's course",
        at_least=1,
    )
    label_size: int | Literal["auto"] = parameter(
        "auto",
        "other items of the history that are labels; auto: all of them; 7 in Google's course",
        at_least=1,
    )
    emphasis: float = parameter(
        0.5,
        "loss weight of a history with n labels: n**emphasis (0: every history weighs the same, 1: "
        "every label does)",
        at_least=0,
        at_most=1,
        search=Among((0.0, 0.5, 1.0)),
    )
    start: Literal["spectral", "random"] = parameter(
        "spectral",
        "initialization of the vectors: a truncated factorization of log-lift (spectral), or "
        "random numbers",
    )
    candidates: int | Literal["auto", "all"] = parameter(
        "auto",
        f"items sampled in every step for the softmax beside the labels; auto: all items of a "
        f"catalogue of up to {FULL_UP_TO:,}, else {DRAWN:,}",
        at_least=1,
    )
    memory: int | Literal["auto"] = parameter(
        "auto",
        f"weights per item in the item-item memory, which is added to the scores; 0: no memory; "
        f"auto: {KEPT} if the memory improves validation scores, and none for more than "
        f"{MOST_ITEMS:,} items",
        at_least=0,
        at_most=100_000,
    )
    workers: int | Literal["auto"] = parameter(
        "auto", "threads; auto: one per core", at_least=1, at_most=512
    )

    def resolve(self, n_interactions: int) -> tuple[int, int]:
        """Return the epochs and workers that ``auto`` stands for."""
        epochs = auto_epochs(4, n_interactions) if self.epochs == "auto" else self.epochs
        return epochs, available_cores() if self.workers == "auto" else self.workers

    def plan(self, n_items: int, n_interactions: int) -> str:
        """Say what is about to be done, above all what ``auto`` stands for."""
        n_drawn = self.drawn(n_items)
        over = (
            f"the labels of a step and {n_drawn:,} items drawn from {n_items:,}"
            if n_drawn
            else f"all {n_items:,} items"
        )
        goes_without = self.memory != 0 and not is_wanted(self.memory, n_items)
        return (
            f"{super().plan(n_items, n_interactions)} The softmax runs over {over}."
            + f" More than {MOST_ITEMS:,} items: no memory beside the vectors." * goes_without
        )

    def drawn(self, n_items: int) -> int | None:
        """Return how many items a step draws; None: its softmax runs over all of them."""
        if self.candidates == "auto":
            return DRAWN if n_items > FULL_UP_TO else None
        return None if self.candidates == "all" else self.candidates

    def _fitted(
        self, histories: Histories, progress: Progress | None, watcher: EpochWatcher | None
    ) -> ItemVectors:
        with blas_threads(self.resolve(len(histories.items))[1]):  # validation and memory, too
            return super()._fitted(histories, progress, watcher)

    def _trained(
        self, histories: Histories, progress: Progress | None, watcher: EpochWatcher | None
    ) -> ItemVectors:
        histories = histories.without_repeats()  # no item is both input and label
        check_not_empty(histories)
        total = self._to_do(histories)
        for done, vectors in enumerate(self._epochs(histories), start=1):
            if progress:
                progress(done, total)
            if watcher and watcher.see(vectors):
                break
        return vectors

    def _completed(
        self, vectors: ItemVectors, histories: Histories, progress: Progress | None
    ) -> ItemVectors:
        """Return the vectors with a memory beside them, if validation users gain by it."""
        if not is_wanted(self.memory, len(histories.vocabulary)):
            return vectors
        epochs = self.resolve(len(histories.items))[0]
        without = replace(self, memory=0, validate=0.0, epochs=epochs)

        def train(fitted: Histories) -> ItemVectors:
            return without.fit(fitted, progress=go_on)

        def go_on(done: int, total: int) -> None:
            if progress:
                progress(epochs + done, epochs + total)

        histories = histories.without_repeats()
        memory, told = memory_beside(train, histories, self.memory, self.validation, seed=self.seed)
        return replace(vectors, memory=memory, metadata={**vectors.metadata, **told})

    def _to_do(self, histories: Histories) -> int:
        """Return the epochs to do, those of a pilot with them."""
        has_pilot = is_wanted(self.memory, len(histories.vocabulary))
        return self.resolve(len(histories.items))[0] * (2 if has_pilot else 1)

    def _batches(self, histories: Histories) -> HistoryBatches:
        batches = HistoryBatches(
            histories,
            self.batch_size,
            input_size=None if self.input_size == "auto" else self.input_size,
            label_size=None if self.label_size == "auto" else self.label_size,
            seed=self.seed,
        )
        if len(batches) == 0:
            raise DataError(
                f"no history has more than {self.input_size} items: lower input_size, or bring "
                "longer histories"
            )
        return batches

    def training(self, histories: Histories, team: Team) -> Training:
        """Make ready to train on histories in which no item is repeated, a step at a time."""
        start = spectral_start if self.start == "spectral" else random_start
        with blas_threads(team.size):
            vectors = start(histories, self.vector_size, self.seed)
        return Training(
            self._batches(histories),
            team,
            vectors=vectors,
            epochs=self.resolve(len(histories.items))[0],
            learning_rate=self.learning_rate,
            emphasis=self.emphasis,
            power=POWER,
            n_drawn=self.drawn(len(histories.vocabulary)),
            seed=self.seed,
        )

    def _epochs(self, histories: Histories) -> Iterator[ItemVectors]:
        """Train, and return the vectors after each epoch: the same arrays, changed in place."""
        epochs, workers = self.resolve(len(histories.items))
        with Team(workers) as team:
            training = self.training(histories, team)
            vectors = self._vectors(histories, training.network)
            for epoch in range(epochs):
                losses = np.array(list(training.steps(epoch)))
                check_converged({"losses": losses, **vectors.arrays()}, self)
                yield vectors

    def _vectors(self, histories: Histories, network: Network) -> ItemVectors:
        epochs, workers = self.resolve(len(histories.items))
        drawn = self.drawn(len(histories.vocabulary)) or "all"
        settled = {"epochs": epochs, "workers": workers, "candidates": drawn}
        return ItemVectors(
            vocabulary=histories.vocabulary,
            item_vectors=network.item_vectors,
            context_vectors=network.context_vectors,
            bias=network.bias,
            power=POWER,
            metadata={
                "trainer": "softmax",
                "parameters": self.to_dict() | settled,
                "histories": len(histories),
                "interactions": len(histories.items),
            },
        )
