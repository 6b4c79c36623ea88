"""Intervals by the bootstrap: how far a mean over users would move with other users."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

RESAMPLES = 1000
BLOCK = 1 << 22  # weights drawn at a time, 32 MB


class Interval(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


def resampled_means(values: Values, *, resamples: int = RESAMPLES, seed: int = 0) -> Values:
    """Return means over cases drawn with replacement.

    All columns are resampled together, so that the difference of two columns of the result is the
    bootstrap of their paired difference (Efron and Tibshirani, 1993, chapter 13).

    Parameters
    ----------
    values : array of shape (n, q), float64
        One row a case.
    resamples : int
        How often all n cases are drawn anew.
    seed : int
        Of the draws.

    Returns
    -------
    array of shape (resamples, q), float64
    """
    n = len(values)
    rng = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]))
    step = max(1, BLOCK // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        weights = np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(size)])
        means[start : start + size] = weights.astype(np.float64) @ values / n
    return means


def to_interval(mean: float, resampled: Values) -> Interval:
    """Return a mean with the interval between the 2.5th and 97.5th percentile of its resamples."""
    low, high = np.percentile(resampled, [2.5, 97.5]).tolist()
    return Interval(mean, low, high)
