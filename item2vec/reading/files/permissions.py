"""Errors of reading files and folders without permission."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from item2vec.errors import DataError


def denied(path: str | os.PathLike[str]) -> DataError:
    """Return the error for a file or folder that the user may not read.

    Examples
    --------
    >>> str(denied("a.csv"))[:39]
    "a.csv can't be read: permission denied:"
    """
    return DataError(
        f"{os.fspath(path)} can't be read: permission denied: change its permissions (chmod), or "
        "use a copy"
    )


@contextlib.contextmanager
def permission_checked(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn errors of missing permission in the block into DataError.

    The message names the file or folder of the error, or `path` if the error has none.
    """
    try:
        yield
    except PermissionError as error:
        raise denied(error.filename or path) from error


def check_listed(folder: Path) -> None:
    """Raise DataError if a folder exists, but the user may not list it."""
    with permission_checked(folder), contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.scandir(folder).close()
