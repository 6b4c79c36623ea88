"""Co-occurrences of items for a catalogue of any size, in the form in which the memory needs them.

Those between the popular items, which are most of them, are in a dense matrix. For every other item
those with its nearest items are kept, in a sparse matrix; and for every item those with the items
that it shares most with.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from item2vec._support.sparse_top_k import keep_largest, top_k_of_sparse
from item2vec._support.top_k import top_k
from item2vec.data.histories import Histories
from item2vec.models.co_occurrences import co_occurrences, relative_popularity, short_first
from item2vec.models.item_pairs import pair_counts
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.types import Floats, Mask, Rows

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

DENSE_ITEMS = 12_000  # their matrix takes 576 MB
# Entries that are kept for each item: fewer in very large catalogues.
MOST_KEPT, MOST_ENTRIES = 300, 60_000_000
APART = 4_000  # items, the most popular, whose pairs are not looked at in `strongest`
CANDIDATE_POWER = -0.15  # of the popularity of the predicted item, by which weights are multiplied
BLOCK = 512


@dataclass(frozen=True, eq=False)
class CoOccurrenceTables:
    """Co-occurrences G, in which a history of n items counts 1/√n.

    Parameters
    ----------
    diagonal : array of shape (n_items,), float32
        G of each item with itself.
    nearest : array of shape (n_items, k), int32
        The items with the largest cosine ``G_ij / √(G_ii G_jj)``, best first; filled with -1 where
        fewer share a history with the item.
    dense : array of shape (d, d), float32
        G between the first d items.
    sparse : CSR array of shape (n_items, n_items), float32, or None
        G of every other item i with items j < i, where one is near the other; None where d is
        n_items.
    strongest : CSR array of shape (n_items, n_items), float32
        G of every item with the k items for which ``G_ij * candidates_j`` is largest; without the
        pairs of the first `n_apart` items.
    """

    diagonal: Floats
    nearest: Rows
    dense: Floats
    sparse: "Sparse | None"
    strongest: "Sparse"

    @classmethod
    def of(cls, histories: Histories, n_nearest: int) -> "CoOccurrenceTables":
        """Count the co-occurrences of histories of known items, each once in a history."""
        n = len(histories.vocabulary)
        n_nearest = max(1, min(n_nearest, n - 1))
        weights = np.repeat(short_first(histories), histories.lengths)
        diagonal = np.bincount(histories.items, weights, minlength=n).astype(np.float32)
        diagonal = np.maximum(diagonal, np.finfo(np.float32).tiny)
        popular = histories.of_most_popular(DENSE_ITEMS)
        dense = co_occurrences(popular, short_first(histories))
        candidates, n_apart = _candidates(diagonal), _n_apart(dense)
        if len(dense) == n:
            nearest = _nearest_of_dense(dense, diagonal, n_nearest)
            strongest = _strongest(dense, candidates, n_apart, n_nearest)
            return cls(diagonal, nearest, dense, None, strongest)
        rest = _of_sparse(histories, diagonal, candidates, n_apart, n_nearest)
        return cls(diagonal, rest.nearest, dense, rest.sparse, rest.strongest)

    def __len__(self) -> int:
        return len(self.diagonal)

    @property
    def n_apart(self) -> int:
        """How many of the most popular items have no pairs in `strongest`."""
        return _n_apart(self.dense)

    @property
    def popularity(self) -> Floats:
        """The popularity of each item, 1 on average over the most popular ones."""
        return relative_popularity(self.diagonal)[1]

    @property
    def candidates(self) -> Floats:
        """By what the weights are multiplied with which each item is predicted."""
        return _candidates(self.diagonal)

    def ridge(self, ridge: float) -> Floats:
        """Return ``ridge * √(G_ii * unit)`` for each item, where unit is the mean popular G_ii.

        That is between the same ridge for all items and one in proportion to popularity (which is
        what dropout does: Steck, "Autoencoders that don't overfit towards the identity", 2020).
        """
        unit, popularity = relative_popularity(self.diagonal)
        result: Floats = np.float32(ridge * unit) * np.sqrt(popularity)
        return result

    def among(self, items: Rows) -> Floats:
        """Return G between the items of each row.

        Parameters
        ----------
        items : array of shape (m, k), int32

        Returns
        -------
        array of shape (m, k, k), float32
        """
        if self.sparse is None:
            whole: Floats = self.dense[items[:, :, None], items[:, None, :]]
            return whole
        m, k = items.shape
        first, second = np.tril_indices(k, -1)
        found = np.empty((m, k, k), dtype=np.float32)
        values = self._at(items[:, first], items[:, second])
        found[:, first, second] = values
        found[:, second, first] = values
        found[:, np.arange(k), np.arange(k)] = self.diagonal[items]
        return found

    def between(self, first: Rows, others: Rows) -> Floats:
        """Return G of the items `first`, (m,), with different `others`, (m, k), float32 (m, k)."""
        return self._at(first[:, None], others)

    def _at(self, first: Rows, second: Rows) -> Floats:
        high, low = np.maximum(first, second), np.minimum(first, second)
        if self.sparse is None:
            found: Floats = self.dense[high, low]
            return found
        is_rare = high >= len(self.dense)
        places = high.astype(np.int64)
        places *= len(self.dense)
        places += low
        places[is_rare] = 0
        found = self.dense.ravel(order="K").take(places)  # symmetric: either order, without a copy
        found[is_rare] = np.asarray(self.sparse[high[is_rare], low[is_rare]]).ravel()
        return found


def _nearest_of_dense(dense: Floats, diagonal: Floats, k: int) -> Rows:
    roots: Floats = np.sqrt(diagonal)
    nearest = np.empty((len(dense), k), dtype=np.int32)
    for start in range(0, len(dense), BLOCK):
        stop = min(start + BLOCK, len(dense))
        cosines: Floats = dense[start:stop] / roots  # the root of the item itself changes no order
        cosines[np.arange(stop - start), np.arange(start, stop)] = 0
        cosines[cosines <= 0] = -np.inf
        nearest[start:stop] = top_k(cosines, k)
    return nearest


def _strongest(dense: Floats, candidates: Floats, n_apart: int, k: int) -> "Sparse":
    """Return what `CoOccurrenceTables.strongest` holds, from the co-occurrences of all items."""

    def blocks() -> Iterator[Floats]:
        for start in range(0, len(dense), BLOCK):
            stop = min(start + BLOCK, len(dense))
            counts: Floats = dense[start:stop] * candidates
            counts[np.arange(stop - start), np.arange(start, stop)] = 0
            counts[: max(0, n_apart - start), :n_apart] = 0
            yield counts

    strongest = ItemWeights.of_largest(blocks(), k).to_csr()
    strongest.data /= candidates[strongest.indices]
    return strongest


class _OfSparse(NamedTuple):
    """What is kept of the co-occurrences of a large catalogue; see `CoOccurrenceTables`."""

    nearest: Rows
    sparse: "Sparse"
    strongest: "Sparse"


def _of_sparse(
    histories: Histories, diagonal: Floats, candidates: Floats, n_apart: int, k: int
) -> _OfSparse:
    n = len(diagonal)
    n_kept = max(k, min(MOST_KEPT, MOST_ENTRIES // n))
    roots: Floats = np.sqrt(diagonal)
    nearest = np.empty((n, k), dtype=np.int32)
    lower, upper, strongest = [], [], []
    for start, counts in pair_counts(histories, short_first(histories)):
        stop = start + counts.shape[0]
        own = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(counts.indptr))
        others = _where(counts, (own >= n_apart) | (counts.indices >= n_apart))
        others.data *= candidates[others.indices]
        strongest.append(keep_largest(others, k))
        counts.data /= roots[counts.indices]
        kept = keep_largest(counts, n_kept)
        nearest[start:stop] = top_k_of_sparse(kept, k)[0]
        kept.data *= roots[kept.indices]
        own = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(kept.indptr))
        is_lower = kept.indices < own
        lower.append(_where(kept, is_lower & (own >= DENSE_ITEMS)))
        upper.append(_where(kept, ~is_lower & (kept.indices >= DENSE_ITEMS)))
    sparse = _stacked(lower)
    sparse = sparse.maximum(_stacked(upper).T.tocsr())
    sparse.sort_indices()
    most = _stacked(strongest)
    most.data /= candidates[most.indices]
    return _OfSparse(nearest, sparse, most)


def _n_apart(dense: Floats) -> int:
    return min(APART, len(dense))


def _candidates(diagonal: Floats) -> Floats:
    factors: Floats = relative_popularity(diagonal)[1] ** np.float32(CANDIDATE_POWER)
    return factors


def _where(matrix: "Sparse", keep: Mask) -> "Sparse":
    """Return a sparse matrix with some of its entries alone."""
    before = np.concatenate([[0], np.cumsum(keep)])
    arrays = matrix.data[keep], matrix.indices[keep], before[matrix.indptr]
    return type(matrix)(arrays, shape=matrix.shape)


def _stacked(parts: "list[Sparse]") -> "Sparse":
    """Return the rows of all parts in one matrix; the list is emptied, which frees the parts."""
    import scipy.sparse

    whole: Sparse = scipy.sparse.vstack(parts, format="csr")
    parts.clear()
    return whole
