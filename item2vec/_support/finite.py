"""Checks that the numbers of a model are finite, and small enough for scores not to overflow."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec.errors import DataError

# Products of smaller numbers, summed over thousands of dimensions and items, fit into float32.
SCORABLE = 1e15

Floats = npt.NDArray[np.floating[Any]]


def is_finite(array: Floats, *, below: float = np.inf) -> bool:
    """Return whether the absolute values of all numbers are less than `below`; False for NaN.

    The array is read twice, and no temporary array is allocated.

    Examples
    --------
    >>> is_finite(np.array([1.0, -2.0])), is_finite(np.array([1.0, np.nan])), is_finite(np.ones(0))
    (True, False, True)
    """
    if array.size == 0:
        return True
    return bool(array.min() > -below and array.max() < below)  # NaN fails both


def check_finite(
    arrays: Mapping[str, Floats], ids: Sequence[str] | None = None, *, below: float = np.inf
) -> None:
    """Raise DataError unless these arrays of a model are finite; see `is_finite`.

    Parameters
    ----------
    arrays : mapping of str to array
        The arrays, by the names that messages use.
    ids : sequence of str, optional
        Item ids. If an array has one row per id, the message names the first item with an
        invalid number.
    below : float
        Limit of the absolute values.

    Raises
    ------
    DataError
        If a number is NaN or infinite, or its absolute value is not below the limit.
    """
    for name, array in arrays.items():
        if not is_finite(array, below=below):
            raise DataError(
                f"the model is damaged: {finding(name, array, ids, below=below)}; copy the model "
                "again, or train it again"
            )


def finding(
    name: str, array: Floats, ids: Sequence[str] | None = None, *, below: float = np.inf
) -> str:
    """Return a description of the first number that `is_finite` does not accept, and its item."""
    wrong = ~(np.abs(array) < below)
    index = np.unravel_index(int(np.argmax(wrong)), array.shape)
    row = int(index[0])
    where = f"item {shown(ids[row])}" if ids and len(ids) == len(array) else f"row {row}"
    limit = f" below {below:.0e}" if np.isfinite(array[index]) else ""
    return f"{name} must contain finite numbers{limit}, not {array[index]} ({where})"
