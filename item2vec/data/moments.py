"""Moments: which items of a history share a time, and how much each item weighs by its age.

Items that come together, such as the lines of one order, have one time and therefore one age: the
order in which a file lists them means nothing.
"""

import numpy as np
import numpy.typing as npt

from item2vec.errors import DataError
from item2vec.types import Moments, Offsets


def moments_of(times: npt.NDArray[np.int64], offsets: Offsets) -> Moments:
    """Return the moment of each item: how many different times come before it in its history.

    Parameters
    ----------
    times : array of shape (n,), int64
        Packed, in rising order within each history.
    offsets : array of shape (m + 1,), int64

    Returns
    -------
    array of shape (n,), int32

    Examples
    --------
    >>> moments_of(np.array([5, 5, 9, 7, 9]), np.array([0, 3, 5]))
    array([0, 0, 1, 0, 1], dtype=int32)
    """
    ranks = np.cumsum(_begins(times, offsets))
    return (ranks - np.repeat(ranks[_firsts(offsets)], _lengths(offsets))).astype(np.int32)


def positions(offsets: Offsets) -> Moments:
    """Return a moment of its own for each item: its place in its history, int32 (n,)."""
    return (np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))).astype(np.int32)


def ages_of(moments: Moments, offsets: Offsets) -> Moments:
    """Return the age of each item: how many moments of its history come after it, int32 (n,).

    Only moments of which an item is left count, so ages are 0, 1, 2, ... whatever was dropped.

    Examples
    --------
    >>> ages_of(np.array([0, 0, 3, 7], dtype=np.int32), np.array([0, 4]))
    array([2, 2, 1, 0], dtype=int32)
    """
    ranks = np.cumsum(_begins(moments, offsets))
    lasts = offsets[1:][np.diff(offsets) > 0] - 1
    return (np.repeat(ranks[lasts], _lengths(offsets)) - ranks).astype(np.int32)


def age_weights(moments: Moments, offsets: Offsets, recency: float) -> npt.NDArray[np.float32]:
    """Return the weight ``(1 + age) ** -recency`` of each item, float32 (n,).

    A power law never forgets: an item of age 99 weighs a tenth at a recency of ½, where an
    exponential decay that does the same for the first ten items leaves nothing of it.
    """
    ages = ages_of(moments, offsets).astype(np.float32)
    weights: npt.NDArray[np.float32] = (1 + ages) ** np.float32(-recency)
    return weights


def check_moments(moments: Moments, offsets: Offsets) -> None:
    """Raise DataError unless there is a moment for each packed item, in rising order."""
    n = int(offsets[-1])
    if moments.dtype != np.int32 or moments.shape != (n,):
        raise DataError(
            f"moments must be int32 ({n},), one for each item, not {moments.dtype} {moments.shape}"
        )
    falls = np.flatnonzero(moments[1:] < moments[:-1]) + 1
    if len(falls) and not np.isin(falls, offsets).all():
        raise DataError("the moments of a history must never fall: sort its items by time")


def _begins(values: npt.NDArray[np.int64] | Moments, offsets: Offsets) -> npt.NDArray[np.bool_]:
    """Return at which items another value, or another history, begins, bool (n,)."""
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = values[1:] != values[:-1]
    begins[_firsts(offsets)] = True
    return begins


def _firsts(offsets: Offsets) -> Offsets:
    """Return the place of the first item of each history that has one."""
    return offsets[:-1][np.diff(offsets) > 0]


def _lengths(offsets: Offsets) -> Offsets:
    """Return the lengths of the histories that have an item."""
    lengths = np.diff(offsets)
    return lengths[lengths > 0]
