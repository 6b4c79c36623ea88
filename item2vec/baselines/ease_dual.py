"""The dual form of EASE: the same scores from a matrix of users, for fewer users than items.

With the histories X, (n_users, n_items), EASE needs ``P = (XᵀX + λI)⁻¹``, (n_items, n_items). By
the Woodbury identity, ``P = (I - XᵀAX) / λ`` with ``A = (XXᵀ + λI)⁻¹``, (n_users, n_users) (Golub
and Van Loan, "Matrix Computations", 2013, section 2.1.4). No matrix of shape (n_items, n_items) is
formed.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from item2vec._support.top_k import BLOCK_SCORES, top_k
from item2vec.data.histories import Histories
from item2vec.data.packed import pack_lengths
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.models.co_occurrences import gram
from item2vec.models.ease_weights import inverted
from item2vec.models.recommender import ScoringRecommender
from item2vec.types import Doubles, Rows, Scores

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]


class DualSystem:
    """The products XXᵀ of the training histories, from which EASE is solved for any λ.

    Parameters
    ----------
    histories : Histories
        The training histories of n_users users.
    """

    def __init__(self, histories: Histories) -> None:
        self.vocabulary = histories.vocabulary
        self.columns = histories.to_csr().T.tocsr()  # Xᵀ, CSR (n_items, n_users)
        self.products = gram(self.columns)  # XXᵀ, (n_users, n_users) float32

    def solve(self, l2: np.float32, parameters: Any) -> "DualEASERecommender":
        """Fit EASE with the penalty λ = `l2`.

        Raises
        ------
        DataError
            If the matrix is singular, or a weight overflows.
        """
        # In double precision: the diagonal of λP, which is 1 - xᵀAx, may be close to 0.
        matrix = self.products.astype(np.float64)
        matrix[np.diag_indices(len(matrix))] += l2
        precision = inverted(matrix, float(l2))
        diagonal = self._diagonal(precision)
        if not (diagonal > np.finfo(np.float32).tiny).all():
            raise DataError(f"EASE's weights overflow at l2 = {l2}: raise l2")
        return DualEASERecommender(self.vocabulary, self.columns, precision, diagonal, parameters)

    def _diagonal(self, precision: Doubles) -> Doubles:
        """Return the diagonal of I - XᵀAX, float64 (n_items,)."""
        n_items = self.columns.shape[0]
        diagonal = np.ones(n_items)
        step = max(1, BLOCK_SCORES // max(1, len(precision)))
        for start in range(0, n_items, step):
            columns = self.columns[start : start + step].astype(np.float64)
            products: Any = columns.multiply(columns @ precision)
            diagonal[start : start + step] -= np.asarray(products.sum(axis=1)).ravel()
        return diagonal


@dataclass(frozen=True, eq=False)
class DualEASERecommender(ScoringRecommender):
    """EASE in its dual form: scores from the training histories, without item-item weights.

    Parameters
    ----------
    vocabulary : Vocabulary
    columns : CSR array of shape (n_items, n_users), float32
        The training histories, transposed: Xᵀ.
    precision : array of shape (n_users, n_users), float64
        A, the inverse of XXᵀ + λI.
    diagonal : array of shape (n_items,), float64
        The diagonal of λP = I - XᵀAX.
    parameters : EASE
    """

    vocabulary: Vocabulary
    columns: "Sparse"
    precision: Doubles
    diagonal: Doubles
    parameters: Any

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        inputs = histories.to_csr().copy()  # h: CSR (m, n_items); copied, as it may be a view
        inputs.sum_duplicates()
        # hB = h - hP / diag(P), in which hP = (h - hXᵀAX) / λ.
        projected = (inputs @ self.columns) @ self.precision  # hXᵀA: (m, n_users) float64
        scores: Doubles = np.asarray(self.columns @ projected.T).T
        scores /= self.diagonal
        rows = np.repeat(np.arange(len(histories)), np.diff(inputs.indptr))
        scores[rows, inputs.indices] += inputs.data * (1 - 1 / self.diagonal[inputs.indices])
        return scores.astype(np.float32)

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items nearest to each of `rows` by -P_ij, int32 (m, k); see `EASE`."""
        result = np.empty((len(rows), k), dtype=np.int32)
        step = max(1, BLOCK_SCORES // max(1, self.n_items))
        for start in range(0, len(rows), step):
            block = np.asarray(rows[start : start + step], dtype=np.int32)
            offsets = pack_lengths(np.ones(len(block), dtype=np.int64))
            weights = self.score_rows(Histories(block, offsets, self.vocabulary))
            # A history of item i alone has the scores B_ij = -P_ij / P_jj; times λP_jj: -λP_ij.
            weights *= self.diagonal.astype(np.float32)
            weights[np.arange(len(block)), block] = -np.inf
            result[start : start + step] = top_k(weights, k)
        return result
