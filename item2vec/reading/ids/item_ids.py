"""Reading lists of item ids: one id per line, or a table with a column of items."""

import csv
import io
import os
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading.catalogue import catalogue_format, read_catalogue
from item2vec.reading.columns import ColumnNotFoundError, is_called
from item2vec.reading.files.file_format import FileFormat, unpacked
from item2vec.reading.files.paths import find_files
from item2vec.reading.files.streams import kept_streams
from item2vec.reading.options import TextFormat
from item2vec.reading.tables import open_formats
from item2vec.reading.text.records import BLANK


def read_item_ids(path: str | os.PathLike[str], *, encoding: str | None = None) -> tuple[str, ...]:
    """Read item ids, each id once, in the order of the file.

    Parameters
    ----------
    path : path
        A file, ``-``, or a glob of several files, which are read one after another. Each is a text
        file with one id per line, with or without a header such as ``item``; or a table with a
        column of items, as in `read_catalogue`. Blank lines are skipped.
    encoding : str, optional
        Encoding of text files, as in `read_catalogue`.

    Raises
    ------
    DataError
        If a file is missing, empty or unreadable, or has no column of items.
    """
    text = catalogue_format(encoding)
    with kept_streams():
        ids = [item_id for file in find_files(path) for item_id in _read(file, text, encoding)]
    return tuple(dict.fromkeys(ids))


def _read(path: Path, text: TextFormat, encoding: str | None) -> tuple[str, ...]:
    """Return the item ids of one file."""
    with open_formats([path], text) as formats:
        file = formats[0]
        # Ids may be titles of two words.
        is_column = len(file.columns) == 1 or file.delimiter == BLANK
        if file.kind == "text" and file.compression != "zstd" and is_column:
            return _lines(file)
    try:
        return read_catalogue(path, encoding=encoding).ids
    except ColumnNotFoundError as error:  # no option names this column
        raise DataError(
            f"{path}: no column has a well-known name for the item ({', '.join(file.columns)}): "
            "call it item, or write one id per line"
        ) from error
    except DataError as error:
        raise DataError(
            f"{error} (a list of items is a text file with one id per line, or a table with a "
            "column such as item)"
        ) from error


def _lines(file: FileFormat) -> tuple[str, ...]:
    """Return the ids of a file with one field per record, which may be quoted as in CSV."""
    with unpacked(file) as source:
        text = source.read().decode("utf-8-sig", errors="replace")
    # No id contains a unit separator, so each record has exactly one field.
    records = csv.reader(io.StringIO(text, newline=""), delimiter="\x1f")
    try:
        ids = [field for record in records if record and (field := record[0].strip())]
    except csv.Error as error:
        raise DataError(f"{file.shown} can't be read: {error}: write one id per line") from error
    if ids and is_called(ids[0], "item"):
        del ids[0]
    if not ids:
        raise DataError(f"{file.shown} contains no ids: write one id per line")
    return tuple(dict.fromkeys(ids))
