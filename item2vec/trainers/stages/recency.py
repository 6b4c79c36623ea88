"""Recency as a stage after training: items of a history count for less with age.

It only matters for predicting the next item of histories in time order.
"""

from dataclasses import dataclass, replace
from typing import Literal

from item2vec.data.histories import Histories
from item2vec.models.item_vectors import ItemVectors
from item2vec.trainers.stages.memory import MemoryChoice
from item2vec.trainers.stages.recency_selection import RecencySelection, select_recency
from item2vec.trainers.stages.vector_cache import FitVectors


@dataclass(frozen=True)
class RecencyChoice:
    """The exponent with which items lose weight with age.

    Parameters
    ----------
    value : float
    selection : RecencySelection, optional
        The selection that it comes from, if it was not given.
    """

    value: float
    selection: RecencySelection | None = None

    def apply(self, vectors: ItemVectors) -> ItemVectors:
        """Return the vectors with the exponent, and with its selection in the metadata."""
        if self.selection is None:
            return replace(vectors, recency=self.value)
        parameters = {**vectors.metadata["parameters"], "recency": self.value}
        report = {"order": self.selection.to_dict(), "parameters": parameters}
        return replace(vectors, recency=self.value, metadata={**vectors.metadata, **report})


def choose_recency(
    wanted: float | Literal["auto"],
    train: FitVectors,
    histories: Histories,
    memory: MemoryChoice | None,
    *,
    seed: int,
) -> RecencyChoice:
    """Return the given exponent or, for "auto", select one.

    Parameters
    ----------
    wanted : float or "auto"
        The parameter `recency`. Without `moments` in the histories, "auto" is 0.
    train : callable
        Trains vectors without a memory on the histories of some of the users.
    histories : Histories
        Histories of all users.
    memory : MemoryChoice, optional
        The memory of the model, which takes part in the scores.
    seed : int
        Seed of the split.
    """
    if wanted != "auto":
        return RecencyChoice(float(wanted))
    if histories.moments is None:
        return RecencyChoice(0.0)
    selection = select_recency(train, histories, memory, seed=seed)
    return RecencyChoice(selection.recency, selection)
