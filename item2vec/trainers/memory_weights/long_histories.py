"""Memory weights for long histories: a ridge regression of each item on its nearest items.

An item-item memory is a sparse matrix of weights between items; its weights for a history's items
are added to the scores of the vectors.

EASE (Steck, 2019) predicts an item j from all others by ridge regression: its weights b solve
``(G + Λ) b = G_j`` for the co-occurrences G of the other items and the diagonal ridge Λ. Here the
predictors are the items with the largest cosine, as in SLIM with feature selection (Ning and
Karypis, "SLIM: Sparse Linear Methods for Top-N Recommender Systems", 2011). That takes one small
system of equations per item, for any number of items, and recommends better than EASE on all items
(docs/experiments.md, "What was tried for the defaults"). The ridge is small, so that each item
explains away what the others share.
"""

import numpy as np

from item2vec.models.memory.item_weights import ItemWeights
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables
from item2vec.types import Floats, Rows

RIDGE = 2.0  # in units of G_ii, on average over the most popular items; small ridges suit fold-in
BLOCK_NUMBERS = 4_000_000  # float32 numbers in the systems that are solved at a time: 16 MB


def neighborhood_weights(tables: CoOccurrenceTables) -> ItemWeights:
    """Return the weights with which the nearest items of each item predict it."""
    ridge, factors = tables.ridge(RIDGE), tables.candidate_factors  # (n_items,) each
    neighbors = tables.nearest  # (n_items, k) int32
    weights = np.zeros(neighbors.shape, dtype=np.float32)
    k = neighbors.shape[1]
    step = max(1, BLOCK_NUMBERS // max(1, k**2))
    diagonal = np.arange(k)
    for start in range(0, len(tables), step):
        rows = slice(start, start + step)
        systems, targets = _systems(tables, start, neighbors[rows])
        systems[:, diagonal, diagonal] += ridge[np.maximum(neighbors[rows], 0)]
        solved = np.linalg.solve(systems, targets[:, :, None])[:, :, 0]  # (step, k)
        weights[rows] = solved * factors[rows, None]
    return ItemWeights.of_neighbors(neighbors, weights)


def _systems(tables: CoOccurrenceTables, start: int, neighbors: Rows) -> tuple[Floats, Floats]:
    """Return the co-occurrences of neighbors with each other, and with the item itself.

    Parameters
    ----------
    tables : CoOccurrenceTables
    start : int
        The first of the m items.
    neighbors : array of shape (m, k), int32
        Neighbors that are missing (-1) get the weight 0: their row and column are those of an
        identity matrix, and their target is 0.

    Returns
    -------
    systems, targets : arrays of shape (m, k, k) and (m, k), float32
    """
    near = np.maximum(neighbors, 0)
    systems = tables.among(near)
    targets = tables.between(np.arange(start, start + len(near), dtype=np.int32), near)
    missing = neighbors < 0
    if missing.any():
        targets[missing] = 0
        systems[missing[:, :, None] | missing[:, None, :]] = 0
        items, positions = np.nonzero(missing)
        systems[items, positions, positions] = 1
    return systems, targets
