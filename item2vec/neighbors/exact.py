"""Nearest neighbor search by cosine: the common interface, and exact search.

`annoy_index` and `hnsw_index` implement the same interface with approximate search.
"""

import math
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from item2vec._support.checks import check_k
from item2vec._support.finite import check_finite, is_finite
from item2vec._support.messages import shown
from item2vec._support.top_k import BLOCK_SCORES, exclude, places_in, rows_at, scores_at, top_k
from item2vec._support.top_k_of_products import top_k_of_products
from item2vec.errors import ParameterError
from item2vec.types import Cosines, Offsets, Rows, Vectors

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]


LARGEST = 1e38  # longest vector whose product with a unit vector does not overflow float32
BLOCK_ROWS = 1 << 15  # queries whose unit vectors are in memory at a time


class Neighbors(Protocol):
    """Interface of a search for the items with the largest cosine with a query item."""

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return the `k` nearest items of each item.

        Parameters
        ----------
        rows : array of shape (m,), int32
            The query items.
        k : int
            Number of neighbors, at least 1.

        Returns
        -------
        rows : array of shape (m, k), int32
            Nearest first, without the item itself; ties go to the lower row; -1 where there is no
            neighbor.
        cosines : array of shape (m, k), float32
            In [-1, 1]; NaN where there is no neighbor.
        """


class ExactNeighbors:
    """Exact nearest neighbor search, by blocked matrix products of all item vectors.

    The cosine with a vector of zeros is defined as 0.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    residual_variance : array of shape (n_items,), float32, optional
        Residual variance of each vector, summed over its dimensions: above 0 for a predicted
        vector, 0 for a trained one. Cosines are then expected cosines: the residual variance is
        added to the squared length of a vector, and the residuals of two vectors are assumed to
        be independent.

    Examples
    --------
    >>> search = ExactNeighbors(np.array([[1, 0], [1, 1], [0, 2]], dtype=np.float32))
    >>> rows, cosines = search.neighbors(np.array([0], dtype=np.int32), k=2)
    >>> rows, cosines.round(3)
    (array([[1, 2]], dtype=int32), array([[0.707, 0.   ]], dtype=float32))
    """

    def __init__(self, item_vectors: Vectors, residual_variance: Vectors | None = None) -> None:
        self.item_vectors = item_vectors
        self.residual_variance = residual_variance

    @cached_property
    def _inverse_norms(self) -> Vectors:  # (n_items,) float32, 0 for a vector of zeros
        return inverse_norms(self.item_vectors, self.residual_variance)

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return the `k` nearest items of each item; see `Neighbors`."""
        check_query(rows, k, len(self.item_vectors))
        if len(rows) * len(self.item_vectors) > BLOCK_SCORES:
            return self._neighbors_of_many(rows, k)
        itself = rows, np.arange(len(rows) + 1, dtype=np.int64)
        return self.nearest_to(self.unit(rows), k, hidden=itself)

    def _neighbors_of_many(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return the neighbors of many items, computed in tiles on all cores."""
        nearest = np.empty((len(rows), k), dtype=np.int32)
        cosines = np.empty((len(rows), k), dtype=np.float32)
        items = self.item_vectors * self._inverse_norms[:, None]  # (n_items, vector_size) float32
        for start in range(0, len(rows), BLOCK_ROWS):
            block = rows[start : start + BLOCK_ROWS]
            itself = block, np.arange(len(block) + 1, dtype=np.int64)
            places, cosine = top_k_of_products(self.unit(block), items, k, hidden=itself)
            nearest[start : start + BLOCK_ROWS] = places
            cosines[start : start + BLOCK_ROWS] = np.clip(cosine, -1, 1)  # NaN stays NaN
        return nearest, cosines

    def unit(self, rows: Rows) -> Vectors:
        """Return vectors divided by their (expected) lengths, float32 (m, vector_size)."""
        unit: Vectors = self.item_vectors[rows] * self._inverse_norms[rows, None]
        return unit

    def residual_shares(self, rows: Rows) -> Vectors:
        """Return the share of residual variance in expected squared lengths, float32 (m,)."""
        if self.residual_variance is None:
            return np.zeros(len(rows), dtype=np.float32)
        shares: Vectors = self.residual_variance[rows] * self._inverse_norms[rows] ** 2
        return shares

    def nearest_to(
        self,
        queries: Vectors,
        k: int,
        *,
        hidden: tuple[Rows, Offsets],
        among: Rows | None = None,
        added: "Sparse | None" = None,
    ) -> tuple[Rows, Cosines]:
        """Return the `k` items nearest to each query vector.

        Parameters
        ----------
        queries : array of shape (m, vector_size), float32
            Unit vectors; for items, those that `unit` returns.
        k : int
            Number of items, at least 1.
        hidden : (items, offsets)
            Items that must not be returned for each query, packed as in `exclude`.
        among : array of int32, optional
            Rows of the candidates in ascending order; all items by default.
        added : CSR array of shape (m, n_items), float32, optional
            Added to the cosines for the ranking only; the cosines themselves are returned.

        Returns
        -------
        rows : array of shape (m, k), int32
            Nearest first; ties go to the lower row; -1 where no item is left.
        cosines : array of shape (m, k), float32
            In [-1, 1]; NaN where no item is left.
        """
        check_query(np.empty(0, dtype=np.int32), k, len(self.item_vectors))
        items, inverse = self.item_vectors, self._inverse_norms
        if among is not None:
            items, inverse = items[among], inverse[among]
            hidden = places_in(among, hidden[0]), hidden[1]
            added = None if added is None else added[:, among]
        nearest = np.empty((len(queries), k), dtype=np.int32)
        cosines = np.empty((len(queries), k), dtype=np.float32)
        step = max(1, BLOCK_SCORES // max(1, len(items)))
        for start in range(0, len(queries), step):
            cosine: Cosines = queries[start : start + step] @ items.T  # (block, items) float32
            cosine *= inverse
            exclude(cosine, hidden[0], hidden[1][start : start + len(cosine) + 1])
            ranked = cosine if added is None else cosine + added[start : start + step].toarray()
            found = top_k(ranked, k)
            cosines[start : start + step] = cosines_at(cosine, found)
            nearest[start : start + step] = rows_at(among, found)
        return nearest, cosines


def inverse_norms(vectors: Vectors, residual_variance: Vectors | None = None) -> Vectors:
    """Return 1 / length of every vector, float32 (n,), and 0 for a vector of zeros.

    A vector shorter than 1 / `LARGEST` is treated as zero: its numbers are subnormal, and
    1 / length would be infinite.

    `residual_variance` is added to the squared lengths; see `ExactNeighbors`.

    Raises
    ------
    DataError
        If a vector contains NaN, infinity, or numbers so large that cosines would overflow.
    """
    # In double precision: the squares of small numbers underflow in single precision.
    squares = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    if not is_finite(squares, below=LARGEST**2):  # a cheap check; the next line finds the number
        check_finite({"item_vectors": vectors}, below=LARGEST / math.sqrt(vectors.shape[1]))
    norms = np.sqrt(squares if residual_variance is None else squares + residual_variance)
    inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 1 / LARGEST)
    single: Vectors = inverse.astype(np.float32)
    return single


def cosines_at(cosine: Cosines, places: Rows) -> Cosines:
    """Return the cosines at `places`, clipped to [-1, 1], and NaN where a place is -1."""
    return np.clip(scores_at(cosine, places), -1, 1)


def check_query(rows: Rows, k: int, n_items: int) -> None:
    """Raise ParameterError unless `rows` are rows of `n_items` items and `k` is at least 1."""
    check_k(k)
    if not isinstance(rows, np.ndarray) or rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ParameterError(
            "rows must be a flat array of integers, as vocabulary.rows(ids) returns, not "
            f"{shown(rows)}"
        )
    if len(rows) and not 0 <= rows.min() <= rows.max() < n_items:
        raise ParameterError(
            f"rows must lie in 0 ... {n_items - 1}, not {rows.min()} ... {rows.max()}"
        )
