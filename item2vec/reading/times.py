"""Parsing of single times by the same rules as the times of a table, and notes on their span."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import itertools
import re
import tempfile
from pathlib import Path

import numpy as np

from item2vec._support.messages import MOST_QUOTED, shown
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import Database
from item2vec.reading.time_formats import parse_text
from item2vec.reading.time_notations import formats_of


def parse_time(value: object) -> int:
    """Return a time in nanoseconds since 1970, UTC.

    Parameters
    ----------
    value : str, int, float, datetime, numpy.datetime64 or pandas.Timestamp
        A date or time, in UTC unless it has a time zone: ISO, or any notation with one order of
        day, month and year, such as "31.1.2018 18:00" or 20180131. Or an epoch in seconds,
        milliseconds, microseconds or nanoseconds, distinguished by magnitude.

    Raises
    ------
    ParameterError
        If the value is neither, out of range, or can mean several times.

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
        meanings = sorted(parse_text(database, text))
    limits = np.iinfo(np.int64)
    if len(meanings) > 1:
        days = " or ".join(str(np.datetime64(each, "ns").astype("M8[D]")) for each in meanings)
        raise ParameterError(f"{shown(value)} can mean {days}: write the one that you mean")
    if not meanings or not limits.min <= meanings[0] <= limits.max:
        raise ParameterError(
            f"{shown(value)} is not a time: give a date or time such as 2018-01-31 or "
            "2018-01-31T18:00, or seconds since 1970"
        )
    return meanings[0]


def example_format(database: Database, value: str) -> str | None:
    """Return a strptime format of a time that may be part of a longer text, None if none fits.

    It is "%d/%m/%Y" for "25/03/2021" and "day %m/%d/%Y" for "day 3/25/2021", for example.
    """
    value = value.strip()
    if len(value) > MOST_QUOTED:
        return None
    words = [word.span() for word in re.finditer(r"\S+", value)]
    ends = itertools.product([begin for begin, _ in words], [end for _, end in words])
    spans = [(begin, end) for begin, end in ends if begin < end]
    for begin, end in sorted(spans, key=lambda span: span[0] - span[1]):  # the longest first
        before, after = (text.replace("%", "%%") for text in (value[:begin], value[end:]))
        for written in formats_of(value[begin:end]).values():
            time_format = f"{before}{written}{after}"
            parsed = sql_values.strptime("value", [time_format])
            ((time,),) = database.rows(
                f"SELECT {parsed} FROM (SELECT CAST(? AS VARCHAR) AS value)", [value]
            )
            if time is not None:
                return time_format
    return None
