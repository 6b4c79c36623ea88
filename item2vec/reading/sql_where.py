"""Checks of SQL conditions from users, before they are run.

A condition may use the columns of the table, and the expressions and functions that
`item2vec.reading.sql_allowed` permits, which limits its memory. It runs in a database that can't
read other files.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from item2vec._support.messages import either, setting, shown
from item2vec.errors import DataError, ParameterError
from item2vec.reading import sql_values
from item2vec.reading.condition_advice import (
    explain,
    explain_null,
    explain_syntax,
    unknown_column,
)
from item2vec.reading.condition_syntax import (
    BEFORE,
    Condition,
    Node,
    operands,
    replace_unquoted,
)
from item2vec.reading.condition_types import BOOLEAN, NUMBER, TEXT_FUNCTIONS, TIME, kind_of
from item2vec.reading.duckdb_session import Database, QueryError, quote_name
from item2vec.reading.sql_allowed import MOST_CHARACTERS, why_not_allowed
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables
from item2vec.reading.time_formats import find_time_formats, short_year

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
    corrected : str, optional
        The condition that was probably meant.
    """

    def __init__(self, why: str, message: str, corrected: str | None = None) -> None:
        super().__init__(message)
        self.why = why
        self.corrected = corrected


@dataclass(frozen=True)
class TypedCondition:
    """A checked condition, and the columns that it uses with their types.

    Parameters
    ----------
    condition : Condition
    star : str
        The SQL for the columns, ``* REPLACE (...)``. In formats without types, columns are
        converted to numbers, times or Boolean values.
    """

    condition: Condition
    star: str

    def columns(self) -> list[str]:
        """Return the columns that the condition uses, each once."""
        nodes = self.condition.nodes("COLUMN_REF")
        names = [name for node in nodes if (name := self.condition.column(node)) is not None]
        return list(dict.fromkeys(names))

    def error(self, error: QueryError) -> ConditionError:
        """Return the error for a condition that DuckDB can't run."""
        why, corrected = explain(self.condition, str(error))
        return condition_error(self.condition.where, why, corrected)


def check_condition(
    tables: Tables,
    where: str,
    texts: Sequence[str],
    formats: Mapping[str, Sequence[str]] | None = None,
) -> TypedCondition:
    """Check a condition, and determine the types of the columns that it uses.

    Parameters
    ----------
    tables : Tables
    where : str
        The condition.
    texts : sequence of str
        Columns that are not converted: the ids.
    formats : mapping of str to sequence of str, optional
        The strptime formats of columns of times, if they are known.

    Raises
    ------
    ConditionError
        If this is not a single condition on the columns of the tables.
    """
    first = tables.first
    tree = _checked_tree(tables.database, where, first.columns)
    kinds = {name: kind_of(sql_type) for name, sql_type in first.types.items()}
    condition = Condition(where, tree, kinds)
    _check_names(condition)
    if (null := explain_null(condition)) is not None:
        raise condition_error(where, *null)
    typed = _typed(tables, condition, texts, formats or {})
    casts = [f"{each.value} AS {quote_name(name)}" for name, each in typed.items()]
    star = f"* REPLACE ({', '.join(casts)})" if casts else "*"
    kinds = kinds | {name: each.kind for name, each in typed.items()}
    checked = TypedCondition(Condition(where, tree, kinds), star)
    try:
        tables.database.rows(
            f"SELECT 1 FROM (SELECT {star} FROM ({first.relation})) "
            f"WHERE coalesce((\n{where}\n), false) LIMIT 0"
        )
    except QueryError as error:
        raise checked.error(error) from error
    return checked


def _check_names(condition: Condition) -> None:
    """Raise ConditionError if a condition uses a column that exists only inside this package."""
    for name in _columns_of(condition):
        if name.casefold().startswith("item2vec "):
            raise condition_error(condition.where, *unknown_column(condition, name))


def _typed(
    tables: Tables,
    condition: Condition,
    texts: Sequence[str],
    formats: Mapping[str, Sequence[str]],
) -> "dict[str, Converted]":
    """Return the columns of text that are converted for a condition."""
    names = {name.casefold() for name in _columns_of(condition)}
    typed = {}
    for name in tables.first.columns:
        if not tables.first.is_untyped or name in texts or name.casefold() not in names:
            continue
        converted = _converted(tables, name, formats.get(name, ()))
        if converted is not None and not _is_only_text(condition, name):
            typed[name] = converted
    return typed


