"""Suggestions of columns for roles that were not recognized by name, from the first records."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Sequence
from dataclasses import replace

from item2vec._support.messages import again, setting, shown
from item2vec.reading import sql_values
from item2vec.reading.columns import Roles, listed, plain_name, words
from item2vec.reading.duckdb_session import QueryError, quote_name, quote_text
from item2vec.reading.options import ReadOptions
from item2vec.reading.sequences.item_matrices import item_matrix, matrix_columns
from item2vec.reading.sequences.line_formats import SpacedLines
from item2vec.reading.sequences.list_columns import columns_with_lists
from item2vec.reading.sequences.nested_fields import paths, with_paths
from item2vec.reading.table import Table, unreadable
from item2vec.reading.tables import Tables

SAMPLE = 1000  # records that are examined
SHARE = 0.9  # of the values that must be times, or ratings

# Parts of names that hint at a role, for suggestions alone.
_STEMS = {
    "user": words("""
        user cust kund client member visitor viewer buyer shopper reader listener account usuario
        utente nutzer benutzer utilisateur person sess order basket invoice receipt
    """),
    "item": words("""
        item prod artik article artic film movie book song track sku title titel buch ware
        goods game video show
    """),
}
_WHOLE_NAMES = {"user": words("who wer"), "item": words("what was")}
_DAY = r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b"  # the beginning of a date

MOST_SHOWN = 12  # columns of the first record in a message
LONGEST_SHOWN = 30  # characters of a value

# The years 1990 to 2100, in nanoseconds since 1970.
_YEARS = (631_152_000 * 10**9, 4_102_444_800 * 10**9)
MOST_RATINGS = 21  # distinct ratings: 0 to 10 in halves
_HIGHEST_RATING = 100
LEAST_COLUMNS = 4  # from which a column may number the records
LEAST = 20  # records from which few different numbers may be ratings


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
    tables = _with_all_paths(tables)
    first = tables.first
    if (matrix := matrix_columns(tables, roles)) and "item" in missing:
        return item_matrix(tables, matrix)
    has_names = _has_header(tables)
    what = (
        "no column has a well-known name" if has_names else "there is no header that names columns"
    )
    suggested = suggested_roles(tables, roles, missing, options)
    text = f"{tables.name}: {what} for the {' and the '.join(missing)}"
    sequences = _hint_at_sequences(tables, missing)
    if not suggested:
        return f"{text} ({listed(first.columns)}): provide a table with users and items{sequences}"
    named = " and ".join(setting(role) for role in missing)
    them = "them" if len(missing) > 1 else "it"
    return (
        f"{text} (the first record is {_first_record(tables)}): name {them} with {named}"
        f"{sequences}; a guess to check is: {again(**suggested)}"
    )


def unnamed_users(tables: Tables, candidates: Sequence[str]) -> str:
    """Return the message for sequences of which it is not clear whose they are."""
    n_distinct = _n_distinct(tables, candidates)
    name = min(
        candidates,
        key=lambda each: (
            not _looks_like(each, "user"),
            not plain_name(each).endswith("id"),
            -n_distinct[each],
        ),
    )
    return (
        f"{tables.name}: no column has a well-known name for the user (the first record is "
        f"{_first_record(tables)}): name it, as in {setting('user', name)}, or give "
        f"{setting('user', 'none')} if each sequence is a history of its own"
    )


def _hint_at_sequences(tables: Tables, missing: Sequence[str]) -> str:
    """Return a hint for text in which all lines may have the same number of items."""
    file = tables.first.file
    is_text = file is not None and file.kind == "text" and file.lines is None
    is_spaced = file is not None and isinstance(file.lines, SpacedLines)
    if len(missing) < 2 or len(tables.first.columns) < 3 or not (is_text or is_spaced):
        return ""
    return f", or give {setting('layout', 'sequences')} if each line is a sequence of items"


def suggested_roles(
    tables: Tables, roles: Roles, missing: Sequence[str], options: ReadOptions
) -> dict[str, str]:
    """Return a column for each missing role, and for the time if none was found.

    A column is suggested for one role only, and never if it has a role already. Empty if there are
    not enough columns.
    """
    free = [name for name in tables.first.columns if name not in roles.columns.values()]
    free = [name for name in free if not _holds_objects(tables.first, name)]
    times, ratings = _times_and_ratings(tables, free)
    wants_time = "time" not in roles.columns and not options.columns.in_file_order
    numbers = _row_numbers(tables, free)
    others = [name for name in free if name not in {*times, *ratings, *numbers}]
    others += [name for name in free if name not in others]
    if len(others) < len(missing):
        return {}
    suggested = _by_stems(tables, others, missing)
    if "item" in suggested and not _has_header(tables):
        # Without names, lists are more probably items than what describes them.
        lists = columns_with_lists(tables, others)
        if lists and lists[0] != suggested.get("user"):
            suggested["item"] = lists[0]
    time = [name for name in times if name not in suggested.values()]
    if wants_time and time:
        suggested["time"] = time[0]
    return suggested


def _with_all_paths(tables: Tables) -> Tables:
    """Return the first table with a column for each value in its objects."""
    first = tables.first
    found = paths(tables.database, first)
    return replace(tables, tables=[with_paths(tables.database, first, found)]) if found else tables


def _holds_objects(table: Table, name: str) -> bool:
    return any(column.startswith(f"{name}.") for column in table.columns)


def _has_header(tables: Tables) -> bool:
    """Return whether the columns have names of their own, and not ``column0``, ``column1``, ..."""
    file = tables.first.file
    return file is None or file.kind != "text" or file.header


def _row_numbers(tables: Tables, names: Sequence[str]) -> list[str]:
    """Return the columns whose first values count the records, if there are enough others."""
    if len(names) < LEAST_COLUMNS:
        return []
    found = []
    for name in names:
        rows = tables.database.rows(
            f"SELECT CAST({quote_name(name)} AS VARCHAR) FROM ({tables.first.relation}) "
            f"LIMIT {SAMPLE}"
        )
        values = [value for (value,) in rows]
        counted = [[str(n + first) for n in range(len(values))] for first in (0, 1)]
        if len(values) > 1 and values in counted:
            found.append(name)
    return found


def _by_stems(tables: Tables, names: Sequence[str], missing: Sequence[str]) -> dict[str, str]:
    """Return a column for each missing role: one whose name hints at it, else the first one.

    Two columns of which one determines the other, such as a receipt and its customer, are no user
    and item.
    """
    suggested: dict[str, str] = {}
    for role in missing:
        free = [name for name in names if name not in suggested.values()]
        hinted = [name for name in free if _looks_like(name, role)]
        elsewhere = [other for other in ("user", "item") if other != role]
        unhinted = [name for name in free if not any(_looks_like(name, o) for o in elsewhere)]
        known = suggested.get("user")
        apart = [name for name in unhinted if known is None or not _determines(tables, known, name)]
        suggested[role] = (hinted or apart or unhinted or free)[0]
    return suggested


def _looks_like(name: str, role: str) -> bool:
    """Return whether a part of a name, in one of several languages, hints at a role."""
    plain = plain_name(name)
    return plain in _WHOLE_NAMES[role] or any(stem in plain for stem in _STEMS[role])


def _determines(tables: Tables, one: str, other: str) -> bool:
    """Return whether one of two columns has a single value for each value of the other."""
    first, second = quote_name(one), quote_name(other)
    ((n_one, n_other, n_pairs),) = tables.database.rows(
        f"SELECT count(DISTINCT {first}), count(DISTINCT {second}), "
        f"count(DISTINCT ({first}, {second})) FROM "
        f"(SELECT {first}, {second} FROM ({tables.first.relation}) LIMIT {SAMPLE})"
    )
    return n_pairs > 1 and n_pairs in (n_one, n_other)


def _n_distinct(tables: Tables, names: Sequence[str]) -> dict[str, int]:
    """Return the number of distinct values of columns in the first records."""
    counts = ", ".join(f"count(DISTINCT {quote_name(name)})" for name in names)
    (row,) = tables.database.rows(
        f"SELECT {counts} FROM (SELECT * FROM ({tables.first.relation}) LIMIT {SAMPLE})"
    )
    return dict(zip(names, row, strict=True))


def _times_and_ratings(tables: Tables, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the columns whose first values are times since 1990, and those that are ratings."""
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
                f"count(*) FILTER (regexp_matches({text}, {quote_text(_DAY)})) "
                f"FROM (SELECT {quote_name(name)} FROM ({first.relation}) LIMIT {SAMPLE})"
            )
        except QueryError as error:
            raise unreadable(first.name, error) from error
        if n and max(n_times, n_days) >= SHARE * n:
            times.append(name)
        elif n >= LEAST and n_ratings >= SHARE * n and n_distinct <= min(MOST_RATINGS, n / 2):
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
