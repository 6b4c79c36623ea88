"""Detection of the format of delimited text from its first lines, by simple rules.

DuckDB can also detect formats, but its result depends on the data: a single unusual value can make
ids lose leading zeros, or turn the header into a record.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from item2vec._support.messages import shown
from item2vec.reading.columns import is_known, is_list_name, untyped
from item2vec.reading.line_formats import LineFormat, ListLines, SequenceLines, SpacedLines
from item2vec.reading.list_lines import FoundLists, find_lists, is_header_of_lists
from item2vec.reading.list_texts import find_separator, holds_lists
from item2vec.reading.options import Layout
from item2vec.reading.preamble import Preamble, skip_preamble
from item2vec.reading.sequence_detection import (
    LINES,
    FoundSequences,
    describe_lines,
    find_sequences,
)
from item2vec.reading.sequence_headers import has_header
from item2vec.reading.text_records import (
    BLANK,
    NEWLINE,
    are_padded,
    find_delimiter,
    has_escaped_quotes,
    split_records,
)

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?\s*")
LEAST_ROWS = 3  # numbered rows from which their numbers are no coincidence
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


def detect_text(text: str, request: TextRequest) -> TextShape:
    """Detect the format of delimited text from its first lines, which must be complete."""
    preamble = skip_preamble(text, request.delimiter, request.column_names)
    text = preamble.rest
    given = request.delimiter or preamble.delimiter
    shape = _shape_of_lines(text, given, request, preamble)
    if shape is not None:
        return shape
    delimiter = given or find_delimiter(text)
    has_escapes = has_escaped_quotes(text, delimiter)
    records = split_records(text, delimiter, has_escapes=has_escapes)
    if _has_row_names(text, records):
        return _shape_with_row_names(text, records, delimiter, preamble)
    header = preamble.header is None and _is_header(records, request)
    notes = list(preamble.notes)
    if preamble.header is not None:
        columns = header_names(preamble.header)
    elif header:
        columns = header_names(records[0])
        notes += _repeated_names(records[0])
    else:
        columns, remark = _names_without_header(delimiter, records, request)
        notes += remark
    lines = SpacedLines(len(columns)) if delimiter == BLANK else None
    if lines is None and are_padded(records, delimiter):
        lines = SpacedLines(len(columns), delimiter, keeps_empty=True)
    quote = "" if delimiter == "::" else '"'
    if has_escapes:
        notes.append("in quoted fields, a backslash escapes the character after it")
    return TextShape(
        delimiter,
        quote,
        header,
        columns,
        preamble.skipped,
        lines is None and _newline_misleads(text, quote),
        lines,
        tuple(notes),
        tuple(records[0]) if header else (),
        "\\" if has_escapes else "",
    )


def _shape_of_lines(
    text: str, delimiter: str | None, request: TextRequest, preamble: Preamble
) -> TextShape | None:
    """Return the format of text whose lines are sequences or lists; None for tables."""
    if isinstance(request.lines, ListLines):
        first = NEWLINE.split(text, maxsplit=1)[0]
        has_header = is_header_of_lists(request.lines, first)
        return _shape_of_lists(FoundLists(request.lines, has_header), request, preamble)
    if request.lines is not None:
        lines = request.lines
        records = split_records(text, lines.delimiter, LINES)
        found = describe_lines(lines.delimiter, records, lines.has_user)
        marks = dict.fromkeys((*lines.marks, *found.lines.marks))
        found = found._replace(lines=replace(lines, marks=tuple(marks)))
        return _shape_of_sequences(text, found, request, preamble)
    if request.layout != "rows":
        is_declared = request.layout == "sequences"
        lists = find_lists(text, delimiter, is_declared=is_declared)
        if lists is not None:
            return _shape_of_lists(lists, request, preamble)
    sequences = find_sequences(text, delimiter, request.layout, request.has_user)
    return sequences and _shape_of_sequences(text, sequences, request, preamble)


def _shape_of_lists(found: FoundLists, request: TextRequest, preamble: Preamble) -> TextShape:
    """Return the format of lines with a list each."""
    columns = found.lines.columns
    if any(map(_PLAIN_NAME.fullmatch, request.column_names)):
        columns = plain_names(len(columns))
    return TextShape(
        found.lines.delimiter,
        "",
        found.has_header,
        columns,
        preamble.skipped,
        lines=found.lines,
        notes=(*preamble.notes, found.lines.note()),
    )


def _shape_of_sequences(
    text: str, found: FoundSequences, request: TextRequest, preamble: Preamble
) -> TextShape:
    """Return the format of text whose lines are sequences."""
    lines, columns = found.lines, found.lines.columns
    user = "column0"
    if found.header is not None:
        first = found.header[bool(lines.ignored) :]
        columns = header_names([first[0], first[1] if len(first) == 2 else "item"][-len(columns) :])
        user = header_names(found.header)[0]
    elif any(map(_PLAIN_NAME.fullmatch, request.column_names)):
        columns = plain_names(len(columns))
    is_declared = request.layout == "sequences" and request.has_user is not None
    is_given = is_declared or request.lines is not None
    notes = [*preamble.notes, lines.note(is_given=is_given, first=user)]
    if found.has_sizes:
        sizes = NEWLINE.split(text, maxsplit=1)[0]
        notes.append(f"skipped 1 line with the numbers of users and items, {shown(sizes)}")
    return TextShape(
        lines.delimiter,
        "",
        found.header is not None,
        columns,
        preamble.skipped + found.has_sizes,
        lines=lines,
        notes=tuple(notes),
    )


def _has_row_names(text: str, records: Sequence[Sequence[str]]) -> bool:
    """Return whether the header lacks the name of the first column, as R writes tables.

    R quotes names. Without quotes, a user and a title with a comma look alike: such a comma has a
    blank after it.
    """
    n = len(records[0]) + 1
    rows = records[1:]
    firsts = [row[0].strip() for row in rows]
    are_numbered = firsts in [[str(k + first) for k in range(len(rows))] for first in (0, 1)]
    are_longer = len(rows) > 1 and all(len(row) == n for row in rows)
    if n <= 2 or not are_longer or not are_numbered or not has_header(records):
        return False
    has_blanks = any(field.startswith(" ") for row in rows for field in row)
    return text.startswith('"') or (len(rows) >= LEAST_ROWS and not has_blanks)


def _shape_with_row_names(
    text: str, records: Sequence[Sequence[str]], delimiter: str, preamble: Preamble
) -> TextShape:
    """Return the format of a table with names of rows; its header is skipped."""
    columns = header_names(["", *records[0]])
    return TextShape(
        delimiter,
        '"',
        header=False,
        columns=columns,
        skipped=preamble.skipped + 1,
        lines=SpacedLines(len(columns)) if delimiter == BLANK else None,
        notes=(*preamble.notes, "the header has no name for the first column, which names rows"),
    )


def _repeated_names(record: Sequence[str]) -> list[str]:
    """Return a note for each name that several columns have."""
    names = [name.strip() for name in record if name.strip()]
    counts = Counter(name.casefold() for name in names)
    first = {name.casefold(): name for name in reversed(names)}
    return [
        f"{n} columns are called {shown(first[name])}: the first one is used"
        for name, n in counts.items()
        if n > 1
    ]


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


def _is_header(records: Sequence[Sequence[str]], request: TextRequest) -> bool:
    """Return whether the first record is a header: it has a known name, or nothing like a value."""
    first = records[0]
    if any(name in request.column_names or is_known(name) for name in first):
        return True
    if any(_PLAIN_NAME.fullmatch(name) for name in request.column_names):
        return False
    if any(_NUMBER.fullmatch(name) or _DATE.fullmatch(name) for name in first):
        return False
    if find_separator([name for name in first if name.strip()]) is not None:
        return False  # numbers joined by a separator
    columns = zip(first, zip(*records[1:], strict=False), strict=False)
    if any(name.strip() and name in values for name, values in columns):  # it recurs below
        return False
    return is_list_name(first[-1]) or not _end_with_lists(records, request)


def _end_with_lists(records: Sequence[Sequence[str]], request: TextRequest) -> bool:
    """Return whether there are two columns, of which the second holds lists from the start."""
    if request.layout == "rows" or any(len(record) != 2 for record in records):
        return False
    seconds = [record[1] for record in records]
    if request.layout == "sequences" and find_separator(seconds, "name") is not None:
        return True
    return holds_lists(seconds[:1]) and holds_lists(seconds)


def _names_without_header(
    delimiter: str, records: Sequence[Sequence[str]], request: TextRequest
) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of the columns of text without a header, and a note on them, if any."""
    if not any(map(_PLAIN_NAME.fullmatch, request.column_names)):
        names = _movielens_names(delimiter, records[0])
        if not names and _end_with_lists(records, request):
            names = ("user", "items")
        if names:
            return names, [f"there is no header: the columns are {', '.join(names)}"]
    return plain_names(len(records[0])), []


def _movielens_names(delimiter: str, record: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of MovieLens' u.data, ratings.dat or movies.dat; () for other files."""
    numbers = [_NUMBER.fullmatch(value) is not None for value in record]
    if delimiter in {"\t", "::"} and numbers == [True] * 4:
        return ("user", "item", "rating", "time")
    if delimiter == "::" and numbers == [True, False, False]:
        return ("item", "title", "genres")
    return ()


def _newline_misleads(text: str, quote: str) -> bool:
    """Return whether the first line break is quoted; DuckDB would assume it as the line ending."""
    found = NEWLINE.search(text)
    before = text[: found.start()] if found else ""
    return bool(quote) and before.count(quote) % 2 == 1 and "\r" in text
