"""Top-k selection in each row of scores, exclusion of items, and restriction to allowed items.

Partitioning every row in full is slow, for instance 50,000 scores for a top 100. Instead,
`item2vec._support.threshold` estimates a threshold from a sample of the scores, and ranks only the
scores above it. The result is exact.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.threshold import AboveThreshold, sampled, tiles
from item2vec.types import Offsets, Positions, Rows, Scores

# Blocks of this many scores (32 MB) are large enough for BLAS and small enough for any machine.
BLOCK_SCORES = 8_000_000


def top_k(scores: Scores, k: int) -> Rows:
    """Return the columns of the `k` largest scores in each row, best first.

    Ties are broken in favor of the lower column, so a ranking does not depend on how the rows were
    divided into blocks.

    Parameters
    ----------
    scores : array of shape (m, n), float32
        ``-inf`` marks items that must not be recommended.
    k : int
        At least 1; may exceed n.

    Returns
    -------
    array of shape (m, k), int32
        -1 where a row has fewer than `k` scores above ``-inf``.

    Examples
    --------
    >>> top_k(np.array([[0.1, 0.9, 0.9, -np.inf]], dtype=np.float32), k=4)
    array([[ 1,  2,  0, -1]], dtype=int32)
    """
    m, n = scores.shape
    candidates = AboveThreshold(m, n, k, sampled(scores))
    if candidates.is_useful:
        for start, stop in tiles(n):
            candidates.add(scores[:, start:stop], start)
    return candidates.ranked(lambda rows: scores[rows])[0]


def exclude(scores: npt.NDArray[Any], items: Rows, offsets: Offsets) -> None:
    """Set the scores of the items of each row's history to ``-inf``, in place.

    Parameters
    ----------
    scores : array of shape (m, n)
        Scores of n items for m histories.
    items : array, int32
        The items of all histories, one history after another; -1 is an unknown item.
    offsets : array of shape (m + 1,), int64
        History i is ``items[offsets[i]:offsets[i + 1]]``.
    """
    scores[packed_pairs(items, offsets, 0, len(scores))] = -np.inf


def packed_pairs(
    items: Rows, offsets: Offsets, start: int, stop: int
) -> tuple[Positions, Positions]:
    """Return the known items of packed histories as pairs of history and item, two arrays (p,).

    Parameters
    ----------
    items, offsets : arrays
        Packed histories, as in `exclude`.
    start, stop : int
        Range of the histories; `stop` is exclusive, and history `start` gets the number 0.
    """
    rows = np.repeat(np.arange(stop - start), np.diff(offsets[start : stop + 1]))
    columns = items[offsets[start] : offsets[stop]].astype(np.intp)
    known = columns >= 0
    return rows[known], columns[known]


def rows_at(allowed: Rows | None, places: Rows) -> Rows:
    """Convert positions among the allowed rows to rows, of the same shape; -1 remains -1."""
    if allowed is None or len(allowed) == 0:  # all rows are allowed, or all positions are -1
        return places
    rows: Rows = np.where(places >= 0, allowed[places], np.int32(-1))
    return rows


def places_in(allowed: Rows | None, rows: Rows) -> Rows:
    """Convert rows to positions among the allowed rows, int32 (n,); -1 for any other row."""
    if allowed is None:
        return rows
    places = np.searchsorted(allowed, rows).astype(np.int32)
    is_allowed = places < len(allowed)
    is_allowed[is_allowed] = allowed[places[is_allowed]] == rows[is_allowed]
    return np.where(is_allowed, places, np.int32(-1))


def scores_at(scores: Scores, places: Rows) -> Scores:
    """Return the scores in the columns `places`, of the same shape; NaN where a column is -1."""
    if scores.shape[1] == 0:  # then every column is -1
        return np.full(places.shape, np.nan, dtype=np.float32)
    picked = np.take_along_axis(scores, np.maximum(places, 0), axis=1)
    return np.where(places >= 0, picked, np.float32(np.nan))
