"""Types of sources (paths, globs, lists of these, DataFrames), and search for their files."""

import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from item2vec._support.checks import check_path
from item2vec._support.messages import shown
from item2vec.errors import DataError, ParameterError
from item2vec.reading.files.folders import is_known_marker, is_marker, part_files
from item2vec.reading.files.permissions import check_listed, permission_checked
from item2vec.reading.files.streams import STANDARD_INPUT, is_pipe, is_standard_input

if TYPE_CHECKING:
    import pandas as pd

PathLike: TypeAlias = str | os.PathLike[str]
Source: TypeAlias = Union[PathLike, Sequence[PathLike], "pd.DataFrame"]

# Path("s3://bucket") is "s3:/bucket". A scheme of one letter is a drive of Windows.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,3}")
# How files of these schemes are copied.
_COPYING = {
    "s3": ", for example with `aws s3 cp`",
    "gs": ", for example with `gcloud storage cp`",
    "hdfs": ", for example with `hdfs dfs -get`",
    "abfss": ", for example with azcopy",
}


@dataclass(frozen=True)
class Found:
    """A file of a source.

    Parameters
    ----------
    path : Path
        The file, or ``-`` for standard input.
    folder : Path, optional
        The folder of part files that it belongs to.
    """

    path: Path
    folder: Path | None = None


def find_files(source: object) -> list[Path]:
    """Return the files that match a path, a glob or a list of these, each file once.

    Standard input (``-``) and pipes are returned as they are, and not read.

    Raises
    ------
    DataError
        If a path or glob matches nothing, or something that is not a file or may not be read.
    ParameterError
        If the source is neither a path nor a glob, or is empty, or names standard input twice.
    """
    return [found.path for found in find(source)]


def find(source: object) -> list[Found]:
    """Return the files of a source, with the folders that they belong to; see `find_files`."""
    if isinstance(source, str | os.PathLike):
        source = [source]
    if not isinstance(source, Sequence) or not source:
        raise _no_source(source)
    found: dict[str, Found] = {}
    for entry in source:
        if not isinstance(entry, str | os.PathLike):
            raise _no_source(source)
        check_path(entry)
        with permission_checked(entry):
            matches = _matches(entry)
        for file in matches:
            if not is_utf_8_text(str(file.path)):
                raise DataError(f"the name {str(file.path)!r} is not UTF-8: rename the file")
            if file.path == STANDARD_INPUT and "-" in found:
                raise ParameterError(
                    "standard input (-) is named twice, but can be read only once: write the "
                    "table to a file, and name it"
                )
            key = "-" if file.path == STANDARD_INPUT else os.path.realpath(file.path)
            found.setdefault(key, file)
    return list(found.values())


def _no_source(source: object) -> ParameterError:
    """Return the error for an object that is no source, with the call that was probably meant."""
    what = shown(source) if isinstance(source, list | tuple) else type(source).__name__
    first = source[0] if isinstance(source, list | tuple) and source else None
    remedy = "name the files"
    if hasattr(source, "to_histories") or hasattr(source, "vocabulary"):
        remedy = "it has been read already, so pass it to fit or evaluate"
    elif hasattr(source, "to_pandas"):
        remedy = "pass its to_pandas()"
    elif hasattr(source, "reset_index"):
        remedy = "pass its reset_index(), which is a DataFrame"
    elif hasattr(source, "read"):
        remedy = "name the file, or pass a DataFrame, as in pandas.read_csv(file, dtype=str)"
    elif isinstance(first, dict) or isinstance(source, dict):
        remedy = "pass pandas.DataFrame(...) of it"
    elif isinstance(first, list | tuple):
        remedy = (
            "pass pandas.DataFrame(rows, columns=['user', 'item']) if each entry is one "
            "interaction, and item2vec.Histories.from_lists(lists) to fit if each is a history"
        )
    return ParameterError(
        f"a source is a path, a glob, a list of these, or a pandas.DataFrame, not {what}: {remedy}"
    )


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


def _matches(entry: PathLike) -> list[Found]:
    """Return the files that match a path or glob, sorted."""
    if is_standard_input(entry):
        return [Found(STANDARD_INPUT)]
    path = _local(entry)
    if glob.has_magic(str(path)) and not os.path.lexists(path):
        check_listed(next(each for each in path.parents if not glob.has_magic(str(each))))
    if path.is_dir():
        return [Found(part, path) for part in part_files(path)]
    if path.is_file() or is_pipe(path):
        return [Found(path)]
    if path.exists():
        raise DataError(
            f"{path} is not a regular file, so it can't be read twice: copy it to a file first"
        )
    if not glob.has_magic(str(path)):
        raise DataError(f"{path} does not exist: check the name and the folder")
    return _glob(path)


def _glob(pattern: Path) -> list[Found]:
    """Return the files that match a glob, or those in the folders that match it."""
    matches = [Path(match) for match in sorted(glob.glob(str(pattern), recursive=True))]
    files = [match for match in matches if match.is_file() and not is_known_marker(match)]
    if files:
        return [Found(file) for file in files]
    folders = [match for match in matches if match.is_dir() and not is_marker(match)]
    if not folders:
        raise DataError(f"no file matches {pattern}: check the pattern and the folder")
    return [Found(part, folder) for folder in folders for part in part_files(folder)]


def _local(entry: PathLike) -> Path:
    """Return a local path, with ``~`` expanded; raise DataError for a URL."""
    text, path = os.fspath(entry), Path(entry)
    if os.path.lexists(path):
        return path
    url = _URL.match(text)
    if url is None:
        return Path(os.path.expanduser(path))  # not Path.expanduser, which fails for ~nobody
    scheme = url[1].lower()
    if scheme == "file":
        import urllib.parse
        import urllib.request  # slow to import, and hardly ever needed

        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(text).path))
    raise DataError(
        f"{shown(text)} is a URL: download the file first{_COPYING.get(scheme, '')}, and name the "
        "local copy"
    )
