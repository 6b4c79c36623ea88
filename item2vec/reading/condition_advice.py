"""Explanations of SQL conditions that can't be used, with corrected conditions where possible.

DuckDB's messages name its own types, and columns that exist only inside this package. What is wrong
is therefore explained from the syntax of the condition and the columns of the source.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from item2vec._support.did_you_mean import nearest_names
from item2vec._support.messages import brief, shown
from item2vec.reading.condition_syntax import (
    Condition,
    Edit,
    Node,
    literal_kind,
    name_in_sql,
    needs_quotes,
    operands,
    replace_unquoted,
)
from item2vec.reading.condition_types import TEXT, kind_of, type_error
from item2vec.reading.duckdb_session import quote_name, quote_text

# Parts of DuckDB's messages on casts, types and columns that a condition does not show.
_INTERNAL = re.compile(
    r"\s*(when casting from source column.*|- an explicit cast is required|Candidate .*"
    r"|You might need to add explicit type casts\.?|in COALESCE operator)"
)


class Explanation(NamedTuple):
    """Why a condition can't be used, and the condition that was probably meant, if known."""

    why: str
    corrected: str | None = None


def explain_syntax(where: str, message: str, columns: Sequence[str]) -> Explanation:
    """Explain why a condition can't be parsed.

    Parameters
    ----------
    where : str
        The condition.
    message : str
        DuckDB's message.
    columns : sequence of str
        The columns of the source.
    """
    if message.startswith("unterminated"):
        mark, what = ('"', "a double quote") if "identifier" in message else ("'", "a quote")
        return Explanation(f"{what} ({mark}) is opened and not closed")
    if (quoted := _quoted_names(where, columns)) != where:
        return Explanation("a column name with blanks or signs must be in double quotes", quoted)
    words = replace_unquoted(replace_unquoted(where, "&&", "AND"), r"\|\|", "OR")
    if words != where:
        return Explanation("SQL writes AND and OR for && and ||", words)
    if (straight := _straight(where)) != where:
        return Explanation("it contains typographic quotes", straight)
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "", where)
    if plain.count("(") != plain.count(")"):
        return Explanation("its parentheses are not balanced")
    if message.endswith('near ")"') and not plain.rstrip().endswith(")"):
        return Explanation("it is incomplete")
    return Explanation(message)


def explain_null(condition: Condition) -> Explanation | None:
    """Explain a comparison with NULL, which is true of no record; None if there is none."""
    for node in condition.nodes("COMPARISON"):
        sides = operands(node)
        if node["type"] not in {"COMPARE_EQUAL", "COMPARE_NOTEQUAL"}:
            continue
        if any(literal_kind(side) == "NULL_LITERAL" for side in sides):
            test = "IS NULL" if node["type"] == "COMPARE_EQUAL" else "IS NOT NULL"
            corrected = replace_unquoted(
                condition.where,
                r"(?:==?|<>|!=)\s*NULL\b",
                lambda found: "IS NULL" if found.startswith("=") else "IS NOT NULL",
            )
            return Explanation(f"a comparison with NULL is never true; write {test}", corrected)
    return None


def explain(condition: Condition, message: str) -> Explanation:
    """Explain why a condition can't be run.

    Parameters
    ----------
    condition : Condition
    message : str
        DuckDB's message.
    """
    if match := re.match(r'Referenced column "(.*?)" not found', message):
        return unknown_column(condition, match[1])
    if re.match(r"Referenced table ", message):
        return _qualified(condition)
    if (found := type_error(condition, message)) is not None:
        return Explanation(*found)
    if match := re.match(r"Cannot mix values of type (\w+) and BOOLEAN", message):
        kind = {TEXT: "a text"}.get(kind_of(match[1]), kind_of(match[1]))
        return Explanation(f"its value is {kind}, and not true or false")
    return Explanation(_INTERNAL.sub("", message).strip().rstrip("."))


def unknown_column(condition: Condition, name: str) -> Explanation:
    """Explain a name that is no column: a misspelled one, or a text in the wrong quotes."""
    columns = list(condition.kinds)
    if (quoted := _quoted_names(condition.where, columns)) != condition.where:
        return Explanation("a column name with blanks or signs must be in double quotes", quoted)
    if (straight := _straight(condition.where)) != condition.where:
        return Explanation("it contains typographic quotes", straight)
    unknown = [
        node
        for node in condition.nodes("COLUMN_REF")
        if len(node["column_names"]) == 1 and str(node["column_names"][0]) == name
    ]
    in_quotes = any(condition.written(node).startswith('"') for node in unknown)
    near = nearest_names(name, columns, 1)
    if near and not (in_quotes and _are_values(condition, unknown)):
        edits = [Edit(node, name_in_sql(near[0])) for node in unknown]
        return Explanation(
            f"there is no column {shown(name)}; did you mean {near[0]}?", condition.edited(edits)
        )
    is_value = _are_values(condition, unknown)
    corrected = None
    if is_value:
        corrected = condition.edited([Edit(node, quote_text(name)) for node in unknown])
    if in_quotes:
        why = f'"{name}" in double quotes is a column, and there is none of this name'
        return Explanation(f"{why}; a text is in single quotes", corrected)
    listed = brief(", ".join(columns))
    hint = "; a text is in single quotes" if is_value else ""
    return Explanation(f"there is no column {shown(name)} (there are {listed}){hint}", corrected)


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
    why = f"{missing} names a table, and there are only columns"
    return Explanation(why, condition.edited(edits) if edits else None)


def _straight(where: str) -> str:
    """Return a condition with straight quotes instead of typographic ones."""
    return replace_unquoted(where, "[\u2018\u2019\u201a\u201c\u201d\u201e]", "'")


def _quoted_names(where: str, columns: Sequence[str]) -> str:
    """Return a condition with the names of columns that are not plain in double quotes."""
    for name in sorted(filter(needs_quotes, columns), key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        where = replace_unquoted(where, pattern, quote_name(name))
    return where
