"""A pandas DataFrame, made fit for DuckDB without being changed."""

import datetime
import decimal
import numbers
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from item2vec.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# Whole numbers, fractions, truth values and times: DuckDB takes them as they are.
_TAKEN = "iufbM"
# What has a text that stands for it alone; a truth value, though a number to Python, has not.
_PLAIN = (str, numbers.Real, decimal.Decimal, uuid.UUID, datetime.date)
_NOT_PLAIN = (bool, np.bool_)


class Prepared(NamedTuple):
    """A frame that DuckDB takes, and what a reader should know of it.

    Parameters
    ----------
    frame : pandas.DataFrame
    notes : list of str
    odd : dict of str to object
        By column, the first value that is no text, number, UUID, date or time.
    """

    frame: "pd.DataFrame"
    notes: list[str]
    odd: dict[str, object]


def is_frame(source: object) -> bool:
    """Tell a DataFrame without importing pandas."""
    return hasattr(source, "iloc") and hasattr(source, "columns")


def prepare(frame: "pd.DataFrame") -> Prepared:
    """Return the frame with text columns where values are of mixed or unusual types.

    Raises
    ------
    DataError
        If it has no columns, or two of the same name.
    """
    import pandas as pd

    if len(frame.columns) == 0:
        raise DataError("the DataFrame has no columns: give one with users and items")
    columns: dict[str, Any] = {}
    notes: list[str] = []
    odd: dict[str, object] = {}
    for place, label in enumerate(frame.columns):
        name = str(label)
        if name.casefold() in {other.casefold() for other in columns}:
            raise DataError(f"the DataFrame has two columns {name!r} (letter case does not count)")
        series = frame.iloc[:, place]
        if isinstance(series.dtype, pd.SparseDtype):
            series = pd.Series(np.asarray(series))
        if series.dtype == np.longdouble:
            series = series.astype(np.float64)
        if series.dtype.kind in _TAKEN and series.dtype != "category":
            columns[name] = series.array
        else:
            if unusual := _odd(series):
                odd[name] = unusual[0]
            texts, fractions = _texts(series)
            columns[name] = pd.Series(texts, dtype=object)
            if fractions:
                notes.append(f"{name} holds numbers with a point: 1.0 is taken as 1")
    return Prepared(pd.DataFrame(columns), notes, odd)


def _odd(series: "pd.Series[Any]") -> list[object]:
    """Return the values that have no text of their own, such as lists and bytes."""
    if series.dtype == "category":
        series = series.cat.categories.to_series()
    values = series.dropna().tolist()
    plain = {
        kind: issubclass(kind, _PLAIN) and not issubclass(kind, _NOT_PLAIN)
        for kind in set(map(type, values))
    }
    return [] if all(plain.values()) else [each for each in values if not plain[type(each)]]


def _texts(series: "pd.Series[Any]") -> tuple[list[str | None], bool]:
    """Return the values as text, and whether there were whole numbers written as fractions."""
    if series.dtype == "category":
        names, fractions = _texts(series.cat.categories.to_series())
        return [names[code] if code >= 0 else None for code in series.cat.codes.tolist()], fractions
    missing = series.isna().to_numpy(dtype=bool).tolist()
    values = series.tolist()
    fractions = any(isinstance(value, float) and value.is_integer() for value in values)
    return [
        None if gone else _text(value) for value, gone in zip(values, missing, strict=True)
    ], fractions


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str.__str__(value) if isinstance(value, str) else str(value)
