"""Reading TOML files of limited size."""

import os
from typing import Any

from item2vec._support.checks import check_path
from item2vec.errors import DataError

LARGEST = 1 << 20  # bytes


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    DataError
        If it can't be read, is not TOML, or is too large.
    """
    import tomllib

    path = check_path(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}: name a TOML file") from error
    if len(content) > LARGEST:
        raise DataError(f"{path} has more than {LARGEST:,} bytes: name a file of parameters")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise DataError(f"{path} is nested too deeply: name a file of parameters") from error
    except ValueError as error:  # not UTF-8, not TOML, or a number that is too long
        raise DataError(f"{path} is not TOML: {error}: correct it there") from error
