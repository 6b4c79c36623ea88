"""Checks of common arguments: whole numbers, fractions, random seeds and paths."""

import os
from pathlib import Path
from typing import TypeGuard

import numpy as np

from item2vec._support.messages import setting, shown
from item2vec.errors import ParameterError

_NUMBERS = (int, float, np.integer, np.floating)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_whole(name: str, value: object, least: int) -> None:
    """Raise ParameterError unless `value` is a whole number of at least `least`.

    NumPy integers are accepted; True and 5.0 are not.
    """
    if not _is_whole(value):
        raise ParameterError(
            f"{setting(name)} must be a whole number, such as {max(least, 5)}, not {shown(value)}"
        )
    if value < least:
        raise ParameterError(f"{setting(name)} must be at least {least}, not {shown(int(value))}")


def check_k(k: object) -> None:
    """Raise ParameterError unless `k` is a whole number of at least 1."""
    if not _is_whole(k):
        raise ParameterError(f"k must be a whole number, such as k=10, not {shown(k)}")
    if k < 1:
        raise ParameterError(f"k must be at least 1, not {shown(int(k))}")


def check_seed(seed: object) -> None:
    """Raise ParameterError unless `seed` is a whole number of at least 0."""
    check_whole("seed", seed, 0)


def check_between(name: str, value: object) -> None:
    """Raise ParameterError unless `value` is a number strictly between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS) or not 0 < value < 1:
        raise ParameterError(f"{name} must lie between 0 and 1, such as 0.2, not {shown(value)}")


def check_up_to_one(name: str, value: object) -> None:
    """Raise ParameterError unless `value` is a number above 0 and at most 1."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS) or not 0 < value <= 1:
        raise ParameterError(
            f"{setting(name)} must be above 0 and at most 1, such as 0.95, not {shown(value)}"
        )


def check_path(path: object) -> Path:
    """Return a path, in which ~ and ~user are replaced by the home folder.

    Raises
    ------
    ParameterError
        If it is neither a string nor a path object, or empty.

    Examples
    --------
    >>> check_path("models/a.safetensors").name, check_path("~/a") == Path.home() / "a"
    ('a.safetensors', True)
    """
    if not isinstance(path, str | os.PathLike):
        raise ParameterError(
            f"a path must be a string or a pathlib.Path, such as 'model.safetensors', not "
            f"{shown(path)}"
        )
    if not os.fspath(path):
        raise ParameterError(
            "the name of a file is empty (''), as that of a variable that is not set: name the "
            "file, or '.' for the current folder"
        )
    return Path(os.path.expanduser(path))
