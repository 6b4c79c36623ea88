"""Weights of an item-item memory for short histories: close to a k-nearest-neighbors rule.

From a few items, what predicts best is how often an item shares a history with each of them: the
weight of item i for item j is ``G_ij / (G_ii + ridge_i)`` for the co-occurrences G. Only among the
most popular items, which share histories with everything, each explains a little away of what the
others share: there the weights are those of EASE (Steck, 2019) with the same large ridge.

For every item of a history the largest of its weights are kept, so that each has a say: the nearest
neighbors of the predicted items, which predict long histories better, would leave unpopular items
without any popular one to predict.
"""

from typing import Any

import numpy as np

from item2vec._support.sparse_top_k import keep_largest
from item2vec.models.ease_weights import ease_weights
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables

RIDGE = 100.0  # in units of G_ii, on average over the most popular items
INPUT_POWER = -0.2  # of the popularity of the item of the history, by which weights are multiplied
MOST_KEPT = 60  # weights for each item
BLOCK = 512


def pair_weights(tables: CoOccurrenceTables) -> ItemWeights:
    """Return the largest weights of each item, all of them positive."""
    n_kept = min(MOST_KEPT, tables.nearest.shape[1])
    alone = tables.diagonal + tables.ridge(RIDGE)
    weights = tables.strongest.copy()
    n_weights = np.diff(weights.indptr)
    weights.data *= tables.candidates[weights.indices]
    weights.data /= np.repeat(alone, n_weights)
    popular: Any = _popular(tables, n_kept).to_csr()
    popular.resize(weights.shape)
    weights = keep_largest(weights + popular, n_kept)
    weights.sort_indices()
    of_items = tables.popularity ** np.float32(INPUT_POWER)
    weights.data *= np.repeat(of_items, np.diff(weights.indptr))
    return ItemWeights.of_csr(weights)


def _popular(tables: CoOccurrenceTables, n_kept: int) -> ItemWeights:
    """Return the largest weights of EASE among the most popular items."""
    n = tables.n_apart
    solved = ease_weights(tables.dense[:n, :n].copy(), tables.ridge(RIDGE)[:n])
    solved *= tables.candidates[:n]
    np.maximum(solved, 0, out=solved)
    return ItemWeights.of_largest((solved[i : i + BLOCK] for i in range(0, n, BLOCK)), n_kept)
