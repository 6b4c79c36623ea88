"""An embedding bag: the weighted sum of the vectors of a bag of items, and its gradient.

A bag as a sparse row times a matrix of vectors is the course's one-hot (multi-hot) input times the
weights of the embedding layer, without the zeros: a look-up and a sum.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.ranking import Offsets, Rows

if TYPE_CHECKING:
    import scipy.sparse

Floats = npt.NDArray[np.float32]


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

    def sums(self, vectors: Floats) -> Floats:
        """Return the weighted sum of the vectors of each bag, float32 (m, vector_size)."""
        sums: Floats = self._matrix(self.items, len(vectors)) @ vectors
        return sums

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
        rows, places = np.unique(self.items, return_inverse=True)
        gradient: Floats = self._matrix(places, len(rows)).T @ of_sums
        return rows, gradient

    def _matrix(
        self, columns: npt.NDArray[np.integer], n: int
    ) -> "scipy.sparse.csr_array[np.float32]":
        import scipy.sparse

        return scipy.sparse.csr_array((self.weights, columns, self.offsets), shape=(len(self), n))
