"""Where interactions and catalogues come from: paths, globs, several of these, DataFrames."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from item2vec.errors import DataError, ParameterError

if TYPE_CHECKING:
    import pandas as pd

PathLike: TypeAlias = str | os.PathLike[str]
Source: TypeAlias = Union[PathLike, Sequence[PathLike], "pd.DataFrame"]


def find_files(source: object) -> list[Path]:
    """Return the files that a path, a glob or several of these name, every one once.

    Raises
    ------
    DataError
        If one names nothing, or something that is no file.
    ParameterError
        If it is neither path nor glob.
    """
    if isinstance(source, str | os.PathLike):
        source = [source]
    if not isinstance(source, Sequence) or not source:
        raise ParameterError(
            "a source is a path, a glob, a list of these, or a pandas.DataFrame, "
            f"not {source if isinstance(source, list | tuple) else type(source).__name__}: "
            "convert it"
        )
    found: dict[str, Path] = {}
    for entry in source:
        if not isinstance(entry, str | os.PathLike):
            raise ParameterError(f"a list of files holds paths and globs, not {entry!r}")
        for path in _matches(Path(entry)):
            if not is_utf_8_text(str(path)):
                raise DataError(f"the name {str(path)!r} is not UTF-8: rename the file")
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def is_source(source: object) -> bool:
    """Tell a path or a list of paths from other values."""
    if isinstance(source, str | os.PathLike):
        return True
    return (
        isinstance(source, Sequence)
        and len(source) > 0
        and all(isinstance(entry, str | os.PathLike) for entry in source)
    )


def is_utf_8_text(text: str) -> bool:
    """Tell whether a text can be written in UTF-8: bytes of an argument or name may not be."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _matches(path: Path) -> list[Path]:
    if path.is_dir():
        raise DataError(f'{path} is a folder: name the files in it, as in "{path / "*.csv"}"')
    if path.is_file():
        return [path]
    if path.exists():
        raise DataError(f"{path} is no regular file and can't be read twice: store it in one first")
    if not glob.has_magic(str(path)):
        raise DataError(f"{path} does not exist: check the name and the folder")
    matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]
    files = [match for match in matches if match.is_file()]
    if not files:
        raise DataError(f"no file matches {path}: check the pattern and the folder")
    return files
