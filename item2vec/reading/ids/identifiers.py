"""Checks that columns of ids contain ids: texts, numbers or UUIDs.

Without these checks, a list of items in one cell would become a single item, and bytes would be
converted to their ``repr``. Dates and times are accepted as text, because a day can identify a
basket.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections.abc import Mapping

import numpy as np

from item2vec._support.messages import setting, shown
from item2vec.errors import DataError
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_text
from item2vec.reading.ids import id_remedies
from item2vec.reading.ids.placeholders import PLACEHOLDERS
from item2vec.reading.sequences.list_texts import BRACKETED, SEPARATED, SHARE, find_list, parsed
from item2vec.reading.table import Table, unreadable
from item2vec.reading.tables import Tables

SAMPLE = 10_000  # records that are examined before all are loaded
# Ids are reported as joined lists if this fraction of them contains a separator, and if there are
# at least this many ids.
JOINED_SHARE, JOINED_LEAST = 0.9, 20

_TEXTS = {"VARCHAR", "JSON"}
_SUPPORTED = re.compile(
    r"(ENUM|DECIMAL|TIMESTAMP).*|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DOUBLE|FLOAT|UUID|DATE"
    r"|\"NULL\"|VARCHAR|JSON"
)


def check_ids(tables: Tables, columns: Mapping[str, str]) -> None:
    """Raise DataError if a column of ids contains other values, judged by type and first records.

    Parameters
    ----------
    tables : Tables
    columns : mapping of str to str
        Mapping of roles ("user", "item") to names of columns.
    """
    for table in tables.tables:
        try:
            for role, column in columns.items():
                _check_type(tables.database, table, role, column)
            _check_texts(tables.database, table, columns)
        except QueryError as error:
            raise unreadable(table.name, error) from error


def check_distinct(database: Database, name: str, role: str, column: str, ids: str) -> list[str]:
    """Check whether distinct ids are lists, and return notes for the report.

    Parameters
    ----------
    database : Database
    name : str
        Name of the source in messages.
    role : {"user", "item"}
    column : str
        The column of the ids.
    ids : str
        A table, or a query in parentheses, with the distinct ids in the column ``id``.

    Raises
    ------
    DataError
        If at least half of the ids are lists.
    """
    is_list = (
        f"regexp_full_match(id, {quote_text(BRACKETED)}) "
        f"AND regexp_matches(id, {quote_text(SEPARATED)})"
    )
    ((n, n_lists, example),) = database.rows(
        f"SELECT count(*), count(*) FILTER (WHERE {is_list}), min(id) FILTER (WHERE {is_list}) "
        f"FROM {ids}"
    )
    if n_lists and n_lists >= SHARE * n:
        raise _error(name, role, column, example)
    notes = _joined(database, ids, n) if role == "item" else []
    if n_lists > 1:
        notes.append(
            f"{n_lists:,} {role} ids look like lists, such as {shown(example)}: if they are, "
            "explode them first"
        )
    return notes


def _joined(database: Database, ids: str, n: int) -> list[str]:
    """Return a note if nearly all of the `n` ids look like several ids in one text."""
    if n < JOINED_LEAST:
        return []
    for separator in "|;":
        between = quote_text(rf"[^\s{separator}]\s*[{separator}]\s*[^\s{separator}]")
        ((n_joined, example),) = database.rows(
            f"SELECT count(*), min(id) FROM {ids} WHERE regexp_matches(id, {between})"
        )
        if n_joined < JOINED_SHARE * n:
            continue
        ((n_parts,),) = database.rows(
            "SELECT count(DISTINCT trim(part)) FROM "
            f"(SELECT unnest(string_split(id, '{separator}')) AS part FROM {ids})"
        )
        if n_parts < n:  # different ids have parts in common, as lists of items do
            return [
                f"item ids look like lists joined by '{separator}', such as {shown(example)}: "
                "one row for each item is needed; split and explode them first, or read them with "
                f"{setting('layout', 'sequences')}"
            ]
    return []


def _check_type(database: Database, table: Table, role: str, column: str) -> None:
    """Raise DataError if the column or one of its values has a type that is not allowed for ids."""
    name = quote_name(column)
    values = f"SELECT {name} FROM ({table.relation}) WHERE "
    if column in table.unsupported:
        raise _error(table.name, role, column, table.unsupported[column])
    if column in table.nested:
        rows = database.rows(f"{values} left({name}, 1) IN ('[', '{{') LIMIT {SAMPLE}")
        values_found = [parsed(text) for (text,) in rows]
        nested = [value for value in values_found if isinstance(value, list | dict)]
        example = nested[0] if nested else values_found[0]
        raise _error(table.name, role, column, example, is_json=_is_json(table))
    if not _SUPPORTED.fullmatch(table.types[column]):
        present = database.rows(f"{values} {name} IS NOT NULL LIMIT 1")
        value = present[0][0] if present else None
        raise _error(table.name, role, column, value, table.types[column])


def _check_texts(database: Database, table: Table, columns: Mapping[str, str]) -> None:
    """Raise DataError if the texts in a column represent lists."""
    roles = [role for role in columns if table.types[columns[role]] in _TEXTS]
    if not roles:
        return
    names = ", ".join(quote_name(columns[role]) for role in roles)
    rows = database.rows(f"SELECT {names} FROM ({table.relation}) LIMIT {SAMPLE}")
    for role, values in zip(roles, zip(*rows, strict=True), strict=False):
        texts = [text for text in values if text is not None and text.strip()]
        if role == "user":  # "[]" and "[null]" are placeholders, not lists
            texts = [text for text in texts if text.strip().lower() not in PLACEHOLDERS]
        found = find_list(texts)
        if found is not None:
            # An element of a list, which is a list.
            example = [parsed(found)] if role == "item" and _is_unnested(table) else found
            raise _error(table.name, role, columns[role], example, is_json=_is_json(table))


def _error(
    table: str,
    role: str,
    column: str,
    value: object,
    sql_type: str = "",
    *,
    is_json: bool = False,
) -> DataError:
    """Return the error for a column with invalid values; a text as example represents a list.

    Parameters
    ----------
    table, role, column : str
    value : object
        An example.
    sql_type : str
        The type of the column, if the type is not allowed.
    is_json : bool
        Whether the column is that of a JSON file.
    """
    if hasattr(value, "tolist") and getattr(value, "ndim", False):  # an array or a Series
        value = value.tolist()
    example = "" if value is None else f", such as {shown(value)}"
    name = shown(column)
    content = parsed(value) if isinstance(value, str) else value
    form = {"is_json": is_json, "is_text": isinstance(value, str)}
    if isinstance(content, dict) and content:
        remedy = id_remedies.of_objects(content, role, column, **form)
        return DataError(
            f"{table}: column {name} contains nested values{example}: name another column with "
            f"{setting(role)}, or {remedy}"
        )
    if _is_nested(content):
        remedy = id_remedies.of_nested_lists(content, column, **form)
        return DataError(f"{table}: column {name} contains lists in lists{example}: {remedy}")
    if isinstance(value, str | list | tuple | set | frozenset) or sql_type.endswith("]"):
        remedy = id_remedies.of_lists(value, column, is_json=is_json)
        return DataError(
            f"{table}: column {name} contains lists{example}: one row for each {role} is needed; "
            f"{remedy}"
        )
    return DataError(
        f"{table}: column {name} contains {_kind(value, sql_type)}{example}: ids are text, "
        f"numbers or UUIDs; name another column with {setting(role)}, or convert this one to text"
    )


def _is_nested(value: object) -> bool:
    """Return whether a list has lists as elements, and nothing else."""
    if not isinstance(value, list | tuple):
        return False
    return bool(value) and all(isinstance(each, list | tuple) and each for each in value)


def _is_unnested(table: Table) -> bool:
    """Return whether the rows of a table are the elements of lists."""
    is_text = table.file is not None and table.file.kind == "text"
    return table.is_numbered and not is_text


def _is_json(table: Table) -> bool:
    return table.file is not None and table.file.kind == "json"


def _kind(value: object, sql_type: str) -> str:
    """Return a description of the type of a value, for messages."""
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes"
    if isinstance(value, dict):
        return "nested values"
    if isinstance(value, bool | np.bool_):
        return "Boolean values"
    return f"values of type {sql_type or type(value).__name__}"
