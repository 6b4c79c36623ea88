"""Explanations of conditions that DuckDB runs, but that mean something else than is written."""

import re

from item2vec._support.messages import shown
from item2vec.reading.conditions.dates import explain_clock, explain_date
from item2vec.reading.conditions.kinds import BOOLEAN, NUMBER, TEXT, TIME
from item2vec.reading.conditions.numbers import is_number, plain_number
from item2vec.reading.conditions.spelling import explain_dates, explain_months
from item2vec.reading.conditions.syntax import (
    Comparison,
    Condition,
    Edit,
    Explanation,
    Node,
    comparisons,
    literal_kind,
    name_in_sql,
    operands,
    replace_unquoted,
)
from item2vec.reading.conditions.values import ColumnValues

_NULLS = {"none", "nan", "null"}  # names of a missing value, also in Python
_EQUALITIES = {"COMPARE_EQUAL", "COMPARE_NOTEQUAL"}
_LIKE = {"~~", "!~~", "~~*", "!~~*"}


def explain_mistake(condition: Condition, values: ColumnValues) -> Explanation | None:
    """Explain a condition that means something else than is written; None if it seems right."""
    if (found := _explain_null(condition)) is not None:
        return found
    if (found := explain_dates(condition.where)) is not None:
        return found
    if (found := explain_months(condition.where)) is not None and _has_times(condition, values):
        return found
    if (found := _explain_quotes(condition)) is not None:
        return found
    if (found := _explain_operands(condition, values)) is not None:
        return found
    for comparison in comparisons(condition):
        for explain in (explain_date, explain_clock, _explain_numbers):
            if (found := explain(condition, values, comparison)) is not None:
                return found
    return None


def _has_times(condition: Condition, values: ColumnValues) -> bool:
    """Return whether a condition uses a column of times or Unix times."""
    names = {name for node in condition.nodes("COLUMN_REF") if (name := condition.column(node))}
    kinds = {name: condition.kinds[name] for name in names}
    return any(
        kind == TIME or (kind == NUMBER and values.time(name, kind)) for name, kind in kinds.items()
    )


def _explain_null(condition: Condition) -> Explanation | None:
    """Explain a comparison with NULL, which is true of no record; None if there is none."""
    for node in condition.nodes("COMPARISON"):
        if node["type"] not in _EQUALITIES or not any(
            _is_null(condition, side) for side in operands(node)
        ):
            continue
        test = "IS NULL" if node["type"] == "COMPARE_EQUAL" else "IS NOT NULL"
        corrected = replace_unquoted(
            condition.where,
            rf"(?:==?|<>|!=)\s*(?:{'|'.join(_NULLS)})\b",
            lambda found: "IS NULL" if found.startswith("=") else "IS NOT NULL",
        )
        return Explanation(f"a comparison with NULL is never true; write {test}", corrected)
    return None


def with_null_tests(condition: Condition) -> str:
    """Return a condition with IS NULL instead of = '', which is true of no record of a CSV file."""
    for each in comparisons(condition):
        is_equality = each.node["type"] == "COMPARE_EQUAL" and each.texts == [""]
        if is_equality and each.column is operands(each.node)[0]:
            column, value = each.column, each.values[0]
            written = f"{condition.written(column)} IS NULL"
            return condition.replaced(column, value, written)
    return condition.where


def _is_null(condition: Condition, node: Node) -> bool:
    if literal_kind(node) == "NULL_LITERAL":
        return True
    if node["class"] != "COLUMN_REF" or condition.column(node) is not None:
        return False
    return condition.written(node).casefold() in _NULLS


