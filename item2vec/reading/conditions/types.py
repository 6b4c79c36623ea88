"""Explanations of conditions that compare values of different types, or use wrong functions."""

import re
from collections.abc import Sequence

from item2vec._support.messages import shown
from item2vec.reading.conditions.allowed import ARITHMETIC, TIMES
from item2vec.reading.conditions.dates import explain_literal, year_of
from item2vec.reading.conditions.kinds import NUMBER, TEXT, TIME
from item2vec.reading.conditions.numbers import is_plain_number, plain_number
from item2vec.reading.conditions.spelling import WORDS, in_parentheses, quoted_months, words
from item2vec.reading.conditions.syntax import (
    NUMBERS,
    Comparison,
    Condition,
    Edit,
    Explanation,
    Node,
    comparisons,
    literal_kind,
    name_in_sql,
    operands,
)
from item2vec.reading.conditions.values import (
    LEAST,
    ColumnValues,
)
from item2vec.reading.duckdb_session import quote_text

_LIKE = {"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}
TEXT_FUNCTIONS = frozenset(_LIKE) | frozenset(
    """
    ~~~ ^@ contains starts_with ends_with prefix suffix regexp_matches regexp_full_match
    regexp_extract lower upper lcase ucase trim ltrim rtrim substr substring left right length len
    split_part like_escape ilike_escape not_like_escape not_ilike_escape
    """.split()  # noqa: SIM905
)
_LISTS = frozenset("list_contains list_has array_contains array_has".split())  # noqa: SIM905
_OF_CLOCKS = frozenset("hour minute second millisecond microsecond".split())  # noqa: SIM905
_EQUALITIES = {"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_IN", "COMPARE_NOT_IN"}
_NEEDED = {TEXT: "text"}


def type_error(condition: Condition, values: ColumnValues, message: str) -> Explanation | None:
    """Explain values or arguments of the wrong type; return None if all seem right."""
    if (listed := in_parentheses(condition.where)) != condition.where:
        return Explanation("IN takes its values in parentheses", listed)
    if (months := quoted_months(condition.where)) != condition.where:
        return Explanation("dates take single quotes", months)
    if match := re.search(r"(?:given name and argument types|in function:) '([^\s(]+)\(", message):
        if match[1] in {"&", "|"}:
            return Explanation(WORDS, words(condition.where))
        return _wrong_argument(condition, values, match[1])
    for comparison in comparisons(condition):
        if (found := _wrong_comparison(condition, values, comparison)) is not None:
            return found
    if match := re.match(r'invalid (?:timestamp|date) field format: "(.*?)"', message):
        return explain_literal(condition, values, match[1])
    return _wrong_cast(condition, message)


def _wrong_comparison(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation | None:
    """Explain a comparison of a column with literals of another type."""
    kind, written = condition.kinds[comparison.name], name_in_sql(comparison.name)
    numbers = comparison.numbers
    if kind == TEXT and numbers:
        return _text_and_number(condition, values, comparison)
    if kind == NUMBER:
        for value in comparison.values:
            text = str(value["literal"]["text"]) if literal_kind(value) == "STRING" else "0"
            if not is_plain_number(text):
                point = plain_number(text)
                edited = condition.edited([Edit(value, point)]) if point else None
                return Explanation(
                    f"{written} is a number, and {condition.written(value)} is not", edited
                )
    if kind == TIME and numbers:
        return Explanation(
            f"{written} is a time, and {condition.written(numbers[0])} is a number",
            year_of(condition, comparison, written),
        )
    return None


def _text_and_number(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation:
    """Explain a comparison of a column of text with numbers."""
    name, column = comparison.name, comparison.column
    numbers = comparison.numbers
    sample = values.sample(name)
    other = next((text for text in sample if not is_plain_number(text)), None)
    example = "" if other is None else f" such as {shown(other)}"
    why = f"{name_in_sql(name)} is text{example}, and {condition.written(numbers[0])} is a number"
    if other is None or comparison.node["type"] not in _EQUALITIES:
        number = values.number(name, LEAST)
    else:
        number = values.number(name, 1)  # in another notation
    if comparison.node["type"] in _EQUALITIES and (other is None or number is None):
        edits = [Edit(value, quote_text(condition.written(value))) for value in numbers]
        return Explanation(why, condition.edited(edits))
    if number is not None:
        return Explanation(why, condition.edited([Edit(column, number)]))
    if (clock := values.clock(name)) is not None:
        return Explanation(why, condition.edited([Edit(column, f"hour({clock})")]))
    return Explanation(
        why, year_of(condition, comparison, values.time(name, condition.kinds[name]))
    )


def _wrong_argument(
    condition: Condition, values: ColumnValues, function: str
) -> Explanation | None:
    """Explain a function or an operator that can't be used with its arguments."""
    called = _LIKE.get(function, function)
    for node in condition.nodes("FUNCTION"):
        if node["function_name"] != function:
            continue
        arguments = operands(node)
        if function in _LISTS:
            return _wrong_element(condition, arguments, called)
        for argument in arguments:
            name = condition.column(argument)
            wanted = _wanted(function)
            if name is None or wanted is None or condition.kinds[name] == wanted:
                continue
            if condition.kinds[name] == TIME and wanted == NUMBER:
                continue
            written = name_in_sql(name)
            converted = _as(values, name, condition.kinds[name], wanted, function)
            return Explanation(
                f"{called} needs {_NEEDED.get(wanted, wanted)}, and {written} is "
                f"{condition.kinds[name]}",
                None if converted is None else condition.edited([Edit(argument, converted)]),
            )
        for argument in arguments:
            if _wanted(function) == TEXT and literal_kind(argument) in NUMBERS:
                number = condition.written(argument)
                edit = Edit(argument, quote_text(number))
                return Explanation(
                    f"{called} needs text, and {number} is a number", condition.edited([edit])
                )
    return Explanation(f"{called} can't be used with values of these types")


def _wanted(function: str) -> str | None:
    """Return the kind of the arguments of a function, None if it is not known."""
    if function in TEXT_FUNCTIONS:
        return TEXT
    if function in TIMES:
        return TIME
    return NUMBER if function in ARITHMETIC else None


def _as(values: ColumnValues, name: str, kind: str, wanted: str, function: str) -> str | None:
    """Return the SQL for a column with values of another kind, None if it has no such values."""
    if wanted == TEXT:
        return f"{name_in_sql(name)}::VARCHAR"
    if wanted == NUMBER:
        return values.number(name, LEAST)
    clock = values.clock(name) if function in _OF_CLOCKS else None
    return clock or values.time(name, kind)


def _wrong_element(condition: Condition, arguments: Sequence[Node], called: str) -> Explanation:
    """Explain a search in a list for an element of another type."""
    column, element = arguments[0], arguments[-1]
    name = condition.column(column)
    if name is None:
        return Explanation(f"{called} can't be used with values of these types")
    kind, written = condition.kinds[name], name_in_sql(name)
    if not kind.endswith("[]"):
        return Explanation(f"{called} needs a list, and {written} is {kind}")
    why = f"{condition.written(element)} is not of the type of the elements of {written}"
    if kind == "VARCHAR[]" and literal_kind(element) in NUMBERS:
        edit = Edit(element, quote_text(condition.written(element)))
        return Explanation(why, condition.edited([edit]))
    return Explanation(why)


def _wrong_cast(condition: Condition, message: str) -> Explanation | None:
    """Explain values that can't be converted to the type that the condition needs."""
    columns = [name for node in condition.nodes("COLUMN_REF") if (name := condition.column(node))]
    texts = [name_in_sql(name) for name in columns if condition.kinds[name] == TEXT]
    if match := re.match(r"Could not convert string '(.*)' to (\w+)", message):
        what = "true or false" if match[2].startswith("BOOL") else "a number"
        if re.search("DATE|TIME", match[2]):
            what = "a date such as '2021-01-31'"
        hint = f"; {texts[0]} is text" if texts else ""
        casts = [node for node in condition.nodes("CAST") if not node.get("try_cast", False)]
        tried = f", or use TRY_CAST({texts[0]} AS ...)" if texts and casts else ""
        return Explanation(f"{shown(match[1])} is not {what}{hint}{tried}")
    if message.startswith(("Cannot compare values", "Unimplemented type for cast")) and texts:
        return Explanation(f"{texts[0]} is text; as a number it is {texts[0]}::DOUBLE")
    return None
