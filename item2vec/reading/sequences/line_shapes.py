"""The format of text whose lines are sequences or lists, from its first lines."""

from dataclasses import replace

from item2vec._support.messages import shown
from item2vec.reading.sequences.detection import (
    LINES,
    FoundSequences,
    describe_lines,
    find_sequences,
)
from item2vec.reading.sequences.line_formats import ListLines
from item2vec.reading.sequences.list_lines import FoundLists, find_lists, is_header_of_lists
from item2vec.reading.text.preamble import Preamble
from item2vec.reading.text.records import NEWLINE, split_records
from item2vec.reading.text.shapes import (
    TextRequest,
    TextShape,
    has_plain_names,
    header_names,
    plain_names,
)


def shape_of_lines(
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
    if sequences is not None and sequences.header is not None and has_plain_names(request):
        mark = sequences.lines.delimiter
        records = split_records(text, mark, LINES)
        sequences = describe_lines(mark, records, request.has_user, may_have_header=False)
    return sequences and _shape_of_sequences(text, sequences, request, preamble)


def _shape_of_lists(found: FoundLists, request: TextRequest, preamble: Preamble) -> TextShape:
    """Return the format of lines with a list each."""
    columns = found.lines.columns
    if has_plain_names(request):
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
    elif has_plain_names(request):
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
