"""Co-occurrences of items for a catalogue of any size, in the form in which the memory needs them.

Those between the popular items, which are most of them, are in a dense matrix. For every other item
those with its nearest items are kept, in a sparse matrix.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.co_occurrences import co_occurrences, short_first
from item2vec.embedding_bag import Floats
from item2vec.histories import Histories
from item2vec.item_pairs import pair_counts
from item2vec.ranking import Rows, top_k
from item2vec.sparse_ranking import keep_largest, top_k_of_sparse

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

DENSE_ITEMS = 12_000  # their matrix takes 576 MB
# Entries that are kept for each item: fewer in very large catalogues.
MOST_KEPT, MOST_ENTRIES = 300, 60_000_000
BLOCK = 512

Mask = npt.NDArray[np.bool_]


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
    """

    diagonal: Floats
    nearest: Rows
    dense: Floats
    sparse: "Sparse | None"

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
        if len(dense) == n:
            return cls(diagonal, _nearest_of_dense(dense, diagonal, n_nearest), dense, None)
        nearest, sparse = _nearest_of_sparse(histories, diagonal, n_nearest)
        return cls(diagonal, nearest, dense, sparse)

    def __len__(self) -> int:
        return len(self.diagonal)

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


def _nearest_of_sparse(histories: Histories, diagonal: Floats, k: int) -> tuple[Rows, "Sparse"]:
    """Return the nearest items of all, and G of the items that are not among the popular ones."""
    n = len(diagonal)
    n_kept = max(k, min(MOST_KEPT, MOST_ENTRIES // n))
    roots: Floats = np.sqrt(diagonal)
    nearest = np.empty((n, k), dtype=np.int32)
    lower, upper = [], []
    for start, counts in pair_counts(histories, short_first(histories)):
        stop = start + counts.shape[0]
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
    return nearest, sparse


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
