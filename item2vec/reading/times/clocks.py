"""Times of day in a column of their own: which notation they have, and their SQL."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from item2vec.reading import sql_values
from item2vec.reading.columns import INTERACTION_NAMES, plain_name, words
from item2vec.reading.duckdb_session import QueryError, quote_text
from item2vec.reading.table import Table, unreadable
from item2vec.reading.tables import Tables
from item2vec.reading.times.missing_times import is_missing
from item2vec.reading.times.notations import formats_of

SAMPLE = 1_000  # times of day that are examined
MOST_FORMATS = 8
_SECOND = 10**9  # in nanoseconds
_DAY = 86_400 * _SECOND
_HOUR_NAMES = words("hour hourofday hh")
_CLOCK_NAMES = words("timeofday hourminute hourmin hourminutesecond hhmmss hhmm hms clock time")
# Names of columns that may hold the time of day where another one holds the date.
CLOCKS = ("time", *_CLOCK_NAMES, *_HOUR_NAMES, *INTERACTION_NAMES["time"])
_DATE = "2000-01-01 "  # completes a time of day, so that its notation is recognized
_DATE_TIME = 946_684_800 * _SECOND
_DATE_FORMAT = "%Y-%m-%d "
# Days of times of day in spreadsheets, databases and programs.
_NO_DAYS = words("1899-12-30 1899-12-31 1900-01-01 1904-01-01 1970-01-01 0001-01-01 2000-01-01")
_CLOCK_TEXT = r"T?\d{1,2}\s?([:.h]\s?\d|[AaPp]\.?\s?[Mm]|h$|上午|下午)|(上午|下午|[AaPp][Mm]\s)"


@dataclass(frozen=True)
class Clock:
    """The notation of a column of times of day.

    Parameters
    ----------
    kind : {"text", "digits", "hours", "fractions", "times"}
        Texts such as 10:30 PM; numbers such as 93000 or 930; hours from 0 to 23; fractions of a
        day; or times of one day that means nothing.
    formats : sequence of str
        For texts, their strptime formats with the date that completes them.
    n_digits : int
        For numbers, 6 for HHMMSS or 4 for HHMM.
    """

    kind: str
    formats: Sequence[str] = ()
    n_digits: int = 0

    def sql(self, column: str, sql_type: str) -> str:
        """Return the SQL for the nanoseconds since midnight, NULL if a value is no time of day."""
        value = sql_values.text(column, sql_type)
        if self.kind == "times":
            return f"({sql_values.time(column, sql_type)} % {_DAY} + {_DAY}) % {_DAY}"
        if self.kind == "text":
            completed = f"({quote_text(_DATE)} || trim({value}))"
            return f"{sql_values.strptime(completed, self.formats)} - {_DATE_TIME}"
        number = f"TRY_CAST(replace({value}, ',', '.') AS DOUBLE)"
        if self.kind == "fractions":
            nanoseconds = f"CAST(round({number} * 86400) AS HUGEINT) * {_SECOND}"
            return f"CASE WHEN {number} >= 0 AND {number} < 1 THEN {nanoseconds} END"
        if self.kind == "hours":
            nanoseconds = f"CAST({number} AS HUGEINT) * {3600 * _SECOND}"
            return f"CASE WHEN {number} BETWEEN 0 AND 23 THEN {nanoseconds} END"
        return self._of_digits(value)

    def _of_digits(self, value: str) -> str:
        padded = f"lpad(trim({value}), {self.n_digits}, '0')"
        is_valid = f"regexp_full_match(trim({value}), '\\d{{1,{self.n_digits}}}')"
        written = "%H%M%S"[: self.n_digits]
        time = sql_values.strptime(f"('19700101' || {padded})", [f"%Y%m%d{written}"])
        return f"CASE WHEN {is_valid} THEN {time} END"


def find_clock(tables: Tables, column: str) -> Clock | None:
    """Return the notation of a column that holds times of day, None if it holds others.

    Raises
    ------
    DataError
        If the first table can't be read.
    """
    table = tables.first
    try:
        return _find(tables, table, column)
    except QueryError as error:
        raise unreadable(table.name, error) from error


def _find(tables: Tables, table: Table, column: str) -> Clock | None:
    sql_type = table.types[column]
    value = sql_values.present(sql_values.text(column, sql_type))
    rows = tables.database.rows(
        f"SELECT trim(value), count(*) FROM (SELECT value FROM (SELECT {value} AS value "
        f"FROM ({table.relation})) WHERE value IS NOT NULL AND (NOT {is_missing('value')} "
        f"OR value SIMILAR TO '0+') LIMIT {SAMPLE}) GROUP BY ALL ORDER BY ALL"
    )
    values = dict(rows)
    if not values:
        return None
    if all(re.fullmatch(r"\d+([.,]\d*)?", value) for value in values):
        found = _of_numbers(list(values), column)
        if found is not None or not all("." in value for value in values):
            return found
    if _are_of_one_day(values):
        return Clock("times")
    return _of_texts(values)


def _of_numbers(values: Sequence[str], column: str) -> Clock | None:
    """Return the notation of times of day that are written as numbers."""
    numbers = [float(value.replace(",", ".")) for value in values]
    if all(number < 1 for number in numbers):
        return Clock("fractions") if any(numbers) else None
    if not all(value.isdigit() for value in values):
        return None
    if _ends_with(column, _HOUR_NAMES) and max(numbers) < 24:
        return Clock("hours")
    # Without the zeros at their beginning, some are shorter, but most are not.
    for n_digits in (4, 6):
        is_long = [len(value) >= n_digits - 1 for value in values]
        if 2 * sum(is_long) >= len(values) and all(_is_clock(value, n_digits) for value in values):
            return Clock("digits", n_digits=n_digits)
    return None


def _is_clock(digits: str, n_digits: int) -> bool:
    padded = digits.zfill(n_digits)
    parts = [int(padded[place : place + 2]) for place in range(0, n_digits, 2)]
    return len(padded) == n_digits and parts[0] < 24 and max(parts[1:]) < 60


def _are_of_one_day(values: Iterable[str]) -> bool:
    """Return whether all values are whole times of one day that stands for none."""
    days = {re.split(r"[ T]", value)[0] for value in values if re.search(r"[ T]\d\d:", value)}
    return len(days) == 1 and days <= {*_NO_DAYS} and all(re.match(min(days), v) for v in values)


def _of_texts(values: Mapping[str, int]) -> Clock | None:
    """Return the notation of times of day such as 10:30 PM, if most values are some."""
    counts: Counter[str] = Counter()
    for value, n in values.items():
        written = formats_of(_DATE + value).get("", "") if re.match(_CLOCK_TEXT, value) else ""
        rest = written.removeprefix(_DATE_FORMAT)
        if rest != written and not re.search("%[AaBbdGjmuVYy]", rest):
            counts[written] += n
    if 2 * sum(counts.values()) <= sum(values.values()):
        return None
    most = sorted(counts, key=lambda written: (-counts[written], written))[:MOST_FORMATS]
    return Clock("text", tuple(most))


def is_clock_of(clock: str, date: str) -> bool:
    """Return whether the names of two columns say that one has the times of the dates of another.

    They do if they differ in the words for a date and a time, as order_date and order_hour do.
    """
    times, dates = [*_CLOCK_NAMES, *_HOUR_NAMES], words("date dates day dt ymd yyyymmdd datetime")
    return not _stems(clock, times).isdisjoint({*_stems(date, dates), ""})


def _stems(name: str, ends: Iterable[str]) -> set[str]:
    """Return a name without the words at its end or its beginning."""
    plain = plain_name(name)
    stems = {plain.removesuffix(end) for end in ends if plain.endswith(end)}
    return stems | {plain.removeprefix(end) for end in ends if plain.startswith(end)}


def _ends_with(name: str, ends: Iterable[str]) -> bool:
    return plain_name(name).endswith(tuple(ends))
