"""Detection of the format of delimited text from its first lines, by simple rules.

DuckDB can also detect formats, but its result depends on the data: a single unusual value can make
ids lose leading zeros, or turn the header into a record.
"""

import re
from collections import Counter
from collections.abc import Sequence

from item2vec._support.messages import shown
from item2vec.reading.columns import is_known, is_list_name
from item2vec.reading.sequences.detection import (
    LINES,
)
from item2vec.reading.sequences.headers import has_header
from item2vec.reading.sequences.line_formats import SpacedLines
from item2vec.reading.sequences.line_shapes import shape_of_lines
from item2vec.reading.sequences.list_texts import find_separator, holds_lists
from item2vec.reading.text.preamble import Preamble, skip_preamble
from item2vec.reading.text.records import (
    BLANK,
    NEWLINE,
    are_padded,
    field_counts,
    find_delimiter,
    has_escaped_quotes,
    split_records,
)
from item2vec.reading.text.shapes import (
    TextRequest,
    TextShape,
    has_plain_names,
    header_names,
    plain_names,
)

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?\s*")
LEAST_ROWS = 3  # numbered rows from which their numbers are no coincidence


def detect_text(text: str, request: TextRequest) -> TextShape:
    """Detect the format of delimited text from its first lines, which must be complete."""
    preamble = skip_preamble(text, request.delimiter, request.column_names)
    text = preamble.rest
    given = request.delimiter or preamble.delimiter
    shape = shape_of_lines(text, given, request, preamble)
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
        not header and max(field_counts(text, delimiter, LINES)) > len(columns),
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


def _is_header(records: Sequence[Sequence[str]], request: TextRequest) -> bool:
    """Return whether the first record is a header: it has a known name, or nothing like a value."""
    first = records[0]
    if any(name in request.column_names or is_known(name) for name in first):
        return True
    if has_plain_names(request):
        return False
    if any(_NUMBER.fullmatch(name) or _DATE.fullmatch(name) for name in first):
        return False
    if find_separator([name for name in first if name.strip()]) is not None:
        return False  # numbers joined by a separator
    columns = zip(first, zip(*records[1:], strict=False), strict=False)
    if any(name.strip() and name in values for name, values in columns):  # it recurs below
        return False
    if _share_parts(records):
        return False
    return is_list_name(first[-1]) or not _end_with_lists(records, request)


def _share_parts(records: Sequence[Sequence[str]]) -> bool:
    """Return whether a part of a joined text in the first record is also in others below it."""
    for column in zip(*records, strict=False):
        first, *below = ([part.strip() for part in re.split("[,;|]", text)] for text in column)
        others = {part for parts in below for part in parts}
        if len(first) > 1 and any(part and part in others for part in first):
            return True
    return False


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
    if not has_plain_names(request):
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
