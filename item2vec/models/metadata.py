"""Checking those entries of a model's metadata that answers depend on."""

import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

from item2vec._support.messages import shown
from item2vec.errors import DataError


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raise DataError where an entry that is read later has a wrong type or value.

    Entries that nothing is computed from may hold anything.

    Parameters
    ----------
    metadata : mapping of str to anything
        Of `ItemVectors`.

    Examples
    --------
    >>> check_metadata({"min_count": 5, "anything": None})
    >>> check_metadata({"min_count": "5"})
    Traceback (most recent call last):
    item2vec.errors.DataError: metadata: min_count must be a whole number from 1 on, not '5'
    """
    if not isinstance(metadata, Mapping):
        raise DataError(f"metadata must be a mapping, not {type(metadata).__name__}")
    for name, (fits, rule) in RULES.items():
        if name in metadata and not fits(metadata[name]):
            raise DataError(f"metadata: {name} must be {rule}, not {shown(metadata[name])}")


def _is_whole(value: Any, least: int) -> bool:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return whole and least <= int(value) < 1 << 63


def is_number(value: Any) -> bool:
    """Return whether this is a finite number; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:  # a whole number beyond any float
        return False


def _each(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a check of all values of a mapping by name."""
    return lambda values: (
        isinstance(values, Mapping)
        and all(isinstance(name, str) and fits(value) for name, value in values.items())
    )


def _are_names(values: Any) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, str) for value in values)


# By the name of the entry: what it must be, as a check and in words.
RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "min_count": (lambda value: _is_whole(value, 1), "a whole number from 1 on"),
    "cold_items": (lambda value: _is_whole(value, 0), "a whole number from 0 on"),
    "features": (_are_names, "a list of column names"),
    "r2": (_each(is_number), "a number for each array"),
    "residual_variance": (
        _each(lambda value: is_number(value) and 0 <= value <= 1e30),
        "a number from 0 on for each array",
    ),
    "versions": (_each(lambda value: isinstance(value, str)), "a version for each library"),
}
