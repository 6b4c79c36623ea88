"""Detection of the strptime formats of a column of times that are neither ISO dates nor epochs.

The notations of the first times give the formats. Where the numbers of a date can be in several
orders, the order is the one in which clearly more of the times are valid; if the first times don't
decide it, all of them are examined. An order that remains unknown is an error, not a guess.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from item2vec._support.messages import shown
from item2vec.errors import DataError
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_text
from item2vec.reading.internal_columns import MALFORMED
from item2vec.reading.table import Table, unreadable
from item2vec.reading.tables import Tables
from item2vec.reading.times.missing_times import is_missing
from item2vec.reading.times.notations import COMPACT, YEAR_DAY, YEAR_MONTH, formats_of
from item2vec.reading.times.orders import Votes, plausible_formats, without_unlikely
from item2vec.reading.times.spellings import AMBIGUOUS_ZONES, ZONE

SAMPLE = 10_000  # times of each table that are examined first
SAMPLED_TABLES = 10  # tables whose times are examined first
COMPACT_SHARE = 0.9  # of the numbers, to be dates such as 20210301 rather than epochs

_PLACEHOLDER = r"99991231\d*"  # stands for a missing time
# DuckDB reads 01/03/21 as the year 1.
_SHORT_YEAR = r"^\s*\d{1,3}[-/\\ ]\d{1,2}[-/\\ ]\d"


class _AmbiguousOrderError(DataError):
    """Day, month and year can be in several orders."""


@dataclass(frozen=True)
class TimeFormats:
    """The formats of a column of times that were found, by table.

    Parameters
    ----------
    formats : sequence of str
        The strptime formats; none if the times are ISO dates or epochs.
    tables : sequence of Table
        The tables that are read with them.
    note : str
        The note for the report, if there are any formats.
    also_strict : bool
        Whether times in none of the formats are read as ISO dates or epochs.
    """

    formats: Sequence[str] = ()
    tables: Sequence[Table] = field(default=(), repr=False)
    note: str = ""
    also_strict: bool = False

    def of(self, table: Table) -> Sequence[str]:
        """Return the formats for a table, none if its times are ISO dates or epochs."""
        return self.formats if any(table is each for each in self.tables) else ()

    def time(self, table: Table, column: str) -> str:
        """Return the SQL for the times of a table, as `sql_values.time` does."""
        sql_type, formats = table.types[column], self.of(table)
        time = sql_values.time(column, sql_type, formats)
        if not formats or not self.also_strict:
            return time
        return f"coalesce({time}, {_beside_formats(sql_values.text(column, sql_type))})"


def parse_text(database: Database, value: str) -> set[int]:
    """Return the times that a single text can mean, in nanoseconds since 1970, UTC."""
    compact = f"regexp_full_match(value, {quote_text(COMPACT)})"
    times = [f"CASE WHEN NOT {compact} THEN {strict_time('value')} END"]
    times += [sql_values.strptime("value", [each]) for each in formats_of(value).values()]
    (row,) = database.rows(
        f"SELECT {', '.join(times)} FROM (SELECT CAST(? AS VARCHAR) AS value)", [value]
    )
    # An ISO date or an epoch has only one meaning.
    return {row[0]} if row[0] is not None else {time for time in row if time is not None}


def find_time_formats(tables: Tables, column: str, *, least: float | None = None) -> TimeFormats:
    """Find the formats of a column of times, unless its times are ISO dates or epochs.

    Parameters
    ----------
    tables : Tables
    column : str
    least : float, optional
        The formats must fit more than this fraction of the times. By default, they must fit more
        than half of them, or read some that are neither ISO dates nor epochs beside others.

    Raises
    ------
    DataError
        If it is not clear in which order the day, the month and the year of dates are.
    """
    try:
        unread, mixed = _unread_tables(tables, column)
        if mixed and least is None:
            with contextlib.suppress(_AmbiguousOrderError):
                return _formats(tables, [*unread, *mixed], column, 0 if not unread else 0.5)
        return _formats(tables, unread, column, 0.5 if least is None else least)
    except QueryError as error:
        raise unreadable(tables.name, error) from error


def _formats(tables: Tables, unread: Sequence[Table], column: str, least: float) -> TimeFormats:
    """Find the formats of the times of some tables."""
    if not unread:
        return TimeFormats()
    formats, zones = _find(tables, unread, column, least)
    fitting = [_fit(tables.database, table, column, formats) for table in unread] if formats else []
    # Formats that fit no more times than are read without them are of no use.
    better = [(table, fit) for table, fit in zip(unread, fitting, strict=False) if fit.is_better]
    if not better:
        return TimeFormats()
    named = [table for table, _ in better]
    also_strict = any(fit.also_strict for _, fit in better)
    written = " or ".join(map(shown, formats)) + " or as ISO dates or Unix times" * also_strict
    some = "" if len(named) == len(tables.tables) else f"{_named(named)}: "
    note = f"{some}times are read as {written}{zones}"
    return TimeFormats(formats, named, note, also_strict)


class _Fit(NamedTuple):
    """How well formats fit the first times of a table.

    Parameters
    ----------
    is_better : bool
        Whether more times can be read with the formats.
    also_strict : bool
        Whether some times in none of the formats can be read.
    """

    is_better: bool
    also_strict: bool


def _fit(database: Database, table: Table, column: str, formats: Sequence[str]) -> _Fit:
    parsed, strict = sql_values.strptime("value", formats), _beside_formats("value")
    ((n_parsed, n_strict, n_any),) = database.rows(
        f"SELECT count(time), count(strict), count(coalesce(time, strict)) FROM "
        f"(SELECT {parsed} AS time, {strict} AS strict FROM ({_first_times(table, column)}))"
    )
    return _Fit(n_any > n_strict, n_any > n_parsed)


def _beside_formats(value: str) -> str:
    """Return the SQL for the time of a text in none of the formats; NULL for 20210230."""
    is_date = f"regexp_full_match(trim({value}), {quote_text(f'[0-9]{{1,8}}|{COMPACT}')})"
    return f"CASE WHEN NOT {is_date} THEN {strict_time(value)} END"


def strict_time(value: str) -> str:
    """Return the SQL for the time of a text, an ISO date or an epoch.

    It is NULL for 01/03/21, and for a time with an abbreviation of a zone.
    """
    has_zone = f"regexp_matches({value}, {quote_text(ZONE)}, 'i')"
    strict = f"NOT {short_year(value)} AND NOT {has_zone}"
    return f"CASE WHEN {strict} THEN {sql_values.time_of_text(value)} END"


def short_year(value: str) -> str:
    """Return the SQL for whether a text is a date such as 01/03/21, a cast of which is year 1."""
    return f"regexp_matches({value}, {quote_text(_SHORT_YEAR)})"


def _unread_tables(tables: Tables, column: str) -> tuple[list[Table], list[Table]]:
    """Return the tables most of whose first times, and those some of which, can't be read.

    Times that can be read are ISO dates and epochs. Dates as one number count as unread.
    """
    unread, mixed = [], []
    for table in tables.tables:
        sql_type = table.types[column]
        if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
            continue
        ((n, understood, numbers, compact),) = tables.database.rows(
            f"SELECT count(*), count({strict_time('value')}), count(TRY_CAST(value AS DOUBLE)) "
            f"FILTER (NOT regexp_full_match(trim(value), {quote_text(_PLACEHOLDER)})), "
            f"count(*) FILTER (regexp_full_match(trim(value), {quote_text(COMPACT)})) "
            f"FROM ({_first_times(table, column)})"
        )
        if 2 * understood < n or (numbers and compact >= COMPACT_SHARE * numbers):
            unread.append(table)
        elif understood < n:
            mixed.append(table)
    return unread, mixed


def _times(table: Table, column: str) -> str:
    """Return the query for all times of a table that are present, as text."""
    value = sql_values.present(sql_values.text(column, table.types[column]))
    return (
        f"SELECT * FROM (SELECT {value} AS value FROM ({table.relation}) "
        f"WHERE NOT {quote_name(MALFORMED)}) WHERE value IS NOT NULL AND NOT {is_missing('value')}"
    )


def _first_times(table: Table, column: str) -> str:
    return f"SELECT * FROM ({_times(table, column)}) LIMIT {SAMPLE}"


def _find(
    tables: Tables, unread: Sequence[Table], column: str, least: float
) -> tuple[Sequence[str], str]:
    """Return the formats of the times of the tables, none if they fit too few of them.

    The second value describes how ambiguous abbreviations of zones are read, if there are any.
    """
    database = tables.database
    first = " UNION ALL ".join(f"({_first_times(t, column)})" for t in unread[:SAMPLED_TABLES])
    values = dict(database.rows(f"SELECT value, count(*) FROM ({first}) GROUP BY value"))
    candidates = plausible_formats(values)
    if not candidates:
        return (), ""
    likely = without_unlikely(list(candidates), values)
    votes = Votes.of(database, {order: candidates[order] for order in likely}, first)
    if votes.n_valid <= least * votes.n:  # also the unlikely orders
        votes = Votes.of(database, candidates, first)
    if votes.n_valid <= least * votes.n:
        return (), ""
    candidates = {order: candidates[order] for order in votes.orders}
    best, rival = votes.leaders()
    if rival is not None:
        every = " UNION ALL ".join(f"({_times(table, column)})" for table in unread)
        votes = Votes.of(database, candidates, every)
        best, rival = votes.leaders()
    if rival is not None:
        error = DataError if rival in (YEAR_DAY, YEAR_MONTH) else _AmbiguousOrderError
        raise error(f"{tables.name}: {votes.question(best, rival, column, candidates)}")
    return candidates[best], _zones(values)


def _zones(values: Iterable[str]) -> str:
    """Return how ambiguous abbreviations of zones in some times are read."""
    zones = {zone.upper() for value in values for zone in re.findall(ZONE, value, re.IGNORECASE)}
    known = [f"{zone} as {AMBIGUOUS_ZONES[zone]}" for zone in sorted(zones & {*AMBIGUOUS_ZONES})]
    return f", {' and '.join(known)}" if known else ""


def _named(tables: Sequence[Table]) -> str:
    more = len(tables) - 1
    return tables[0].name + (f" and {more} more" if more else "")
