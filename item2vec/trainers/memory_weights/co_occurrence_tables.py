"""Co-occurrences of items in a catalogue of any size, as the weights of the memory need them.

The item-item memory is a sparse matrix of weights between items, which adds to the scores of the
vectors. Its weights come from the co-occurrences here. Most of them are between popular items;
these are in a dense matrix. For every other item, a sparse matrix contains those with its nearest
items. For every item, the strongest ones are kept as well, for the weights for short histories.
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

# The number of items in the dense matrix, which takes 576 MB. With 3,000 of the 7,750 items of
# goodbooks, the memory keeps 97 to 99.8 % of its scores (docs/experiments.md, "What was tried for
# the defaults").
DENSE_ITEMS = 12_000
# Number of co-occurrences that are kept for every other item. It is smaller in catalogues of more
# than 200,000 items, where all together would take more than 480 MB.
MOST_KEPT, MOST_ENTRIES = 300, 60_000_000
# Number of the most popular items, among which EASE gives the weights for short histories. Solving
# 2,000 of goodbooks' 7,750 items scores the same at the ridge that is used (ibid., "Version 0.1.0:
# what was tried for softmax on validation users").
POPULAR_ITEMS = 4_000
# Weights are multiplied by this power of the popularity of the predicted item, so that popular
# items are not recommended to everyone.
CANDIDATE_POWER = -0.15
BLOCK = 512  # rows of the dense matrix that are searched at a time


@dataclass(frozen=True, eq=False)
class CoOccurrenceTables:
    """The co-occurrences G of all items; a history of n items counts 1/√n.

    Parameters
    ----------
    diagonal : array of shape (n_items,), float32
        G_ii of each item.
    nearest : array of shape (n_items, k), int32
        The items with the largest cosine ``G_ij / √(G_ii G_jj)``, best first; filled with -1 if
        fewer items share a history with the item.
    dense : array of shape (n_dense, n_dense), float32
        G between the first items, which are the most popular ones.
    sparse : CSR array of shape (n_items, n_items), float32, or None
        G_ij of every other item i with items j < i, if one is near the other; None if all items are
        in `dense`.
    strongest : CSR array of shape (n_items, n_items), float32
        G_ij of every item i with the k items j for which ``G_ij * candidate_factors[j]`` is
        largest, without the pairs of the first `n_popular` items.
    """

    diagonal: Floats
    nearest: Rows
    dense: Floats
    sparse: "Sparse | None"
    strongest: "Sparse"

    @classmethod
    def of(cls, histories: Histories, n_nearest: int) -> "CoOccurrenceTables":
        """Count the co-occurrences in histories of known items, each at most once in a history."""
        n = len(histories.vocabulary)
        n_nearest = max(1, min(n_nearest, n - 1))
        weights = np.repeat(short_first(histories), histories.lengths)
        diagonal = np.bincount(histories.items, weights, minlength=n).astype(np.float32)
        diagonal = np.maximum(diagonal, np.finfo(np.float32).tiny)
        popular = histories.of_most_popular(DENSE_ITEMS)
        dense = co_occurrences(popular, short_first(histories))
        factors, n_popular = _candidate_factors(diagonal), _n_popular(dense)
        if len(dense) == n:  # the popular items are all items
            nearest = _nearest_of_dense(dense, diagonal, n_nearest)
            strongest = _strongest_of_dense(dense, factors, n_popular, n_nearest)
            return cls(diagonal, nearest, dense, None, strongest)
        rest = _count_sparse(histories, diagonal, factors, n_popular, n_nearest)
        return cls(diagonal, rest.nearest, dense, rest.sparse, rest.strongest)

    def __len__(self) -> int:
        return len(self.diagonal)

    @property
    def n_popular(self) -> int:
        """The number of the most popular items, whose pairs are not in `strongest`."""
        return _n_popular(self.dense)

    @property
    def popularity(self) -> Floats:
        """The popularity of each item, (n_items,), 1 on average over the most popular ones."""
        return relative_popularity(self.diagonal)[1]

    @property
    def candidate_factors(self) -> Floats:
        """The factor for all weights with which an item is predicted, (n_items,) float32."""
        return _candidate_factors(self.diagonal)

    def ridge(self, ridge: float) -> Floats:
        """Return ``ridge * √(G_ii * unit)`` for each item, float32 (n_items,).

        The unit is the mean of G_ii over the most popular items. The root lies between the same
        ridge for all items and one that is proportional to popularity, which dropout amounts to
        (Steck, "Autoencoders that don't overfit towards the identity", 2020).
        """
        unit, popularity = relative_popularity(self.diagonal)
        result: Floats = np.float32(ridge * unit) * np.sqrt(popularity)
        return result

    def among(self, items: Rows) -> Floats:
        """Return G between all items of each row.

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
        first, second = np.tril_indices(k, -1)  # (k (k - 1) / 2,) each: G is symmetric
        found = np.empty((m, k, k), dtype=np.float32)
        values = self._at(items[:, first], items[:, second])
        found[:, first, second] = values
        found[:, second, first] = values
        found[:, np.arange(k), np.arange(k)] = self.diagonal[items]
        return found

    def between(self, first: Rows, others: Rows) -> Floats:
        """Return G of the items `first`, (m,), with other items, (m, k), float32 (m, k)."""
        return self._at(first[:, None], others)

    def _at(self, first: Rows, second: Rows) -> Floats:
        """Return G of pairs of different items, float32, shaped as both after broadcasting."""
        high, low = np.maximum(first, second), np.minimum(first, second)
        if self.sparse is None:
            found: Floats = self.dense[high, low]
            return found
        is_rare = high >= len(self.dense)
        positions = high.astype(np.int64)
        positions *= len(self.dense)
        positions += low
        positions[is_rare] = 0
        # order="K" avoids a copy; G is symmetric, so rows and columns may be exchanged.
        found = self.dense.ravel(order="K").take(positions)
        found[is_rare] = np.asarray(self.sparse[high[is_rare], low[is_rare]]).ravel()
        return found


