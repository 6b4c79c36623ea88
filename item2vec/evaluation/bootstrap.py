"""Bootstrap intervals of means over users, and of paired differences between models."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec.types import Values

RESAMPLES = 1000
# Resamples per matrix product: 64, or fewer where a block would take over 64 MB, but at least 16,
# below which BLAS is many times slower.
MOST, LEAST, BLOCK = 64, 16, 1 << 23


class Interval(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


class Difference(NamedTuple):
    """A paired difference: its mean, its 95 % interval, and its simultaneous interval."""

    mean: float
    low: float
    high: float
    low_of_all: float
    high_of_all: float


class Groups(NamedTuple):
    """The values that items share, such as series, for a bootstrap that draws values, not items.

    There is one entry for each item and each of its values; every item has at least one.

    Parameters
    ----------
    items : array of shape (p,), int64
        Positions of items, 0 ... n - 1.
    values : array of shape (p,), int64
        A value of each of these items, as a number from 0.
    """

    items: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]

    @property
    def n_values(self) -> int:
        """The number of different values."""
        return len(np.unique(self.values))

    @property
    def shares(self) -> Values:
        """The weight of an item under each of its values, 1 / their number, float64 (n,)."""
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
        One row for each case. NaN marks a case without a value, which is left out of
        the mean.
    users : array of shape (n,), int64, optional
        The user of each case, 0 ... m - 1. Cases of the same user are correlated, so they are drawn
        together. Without it, every case has a user of its own.
    weights : array of shape (n,), float64, optional
        The weight of each row, above 0; 1 by default.
    resamples : int
        Number of resamples.
    seed : int
        Random seed.

    Returns
    -------
    array of shape (resamples, q), float64
        NaN for a resample without a value.
    """
    there = ~np.isnan(values)
    sums, counts = np.where(there, values, 0.0), there.astype(np.float64)
    if weights is not None:
        sums, counts = sums * weights[:, None], counts * weights[:, None]
    if users is not None:
        sums, counts = _by_user(sums, users), _by_user(counts, users)
    return _weighted_means(sums, counts, resamples, np.random.default_rng(seed))


def _weighted_means(
    sums: Values, counts: Values, resamples: int, rng: np.random.Generator
) -> Values:
    """Return the sums over the counts of rows that are drawn with replacement.

    Both have the shape (n, q), and the result (resamples, q).
    """
    n = len(sums)
    # Columns that have values for the same cases share a denominator: it is computed once.
    same: dict[bytes, int] = {}
    which = [same.setdefault(column.tobytes(), len(same)) for column in counts.T]
    distinct = counts[:, [which.index(place) for place in range(len(same))]]
    means = np.empty((resamples, sums.shape[1]))
    times = np.empty((min(MOST, max(LEAST, BLOCK // max(1, n))), n))  # number of draws of each row
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
    """Return means over items, where the values that items share are drawn with replacement.

    The items of a series are found or missed together, so a mean over items varies more than if
    they were independent. Each value is therefore drawn with all of its items (the cluster
    bootstrap; Davison and Hinkley, 1997, section 3.8). An item with several values counts under
    each with an equal share, so that all values together give the plain mean.

    Parameters
    ----------
    values : array of shape (n, q), float64
        One row for each item.
    groups : Groups
        The values of the items.
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
    """Return the sums of the rows of each user."""
    order = np.argsort(users, kind="stable")
    begins = np.flatnonzero(np.diff(users[order], prepend=-1))
    summed: Values = np.add.reduceat(values[order], begins, axis=0)
    return summed


def to_interval(mean: float, resampled: Values) -> Interval:
    """Return a mean with its percentile interval, from the 2.5th to the 97.5th percentile."""
    low, high = np.nanpercentile(resampled, [2.5, 97.5]).tolist()
    return Interval(mean, low, high)


def to_differences(
    mean: float, resampled: Values, others: Mapping[str, tuple[float, Values]]
) -> dict[str, Difference]:
    """Return the paired differences between one model and each of the others.

    With many comparisons, the interval of one may exclude zero by chance. Simultaneous intervals
    hold for all of them together. Their half width is c standard errors of the difference, where c
    is the 95th percentile, over the resamples, of the largest deviation of any difference from its
    mean in its standard errors (Westfall and Young, 1993; Romano and Wolf, 2005).

    Parameters
    ----------
    mean, resampled
        The model's mean, and its means over the resamples.
    others : mapping
        Name → mean and resampled means of another model.
    """
    if not others:
        return {}
    means = {name: mean - other for name, (other, _) in others.items()}
    moved = np.column_stack([resampled - own for _, own in others.values()])
    moved = moved[~np.isnan(moved).any(axis=1)]  # resamples in which some model has no value
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
