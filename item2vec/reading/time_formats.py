"""Detection of the strptime formats of a column of times that are neither ISO dates nor epochs.

The notations of the first times give the formats. Where the numbers of a date can be in several
orders, the order is the one in which clearly more of the times are valid; if the first times don't
decide it, all of them are examined. An order that remains unknown is an error, not a guess.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from item2vec._support.messages import setting, shown
from item2vec.errors import DataError
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_text
from item2vec.reading.internal_columns import MALFORMED
from item2vec.reading.table import Table, unreadable
from item2vec.reading.tables import Tables
from item2vec.reading.time_notations import ANY, COMPACT, ORDERS, YEAR_FIRST, formats_of

SAMPLE = 10_000  # times of each table that are examined first
SAMPLED_TABLES = 10  # tables whose times are examined first
MOST_FORMATS = 8  # formats of one column
COMPACT_SHARE = 0.9  # of the numbers, to be dates such as 20210301 rather than epochs
MANY_DAYS = 13  # different numbers that are probably days, and not months or years
CLEAR = 10  # times as many records must support an order as contradict it

# DuckDB reads 01/03/21 as the year 1.
_SHORT_YEAR = r"^\s*\d{1,3}[-/\\ ]\d{1,2}[-/\\ ]\d"
_TWO_DIGITS = re.compile(r"(\d{2})\s?([-/.])\s?\d{1,2}[-/.]\s?(\d{2})(?!\d)")

Candidates = Mapping[str, tuple[str, ...]]  # order of day, month and year to formats


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
    """

    formats: Sequence[str] = ()
    tables: Sequence[Table] = field(default=(), repr=False)
    note: str = ""

    def of(self, table: Table) -> Sequence[str]:
        """Return the formats for a table, none if its times are ISO dates or epochs."""
        return self.formats if any(table is each for each in self.tables) else ()


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


def find_time_formats(tables: Tables, column: str, *, least: float = 0.5) -> TimeFormats:
    """Find the formats of a column of times, if most of its times are no ISO dates or epochs.

    Parameters
    ----------
    tables : Tables
    column : str
    least : float
        The formats must fit more than this fraction of the times.

    Raises
    ------
    DataError
        If it is not clear in which order the day, the month and the year of dates are.
    """
    try:
        unread = [t for t in tables.tables if not _is_understood(tables.database, t, column)]
        if not unread:
            return TimeFormats()
        formats = _find(tables, unread, column, least)
    except QueryError as error:
        raise unreadable(tables.name, error) from error
    if not formats:
        return TimeFormats()
    written = " or ".join(map(shown, formats))
    some = "" if len(unread) == len(tables.tables) else f"{_named(unread)}: "
    return TimeFormats(formats, unread, f"{some}times are read as {written}")


def strict_time(value: str) -> str:
    """Return the SQL for the time of a text, an ISO date or an epoch; NULL for 01/03/21."""
    return f"CASE WHEN NOT {short_year(value)} THEN {sql_values.time_of_text(value)} END"


def short_year(value: str) -> str:
    """Return the SQL for whether a text is a date such as 01/03/21, a cast of which is year 1."""
    return f"regexp_matches({value}, {quote_text(_SHORT_YEAR)})"


def plausible_formats(values: Mapping[str, int]) -> Candidates:
    """Return the formats of some times for each order of day, month and year that they may have.

    Parameters
    ----------
    values : mapping of str to int
        The times, and the number of records of each.
    """
    found = [(formats_of(value), n) for value, n in values.items()]
    possible = [order for order in ORDERS if any(order in formats for formats, _ in found)]
    candidates = {}
    for order in possible or [ANY]:
        counts: Counter[str] = Counter()
        for formats, n in found:
            if written := formats.get(order, formats.get(ANY)):
                counts[written] += n
        # The values of a query have no order, but their formats must have one.
        most = sorted(counts, key=lambda written: (-counts[written], written))[:MOST_FORMATS]
        # %y first: %Y would read 21 as the year 21.
        candidates[order] = tuple(sorted(most, key=lambda written: "%Y" in written))
    return {order: formats for order, formats in candidates.items() if formats}


def _without_unlikely(orders: list[str], values: Iterable[str]) -> list[str]:
    """Return the orders in which the year varies less than the day, if years have two digits."""
    if YEAR_FIRST not in orders:
        return orders
    pairs = [match.groups() for value in values if (match := _TWO_DIGITS.search(value))]
    firsts, lasts = (len({pair[place] for pair in pairs}) for place in (0, 2))
    is_dashed = any(pair[1] == "-" for pair in pairs)  # 21-03-01 is common, 21/03/01 is rare
    if firsts >= 2 * lasts and (firsts >= MANY_DAYS or not is_dashed):
        return [order for order in orders if order != YEAR_FIRST]
    return [YEAR_FIRST] if lasts >= 2 * firsts and lasts >= MANY_DAYS else orders


def _is_understood(database: Database, table: Table, column: str) -> bool:
    """Return whether most of the first times of a table are ISO dates or epochs."""
    sql_type = table.types[column]
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return True
    ((n, understood, numbers, compact),) = database.rows(
        f"SELECT count(*), count({strict_time('value')}), count(TRY_CAST(value AS DOUBLE)), "
        f"count(*) FILTER (regexp_full_match(trim(value), {quote_text(COMPACT)})) "
        f"FROM ({_first_times(table, column)})"
    )
    return bool(2 * understood >= n and (numbers == 0 or compact < COMPACT_SHARE * numbers))


