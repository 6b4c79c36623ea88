"""Notations of numbers in texts, and their conversion in SQL conditions."""

import re
from collections.abc import Callable, Sequence

from item2vec.reading.duckdb_session import quote_text

SHARE = 0.9  # of the values of a column, to have a type or a notation

_DECIMALS = r"([eE][+-]?\d+)?"
_POINT = re.compile(rf"[+-]?(\d+(\.\d*)?|\.\d+){_DECIMALS}")
_COMMA = re.compile(r"[+-]?\d+(,\d+)?")
_POINT_THOUSANDS = re.compile(r"[+-]?(\d{1,3}(,\d{3})*|\d+)(\.\d+)?")
_COMMA_THOUSANDS = re.compile(r"[+-]?(\d{1,3}(\.\d{3})*|\d+)(,\d+)?")
_IS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_UNITS = "[$€£¥% ]"


def number_in_sql(name: str, values: Sequence[str], least: float) -> str | None:
    """Return the SQL for the numbers of a column of text, None if few values are numbers.

    Parameters
    ----------
    name : str
        The column, as it is written in SQL.
    values : sequence of str
        Some of its values.
    least : float
        The fraction of the values that must be numbers, if they have no thousands separators,
        decimal commas or units.
    """
    bare = [re.sub(_UNITS, "", value) for value in values]
    for texts, sql in (
        (values, name),
        (bare, f"regexp_replace({name}, {quote_text(_UNITS)}, '', 'g')"),
    ):
        if (notation := _notation(texts)) is not None:
            return f"TRY_CAST({notation.format(sql)} AS DOUBLE)"
    few = share(values, _POINT.fullmatch) < least
    return None if not values or few else f"TRY_CAST({name} AS DOUBLE)"


def is_number(text: str) -> bool:
    """Return whether a text is a number, also one with a decimal comma or with separators."""
    return any(
        each.fullmatch(text.strip()) for each in (_POINT, _POINT_THOUSANDS, _COMMA_THOUSANDS)
    )


def is_plain_number(text: str) -> bool:
    """Return whether a text is a number with a decimal point, or without decimals."""
    return _POINT.fullmatch(text.strip()) is not None


def plain_number(number: str) -> str:
    """Return a number with a decimal point, "" if its comma or its points are ambiguous."""
    if is_plain_number(number):
        return number
    return number.replace(",", ".") if re.fullmatch(r"[+-]?\d+,(\d{1,2}|\d{4,})", number) else ""


def share(values: Sequence[object], test: Callable[..., object]) -> float:
    """Return the fraction of some values that pass a test, 0 if there are none."""
    return sum(bool(test(value)) for value in values) / len(values) if values else 0.0


def _notation(texts: Sequence[str]) -> str | None:
    """Return the SQL template of plain numbers for numbers in other notations, None if none."""
    with_comma = [text for text in texts if "," in text]
    if share(texts, _POINT.fullmatch) >= SHARE:
        return "{}"
    if (
        not all(map(_IS_THOUSANDS.fullmatch, with_comma))
        and share(texts, _COMMA.fullmatch) >= SHARE
    ):
        return "replace({}, ',', '.')"
    if with_comma and share(texts, _POINT_THOUSANDS.fullmatch) >= SHARE:
        return "replace({}, ',', '')"
    if with_comma and share(texts, _COMMA_THOUSANDS.fullmatch) >= SHARE:
        return "replace(replace({}, '.', ''), ',', '.')"
    return None
