"""The softmax trainer: the network of Google's machine-learning crash course.

Sparse history → embedding layer → logit layer → the other items of the history. In the course 3
items predict 7 others; by default here, a random part of a history predicts the rest.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from item2vec._support.messages import setting
from item2vec._support.threads import available_cores
from item2vec.data.histories import Histories
from item2vec.errors import DataError
from item2vec.parameters import Among, Between, parameter
from item2vec.trainers.base import EpochTrainer, auto_epochs
from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.initialization import random_initialization, spectral_initialization
from item2vec.trainers.softmax.loop import LoopSettings, TrainingLoop
from item2vec.trainers.softmax.thread_pool import ThreadPool
from item2vec.trainers.state import VECTORS, Initialization, LearnedArrays, TrainerState
from item2vec.trainers.state_trainer import POWER, RunSize

# Every softmax runs over all items of a catalogue of up to FULL_UP_TO items; from a larger one
# N_DRAWN items are drawn. On goodbooks 2,048 items score as high as all 7,750; see
# docs/experiments.md, "Version 0.1.0: what was tried for softmax on validation users".
FULL_UP_TO, N_DRAWN = 10_000, 2048
EPOCHS_AT_A_MILLION = 4  # see `auto_epochs`; never fewer than 5
# Largest product of an item vector with a context vector in the initialization, on average. It is a
# compromise that was found for the initialization of version 0.1.0, which before the first epoch
# scored 6 % less on MovieLens small with 6, and 8 % less on Online Retail and goodbooks with 3
# (ibid.).
LARGEST_PRODUCT = 4.0
# The ridge for the context vectors (see `initialization`) goes with the rate: .004 gains 4 % on
# Online Retail and loses 3 to 4 % elsewhere, and .0025 with 40 instead of 25 keeps most of both
# (ibid., "What was tried for the defaults").
CONTEXT_RIDGE = 40.0
AUTO_RATE, RANDOM_RATE = 0.0025, 0.01
# Initial bias in units of log popularity. If nothing is known about a history, 1 is right. With the
# spectral initialization, .5 instead of .75 loses 3 % on MovieLens small and gains 1.5 % on Online
# Retail (ibid.).
BIAS_EXPONENT, RANDOM_BIAS_EXPONENT = 0.75, 1.0


@dataclass(frozen=True, kw_only=True)
class Softmax(EpochTrainer):
    """Learns item vectors with a softmax over all items.

    In every epoch each history is split at random into inputs and labels. With h the sum of the
    inputs' item vectors over the root of their number, the loss is the cross-entropy of
    ``softmax(h @ context_vectors.T + bias)`` against the labels. Scores are those of `ItemVectors`,
    with p = 1/2. The same seed and number of workers give the same vectors on every run; another
    number of workers changes the rounding.

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
    rate_name: ClassVar[str] = "learning_rate"
    optimized: ClassVar[tuple[str, ...]] = VECTORS

    epochs: int | Literal["auto"] = parameter(
        "auto",
        "passes over the histories; auto: 5 for 640,000 interactions or more, and more for fewer",
        at_least=1,
        at_most=100_000,
        search=Between(3, 50, log=True),
    )
    # 256 histories at twice the rate score as 64, in half the time; see docs/experiments.md,
    # "Version 0.1.0: what was tried for softmax on validation users", also for `emphasis`: 0 loses
    # 5 % on Online Retail, and 1 loses too.
    batch_size: int = parameter(
        256,
        "histories per training step",
        at_least=1,
        at_most=100_000,
        search=Among((64, 128, 256, 512)),
    )
    learning_rate: float | Literal["auto"] = parameter(
        "auto",
        f"initial learning rate of RMSprop, which falls linearly to 0; auto: {AUTO_RATE} "
        f"({RANDOM_RATE} with random initialization)",
        above=0,
        at_most=1,
        search=Between(0.0002, 0.05, log=True),
    )
    input_size: int | Literal["auto"] = parameter(
        "auto",
        "number of items of a history that are inputs; auto: a random number; 3 in Google's course",
        at_least=1,
    )
    label_size: int | Literal["auto"] = parameter(
        "auto",
        "number of other items of the history that are labels; auto: all of them; 7 in Google's "
        "course",
        at_least=1,
    )
    emphasis: float = parameter(
        0.5,
        "loss weight of a history with n labels: n**emphasis (0: every user counts the same, 1: "
        "every label counts the same)",
        at_least=0,
        at_most=1,
        search=Among((0.0, 0.5, 1.0)),
    )
    candidates: int | Literal["auto", "all"] = parameter(
        "auto",
        "number of items sampled in every step for the softmax, besides the labels; auto: all "
        f"items of a catalogue of up to {FULL_UP_TO:,}, else {N_DRAWN:,}",
        at_least=1,
    )
    workers: int | Literal["auto"] = parameter(
        "auto", "threads; auto: one per core", at_least=1, at_most=512
    )

    def resolve(self, n_interactions: int) -> RunSize:
        """Return the epochs and workers that ``auto`` stands for."""
        epochs, workers = self.epochs, self.workers
        return RunSize(
            auto_epochs(EPOCHS_AT_A_MILLION, n_interactions) if epochs == "auto" else epochs,
            available_cores() if workers == "auto" else workers,
        )

    def plan(self, n_items: int, n_interactions: int) -> str:
        """Describe the run, above all the values that ``auto`` stands for."""
        n_drawn = self.n_drawn(n_items)
        over = (
            f"the labels of a step and {n_drawn:,} items drawn from {n_items:,}"
            if n_drawn
            else f"all {n_items:,} items"
        )
        return f"{super().plan(n_items, n_interactions)} The softmax runs over {over}."

    def n_drawn(self, n_items: int) -> int | None:
        """Return how many items a step draws; None if its softmax runs over all items."""
        if self.candidates == "auto":
            return N_DRAWN if n_items > FULL_UP_TO else None
        return None if self.candidates == "all" else self.candidates

    def training_loop(
        self, histories: Histories, pool: ThreadPool, state: TrainerState
    ) -> TrainingLoop:
        """Return the loop that trains on prepared histories from a state, a step at a time."""
        settings = LoopSettings(
            learning_rate=self._resolve_rate(),
            emphasis=self.emphasis,
            power=POWER,
            n_drawn=self.n_drawn(len(histories.vocabulary)),
        )
        return TrainingLoop(self._batches(histories), pool, state, settings)

    def _resolve_rate(self) -> float:
        if self.learning_rate != "auto":
            return self.learning_rate
        return AUTO_RATE if self.start == "spectral" else RANDOM_RATE

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
                f"no history has more than {self.input_size} items: lower {setting('input_size')}, "
                "or use longer histories"
            )
        return batches

    def _prepare(self, histories: Histories) -> Histories:
        return histories.without_repeats()  # no item is both input and label

    def _initialize(self, histories: Histories) -> Initialization:
        if self.start == "spectral":
            exponent = BIAS_EXPONENT
            item_vectors, context_vectors = spectral_initialization(
                histories,
                self.vector_size,
                self.seed,
                context_ridge=CONTEXT_RIDGE,
                largest=LARGEST_PRODUCT,
            )
        else:
            exponent = RANDOM_BIAS_EXPONENT
            item_vectors, context_vectors = random_initialization(
                histories, self.vector_size, self.seed
            )
        counts = np.bincount(histories.items, minlength=len(histories.vocabulary))  # (n_items,)
        popularity = np.maximum(counts, 1) / len(histories.items)
        bias = (exponent * np.log(popularity)).astype(np.float32)
        zeros = np.zeros(len(counts), dtype=np.float32)
        return Initialization(
            LearnedArrays(item_vectors, context_vectors, bias),
            optimizer=dict.fromkeys(VECTORS, zeros),
            generator=np.random.default_rng([self.seed, 0, 1]).bit_generator.state,
        )

    def _run_epochs(
        self, histories: Histories, state: TrainerState
    ) -> Generator[TrainerState, None, None]:
        with ThreadPool(self.resolve(len(histories.items)).workers) as pool:
            loop = self.training_loop(histories, pool, state)
            while state.epoch < state.epochs:
                losses = np.array(list(loop.steps(state.epoch)))  # (n_steps,)
                self._check_converged({"losses": losses})
                state = loop.state(state.epoch + 1)
                yield state

    def _metadata(self, histories: Histories) -> dict[str, Any]:
        metadata = super()._metadata(histories)
        metadata["parameters"]["candidates"] = self.n_drawn(len(histories.vocabulary)) or "all"
        return metadata
