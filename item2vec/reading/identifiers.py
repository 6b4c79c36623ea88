"""Columns of ids are checked before they are read: an id is a text, a number or a UUID.

A list of items in one cell would otherwise become one item, and bytes would become their ``repr``.
Dates and times are taken as well, by their text: a day can stand for a basket.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import ast
import json
import re
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from item2vec.errors import DataError
from item2vec.reading.database import Database, QueryError, quote_name
from item2vec.reading.tables import Table, Tables, unreadable
from item2vec.wording import setting, shown

# A column of text holds lists if half of its first values are written as lists. A single id that
# is written like one, such as the title "[4]", stays an id.
SAMPLE = 10_000
SHARE = 0.5
LONGEST_PARSED = 10_000  # characters; what is longer, and in brackets, is a list

_TEXTS = {"VARCHAR", "JSON"}
_TAKEN = re.compile(
    r"(ENUM|DECIMAL|TIMESTAMP).*|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DOUBLE|FLOAT|UUID|DATE"
    r"|\"NULL\"|VARCHAR|JSON"
)
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_NUMPY = re.compile(r"\[\s*[-+.\deE]+(\s+[-+.\deE]+)+\s*\]")  # [1 2 3], as NumPy writes an array


def check_ids(tables: Tables, columns: Mapping[str, str]) -> None:
    """Raise DataError if a column of ids holds something else.

    Parameters
    ----------
    tables : Tables
    columns : mapping of str to str
        Role ("user", "item") to the name of its column.
    """
    for table in tables.tables:
        try:
            for role, column in columns.items():
                _check_type(tables.database, table, role, column)
            _check_texts(tables.database, table, columns)
        except QueryError as error:
            raise unreadable(table.name, error) from error


def is_list(text: str) -> bool:
    """Tell whether a text is written as a list: by JSON, Python or NumPy.

    Examples
    --------
    >>> [is_list(text) for text in ("[4, 8]", "['a', 'b']", "[4 8]", "('a',)", "[REC] (2007)")]
    [True, True, True, True, False]
    """
    text = text.strip()
    if len(text) < 2 or _BRACKETS.get(text[0]) != text[-1]:
        return False
    if len(text) > LONGEST_PARSED or _NUMPY.fullmatch(text):
        return True
    return isinstance(_parsed(text), list | tuple | set | dict)


def _check_type(database: Database, table: Table, role: str, column: str) -> None:
    """Raise DataError if a column has a type, or values of a type, that no id has."""
    name = quote_name(column)
    values = f"SELECT {name} FROM ({table.relation}) WHERE "
    if column in table.odd:
        raise _error(table, role, column, table.odd[column])
    if column in table.nested:
        rows = database.rows(f"{values} left({name}, 1) IN ('[', '{{') LIMIT {SAMPLE}")
        parsed = [_parsed(text) for (text,) in rows]
        nested = [value for value in parsed if isinstance(value, list | dict)]
        raise _error(table, role, column, nested[0] if nested else parsed[0])
    if not _TAKEN.fullmatch(table.types[column]):
        present = database.rows(f"{values} {name} IS NOT NULL LIMIT 1")
        value = present[0][0] if present else None
        raise _error(table, role, column, value, table.types[column])


def _check_texts(database: Database, table: Table, columns: Mapping[str, str]) -> None:
    """Raise DataError if the texts of a column are lists in writing."""
    roles = [role for role in columns if table.types[columns[role]] in _TEXTS]
    if not roles:
        return
    names = ", ".join(quote_name(columns[role]) for role in roles)
    rows = database.rows(f"SELECT {names} FROM ({table.relation}) LIMIT {SAMPLE}")
    for role, values in zip(roles, zip(*rows, strict=True), strict=False):
        texts = [text for text in values if text is not None and text.strip()]
        lists = [text for text in texts if is_list(text)]
        if lists and len(lists) >= SHARE * len(texts):
            raise _error(table, role, columns[role], lists[0])


def _parsed(text: str) -> Any:
    """Return what a text stands for in JSON or Python; the text itself if in neither."""
    for parse in (json.loads, ast.literal_eval):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about escapes in somebody's text
                return parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return text


def _error(table: Table, role: str, column: str, value: object, sql_type: str = "") -> DataError:
    """Return the error for a column that holds such values, a text being a list in writing."""
    if hasattr(value, "tolist") and getattr(value, "ndim", False):  # an array or a Series
        value = value.tolist()
    example = "" if value is None else f", such as {shown(value)}"
    name = shown(column)
    if isinstance(value, str | list | tuple | set | frozenset) or sql_type.endswith("]"):
        parsing = f"frame[{name}].map(ast.literal_eval), then " if isinstance(value, str) else ""
        return DataError(
            f"{table.name}: column {name} holds lists{example}: one row for each {role} is needed; "
            f"explode the lists first, in pandas with {parsing}frame.explode({name})"
        )
    return DataError(
        f"{table.name}: column {name} holds {_kind(value, sql_type)}{example}: ids are text, "
        f"numbers or UUIDs; name another column with {setting(role)}, or convert this one to text"
    )


def _kind(value: object, sql_type: str) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes"
    if isinstance(value, dict):
        return "nested values"
    if isinstance(value, bool | np.bool_):
        return "truth values"
    return f"values of type {sql_type or type(value).__name__}"
