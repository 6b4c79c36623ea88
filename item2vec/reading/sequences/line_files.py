"""Copies of files of lines: without quotes, and with uniform line endings."""

import csv
import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, NamedTuple

from item2vec.reading.files.file_content import chunks_of_lines
from item2vec.reading.files.file_format import FileFormat, unpacked
from item2vec.reading.sequences.line_formats import UNIT, ListLines


def plain_lines(file: FileFormat, new_path: Callable[[], Path]) -> FileFormat:
    """Return the format of a copy without quotes and with uniform line endings, if one is needed.

    Parameters
    ----------
    file : FileFormat
        With `FileFormat.lines`; other files are returned as they are, and so are zstd files.
    new_path : callable
        Returns the path of a new temporary file.
    """
    lines = file.lines
    if lines is None or file.compression == "zstd":
        return file
    with unpacked(file) as source:
        content = _examine(source)
    if content.mixed_endings:
        note = f"{file.name} mixes line endings: all are treated the same"
        copy = new_path()
        with unpacked(file) as source:
            _write_uniform(source, copy)
        file = replace(
            file, path=copy, source=file.shown, compression="none", notes=(*file.notes, note)
        )
    if not content.quotes or isinstance(lines, ListLines) or len(lines.delimiter) > 1:
        return file
    copy = new_path()
    try:
        with unpacked(file) as source:
            _write_without_quotes(source, copy, lines.delimiter, file.skipped)
    except csv.Error:
        note = f"{file.name}: quotes are read as ordinary characters"
        return replace(file, notes=(*file.notes, note))
    return replace(
        file, path=copy, source=file.shown, compression="none", lines=replace(lines, delimiter=UNIT)
    )


class _Content(NamedTuple):
    """The properties of a file of lines that require a copy before DuckDB can read it.

    Parameters
    ----------
    quotes : bool
        Whether there are double quotes.
    mixed_endings : bool
        Whether lines end in several ways: LF, CR LF or CR.
    """

    quotes: bool
    mixed_endings: bool


def _examine(source: IO[bytes]) -> _Content:
    """Read a file to its end, and return what it contains."""
    quotes = False
    n_pairs = n_cr = n_lf = 0
    for chunk in chunks_of_lines(source):
        quotes = quotes or b'"' in chunk
        n_lf += chunk.count(b"\n")
        if b"\r" in chunk:
            n_pairs, n_cr = n_pairs + chunk.count(b"\r\n"), n_cr + chunk.count(b"\r")
    kinds = (n_pairs, n_cr - n_pairs, n_lf - n_pairs)
    return _Content(quotes, sum(map(bool, kinds)) > 1)


def _write_uniform(source: IO[bytes], target: Path) -> None:
    """Copy a text, and end all lines with LF."""
    with target.open("wb") as copy:
        for chunk in chunks_of_lines(source):
            copy.write(chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def _write_without_quotes(source: IO[bytes], target: Path, delimiter: str, skipped: int) -> None:
    """Copy lines with quoted fields as lines with the delimiter `UNIT` and no quotes.

    Line breaks in quoted fields become blanks. The lines before the first record are kept.

    Raises
    ------
    csv.Error
        If a quote is not closed, or characters follow a closing quote.
    """
    text = io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape", newline="")
    reader = csv.reader(text, delimiter=delimiter, skipinitialspace=True, strict=True)
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as copy:
        for line in itertools.islice(text, skipped):
            copy.write(line)
        for record in reader:
            line = UNIT.join(field.replace(UNIT, " ") for field in record)
            copy.write(" ".join(line.splitlines()) + "\n")
    text.detach()
