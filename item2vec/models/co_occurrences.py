"""Item co-occurrences: the number of histories in which two items occur together.

EASE, item k-NN and the item-item memory are computed from them.
"""

from typing import TYPE_CHECKING

import numpy as np

from item2vec.data.histories import Histories
from item2vec.types import Floats

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]


UNIT_OF = 1_000  # the mean count of this many most popular items is the unit of popularity
LEAST_POPULARITY = 0.01  # in this unit
BLOCK = 1 << 24  # elements of a dense block of histories
DENSE_IS_CHEAPER = 500  # number of dense multiply-adds that take as long as one sparse multiply-add


def co_occurrences(histories: Histories, weights: Floats | None = None) -> Floats:
    """Return the number of histories that contain both items, float32 (n_items, n_items).

    Parameters
    ----------
    histories : Histories
    weights : array of shape (m,), float32, optional
        Weight of each history; 1 by default.
    """
    matrix = histories.to_csr()  # (m, n_items)
    if weights is not None:
        matrix.data *= np.repeat(np.sqrt(weights), np.diff(matrix.indptr))
    return gram(matrix)


def gram(matrix: "Sparse") -> Floats:
    """Return the inner products of all pairs of columns, dense float32 (n, n).

    Parameters
    ----------
    matrix : CSR array of shape (m, n), float32
    """
    m, n = matrix.shape
    lengths = np.diff(matrix.indptr).astype(np.int64)
    if m * n**2 > DENSE_IS_CHEAPER * np.dot(lengths, lengths):
        sparse: Floats = (matrix.T @ matrix).toarray()
        return sparse
    products = np.zeros((n, n), dtype=np.float32)
    step = max(1, BLOCK // max(1, n))
    for start in range(0, m, step):
        block = matrix[start : start + step].toarray()
        products += block.T @ block  # NumPy exploits the symmetry: half the work
    return products


def short_first(histories: Histories) -> Floats:
    """Return weights for `co_occurrences`, float32 (m,): 1/√n for a history of n items.

    A pair in a long history is weaker evidence than one in a short history.
    """
    weights: Floats = np.maximum(histories.lengths, 1).astype(np.float32) ** np.float32(-0.5)
    return weights


def relative_popularity(diagonal: Floats) -> tuple[float, Floats]:
    """Return the unit of popularity, and the popularity of each item in this unit.

    Parameters
    ----------
    diagonal : array of shape (n_items,), float32
        Count of each item in descending order, above 0.

    Returns
    -------
    unit : float
        Mean count of the most popular items.
    popularity : array of shape (n_items,), float32
        At least `LEAST_POPULARITY`.
    """
    unit = max(float(diagonal[:UNIT_OF].mean()), float(np.finfo(np.float32).tiny))
    return unit, np.maximum(diagonal / np.float32(unit), np.float32(LEAST_POPULARITY))