def first_values(table: Table, column: str, n: int) -> str:
    """Return the query for the `n` most frequent of the first values of a column, as text."""
    name = quote_name(column)
    return (
        f"SELECT CAST({name} AS VARCHAR) FROM (SELECT {name} FROM ({table.relation}) "
        f"LIMIT {SAMPLE}) GROUP BY {name} ORDER BY count(*) DESC, {name} LIMIT {n}"
    )


def condition_error(where: str, why: str, corrected: str | None = None) -> ConditionError:
    """Return the error for a condition that can't be used.

    Parameters
    ----------
    where, why : str
        The condition, and the reason.
    corrected : str, optional
        The condition that was probably meant.
    """
    written = f"{either('--where ', 'where=')}{shown(where)}"
    remedy = _EXAMPLE if corrected is None else f"write {setting('where', corrected)}"
    return ConditionError(why, f"{written} does not work: {why}: {remedy}", corrected)


def _checked_tree(database: Database, where: str, columns: Sequence[str]) -> Node:
    """Check a condition without running it, and return its syntax tree."""
    statements = [_parsed(database, "true", columns), _parsed(database, where, columns)]
    clauses = [node.pop("where_clause", None) for node in statements]
    # A condition that closes the bracket and continues (UNION, GROUP BY, ...) would change the rest
    # of the statement.
    if statements[0] != statements[1] or not where.strip():
        raise condition_error(where, "it is not a single condition")
    why = why_not_allowed(clauses[1])
    if why is not None:
        words = replace_unquoted(where, "&&", "AND")
        raise condition_error(where, why, words if words != where else None)
    tree: Node = clauses[1]
    return tree


def _columns_of(condition: Condition) -> list[str]:
    return [str(node["column_names"][-1]) for node in condition.nodes("COLUMN_REF")]


def _is_only_text(condition: Condition, name: str) -> bool:
    """Return whether a condition uses a column only in functions of texts, such as LIKE."""
    is_text = [
        condition.column(argument) == name
        for node in condition.nodes("FUNCTION")
        if node["function_name"] in TEXT_FUNCTIONS
        for argument in operands(node)
    ]
    uses = [condition.column(node) == name for node in condition.nodes("COLUMN_REF")]
    return sum(is_text) == sum(uses)


def _parsed(database: Database, where: str, columns: Sequence[str]) -> dict[str, Any]:
    """Return the syntax tree of ``SELECT 1 WHERE (...)`` from DuckDB's parser."""
    if len(where) > MOST_CHARACTERS:
        raise condition_error(where, f"it has more than {MOST_CHARACTERS:,} characters")
    ((text,),) = database.rows(
        "SELECT json_serialize_sql(CAST(? AS VARCHAR))", [f"{BEFORE}{where}\n)"]
    )
    try:
        parsed = json.loads(text)
    except RecursionError as error:
        raise condition_error(where, "it is nested too deeply") from error
    if parsed["error"]:
        if parsed["error_message"].startswith("Max expression depth"):
            raise condition_error(where, "it is nested too deeply")
        message = parsed["error_message"].partition("\n")[0]
        raise condition_error(where, *explain_syntax(where, message, columns))
    if len(parsed["statements"]) != 1:
        raise condition_error(where, "it is not a single condition")
    node: dict[str, Any] = parsed["statements"][0]["node"]
    return node


class Converted(NamedTuple):
    """The SQL of a converted column, and the kind of its values."""

    value: str
    kind: str


def _converted(tables: Tables, name: str, formats: Sequence[str]) -> Converted | None:
    """Return a column of text converted to the best type; None if it remains text."""
    database, table, value = tables.database, tables.first, quote_name(name)
    if formats:
        return Converted(sql_values.timestamp(value, formats), TIME)
    casts = [
        Converted(sql_values.number(value), NUMBER),
        Converted(f"TRY_CAST({value} AS TIMESTAMP)", TIME),
        Converted(f"TRY_CAST({value} AS BOOLEAN)", BOOLEAN),
    ]
    tests = [*(each.value for each in casts), f"nullif({short_year(value)}, false)"]
    counts = ", ".join(f"count({each})" for each in tests)
    ((present, *fitting, n_short),) = database.rows(
        f"SELECT count(*) FILTER (trim({value}) <> ''), {counts} "
        f"FROM (SELECT {value} FROM ({table.relation}) LIMIT {SAMPLE})"
    )
    for cast, n in zip(casts, fitting, strict=True):
        is_short = cast.kind == TIME and n_short >= SHARE * present
        if present and n >= SHARE * present and not is_short:
            return cast
    with contextlib.suppress(DataError):  # where day and month are ambiguous, it remains text
        found = find_time_formats(tables, name, least=SHARE).formats
        if found:
            return Converted(sql_values.timestamp(value, found), TIME)
    return None
