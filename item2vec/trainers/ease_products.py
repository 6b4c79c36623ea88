"""Products with EASE's weights for a catalogue of any size, without the matrix that EASE inverts.

EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019) takes the co-occurrences G
of all items and a ridge, and has ``B_ij = -P_ij / P_jj`` for ``P = (G + ridge)⁻¹``. Here the ridge
of item i is r · L_i, nearly in proportion to its popularity (L_i is u · (G_ii / u)^0.9, with u the
mean of G_ii over the most popular items). With S the diagonal matrix of √L_i, and the sparse matrix
Y of histories and items scaled so that C = YᵀY = S⁻¹ G S⁻¹,

    P = S⁻¹ (C + rI)⁻¹ S⁻¹,  and off the diagonal  -(C + rI)⁻¹ = K = f(C),  f(λ) = λ / (r (λ + r))

for the eigenvalues λ of C. f is exact here for the leading eigenvalues and linear for all others,
which are small beside r, so that a product with K takes two products with Y and few others.
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
RIDGE_EXPONENT = 0.9
# Of a small matrix all eigenvalues are computed. For the others a Lanczos iteration ends as soon as
# the eigenvalues are known to a tenth: vectors of later iterations have worse neighbors.
ALL_UP_TO, TOLERANCE = 600, 0.1


class EaseProducts:
    """Products with the symmetric average of EASE's weights, (B + Bᵀ) / 2.

    A history of n items counts 1/√n in the co-occurrences, since a user with everything in the
    history shows little about any pair.

    Parameters
    ----------
    histories : Histories
        Histories of m users over n items; every item known, and each once in a history.
    seed : int
        Seed of the vector with which the search for eigenvectors begins.
    """

    def __init__(self, histories: Histories, *, seed: int = 0) -> None:
        self.seed = seed
        lengths = histories.lengths
        weights = np.repeat(np.maximum(lengths, 1).astype(np.float32) ** np.float32(-0.5), lengths)
        n = len(histories.vocabulary)
        watched = np.bincount(histories.items, weights, minlength=n).astype(np.float32)
        counts = np.maximum(watched, np.finfo(np.float32).tiny)  # the diagonal of G
        unit, popularity = relative_popularity(counts)
        ridge = unit * popularity**RIDGE_EXPONENT  # L
        self.scale: Floats = np.sqrt(ridge).astype(np.float32)  # S
        self._diagonal: Floats = (counts / ridge).astype(np.float32)  # of C
        self._rows = _scaled(histories, np.sqrt(weights) / self.scale[histories.items])  # Y (m, n)
        self._columns = self._rows.T.tocsr()  # Yᵀ (n, m)
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
        slope = 1 / (r * (r + self._values[-1] / 2))  # of f, for the eigenvalues that are left
        exact = self._values / (r * (self._values + r)) - slope * self._values
        diagonal = np.square(self._vectors) @ exact + slope * self._diagonal  # of K
        up = self.scale / (1 / r - diagonal)  # B = up K down, with diagonal matrices
        down = 1 / self.scale
        transposed = np.ascontiguousarray(self._vectors.T)

        def k_times(vectors: Floats) -> Floats:
            leading = self._vectors @ (exact[:, None] * (transposed @ vectors))
            others = self._columns @ (self._rows @ vectors)
            result: Floats = leading + slope * others - diagonal[:, None] * vectors
            return result

        def multiply(vectors: Floats) -> Floats:
            columns = vectors.reshape(len(vectors), -1)
            both = np.hstack([up[:, None] * columns, down[:, None] * columns])
            products = k_times(both.astype(np.float32, copy=False))
            c = columns.shape[1]
            result: Floats = down[:, None] * products[:, :c] + up[:, None] * products[:, c:]
            result /= 2
            return result.astype(np.float32, copy=False).reshape(vectors.shape)

        return multiply


def leading_eigenvectors(multiply: Products, n: int, k: int, *, seed: int) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues of a symmetric matrix, in falling order, and their vectors.

    Parameters
    ----------
    multiply : callable
        Multiplies the matrix (n, n) by vectors, float32 (n,) or (n, c).
    n, k : int
        Size of the matrix, and number of eigenvalues; all n where k is more.
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
    except ArpackNoConvergence as error:  # the others are replaced as those of a small matrix are
        values, vectors = error.eigenvalues, error.eigenvectors
    order = np.argsort(-values)
    ordered: Floats = np.ascontiguousarray(vectors[:, order], dtype=np.float32)
    return values[order].astype(np.float32), ordered


def _scaled(histories: Histories, data: Floats) -> "Sparse":
    """Return histories as rows of a sparse matrix (m, n) with these numbers."""
    import scipy.sparse

    shape = (len(histories), len(histories.vocabulary))
    return scipy.sparse.csr_array(
        (data.astype(np.float32), histories.items, histories.offsets), shape=shape
    )
