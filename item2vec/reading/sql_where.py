"""A predicate that a person writes in SQL, checked before it is run.

It may use the columns and what `item2vec.reading.sql_allowed` allows, which bounds its memory. The
database in which it runs can reach no other file either.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import json
from collections.abc import Sequence
from typing import Any

from item2vec._support.messages import either, shown
from item2vec.errors import ParameterError
from item2vec.reading.duckdb_session import Database, QueryError, quote_name
from item2vec.reading.sql_allowed import MOST_CHARACTERS, parts, refusal
from item2vec.reading.sql_values import number
from item2vec.reading.tables import Table, Tables

# A column of text is taken for what nine in ten of its first values are.
SAMPLE = 10_000
SHARE = 0.9

_EXAMPLE = 'give an SQL predicate over the columns, such as "Quantity > 0"'


class PredicateError(ParameterError):
    """A predicate does not work.

    Parameters
    ----------
    why : str
    message : str
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


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


def misunderstood(where: str, why: str) -> PredicateError:
    """Return the error for a predicate that does not work."""
    written = f"{either('--where ', 'where=')}{shown(where)}"
    return PredicateError(why, f"{written} does not work: {why}: {_EXAMPLE}")


def _columns_of(database: Database, where: str) -> list[str]:
    """Return the names that a predicate uses; raise ParameterError if it is none."""
    statements = [_parsed(database, "true"), _parsed(database, where)]
    clauses = [node.pop("where_clause", None) for node in statements]
    # Whatever closes the bracket and goes on (UNION, GROUP BY, ...) makes another statement of it.
    if statements[0] != statements[1] or not where.strip():
        raise misunderstood(where, "it is not one predicate")
    why = refusal(clauses[1])
    if why is not None:
        raise misunderstood(where, why)
    return [
        str(part["column_names"][-1])
        for part, _ in parts(clauses[1])
        if part["class"] == "COLUMN_REF"
    ]


def _parsed(database: Database, where: str) -> dict[str, Any]:
    """Return DuckDB's own reading of ``SELECT 1 WHERE (...)``."""
    if len(where) > MOST_CHARACTERS:
        raise misunderstood(where, f"it has more than {MOST_CHARACTERS:,} characters")
    ((text,),) = database.rows(
        "SELECT json_serialize_sql(CAST(? AS VARCHAR))", [f"SELECT 1 WHERE (\n{where}\n)"]
    )
    try:
        parsed = json.loads(text)
    except RecursionError as error:
        raise misunderstood(where, "it is nested too deeply") from error
    if parsed["error"]:
        if parsed["error_message"].startswith("Max expression depth"):
            raise misunderstood(where, "it is nested too deeply")
        raise misunderstood(where, parsed["error_message"].partition("\n")[0])
    if len(parsed["statements"]) != 1:
        raise misunderstood(where, "it is not one predicate")
    node: dict[str, Any] = parsed["statements"][0]["node"]
    return node


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
