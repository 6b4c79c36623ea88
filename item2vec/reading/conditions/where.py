"""Checks of SQL conditions from users, before they are run.

A condition may use the columns of the table, and the expressions and functions that `allowed`
permits, which limits its memory. It runs in a database that can't read other files.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from item2vec.reading.conditions.advice import explain, explain_not_allowed, unknown_column
from item2vec.reading.conditions.allowed import MOST_CHARACTERS, why_not_allowed
from item2vec.reading.conditions.error import ConditionError
from item2vec.reading.conditions.kinds import kind_of
from item2vec.reading.conditions.mistakes import explain_mistake, with_null_tests
from item2vec.reading.conditions.spelling import MOST_CORRECTED, explain_syntax
from item2vec.reading.conditions.syntax import (
    BEFORE,
    Condition,
    Explanation,
    Node,
    operands,
)
from item2vec.reading.conditions.types import TEXT_FUNCTIONS
from item2vec.reading.conditions.values import ColumnValues, Converted
from item2vec.reading.duckdb_session import QueryError, quote_name
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables

MOST_CORRECTIONS = 20  # of one condition, one after the other
SAMPLE = 10_000  # records for which a corrected condition is run


@dataclass(frozen=True)
class TypedCondition:
    """A checked condition, and the columns that it uses with their types.

    Parameters
    ----------
    condition : Condition
    star : str
        The SQL for the columns, ``* REPLACE (...)``. In formats without types, columns are
        converted to numbers, times or Boolean values.
    checker : ConditionChecker
        What checked it.
    """

    condition: Condition
    star: str
    checker: "ConditionChecker" = field(repr=False)

    def columns(self) -> list[str]:
        """Return the columns that the condition uses, each once."""
        nodes = self.condition.nodes("COLUMN_REF")
        names = [name for node in nodes if (name := self.condition.column(node)) is not None]
        return list(dict.fromkeys(names))

    def tests_of_empty_texts(self) -> str | None:
        """Return the condition with IS NULL for comparisons with empty texts, None without any."""
        corrected = with_null_tests(self.condition)
        return corrected if corrected != self.condition.where else None

    def error(self, error: QueryError) -> ConditionError:
        """Return the error for a condition that DuckDB can't run."""
        explanation = explain(self.condition, self.checker.values, str(error))
        return self.checker.error(self.condition.where, explanation)


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
    checker = ConditionChecker(tables, texts, formats or {})
    try:
        return checker.check(where)
    except _RefusedError as refused:
        raise checker.error(where, refused.explanation) from refused.__cause__


