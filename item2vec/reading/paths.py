"""Types of sources (paths, globs, lists of these, DataFrames), and search for their files."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from item2vec._support.messages import shown
from item2vec.errors import DataError, ParameterError

if TYPE_CHECKING:
    import pandas as pd

PathLike: TypeAlias = str | os.PathLike[str]
Source: TypeAlias = Union[PathLike, Sequence[PathLike], "pd.DataFrame"]


def find_files(source: object) -> list[Path]:
    """Return the files that match a path, a glob or a list of these, each file once.

    Raises
    ------
    DataError
        If a path or glob matches nothing, or something that is not a file.
    ParameterError
        If the source is neither a path nor a glob.
    """
    if isinstance(source, str | os.PathLike):
        source = [source]
    if not isinstance(source, Sequence) or not source:
        raise ParameterError(
            "a source is a path, a glob, a list of these, or a pandas.DataFrame, "
            f"not {shown(source) if isinstance(source, list | tuple) else type(source).__name__}: "
            "convert it"
        )
    found: dict[str, Path] = {}
    for entry in source:
        if not isinstance(entry, str | os.PathLike):
            raise ParameterError(
                f"a list of files must consist of paths and globs, not {shown(entry)}: convert it"
            )
        for path in _matches(Path(entry)):
            if not is_utf_8_text(str(path)):
                raise DataError(f"the name {str(path)!r} is not UTF-8: rename the file")
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def is_source(source: object) -> bool:
    """Return whether this is a path or a list of paths."""
    if isinstance(source, str | os.PathLike):
        return True
    return (
        isinstance(source, Sequence)
        and len(source) > 0
        and all(isinstance(entry, str | os.PathLike) for entry in source)
    )


def is_utf_8_text(text: str) -> bool:
    """Return whether a text can be encoded in UTF-8; some file names can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _matches(path: Path) -> list[Path]:
    """Return the files that match a path or glob, sorted."""
    if path.is_dir():
        raise DataError(f'{path} is a folder: name the files in it, as in "{path / "*.csv"}"')
    if path.is_file():
        return [path]
    if path.exists():
        raise DataError(
            f"{path} is not a regular file, so it can't be read twice: copy it to a file first"
        )
    if not glob.has_magic(str(path)):
        raise DataError(f"{path} does not exist: check the name and the folder")
    matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]
    files = [match for match in matches if match.is_file()]
    if not files:
        raise DataError(f"no file matches {path}: check the pattern and the folder")
    return files
