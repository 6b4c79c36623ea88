"""Weights of an item-item memory: every item is predicted by the items that are nearest to it.

EASE (Steck, 2019) predicts an item j from all others by ridge regression: its weights solve
``(G + Λ) b = G_j`` for the co-occurrences G of the others and the ridge Λ. Here the others are the
items with the largest cosine, as in SLIM with feature selection (Ning and Karypis, "SLIM: Sparse
Linear Methods for Top-N Recommender Systems", 2011). That takes a small system for each item, of
which there may be any number, and recommends better than the solution with all items (see
docs/experiments.md).

The ridge of item i is ``ridge * √(G_ii * unit)``, between the same for all items and one in
proportion to popularity (which is what dropout does: Steck, "Autoencoders that don't overfit
towards the identity", 2020). With a small ridge an item explains away what others share; a large
one leaves G alone, a k-nearest-neighbours rule.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from item2vec.embedding_bag import Floats
from item2vec.histories import Histories
from item2vec.ranking import Rows
from item2vec.trainers.co_occurrence_tables import CoOccurrenceTables

UNIT_OF = 1_000  # items, the most popular, whose mean is the unit of the ridge
LEAST_POPULARITY = 0.01  # in these units
CANDIDATE_POWER = -0.15  # of the popularity of the predicted item, by which weights are multiplied
BLOCK_NUMBERS = 4_000_000  # in the systems that are solved at a time


class Rule(NamedTuple):
    """How weights are computed.

    Parameters
    ----------
    ridge : float
        In units of G_ii, on average over the most popular items.
    input_power : float
        The weights of an input are divided by this power of its popularity.
    """

    ridge: float
    input_power: float


def neighborhood_weights(
    histories: Histories, n_neighbors: int, rules: Sequence[Rule]
) -> tuple[Rows, list[Floats]]:
    """Return the items by which each item is predicted, and their weights by several rules.

    Parameters
    ----------
    histories : Histories
        Every item known, and each once in a history.
    n_neighbors : int
        Items by which an item is predicted, at most.
    rules : sequence of Rule

    Returns
    -------
    neighbors : array of shape (n_items, k), int32
        -1 where fewer items share a history with the item.
    weights : list of arrays of shape (n_items, k), float32
        By each rule; 0 where the neighbor is -1.
    """
    tables = CoOccurrenceTables.of(histories, n_neighbors)
    unit = max(float(tables.diagonal[:UNIT_OF].mean()), float(np.finfo(np.float32).tiny))
    popularity = np.maximum(tables.diagonal / np.float32(unit), np.float32(LEAST_POPULARITY))
    ridge = np.float32(unit) * np.sqrt(popularity)
    candidates = popularity ** np.float32(CANDIDATE_POWER)
    neighbors = tables.nearest
    weights = [np.zeros(neighbors.shape, dtype=np.float32) for _ in rules]
    step = max(1, BLOCK_NUMBERS // max(1, neighbors.shape[1] ** 2))
    for start in range(0, len(tables), step):
        rows = slice(start, start + step)
        systems, targets = _systems(tables, start, neighbors[rows])
        own = np.arange(neighbors.shape[1])
        diagonal = systems[:, own, own].copy()
        near = np.maximum(neighbors[rows], 0)
        for rule, result in zip(rules, weights, strict=True):
            systems[:, own, own] = diagonal + np.float32(rule.ridge) * ridge[near]
            solved = np.linalg.solve(systems, targets[:, :, None])[:, :, 0]
            solved *= popularity[near] ** np.float32(-rule.input_power)
            result[rows] = solved * candidates[rows, None]
    return neighbors, weights


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
