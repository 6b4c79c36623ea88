"""The softmax trainer: the network of Google's machine-learning crash course.

Sparse history → embedding layer → logit layer → the other items of the history. In the course 3
watched films predict 7 others; here, unless told so, any part of a history predicts the rest.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from item2vec._support.threads import available_cores
from item2vec.data.histories import Histories
from item2vec.errors import DataError
from item2vec.parameters import Among, Between, parameter
from item2vec.trainers.base import POWER, EpochTrainer
from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.early_stopping import auto_epochs, check_converged
from item2vec.trainers.initialization import random_initialization, spectral_initialization
from item2vec.trainers.softmax.loop import Training
from item2vec.trainers.softmax.thread_pool import Team
from item2vec.trainers.state import VECTORS, TrainerState

FULL_UP_TO, DRAWN = 10_000, 2048
LARGEST_PRODUCT = 4.0  # of an item in the initialization, on average
CONTEXT_RIDGE = 40.0  # see `initialization`
RATE, RANDOM_RATE = 0.0025, 0.01  # from the initialization, and from random vectors


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

    name: ClassVar[str] = "softmax"
    optimized: ClassVar[tuple[str, ...]] = VECTORS

    epochs: int | Literal["auto"] = parameter(
        "auto",
        "passes over the histories; auto: 5 for 640,000 interactions or more, and more for fewer",
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
    learning_rate: float | Literal["auto"] = parameter(
        "auto",
        f"initial learning rate of RMSprop, which falls linearly to 0; auto: {RATE} "
        f"({RANDOM_RATE} from a random start)",
        above=0,
        at_most=1,
        search=Between(0.0002, 0.05, log=True),
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
    candidates: int | Literal["auto", "all"] = parameter(
        "auto",
        f"items sampled in every step for the softmax beside the labels; auto: all items of a "
        f"catalogue of up to {FULL_UP_TO:,}, else {DRAWN:,}",
        at_least=1,
    )
    workers: int | Literal["auto"] = parameter(
        "auto", "threads; auto: one per core", at_least=1, at_most=512
    )

    def resolve(self, n_interactions: int) -> tuple[int, int]:
        """Return the epochs and workers that ``auto`` stands for."""
        epochs = auto_epochs(4, n_interactions) if self.epochs == "auto" else self.epochs
        return epochs, available_cores() if self.workers == "auto" else self.workers

    def plan(self, n_items: int, n_interactions: int) -> str:
        """Describe the run, above all the values that ``auto`` stands for."""
        n_drawn = self.drawn(n_items)
        over = (
            f"the labels of a step and {n_drawn:,} items drawn from {n_items:,}"
            if n_drawn
            else f"all {n_items:,} items"
        )
        return f"{super().plan(n_items, n_interactions)} The softmax runs over {over}."

    def _resolved_rate(self) -> dict[str, float]:
        from_start = RATE if self.start == "spectral" else RANDOM_RATE
        return {"learning_rate": from_start if self.learning_rate == "auto" else self.learning_rate}

    def drawn(self, n_items: int) -> int | None:
        """Return how many items a step draws; None: its softmax runs over all of them."""
        if self.candidates == "auto":
            return DRAWN if n_items > FULL_UP_TO else None
        return None if self.candidates == "all" else self.candidates

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

    def training(self, histories: Histories, team: Team, state: TrainerState) -> Training:
        """Make ready to continue from a state on prepared histories, a step at a time."""
        return Training(
            self._batches(histories),
            team,
            state,
            **self._resolved_rate(),
            emphasis=self.emphasis,
            power=POWER,
            n_drawn=self.drawn(len(histories.vocabulary)),
        )

    def _prepared(self, histories: Histories) -> Histories:
        return histories.without_repeats()  # no item is both input and label

    def _begin(self, histories: Histories) -> TrainerState:
        if self.start == "spectral":
            item_vectors, context_vectors = spectral_initialization(
                histories,
                self.vector_size,
                self.seed,
                context_ridge=CONTEXT_RIDGE,
                largest=LARGEST_PRODUCT,
            )
        else:
            item_vectors, context_vectors = random_initialization(
                histories, self.vector_size, self.seed
            )
        counts = np.bincount(histories.items, minlength=len(histories.vocabulary))
        shares = np.maximum(counts, 1) / len(histories.items)
        exponent = 0.75 if self.start == "spectral" else 1.0
        zeros = np.zeros(len(counts), dtype=np.float32)
        return self._state(
            histories,
            item_vectors=item_vectors,
            context_vectors=context_vectors,
            # With no item shown, popularity is right; beside a good initialization, less of it.
            bias=(exponent * np.log(shares)).astype(np.float32),
            optimizer=dict.fromkeys(VECTORS, zeros),
            generator=np.random.default_rng([self.seed, 0, 1]).bit_generator.state,
        )

    def _run(
        self, histories: Histories, state: TrainerState
    ) -> Generator[TrainerState, None, None]:
        with Team(self.resolve(len(histories.items))[1]) as team:
            training = self.training(histories, team, state)
            while state.epoch < state.epochs:
                losses = np.array(list(training.steps(state.epoch)))
                check_converged({"losses": losses}, self)
                state = training.state(state.epoch + 1)
                yield state

    def _metadata(self, histories: Histories) -> dict[str, Any]:
        metadata = super()._metadata(histories)
        metadata["parameters"]["candidates"] = self.drawn(len(histories.vocabulary)) or "all"
        return metadata
