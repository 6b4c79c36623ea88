"""Files are replaced whole: a reader sees the old one or the new one, never a broken one."""

import contextlib
import filecmp
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from item2vec._support.checks import check_path
from item2vec._support.messages import setting
from item2vec.errors import DataError


@contextlib.contextmanager
def replaced(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path beside `path` to write to; put it in the place of `path` when all went well.

    Raises
    ------
    ParameterError
        If `path` is no path.
    DataError
        If the folder does not exist or can't be written to, or the disk is full.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replaced(Path(folder) / "a.txt") as beside:
    ...         _ = beside.write_text("new")
    ...     os.listdir(folder)
    ['a.txt']
    """
    check_path(path)
    path = Path(path)
    beside = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(descriptor)
        beside = Path(name)
        yield beside
        _give_usual_mode(beside)
        sync(beside)
        beside.replace(path)
        sync(path.parent)
    except OSError as error:
        raise DataError(
            f"{path} can't be written: {error.strerror or error}; "
            "name another place, or make room and try again"
        ) from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def replaced_together(
    paths: Sequence[str | os.PathLike[str]], *, force: bool = False
) -> Iterator[list[Path]]:
    """Give a path beside each of `paths` to write to; put all in place when all went well.

    Raises
    ------
    DataError
        If one can't be written, or one that is there holds something else and `force` is not set:
        it may be somebody's data.
    """
    with contextlib.ExitStack() as until_all_is_written:
        besides = [until_all_is_written.enter_context(replaced(path)) for path in paths]
        yield besides
        for path, beside in zip(map(Path, paths), besides, strict=True):
            if not force and path.exists() and not filecmp.cmp(path, beside, shallow=False):
                raise DataError(
                    f"{path} holds something else, which would be lost: choose another folder, "
                    f"or replace it with {setting('force', True)}"
                )


def check_place(path: str | os.PathLike[str]) -> None:
    """Raise DataError if `path` can't be written to: better now than after hours of work."""
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise DataError(f"{path} can't be written: the folder {path.parent} does not exist")
    if not os.access(path.parent, os.W_OK):
        raise DataError(f"{path} can't be written: the folder {path.parent} is closed to you")


def check_replaceable(
    path: str | os.PathLike[str], what: str, is_one: Callable[[Path], bool]
) -> None:
    """Raise DataError if `path` can't be written to, or something else would be lost by it.

    Parameters
    ----------
    path : path
    what : str
        What may be replaced, as a word after "no".
    is_one : callable
        Tells whether a file that is there, and not empty, is such a one.
    """
    check_place(path)
    path = Path(path)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise DataError(f"{path} is a link or a device, which would be replaced: name a file")
    if path.exists() and path.stat().st_size and not is_one(path):
        raise DataError(
            f"{path} is there, is no {what}, and would be lost: remove it or name another file"
        )


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder, and those above it, where they are missing.

    Raises
    ------
    DataError
        If that can't be done.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"the folder {path} can't be made: {error.strerror}; choose another place"
        ) from error
    return Path(path)


def _give_usual_mode(path: Path) -> None:
    """Give the mode of a new file; mkstemp makes one that only its owner can read."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def sync(path: Path) -> None:
    """Make sure that a file, or a folder's list of names, is on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
