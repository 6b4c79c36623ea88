"""Weights of an item-item memory for short histories: close to a k-nearest-neighbors rule.

From a few items, what predicts best is how often an item shares a history with each of them: the
weight of item i for item j is ``G_ij / (G_ii + ridge_i)`` for the co-occurrences G. Only among the
most popular items, which share histories with everything, each explains a little away of what the
others share: there the weights are those of EASE (Steck, 2019) with the same large ridge.

For every item of a history the largest of its weights are kept, so that each has a say: the nearest
neighbors of the predicted items, which predict long histories better, would leave unpopular items
without any popular one to predict.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from item2vec.baselines.ease import ease_weights
from item2vec.embedding_bag import Floats
from item2vec.item_weights import ItemWeights
from item2vec.sparse_ranking import keep_largest
from item2vec.trainers.co_occurrence_tables import CoOccurrenceTables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from item2vec.item_weights import Sparse

RIDGE = 100.0  # in units of G_ii, on average over the most popular items
INPUT_POWER = -0.2  # of the popularity of the item of the history, by which weights are multiplied
MOST_KEPT = 60  # weights for each item
BLOCK = 512


def pair_weights(tables: CoOccurrenceTables) -> ItemWeights:
    """Return the largest weights of each item, all of them positive."""
    import scipy.sparse

    solved = _solved(tables)
    blocks = list(_blocks(tables, solved))
    return ItemWeights.of_csr(scipy.sparse.vstack(blocks, format="csr"))


def _solved(tables: CoOccurrenceTables) -> Floats:
    """Return the weights of EASE among the most popular items."""
    n = tables.n_apart
    return ease_weights(tables.dense[:n, :n].copy(), tables.ridge(RIDGE)[:n])


def _blocks(tables: CoOccurrenceTables, solved: Floats) -> "Iterator[Sparse]":
    """Give the largest weights of all items, sparse, some rows at a time."""
    import scipy.sparse

    n = min(MOST_KEPT, tables.nearest.shape[1])
    alone = tables.diagonal + tables.ridge(RIDGE)
    of_items = tables.popularity ** np.float32(INPUT_POWER)
    for start in range(0, len(tables), BLOCK):
        rows = slice(start, min(start + BLOCK, len(tables)))
        weights = tables.strongest[rows]
        weights.data /= np.repeat(alone[rows], np.diff(weights.indptr))
        popular: Any = scipy.sparse.csr_array(solved[rows])
        popular.resize(weights.shape)
        weights = weights + popular
        weights.data *= tables.candidates[weights.indices]
        weights.data *= np.repeat(of_items[rows], np.diff(weights.indptr))
        largest = keep_largest(weights, n)
        largest.sort_indices()
        yield largest
