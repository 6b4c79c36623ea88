"""The values of the columns that a condition uses: what they are, and how SQL compares them."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from item2vec.errors import DataError
from item2vec.reading import sql_values
from item2vec.reading.conditions.kinds import BOOLEAN, NUMBER, TEXT, TIME, kind_of
from item2vec.reading.conditions.numbers import (
    SHARE,
    is_number,
    is_plain_number,
    number_in_sql,
    share,
)
from item2vec.reading.conditions.syntax import name_in_sql
from item2vec.reading.duckdb_session import quote_name, quote_text
from item2vec.reading.tables import Tables
from item2vec.reading.times.formats import find_time_formats, short_year
from item2vec.reading.times.notations import (
    ANY,
    COMPACT,
    DAY_FIRST,
    MONTH_FIRST,
    YEAR_FIRST,
    formats_of,
)
from item2vec.reading.times.orders import plausible_formats

SAMPLE = 10_000  # values of a column that are examined first
MOST_DIFFERENT = 1_000  # different values that are examined one by one
LEAST = 0.5  # of the values, to suggest a conversion although the others don't have the type

# Ranges of Unix times from 1973 to 2286, and the divisors to seconds.
_EPOCHS = ((1e8, 1e10, ""), (1e11, 1e13, " / 1000"), (1e14, 1e16, " / 1e6"), (1e17, 1e19, " / 1e9"))
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")


class Converted(NamedTuple):
    """The SQL of a converted column, the kind of its values, and the formats of its times."""

    value: str
    kind: str
    formats: Sequence[str] = ()


class Reading(NamedTuple):
    """The interpretation of a text as a time.

    Parameters
    ----------
    order : str
        The order of day, month and year; ANY if there is only one.
    iso : str
        The time in ISO notation.
    unit : str
        ``year`` or ``month`` if the text has no day, else "".
    """

    order: str
    iso: str
    unit: str = ""


class ColumnValues:
    """The first values of the columns of some tables.

    Parameters
    ----------
    tables : Tables
    formats : mapping of str to sequence of str
        The strptime formats of columns of times, if they are known.
    """

    def __init__(self, tables: Tables, formats: Mapping[str, Sequence[str]]) -> None:
        self._tables = tables
        self._formats = formats
        self._kinds = {name: kind_of(each) for name, each in tables.first.types.items()}
        self._samples: dict[str, list[str]] = {}
        self._converted: dict[str, Converted | None] = {}
        self._found: dict[str, Sequence[str]] = {}

    def sample(self, column: str) -> list[str]:
        """Return some different values of a column that are not blank, as text."""
        if column not in self._samples:
            rows = self._tables.database.rows(
                f"SELECT DISTINCT trim(value) FROM ({self._first(column)}) "
                f"WHERE trim(value) <> '' ORDER BY hash(trim(value)) LIMIT {MOST_DIFFERENT}"
            )
            self._samples[column] = [value for (value,) in rows]
        return self._samples[column]

    def converted(self, column: str) -> Converted | None:
        """Return a column of text converted to the best type; None if it remains text."""
        if column not in self._converted:
            self._converted[column] = self._convert(column)
        return self._converted[column]

    def number(self, column: str, least: float = SHARE) -> str | None:
        """Return the SQL for the numbers of a column of text, None if few values are numbers.

        Parameters
        ----------
        column : str
        least : float
            The fraction of the values that must be numbers, if they have no thousands separators,
            decimal commas or units.
        """
        return number_in_sql(name_in_sql(column), self.sample(column), least)

    def time(self, column: str, kind: str) -> str | None:
        """Return the SQL for the times of a column of a kind, None if its values are no times."""
        name = name_in_sql(column)
        if kind == TIME:
            return name
        if (epoch := self._epoch(column, kind)) is not None:
            return epoch
        if kind == NUMBER:
            text = f"CAST(CAST({name} AS BIGINT) AS VARCHAR)"
            is_compact = share(self.sample(column), _is_compact) >= SHARE
            return f"try_strptime({text}, '%Y%m%d')" if is_compact else None
        tests = [f"TRY_CAST({name} AS TIMESTAMP)"] if not self._has_short_years(column) else []
        tests += [_strptime(name, each) for each in self._find_formats(column)]
        return next((test for test in tests if self._fits(column, test)), None)

    def times(self, column: str) -> dict[str, str]:
        """Return the SQL for the times of a column of text for each order that they may have."""
        candidates = plausible_formats(dict.fromkeys(self.sample(column), 1))
        found = {
            order: _strptime(name_in_sql(column), formats[0])
            for order, formats in candidates.items()
        }
        return {order: sql for order, sql in found.items() if self._fits(column, sql)}

    def is_invalid_date(self, text: str) -> bool:
        """Return whether a text has the notation of a date, but is none, such as 31/06/2021."""
        return not is_number(text) and bool(formats_of(text)) and not self.readings(text)

    def clock(self, column: str) -> str | None:
        """Return the SQL for the times of day of a column, None if its values are none."""
        if share(self.sample(column), _CLOCK.fullmatch) < SHARE:
            return None
        return f"TRY_CAST({name_in_sql(column)} AS TIME)"

    def readings(self, text: str, column: str | None = None) -> list[Reading]:
        """Return what a text means as a time, in the order of the times of a column if known."""
        text = text.strip()
        if re.fullmatch(r"(19|20)\d\d", text):
            return [Reading(ANY, f"{text}-01-01", "year")]
        if is_plain_number(text) and not re.fullmatch(COMPACT, text):
            return []
        formats = formats_of(text)
        known = self._formats_of(column) if column is not None else ()
        for order in [_order_of(each) for each in known[:1]]:
            # 5.6.2021 need not have the order of 5/6/2021.
            if order in formats and _separator(formats[order]) == _separator(known[0]):
                formats = {order: formats[order]}
        found: dict[str, Reading] = {}
        for each, written in formats.items():
            parsed = sql_values.timestamp("value", [written])
            ((time,),) = self._tables.database.rows(
                f"SELECT strftime({parsed}, '%Y-%m-%d %H:%M:%S') "
                "FROM (SELECT CAST(? AS VARCHAR) AS value)",
                [text],
            )
            if time is not None:
                has_day = any(directive in written for directive in ("%d", "%j"))
                iso = time.removesuffix(" 00:00:00")
                found.setdefault(iso, Reading(each, iso, "" if has_day else "month"))
        return list(found.values())

    def _formats_of(self, column: str) -> Sequence[str]:
        """Return the formats of the times of a column, none if they are ISO dates or numbers."""
        found = self._converted.get(column)
        formats = self._formats.get(column) or (found.formats if found else ())
        if not formats and self._kinds[column] == TEXT and self.time(column, TEXT) is not None:
            return self._find_formats(column)
        return formats

    def _find_formats(self, column: str) -> Sequence[str]:
        """Return the formats of a column of text, none if day and month are ambiguous."""
        if column not in self._found:
            self._found[column] = ()
            with contextlib.suppress(DataError):
                found = find_time_formats(self._tables, column, least=SHARE)
                self._found[column] = found.formats
        return self._found[column]

    def _first(self, column: str) -> str:
        name = quote_name(column)
        relation = self._tables.first.relation
        return f"SELECT CAST({name} AS VARCHAR) AS value FROM ({relation}) LIMIT {SAMPLE}"

    def _fits(self, column: str, sql: str) -> bool:
        """Return whether an SQL expression has a value for most of the first values of a column."""
        name = quote_name(column)
        ((n, n_fitting),) = self._tables.database.rows(
            f"SELECT count(*) FILTER (trim(CAST({name} AS VARCHAR)) <> ''), count({sql}) "
            f"FROM (SELECT {name} FROM ({self._tables.first.relation}) LIMIT {SAMPLE})"
        )
        return bool(n and n_fitting >= SHARE * n)

    def _has_short_years(self, column: str) -> bool:
        return self._fits(column, f"nullif({short_year(quote_name(column))}, false)")

    def _epoch(self, column: str, kind: str) -> str | None:
        """Return the SQL for the times of a column of Unix times, None if it has none."""
        numbers = [_float(value) for value in self.sample(column)]
        name = name_in_sql(column)
        value = name if kind == NUMBER else f"TRY_CAST({name} AS DOUBLE)"
        for least, most, divisor in _EPOCHS:
            if share(numbers, lambda n, a=least, b=most: a <= n < b) >= SHARE:
                return f"to_timestamp({value}{divisor})"
        return None

    def _convert(self, column: str) -> Converted | None:
        value = quote_name(column)
        if formats := self._formats.get(column):
            return Converted(sql_values.timestamp(value, formats), TIME, formats)
        casts = [
            Converted(sql_values.number(value), NUMBER),
            Converted(f"TRY_CAST({value} AS TIMESTAMP)", TIME),
            Converted(f"TRY_CAST({value} AS BOOLEAN)", BOOLEAN),
        ]
        tests = [*(each.value for each in casts), f"nullif({short_year(value)}, false)"]
        counts = ", ".join(f"count({each})" for each in tests)
        ((present, *fitting, n_short),) = self._tables.database.rows(
            f"SELECT count(*) FILTER (trim({value}) <> ''), {counts} "
            f"FROM (SELECT {value} FROM ({self._tables.first.relation}) LIMIT {SAMPLE})"
        )
        for cast, n in zip(casts, fitting, strict=True):
            is_short = cast.kind == TIME and n_short >= SHARE * present
            if present and n >= SHARE * present and not is_short:
                return cast
        if found := self._find_formats(column):
            return Converted(sql_values.timestamp(value, found), TIME, found)
        return None


def is_clock(text: str) -> bool:
    """Return whether a text is a time of day."""
    return _CLOCK.fullmatch(text.strip()) is not None


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _is_compact(text: str) -> bool:
    return re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\.0)?", text) is not None


def _strptime(value: str, written: str) -> str:
    return f"try_strptime({value}, {quote_text(written)})"


def _order_of(written: str) -> str:
    """Return the order of day, month and year in a strptime format."""
    places = {each: written.find(each) for each in ("%d", "%m", "%y", "%Y")}
    if min(places["%d"], places["%m"]) < 0:
        return ANY
    years = [place for each in ("%y", "%Y") if (place := places[each]) >= 0]
    if years and min(years) < min(places["%d"], places["%m"]):
        return YEAR_FIRST
    return DAY_FIRST if places["%d"] < places["%m"] else MONTH_FIRST


def _separator(written: str) -> str:
    """Return what separates day, month and year in a strptime format."""
    found = re.search(r"%[dmyY](\W+)%[dmyY]", written)
    return found[1] if found else ""
