"""The first bytes of a file, its compression, and the refusal of files that are no tables."""

import contextlib
import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal, cast

from item2vec.errors import DataError
from item2vec.reading.files.permissions import permission_checked
from item2vec.reading.files.signatures import recognized

Compression = Literal["none", "gzip", "zstd"]
ReadHead = Callable[[Path], bytes]

HEAD = 1 << 16  # bytes that are examined
# Of text with longer lines, such as long sequences, more bytes are examined.
LEAST_LINES, LONGEST_HEAD = 20, 1 << 23
CHUNK = 1 << 20  # bytes that are read at a time


class EmptyFileError(DataError):
    """A file has no content."""


def read_head(path: Path, read_zstd: ReadHead, name: Path) -> tuple[bytes, Compression]:
    """Return the first bytes of a file, decompressed, and its compression.

    Parameters
    ----------
    path : Path
    read_zstd : callable
        Returns the first bytes of a decompressed zstd file.
    name : Path
        The file in messages.

    Raises
    ------
    DataError
        If the file is empty or unreadable.
    """
    head = _read(path, _read_plain, name)
    if head.startswith(b"\x1f\x8b"):
        return _read(path, _read_gzip, name), "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _read(path, read_zstd, name), "zstd"
    return head, "none"


def is_parquet(path: Path, head: bytes) -> bool:
    """Return whether a file is Parquet, by its first bytes or else by its name.

    A damaged file is Parquet by its name; text is not, because its name does not matter.
    """
    if head.startswith(b"PAR1"):
        return True
    return is_named_parquet(path) and recognized(path, head) is None and b"\0" in head


def is_named_parquet(path: Path) -> bool:
    """Return whether the name of a file is that of a Parquet file."""
    return path.suffix.lower() in {".parquet", ".pq"}


def refuse_other(path: Path, head: bytes, compression: Compression, name: Path) -> None:
    """Raise DataError if a file is known to be no table; the message says what it is."""
    what = recognized(path, head)
    if what is None:
        return
    packed = f", compressed with {compression}" if compression != "none" else ""
    described, remedy = what.split(": ", 1)
    raise DataError(f"{name} is {described}{packed}: {remedy}")


def first_bytes(file: IO[bytes]) -> bytes:
    """Return the bytes of a file that are examined: enough for several lines, if it has lines."""
    head = file.read(HEAD)
    is_text = b"\0" not in head and not head.lstrip().startswith((b"{", b"["))
    while is_text and HEAD <= len(head) < LONGEST_HEAD and _n_lines(head) < LEAST_LINES:
        more = file.read(len(head))
        if not more:
            break
        head += more
    return head


def _n_lines(text: bytes) -> int:
    return max(text.count(b"\n"), text.count(b"\r"))


@contextlib.contextmanager
def unpacked_bytes(path: Path, compression: Compression, name: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading its bytes, decompressed if it is a gzip file.

    Raises
    ------
    DataError
        If it can't be read; the message calls it `name`.
    """
    with reading(name):
        if compression == "gzip":
            with gzip.open(path) as unzipped:
                yield cast("IO[bytes]", unzipped)
        else:
            with path.open("rb") as plain:
                yield plain


def chunks_of_lines(source: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of a file in chunks that don't divide a CR from the LF after it."""
    kept = b""
    while chunk := source.read(CHUNK):
        chunk = kept + chunk
        kept = b"\r" if chunk.endswith(b"\r") else b""
        yield chunk[: len(chunk) - len(kept)]
    yield kept


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors of reading a file into DataError."""
    try:
        with permission_checked(path):
            yield
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or f"it is damaged ({error})"
        raise DataError(f"{path} can't be read: {why}: provide a complete file") from error


def _read(path: Path, read: ReadHead, name: Path) -> bytes:
    """Return the first bytes of a file; raise EmptyFileError if they are all whitespace."""
    with reading(name):
        head = read(path)
    if not head.strip(b"\r\n\t \xef\xbb\xbf"):
        raise EmptyFileError(f"{name} is empty: provide a file with records")
    return head


def _read_plain(path: Path) -> bytes:
    with path.open("rb") as file:
        return first_bytes(file)


def _read_gzip(path: Path) -> bytes:
    with gzip.open(path) as file:
        return first_bytes(cast("IO[bytes]", file))
