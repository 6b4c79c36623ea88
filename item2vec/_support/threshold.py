"""Selection of the k largest scores of each row by a threshold that is estimated from a sample.

Among every `STRIDE`-th score of a row are about k / `STRIDE` of its k largest scores. A threshold
at a slightly lower rank of this sample is therefore exceeded by somewhat more than k scores, and
only these are ranked. Rows in which fewer than k scores or too many exceed the threshold are
partitioned in full, so the sample affects only the speed, never the result.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from item2vec.types import Positions, Rows, Scores

STRIDE = 16  # every 16th score is sampled
TILE_ITEMS = 4096  # scores are computed and compared in tiles that fit into the cache of a core


def sampled(scores: Scores) -> Scores:
    """Return every `STRIDE`-th column of scores (m, n) as a view, (m, s)."""
    return scores[:, STRIDE // 2 :: STRIDE]


def tiles(n: int) -> Iterator[tuple[int, int]]:
    """Divide `n` columns into tiles (start, stop) of at most `TILE_ITEMS` columns."""
    for start in range(0, n, TILE_ITEMS):
        yield start, min(start + TILE_ITEMS, n)


class AboveThreshold:
    """The scores of each row that are above its threshold, collected tile by tile.

    Parameters
    ----------
    m, n, k : int
        Number of rows, of scores per row, and of scores to select.
    sample : array of shape (m, s), float32
        The scores in the sampled columns; see `sampled`.

    Attributes
    ----------
    is_useful : bool
        Whether the rows are long enough, compared with `k`, for a threshold to save time. If not,
        `add` must not be called.
    """

    def __init__(self, m: int, n: int, k: int, sample: Scores) -> None:
        self.k = k
        self.width = min(k, n)
        # About k / STRIDE of the k largest scores are expected in the sample. With a margin of 2.5
        # standard deviations, fewer than k scores rarely pass.
        expected = self.width / STRIDE
        rank = math.ceil(expected + 2.5 * math.sqrt(expected) + 1)
        size = sample.shape[1]
        self.is_useful = 8 * rank <= size  # otherwise too many scores would pass
        self.filled = np.zeros(m, dtype=np.int64)
        if self.is_useful:
            self.thresholds = np.partition(sample, size - rank, axis=1)[:, size - rank]  # (m,)
            room = 4 * rank * STRIDE
            self.scores = np.full((m, room), -np.inf, dtype=np.float32)
            self.columns = np.zeros((m, room), dtype=np.int32)

    def add(self, scores: Scores, start: int) -> None:
        """Collect the scores above the thresholds in a tile (m, w) that begins at `start`."""
        m, width = scores.shape
        room = self.scores.shape[1]
        found = np.flatnonzero(scores > self.thresholds[:, None])
        rows = found // width
        counts = np.bincount(rows, minlength=m)
        # The slot of each score in its row's buffer: behind the scores collected before it.
        begins = self.filled - (np.cumsum(counts) - counts)
        slots = begins[rows] + np.arange(len(found))
        self.filled += counts
        if self.filled.max(initial=0) > room:  # such rows are partitioned in full later
            fits = slots < room
            found, rows, slots = found[fits], rows[fits], slots[fits]
        slots += rows * room
        self.scores.ravel()[slots] = scores.reshape(-1)[found]
        self.columns.ravel()[slots] = found - rows * width + start

    def ranked(self, all_scores: Callable[[Positions], Scores]) -> tuple[Rows, Scores]:
        """Return the columns and the scores of the top k of each row, best first.

        Parameters
        ----------
        all_scores : callable
            Returns all scores, (r, n) float32, of r given rows; called at most once, for the rows
            to be partitioned in full.

        Returns
        -------
        columns : array of shape (m, k), int32
            -1 where a row has fewer than k scores above ``-inf``.
        scores : array of shape (m, k), float32
            NaN where the column is -1.
        """
        m = len(self.filled)
        result = np.full((m, self.k), -1, dtype=np.int32)
        best = np.full((m, self.k), np.nan, dtype=np.float32)
        fits = np.zeros(m, dtype=bool)
        if self.is_useful:
            fits = (self.filled >= self.width) & (self.filled <= self.scores.shape[1])
            most = int(self.filled[fits].max(initial=self.width))
            scores, columns = self.scores[fits, :most], self.columns[fits, :most]
            order = largest(scores, self.width)
            result[fits, : self.width] = np.take_along_axis(columns, order, axis=1)
            best[fits, : self.width] = np.take_along_axis(scores, order, axis=1)
        rest = np.flatnonzero(~fits)
        if len(rest):
            scores = all_scores(rest)
            order = largest(scores, self.width)
            found = np.take_along_axis(scores, order, axis=1)
            excluded = found == -np.inf
            result[rest, : self.width] = np.where(excluded, -1, order)
            best[rest, : self.width] = np.where(excluded, np.float32(np.nan), found)
        return result, best


def largest(scores: Scores, width: int) -> Positions:
    """Return the columns of the `width` largest scores of each row, best first, by partition."""
    m, n = scores.shape
    if width < n:
        # Scores are negated, and the smallest are selected: selecting the largest is slow in NumPy
        # if many scores are equal, such as zeros.
        columns = np.argpartition(-scores, width - 1, axis=1)[:, :width]
        columns.sort(axis=1)
        _resolve_boundary_ties(scores, columns)
    else:
        columns = np.broadcast_to(np.arange(n), (m, n))
    chosen = np.take_along_axis(scores, columns, axis=1)
    order = np.argsort(-chosen, axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)


def _resolve_boundary_ties(scores: Scores, columns: Positions) -> None:
    """Break ties at the boundary of the selected `columns` in favor of lower columns, in place."""
    width = columns.shape[1]
    smallest = np.take_along_axis(scores, columns, axis=1).min(axis=1)
    tied = np.count_nonzero(scores >= smallest[:, None], axis=1) > width
    for row in np.flatnonzero(tied & (smallest > -np.inf)):
        above = np.flatnonzero(scores[row] > smallest[row])
        level = np.flatnonzero(scores[row] == smallest[row])[: width - len(above)]
        columns[row] = np.sort(np.concatenate([above, level]))
