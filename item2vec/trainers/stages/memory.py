"""The item-item memory as a stage after training, which every trainer shares.

The memory holds weights between items that are added to the scores of the vectors. The vectors are
trained without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from item2vec.data.histories import Histories
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.models.item_vectors import ItemVectors
from item2vec.parameters import Parameters, parameter
from item2vec.trainers.stages.memory_selection import (
    LARGE,
    NEIGHBORS,
    NEIGHBORS_IN_LARGE,
    Mixture,
    memory_beside,
)
from item2vec.trainers.stages.selection_users import PROTOCOLS


@dataclass(frozen=True, kw_only=True)
class MemoryStage(Parameters):
    """The parameters of the memory, and the stage that adds it.

    `protocols` are the splits of validation users for which it is selected: by default 3 and 10
    random items that predict 7 others, and 80 % of a history that predict the rest. `selected`
    replaces the selection by what another run selected: many runs of the same trainer, as in
    tuning, then take a third of the time.
    """

    memory: int | Literal["auto"] = parameter(
        "auto",
        f"items by which the item-item memory, which is added to the scores, predicts each item; "
        f"0: no memory; auto: {NEIGHBORS} ({NEIGHBORS_IN_LARGE} for more than {LARGE:,} items), "
        "unless validation users score clearly better without the memory",
        at_least=0,
        at_most=1_000,
    )
    protocols: tuple[SplitProtocol, ...] = field(default=PROTOCOLS)
    selected: Mixture | None = field(default=None)

    @property
    def wants_memory(self) -> bool:
        """Whether a memory is selected after training."""
        return self.memory != 0

    def with_memory(
        self,
        vectors: ItemVectors,
        train: Callable[[Histories], ItemVectors],
        histories: Histories,
        *,
        seed: int,
    ) -> ItemVectors:
        """Return the vectors with an item-item memory, if it improves validation scores.

        Parameters
        ----------
        vectors : ItemVectors
            Those of all histories.
        train : callable
            Trains vectors without a memory on some of the users.
        histories : Histories
        seed : int
        """
        if not self.wants_memory:
            return vectors
        memory, metadata = memory_beside(
            train,
            vectors,
            histories,
            self.memory,
            self.protocols,
            selected=self.selected,
            seed=seed,
        )
        return replace(vectors, memory=memory, metadata={**vectors.metadata, **metadata})
