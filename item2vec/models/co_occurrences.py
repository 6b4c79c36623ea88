"""How often items share a history: what every rule of item and item begins with."""

from typing import TYPE_CHECKING

import numpy as np

from item2vec.data.histories import Histories
from item2vec.types import Floats

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]


UNIT_OF = 1_000  # items, the most popular, whose mean is the unit of popularity
LEAST_POPULARITY = 0.01  # in these units
BLOCK = 1 << 24  # numbers of a dense block of histories
DENSE_IS_CHEAPER = 500  # so many products are done in the time in which a sparse one finds a pair


def co_occurrences(histories: Histories, weights: Floats | None = None) -> Floats:
    """Return how many histories hold both items, float32 (n_items, n_items).

    Parameters
    ----------
    histories : Histories
    weights : array of shape (m,), float32, optional
        What each history counts for, instead of 1.
    """
    watched = histories.to_csr()
    if weights is not None:
        watched.data *= np.repeat(np.sqrt(weights), np.diff(watched.indptr))
    return gram(watched)


def gram(matrix: "Sparse") -> Floats:
    """Return the dense products of all pairs of columns, float32 (n, n).

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
        products += block.T @ block  # numpy knows that this is symmetric: half the work
    return products


def short_first(histories: Histories) -> Floats:
    """Return weights for `co_occurrences`, float32 (m,): a history of n items counts for 1/√n.

    Who watched everything says little of any pair.
    """
    weights: Floats = np.maximum(histories.lengths, 1).astype(np.float32) ** np.float32(-0.5)
    return weights


def relative_popularity(diagonal: Floats) -> tuple[float, Floats]:
    """Return the unit of popularity, and the popularity of each item in this unit.

    Parameters
    ----------
    diagonal : array of shape (n_items,), float32
        How often each item occurs, most frequent first; above 0.

    Returns
    -------
    unit : float
        The mean of the most popular items.
    popularity : array of shape (n_items,), float32
        At least `LEAST_POPULARITY`.
    """
    unit = max(float(diagonal[:UNIT_OF].mean()), float(np.finfo(np.float32).tiny))
    return unit, np.maximum(diagonal / np.float32(unit), np.float32(LEAST_POPULARITY))