def _nearest_of_dense(dense: Floats, diagonal: Floats, k: int) -> Rows:
    """Return `CoOccurrenceTables.nearest`, computed from the co-occurrences of all items."""
    roots: Floats = np.sqrt(diagonal)
    nearest = np.empty((len(dense), k), dtype=np.int32)
    for start in range(0, len(dense), BLOCK):
        stop = min(start + BLOCK, len(dense))
        # (BLOCK, n_items), not divided by the root of the item itself, which changes no order
        cosines: Floats = dense[start:stop] / roots
        cosines[np.arange(stop - start), np.arange(start, stop)] = 0
        cosines[cosines <= 0] = -np.inf
        nearest[start:stop] = top_k(cosines, k)
    return nearest


def _strongest_of_dense(dense: Floats, factors: Floats, n_popular: int, k: int) -> "Sparse":
    """Return `CoOccurrenceTables.strongest`, computed from the co-occurrences of all items."""

    def blocks() -> Iterator[Floats]:
        for start in range(0, len(dense), BLOCK):
            stop = min(start + BLOCK, len(dense))
            counts: Floats = dense[start:stop] * factors  # (BLOCK, n_items)
            counts[np.arange(stop - start), np.arange(start, stop)] = 0
            counts[: max(0, n_popular - start), :n_popular] = 0
            yield counts

    strongest = ItemWeights.of_largest(blocks(), k).to_csr()
    strongest.data /= factors[strongest.indices]
    return strongest


class _SparseTables(NamedTuple):
    """The co-occurrences that are kept of a large catalogue; see `CoOccurrenceTables`."""

    nearest: Rows
    sparse: "Sparse"
    strongest: "Sparse"


def _count_sparse(
    histories: Histories, diagonal: Floats, factors: Floats, n_popular: int, k: int
) -> _SparseTables:
    """Count all co-occurrences, a block of items at a time, and keep the largest of each item."""
    n = len(diagonal)
    n_kept = max(k, min(MOST_KEPT, MOST_ENTRIES // n))
    roots: Floats = np.sqrt(diagonal)
    nearest = np.empty((n, k), dtype=np.int32)
    lower, upper, strongest = [], [], []
    for start, counts in pair_counts(histories, short_first(histories)):
        stop = start + counts.shape[0]  # counts: (stop - start, n_items) CSR
        own = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(counts.indptr))
        others = _keep_entries(counts, (own >= n_popular) | (counts.indices >= n_popular))
        others.data *= factors[others.indices]
        strongest.append(keep_largest(others, k))
        counts.data /= roots[counts.indices]  # cosines times the root of the item itself
        kept = keep_largest(counts, n_kept)
        nearest[start:stop] = top_k_of_sparse(kept, k)[0]
        kept.data *= roots[kept.indices]
        own = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(kept.indptr))
        is_lower = kept.indices < own
        lower.append(_keep_entries(kept, is_lower & (own >= DENSE_ITEMS)))
        upper.append(_keep_entries(kept, ~is_lower & (kept.indices >= DENSE_ITEMS)))
    # A pair is kept once, below the diagonal, if either item keeps it.
    sparse = _stack(lower)
    sparse = sparse.maximum(_stack(upper).T.tocsr())
    sparse.sort_indices()
    most = _stack(strongest)
    most.data /= factors[most.indices]
    return _SparseTables(nearest, sparse, most)


def _n_popular(dense: Floats) -> int:
    return min(POPULAR_ITEMS, len(dense))


def _candidate_factors(diagonal: Floats) -> Floats:
    factors: Floats = relative_popularity(diagonal)[1] ** np.float32(CANDIDATE_POWER)
    return factors


def _keep_entries(matrix: "Sparse", keep: Mask) -> "Sparse":
    """Return a sparse matrix with only those entries that `keep`, one flag per entry, marks."""
    before = np.concatenate([[0], np.cumsum(keep)])
    arrays = matrix.data[keep], matrix.indices[keep], before[matrix.indptr]
    return type(matrix)(arrays, shape=matrix.shape)


def _stack(parts: "list[Sparse]") -> "Sparse":
    """Return the rows of all parts in one matrix, and empty the list, which frees the parts."""
    import scipy.sparse

    whole: Sparse = scipy.sparse.vstack(parts, format="csr")
    parts.clear()
    return whole
