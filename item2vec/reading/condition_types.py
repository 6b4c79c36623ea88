"""Explanations of conditions that compare values of different types, or use wrong functions."""

import re
from collections.abc import Sequence

from item2vec._support.messages import shown
from item2vec.reading.condition_syntax import (
    Condition,
    Edit,
    Node,
    literal_kind,
    name_in_sql,
    operands,
)
from item2vec.reading.duckdb_session import quote_text
from item2vec.reading.sql_allowed import TIMES

# Kinds of columns.
TEXT, NUMBER, TIME, BOOLEAN = "text", "a number", "a time", "true or false"
_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DOUBLE|FLOAT|DECIMAL.*")

_LIKE = {"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}
TEXT_FUNCTIONS = frozenset(_LIKE) | frozenset(
    """
    ~~~ ^@ contains starts_with ends_with prefix suffix regexp_matches regexp_full_match
    regexp_extract lower upper lcase ucase trim ltrim rtrim substr substring left right length len
    split_part like_escape ilike_escape not_like_escape not_ilike_escape
    """.split()  # noqa: SIM905
)
_EQUALITIES = {"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_IN", "COMPARE_NOT_IN"}
_NEEDED = {TEXT: "a text"}
_YEARS = range(1900, 2101)

Found = tuple[str, str | None]  # why, and the corrected condition


def kind_of(sql_type: str) -> str:
    """Return the kind of a column of an SQL type, or the type itself if it is another one."""
    if _NUMBERS.fullmatch(sql_type):
        return NUMBER
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return TIME
    return {"VARCHAR": TEXT, "JSON": TEXT, "BOOLEAN": BOOLEAN}.get(sql_type, sql_type)


def type_error(condition: Condition, message: str) -> Found | None:
    """Explain values or arguments of the wrong type; return None if all seem right."""
    if match := re.search(r"given name and argument types '([^\s(]+)\(", message):
        return _wrong_argument(condition, match[1])
    if match := re.match(r'invalid (?:timestamp|date) field format: "(.*?)"', message):
        return f"{shown(match[1])} is not a date such as '2021-01-31'", None
    for node in condition.nodes("COMPARISON", "BETWEEN", "OPERATOR"):
        column, *values = operands(node) or [node]
        if condition.column(column) is None and len(values) == 1:
            column, values = values[0], [column]
        if (found := _wrong_comparison(condition, node, column, values)) is not None:
            return found
    return _wrong_cast(condition, message)


def _wrong_comparison(
    condition: Condition, node: Node, column: Node, values: Sequence[Node]
) -> Found | None:
    """Explain a comparison of a column with literals of another type."""
    name = condition.column(column)
    if name is None:
        return None
    kind, written = condition.kinds[name], name_in_sql(name)
    texts = [value for value in values if literal_kind(value) == "STRING"]
    numbers = [value for value in values if literal_kind(value) not in {"", "STRING"}]
    if kind == TEXT and numbers:
        why = f"{written} is text, and {condition.written(numbers[0])} is a number"
        if node["type"] in _EQUALITIES:
            edits = [Edit(value, quote_text(condition.written(value))) for value in numbers]
        else:
            edits = [Edit(column, f"TRY_CAST({written} AS DOUBLE)")]
        return why, condition.edited(edits)
    if kind == NUMBER:
        for value in texts:
            if not _is_number(str(value["literal"]["text"])):
                return f"{written} is a number, and {condition.written(value)} is not", None
    if kind == TIME and numbers:
        number = condition.written(numbers[0])
        is_year = number.isdigit() and int(number) in _YEARS
        corrected = condition.edited([Edit(column, f"year({written})")]) if is_year else None
        return f"{written} is a time, and {number} is a number", corrected
    return None


def _wrong_argument(condition: Condition, function: str) -> Found | None:
    """Explain a function or an operator that can't be used with its arguments."""
    called = _LIKE.get(function, function)
    wanted = TEXT if function in TEXT_FUNCTIONS else TIME if function in TIMES else NUMBER
    cast = {
        TEXT: "{}::VARCHAR",
        TIME: "TRY_CAST({} AS TIMESTAMP)",
        NUMBER: "TRY_CAST({} AS DOUBLE)",
    }[wanted]
    for node in condition.nodes("FUNCTION"):
        if node["function_name"] != function:
            continue
        for argument in operands(node):
            name = condition.column(argument)
            if name is None or condition.kinds[name] == wanted:
                continue
            if condition.kinds[name] == TIME and wanted == NUMBER:
                continue
            written = name_in_sql(name)
            return (
                f"{called} needs {_NEEDED.get(wanted, wanted)}, and {written} is "
                f"{condition.kinds[name]}",
                condition.edited([Edit(argument, cast.format(written))]),
            )
        for argument in operands(node):
            if wanted == TEXT and literal_kind(argument) not in {"", "STRING"}:
                number = condition.written(argument)
                edit = Edit(argument, quote_text(number))
                return f"{called} needs a text, and {number} is a number", condition.edited([edit])
    return f"{called} can't be used with values of these types", None


def _wrong_cast(condition: Condition, message: str) -> Found | None:
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
        return f"{shown(match[1])} is not {what}{hint}{tried}", None
    if message.startswith(("Cannot compare values", "Unimplemented type for cast")) and texts:
        return f"{texts[0]} is text; as a number it is {texts[0]}::DOUBLE", None
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