def _explain_quotes(condition: Condition) -> Explanation | None:
    """Explain a comparison of texts of which one is the name of a column."""
    names = {name.casefold(): name for name in condition.kinds}
    for node in condition.nodes("COMPARISON", "BETWEEN", "OPERATOR", "FUNCTION"):
        is_like = node["class"] == "FUNCTION" and node["function_name"] in _LIKE
        sides = operands(node)
        if not (is_like or str(node["type"]).startswith("COMPARE")) or len(sides) < 2:
            continue
        if not all(literal_kind(side) for side in sides):
            continue
        for side in sides:
            text = str(side["literal"].get("text", ""))
            if literal_kind(side) == "STRING" and text.casefold() in names:
                name = name_in_sql(names[text.casefold()])
                return Explanation(
                    f"{shown(text)} in single quotes is a string, and not the column {name}",
                    condition.edited([Edit(side, name)]),
                )
    return None


def _explain_operands(condition: Condition, values: ColumnValues) -> Explanation | None:
    """Explain operands of AND, OR and NOT that are neither true nor false."""
    for node in condition.nodes("CONJUNCTION", "OPERATOR"):
        if node["class"] == "OPERATOR" and node["type"] != "OPERATOR_NOT":
            continue
        for place, child in enumerate(node["children"]):
            if literal_kind(child) not in {"", "BOOLEAN"}:
                why = f"{condition.written(child)} is not true or false"
                return Explanation(why, _listed(condition, node, place))
            name = condition.column(child)
            if name is not None and not _is_test(values, name, kind := condition.kinds[name]):
                return Explanation(f"{name_in_sql(name)} is {kind}, not true or false")
    return None


def _is_test(values: ColumnValues, name: str, kind: str) -> bool:
    """Return whether a column is Boolean, or has only values such as 0 and 1."""
    if kind == BOOLEAN:
        return True
    truths = {NUMBER: {"0", "1", "0.0", "1.0"}, TEXT: {"true", "false"}}
    return {value.casefold() for value in values.sample(name)} <= truths.get(kind, set())


def _listed(condition: Condition, node: Node, place: int) -> str | None:
    """Return a condition with IN instead of a comparison and further values after AND or OR.

    Parameters
    ----------
    condition : Condition
    node : mapping
        The conjunction.
    place : int
        The first of its operands that is a literal.
    """
    children: list[Node] = node["children"]
    if place == 0:  # column = (1 or 2)
        parents = condition.nodes("COMPARISON")
        found = next((each for each in parents if operands(each)[1] is node), None)
        further = list(children)
    else:
        found, further = children[place - 1], []
        for child in children[place:]:
            if literal_kind(child) in {"", "BOOLEAN"}:
                break
            further.append(child)
    if found is None or found["type"] not in _EQUALITIES or not all(map(literal_kind, further)):
        return None
    column, value = operands(found)
    if condition.column(column) is None or (place > 0 and not literal_kind(value)):
        return None
    literals = further if place == 0 else [value, *further]
    written = ", ".join(condition.written(each) for each in literals)
    test = "IN" if found["type"] == "COMPARE_EQUAL" else "NOT IN"
    whole = re.sub("'[^']*'", "", condition.between(column, further[-1]))
    closing = ")" * (1 - whole.count("(") + whole.count(")"))
    return condition.replaced(
        column, further[-1], f"{condition.written(column)} {test} ({written}{closing}"
    )


def _explain_numbers(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation | None:
    """Explain a comparison of numbers as texts, in which 9 is larger than 10."""
    texts, name = comparison.texts, comparison.name
    if not (texts and comparison.is_ordering and all(map(is_number, texts))):
        return None
    if condition.kinds[name] != TEXT or (number := values.number(name, 1)) is None:
        return None
    sample = values.sample(name)
    if (
        all(text.isdigit() for text in (*texts, *sample))
        and len({*map(len, (*texts, *sample))}) == 1
    ):
        return None
    edits = [
        Edit(value, plain_number(str(value["literal"]["text"]).strip()))
        for value in comparison.values
        if literal_kind(value) == "STRING"
    ]
    why = f"{name_in_sql(name)} is compared as text, and not as a number"
    if not all(edit.text for edit in edits):
        return Explanation(why)
    return Explanation(why, condition.edited([Edit(comparison.column, number), *edits]))
