"""Ranking of similar items by vectors and item-item memory together.

Vectors of a few hundred dimensions can't represent every pair of items; the item-item memory, a
sparse matrix of weights between pairs of items, can. The sum of the cosine and the similarity by
the memory finds more of the related items than either alone (see docs/experiments.md).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from item2vec.models.memory.item_item_memory import Memory
from item2vec.neighbors.exact import ExactNeighbors, check_query
from item2vec.types import Cosines, Rows

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]


def memory_similarities(memory: Memory) -> "Sparse":
    """Return the similarity of items by their weights in a memory, between 0 and 1.

    The weight of two items is the sum of both directions, W + Wᵀ. It is divided by the geometric
    mean of the largest such weights of the two items. Negative weights count as 0.

    Parameters
    ----------
    memory : Memory
        W is the sum of its weights for short and for long histories.

    Returns
    -------
    CSR array of shape (n_items, n_items), float32
        Symmetric, with an empty diagonal.
    """
    import scipy.sparse

    n = len(memory)
    weights: Any = memory.total()
    both = scipy.sparse.coo_array(weights + weights.T.tocsr())
    kept = (both.data > 0) & (both.row != both.col)
    data, rows, columns = both.data[kept], both.row[kept], both.col[kept]
    largest = np.zeros(n, dtype=np.float32)
    np.maximum.at(largest, rows, data)
    roots = np.sqrt(largest)
    data = data / roots[rows] / roots[columns]
    return scipy.sparse.csr_array((data, (rows, columns)), shape=(n, n))


def added_similarities(
    similarities: "Sparse", rows: Rows, signs: npt.NDArray[np.float64]
) -> "Sparse":
    """Return the mean of signed similarities to several items, CSR float32 (1, n_items)."""
    import scipy.sparse

    weights = (signs / len(rows)).astype(np.float32)
    offsets = np.array([0, len(rows)])
    chosen = scipy.sparse.csr_array((weights, rows, offsets), shape=(1, similarities.shape[0]))
    added: Sparse = chosen @ similarities
    return added


@dataclass(frozen=True, eq=False)
class RerankedNeighbors:
    """Search for nearest items by the sum of cosine and similarity by a memory; see `Neighbors`.

    Parameters
    ----------
    exact : ExactNeighbors
    similarities : CSR array of shape (n_items, n_items), float32
        The result of `memory_similarities`.
    """

    exact: ExactNeighbors
    similarities: "Sparse"

    def neighbors(self, rows: Rows, k: int, *, among: Rows | None = None) -> tuple[Rows, Cosines]:
        """Return the `k` nearest items of each item, and their cosines.

        Parameters
        ----------
        rows, k
            As in `Neighbors`.
        among : array of int32, optional
            Rows of the candidates in ascending order; all items by default.
        """
        check_query(rows, k, len(self.exact.item_vectors))
        itself = rows, np.arange(len(rows) + 1, dtype=np.int64)
        return self.exact.nearest_to(
            self.exact.unit(rows), k, hidden=itself, among=among, added=self.similarities[rows]
        )

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` nearest items of each of `rows`, int32 (m, k)."""
        return self.neighbors(rows, k)[0]
