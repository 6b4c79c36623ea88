"""An embedding bag: the weighted sum of the vectors of a bag of items, and its gradient.

A bag is a sparse multi-hot row. Its product with the matrix of vectors is the output of the
embedding layer; it is computed as a look-up and a sum, without the zeros of the row.
"""

from dataclasses import dataclass

import numpy as np

from item2vec.data.packed import slice_packed
from item2vec.types import Floats, Offsets, Rows


@dataclass(frozen=True, eq=False)
class Bags:
    """Packed bags of items, each item with a weight: a sparse matrix (m, n_items).

    Parameters
    ----------
    items : array of shape (n,), int32
        Rows of the matrix of vectors, none of them -1, one bag after another.
    offsets : array of shape (m + 1,), int64
        Bag i is ``items[offsets[i]:offsets[i + 1]]``.
    weights : array of shape (n,), float32
        The weight of each item in its bag.
    """

    items: Rows
    offsets: Offsets
    weights: Floats

    @classmethod
    def of(cls, items: Rows, offsets: Offsets, *, power: float) -> "Bags":
        """Return bags in which each item has the weight ``1 / n ** power``, n being the bag size.

        With a power of 1, `sums` returns means of vectors; with 0, it returns sums.
        """
        lengths = np.diff(offsets)
        weights = np.maximum(lengths, 1).astype(np.float32) ** np.float32(-power)
        return cls(items, offsets, np.repeat(weights, lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def slice(self, start: int, stop: int) -> "Bags":
        """Return the bags from `start` up to `stop`, or to the last."""
        items, offsets = slice_packed(self.items, self.offsets, start, stop)
        begin = self.offsets[start]
        return Bags(items, offsets, self.weights[begin : begin + len(items)])

    def sums(self, vectors: Floats) -> Floats:
        """Return the weighted sum of the vectors of each bag, float32 (m, vector_size)."""
        import scipy.sparse

        shape = (len(self), len(vectors))
        sums: Floats = (
            scipy.sparse.csr_array((self.weights, self.items, self.offsets), shape=shape) @ vectors
        )
        return sums

    def transposed(self) -> tuple[Rows, "Bags"]:
        """Return the items that are in any bag, and for each of them the bags that contain it.

        Returns
        -------
        rows : array of shape (u,), int32
            The items in ascending order.
        bags : Bags
            u bags, one for each item, whose "items" are positions of bags, with the same weights.
        """
        order = np.argsort(self.items)
        ordered = self.items[order]
        begins = np.flatnonzero(np.diff(ordered, prepend=-1))
        places = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.offsets))
        offsets = np.append(begins, len(ordered)).astype(np.int64)
        return ordered[begins], Bags(places[order], offsets, self.weights[order])

    def gradient(self, grad_sums: Floats) -> tuple[Rows, Floats]:
        """Return the gradient of a loss with respect to the vectors.

        Parameters
        ----------
        grad_sums : array of shape (m, vector_size), float32
            The gradient with respect to the result of `sums`.

        Returns
        -------
        rows : array of shape (u,), int32
            The items that are in any bag, in ascending order; the gradient of all others is 0.
        gradient : array of shape (u, vector_size), float32
        """
        rows, bags = self.transposed()
        return rows, bags.sums(grad_sums)
