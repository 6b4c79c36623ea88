"""Preparing a pandas DataFrame for DuckDB, without changing it."""

import datetime
import decimal
import json
import numbers
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from item2vec.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# Kinds of dtypes that DuckDB reads directly: integers, floats, Boolean values and times.
_DIRECT = "iufbM"
# Types whose text identifies the value. bool is excluded, although it is a number type in Python.
_PLAIN = (str, numbers.Real, decimal.Decimal, uuid.UUID, datetime.date)
_NOT_PLAIN = (bool, np.bool_)
_LISTS = (list, tuple, np.ndarray)
_MISSING = ("NAType", "NaTType")


class Prepared(NamedTuple):
    """A DataFrame that DuckDB can read.

    Parameters
    ----------
    frame : pandas.DataFrame
    notes : list of str
        Notes on conversions, to be shown to the user.
    unsupported : dict of str to object
        The first value of each column that is not a text, number, UUID, date or time.
    lists : set of str
        The columns that hold lists, which are converted to JSON arrays of texts.
    """

    frame: "pd.DataFrame"
    notes: list[str]
    unsupported: dict[str, object]
    lists: set[str]


def is_frame(source: object) -> bool:
    """Return whether this is a DataFrame, without importing pandas."""
    return hasattr(source, "iloc") and hasattr(source, "columns")


def prepare(frame: "pd.DataFrame") -> Prepared:
    """Return the DataFrame with all columns that DuckDB can't read directly converted to text.

    Raises
    ------
    DataError
        If it has no columns, or two columns with the same name.
    """
    import pandas as pd

    if len(frame.columns) == 0:
        raise DataError("the DataFrame has no columns: provide one with users and items")
    frame = _with_index(frame)
    columns: dict[str, Any] = {}
    notes: list[str] = []
    unsupported: dict[str, object] = {}
    lists: set[str] = set()
    for position, label in enumerate(frame.columns):
        name = str(label)
        if name.casefold() in {other.casefold() for other in columns}:
            raise DataError(
                f"the DataFrame has two columns {name!r} (ignoring case): rename one of them"
            )
        series = frame.iloc[:, position]
        if isinstance(series.dtype, pd.SparseDtype):
            series = pd.Series(np.asarray(series))
        if series.dtype == np.longdouble:
            series = series.astype(np.float64)
        if series.dtype.kind in _DIRECT and series.dtype != "category":
            columns[name] = series.array
        elif (arrays := _json_arrays(series)) is not None:
            columns[name] = pd.Series(arrays, dtype=object)
            lists.add(name)
        else:
            if values := _unsupported(series):
                unsupported[name] = values[0]
            texts, has_fractions = _texts(series)
            columns[name] = pd.Series(texts, dtype=object)
            if has_fractions:
                notes.append(f"{name} contains floating-point numbers: 1.0 is read as 1")
    return Prepared(pd.DataFrame(columns), notes, unsupported, lists)


def _with_index(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return a frame with the levels of its index that have names of their own as columns."""
    used = {str(label).casefold() for label in frame.columns}
    names = [name for name in frame.index.names if name is not None]
    new = [name for name in names if str(name).casefold() not in used]
    return frame.reset_index(level=new) if new else frame


def _json_arrays(series: "pd.Series[Any]") -> list[str | None] | None:
    """Return the lists of a column as JSON arrays of texts; None if a value is no flat list.

    A single id among the lists is a list of one. A set has no order, so it is not a list. Dicts are
    returned as JSON objects.
    """
    if series.dtype != object:
        return None
    if (objects := _json_objects(series)) is not None:
        return objects
    kinds = {kind for kind in set(map(type, series)) if kind in _LISTS or _is_series(kind)}
    if not kinds:
        return None
    arrays: list[str | None] = []
    for value in series:
        elements = list(value) if type(value) in kinds else [value]
        if not all(map(_is_element, elements)):
            return None
        texts = [_element(each) for each in elements]
        is_missing = texts == [None] and type(value) not in kinds
        arrays.append(None if is_missing else json.dumps(texts))
    return arrays


def _json_objects(series: "pd.Series[Any]") -> list[str | None] | None:
    """Return the dicts of a column as JSON objects; None if it has other values."""
    values = series.tolist()
    are_dicts = all(isinstance(value, dict) or _is_missing(value) for value in values)
    if not are_dicts or not any(isinstance(value, dict) for value in values):
        return None
    if not all(map(_is_element, values)):
        return None
    return [json.dumps(_element(value)) if isinstance(value, dict) else None for value in values]


def _is_element(value: object) -> bool:
    """Return whether a value may be in a list: a plain one, or dicts and lists of these."""
    if isinstance(value, dict):
        return all(
            (isinstance(each, list) and all(map(_is_element, each))) or _is_element(each)
            for each in value.values()
        )
    return _is_missing(value) or _is_plain(value)


def _element(value: object) -> object:
    """Return an element of a list as JSON: a text, null, or objects and lists of these."""
    if isinstance(value, dict):
        return {str(key): _element(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_element(each) for each in value]
    return None if _is_missing(value) else _text(value)


def _is_series(kind: type) -> bool:
    return hasattr(kind, "iloc") and not hasattr(kind, "columns")


def _is_missing(value: object) -> bool:
    """Return whether a value is None, NaN, NaT or NA, without importing pandas."""
    return (
        value is None
        or (not isinstance(value, str) and type(value).__name__ in _MISSING)
        or (isinstance(value, float) and value != value)
    )


def _is_plain(value: object) -> bool:
    return isinstance(value, _PLAIN) and not isinstance(value, _NOT_PLAIN)


def _unsupported(series: "pd.Series[Any]") -> list[object]:
    """Return the values that are not identified by their text, such as lists and bytes."""
    if series.dtype == "category":
        series = series.cat.categories.to_series()
    values = series.dropna().tolist()
    plain = {
        kind: issubclass(kind, _PLAIN) and not issubclass(kind, _NOT_PLAIN)
        for kind in set(map(type, values))
    }
    return [] if all(plain.values()) else [each for each in values if not plain[type(each)]]


def _texts(series: "pd.Series[Any]") -> tuple[list[str | None], bool]:
    """Return the values as text, and whether any is a whole number of a floating-point type."""
    if series.dtype == "category":
        names, has_fractions = _texts(series.cat.categories.to_series())
        codes = series.cat.codes.tolist()
        return [names[code] if code >= 0 else None for code in codes], has_fractions
    missing = series.isna().to_numpy(dtype=bool).tolist()
    values = series.tolist()
    has_fractions = any(isinstance(value, float) and value.is_integer() for value in values)
    texts = [
        None if is_missing else _text(value)
        for value, is_missing in zip(values, missing, strict=True)
    ]
    return texts, has_fractions


def _text(value: object) -> str:
    """Return a value as text, 1.0 as "1"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str.__str__(value) if isinstance(value, str) else str(value)
