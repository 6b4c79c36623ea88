"""Intervals by the bootstrap: how far a mean over users would move with other users."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec.types import Values

RESAMPLES = 1000
# So many resamples are weighed at a time, fewer where a block would take over 64 MB. (With fewer
# than 16, BLAS is many times slower.)
MOST, LEAST, BLOCK = 64, 16, 1 << 23


class Interval(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


class Difference(NamedTuple):
    """A paired difference: its mean, its 95 % interval, and one that holds for all at once."""

    mean: float
    low: float
    high: float
    low_of_all: float
    high_of_all: float


class Groups(NamedTuple):
    """Which values items hold: for a bootstrap that draws values, such as series, not items.

    One entry for each item and each value that it holds; every item has at least one.

    Parameters
    ----------
    items : array of shape (p,), int64
        Places of items, 0 ... n - 1.
    values : array of shape (p,), int64
        The value that each of them holds, as a number from 0 up.
    """

    items: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]

    @property
    def n_values(self) -> int:
        """The number of different values."""
        return len(np.unique(self.values))

    @property
    def shares(self) -> Values:
        """How much an item counts under each of its values, float64 (n,): 1 / their number."""
        shares: Values = 1 / np.bincount(self.items)
        return shares


def resampled_means(
    values: Values,
    *,
    users: npt.NDArray[np.int64] | None = None,
    weights: Values | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Values:
    """Return means over users drawn with replacement.

    All columns are resampled together, so that the difference of two columns of the result is the
    bootstrap of their paired difference (Efron and Tibshirani, 1993, chapter 13).

    Parameters
    ----------
    values : array of shape (n, q), float64
        One row a case; NaN where a case has no value, which then counts in no mean.
    users : array of shape (n,), int64, optional
        Whose case each is, 0 ... m - 1. A user's cases are drawn together, for they are alike.
        Without it every case is another user's.
    weights : array of shape (n,), float64, optional
        How much each row counts, above 0; 1 by default.
    resamples : int
        How often all users are drawn anew.
    seed : int
        Of the draws.

    Returns
    -------
    array of shape (resamples, q), float64
        NaN where a resample holds no value.
    """
    there = ~np.isnan(values)
    sums, counts = np.where(there, values, 0.0), there.astype(np.float64)
    if weights is not None:
        sums, counts = sums * weights[:, None], counts * weights[:, None]
    if users is not None:
        sums, counts = _by_user(sums, users), _by_user(counts, users)
    n = len(sums)
    # Most columns have a value for every case: one of these stands for all of them.
    same: dict[bytes, int] = {}
    which = [same.setdefault(column.tobytes(), len(same)) for column in counts.T]
    distinct = counts[:, [which.index(place) for place in range(len(same))]]
    rng = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]))
    times = np.empty((min(MOST, max(LEAST, BLOCK // max(1, n))), n))
    for start in range(0, resamples, len(times)):
        drawn = times[: resamples - start]
        for row in drawn:
            row[:] = np.bincount(rng.integers(n, size=n), minlength=n)
        with np.errstate(invalid="ignore"):
            means[start : start + len(drawn)] = (drawn @ sums) / (drawn @ distinct)[:, which]
    return means


def resampled_means_by_value(
    values: Values, groups: Groups, *, resamples: int = RESAMPLES, seed: int = 0
) -> Values:
    """Return means over items when the values that they share are drawn with replacement.

    The items of a series are found together or missed together, so that a mean over items moves
    more than it would if they were independent: a value is drawn with all of its items (the cluster
    bootstrap; Davison and Hinkley, 1997, section 3.8). An item that holds several values counts
    under each of them by an equal share, so that all values together give the plain mean.

    Parameters
    ----------
    values : array of shape (n, q), float64
        One row an item.
    groups : Groups
        Which values the items hold.
    resamples, seed
        As in `resampled_means`.

    Returns
    -------
    array of shape (resamples, q), float64
    """
    return resampled_means(
        values[groups.items],
        users=groups.values,
        weights=groups.shares[groups.items],
        resamples=resamples,
        seed=seed,
    )


def _by_user(values: Values, users: npt.NDArray[np.int64]) -> Values:
    """Sum up the rows of each user."""
    order = np.argsort(users, kind="stable")
    begins = np.flatnonzero(np.diff(users[order], prepend=-1))
    summed: Values = np.add.reduceat(values[order], begins, axis=0)
    return summed


def to_interval(mean: float, resampled: Values) -> Interval:
    """Return a mean with the interval between the 2.5th and 97.5th percentile of its resamples."""
    low, high = np.nanpercentile(resampled, [2.5, 97.5]).tolist()
    return Interval(mean, low, high)


def to_differences(
    mean: float, resampled: Values, others: Mapping[str, tuple[float, Values]]
) -> dict[str, Difference]:
    """Return the paired differences of one model from each other one.

    With many comparisons one of them leaves zero out by chance. The wider intervals hold for all of
    them at once: their half width is a multiple of each difference's standard error, the 95th
    percentile of the largest deviation of any (Westfall and Young, 1993; Romano and Wolf, 2005).

    Parameters
    ----------
    mean, resampled
        Of the model: its mean, and its means over the same resamples.
    others : mapping
        Name → the same of another model.
    """
    if not others:
        return {}
    means = {name: mean - other for name, (other, _) in others.items()}
    moved = np.column_stack([resampled - own for _, own in others.values()])
    moved = moved[~np.isnan(moved).any(axis=1)]  # resamples that hold no value at all
    errors = moved.std(axis=0)
    deviation = np.abs(moved - np.array(list(means.values())))
    largest = np.divide(deviation, errors, out=np.zeros_like(deviation), where=errors > 0)
    width = float(np.percentile(largest.max(axis=1), 95)) * errors
    return {
        name: Difference(
            *to_interval(means[name], moved[:, place]),
            float(means[name] - width[place]),
            float(means[name] + width[place]),
        )
        for place, name in enumerate(others)
    }
