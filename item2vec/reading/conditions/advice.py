"""Explanations of SQL conditions that can't be used, with corrected conditions where possible.

DuckDB's messages name its own types, and columns that exist only inside this package. What is wrong
is therefore explained from the syntax of the condition and the columns of the source.
"""

import difflib
import re
from collections.abc import Sequence

from item2vec._support.did_you_mean import nearest_names
from item2vec._support.messages import brief, shown
from item2vec.reading.conditions.allowed import FUNCTIONS
from item2vec.reading.conditions.kinds import TEXT, kind_of
from item2vec.reading.conditions.spelling import (
    MOST_CORRECTED,
    WORDS,
    alone,
    comparison_signs,
    quoted_keywords,
    quoted_names,
    straight,
    unbracketed,
    words,
)
from item2vec.reading.conditions.syntax import (
    Condition,
    Edit,
    Explanation,
    Node,
    comparisons,
    name_in_sql,
    operands,
    replace_unquoted,
)
from item2vec.reading.conditions.types import type_error
from item2vec.reading.conditions.values import ColumnValues
from item2vec.reading.duckdb_session import quote_text

# Parts of DuckDB's messages on casts, types and columns that a condition does not show.
_INTERNAL = re.compile(
    r"\s*(when casting from source column.*|- an explicit cast is required|Candidate .*"
    r"|You might need to add explicit type casts\.?|in COALESCE operator)"
)
_ALLOWED = "use comparisons, arithmetic and common string, number or date functions"
_ALLOWED_FOR = re.compile("the function|subquery|window|of the kind")


def explain(condition: Condition, values: ColumnValues, message: str) -> Explanation:
    """Explain why a condition can't be run.

    Parameters
    ----------
    condition : Condition
    values : ColumnValues
    message : str
        DuckDB's message.
    """
    if match := re.match(r'Referenced column "(.*?)" not found', message):
        return unknown_column(condition, values, match[1])
    if re.match(r"Referenced table ", message):
        return _qualified(condition)
    if (found := type_error(condition, values, message)) is not None:
        return found
    if match := re.match(r"Cannot mix values of type (\w+) and BOOLEAN", message):
        kind = {TEXT: "a text"}.get(kind_of(match[1]), kind_of(match[1]))
        return Explanation(f"its value is {kind}, not true or false")
    return Explanation(brief(_INTERNAL.sub("", message).strip().rstrip(".")))


def explain_not_allowed(condition: Condition, why: str) -> Explanation:
    """Explain a condition with an expression that is not allowed.

    Parameters
    ----------
    condition : Condition
    why : str
        What `why_not_allowed` returned.
    """
    where, columns = condition.where, list(condition.kinds)
    remedy = _ALLOWED if _ALLOWED_FOR.search(why) else None
    if len(where) > MOST_CORRECTED:
        return Explanation(why, remedy=remedy)
    for other, corrected in (
        ("SQL writes column names in double quotes", unbracketed(where, columns)),
        ("give the condition alone, without SELECT and WHERE", alone(where)),
        ("SQL writes >=, <= and <>", comparison_signs(where)),
    ):
        if corrected != where:
            return Explanation(other, corrected)
    called = [str(node["function_name"]).casefold() for node in condition.nodes("FUNCTION")]
    unknown = [name for name in called if name not in FUNCTIONS]
    if unknown and unknown[0] in {"|", "||", "&&", "~", "!"}:
        return Explanation(WORDS, words(where))
    if "DEFAULT" in why:
        name = "a column that is named like an SQL keyword must be in double quotes"
        return Explanation(name, quoted_keywords(where, ["default"]))
    for name in unknown[:1]:
        for near in difflib.get_close_matches(
            name, sorted(filter(str.isidentifier, FUNCTIONS)), 1, 0.8
        ):
            corrected = replace_unquoted(where, rf"\b{re.escape(name)}(?=\s*\()", near)
            return Explanation(f"{why}; did you mean {near}?", corrected, remedy=_ALLOWED)
    return Explanation(why, remedy=remedy)


def unknown_column(condition: Condition, values: ColumnValues, name: str) -> Explanation:
    """Explain a name that is no column: a misspelled one, or a text in the wrong quotes."""
    columns = list(condition.kinds)
    if (quoted := quoted_names(condition.where, columns)) != condition.where:
        return Explanation(
            "a column name with spaces or punctuation must be in double quotes", quoted
        )
    if (corrected := straight(condition.where)) != condition.where:
        return Explanation("it contains typographic quotes", corrected)
    unknown = [
        node
        for node in condition.nodes("COLUMN_REF")
        if len(node["column_names"]) == 1 and str(node["column_names"][0]) == name
    ]
    in_quotes = any(condition.written(node).startswith('"') for node in unknown)
    is_value = _are_values(condition, unknown)
    near = nearest_names(name, columns, 1)
    if near and not (is_value and (in_quotes or _is_known(condition, values, unknown, name))):
        edits = [Edit(node, name_in_sql(near[0])) for node in unknown]
        return Explanation(
            f"there is no column {shown(name)}; did you mean {near[0]}?", condition.edited(edits)
        )
    edits = _as_texts(condition, in_quotes=in_quotes) if is_value else []
    mended = condition.edited(edits) if is_value else None
    if in_quotes:
        why = f'double quotes mark a column name, and there is no column "{name}"'
        return Explanation(f"{why}; strings take single quotes", mended)
    listed = brief(", ".join(columns))
    hint = "; strings take single quotes" if is_value else ""
    return Explanation(f"there is no column {shown(name)} (there are {listed}){hint}", mended)


def _is_known(condition: Condition, values: ColumnValues, nodes: Sequence[Node], name: str) -> bool:
    """Return whether a name is a value of a column with which it is compared."""
    places = {id(node) for node in nodes}
    compared = [
        each.name
        for each in comparisons(condition)
        if any(id(value) in places for value in each.values)
    ]
    return any(name in values.sample(column) for column in compared)


def _as_texts(condition: Condition, *, in_quotes: bool) -> list[Edit]:
    """Return the edits that write all unknown names that are compared as string literals."""
    return [
        Edit(node, quote_text(str(node["column_names"][0])))
        for node in condition.nodes("COLUMN_REF")
        if len(node["column_names"]) == 1
        and condition.column(node) is None
        and condition.written(node).startswith('"') == in_quotes
        and _are_values(condition, [node])
    ]


def _are_values(condition: Condition, nodes: Sequence[Node]) -> bool:
    """Return whether all names stand where something else is compared with them."""
    values = [
        id(operand)
        for node in condition.nodes("COMPARISON", "BETWEEN", "OPERATOR", "FUNCTION")
        for operand in operands(node)[1:]
    ]
    return all(id(node) in values for node in nodes)


def _qualified(condition: Condition) -> Explanation:
    """Explain a column with the name of a table before it."""
    edits, missing = [], None
    for node in condition.nodes("COLUMN_REF"):
        *tables, name = map(str, node["column_names"])
        if tables:
            known = [each for each in condition.kinds if each.casefold() == name.casefold()]
            edits += [Edit(node, name_in_sql(each)) for each in known]
            missing = missing or condition.written(node)
    why = f"{missing} refers to a table; use column names only"
    return Explanation(why, condition.edited(edits) if edits else None)
