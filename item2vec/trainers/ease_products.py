"""Products with EASE's weights for a catalogue of any size, without the matrix that EASE inverts.

EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019) predicts an item from the
others with the weights ``B_ij = -P_ij / P_jj``, where ``P = (G + ridge)⁻¹`` for the co-occurrences
G of all items. Here the ridge of item i is r · L_i, nearly proportional to its popularity:
``L_i = u · (G_ii / u)^0.9``, with u the mean of G_ii over the most popular items. Let S be the
diagonal matrix of √L_i, and Y the sparse matrix of histories and items, scaled so that
``C = YᵀY = S⁻¹ G S⁻¹``. Then, off the diagonal::

    -P = S⁻¹ K S⁻¹,  with  K = f(C),  f(λ) = 1/r - 1/(λ + r) = λ / (r (λ + r))

f acts on the eigenvalues λ of C. It is exact here for the leading eigenvalues, and linear for all
others, which are small beside r. A product with K then takes two products with Y, and a few small
ones with the leading eigenvectors.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from item2vec.data.histories import Histories
from item2vec.models.co_occurrences import relative_popularity
from item2vec.types import Floats

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

Products = Callable[[Floats], Floats]

LEADING = 64  # eigenvalues of C for which f is exact
RIDGE_EXPONENT = 0.9  # of popularity; 0 is the ridge of EASE, 1 that of dropout (Steck, 2020)
# All eigenvalues of a matrix of up to 600 items are computed. For larger ones a Lanczos iteration
# ends as soon as the eigenvalues are known to a tenth: with one more digit, neighbors are worse
# (series on goodbooks: .846 instead of .859; see docs/experiments.md, "What was tried for the
# defaults").
ALL_UP_TO, TOLERANCE = 600, 0.1


class EaseProducts:
    """Products with the symmetric average of EASE's weights, (B + Bᵀ) / 2.

    A history of n items counts 1/√n in the co-occurrences, because a very long history is
    weak evidence for any single pair.

    Parameters
    ----------
    histories : Histories
        m histories over n known items, each item at most once in a history.
    seed : int
        Seed of the vector with which the search for eigenvectors begins.
    """

    def __init__(self, histories: Histories, *, seed: int = 0) -> None:
        self.seed = seed
        lengths = histories.lengths
        weights = np.repeat(np.maximum(lengths, 1).astype(np.float32) ** np.float32(-0.5), lengths)
        n = len(histories.vocabulary)
        counts = np.bincount(histories.items, weights, minlength=n).astype(np.float32)
        counts = np.maximum(counts, np.finfo(np.float32).tiny)  # the diagonal of G, (n,)
        unit, popularity = relative_popularity(counts)
        ridge = unit * popularity**RIDGE_EXPONENT  # L, (n,)
        self.scale: Floats = np.sqrt(ridge).astype(np.float32)  # S, (n,)
        self._diagonal: Floats = (counts / ridge).astype(np.float32)  # of C, (n,)
        self._rows = _scaled(histories, np.sqrt(weights) / self.scale[histories.items])  # Y (m, n)
        self._columns = self._rows.T.tocsr()  # Yᵀ (n, m)
        # Of C: (LEADING,) and (n, LEADING) float32
        self._values, self._vectors = leading_eigenvectors(
            lambda v: self._columns @ (self._rows @ v), n, LEADING, seed=seed
        )

    def __len__(self) -> int:
        return len(self.scale)

    def symmetric(self, r: float) -> Products:
        """Return the function that multiplies (B + Bᵀ) / 2 by vectors.

        Parameters
        ----------
        r : float
            The ridge; see this module.

        Returns
        -------
        callable
            Takes and returns float32 (n,) or (n, c).
        """
        # f for the other eigenvalues: the line through 0 and half of the smallest leading one.
        slope = 1 / (r * (r + self._values[-1] / 2))
        exact = self._values / (r * (self._values + r)) - slope * self._values  # (LEADING,)
        diagonal = np.square(self._vectors) @ exact + slope * self._diagonal  # of K, (n,)
        # Off the diagonal B = down K up with diagonal matrices: P_jj is (1/r - K_jj) / L_j.
        up = self.scale / (1 / r - diagonal)  # (n,)
        down = 1 / self.scale  # (n,)
        transposed = np.ascontiguousarray(self._vectors.T)

        def k_times(vectors: Floats) -> Floats:
            """Multiply K, with a zero diagonal, by vectors (n, c)."""
            leading = self._vectors @ (exact[:, None] * (transposed @ vectors))
            others = self._columns @ (self._rows @ vectors)
            result: Floats = leading + slope * others - diagonal[:, None] * vectors
            return result

        def multiply(vectors: Floats) -> Floats:
            columns = vectors.reshape(len(vectors), -1)  # (n, c)
            both = np.hstack([up[:, None] * columns, down[:, None] * columns])
            products = k_times(both.astype(np.float32, copy=False))
            c = columns.shape[1]
            result: Floats = down[:, None] * products[:, :c] + up[:, None] * products[:, c:]
            result /= 2
            return result.astype(np.float32, copy=False).reshape(vectors.shape)

        return multiply


def leading_eigenvectors(multiply: Products, n: int, k: int, *, seed: int) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues of a symmetric matrix, in descending order, with eigenvectors.

    Parameters
    ----------
    multiply : callable
        Multiplies the matrix (n, n) by vectors, float32 (n,) or (n, c).
    n, k : int
        Size of the matrix, and number of eigenvalues; at most n.
    seed : int
        Seed of the vector with which the search begins.

    Returns
    -------
    values : array of shape (k,), float32
    vectors : array of shape (n, k), float32
        Orthonormal columns.
    """
    if n <= max(ALL_UP_TO, 2 * k + 1):
        values, vectors = np.linalg.eigh(multiply(np.eye(n, dtype=np.float32)))
        return values[::-1][:k], np.ascontiguousarray(vectors[:, ::-1][:, :k])
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    begin = np.random.default_rng([seed, 0, 2]).standard_normal(n, dtype=np.float32)
    operator = LinearOperator((n, n), matvec=multiply, dtype=np.float32)
    try:
        values, vectors = eigsh(operator, k=k, which="LA", v0=begin, tol=TOLERANCE)
    except ArpackNoConvergence as error:  # as many as were found: the caller fills the others
        values, vectors = error.eigenvalues, error.eigenvectors
    order = np.argsort(-values)
    ordered: Floats = np.ascontiguousarray(vectors[:, order], dtype=np.float32)
    return values[order].astype(np.float32), ordered


def _scaled(histories: Histories, data: Floats) -> "Sparse":
    """Return a CSR matrix (m, n) with a row per history and these entries, float32."""
    import scipy.sparse

    shape = (len(histories), len(histories.vocabulary))
    return scipy.sparse.csr_array(
        (data.astype(np.float32), histories.items, histories.offsets), shape=shape
    )
