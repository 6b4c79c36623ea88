"""The item-item memory as a stage after training, which every trainer shares.

The memory holds weights between items that are added to the scores of the vectors. The vectors are
trained without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from item2vec.heldout import SplitProtocol
from item2vec.histories import Histories
from item2vec.parameters import Parameters, parameter
from item2vec.progress import Progress
from item2vec.trainers.item_weights import MOST_ITEMS
from item2vec.trainers.pilot import KEPT, is_wanted, memory_beside
from item2vec.vectors import ItemVectors


@dataclass(frozen=True, kw_only=True)
class MemoryStage(Parameters):
    """The parameter `memory`, and what it stands for."""

    memory: int | Literal["auto"] = parameter(
        "auto",
        f"weights per item in the item-item memory, which is added to the scores; 0: no memory; "
        f"auto: {KEPT} if the memory improves validation scores, and none for more than "
        f"{MOST_ITEMS:,} items",
        at_least=0,
        at_most=100_000,
    )

    def wants_memory(self, n_items: int) -> bool:
        """Return whether a memory is to be selected for so many items.

        Raises
        ------
        TooLargeError
            If a memory is demanded that can't be had.
        """
        return is_wanted(self.memory, n_items)

    def memory_plan(self, n_items: int) -> str:
        """Return a sentence for the description of a run, empty where there is nothing to add."""
        if self.memory == 0 or self.wants_memory(n_items):
            return ""
        return f" More than {MOST_ITEMS:,} items: no item-item memory is added."

    def with_memory(
        self,
        vectors: ItemVectors,
        train: Callable[[Histories, Progress], ItemVectors],
        histories: Histories,
        protocol: SplitProtocol,
        *,
        epochs: int,
        seed: int,
        progress: Progress | None = None,
    ) -> ItemVectors:
        """Return the vectors with an item-item memory, if it improves validation scores.

        Parameters
        ----------
        vectors : ItemVectors
            Those of all histories.
        train : callable
            Trains vectors without a memory on some of the users, and reports its progress.
        histories : Histories
        protocol : SplitProtocol
            How validation users are split.
        epochs : int
            Epochs done so far, from which progress continues.
        seed : int
        progress : Progress, optional
        """
        if not self.wants_memory(len(histories.vocabulary)):
            return vectors

        def continued(done: int, total: int) -> None:
            if progress:
                progress(epochs + done, epochs + total)

        memory, selection = memory_beside(
            lambda fitted: train(fitted, continued), histories, self.memory, protocol, seed=seed
        )
        return replace(vectors, memory=memory, metadata={**vectors.metadata, **selection})
