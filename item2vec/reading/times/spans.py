"""Notes on the first and the last time of a source, and on improbable ones."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import datetime as dt
import re
from typing import NamedTuple

import numpy as np

from item2vec._support.messages import setting, shown
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import quote_name
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables
from item2vec.reading.times.formats import TimeFormats

_NANOSECONDS = 10**9  # in a second
_DAY = 86_400 * _NANOSECONDS
_EPOCH = dt.date(1970, 1, 1).toordinal()
_EARLY = 365 * _DAY  # the first moment of 1971; placeholders such as 0 are earlier
_PROBABLE = 3652 * _DAY  # the first moment of 1980; the times besides placeholders are later
SAMPLE = 1_000  # numbers that a format must fit
# Formats of numbers that look like Unix times, and the numbers that they fit.
_NUMBERS = {
    "%Y": r"\d{4}",
    "%Y%m": r"\d{6}",
    "%y%m%d": r"\d{6}",
    "%Y%j": r"\d{7}",
    "%Y.%j": r"\d{4}\.\d{3}",
    "%y%m%d%H%M": r"\d{10}",
    "%y%m%d%H%M%S": r"\d{12}",
}
_PLACEHOLDER = r"-?0+|-1|-9+"
# Numbers that are no Unix times: the first and the last one, as seconds, and what they may be.
_COUNTS = (
    (20_000, 60_000, "day numbers of a spreadsheet"),
    (2_400_000, 2_500_000, "Julian days"),
    (620_000_000, 660_000_000, "ticks of .NET (100 nanoseconds since the year 1)"),
    (116_444_736, 150_000_000, "file times of Windows (100 nanoseconds since 1601)"),
)
_N_DIGITS = 18  # of the last two


class _Span(NamedTuple):
    """The column of times, and the first and the last of them in nanoseconds since 1970."""

    tables: Tables
    column: str
    formats: TimeFormats
    first: int
    last: int


def notes_on_span(
    tables: Tables, column: str, formats: TimeFormats, where: str | None = None
) -> list[str]:
    """Return notes on the first and the last of the loaded times, and on improbable ones.

    If all of them are Unix times in 1970 or later than next year, or may be other numbers, the note
    asks to check them.

    Parameters
    ----------
    tables : Tables
        Their kept records are in the table ``loaded``.
    column : str
        The column of the times.
    formats : TimeFormats
        The formats of the times.
    where : str, optional
        The condition on the records.
    """
    ((first, last),) = tables.database.rows(
        'SELECT min("time"), max("time") FROM loaded WHERE reason = 0'
    )
    if first is None:
        return []
    span = _Span(tables, column, formats, first, last)
    note = f"times {_between(first, last, 'on')}"
    if (number := _number(span)) is not None and (remedy := _remedy(span, number)) is not None:
        note += (
            f": numbers such as {shown(number)} in column {shown(column)} are read as Unix times; "
            f"{remedy}"
        )
    return [note, *_outliers(span, number, where)]


def _between(first: int, last: int, on: str) -> str:
    """Return the days of two times, such as "from 2021-01-28 to 2021-02-01"."""
    days = [_date(each) for each in (first, last)]
    return f"from {days[0]} to {days[1]}" if days[0] != days[1] else f"{on} {days[0]}"


def _date(time: int) -> dt.date:
    """Return the day of a time in nanoseconds since 1970, from year 1 to year 9999."""
    day = _EPOCH + time // _DAY
    return dt.date.fromordinal(min(max(day, dt.date.min.toordinal()), dt.date.max.toordinal()))


def _number(span: _Span) -> str | None:
    """Return the first time that is read without a format if it is a number."""
    tables = [table for table in span.tables.tables if not span.formats.of(table)]
    numbers = (value for table in tables for value in _values(span, table, 1) if _is_number(value))
    return next(numbers, None)


def _values(span: _Span, table: Table, n: int, condition: str = "true") -> list[str]:
    """Return some times of a table as text, none if they have a type of times."""
    sql_type = table.types[span.column]
    if condition == "true" and (sql_type == "DATE" or sql_type.startswith("TIMESTAMP")):
        return []
    value = sql_values.present(sql_values.text(span.column, sql_type))
    rows = span.tables.database.rows(
        f"SELECT value FROM (SELECT {value} AS value, {span.formats.time(table, span.column)} "
        f"AS time FROM ({table.relation})) WHERE value IS NOT NULL AND {condition} LIMIT {n}"
    )
    return [value for (value,) in rows]


def _is_number(value: str) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False


def _remedy(span: _Span, number: str) -> str | None:
    """Return what to do if times that were read as Unix times are wrong, None if they are not."""
    years = [_date(each).year for each in (span.first, span.last)]
    # Placeholders such as -1 are a little earlier than 1970.
    is_improbable = years[0] > _next_year() or (span.first > -_DAY and years[1] == 1970)
    column = f"name another column with {setting('time')}"
    written = _number_format(span) if is_improbable or len(number) == 12 else None
    if written is not None:
        time_format = setting("time_format", written)
        return f"if that is wrong, give their format with {time_format}, or {column}"
    first, last = span.first / _NANOSECONDS, span.last / _NANOSECONDS
    is_long = len(number) == _N_DIGITS
    for begin, end, what in _COUNTS[2:] if is_long else _COUNTS[:2]:
        if begin <= first and last <= end:
            return f"if they are {what}, convert them to dates, or {column}"
    if not is_improbable:
        return None
    return f"if that is wrong, give their format with {setting('time_format')}, or {column}"


def _next_year() -> int:
    return dt.datetime.now(dt.UTC).year + 1


def _number_format(span: _Span) -> str | None:
    """Return a format that fits the first numbers of a column, if their years are probable."""
    first = _values(span, span.tables.first, SAMPLE)
    values = [value for value in first if not re.fullmatch(_PLACEHOLDER, value)]
    for written, pattern in _NUMBERS.items():
        if values and all(re.fullmatch(pattern, value.strip()) for value in values):
            time = sql_values.timestamp("value", [written])
            ((n_wrong,),) = span.tables.database.rows(
                f"SELECT count(*) FILTER (year({time}) BETWEEN 1900 AND {_next_year()} IS NOT TRUE)"
                " FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS value)",
                [values],
            )
            if n_wrong == 0:
                return written
    return None


def _outliers(span: _Span, number: str | None, where: str | None) -> list[str]:
    """Return notes on times in or before 1970, or in the far future, that are far from the others.

    They are probably placeholders, such as 0 and 9999-12-31, or numbers of another kind.
    """
    late = (dt.date(_next_year() + 1, 1, 1).toordinal() - _EPOCH) * _DAY
    if span.first >= _EARLY and span.last < late:
        return []
    ((first,),) = span.tables.database.rows(
        'SELECT min("time") FROM loaded WHERE reason = 0 '
        f'AND "time" >= {_EARLY} AND "time" < {late}'
    )
    if first is None or first < _PROBABLE:
        return []
    notes = []
    for is_early, test in ((True, f'"time" < {_EARLY}'), (False, f'"time" >= {late}')):
        ((n_all, n_far, begin, end),) = span.tables.database.rows(
            f'SELECT count(*), count(*) FILTER ({test}), min("time") FILTER ({test}), '
            f'max("time") FILTER ({test}) FROM loaded WHERE reason = 0'
        )
        if n_far:
            edge = end if is_early else begin
            values = [v for t in span.tables.tables for v in _values(span, t, 1, f"time = {edge}")]
            example = f", such as {shown(values[0])} in column {shown(span.column)}," * bool(values)
            are, leave = ("is", "it") if n_far == 1 else ("are", "them")
            remedy = _condition(span, number, values, edge if not is_early else first, is_early)
            out = f"leave {leave} out with {setting('where', _and(where, remedy))}"
            notes.append(
                f"{n_far:,} of {n_all:,} times {are} {_between(begin, end, 'on')}{example} far "
                f"from the others: if that is wrong, {out}"
            )
    return notes


def _condition(
    span: _Span, number: str | None, values: list[str], moment: int, is_early: bool
) -> str:
    """Return the SQL condition for the times that are not outliers.

    Parameters
    ----------
    values : list of str
        The outlier that is nearest to the others.
    moment : int
        The earliest of the others, or of the outliers if these are late.
    """
    is_name = re.fullmatch(r"[A-Za-z_]\w*", span.column)
    name = span.column if is_name else quote_name(span.column)
    first = _values(span, span.tables.first, SAMPLE)
    are_numbers = number is not None and 2 * sum(map(_is_number, first)) > len(first)
    if are_numbers and values and _is_number(values[0]):
        return f"{name} {'>' if is_early else '<'} {values[0]}"
    return f"{name} {'>=' if is_early else '<'} '{_date(moment)}'"


def _and(where: str | None, condition: str) -> str:
    return condition if where is None else f"({where}) AND {condition}"
