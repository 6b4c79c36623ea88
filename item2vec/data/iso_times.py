"""Times in nanoseconds since 1970 as ISO dates."""

from typing import Literal

import numpy as np
import numpy.typing as npt

Unit = Literal["D", "s", "ms", "us", "ns"]

_NANOSECONDS: dict[Unit, int] = {"D": 86_400 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3}


def precision(times: npt.NDArray[np.int64]) -> Unit:
    """Return the coarsest unit of which all times, in nanoseconds since 1970, are multiples.

    Examples
    --------
    >>> precision(np.array([0, 86_400 * 10**9])), precision(np.array([1_500_000]))
    ('D', 'us')
    """
    return next((unit for unit, n in _NANOSECONDS.items() if not np.any(times % n)), "ns")


def iso_times(times: npt.NDArray[np.int64], unit: Unit) -> list[str]:
    """Return times, in nanoseconds since 1970, as ISO dates in UTC, truncated to a unit.

    The least int64, which numpy takes for a missing time, is written as a number.

    Examples
    --------
    >>> iso_times(np.array([-1, 10**9]), "ns")
    ['1969-12-31T23:59:59.999999999', '1970-01-01T00:00:01.000000000']
    >>> iso_times(np.array([0]), "D")
    ['1970-01-01']
    """
    written: list[str] = np.datetime_as_string(times.view("M8[ns]"), unit=unit).tolist()
    least = np.iinfo(np.int64).min
    for place in np.flatnonzero(times == least):
        written[place] = str(least)
    return written
