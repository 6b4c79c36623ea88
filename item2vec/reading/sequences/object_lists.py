"""Columns of lists of objects, whose fields become columns of lists of their own.

Sessions are often stored as ``{"session": 1, "events": [{"aid": 5, "ts": 10}, ...]}``. The columns
``aid`` and ``ts`` then hold parallel lists, as other columns of lists do.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections.abc import Sequence
from dataclasses import replace

from item2vec.reading.duckdb_session import Database, quote_name, quote_text
from item2vec.reading.sequences.list_sql import is_json_array
from item2vec.reading.table import Table, with_columns
from item2vec.reading.table_formats import json_pointer

SAMPLE = 1000  # records whose objects are examined

_STRUCTS = re.compile(r"STRUCT\(.*\)\[\d*\]", re.DOTALL)


def with_fields(database: Database, table: Table) -> Table:
    """Return a table with a column of lists for each field of the objects in lists.

    A field that is called like a column of the table gets the name of its list in front, as in
    ``events.type``.
    """
    fields: dict[str, str] = {}  # name of a new column to the SQL of its lists
    nested = set(table.nested)
    for name, sql_type in table.types.items():
        is_json = name in table.nested
        if is_json:
            keys = _json_keys(database, table, name)
        elif _STRUCTS.fullmatch(sql_type):
            keys = _struct_keys(database, table, name)
        else:
            continue
        for key in keys:
            used = {other.casefold() for other in (*table.types, *fields)}
            column = key if key.casefold() not in used else f"{name}.{key}"
            if column.casefold() in used:
                continue
            fields[column] = _json_values(name, key) if is_json else _struct_values(name, key)
            nested |= {column} if is_json else set()
    return replace(with_columns(database, table, fields), nested=frozenset(nested))


def _json_keys(database: Database, table: Table, name: str) -> Sequence[str]:
    """Return the keys of the objects in the JSON arrays of a column, in their first order."""
    value = quote_name(name)
    rows = database.rows(
        "SELECT key, min(position) FROM (SELECT unnest(json_keys(element)) AS key, "
        "row_number() OVER () AS position FROM "
        f"(SELECT unnest(json_extract({value}, '$[*]')) AS element FROM (SELECT {value} "
        f"FROM ({table.relation}) WHERE {is_json_array(value)} "
        f"LIMIT {SAMPLE})) WHERE json_type(element) = 'OBJECT') GROUP BY key ORDER BY 2, 1"
    )
    return [key for key, _ in rows]


def _json_values(name: str, key: str) -> str:
    """Return the SQL for a JSON array with the values of one key of the objects in an array."""
    value = quote_name(name)
    objects = f"json_extract({value}, '$[*]')"
    values = f"[element ->> {quote_text(json_pointer(key))} FOR element IN {objects}]"
    return f"CASE WHEN {is_json_array(value)} THEN CAST(to_json({values}) AS VARCHAR) END"


def _struct_keys(database: Database, table: Table, name: str) -> Sequence[str]:
    described = database.rows(
        f"DESCRIBE SELECT unnest(element) FROM "
        f"(SELECT unnest({quote_name(name)}) AS element FROM ({table.relation}))"
    )
    return [key for key, *_ in described]


def _struct_values(name: str, key: str) -> str:
    """Return the SQL for a list with the values of one field of the structures in a list."""
    return f"[element.{quote_name(key)} FOR element IN {quote_name(name)}]"
