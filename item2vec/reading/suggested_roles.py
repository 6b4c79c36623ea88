"""Suggestions for the columns of a table whose names are not well known, from its first records."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Sequence

from item2vec._support.messages import again, setting, shown
from item2vec.reading import sql_values
from item2vec.reading.columns import Roles, listed
from item2vec.reading.duckdb_session import QueryError, quote_name
from item2vec.reading.options import ReadOptions
from item2vec.reading.table import unreadable
from item2vec.reading.tables import Tables

SAMPLE = 1000  # records that are examined
SHARE = 0.9  # of the values of a column of times or ratings that must be such

MOST_SHOWN = 12  # columns of the first record in a message
LONGEST_SHOWN = 30  # characters of a value

# Epochs in seconds to nanoseconds, of the years 1990 to 2100, as nanoseconds since 1970.
_YEARS = (631_152_000 * 10**9, 4_102_444_800 * 10**9)
MOST_RATINGS = 21  # distinct ratings: 0 to 10 in halves
_HIGHEST_RATING = 100


def missing_columns(
    tables: Tables, roles: Roles, missing: Sequence[str], options: ReadOptions
) -> str:
    """Return the message for needed roles without columns, with a suggestion for each.

    Parameters
    ----------
    tables : Tables
    roles : Roles
        The columns that were found.
    missing : sequence of str
        The needed roles that have none.
    options : ReadOptions
    """
    first = tables.first
    header = first.file is None or first.file.kind != "text" or first.file.header
    what = "no column has a well-known name" if header else "there is no header that names columns"
    suggested = suggested_roles(tables, roles, missing, options)
    text = f"{tables.name}: {what} for the {' and the '.join(missing)}"
    if not suggested:
        return f"{text} ({listed(first.columns)}): provide a table with users and items"
    named = " and ".join(setting(role) for role in missing)
    them = "them" if len(missing) > 1 else "it"
    return (
        f"{text} (the first record is {_first_record(tables)}): name {them} with {named}, as in "
        f"{again(**suggested)}"
    )


def suggested_roles(
    tables: Tables, roles: Roles, missing: Sequence[str], options: ReadOptions
) -> dict[str, str]:
    """Return a column for each missing role, and for the time if none was found.

    A column is suggested for one role only, and never if it has a role already. Empty if there are
    not enough columns.
    """
    free = [name for name in tables.first.columns if name not in roles.columns.values()]
    times, ratings = _times_and_ratings(tables, free)
    wants_time = "time" not in roles.columns and not options.columns.in_file_order
    others = [name for name in free if name not in times and name not in ratings]
    others += [name for name in free if name not in others]
    if len(others) < len(missing):
        return {}
    suggested = dict(zip(missing, others, strict=False))
    time = [name for name in times if name not in suggested.values()]
    if wants_time and time:
        suggested["time"] = time[0]
    return suggested


def _times_and_ratings(tables: Tables, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the columns whose first values are times of our age, and those that are ratings."""
    first = tables.first
    times, ratings = [], []
    for name in names:
        sql_type = first.types[name]
        time = sql_values.time(name, sql_type, ())
        number = sql_values.number(sql_values.text(name, sql_type))
        text = f"CAST({quote_name(name)} AS VARCHAR)"
        try:
            ((n, n_times, n_ratings, n_distinct, n_days),) = tables.database.rows(
                f"SELECT count({text}), count(*) FILTER ({time} BETWEEN {_YEARS[0]} AND "
                f"{_YEARS[1]}), count(*) FILTER ({number} BETWEEN -1 AND {_HIGHEST_RATING}), "
                f"count(DISTINCT {text}), "
                rf"count(*) FILTER (regexp_matches({text}, '\d+[-/.]\d+[-/.]\d+')) "
                f"FROM (SELECT {quote_name(name)} FROM ({first.relation}) LIMIT {SAMPLE})"
            )
        except QueryError as error:
            raise unreadable(first.name, error) from error
        if n and max(n_times, n_days) >= SHARE * n:
            times.append(name)
        elif n and n_ratings >= SHARE * n and n_distinct <= min(MOST_RATINGS, n / 2):
            ratings.append(name)
    return times, ratings


def _first_record(tables: Tables) -> str:
    """Return the first record as ``column0='A1', column1='B7'``."""
    first = tables.first
    names = first.columns[:MOST_SHOWN]
    texts = ", ".join(f"CAST({quote_name(name)} AS VARCHAR)" for name in names)
    rows = tables.database.rows(f"SELECT {texts} FROM ({first.relation}) LIMIT 1")
    values = rows[0] if rows else ()
    parts = [
        f"{name if name.isprintable() else ascii(name)}={_brief(value)}"
        for name, value in zip(names, values, strict=False)
    ]
    return ", ".join(parts + ["..."] * (len(first.columns) > MOST_SHOWN)) or listed(first.columns)


def _brief(value: str | None) -> str:
    if value is None:
        return "(empty)"
    return shown(value if len(value) <= LONGEST_SHOWN else value[: LONGEST_SHOWN - 3] + "...")
