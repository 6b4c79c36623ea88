"""What a file holds, told by its name and its first records with simple rules of our own.

DuckDB could guess it all, but its guesses depend on the data: one odd value, and ids lose their
zeros or the header becomes a record.
"""

import contextlib
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from item2vec.errors import DataError
from item2vec.reading.columns import is_known

Compression = Literal["none", "gzip", "zstd"]
Encoding = Literal["utf-8", "latin-1"]
ReadHead = Callable[[Path], bytes]

HEAD = 1 << 16  # bytes that are looked at
RECORDS = 20  # records that are looked at
DELIMITERS = ("::", "\t", ",", ";", "|")

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?\s*")
_NEWLINE = re.compile(r"\r\n|\n|\r")
_PLAIN_NAME = re.compile(r"column\d+")

_NO_TABLES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: unpack it, or export it as CSV",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


@dataclass(frozen=True)
class FileFormat:
    """How to read one file."""

    path: Path
    kind: Literal["text", "json", "parquet"]
    compression: Compression = "none"
    is_array: bool = False  # of JSON: one array of objects, not an object a line
    # The rest is about delimited text alone.
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    columns: tuple[str, ...] = ()
    encoding: Encoding = "utf-8"
    blank_lines: int = 0  # before the first record
    newline_misleads: bool = False  # the first line end of the file stands inside quotes
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What messages and the report call the file; a report holds no path."""
        return self.path.name


def look_at(
    path: Path, *, delimiter: str | None, told: Sequence[str], read_zstd: ReadHead
) -> FileFormat:
    """Tell the format of a file.

    Parameters
    ----------
    path : Path
    delimiter : str, optional
        Of delimited text, where it was told.
    told : sequence of str
        Column names that a person gave: a first record that holds one is a header, and a name like
        ``column0`` says that there is none.
    read_zstd : callable
        Gives the first bytes that a zstd file unpacks to.

    Raises
    ------
    DataError
        If it is missing, empty, unreadable, or no table.
    """
    head = _read(path, _read_plain)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if head.startswith(b"PAR1") or suffixes[-1:] in ([".parquet"], [".pq"]):
        return FileFormat(path, "parquet")
    compression: Compression = "none"
    if head.startswith(b"\x1f\x8b"):
        compression, head = "gzip", _read(path, _read_gzip)
    elif head.startswith(b"\x28\xb5\x2f\xfd"):
        compression, head = "zstd", _read(path, read_zstd)
    for magic, what in _NO_TABLES.items():
        if head.startswith(magic):
            raise DataError(f"{path} is {what}")
    if b"\0" in head[:4096]:
        raise DataError(f"{path} is not a text file: give CSV, TSV, Parquet or JSON lines")
    names = [suffix for suffix in suffixes if suffix not in {".gz", ".zst", ".zstd"}]
    if names[-1:] in ([".json"], [".jsonl"], [".ndjson"]) or head.lstrip().startswith(b'{"'):
        return FileFormat(path, "json", compression, is_array=head.lstrip().startswith(b"["))
    return _look_at_text(path, compression, _whole_lines(head), delimiter, told)


@contextlib.contextmanager
def unpacked(file: FileFormat) -> Iterator[IO[bytes]]:
    """Open a file, plain or gzipped, for reading its bytes; raise DataError where that fails."""
    with _reading(file.path):
        if file.compression == "gzip":
            with gzip.open(file.path) as unzipped:
                yield cast("IO[bytes]", unzipped)
        else:
            with file.path.open("rb") as plain:
                yield plain


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"{path} can't be read: {why}: give a file that is whole") from error


def _read(path: Path, read: ReadHead) -> bytes:
    with _reading(path):
        head = read(path)
    if not head.strip(b"\r\n\t \xef\xbb\xbf"):
        raise DataError(f"{path} is empty: give a file with records")
    return head


def _read_plain(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _read_gzip(path: Path) -> bytes:
    with gzip.open(path) as file:
        return file.read(HEAD)


def _whole_lines(head: bytes) -> str:
    """Decode the head, without the line that it may have cut in two."""
    if len(head) >= HEAD and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return head.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _look_at_text(
    path: Path, compression: Compression, text: str, delimiter: str | None, told: Sequence[str]
) -> FileFormat:
    blank_lines = 0
    while (line := _NEWLINE.match(text)) is not None:
        blank_lines, text = blank_lines + 1, text[line.end() :]
    delimiter = delimiter or _find_delimiter(text)
    records = _records(text, delimiter)
    header = _is_header(records[0], told)
    columns = header_names(records[0]) if header else _plain_names(len(records[0]))
    notes: tuple[str, ...] = ()
    told_plain = any(_PLAIN_NAME.fullmatch(name) for name in told)
    if not header and not told_plain and (names := _movielens_names(delimiter, records[0])):
        columns = names
        notes = (f"{path.name} has no header: its columns are {', '.join(names)}",)
    quote = "" if delimiter == "::" else '"'
    return FileFormat(
        path,
        "text",
        compression,
        delimiter=delimiter,
        quote=quote,
        header=header,
        columns=columns,
        blank_lines=blank_lines,
        newline_misleads=_newline_misleads(text, quote),
        notes=notes,
    )


def _find_delimiter(text: str) -> str:
    """Return what cuts all the first records, else the very first, into several fields."""
    counts = {mark: [len(record) for record in _records(text, mark)] for mark in DELIMITERS}
    for mark, fields in counts.items():
        if fields[0] > 1 and len(set(fields)) == 1:
            return mark
    return max(DELIMITERS, key=lambda mark: (counts[mark][0], mark == ","))


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Return the first records, without blank lines; there is always one."""
    if len(delimiter) > 1:
        lines = [line for line in _NEWLINE.split(text) if line]
        return [line.split(delimiter) for line in lines[:RECORDS]]
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if record:
                records.append(record)
            if len(records) == RECORDS:
                break
    except csv.Error:  # a field that goes on and on: a quote that is never closed
        pass
    return records or [_NEWLINE.split(text)[0].split(delimiter)]


