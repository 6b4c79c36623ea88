"""Checks of SQL conditions from users, before they are run.

A condition may use the columns of the table, and the expressions and functions that
`item2vec.reading.sql_allowed` permits, which limits its memory. It runs in a database that can't
read other files.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import json
from collections.abc import Sequence
from typing import Any

from item2vec._support.messages import either, shown
from item2vec.errors import ParameterError
from item2vec.reading.duckdb_session import Database, QueryError, quote_name
from item2vec.reading.sql_allowed import MOST_CHARACTERS, expressions, why_not_allowed
from item2vec.reading.sql_values import number
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables

# A text column is converted to a type if this fraction of its first values can be converted.
SAMPLE = 10_000
SHARE = 0.9

_EXAMPLE = 'give an SQL condition on the columns, such as "Quantity > 0"'


class ConditionError(ParameterError):
    """An SQL condition can't be used.

    Parameters
    ----------
    why : str
        The reason.
    message : str
        The complete message.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


def typed_columns(tables: Tables, where: str, texts: Sequence[str]) -> str:
    """Check a condition, and return the SQL for the columns that it uses: ``* REPLACE (...)``.

    In formats without types, columns are converted to numbers, times or Boolean values.

    Parameters
    ----------
    tables : Tables
    where : str
        The condition.
    texts : sequence of str
        Columns that are not converted: the ids.

    Raises
    ------
    ConditionError
        If this is not a single condition on the columns of the tables.
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
        raise condition_error(where, f"{error}{hint}") from error
    return star


def condition_error(where: str, why: str) -> ConditionError:
    """Return the error for a condition that can't be used."""
    written = f"{either('--where ', 'where=')}{shown(where)}"
    return ConditionError(why, f"{written} does not work: {why}: {_EXAMPLE}")


def _columns_of(database: Database, where: str) -> list[str]:
    """Check a condition without running it, and return the names of columns that it uses."""
    statements = [_parsed(database, "true"), _parsed(database, where)]
    clauses = [node.pop("where_clause", None) for node in statements]
    # A condition that closes the bracket and continues (UNION, GROUP BY, ...) would change the rest
    # of the statement.
    if statements[0] != statements[1] or not where.strip():
        raise condition_error(where, "it is not a single condition")
    why = why_not_allowed(clauses[1])
    if why is not None:
        raise condition_error(where, why)
    return [
        str(node["column_names"][-1])
        for node, _ in expressions(clauses[1])
        if node["class"] == "COLUMN_REF"
    ]


def _parsed(database: Database, where: str) -> dict[str, Any]:
    """Return the syntax tree of ``SELECT 1 WHERE (...)`` from DuckDB's parser."""
    if len(where) > MOST_CHARACTERS:
        raise condition_error(where, f"it has more than {MOST_CHARACTERS:,} characters")
    ((text,),) = database.rows(
        "SELECT json_serialize_sql(CAST(? AS VARCHAR))", [f"SELECT 1 WHERE (\n{where}\n)"]
    )
    try:
        parsed = json.loads(text)
    except RecursionError as error:
        raise condition_error(where, "it is nested too deeply") from error
    if parsed["error"]:
        if parsed["error_message"].startswith("Max expression depth"):
            raise condition_error(where, "it is nested too deeply")
        raise condition_error(where, parsed["error_message"].partition("\n")[0])
    if len(parsed["statements"]) != 1:
        raise condition_error(where, "it is not a single condition")
    node: dict[str, Any] = parsed["statements"][0]["node"]
    return node


def _converted(database: Database, table: Table, name: str) -> str | None:
    """Return the SQL that converts a column of text to the best type; None if it remains text."""
    value = quote_name(name)
    casts = [number(value)] + [
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
