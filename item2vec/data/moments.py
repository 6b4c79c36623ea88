"""Moments and ages of the items in a history, and weights that decrease with age.

The moment of an item is the index, from 0, of its time among the distinct times of its history.
Items with the same time, such as the lines of one order, have the same moment and therefore the
same age, regardless of their order in the file.
"""

import numpy as np
import numpy.typing as npt

from item2vec.errors import DataError
from item2vec.types import Lengths, Mask, Moments, Offsets, Weights


def moments_of(times: npt.NDArray[np.int64], offsets: Offsets) -> Moments:
    """Return the moment of each item: the number of earlier distinct times in its history.

    Parameters
    ----------
    times : array of shape (n,), int64
        The times of packed histories, never decreasing within a history.
    offsets : array of shape (m + 1,), int64
        History i is ``times[offsets[i]:offsets[i + 1]]``.

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


def separate_moments(offsets: Offsets) -> Moments:
    """Return a separate moment for each item: its position in its history, int32 (n,)."""
    return (np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))).astype(np.int32)


def ages_of(moments: Moments, offsets: Offsets) -> Moments:
    """Return the age of each item: the number of later moments in its history, int32 (n,).

    Moments whose items were all dropped do not count, so the ages in a history have no gaps.

    Examples
    --------
    >>> ages_of(np.array([0, 0, 3, 7], dtype=np.int32), np.array([0, 4]))
    array([2, 2, 1, 0], dtype=int32)
    """
    ranks = np.cumsum(_begins(moments, offsets))
    lasts = offsets[1:][np.diff(offsets) > 0] - 1
    return (np.repeat(ranks[lasts], _lengths(offsets)) - ranks).astype(np.int32)


def age_weights(moments: Moments, offsets: Offsets, recency: float) -> Weights:
    """Return the weight ``(1 + age) ** -recency`` of each item, float32 (n,).

    With a power law, old items keep some weight: at a recency of ½, an item of age 99 has a weight
    of 0.1. With an exponential decay that is similar for the first ten items, its weight would be
    almost 0.
    """
    ages = ages_of(moments, offsets).astype(np.float32)
    weights: Weights = (1 + ages) ** np.float32(-recency)
    return weights


def check_moments(moments: Moments, offsets: Offsets) -> None:
    """Raise DataError unless each packed item has a moment, non-decreasing in each history."""
    n = int(offsets[-1])
    if moments.dtype != np.int32 or moments.shape != (n,):
        raise DataError(
            f"moments must be int32 ({n},), one for each item, not {moments.dtype} {moments.shape}"
        )
    decreases = np.flatnonzero(moments[1:] < moments[:-1]) + 1
    if len(decreases) and not np.isin(decreases, offsets).all():
        raise DataError("the moments of a history must never decrease: sort its items by time")


def _begins(values: npt.NDArray[np.int64] | Moments, offsets: Offsets) -> Mask:
    """Return whether a new value or a new history begins at each item, bool (n,)."""
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = values[1:] != values[:-1]
    begins[_firsts(offsets)] = True
    return begins


def _firsts(offsets: Offsets) -> Offsets:
    """Return the position of the first item of each history that is not empty."""
    return offsets[:-1][np.diff(offsets) > 0]


def _lengths(offsets: Offsets) -> Lengths:
    """Return the lengths of the histories that are not empty."""
    lengths = np.diff(offsets)
    return lengths[lengths > 0]
