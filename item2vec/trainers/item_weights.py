"""Weights between items for a memory: EASE, with long histories and popular items kept in bounds.

EASE (Steck, 2019) solves ``B = -P / diag(P)``, ``P = (G + λI)⁻¹``, for G the co-occurrences. Here
a history of n items counts for 1/√n, for who watched everything says little of any pair; and the
ridge of item i is ``ridge * sqrt(G_ii * unit)``, between one for all and one in proportion to its
popularity (which is what dropout does: Steck, "Autoencoders that don't overfit towards the
identity", 2020). A small ridge gives EASE; a large one leaves G alone, a k-nearest-neighbours rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from item2vec.baselines.ease import ease_weights
from item2vec.co_occurrences import Matrix, co_occurrences, short_first
from item2vec.histories import Histories

MOST_ITEMS = 12_000  # two dense matrices of them take 1.2 GB
UNIT_OF = 1_000  # items, the most popular: whoever knows these alone has the same unit
POPULAR, LARGE_RIDGE = 4_000, 30.0  # with a larger ridge others explain little away: not solved
ROWS = 512


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What kind of weights.

    Parameters
    ----------
    ridge : float
        In units of what an item co-occurs with itself, on average over the first `UNIT_OF` items.
    input_power : float
        The weights of an input are divided by this power of its popularity.
    candidate_power : float
        The weights of a candidate are multiplied by this power of its popularity.
    """

    ridge: float
    input_power: float
    candidate_power: float


class ItemWeights:
    """The co-occurrences of some histories, and weights of any shape made from them."""

    def __init__(self, histories: Histories) -> None:
        histories = histories.known()
        self._gram = co_occurrences(histories, short_first(histories))
        watched = self._gram.diagonal()
        self._unit = np.maximum(watched[:UNIT_OF].mean(), np.finfo(np.float32).tiny)
        self._popularity = np.maximum(watched / self._unit, np.float32(0.01))
        self._latest: tuple[float, Matrix] | None = None

    def of(self, shape: Shape) -> Matrix:
        """Return weights, a row for each input, float32 (n_items, n_items)."""
        return np.concatenate(list(self.blocks(shape)))

    def blocks(self, shape: Shape) -> Iterator[Matrix]:
        """Return the same, some rows at a time."""
        l2 = np.float32(shape.ridge) * self._unit * np.sqrt(self._popularity)
        solved = self._solved(shape.ridge, l2)
        of_inputs = self._popularity ** np.float32(-shape.input_power)
        of_candidates = self._popularity ** np.float32(shape.candidate_power)
        alone = self._gram.diagonal() + l2
        n, n_solved = len(self._gram), len(solved)
        for start in range(0, n, ROWS):
            rows = np.arange(start, min(start + ROWS, n))
            if n_solved == n:
                weights = solved[rows]
            else:  # each of the others predicts, and is predicted, by itself alone
                weights = self._gram[rows] / alone[rows, None]
                weights[rows - start, rows] = 0
                weights[: max(0, n_solved - start), :n_solved] = solved[start : start + ROWS]
            weights *= of_candidates
            weights *= of_inputs[rows, None]
            yield weights

    def _solved(self, ridge: float, l2: Matrix) -> Matrix:
        """Return EASE's weights, between all items or between the popular ones."""
        if self._latest is None or self._latest[0] != ridge:
            n = POPULAR if ridge >= LARGE_RIDGE else None
            self._latest = ridge, ease_weights(self._gram[:n, :n].copy(), l2[:n])
        return self._latest[1]
