"""Parsing of single times by the same rules as the times of a table, and notes on their span."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import datetime as dt
import itertools
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from item2vec._support.messages import MOST_QUOTED, setting, shown
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.columns import INTERACTION_NAMES, Roles, free_columns
from item2vec.reading.duckdb_session import Database, QueryError
from item2vec.reading.table import Table, unreadable
from item2vec.reading.tables import Tables
from item2vec.reading.time_formats import SAMPLE, TimeFormats, find_time_formats, parse_text
from item2vec.reading.time_notations import formats_of

_NANOSECONDS = 10**9  # in a second
_DAY = 86_400 * _NANOSECONDS
# Names of columns that may hold the time of day where another one holds the date.
_CLOCKS = ("time", "timeofday", "hourmin", "hour", "clock", *INTERACTION_NAMES["time"])
_EPOCH = dt.date(1970, 1, 1).toordinal()
# Numbers that are probably no seconds: the first and the last one, and a strptime format or what
# they may be.
_NOT_SECONDS = (
    (1900, 2100, "%Y", ""),
    (190_001, 210_012, "%Y%m", ""),
    (20_000, 60_000, "", "day numbers of a spreadsheet"),
    (2_400_000, 2_500_000, "", "Julian days"),
)


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


class FinerTimes(NamedTuple):
    """A column that refines a column of dates.

    Parameters
    ----------
    column : str
    is_clock : bool
        Whether it holds times of day, which are to be added to the dates, and not whole times.
    """

    column: str
    is_clock: bool


def find_finer_times(tables: Tables, roles: Roles, formats: TimeFormats) -> FinerTimes | None:
    """Find a column of times of day, or of whole times, beside a column of dates.

    Parameters
    ----------
    tables : Tables
    roles : Roles
        With a column of times; only one that holds dates without a time of day can be refined.
    formats : TimeFormats
        The formats of the times.

    Raises
    ------
    DataError
        If the first table can't be read.
    """
    table, dates = tables.first, roles.columns["time"]
    date = sql_values.time(dates, table.types[dates], formats.of(table))
    free = free_columns(table.columns, roles.columns.values(), _CLOCKS)
    common = [name for name in free if all(name in each.types for each in tables.tables)]
    for name in dict.fromkeys(common):
        sql_type = table.types[name]
        clock, whole = sql_values.time_of_day(name, sql_type), sql_values.time(name, sql_type)
        try:
            ((n, has_clocks, n_clocks, n_whole),) = tables.database.rows(
                f"SELECT count(*), bool_or(date % {_DAY} <> 0), count(clock), count(*) FILTER "
                f"(whole % {_DAY} <> 0 AND abs(whole - date - {_DAY // 2}) <= {3 * _DAY // 2}) "
                f"FROM (SELECT {date} AS date, {clock} AS clock, {whole} AS whole FROM "
                f"(SELECT * FROM ({table.relation}) LIMIT {SAMPLE})) WHERE date IS NOT NULL"
            )
        except QueryError as error:
            raise unreadable(table.name, error) from error
        if n == 0 or has_clocks:
            return None
        if 2 * max(n_clocks, n_whole) > n:
            return FinerTimes(name, is_clock=n_clocks >= n_whole)
    return None


def find_dates(tables: Tables, roles: Roles) -> str | None:
    """Find a column of dates beside a column of times that holds times of day alone."""
    table, clocks = tables.first, roles.columns["time"]
    first = f"SELECT * FROM ({table.relation}) LIMIT {SAMPLE}"
    clock = sql_values.time_of_day(clocks, table.types[clocks])
    try:
        ((n, n_clocks),) = tables.database.rows(f"SELECT count(*), count({clock}) FROM ({first})")
    except QueryError as error:
        raise unreadable(table.name, error) from error
    if 2 * n_clocks <= n:
        return None
    for name in free_columns(
        table.columns, roles.columns.values(), ("date", *INTERACTION_NAMES["time"])
    ):
        if all(name in each.types for each in tables.tables):
            formats = find_time_formats(tables, name).of(table)
            date = sql_values.time(name, table.types[name], formats)
            ((n_dates,),) = tables.database.rows(f"SELECT count({date}) FROM ({first})")
            if 2 * n_dates > n:
                return name
    return None


def note_on_span(tables: Tables, column: str, formats: TimeFormats) -> str | None:
    """Return a note on the first and the last of the loaded times, None if there are none.

    If all of them are Unix times in 1970 or later than next year, the note asks to check them.

    Parameters
    ----------
    tables : Tables
        Their kept records are in the table ``loaded``.
    column : str
        The column of the times.
    formats : TimeFormats
        The formats of the times.
    """
    ((first, last),) = tables.database.rows(
        'SELECT min("time"), max("time") FROM loaded WHERE reason = 0'
    )
    if first is None:
        return None
    days = [_date(each) for each in (first, last)]
    span = f"times from {days[0]} to {days[1]}" if days[0] != days[1] else f"times on {days[0]}"
    is_late = days[0].year > dt.datetime.now(dt.UTC).year + 1
    if not is_late and not days[0].year == days[1].year == 1970:
        return span
    numbers = (_number(tables, table, column) for table in tables.tables if not formats.of(table))
    number = next((each for each in numbers if each is not None), None)
    if number is None:
        return span
    return (
        f"{span}: numbers such as {shown(number)} in column {shown(column)} are read as Unix "
        f"times; {_remedy(first / _NANOSECONDS, last / _NANOSECONDS)}"
    )


def _date(time: int) -> dt.date:
    """Return the day of a time in nanoseconds since 1970, from year 1 to year 9999."""
    day = _EPOCH + time // _DAY
    return dt.date.fromordinal(min(max(day, dt.date.min.toordinal()), dt.date.max.toordinal()))


def _number(tables: Tables, table: Table, column: str) -> str | None:
    """Return the first time of a table if it is a number."""
    sql_type = table.types[column]
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return None
    value = sql_values.present(sql_values.text(column, sql_type))
    found = tables.database.rows(
        f"SELECT value FROM (SELECT {value} AS value FROM ({table.relation})) "
        "WHERE value IS NOT NULL LIMIT 1"
    )
    try:
        return str(found[0][0]) if found and np.isfinite(float(found[0][0])) else None
    except ValueError:
        return None


def _remedy(first: float, last: float) -> str:
    """Return what to do if times that were read as seconds from `first` to `last` are wrong."""
    column = f"name another column with {setting('time')}"
    likely = [each for each in _NOT_SECONDS if each[0] <= first and last <= each[1]]
    _, _, written, what = likely[0] if likely else (0, 0, "", "")
    if what:
        return f"if they are {what}, convert them to dates, or {column}"
    time_format = setting("time_format", written or None)
    return f"if that is wrong, give their format with {time_format}, or {column}"
