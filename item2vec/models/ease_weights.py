"""The closed-form weights of EASE, and the inversion of a symmetric positive definite matrix.

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019).
"""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from item2vec._support.finite import is_finite
from item2vec.errors import DataError
from item2vec.types import Floats

M = TypeVar("M", bound=npt.NDArray[Any])

MIRRORED = 256  # number of rows mirrored at a time, so that memory is accessed in blocks


def inverted(matrix: M, l2: float) -> M:
    """Return the inverse of EASE's regularized matrix, which is overwritten.

    A Cholesky factorization needs half the work of a general inversion, and no second copy.

    Parameters
    ----------
    matrix : array of shape (n, n), float32 or float64
        Symmetric positive definite, in C order.
    l2 : float
        The value that was added to its diagonal, for messages.

    Raises
    ------
    DataError
        If the matrix is numerically singular, or the inverse overflows.
    """
    from scipy.linalg import lapack

    is_single = matrix.dtype == np.float32
    factorize, invert = (
        (lapack.spotrf, lapack.spotri) if is_single else (lapack.dpotrf, lapack.dpotri)
    )
    factor, failed = factorize(matrix.T, lower=1, overwrite_a=1)
    inverse, failed_too = invert(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise DataError(f"EASE's matrix is singular at l2 = {l2}: raise l2")
    if not is_finite(inverse.diagonal()) or not inverse.diagonal().all():
        raise DataError(f"EASE's weights overflow at l2 = {l2}: lower l2")
    result: M = inverse.T  # in C order; only its upper triangle is filled
    for start in range(0, len(result), MIRRORED):
        stop = start + MIRRORED
        result[start:stop, :start] = result[:start, start:stop].T
        square = result[start:stop, start:stop]
        square += np.triu(square, 1).T - np.tril(square, -1)
    return result


def ease_weights(gram: Floats, l2: Floats | np.float32) -> Floats:
    """Return EASE's weights B, float32 (n_items, n_items); `gram` is overwritten.

    Parameters
    ----------
    gram : array of shape (n_items, n_items), float32
        Item co-occurrences.
    l2 : float32, or array of shape (n_items,)
        One penalty for all items, or one for each.

    Raises
    ------
    DataError
        If the matrix is singular, or its inverse overflows.
    """
    diagonal = np.diag_indices(len(gram))
    gram[diagonal] += l2
    weights = inverted(gram, float(np.mean(l2)))
    weights /= -weights.diagonal().copy()
    weights[diagonal] = 0
    return weights
