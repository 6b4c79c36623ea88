"""Reading lists of item ids: one id per line, or a table with a column of items."""

import csv
import io
import os
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.columns import ColumnNotFoundError, is_called
from item2vec.reading.file_format import FileFormat, detect_format, unpacked
from item2vec.reading.paths import find_files


def read_item_ids(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Read item ids, each id once, in the order of the file.

    Parameters
    ----------
    path : path
        A file, or a glob of several, which are read one after another. Each is a text file with one
        id per line, with or without a header such as ``item``; or a table with a column of items,
        as in `read_catalogue`. Blank lines are skipped.

    Raises
    ------
    DataError
        If a file is missing, empty or unreadable, or has no column of items.
    """
    return tuple(dict.fromkeys(item_id for file in find_files(path) for item_id in _read(file)))


def _read(path: Path) -> tuple[str, ...]:
    """Return the item ids of one file."""
    # The content of a zstd file does not matter here: it is always read as a table.
    file = detect_format(path, delimiter=None, column_names=(), read_zstd=lambda _: b"item,title\n")
    if file.kind == "text" and file.compression != "zstd" and len(file.columns) == 1:
        return _lines(file)
    try:
        return read_catalogue(path).ids
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
        content = source.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    # No id contains a unit separator, so each record has exactly one field.
    records = csv.reader(io.StringIO(text, newline=""), delimiter="\x1f")
    try:
        ids = [field for record in records if record and (field := record[0].strip())]
    except csv.Error as error:
        raise DataError(f"{file.path} can't be read: {error}: write one id per line") from error
    if ids and is_called(ids[0], "item"):
        del ids[0]
    if not ids:
        raise DataError(f"{file.path} contains no ids: write one id per line")
    return tuple(dict.fromkeys(ids))
