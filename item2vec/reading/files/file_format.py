"""Detection of the format of a file from its name and its first bytes."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Literal

from item2vec._support.messages import setting
from item2vec.errors import DataError
from item2vec.reading.files.file_content import (
    HEAD,
    Compression,
    ReadHead,
    is_parquet,
    read_head,
    refuse_other,
    unpacked_bytes,
)
from item2vec.reading.json_files.layout import json_suffix, looks_like_json
from item2vec.reading.sequences.line_formats import LineFormat, SequenceLines
from item2vec.reading.text.detection import detect_text
from item2vec.reading.text.encoding_guess import complete_lines
from item2vec.reading.text.shapes import TextRequest, TextShape


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
    escape: str = ""  # what stands before a quote in a quoted field, if not another quote
    has_longer: bool = False  # see `TextShape`
    header: bool = True
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"  # as DuckDB reads it
    skipped: int = 0  # number of lines before the first record
    newline_misleads: bool = False  # see `TextShape`
    lines: LineFormat | None = None  # how lines are split, if not by DuckDB's reader of CSV
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # the fields of the header as they are written
    may_repeat: bool = False  # whether records may repeat the header, or be lines of dashes
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
    request: TextRequest | None = None,
    read_zstd: ReadHead,
    source: Path | None = None,
) -> FileFormat:
    """Detect the format of a file.

    Parameters
    ----------
    path : Path
    request : TextRequest, optional
        What the caller has said about text files.
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
    shape = detect_text(text, request or TextRequest())
    if isinstance(shape.lines, SequenceLines) and shape.lines.has_user is None:
        raise DataError(
            f"{name}: each line is a sequence of items, and it is not clear whether it begins with "
            f"a user: give {setting('user', 'column0')} if it does, and {setting('user', 'none')} "
            "if it does not"
        )
    return _of_text(FileFormat(path, "text", compression, source=source), shape)


def _of_text(file: FileFormat, shape: TextShape) -> FileFormat:
    """Return the format of a text file with the shape of its text."""
    return replace(
        file,
        delimiter=shape.delimiter,
        quote=shape.quote,
        header=shape.header,
        columns=shape.columns,
        skipped=shape.skipped,
        newline_misleads=shape.newline_misleads,
        lines=shape.lines,
        names=shape.names,
        escape=shape.escape,
        has_longer=shape.has_longer,
        notes=tuple(f"{file.name}: {note}" for note in shape.notes),
    )


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
    if len(head) >= HEAD:
        head = complete_lines(head)
    return head.decode("utf-8", errors="replace").removeprefix("\ufeff")
