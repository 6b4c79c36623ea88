"""Co-occurrences of items for a catalogue of any size, in the form in which the memory needs them.

Between the popular items they lie in a dense matrix, in which most of them are found. Of every
other item those with its nearest items are kept, in a sparse matrix.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.co_occurrences import co_occurrences, short_first
from item2vec.embedding_bag import Floats
from item2vec.histories import Histories, pack_lengths
from item2vec.item_pairs import pair_counts
from item2vec.ranking import Rows
from item2vec.sparse_ranking import keep_largest, top_k_of_sparse

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

DENSE_ITEMS = 12_000  # their matrix takes 576 MB
# Entries that are kept of each item that is not popular: fewer in very large catalogues.
MOST_KEPT, MOST_ENTRIES = 300, 60_000_000
BLOCK = 512

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CoOccurrenceTables:
    """Co-occurrences G, in which a history of n items counts 1/√n.

    Parameters
    ----------
    diagonal : array of shape (n_items,), float32
        Of an item with itself.
    nearest : array of shape (n_items, k), int32
        The items with the largest cosine ``G_ij / √(G_ii G_jj)``, best first; filled with -1 where
        fewer share a history with the item.
    dense : array of shape (d, d), float32
        G between the first d items.
    sparse : CSR array of shape (n_items, n_items), float32, or None
        G of the other items with those that are near, symmetric; None where d is n_items.
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
        return self._at(items[:, :, None], items[:, None, :])

    def between(self, first: Rows, others: Rows) -> Floats:
        """Return G of the items `first`, (m,), with `others`, (m, k), as float32 (m, k)."""
        return self._at(first[:, None], others)

    def _at(self, first: Rows, second: Rows) -> Floats:
        if self.sparse is None:
            found: Floats = self.dense[first, second]
            return found
        first, second = np.broadcast_arrays(first, second)
        last = len(self.dense) - 1
        found = self.dense[np.minimum(first, last), np.minimum(second, last)]
        is_rare = (first > last) | (second > last)
        rare = first[is_rare], second[is_rare]
        values = np.asarray(self.sparse[rare]).ravel().astype(np.float32)
        found[is_rare] = np.where(rare[0] == rare[1], self.diagonal[rare[0]], values)
        return found


def _nearest_of_dense(dense: Floats, diagonal: Floats, k: int) -> Rows:
    roots = np.sqrt(diagonal)
    nearest = np.empty((len(dense), k), dtype=np.int32)
    for start in range(0, len(dense), BLOCK):
        stop = min(start + BLOCK, len(dense))
        cosines = dense[start:stop] / roots  # of an item, its own root changes no order
        cosines[np.arange(stop - start), np.arange(start, stop)] = 0
        found = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(cosines, found, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        found = np.take_along_axis(found, order, axis=1)
        values = np.take_along_axis(values, order, axis=1)
        nearest[start:stop] = np.where(values > 0, found, -1)
    return nearest


def _nearest_of_sparse(histories: Histories, diagonal: Floats, k: int) -> tuple[Rows, "Sparse"]:
    """Return the nearest items of all, and G of the items that are not among the popular ones."""
    import scipy.sparse

    n = len(diagonal)
    n_kept = min(MOST_KEPT, max(k, MOST_ENTRIES // n))
    roots = np.sqrt(diagonal)
    nearest = np.empty((n, k), dtype=np.int32)
    parts = []
    for start, counts in pair_counts(histories, short_first(histories)):
        stop = start + counts.shape[0]
        counts.data /= roots[counts.indices]
        nearest[start:stop] = top_k_of_sparse(counts, k)[0]
        kept = keep_largest(counts, n_kept)
        if start < DENSE_ITEMS:  # their rows are in the dense matrix; columns come of the others
            lengths = np.diff(kept.indptr)
            lengths[: DENSE_ITEMS - start] = 0
            first = int(kept.indptr[min(DENSE_ITEMS - start, len(lengths))])
            kept = scipy.sparse.csr_array(
                (kept.data[first:], kept.indices[first:], pack_lengths(lengths)),
                shape=kept.shape,
            )
        kept.data *= roots[kept.indices]
        parts.append(kept)
    sparse = scipy.sparse.vstack(parts, format="csr")
    sparse = sparse.maximum(sparse.T.tocsr())
    sparse.sort_indices()
    return nearest, sparse
