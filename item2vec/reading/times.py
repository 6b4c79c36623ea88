"""Parsing of single times by the same rules as the times of a table."""

import tempfile
from pathlib import Path

import numpy as np

from item2vec._support.messages import shown
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import Database


def parse_time(value: object) -> int:
    """Return a time in nanoseconds since 1970, UTC.

    Parameters
    ----------
    value : str, int, float, datetime, numpy.datetime64 or pandas.Timestamp
        An ISO date or time, in UTC unless it has a time zone, or an epoch in seconds, milliseconds,
        microseconds or nanoseconds, distinguished by magnitude.

    Raises
    ------
    ParameterError
        If the value is neither, or out of range.

    Examples
    --------
    >>> parse_time("2018-01-01"), parse_time(1514764800), parse_time(1514764800000)
    (1514764800000000000, 1514764800000000000, 1514764800000000000)
    """
    text = str(value.isoformat() if hasattr(value, "isoformat") else value)
    with (
        tempfile.TemporaryDirectory(prefix="item2vec-") as folder,
        Database(Path(folder)) as database,
    ):
        database.rows("CREATE TABLE times (value VARCHAR)")
        database.rows("INSERT INTO times VALUES (?)", [text])
        ((nanoseconds,),) = database.rows(
            f"SELECT {sql_values.time('value', 'VARCHAR', None)} FROM times"  # noqa: S608
        )
    limits = np.iinfo(np.int64)
    if nanoseconds is None or not limits.min <= nanoseconds <= limits.max:
        raise ParameterError(
            f"{shown(value)} is not a time: give a date or time such as 2018-01-31 or "
            "2018-01-31T18:00, or seconds since 1970"
        )
    return int(nanoseconds)
