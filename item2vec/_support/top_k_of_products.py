"""Maximum inner product search: the k best items for each of many queries, on all cores.

The products are computed in tiles that fit into the cache of a core, so the matrix of all scores
is never materialized.
"""

import concurrent.futures
import threading
from collections.abc import Callable

import numpy as np

from item2vec._support.threads import available_cores, blas_threads
from item2vec._support.threshold import AboveThreshold, sampled, tiles
from item2vec._support.top_k import packed_pairs
from item2vec.types import Offsets, Positions, Rows, Scores, Vectors

TILE_ROWS = 256  # queries that a thread ranks at a time
# Added scores are computed for all items at once. A thread then ranks as many queries at a time as
# fit into 16 MB, within these limits.
ADDED_SCORES, FEWEST_ADDED_ROWS, MOST_ADDED_ROWS = 4_000_000, 16, 128
_NONE: Positions = np.empty(0, dtype=np.intp)

# write_added(start, stop, out) overwrites `out`, float32 (stop - start, n), with the scores to be
# added to the products of queries `start` to `stop`. Several threads call it at the same time.
WriteAdded = Callable[[int, int, Scores], None]


def top_k_of_products(
    queries: Vectors,
    items: Vectors,
    k: int,
    *,
    hidden: tuple[Rows, Offsets] | None = None,
    write_added: WriteAdded | None = None,
) -> tuple[Rows, Scores]:
    """Return, for each query, the `k` items with the largest products, best first.

    The ranking is that of ``top_k(queries @ items.T + added, k)``.

    Parameters
    ----------
    queries : array of shape (m, d), float32
    items : array of shape (n, d), float32
    k : int
    hidden : (items, offsets), optional
        The items that must not be recommended to each query, packed as in `exclude`.
    write_added : callable, optional
        Writes the scores that are added to the products; see `WriteAdded`.

    Returns
    -------
    places : array of shape (m, k), int32
        Positions in `items`; -1 where fewer than `k` items may be recommended.
    scores : array of shape (m, k), float32
        NaN where the position is -1.
    """
    ranking = _Ranking(queries, items, k, hidden, write_added)
    # Each thread ranks blocks of queries; BLAS with threads of its own would compete with them.
    with (
        blas_threads(1, numpy_only=True),
        concurrent.futures.ThreadPoolExecutor(available_cores()) as pool,
    ):
        list(pool.map(ranking.rank, range(0, len(queries), ranking.step)))
    return ranking.places, ranking.scores


class _Ranking:
    """The arguments of `top_k_of_products` and its results, filled block by block."""

    def __init__(
        self,
        queries: Vectors,
        items: Vectors,
        k: int,
        hidden: tuple[Rows, Offsets] | None,
        write_added: WriteAdded | None,
    ) -> None:
        self.queries, self.k, self.hidden, self.write_added = queries, k, hidden, write_added
        self.columns = items.T  # (d, n): BLAS is as fast on a view of tiles as on a copy
        self.sampled = np.ascontiguousarray(sampled(self.columns).T).T  # (d, s)
        self.places = np.empty((len(queries), k), dtype=np.int32)
        self.scores = np.empty((len(queries), k), dtype=np.float32)
        self.scratch = _Scratch()
        self.step = TILE_ROWS
        if write_added is not None:
            fitting = ADDED_SCORES // max(1, len(items))
            self.step = min(max(fitting, FEWEST_ADDED_ROWS), MOST_ADDED_ROWS)

    def rank(self, start: int) -> None:
        """Rank the items for the block of queries that begins at `start`."""
        stop = min(start + self.step, len(self.queries))
        hidden = (_NONE, _NONE)
        if self.hidden is not None:
            hidden = packed_pairs(*self.hidden, start, stop)
        added = None
        if self.write_added is not None:
            added = self.scratch.added(stop - start, self.columns.shape[1])
            self.write_added(start, stop, added)
        block = _Block(self.queries[start:stop], self.columns, hidden, added, self.scratch)
        self.places[start:stop], self.scores[start:stop] = block.top_k(self.k, self.sampled)


class _Scratch(threading.local):
    """Arrays that each thread reuses, because allocating memory for every tile would be slow."""

    def __init__(self) -> None:
        self._tile = np.empty(0, dtype=np.float32)
        self._added = np.empty(0, dtype=np.float32)

    def tile(self, m: int, width: int) -> Scores:
        """Return an array for a tile of scores, float32 (m, width), not initialized."""
        if self._tile.size < m * width:
            self._tile = np.empty(m * width, dtype=np.float32)
        return self._tile[: m * width].reshape(m, width)

    def added(self, m: int, n: int) -> Scores:
        """Return an array for scores to be added to products, float32 (m, n), not initialized."""
        if self._added.size < m * n:
            self._added = np.empty(m * n, dtype=np.float32)
        return self._added[: m * n].reshape(m, n)


class _Block:
    """A block of m queries and their scores for n items, which are computed in tiles.

    Parameters
    ----------
    queries : array of shape (m, d), float32
    columns : array of shape (d, n), float32
        The item vectors.
    hidden : (rows, items)
        Pairs of query and item that must not be recommended.
    added : array of shape (m, n), float32, or None
        Scores to be added to the products.
    scratch : _Scratch
    """

    def __init__(
        self,
        queries: Vectors,
        columns: Vectors,
        hidden: tuple[Positions, Positions],
        added: Scores | None,
        scratch: _Scratch,
    ) -> None:
        self.queries = queries
        self.columns = columns
        self.added = added
        self.scratch = scratch
        # Sorted by item, so that the pairs of a tile are a slice.
        order = np.argsort(hidden[1])
        self.hidden_rows, self.hidden_items = hidden[0][order], hidden[1][order]

    def top_k(self, k: int, sampled_columns: Vectors) -> tuple[Rows, Scores]:
        """Return the top k of each query, given the vectors of the sampled items, (d, s)."""
        n = self.columns.shape[1]
        sample = self.queries @ sampled_columns  # (m, s)
        if self.added is not None:
            sample += sampled(self.added)
        candidates = AboveThreshold(len(self.queries), n, k, sample)
        if candidates.is_useful:
            for start, stop in tiles(n):
                candidates.add(self._tile(start, stop), start)
        return candidates.ranked(self._all_scores)

    def _all_scores(self, rows: Positions) -> Scores:
        """Return all scores of some of the queries, float32 (len(rows), n)."""
        scores: Scores = self.queries[rows] @ self.columns
        if self.added is not None:
            scores += self.added[rows]
        for position, row in enumerate(rows.tolist()):
            scores[position, self.hidden_items[self.hidden_rows == row]] = -np.inf
        return scores

    def _tile(self, start: int, stop: int) -> Scores:
        """Return the scores of items `start` to `stop`, (m, stop - start), until the next call."""
        scores = self.scratch.tile(len(self.queries), stop - start)
        np.matmul(self.queries, self.columns[:, start:stop], out=scores)
        if self.added is not None:
            scores += self.added[:, start:stop]
        begin, end = np.searchsorted(self.hidden_items, [start, stop])
        scores[self.hidden_rows[begin:end], self.hidden_items[begin:end] - start] = -np.inf
        return scores
