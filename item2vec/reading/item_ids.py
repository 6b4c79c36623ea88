"""Lists of item ids in files: an id on each line, or a table with a column of items."""

import csv
import io
import os
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.columns import is_called
from item2vec.reading.file_format import FileFormat, look_at, unpacked
from item2vec.reading.paths import find_files


def read_item_ids(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Read the ids of items from a file, each id once, in the order of the file.

    Parameters
    ----------
    path : path
        A text file with an id on each line, under a name such as ``item`` or without one; or a
        table, as `read_catalogue` reads it, with a column of items. Blank lines are skipped.

    Raises
    ------
    DataError
        If it is missing, empty or unreadable, or no column is known to hold items.
    """
    (file,) = find_files(path)[:1]
    form = look_at(file, delimiter=None, told=(), read_zstd=lambda _: b"item,title\n")
    if form.kind == "text" and form.compression != "zstd" and len(form.columns) == 1:
        return _lines(form)
    try:
        return read_catalogue(file).ids
    except DataError as error:
        raise DataError(
            f"{error} (a list of items is a text file with an id on each line, or a table with a "
            "column such as item)"
        ) from error


def _lines(form: FileFormat) -> tuple[str, ...]:
    """Return the only field of each record; quotes are those of CSV."""
    with unpacked(form) as file:
        content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    # No id holds the unit separator, so a record is one field, whatever other marks it holds.
    records = csv.reader(io.StringIO(text, newline=""), delimiter="\x1f")
    try:
        ids = [field for record in records if record and (field := record[0].strip())]
    except csv.Error as error:
        raise DataError(f"{Path(form.path)} can't be read: {error}: give an id a line") from error
    if ids and is_called(ids[0], "item"):
        del ids[0]
    if not ids:
        raise DataError(f"{Path(form.path)} holds no ids: give an id on each line")
    return tuple(dict.fromkeys(ids))
