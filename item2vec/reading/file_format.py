"""Detection of the format of a file from its name and its first records, by simple rules.

DuckDB can also detect formats, but its result depends on the data: a single unusual value can make
ids lose leading zeros, or turn the header into a record.
"""

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Literal

from item2vec._support.messages import setting
from item2vec.errors import DataError
from item2vec.reading.columns import is_known
from item2vec.reading.file_content import (
    HEAD,
    Compression,
    ReadHead,
    is_parquet,
    read_head,
    refuse_other,
    unpacked_bytes,
)
from item2vec.reading.json_layout import json_suffix, looks_like_json

RECORDS = 20  # records that are examined
DELIMITERS = ("::", "\t", ",", ";", "|")

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?\s*")
_NEWLINE = re.compile(r"\r\n|\n|\r")
_PLAIN_NAME = re.compile(r"column\d+")


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
    encoding: str = "utf-8"  # as DuckDB reads it
    blank_lines: int = 0  # before the first record
    newline_misleads: bool = False  # see `_newline_misleads`
    notes: tuple[str, ...] = ()
    partitions: Mapping[str, str | None] = field(default_factory=dict)  # values that its path holds
    source: Path | None = None  # the file that was given, if `path` is a copy of it

    @property
    def shown(self) -> Path:
        """The path of the file in messages."""
        return self.source or self.path

    @property
    def name(self) -> str:
        """The name of the file in messages and reports, without its folder."""
        return self.shown.name


def detect_format(
    path: Path,
    *,
    delimiter: str | None,
    column_names: Sequence[str],
    read_zstd: ReadHead,
    source: Path | None = None,
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
    source : Path, optional
        The file that was given, if `path` is a copy of it.

    Raises
    ------
    DataError
        If the file is missing, empty, unreadable, or not a table.
    """
    name = source or path
    head, compression = read_head(path, read_zstd, name)
    if is_parquet(path, head):
        return FileFormat(path, "parquet", source=source)
    refuse_other(path, head, compression, name)
    if b"\0" in head[:4096]:
        raise DataError(
            f"{name} is not a text file: provide CSV, TSV, Parquet or JSON lines, or give its "
            f"encoding, as in {setting('encoding', 'utf-16-le' if head[0] else 'utf-16-be')}"
        )
    text = _whole_lines(head)
    if json_suffix(path) or looks_like_json(text):
        is_array = text.lstrip().startswith("[")
        return FileFormat(path, "json", compression, is_array=is_array, source=source)
    found = _detect_text_format(path, compression, text, delimiter, column_names)
    return replace(found, source=source)


@contextlib.contextmanager
def unpacked(file: FileFormat) -> Iterator[IO[bytes]]:
    """Open a file for reading its bytes, decompressed if it is a gzip file.

    Raises
    ------
    DataError
        If it can't be read.
    """
    with unpacked_bytes(file.path, file.compression, file.shown) as source:
        yield source


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
