"""The preamble of a text: empty lines, comments and titles before the first record."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from item2vec._support.messages import counted, shown
from item2vec.reading.columns import is_known
from item2vec.reading.text_records import (
    BLANK,
    DELIMITERS,
    NEWLINE,
    field_counts,
    find_delimiter,
    split_records,
)

LONGEST = 20  # lines of a preamble

_COMMENT = re.compile(r"\s*(#|%|//)")
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # first line of some files of Excel


class Preamble(NamedTuple):
    """The lines before the first record, and what they declare.

    Parameters
    ----------
    rest : str
        The text without it.
    skipped : int
        Number of lines.
    delimiter : str, optional
        The delimiter that a line such as ``sep=;`` declares.
    header : list of str, optional
        The names of the columns, if they are in a comment.
    notes : tuple of str
        A note on the lines, to be shown to the user.
    """

    rest: str
    skipped: int = 0
    delimiter: str | None = None
    header: list[str] | None = None
    notes: tuple[str, ...] = ()


def skip_preamble(text: str, delimiter: str | None, column_names: Sequence[str] = ()) -> Preamble:
    """Return the text without the lines before the first record, and what these lines say.

    A first line that contains one of the given names of columns is a header.
    """
    rest, n_blank = _skip_blank(text)
    first, after = _first_line(rest)
    if _has_name(first, delimiter, column_names):
        return Preamble(rest, n_blank)
    declared = _SEPARATOR.fullmatch(first.strip())
    if declared and after.strip():
        rest, n_more = _skip_blank(after)
        return Preamble(rest, n_blank + 1 + n_more, delimiter or declared[1])
    comments, after, n_lines = _comments(rest)
    if comments and comments[0].startswith("%%MatrixMarket"):  # the sizes of the matrix follow
        n_lines, after = n_lines + 1, _first_line(after)[1]
    if comments and after.strip():
        header = _commented_header(comments[-1], after, delimiter)
        if header is not None or not _are_records(comments, after, delimiter):
            note = f"skipped {counted(n_lines, 'line')} at the beginning, from {shown(first)} on"
            return Preamble(after, n_blank + n_lines, None, header, (note,))
    n_lines, after = _before_header(rest, delimiter)
    if n_lines:
        note = f"skipped {counted(n_lines, 'line')} before the header, from {shown(first)} on"
        return Preamble(after, n_blank + n_lines, notes=(note,))
    return Preamble(rest, n_blank)


def _has_name(line: str, delimiter: str | None, names: Sequence[str]) -> bool:
    """Return whether one of the fields of a line is one of the names."""
    marks = (delimiter,) if delimiter else (*DELIMITERS, BLANK)
    fields = {field.strip() for mark in marks for field in split_records(line, mark, 1)[0]}
    return not fields.isdisjoint(names)


def _first_line(text: str) -> tuple[str, str]:
    """Return the first line and the text after it."""
    found = NEWLINE.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _skip_blank(text: str) -> tuple[str, int]:
    """Return a text without empty lines at its beginning, and their number."""
    n = 0
    while (line := NEWLINE.match(text)) is not None:
        n, text = n + 1, text[line.end() :]
    return text, n


def _comments(text: str) -> tuple[list[str], str, int]:
    """Return the comments at the beginning, the text after them, and the number of their lines."""
    comments: list[str] = []
    n = 0
    while text and _COMMENT.match(text.lstrip("\r\n")):
        text, n_blank = _skip_blank(text)
        line, text = _first_line(text)
        comments.append(line)
        n += n_blank + 1
    text, n_blank = _skip_blank(text)
    return comments, text, n + n_blank


def _commented_header(comment: str, after: str, delimiter: str | None) -> list[str] | None:
    """Return the names of the columns in a comment, if there are as many as fields of records."""
    delimiter = delimiter or find_delimiter(after)
    (names,) = split_records(_COMMENT.sub("", comment, count=1).strip(), delimiter, 1)
    n_fields = len(split_records(after, delimiter, 1)[0])
    if len(names) == n_fields > 1 and any(map(is_known, names)):
        return names
    return None


def _are_records(comments: Sequence[str], after: str, delimiter: str | None) -> bool:
    """Return whether lines that begin like comments have as many fields as the records."""
    delimiter = delimiter or find_delimiter(after)
    n_fields = len(split_records(after, delimiter, 1)[0])
    if n_fields == 1:
        return not all(re.match(r"\s*(#|%|//)+\s", comment) for comment in comments)
    return any(len(split_records(comment, delimiter, 1)[0]) == n_fields for comment in comments)


def _before_header(text: str, delimiter: str | None) -> tuple[int, str]:
    """Return the number of lines before a header that is not the first line, and the rest.

    A header has two well-known names and as many fields as the records after it, and no line before
    it has as many.
    """
    before: list[str] = []
    rest = text
    for _ in range(LONGEST):
        line, after = _first_line(rest)
        if not after.strip():
            break
        for mark in (delimiter,) if delimiter else (*DELIMITERS, BLANK):
            (names,) = split_records(line, mark, 1)
            if sum(map(is_known, names)) < 2:
                continue
            counts = field_counts(after, mark)
            others = {len(split_records(each, mark, 1)[0]) for each in before}
            if counts.count(len(names)) == max(map(counts.count, counts)):
                return (len(before), rest) if len(names) not in others else (0, text)
        before.append(line)
        rest = after
    return 0, text
