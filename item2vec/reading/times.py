"""Moments that a person names, by the rules by which the times of a table are read."""

import tempfile
from pathlib import Path

import numpy as np

from item2vec._support.messages import shown
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import Database


def parse_time(value: object) -> int:
    """Return a moment in nanoseconds since 1970, UTC.

    Parameters
    ----------
    value : str, int, float, datetime, numpy.datetime64 or pandas.Timestamp
        An ISO date or time, UTC unless it has a time zone of its own, or an epoch: seconds,
        milliseconds, microseconds or nanoseconds, told apart by their size as in a table.

    Raises
    ------
    ParameterError
        If it is neither.

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
        database.rows("CREATE TABLE moments (moment VARCHAR)")
        database.rows("INSERT INTO moments VALUES (?)", [text])
        ((nanoseconds,),) = database.rows(
            f"SELECT {sql_values.time('moment', 'VARCHAR', None)} FROM moments"  # noqa: S608
        )
    limits = np.iinfo(np.int64)
    if nanoseconds is None or not limits.min <= nanoseconds <= limits.max:
        raise ParameterError(
            f"{shown(value)} is no time: give a date or time such as 2018-01-31 or "
            "2018-01-31T18:00, or seconds since 1970"
        )
    return int(nanoseconds)
