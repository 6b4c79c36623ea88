"""An embedding bag: the weighted sum of the vectors of a bag of items, and its gradient.

A bag as a sparse row times a matrix of vectors is the course's one-hot (multi-hot) input times the
weights of the embedding layer, without the zeros: a look-up and a sum.
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
        Rows of the vectors, all known, one bag after another.
    offsets : array of shape (m + 1,), int64
    weights : array of shape (n,), float32
    """

    items: Rows
    offsets: Offsets
    weights: Floats

    @classmethod
    def of(cls, items: Rows, offsets: Offsets, *, power: float) -> "Bags":
        """Weigh each item of a bag of n by ``1 / n ** power``: 1 gives means, 0 gives sums."""
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
        """Return the items that are in a bag, in rising order, and for each the bags that it is in.

        Returns
        -------
        rows : array of shape (u,), int32
        bags : Bags
            Of u bags, whose "items" are places of the bags here, with the same weights.
        """
        order = np.argsort(self.items)
        ordered = self.items[order]
        begins = np.flatnonzero(np.diff(ordered, prepend=-1))
        places = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.offsets))
        offsets = np.append(begins, len(ordered)).astype(np.int64)
        return ordered[begins], Bags(places[order], offsets, self.weights[order])

    def gradient(self, of_sums: Floats) -> tuple[Rows, Floats]:
        """Return the gradient of a loss by the vectors, of whose sums it is `of_sums`.

        Parameters
        ----------
        of_sums : array of shape (m, vector_size), float32

        Returns
        -------
        rows : array of shape (u,), int32
            The items that are in a bag, in rising order; no other vector has a gradient.
        gradient : array of shape (u, vector_size), float32
        """
        rows, bags = self.transposed()
        return rows, bags.sums(of_sums)
