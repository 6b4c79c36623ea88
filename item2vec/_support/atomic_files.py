"""Atomic replacement of files: readers see the old file or the new one, never a partial one."""

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
    """Yield a temporary path in the same folder to write to, and rename it to `path` at the end.

    If the block raises an exception, `path` stays as it is, and the temporary file is deleted.

    Raises
    ------
    ParameterError
        If `path` is not a path.
    DataError
        If the folder does not exist or can't be written to, or the disk is full.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replaced(Path(folder) / "a.txt") as temporary:
    ...         _ = temporary.write_text("new")
    ...     os.listdir(folder)
    ['a.txt']
    """
    path = check_path(path)
    temporary = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(descriptor)
        temporary = Path(name)
        yield temporary
        _give_usual_mode(temporary)
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise DataError(
            f"{path} can't be written: {error.strerror or error}; "
            "name another place, or free some space and try again"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replaced_together(
    paths: Sequence[str | os.PathLike[str]], *, force: bool = False
) -> Iterator[list[Path]]:
    """Yield a temporary path for each of `paths`, and rename all of them at the end.

    Raises
    ------
    DataError
        If a file can't be written, or if one exists with other contents and `force` is not set.
    """
    with contextlib.ExitStack() as stack:
        temporaries = [stack.enter_context(replaced(path)) for path in paths]
        yield temporaries
        for path, temporary in zip(map(check_path, paths), temporaries, strict=True):
            if not force and path.exists() and not filecmp.cmp(path, temporary, shallow=False):
                raise DataError(
                    f"{path} exists with other contents, which would be lost: choose another "
                    f"folder, or replace it with {setting('force', True)}"
                )


def check_place(path: str | os.PathLike[str]) -> None:
    """Raise DataError if `path` can't be written, to fail before a long computation."""
    path = check_path(path)
    if path.is_dir():
        raise DataError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise DataError(
            f"{path} can't be written: the folder {path.parent} does not exist; create it first"
        )
    if not os.access(path.parent, os.W_OK):
        raise DataError(
            f"{path} can't be written: you may not write to the folder {path.parent}; choose "
            "another place"
        )


def check_replaceable(
    path: str | os.PathLike[str], what: str, is_one: Callable[[Path], bool]
) -> None:
    """Raise DataError if `path` can't be written, or a file of another kind would be replaced.

    Parameters
    ----------
    path : path
    what : str
        The kind of file that may be replaced, with its article, for the message.
    is_one : callable
        Returns whether an existing file that is not empty is of this kind.
    """
    path = check_path(path)
    check_place(path)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise DataError(f"{path} is a link or a device, which would be replaced: name a file")
    if path.exists() and path.stat().st_size and not is_one(path):
        raise DataError(
            f"{path} exists, is not {what}, and would be lost: remove it or name another file"
        )


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Create a folder and its missing parents, unless it exists; return its path.

    Raises
    ------
    DataError
        If it can't be created.
    """
    path = check_path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"the folder {path} can't be created: {error.strerror}; choose another place"
        ) from error
    return path


def _give_usual_mode(path: Path) -> None:
    """Set the default permissions of a new file; mkstemp gives access only to the owner."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    if os.name == "nt" and path.is_dir():
        return  # folders can't be opened on Windows
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
