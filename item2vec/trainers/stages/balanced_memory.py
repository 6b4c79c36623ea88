"""The item-item memory, with scores as large as those of the vectors that it is added to.

The memory is a sparse matrix of weights between items, which adds to the scores of the vectors. It
has two sets of weights, for short and for long histories. Each is scaled here to the vectors, so
that the same mixing weights can be tried for all data sets.
"""

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from item2vec.data.histories import Histories
from item2vec.data.packed import take_slices
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables
from item2vec.trainers.memory_weights.long_histories import neighborhood_weights
from item2vec.trainers.memory_weights.short_histories import pair_weights
from item2vec.types import Floats

# Items from which each item is predicted. 100 predict long histories better than all items do
# (docs/experiments.md, "What was tried for the defaults"); with 50, the memory of a catalogue of
# 500,000 items is computed in less than 4 GB (ibid.).
NEIGHBORS, NEIGHBORS_IN_LARGE, LARGE_CATALOG = 100, 50, 100_000
# The spread of the scores of each set of weights, in units of that of the vectors. Twice as much in
# long histories gains 1 to 2 % on two of three data sets; three times as much loses (ibid.).
SPREADS = {"short": 1.0, "long": 2.0}
# The spread is measured on up to 200 histories of up to 10 items, and on fewer for many items,
# where all scores together would take more than 80 MB.
SPREAD_HISTORIES, SPREAD_LENGTH, SPREAD_SCORES = 200, 10, 20_000_000
LEAST_SPREAD_HISTORIES = 20
ROUNDING = (
    1e-5  # in units of the largest weight: scores with a smaller spread differ only by rounding
)


def n_neighbors(wanted: int | Literal["auto"], n_items: int) -> int:
    """Return the number of items from which each item is predicted; 0 for no memory."""
    if wanted == "auto":
        wanted = NEIGHBORS if n_items <= LARGE_CATALOG else NEIGHBORS_IN_LARGE
    return min(wanted, max(0, n_items - 1))


def balanced_memory(
    vectors: ItemVectors, histories: Histories, n: int, *, crossover: float
) -> Memory:
    """Return a memory of `n` neighbors whose scores are as large as those of the vectors.

    The spread of its scores over the items is `SPREADS` times that of the vectors, on average over
    some histories of about ten items.

    Parameters
    ----------
    vectors : ItemVectors
    histories : Histories
        The histories that the vectors were trained on.
    n : int
        Number of items from which each item is predicted.
    crossover : float
        See `Memory`.
    """
    tables = CoOccurrenceTables.of(histories, n)
    memory = Memory(pair_weights(tables), neighborhood_weights(tables), crossover=crossover)
    n_affordable = SPREAD_SCORES // len(histories.vocabulary)
    n_histories = max(LEAST_SPREAD_HISTORIES, min(SPREAD_HISTORIES, n_affordable))
    some = _shortened(histories, n_histories)
    spread = _spread(vectors.score_rows(some))
    scaled: dict[str, Any] = {}
    for name, weights in memory.parts().items():
        memory_spread = _spread(Memory(weights).score_rows(some, power=vectors.power))
        largest = float(np.abs(weights.weights).max(initial=0))
        if memory_spread > ROUNDING * largest:  # else all items have the same score
            scaled[name] = weights.scaled(SPREADS[name] * spread / memory_spread)
    return replace(memory, **scaled)


def _shortened(histories: Histories, n: int) -> Histories:
    """Return the first ten items of `n` histories, evenly spaced."""
    long_enough = np.flatnonzero(histories.lengths > 1)
    if len(long_enough) == 0:
        long_enough = np.arange(len(histories))
    positions = np.unique(np.linspace(0, len(long_enough) - 1, n).astype(np.int64))
    some = histories.take(long_enough[positions])
    lengths = np.minimum(some.lengths, SPREAD_LENGTH)
    items, offsets = take_slices(some.items, some.offsets[:-1], lengths)
    return Histories(items, offsets, some.vocabulary)


def _spread(scores: Floats) -> float:
    """Return the mean over histories of the standard deviation over items.

    Parameters
    ----------
    scores : array of shape (n_histories, n_items), float32
    """
    return float(scores.std(axis=1).mean())
