"""The top k of blocks of scores, with exclusions.

A full partition of every row is what costs: 50,000 scores for the sake of 100. Here a sample of a
row's scores gives a threshold that a little more than k of them pass, and only these are ranked. A
row where fewer pass, or very many, as where most scores are equal, is partitioned in full: the
result is exact, whatever the sample says.
"""

import concurrent.futures
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.threads import available_cores, blas_threads
from item2vec.types import Offsets, Positions, Rows, Scores

# Blocks of this many scores (32 MB) are large enough for BLAS and small enough for any machine.
BLOCK_SCORES = 8_000_000

STRIDE = 16  # every 16th score is sampled
# Scores are computed and looked through in tiles that a core's cache can hold.
TILE_ROWS, TILE_ITEMS = 256, 4096
# What is added to products is computed for all items at once, in 16 MB or for the fewest rows.
ADDED_SCORES, FEWEST_ADDED_ROWS, MOST_ADDED_ROWS = 4_000_000, 16, 128
_NONE: Positions = np.empty(0, dtype=np.intp)

# Writes what is added to the products of the queries from the first number up to the second into
# an array (stop - start, n) that it overwrites. Threads call it at the same time.
WriteAdded = Callable[[int, int, Scores], None]


def top_k(scores: Scores, k: int) -> Rows:
    """Return the places of the `k` largest scores in every row, best first.

    Ties go to the lower place, so that a ranking is the same however the work was cut into blocks.

    Parameters
    ----------
    scores : array of shape (m, n), float32
        ``-inf`` marks what must not be recommended.
    k : int
        At least 1; may exceed n.

    Returns
    -------
    array of shape (m, k), int32
        Filled with -1 where a row has fewer than `k` scores above ``-inf``.

    Examples
    --------
    >>> top_k(np.array([[0.1, 0.9, 0.9, -np.inf]], dtype=np.float32), k=4)
    array([[ 1,  2,  0, -1]], dtype=int32)
    """
    m, n = scores.shape
    passing = Passing(m, n, k, scores[:, STRIDE // 2 :: STRIDE])
    if passing.is_useful:
        for start in range(0, n, TILE_ITEMS):
            passing.add(scores[:, start : start + TILE_ITEMS], start)
    return passing.ranked(lambda rows: scores[rows])[0]


def top_k_of_products(
    queries: Scores,
    items: Scores,
    k: int,
    *,
    hidden: tuple[Rows, Offsets] | None = None,
    write_added: WriteAdded | None = None,
) -> tuple[Rows, Scores]:
    """Return, for each query, the `k` items with the largest products, best first.

    The places are those of ``top_k(queries @ items.T + added, k)``. Only a few tiles of the scores
    are in memory at a time, and all cores are used.

    Parameters
    ----------
    queries : array of shape (m, d), float32
    items : array of shape (n, d), float32
    k : int
    hidden : (items, offsets), optional
        The items that must not be recommended to each query, packed as `exclude` takes them.
    write_added : callable, optional
        Writes the scores that are added to the products of some queries; see `WriteAdded`.

    Returns
    -------
    places : array of shape (m, k), int32
        Filled with -1 where fewer than `k` items may be recommended.
    scores : array of shape (m, k), float32
        NaN where the place is -1.
    """
    columns = items.T  # (d, n): BLAS is as fast on a view of tiles as on a copy
    sampled = np.ascontiguousarray(items[STRIDE // 2 :: STRIDE]).T
    places = np.empty((len(queries), k), dtype=np.int32)
    scores = np.empty((len(queries), k), dtype=np.float32)
    scratch = _Scratch()
    step = TILE_ROWS
    if write_added is not None:
        fitting = ADDED_SCORES // max(1, len(items))
        step = min(max(fitting, FEWEST_ADDED_ROWS), MOST_ADDED_ROWS)

    def rank(start: int) -> None:
        stop = min(start + step, len(queries))
        own = (_NONE, _NONE) if hidden is None else _own(*hidden, start, stop)
        added = None
        if write_added is not None:
            added = scratch.added(stop - start, len(items))
            write_added(start, stop, added)
        block = _Block(queries[start:stop], columns, own, added, scratch)
        places[start:stop], scores[start:stop] = block.top_k(k, sampled)

    starts = range(0, len(queries), step)
    # Each thread has a block of its own; were BLAS to use threads too, they would wait for another.
    with (
        blas_threads(1, numpy_only=True),
        concurrent.futures.ThreadPoolExecutor(available_cores()) as pool,
    ):
        list(pool.map(rank, starts))
    return places, scores


class _Scratch(threading.local):
    """Arrays that each thread uses again and again: fresh memory for every tile would cost more."""

    def __init__(self) -> None:
        self._tile = np.empty(0, dtype=np.float32)
        self._added = np.empty(0, dtype=np.float32)

    def tile(self, m: int, width: int) -> Scores:
        """Return an array (m, width) for a tile of scores, float32, not initialized."""
        if self._tile.size < m * width:
            self._tile = np.empty(m * width, dtype=np.float32)
        return self._tile[: m * width].reshape(m, width)

    def added(self, m: int, n: int) -> Scores:
        """Return an array (m, n) for what is added to products, float32, not initialized."""
        if self._added.size < m * n:
            self._added = np.empty(m * n, dtype=np.float32)
        return self._added[: m * n].reshape(m, n)


class _Block:
    """Some queries, and the tiles of their scores."""

    def __init__(
        self,
        queries: Scores,
        columns: Scores,
        own: tuple[Positions, Positions],
        added: Scores | None,
        scratch: _Scratch,
    ) -> None:
        self.queries = queries
        self.columns = columns
        self.added = added
        self.scratch = scratch
        # What is hidden, by item: a tile takes a run of it.
        order = np.argsort(own[1])
        self.hidden_rows, self.hidden_items = own[0][order], own[1][order]

    def top_k(self, k: int, sampled: Scores) -> tuple[Rows, Scores]:
        n = self.columns.shape[1]
        sample = self.queries @ sampled
        if self.added is not None:
            sample += self.added[:, STRIDE // 2 :: STRIDE]
        passing = Passing(len(self.queries), n, k, sample)
        if passing.is_useful:
            for start in range(0, n, TILE_ITEMS):
                passing.add(self._scores(start, min(start + TILE_ITEMS, n)), start)
        return passing.ranked(self._in_full)

    def _in_full(self, rows: Positions) -> Scores:
        """Return all scores of some of the queries."""
        scores: Scores = self.queries[rows] @ self.columns
        if self.added is not None:
            scores += self.added[rows]
        for place, row in enumerate(rows.tolist()):
            scores[place, self.hidden_items[self.hidden_rows == row]] = -np.inf
        return scores

    def _scores(self, start: int, stop: int) -> Scores:
        """Return a tile of scores; the next one takes its place."""
        scores = self.scratch.tile(len(self.queries), stop - start)
        np.matmul(self.queries, self.columns[:, start:stop], out=scores)
        if self.added is not None:
            scores += self.added[:, start:stop]
        begin, end = np.searchsorted(self.hidden_items, [start, stop])
        scores[self.hidden_rows[begin:end], self.hidden_items[begin:end] - start] = -np.inf
        return scores


class Passing:
    """The scores of each row that pass its threshold, collected tile by tile.

    Parameters
    ----------
    m, n, k : int
        Rows, scores a row, and how many are wanted.
    sample : array of shape (m, s)
        Every `STRIDE`-th score.
    """

    def __init__(self, m: int, n: int, k: int, sample: Scores) -> None:
        self.k = k
        self.width = min(k, n)
        # Of the k largest scores about k / STRIDE are in the sample, and rarely so many more.
        expected = self.width / STRIDE
        rank = math.ceil(expected + 2.5 * math.sqrt(expected) + 1)
        size = sample.shape[1]
        self.is_useful = 8 * rank <= size  # else too many would pass
        self.filled = np.zeros(m, dtype=np.int64)
        if self.is_useful:
            self.thresholds = np.partition(sample, size - rank, axis=1)[:, size - rank]
            room = 4 * rank * STRIDE
            self.scores = np.full((m, room), -np.inf, dtype=np.float32)
            self.places = np.zeros((m, room), dtype=np.int32)

    def add(self, scores: Scores, start: int) -> None:
        """Look through the scores (m, w) of the items from `start` on."""
        m, width = scores.shape
        room = self.scores.shape[1]
        found = np.flatnonzero(scores > self.thresholds[:, None])
        rows = found // width
        counts = np.bincount(rows, minlength=m)
        # Where in its row each goes: behind those of earlier tiles and those before it in this one.
        begins = self.filled - (np.cumsum(counts) - counts)
        places = begins[rows] + np.arange(len(found))
        self.filled += counts
        if self.filled.max(initial=0) > room:  # such rows are partitioned in full later
            fits = places < room
            found, rows, places = found[fits], rows[fits], places[fits]
        places += rows * room
        self.scores.ravel()[places] = scores.reshape(-1)[found]
        self.places.ravel()[places] = found - rows * width + start

    def ranked(self, all_scores: Callable[[Positions], Scores]) -> tuple[Rows, Scores]:
        """Return the top k of every row, and their scores, NaN where there is none.

        `all_scores` gives the rows that must be seen in full.
        """
        m = len(self.filled)
        result = np.full((m, self.k), -1, dtype=np.int32)
        best = np.full((m, self.k), np.nan, dtype=np.float32)
        fits = np.zeros(m, dtype=bool)
        if self.is_useful:
            fits = (self.filled >= self.width) & (self.filled <= self.scores.shape[1])
            most = int(self.filled[fits].max(initial=self.width))
            scores, places = self.scores[fits, :most], self.places[fits, :most]
            order = _partitioned(scores, self.width)
            result[fits, : self.width] = np.take_along_axis(places, order, axis=1)
            best[fits, : self.width] = np.take_along_axis(scores, order, axis=1)
        rest = np.flatnonzero(~fits)
        if len(rest):
            scores = all_scores(rest)
            order = _partitioned(scores, self.width)
            found = np.take_along_axis(scores, order, axis=1)
            hidden = found == -np.inf
            result[rest, : self.width] = np.where(hidden, -1, order)
            best[rest, : self.width] = np.where(hidden, np.float32(np.nan), found)
        return result, best


def _partitioned(scores: Scores, width: int) -> Positions:
    """Return the places of the `width` largest scores of each row, best first, by partition."""
    m, n = scores.shape
    if width < n:
        # From the smallest of their negatives: numpy is slow where the rest are equal, and at 0.
        places = np.argpartition(-scores, width - 1, axis=1)[:, :width]
        places.sort(axis=1)
        _settle_boundary_ties(scores, places)
    else:
        places = np.broadcast_to(np.arange(n), (m, n))
    chosen = np.take_along_axis(scores, places, axis=1)
    order = np.argsort(-chosen, axis=1, kind="stable")
    return np.take_along_axis(places, order, axis=1)


def _settle_boundary_ties(scores: Scores, places: Positions) -> None:
    """Where the k-th largest score stands outside `places` too, choose its lowest places."""
    width = places.shape[1]
    smallest = np.take_along_axis(scores, places, axis=1).min(axis=1)
    tied = np.count_nonzero(scores >= smallest[:, None], axis=1) > width
    for row in np.flatnonzero(tied & (smallest > -np.inf)):
        above = np.flatnonzero(scores[row] > smallest[row])
        level = np.flatnonzero(scores[row] == smallest[row])[: width - len(above)]
        places[row] = np.sort(np.concatenate([above, level]))


def exclude(scores: npt.NDArray[Any], items: Rows, offsets: Offsets) -> None:
    """Set the scores of each row's own items to ``-inf``, in place.

    Parameters
    ----------
    scores : array of shape (m, n)
    items : array, int32
        The items of all rows, one row after another; -1 stands for an unknown item.
    offsets : array of shape (m + 1,), int64
        Row i owns ``items[offsets[i]:offsets[i + 1]]``.
    """
    scores[_own(items, offsets, 0, len(scores))] = -np.inf


def _own(items: Rows, offsets: Offsets, start: int, stop: int) -> tuple[Positions, Positions]:
    """Return the rows, from 0, and the known items of packed rows `start` to `stop`."""
    rows = np.repeat(np.arange(stop - start), np.diff(offsets[start : stop + 1]))
    mine = items[offsets[start] : offsets[stop]].astype(np.intp)
    known = mine >= 0
    return rows[known], mine[known]


def rows_at(allowed: Rows | None, places: Rows) -> Rows:
    """Return the rows at places among the allowed ones, of the same shape; -1 stays -1."""
    if allowed is None or len(allowed) == 0:  # every row is its own place, or all are -1
        return places
    rows: Rows = np.where(places >= 0, allowed[places], np.int32(-1))
    return rows


def places_in(allowed: Rows | None, rows: Rows) -> Rows:
    """Return the places of rows among the allowed ones, int32 (n,); -1 for any other row."""
    if allowed is None:
        return rows
    places = np.searchsorted(allowed, rows).astype(np.int32)
    there = places < len(allowed)
    there[there] = allowed[places[there]] == rows[there]
    return np.where(there, places, np.int32(-1))


def scores_at(scores: Scores, places: Rows) -> Scores:
    """Return the scores at places, of the same shape; NaN where a place is -1."""
    if scores.shape[1] == 0:  # then every place is -1
        return np.full(places.shape, np.nan, dtype=np.float32)
    picked = np.take_along_axis(scores, np.maximum(places, 0), axis=1)
    return np.where(places >= 0, picked, np.float32(np.nan))
