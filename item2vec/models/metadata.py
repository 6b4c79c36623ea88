"""Checks of the entries of a model's metadata that are used in computations."""

import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

from item2vec._support.messages import shown
from item2vec.errors import DataError

# Entries of a model file that `ItemVectors` stores in its field `feature_fit`.
FEATURE_FIT = ("features", "r2", "residual_variance")


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raise DataError if an entry that is used later has a wrong type or value.

    All other entries may have any value.

    Parameters
    ----------
    metadata : mapping of str to object
        The metadata of `ItemVectors`.

    Examples
    --------
    >>> check_metadata({"min_count": 5, "anything": None})
    >>> check_metadata({"min_count": "5"})
    Traceback (most recent call last):
    item2vec.errors.DataError: metadata: min_count must be a whole number of at least 1, not '5'
    """
    if not isinstance(metadata, Mapping):
        raise DataError(f"metadata must be a mapping, not {type(metadata).__name__}")
    for name in FEATURE_FIT:
        if name in metadata:
            raise DataError(f"{name} must not be in the metadata: pass feature_fit=FeatureFit(...)")
    for name, (fits, rule) in RULES.items():
        if name in metadata and not fits(metadata[name]):
            raise DataError(f"metadata: {name} must be {rule}, not {shown(metadata[name])}")


def _is_integer(value: Any, least: int) -> bool:
    is_integer = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return is_integer and least <= int(value) < 1 << 63


def is_number(value: Any) -> bool:
    """Return whether the value is a finite number; True and False are not numbers."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:  # an integer beyond the range of floats
        return False


def _each(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a check of all values of a mapping from names."""
    return lambda values: (
        isinstance(values, Mapping)
        and all(isinstance(name, str) and fits(value) for name, value in values.items())
    )


# The check of each entry and, for messages, its description.
RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "min_count": (lambda value: _is_integer(value, 1), "a whole number of at least 1"),
    "cold_items": (lambda value: _is_integer(value, 0), "a whole number of at least 0"),
    "versions": (_each(lambda value: isinstance(value, str)), "a version for each library"),
}
