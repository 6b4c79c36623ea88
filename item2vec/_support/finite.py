"""Checking that the numbers of a model are finite, and small enough for scores not to overflow."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec.errors import DataError

# Products of such numbers, summed over thousands of dimensions and items, are still a float32.
SCORABLE = 1e15

Floats = npt.NDArray[np.floating[Any]]


def is_finite(array: Floats, *, below: float = np.inf) -> bool:
    """Return whether the size of every number is less than `below`, which that of NaN is not.

    Reads the array twice and allocates nothing.

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
        By the name that the message gives them.
    ids : sequence of str, optional
        The item of each row of those arrays that have as many rows; the message then names the
        first item with such a number.
    below : float
        As in `is_finite`.

    Raises
    ------
    DataError
        If a number is NaN, infinite or not below the limit in size.
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
    """Describe the first number of an array that `is_finite` does not accept, and its place."""
    wrong = ~(np.abs(array) < below)
    place = np.unravel_index(int(np.argmax(wrong)), array.shape)
    row = int(place[0])
    where = f"item {shown(ids[row])}" if ids and len(ids) == len(array) else f"row {row}"
    limit = f" below {below:.0e}" if np.isfinite(array[place]) else ""
    return f"{name} must hold finite numbers{limit}, not {array[place]} ({where})"