def _is_header(record: Sequence[str], told: Sequence[str]) -> bool:
    """Tell a header: it holds a name that is known, or at least no number and no date."""
    if any(name in told or is_known(name) for name in record):
        return True
    if any(_PLAIN_NAME.fullmatch(name) for name in told):
        return False
    return not any(_NUMBER.fullmatch(name) or _DATE.fullmatch(name) for name in record)


def header_names(record: Sequence[str]) -> tuple[str, ...]:
    """Make names unique, as SQL sees them (in any letter case); a blank one is column0."""
    names: list[str] = []
    taken: set[str] = set()
    for place, name in enumerate(record):
        own = name.strip() or f"column{place}"
        unique, n = own, 0
        while unique.casefold() in taken:
            n += 1
            unique = f"{own}_{n}"
        names.append(unique)
        taken.add(unique.casefold())
    return tuple(names)


def _plain_names(n: int) -> tuple[str, ...]:
    return tuple(f"column{place}" for place in range(n))


def _movielens_names(delimiter: str, record: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of MovieLens' u.data, ratings.dat and movies.dat, if it is one of them."""
    numbers = [_NUMBER.fullmatch(field) is not None for field in record]
    if delimiter in {"\t", "::"} and numbers == [True] * 4:
        return ("user", "item", "rating", "time")
    if delimiter == "::" and numbers == [True, False, False]:
        return ("item", "title", "genres")
    return ()


def _newline_misleads(text: str, quote: str) -> bool:
    """Tell whether the first line end stands inside quotes: DuckDB takes it for that of records."""
    found = _NEWLINE.search(text)
    before = text[: found.start()] if found else ""
    return bool(quote) and before.count(quote) % 2 == 1 and "\r" in text
