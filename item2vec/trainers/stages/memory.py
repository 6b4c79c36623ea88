"""The item-item memory as a stage after training.

The memory is a sparse matrix of weights between items. The weights of a history's items are added
to the scores of the vectors, which are trained without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from item2vec.data.histories import Histories
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.stages.balanced_memory import balanced_memory, n_neighbors
from item2vec.trainers.stages.memory_selection import MemorySelection, Mixture, select_memory
from item2vec.trainers.stages.score_grid import MIXING_WEIGHTS
from item2vec.trainers.stages.vector_cache import FitVectors


@dataclass(frozen=True)
class MemoryChoice:
    """The memory that is added to the vectors, before its weights are computed.

    Parameters
    ----------
    n_neighbors : int
        The number of items from which each item is predicted; 0: no memory is added.
    selection : MemorySelection
        The selection that it comes from.
    """

    n_neighbors: int
    selection: MemorySelection

    @property
    def mixture(self) -> Mixture:
        """The mixture of the memory with the vectors.

        A memory whose number of neighbors was given is added even if validation users score better
        without it, with the smallest mixing weight.
        """
        crossover, mixing_weight = self.selection.mixture
        return Mixture(crossover, mixing_weight or MIXING_WEIGHTS[0])

    def build(self, vectors: ItemVectors, histories: Histories) -> Memory | None:
        """Return the memory to add to these vectors, computed from their training histories."""
        n = n_neighbors(self.n_neighbors, len(histories.vocabulary))
        if n == 0:
            return None
        memory = balanced_memory(vectors, histories, n, crossover=self.mixture.crossover)
        return memory.scaled(self.mixture.mixing_weight)

    def apply(self, vectors: ItemVectors, histories: Histories) -> ItemVectors:
        """Return the vectors with the memory, and with its selection in the metadata."""
        report = {**self.selection.to_dict(), "kept": self.n_neighbors}
        return replace(
            vectors,
            memory=self.build(vectors, histories),
            metadata={**vectors.metadata, "memory": report},
        )


def choose_memory(
    wanted: int | Literal["auto"],
    train: FitVectors,
    histories: Histories,
    protocols: Sequence[SplitProtocol],
    *,
    selected: Mixture | None = None,
    seed: int = 0,
) -> MemoryChoice | None:
    """Return the memory to add to vectors of `histories`; None for no memory.

    Parameters
    ----------
    wanted : int or "auto"
        The parameter `memory`. A number keeps the memory even if it does not improve the scores.
    train : callable
        Trains vectors without a memory on the histories of some of the users.
    histories : Histories
        Histories of all users, each item at most once in each.
    protocols : sequence of SplitProtocol
        The protocols to select for.
    selected : Mixture, optional
        The mixture that another run selected; then no vectors are trained to select it.
    seed : int
        Seed of the splits.
    """
    if wanted == 0:
        return None
    if selected is None:
        selection = select_memory(train, histories, wanted, protocols, seed=seed)
    else:
        selection = MemorySelection(selected, n_users=0, n_items=0, scores={})
    if wanted == "auto" and not selection.mixture.mixing_weight:
        return MemoryChoice(0, selection)
    return MemoryChoice(n_neighbors(wanted, len(histories.vocabulary)), selection)