class _RefusedError(Exception):
    """A condition can't be used as it is."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation.why)
        self.explanation = explanation


class ConditionChecker:
    """Checks of conditions on some tables.

    Parameters
    ----------
    tables : Tables
    texts : sequence of str
        Columns that are not converted.
    formats : mapping of str to sequence of str
        The strptime formats of columns of times, if they are known.
    """

    def __init__(
        self, tables: Tables, texts: Sequence[str], formats: Mapping[str, Sequence[str]]
    ) -> None:
        self._tables = tables
        self._texts = texts
        self.values = ColumnValues(tables, formats)

    def check(self, where: str, *, records: int = 0) -> TypedCondition:
        """Check a condition, and run it for some records.

        Raises
        ------
        _RefusedError
            If it can't be used.
        """
        first = self._tables.first
        kinds = {name: kind_of(sql_type) for name, sql_type in first.types.items()}
        condition = Condition(where, self._tree(where, kinds), kinds)
        for name in _columns_of(condition):
            if name.casefold().startswith("item2vec "):  # these exist only inside this package
                raise _RefusedError(unknown_column(condition, self.values, name))
        typed = self._typed(condition)
        casts = [f"{each.value} AS {quote_name(name)}" for name, each in typed.items()]
        star = f"* REPLACE ({', '.join(casts)})" if casts else "*"
        kinds = kinds | {name: each.kind for name, each in typed.items()}
        checked = TypedCondition(Condition(where, condition.tree, kinds), star, self)
        if (found := explain_mistake(checked.condition, self.values)) is not None:
            raise _RefusedError(found)
        try:
            self._tables.database.rows(
                f"SELECT count(*) FROM (SELECT {star} FROM ({first.relation}) LIMIT {records}) "
                f"WHERE coalesce((\n{where}\n), false)"
            )
        except QueryError as error:
            raise _RefusedError(explain(checked.condition, self.values, str(error))) from error
        return checked

    def error(self, where: str, explanation: Explanation) -> ConditionError:
        """Return the error for a condition, with corrections only if they can be used."""
        return ConditionError(where, self._verified(where, explanation))

    def _verified(self, where: str, first: Explanation) -> Explanation:
        """Correct a condition until it can be used; otherwise return no correction."""
        latest, seen = first, {where}
        if len(where) > MOST_CORRECTED:
            return Explanation(first.why, remedy=first.remedy)
        while latest.corrected not in {None, *seen} and len(seen) <= MOST_CORRECTIONS:
            corrected = str(latest.corrected)
            seen.add(corrected)
            try:
                self.check(corrected, records=SAMPLE)
            except _RefusedError as refused:
                latest = refused.explanation
            else:
                return first._replace(corrected=corrected, choices=())
        choices = [] if latest.corrected else [c for c in latest.choices if self._works(c[1])]
        why = first.why
        if latest is not first and latest.corrected is None and latest.why != why:
            why += f"; and {latest.why}"
        if len(choices) == 1:
            return Explanation(why, choices[0][1])
        return Explanation(why, None, choices, latest.remedy or first.remedy)

    def _works(self, where: str) -> bool:
        try:
            self.check(where, records=SAMPLE)
        except _RefusedError:
            return False
        return True

    def _typed(self, condition: Condition) -> dict[str, Converted]:
        """Return the columns of text that are converted for a condition."""
        names = {name.casefold() for name in _columns_of(condition)}
        first = self._tables.first
        typed = {}
        for name in first.columns:
            if not first.is_untyped or name in self._texts or name.casefold() not in names:
                continue
            if _is_only_text(condition, name):
                continue
            if (converted := self.values.converted(name)) is not None:
                typed[name] = converted
        return typed

    def _tree(self, where: str, kinds: Mapping[str, str]) -> Node:
        """Check a condition without running it, and return its syntax tree."""
        if not where.strip():
            raise _RefusedError(Explanation("it is empty"))
        columns = self._tables.first.columns
        statements = [self._parsed(each, columns) for each in ("true", where)]
        clauses = [node.pop("where_clause", None) for node in statements]
        # A condition that closes the bracket and continues (UNION, GROUP BY, ...) would change the
        # rest of the statement.
        if statements[0] != statements[1]:
            raise _RefusedError(Explanation("it is not a single condition"))
        tree: Node = clauses[1]
        if (why := why_not_allowed(tree)) is not None:
            raise _RefusedError(explain_not_allowed(Condition(where, tree, kinds), why))
        return tree

    def _parsed(self, where: str, columns: Sequence[str]) -> dict[str, Any]:
        """Return the syntax tree of ``SELECT 1 WHERE (...)`` from DuckDB's parser."""
        if len(where) > MOST_CHARACTERS:
            raise _RefusedError(Explanation(f"it has more than {MOST_CHARACTERS:,} characters"))
        ((text,),) = self._tables.database.rows(
            "SELECT json_serialize_sql(CAST(? AS VARCHAR))", [f"{BEFORE}{where}\n)"]
        )
        try:
            parsed = json.loads(text)
        except RecursionError as error:
            raise _RefusedError(Explanation("it is nested too deeply")) from error
        if parsed["error"]:
            if parsed["error_message"].startswith("Max expression depth"):
                raise _RefusedError(Explanation("it is nested too deeply"))
            message = parsed["error_message"].partition("\n")[0]
            raise _RefusedError(explain_syntax(where, message, columns))
        if len(parsed["statements"]) != 1:
            raise _RefusedError(Explanation("it is not a single condition"))
        node: dict[str, Any] = parsed["statements"][0]["node"]
        return node


def first_values(table: Table, column: str, n: int) -> str:
    """Return the query for the `n` most frequent of the first values of a column, as text."""
    name = quote_name(column)
    return (
        f"SELECT CAST({name} AS VARCHAR) FROM (SELECT {name} FROM ({table.relation}) "
        f"LIMIT {SAMPLE}) GROUP BY {name} ORDER BY count(*) DESC, {name} LIMIT {n}"
    )


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
