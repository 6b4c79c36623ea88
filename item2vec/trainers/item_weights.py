"""Weights between items for a memory: EASE, with long histories and popular items kept in bounds.

EASE (Steck, 2019) solves ``B = -P / diag(P)``, ``P = (G + λI)⁻¹``, for G the co-occurrences. Here
a history of n items counts for 1/√n, for who watched everything says little of any pair; and the
ridge of item i is ``ridge * sqrt(G_ii * mean)``, between one for all and one in proportion to its
popularity (which is what dropout does: Steck, "Autoencoders that don't overfit towards the
identity", 2020). A small ridge gives EASE; a large one leaves G alone, a k-nearest-neighbours rule.
"""

from dataclasses import dataclass

import numpy as np

from item2vec.baselines.ease import ease_weights
from item2vec.co_occurrences import Matrix, co_occurrences
from item2vec.histories import Histories

MOST_ITEMS = 12_000  # three dense matrices of them take 1.7 GB


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What kind of weights.

    Parameters
    ----------
    ridge : float
        In units of what an item of average popularity co-occurs with itself.
    input_power : float
        The weights of an input are divided by this power of its popularity.
    candidate_power : float
        The weights of a candidate are multiplied by this power of its popularity.
    """

    ridge: float
    input_power: float
    candidate_power: float


class ItemWeights:
    """The co-occurrences of some histories, and weights of any shape made from them.

    Parameters
    ----------
    histories : Histories
    most_items : int, optional
        Weights only between so many items, the first of the vocabulary.
    """

    def __init__(self, histories: Histories, most_items: int | None = None) -> None:
        histories = histories.known()
        lengths = np.maximum(histories.lengths, 1)
        counted = (lengths**-0.5 / np.mean(lengths**-0.5)).astype(np.float32)
        watched = np.bincount(
            histories.items,
            np.repeat(counted, histories.lengths),
            minlength=len(histories.vocabulary),
        )
        self._unit = np.float32(watched.mean())
        self._gram = co_occurrences(histories, counted, most_items)
        popularity = np.maximum(self._gram.diagonal() / self._unit, 0.01)
        self._popularity = popularity.astype(np.float32)
        self._latest: tuple[float, Matrix] | None = None

    def of(self, shape: Shape) -> Matrix:
        """Return weights, a row for each input, float32 (n_items, n_items)."""
        of_inputs = self._popularity ** np.float32(-shape.input_power)
        of_candidates = self._popularity ** np.float32(shape.candidate_power)
        weights: Matrix = self._with_ridge(shape.ridge) * of_candidates
        weights *= of_inputs[:, None]
        return weights

    def _with_ridge(self, ridge: float) -> Matrix:
        if self._latest is None or self._latest[0] != ridge:
            l2 = np.float32(ridge) * self._unit * np.sqrt(self._popularity)
            self._latest = ridge, ease_weights(self._gram.copy(), l2)
        return self._latest[1]
