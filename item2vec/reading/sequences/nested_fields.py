"""Fields of objects in columns, which are named by a path such as ``user.id``.

Web services and event stores write records as ``{"user": {"id": 1}, "track": {"id": 5}}``. A
column that is named by a path is added to the table.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from item2vec.reading.duckdb_session import Database, quote_name, quote_text
from item2vec.reading.sequences.list_sql import is_json_array
from item2vec.reading.table import Table, with_columns
from item2vec.reading.table_formats import json_pointer

SAMPLE = 1000  # records whose objects are examined
MOST_LEVELS, MOST_PATHS = 4, 50  # of the paths that are found

_LIST = "[]"


def with_paths(database: Database, table: Table, names: Sequence[str]) -> Table:
    """Return a table with a column for each name that is a path to values in its first records.

    Other names are left out. The field of objects in lists is a list, parallel to them.
    """
    columns: dict[str, str] = {}
    nested = set(table.nested)
    new = [name for name in dict.fromkeys(names) if name not in table.types and "." in name]
    known = set(_all_paths(database, table)) if new else set()
    for name in new:
        found = _resolved(table, name)
        if found is None or name not in known:
            continue
        column, keys = found
        if column not in table.nested:
            columns[name] = _struct_value(quote_name(column), table.types[column], keys)
            continue
        columns[name] = _json_value(quote_name(column), keys)
        if _has_arrays(database, table, column):
            nested.add(name)
    return replace(with_columns(database, table, columns), nested=frozenset(nested))


def paths(database: Database, table: Table) -> list[str]:
    """Return the paths to values in the objects of the first records, in their order."""
    return _all_paths(database, table)[:MOST_PATHS]


def _all_paths(database: Database, table: Table) -> list[str]:
    found: dict[str, None] = {}
    for column, sql_type in table.types.items():
        if column in table.nested:
            value = quote_name(column)
            rows = database.rows(
                f"SELECT {value} FROM ({table.relation}) WHERE left({value}, 1) IN ('[', '{{') "
                f"LIMIT {SAMPLE}"
            )
            for (text,) in rows:
                found |= dict.fromkeys(_paths(_parsed(text), column, MOST_LEVELS))
        elif sql_type.startswith("STRUCT"):
            rows = database.rows(
                f"SELECT {quote_name(column)} FROM ({table.relation}) LIMIT {SAMPLE}"
            )
            for (struct,) in rows:
                found |= dict.fromkeys(_paths(struct, column, MOST_LEVELS))
    return [path for path in found if path not in table.types]


def _paths(value: Any, prefix: str, levels: int) -> Iterator[str]:
    """Yield the paths to the values in an object, and in the objects of a list."""
    if isinstance(value, list):
        for element in value:
            if isinstance(element, str) and element.startswith("{"):  # an object as text
                yield from _paths(_parsed(element), prefix, levels)
            elif isinstance(element, dict):
                yield from _paths(element, prefix, levels)
    elif isinstance(value, dict) and levels > 0:
        for key, field in value.items():
            path = f"{prefix}.{key}"
            has_objects = isinstance(field, list) and any(isinstance(each, dict) for each in field)
            if isinstance(field, dict) or has_objects:
                yield from _paths(field, path, levels - 1)
            else:
                yield path


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _resolved(table: Table, name: str) -> tuple[str, list[str]] | None:
    """Return the column and the keys that a path names, the longest name of a column first."""
    parts = name.split(".")
    for n in range(len(parts) - 1, 0, -1):
        column = ".".join(parts[:n])
        is_object = table.types.get(column, "").startswith("STRUCT")
        if column in table.nested or is_object:
            return column, parts[n:]
    return None


def _has_arrays(database: Database, table: Table, column: str) -> bool:
    value = quote_name(column)
    rows = database.rows(
        f"SELECT 1 FROM (SELECT {value} FROM ({table.relation}) WHERE {value} IS NOT NULL "
        f"LIMIT {SAMPLE}) WHERE {is_json_array(value)} LIMIT 1"
    )
    return bool(rows)


def _json_value(value: str, keys: Sequence[str]) -> str:
    """Return the SQL for a value within JSON, or a JSON array of those in a JSON array."""
    pointer = quote_text("".join(map(json_pointer, keys)))

    def within(text: str) -> str:  # an object may be stored as text
        return f"CASE WHEN json_valid({text}) THEN CAST({text} AS JSON) ->> {pointer} END"

    element = within("(element ->> '$')")
    elements = f"[{element} FOR element IN json_extract({value}, '$[*]')]"
    return (
        f"CASE WHEN {is_json_array(value)} THEN CAST(to_json({elements}) AS VARCHAR) "
        f"ELSE {within(value)} END"
    )


def _struct_value(value: str, sql_type: str, keys: Sequence[str]) -> str:
    """Return the SQL for a field of a structure, or a list of those in a list of structures."""
    if sql_type.endswith(_LIST):
        return f"[{_field('element', keys)} FOR element IN {value}]"
    return _field(value, keys)


def _field(value: str, keys: Sequence[str]) -> str:
    for key in keys:
        value = f"struct_extract({value}, {quote_text(key)})"
    return value