def _times(table: Table, column: str) -> str:
    """Return the query for all times of a table that are present, as text."""
    value = sql_values.present(sql_values.text(column, table.types[column]))
    return (
        f"SELECT * FROM (SELECT {value} AS value FROM ({table.relation}) "
        f"WHERE NOT {quote_name(MALFORMED)}) WHERE value IS NOT NULL"
    )


def _first_times(table: Table, column: str) -> str:
    return f"SELECT * FROM ({_times(table, column)}) LIMIT {SAMPLE}"


def _find(tables: Tables, unread: Sequence[Table], column: str, least: float) -> Sequence[str]:
    """Return the formats of the times of the tables, none if they fit too few of them."""
    database = tables.database
    first = " UNION ALL ".join(f"({_first_times(t, column)})" for t in unread[:SAMPLED_TABLES])
    values = dict(database.rows(f"SELECT value, count(*) FROM ({first}) GROUP BY value"))
    candidates = plausible_formats(values)
    if not candidates:
        return ()
    likely = _without_unlikely(list(candidates), values)
    votes = _Votes.of(database, {order: candidates[order] for order in likely}, first)
    if votes.n_valid <= least * votes.n:  # also the unlikely orders
        votes = _Votes.of(database, candidates, first)
    if votes.n_valid <= least * votes.n:
        return ()
    candidates = {order: candidates[order] for order in votes.orders}
    best, rival = votes.leaders()
    if rival is not None:
        every = " UNION ALL ".join(f"({_times(table, column)})" for table in unread)
        votes = _Votes.of(database, candidates, every)
        best, rival = votes.leaders()
    if rival is not None:
        raise DataError(f"{tables.name}: {votes.question(best, rival, column, candidates)}")
    return candidates[best]


class _Group(NamedTuple):
    """Records whose times are valid in the same orders."""

    orders: frozenset[str]  # in which the times are valid
    is_same: bool  # whether these orders give the same times
    n: int
    example: str


class _Votes(NamedTuple):
    """The numbers of records that support each order."""

    groups: Sequence[_Group]
    orders: Sequence[str]

    @classmethod
    def of(cls, database: Database, candidates: Candidates, times: str) -> "_Votes":
        """Count the records of a query, whose only column is ``value``."""
        parsed = [sql_values.strptime("value", formats) for formats in candidates.values()]
        columns = ", ".join(f"{time} AS t{place}" for place, time in enumerate(parsed))
        names = [f"t{place}" for place in range(len(parsed))]
        rows = database.rows(
            f"SELECT {', '.join(f'{name} IS NOT NULL' for name in names)}, "
            f"greatest({', '.join(names)}) IS NOT DISTINCT FROM least({', '.join(names)}) AS same, "
            f"count(*), min(value) FROM (SELECT value, {columns} FROM ({times})) GROUP BY ALL "
            "ORDER BY ALL"
        )
        orders = list(candidates)
        groups = [
            _Group(frozenset(o for o, fits in zip(orders, row, strict=False) if fits), *row[-3:])
            for row in rows
        ]
        return cls(groups, orders)

    @property
    def n(self) -> int:
        """The number of records."""
        return sum(group.n for group in self.groups)

    @property
    def n_valid(self) -> int:
        """The number of records whose times are valid in any order."""
        return sum(group.n for group in self.groups if group.orders)

    def valid(self, order: str) -> int:
        """Return the number of records whose times are valid in an order."""
        return sum(group.n for group in self.groups if order in group.orders)

    def only(self, order: str, other: str) -> list[_Group]:
        """Return the groups whose times are valid in one order, but not in the other one."""
        return [each for each in self.groups if order in each.orders and other not in each.orders]

    def leaders(self) -> tuple[str, str | None]:
        """Return the best order, and another one that can't be ruled out, if there is any."""
        ranked = sorted(self.orders, key=self.valid, reverse=True)
        for rival in ranked[1:]:
            pro, contra = (
                sum(group.n for group in self.only(*pair))
                for pair in ((ranked[0], rival), (rival, ranked[0]))
            )
            differ = any({ranked[0], rival} <= g.orders and not g.is_same for g in self.groups)
            if pro < CLEAR * contra or (pro == 0 and differ):
                return ranked[0], rival
        return ranked[0], None

    def question(self, best: str, rival: str, column: str, candidates: Candidates) -> str:
        """Return the message that asks for the order."""
        fitting = [best, rival, *(o for o in self.orders if self.valid(o) == self.valid(best))]
        orders = [order for order in self.orders if order in fitting]
        choices = " or ".join(setting("time_format", candidates[order][0]) for order in orders)
        name = shown(column)
        if pro := self.only(best, rival):
            contra = self.only(rival, best)
            return (
                f"some times in column {name} are {best}, such as {shown(pro[0].example)}, and "
                f"others {rival}, such as {shown(contra[0].example)}: correct the file, or choose "
                f"{choices}, which drops the others"
            )
        both = next(g for g in self.groups if {best, rival} <= g.orders and not g.is_same)
        return (
            f"times such as {shown(both.example)} in column {name} can be {' or '.join(orders)}: "
            f"choose {choices}"
        )


def _named(tables: Sequence[Table]) -> str:
    more = len(tables) - 1
    return tables[0].name + (f" and {more} more" if more else "")
