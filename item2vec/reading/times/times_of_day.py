"""Dates in one column, and times of day or whole times in another one."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Sequence
from typing import NamedTuple

from item2vec._support.messages import shown
from item2vec.reading import sql_values
from item2vec.reading.columns import INTERACTION_NAMES, Roles, free_columns
from item2vec.reading.duckdb_session import QueryError
from item2vec.reading.table import unreadable
from item2vec.reading.tables import Tables
from item2vec.reading.times.clocks import CLOCKS, Clock, find_clock, is_clock_of
from item2vec.reading.times.formats import SAMPLE, TimeFormats, find_time_formats

_DAY = 86_400 * 10**9  # in nanoseconds


class FinerTimes(NamedTuple):
    """A column that refines a column of dates.

    Parameters
    ----------
    column : str
    clock : Clock, optional
        The notation of its times of day, which are to be added to the dates; None if it holds
        whole times.
    """

    column: str
    clock: Clock | None


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
    dates = roles.columns["time"]
    for name in _candidates(tables, roles):
        clock = _clock(tables, name, dates)
        n, n_clocks, n_whole = _n_finer(tables, dates, formats, name, clock)
        if n == 0:
            return None
        if 2 * max(n_clocks, n_whole) > n:
            return FinerTimes(name, clock if n_clocks >= n_whole else None)
    return None


def _candidates(tables: Tables, roles: Roles) -> list[str]:
    """Return the columns that may hold times of day, the most likely ones first."""
    columns, dates = tables.first.columns, roles.columns["time"]
    used = set(roles.columns.values())
    named = [name for name in columns if name not in used and is_clock_of(name, dates)]
    found = [*free_columns(columns, used, CLOCKS), *named]
    return [n for n in dict.fromkeys(found) if all(n in each.types for each in tables.tables)]


def _clock(tables: Tables, name: str, dates: str) -> Clock | None:
    """Return the notation of times of day; numbers are some only where the name says so."""
    clock = find_clock(tables, name)
    is_certain = clock is not None and clock.kind in {"text", "times"}
    return clock if is_certain or is_clock_of(name, dates) else None


def _n_finer(
    tables: Tables, dates: str, formats: TimeFormats, name: str, clock: Clock | None
) -> Sequence[int]:
    """Return the numbers of dates, of their times of day, and of whole times of the same day.

    All are 0 if the dates have a time of day.
    """
    table = tables.first
    sql_type = table.types[name]
    time_of_day = "NULL" if clock is None else clock.sql(name, sql_type)
    try:
        ((has_clocks, *numbers),) = tables.database.rows(
            f"SELECT bool_or(date % {_DAY} <> 0), count(*), count(clock), count(*) FILTER "
            f"(whole % {_DAY} <> 0 AND abs(whole - date - {_DAY // 2}) <= {3 * _DAY // 2}) "
            f"FROM (SELECT {formats.time(table, dates)} AS date, {time_of_day} AS clock, "
            f"{sql_values.time(name, sql_type)} AS whole FROM "
            f"(SELECT * FROM ({table.relation}) LIMIT {SAMPLE})) WHERE date IS NOT NULL"
        )
    except QueryError as error:
        raise unreadable(table.name, error) from error
    return (0, 0, 0) if has_clocks else numbers


def note_on_unused(tables: Tables, roles: Roles, formats: TimeFormats) -> str | None:
    """Return a note on a column that is called one of times of day, but holds others."""
    dates, table = roles.columns["time"], tables.first
    for name in _candidates(tables, roles):
        if is_clock_of(name, dates) and _n_finer(tables, dates, formats, name, None)[0]:
            value = sql_values.present(sql_values.text(name, table.types[name]))
            rows = tables.database.rows(
                f"SELECT value FROM (SELECT {value} AS value FROM ({table.relation})) "
                "WHERE value IS NOT NULL LIMIT 1"
            )
            if rows:
                return (
                    f"column {shown(name)} is not used: its values, such as {shown(rows[0][0])}, "
                    f"are not read as times of day of the dates in column {shown(dates)}"
                )
    return None


def find_dates(tables: Tables, roles: Roles) -> str | None:
    """Find a column of dates beside a column of times that holds times of day alone."""
    table, clocks = tables.first, roles.columns["time"]
    clock = find_clock(tables, clocks)
    if clock is None:
        return None
    first = f"SELECT * FROM ({table.relation}) LIMIT {SAMPLE}"
    names = free_columns(
        table.columns, roles.columns.values(), ("date", *INTERACTION_NAMES["time"])
    )
    for name in names:
        if all(name in each.types for each in tables.tables) and _clock(tables, clocks, name):
            date = find_time_formats(tables, name).time(table, name)
            ((n, n_dates),) = tables.database.rows(f"SELECT count(*), count({date}) FROM ({first})")
            if 2 * n_dates > n:
                return name
    return None
