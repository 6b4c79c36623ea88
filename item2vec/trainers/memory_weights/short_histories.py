"""Memory weights for short histories: close to a k-nearest-neighbors rule.

An item-item memory is a sparse matrix of weights between items; its weights for a history's items
are added to the scores of the vectors.

From a few items, the best predictor is how often an item shares a history with each of them: the
weight of item i for item j is ``G_ij / (G_ii + ridge_i)`` for the co-occurrences G. Only the most
popular items, which share histories with almost all items, have to explain away a little of what
the others share: among them the weights are those of EASE (Steck, 2019) with the same large ridge.

The largest weights of every item of a history are kept, so that each item predicts something. The
nearest neighbors of the predicted items, which suit long histories better, would leave unpopular
items without any popular item to predict.
"""

from typing import Any

import numpy as np

from item2vec._support.sparse_top_k import keep_largest
from item2vec.models.ease_weights import ease_weights
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables

# In units of G_ii, on average over the most popular items. 30 gains 2.6 % on Online Retail, and no
# ridge gains 9 % on MovieLens small, but loses 12 % on Online Retail; see docs/experiments.md,
# "What was tried for the defaults".
RIDGE = 100.0
# Weights are multiplied by this power of the popularity of the item of the history, so that popular
# items, which reveal less about a user, count for less.
INPUT_POWER = -0.2
MOST_KEPT = 60  # weights of each item; 60 are as good as 100 (ibid.)
BLOCK = 512  # rows of dense weights that are searched at a time


def pair_weights(tables: CoOccurrenceTables) -> ItemWeights:
    """Return the largest weights of each item, all of them positive."""
    n_kept = min(MOST_KEPT, tables.nearest.shape[1])
    denominators = tables.diagonal + tables.ridge(RIDGE)  # (n_items,)
    weights = tables.strongest.copy()  # (n_items, n_items) CSR, as all below
    n_weights = np.diff(weights.indptr)
    weights.data *= tables.candidate_factors[weights.indices]
    weights.data /= np.repeat(denominators, n_weights)
    popular: Any = _ease_weights_of_popular(tables, n_kept).to_csr()
    popular.resize(weights.shape)
    weights = keep_largest(weights + popular, n_kept)
    weights.sort_indices()
    input_factors = tables.popularity ** np.float32(INPUT_POWER)  # (n_items,)
    weights.data *= np.repeat(input_factors, np.diff(weights.indptr))
    return ItemWeights.of_csr(weights)


def _ease_weights_of_popular(tables: CoOccurrenceTables, n_kept: int) -> ItemWeights:
    """Return the largest weights of EASE among the most popular items."""
    n = tables.n_popular
    solved = ease_weights(tables.dense[:n, :n].copy(), tables.ridge(RIDGE)[:n])  # (n, n)
    solved *= tables.candidate_factors[:n]
    np.maximum(solved, 0, out=solved)
    return ItemWeights.of_largest((solved[i : i + BLOCK] for i in range(0, n, BLOCK)), n_kept)
