"""The format of delimited text, its columns, and the options for their detection."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from item2vec.reading.columns import untyped
from item2vec.reading.options import Layout
from item2vec.reading.sequences.line_formats import LineFormat, ListLines, SequenceLines

_PLAIN_NAME = re.compile(r"column\d+")


@dataclass(frozen=True)
class TextRequest:
    """The options of a caller for detecting the format of a text file.

    Parameters
    ----------
    delimiter : str, optional
        The delimiter; detected by default.
    column_names : sequence of str
        Names of columns that were given. A first record that contains one of them is a header; a
        name such as ``column0`` means that there is no header.
    layout : {"auto", "rows", "sequences"}
        Whether a record is one interaction or a sequence of several.
    has_user : bool, optional
        Whether sequences begin with a user; detected by default.
    lines : SequenceLines or ListLines, optional
        The format of the lines of another file of the same table, which this one has, too.
    """

    delimiter: str | None = None
    column_names: Sequence[str] = ()
    layout: Layout = "rows"
    has_user: bool | None = None
    lines: SequenceLines | ListLines | None = None


@dataclass(frozen=True)
class TextShape:
    """The format of delimited text.

    Parameters
    ----------
    delimiter, quote : str
    header : bool
        Whether the first record that is not skipped is a header.
    columns : tuple of str
        Names of the columns.
    skipped : int
        Number of lines before the first record.
    newline_misleads : bool
        Whether the first line break is quoted; DuckDB would take it for the line ending.
    lines : LineFormat, optional
        How lines are split in SQL, if DuckDB's reader of CSV can't split them.
    notes : tuple of str
        Assumptions, to be shown to the user, without the name of the file.
    names : tuple of str
        The fields of the header as they are written, one for each column; empty without a header.
    escape : str
        What stands before a quote in a quoted field, if that is not another quote.
    has_longer : bool
        Whether there is no header, and some records have more fields than there are columns.
    """

    delimiter: str
    quote: str
    header: bool
    columns: tuple[str, ...]
    skipped: int = 0
    newline_misleads: bool = False
    lines: LineFormat | None = None
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    escape: str = ""
    has_longer: bool = False


def header_names(record: Sequence[str]) -> tuple[str, ...]:
    """Return unique column names, ignoring case as SQL does; blank names become ``column0``, ...

    A type after a colon, as in ``user_id:token``, is not part of a name.
    """
    names: list[str] = []
    used: set[str] = set()
    for position, name in enumerate(record):
        base = untyped(name.strip()) or f"column{position}"
        unique, n = base, 0
        while unique.casefold() in used:
            n += 1
            unique = f"{base}_{n}"
        names.append(unique)
        used.add(unique.casefold())
    return tuple(names)


def plain_names(n: int) -> tuple[str, ...]:
    """Return the names of `n` columns without a header: ``column0``, ``column1``, ..."""
    return tuple(f"column{position}" for position in range(n))


def has_plain_names(request: TextRequest) -> bool:
    """Return whether a given name is one of a column without a header, such as ``column0``."""
    return any(map(_PLAIN_NAME.fullmatch, request.column_names))
