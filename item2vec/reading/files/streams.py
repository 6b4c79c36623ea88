"""Standard input and pipes as sources: they are copied to a file, because they are read twice."""

import contextlib
import contextvars
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from item2vec._support.messages import either
from item2vec.errors import DataError, Item2VecError, ParameterError

STANDARD_INPUT = Path("-")
MOST_BYTES = 1 << 36  # bytes of a stream that are copied, at most: 64 GB
LEAST_FREE = 1 << 28  # bytes that are left free on the disk
CHUNK = 1 << 20

_NAMES = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}

# Copies that are kept for the block of `kept_streams`, and their folder.
_kept: contextvars.ContextVar["tuple[Path, dict[Path, Path]] | None"] = contextvars.ContextVar(
    "kept", default=None
)


def is_standard_input(path: str | os.PathLike[str]) -> bool:
    """Return whether a path means standard input: ``-`` or ``/dev/stdin``."""
    return os.fspath(path) in _NAMES


def is_pipe(path: Path) -> bool:
    """Return whether a path leads to a named pipe or a process substitution."""
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except OSError:
        return False


def stream_name(path: Path) -> Path:
    """Return how messages name a stream."""
    if path == STANDARD_INPUT:
        return Path("standard input")
    is_numbered = path.name.isdecimal() and path.parent.name == "fd"
    return Path(f"pipe {path.name}") if is_numbered else path


@contextlib.contextmanager
def kept_streams() -> Iterator[None]:
    """Keep the copies of streams for the block, so that each can be read several times in it."""
    with tempfile.TemporaryDirectory(prefix="item2vec-", ignore_cleanup_errors=True) as name:
        before = _kept.set((Path(name), {}))
        try:
            yield
        finally:
            _kept.reset(before)


def copied(path: Path, folder: Path) -> Path:
    """Copy standard input or a pipe to a file, and return its path.

    Parameters
    ----------
    path : Path
        `STANDARD_INPUT`, or a pipe.
    folder : Path
        Folder for the copy, unless a block of `kept_streams` provides one.

    Raises
    ------
    ParameterError
        If standard input is a terminal.
    DataError
        If the stream is empty or can't be read, or the disk has no room for it.
    """
    folder, copies = _kept.get() or (folder, {})
    if path not in copies:
        target = folder / f"stream{len(list(folder.glob('stream*')))}" / stream_name(path).name
        target.parent.mkdir()
        try:
            with _opened(path) as source, target.open("wb") as copy:
                n_bytes = _copy(source, copy, stream_name(path))
        except Item2VecError:
            raise
        except (OSError, ValueError) as error:  # ValueError: standard input is closed
            why = getattr(error, "strerror", None) or error
            raise DataError(
                f"{stream_name(path)} can't be read: {why}: write the table to a file, and name it"
            ) from error
        if not n_bytes:
            raise DataError(_empty(path))
        copies[path] = target
    return copies[path]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path != STANDARD_INPUT:
        with path.open("rb") as pipe:
            yield pipe
        return
    if sys.stdin is None:
        raise DataError("there is no standard input: name a file")
    if sys.stdin.isatty():
        example = either(" into the command, as in `cat FILE | item2vec ... -`", "")
        raise ParameterError(f"standard input is a terminal: pipe a table{example}, or name a file")
    yield cast("IO[bytes]", getattr(sys.stdin, "buffer", None) or _Encoded())


class _Encoded:
    """Standard input that has been replaced by a file of text, as some tools do."""

    def read(self, n: int) -> bytes:
        return sys.stdin.read(n).encode()


def _copy(source: IO[bytes], target: IO[bytes], name: Path) -> int:
    """Copy a stream, with bounds on its size and on the use of the disk; return its size."""
    n_bytes = 0
    while chunk := source.read(CHUNK):
        if n_bytes % (CHUNK << 4) < len(chunk):
            _check_room(Path(target.name).parent, name)
        n_bytes += len(chunk)
        if n_bytes > MOST_BYTES:
            raise DataError(
                f"{name} has more than {MOST_BYTES:,} bytes: write the table to a file, and name it"
            )
        target.write(chunk)
    return n_bytes


def _check_room(folder: Path, name: Path) -> None:
    if shutil.disk_usage(folder).free < LEAST_FREE:
        raise DataError(
            f"{name} does not fit into {tempfile.gettempdir()}: write the table to a file, and "
            "name it, or set TMPDIR to a folder with more free space"
        )


def _empty(path: Path) -> str:
    if path != STANDARD_INPUT:
        return f"{path} is empty: provide a file with records"
    return (
        "standard input is empty or has already been read: pipe one table into the command, or "
        "name a file"
    )
