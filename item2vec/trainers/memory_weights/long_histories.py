"""Weights of an item-item memory for long histories: items predicted by those nearest to them.

EASE (Steck, 2019) predicts an item j from all others by ridge regression: its weights solve
``(G + Λ) b = G_j`` for the co-occurrences G of the others and the ridge Λ. Here the others are the
items with the largest cosine, as in SLIM with feature selection (Ning and Karypis, "SLIM: Sparse
Linear Methods for Top-N Recommender Systems", 2011). That takes a small system for each item, of
which there may be any number, and recommends better than the solution with all items (see
docs/experiments.md). The ridge is small: an item explains away what others share.
"""

import numpy as np

from item2vec.models.memory.item_weights import ItemWeights
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables
from item2vec.types import Floats, Rows

RIDGE = 2.0  # in units of G_ii, on average over the most popular items
BLOCK_NUMBERS = 4_000_000  # in the systems that are solved at a time


def neighborhood_weights(tables: CoOccurrenceTables) -> ItemWeights:
    """Return the weights with which its nearest items predict each item."""
    ridge, candidates = tables.ridge(RIDGE), tables.candidates
    neighbors = tables.nearest
    weights = np.zeros(neighbors.shape, dtype=np.float32)
    step = max(1, BLOCK_NUMBERS // max(1, neighbors.shape[1] ** 2))
    own = np.arange(neighbors.shape[1])
    for start in range(0, len(tables), step):
        rows = slice(start, start + step)
        systems, targets = _systems(tables, start, neighbors[rows])
        systems[:, own, own] += ridge[np.maximum(neighbors[rows], 0)]
        solved = np.linalg.solve(systems, targets[:, :, None])[:, :, 0]
        weights[rows] = solved * candidates[rows, None]
    return ItemWeights.of_neighbors(neighbors, weights)


def _systems(tables: CoOccurrenceTables, start: int, neighbors: Rows) -> tuple[Floats, Floats]:
    """Return G among the neighbors of some items, (m, k, k), and with these, (m, k).

    A neighbor that is missing has no part in either.
    """
    near = np.maximum(neighbors, 0)
    systems = tables.among(near)
    targets = tables.between(np.arange(start, start + len(near), dtype=np.int32), near)
    missing = neighbors < 0
    if missing.any():
        targets[missing] = 0
        systems[missing[:, :, None] | missing[:, None, :]] = 0
        items, places = np.nonzero(missing)
        systems[items, places, places] = 1
    return systems, targets
