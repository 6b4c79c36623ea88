"""Detection of the format of a file from its name and its first records, by simple rules.

DuckDB can also detect formats, but its result depends on the data: a single unusual value can make
ids lose leading zeros, or turn the header into a record.
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
from item2vec.reading.options import Encoding

Compression = Literal["none", "gzip", "zstd"]
ReadHead = Callable[[Path], bytes]

HEAD = 1 << 16  # bytes that are examined
RECORDS = 20  # records that are examined
DELIMITERS = ("::", "\t", ",", ";", "|")

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?\s*")
_NEWLINE = re.compile(r"\r\n|\n|\r")
_PLAIN_NAME = re.compile(r"column\d+")

# The first bytes of files that are not tables, and the messages for them.
_NO_TABLES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: unpack it, or export it as CSV",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


@dataclass(frozen=True)
class FileFormat:
    """The format of one file."""

    path: Path
    kind: Literal["text", "json", "parquet"]
    compression: Compression = "none"
    is_array: bool = False  # JSON: one array of objects, instead of one object per line
    # The following fields apply to delimited text only.
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    columns: tuple[str, ...] = ()
    encoding: Encoding = "utf-8"
    blank_lines: int = 0  # before the first record
    newline_misleads: bool = False  # see `_newline_misleads`
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the file in messages and reports, without its folder."""
        return self.path.name


def detect_format(
    path: Path, *, delimiter: str | None, column_names: Sequence[str], read_zstd: ReadHead
) -> FileFormat:
    """Detect the format of a file.

    Parameters
    ----------
    path : Path
    delimiter : str, optional
        The delimiter of text files, if given; detected by default.
    column_names : sequence of str
        Names of columns that the caller has given. A first record that contains one of them is a
        header; a name such as ``column0`` means that there is no header.
    read_zstd : callable
        Returns the first bytes of a decompressed zstd file.

    Raises
    ------
    DataError
        If the file is missing, empty, unreadable, or not a table.
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
        raise DataError(f"{path} is not a text file: provide CSV, TSV, Parquet or JSON lines")
    names = [suffix for suffix in suffixes if suffix not in {".gz", ".zst", ".zstd"}]
    if names[-1:] in ([".json"], [".jsonl"], [".ndjson"]) or head.lstrip().startswith(b'{"'):
        return FileFormat(path, "json", compression, is_array=head.lstrip().startswith(b"["))
    return _detect_text_format(path, compression, _whole_lines(head), delimiter, column_names)


@contextlib.contextmanager
def unpacked(file: FileFormat) -> Iterator[IO[bytes]]:
    """Open a file for reading its bytes, decompressed if it is a gzip file.

    Raises
    ------
    DataError
        If it can't be read.
    """
    with _reading(file.path):
        if file.compression == "gzip":
            with gzip.open(file.path) as unzipped:
                yield cast("IO[bytes]", unzipped)
        else:
            with file.path.open("rb") as plain:
                yield plain


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn errors of reading a file into DataError."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"{path} can't be read: {why}: provide a complete file") from error


def _read(path: Path, read: ReadHead) -> bytes:
    """Return the first bytes of a file; raise DataError if they are all whitespace."""
    with _reading(path):
        head = read(path)
    if not head.strip(b"\r\n\t \xef\xbb\xbf"):
        raise DataError(f"{path} is empty: provide a file with records")
    return head


def _read_plain(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _read_gzip(path: Path) -> bytes:
    with gzip.open(path) as file:
        return file.read(HEAD)


def _whole_lines(head: bytes) -> str:
    """Decode the first bytes of a file, without an incomplete last line."""
    if len(head) >= HEAD and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return head.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _detect_text_format(
    path: Path,
    compression: Compression,
    text: str,
    delimiter: str | None,
    column_names: Sequence[str],
) -> FileFormat:
    """Detect the format of delimited text from its first lines."""
    blank_lines = 0
    while (line := _NEWLINE.match(text)) is not None:
        blank_lines, text = blank_lines + 1, text[line.end() :]
    delimiter = delimiter or _find_delimiter(text)
    records = _records(text, delimiter)
    header = _is_header(records[0], column_names)
    columns = header_names(records[0]) if header else _plain_names(len(records[0]))
    notes: tuple[str, ...] = ()
    uses_plain = any(_PLAIN_NAME.fullmatch(name) for name in column_names)
    if not header and not uses_plain and (names := _movielens_names(delimiter, records[0])):
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
    """Return the first delimiter that gives all records the same number of fields.

    If there is none, return the delimiter that splits the first record into the most fields.
    """
    counts = {mark: [len(record) for record in _records(text, mark)] for mark in DELIMITERS}
    for mark, fields in counts.items():
        if fields[0] > 1 and len(set(fields)) == 1:
            return mark
    return max(DELIMITERS, key=lambda mark: (counts[mark][0], mark == ","))


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Return the fields of the first records, without blank lines; always at least one record."""
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
    except csv.Error:  # a very long field, because a quote is never closed
        pass
    return records or [_NEWLINE.split(text)[0].split(delimiter)]


def _is_header(record: Sequence[str], column_names: Sequence[str]) -> bool:
    """Return whether a record is a header: it has a known name, or no numbers and dates."""
    if any(name in column_names or is_known(name) for name in record):
        return True
    if any(_PLAIN_NAME.fullmatch(name) for name in column_names):
        return False
    return not any(_NUMBER.fullmatch(name) or _DATE.fullmatch(name) for name in record)


def header_names(record: Sequence[str]) -> tuple[str, ...]:
    """Return unique column names, ignoring case as SQL does; blank names become ``column0``, ..."""
    names: list[str] = []
    used: set[str] = set()
    for position, name in enumerate(record):
        base = name.strip() or f"column{position}"
        unique, n = base, 0
        while unique.casefold() in used:
            n += 1
            unique = f"{base}_{n}"
        names.append(unique)
        used.add(unique.casefold())
    return tuple(names)


def _plain_names(n: int) -> tuple[str, ...]:
    return tuple(f"column{position}" for position in range(n))


def _movielens_names(delimiter: str, record: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of MovieLens' u.data, ratings.dat or movies.dat; () for other files."""
    numbers = [_NUMBER.fullmatch(field) is not None for field in record]
    if delimiter in {"\t", "::"} and numbers == [True] * 4:
        return ("user", "item", "rating", "time")
    if delimiter == "::" and numbers == [True, False, False]:
        return ("item", "title", "genres")
    return ()


def _newline_misleads(text: str, quote: str) -> bool:
    """Return whether the first line break is quoted; DuckDB would assume it as the line ending."""
    found = _NEWLINE.search(text)
    before = text[: found.start()] if found else ""
    return bool(quote) and before.count(quote) % 2 == 1 and "\r" in text
