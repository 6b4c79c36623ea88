"""A predicate that a person writes in SQL: only over the columns, and never a way to anything else.

The database that it runs in reaches no other file either; this is the first of two doors.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import json
from collections.abc import Iterator, Sequence
from typing import Any

from item2vec.errors import ParameterError
from item2vec.reading.database import Database, QueryError, quote_name
from item2vec.reading.expressions import number
from item2vec.reading.tables import Table, Tables

# A column of text is taken for what nine in ten of its first values are.
SAMPLE = 10_000
SHARE = 0.9

_EXAMPLE = 'give an SQL predicate over the columns, such as "Quantity > 0"'


def typed(tables: Tables, where: str, texts: Sequence[str]) -> str:
    """Check a predicate, and return the columns that it is to see in SQL: ``* REPLACE (...)``.

    Parameters
    ----------
    tables : Tables
    where : str
        The predicate.
    texts : sequence of str
        Columns that stay text whatever they look like: the ids.

    Raises
    ------
    ParameterError
        If it is not one predicate over the columns of the tables.
    """
    names = {name.casefold() for name in _columns_of(tables.database, where)}
    first = tables.first
    converted = [
        f"{value} AS {quote_name(name)}"
        for name in first.columns
        if first.is_untyped and name not in texts and name.casefold() in names
        if (value := _converted(tables.database, first, name)) is not None
    ]
    star = f"* REPLACE ({', '.join(converted)})" if converted else "*"
    try:
        tables.database.rows(
            f"SELECT 1 FROM (SELECT {star} FROM ({first.relation})) "
            f"WHERE coalesce((\n{where}\n), false) LIMIT 0"
        )
    except QueryError as error:
        ids = [name for name in texts if name.casefold() in names]
        hint = f" ({ids[0]} is text; as a number it is {ids[0]}::DOUBLE)" if ids else ""
        raise misunderstood(where, f"{error}{hint}") from error
    return star


def misunderstood(where: str, why: str) -> ParameterError:
    """Return the error for a predicate that does not work."""
    return ParameterError(f"where={where!r} does not work: {why}: {_EXAMPLE}")


def _columns_of(database: Database, where: str) -> list[str]:
    """Return the names that a predicate uses; raise ParameterError if it is none."""
    statements = [_parsed(database, "true"), _parsed(database, where)]
    clauses = [node.pop("where_clause", None) for node in statements]
    # Whatever closes the bracket and goes on (UNION, GROUP BY, ...) makes another statement of it.
    if statements[0] != statements[1] or not where.strip():
        raise misunderstood(where, "it is not one predicate")
    names = []
    for part in _parts(clauses[1]):
        if part.get("class") == "SUBQUERY":
            raise misunderstood(where, "it holds a subquery")
        if part.get("class") == "PARAMETER":
            raise misunderstood(where, "it holds a parameter")
        if part.get("class") == "COLUMN_REF":
            names.append(str(part["column_names"][-1]))
    return names


def _parsed(database: Database, where: str) -> dict[str, Any]:
    """Return DuckDB's own reading of ``SELECT 1 WHERE (...)``."""
    ((text,),) = database.rows(
        "SELECT json_serialize_sql(CAST(? AS VARCHAR))", [f"SELECT 1 WHERE (\n{where}\n)"]
    )
    parsed = json.loads(text)
    if parsed["error"]:
        raise misunderstood(where, parsed["error_message"].partition("\n")[0])
    if len(parsed["statements"]) != 1:
        raise misunderstood(where, "it is not one predicate")
    node: dict[str, Any] = parsed["statements"][0]["node"]
    return node


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """Give every object in a tree of JSON."""
    if isinstance(tree, dict):
        yield tree
    if isinstance(tree, dict | list):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from _parts(branch)


def _converted(database: Database, table: Table, name: str) -> str | None:
    """Return the SQL for a column of text as the type that suits it; None if it stays text."""
    value = quote_name(name)
    casts = [number(name, "VARCHAR")] + [
        f"TRY_CAST({value} AS {sql_type})" for sql_type in ("TIMESTAMP", "BOOLEAN")
    ]
    counts = ", ".join(f"count({cast})" for cast in casts)
    ((present, *fitting),) = database.rows(
        f"SELECT count(*) FILTER (trim({value}) <> ''), {counts} "
        f"FROM (SELECT {value} FROM ({table.relation}) LIMIT {SAMPLE})"
    )
    for cast, n in zip(casts, fitting, strict=True):
        if present and n >= SHARE * present:
            return cast
    return None
