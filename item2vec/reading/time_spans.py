"""Notes on the first and the last time of a source, and on improbable ones."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import datetime as dt

import numpy as np

from item2vec._support.messages import setting, shown
from item2vec.reading import sql_values
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables
from item2vec.reading.time_formats import TimeFormats

_NANOSECONDS = 10**9  # in a second
_DAY = 86_400 * _NANOSECONDS
_EPOCH = dt.date(1970, 1, 1).toordinal()
# Numbers that are probably no seconds: the first and the last one, and a strptime format or what
# they may be.
_NOT_SECONDS = (
    (1900, 2100, "%Y", ""),
    (190_001, 210_012, "%Y%m", ""),
    (20_000, 60_000, "", "day numbers of a spreadsheet"),
    (2_400_000, 2_500_000, "", "Julian days"),
)


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
