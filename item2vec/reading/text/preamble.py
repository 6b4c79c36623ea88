"""The preamble of a text: empty lines, comments and titles before the first record."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from item2vec._support.messages import counted, shown
from item2vec.reading.columns import is_known
from item2vec.reading.text.records import (
    BLANK,
    DELIMITERS,
    NEWLINE,
    field_counts,
    find_delimiter,
    split_records,
)

LONGEST = 20  # lines of a preamble

_COMMENT = re.compile(r"\s*(#|%|//)")
_MARK = re.compile(r"(#|%|//)+")
_APART = re.compile(rf"\s*{_MARK.pattern}(\s|$)")  # a comment whose mark is no part of a word
# The sizes of a data set, such as "n_users=40 n_items=20".
_SIZES = re.compile(
    r"\s*((n|num|number|total)?[ _]*(of)?[ _]*(users|items|interactions|ratings|edges|nodes|"
    r"sessions|sequences|baskets|transactions|records|rows|lines)\s*[=:]\s*\d+[\s,;]*)+",
    re.IGNORECASE,
)
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
    while text:
        rest, n_blank = _skip_blank(text)
        line, rest = _first_line(rest)
        if not _COMMENT.match(line) and not _SIZES.fullmatch(line):
            break
        text = rest
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
    comments = [comment for comment in comments if not _SIZES.fullmatch(comment)]
    delimiter = delimiter or find_delimiter(after)
    records = split_records(after, delimiter)
    n_fields = len(records[0])
    are_apart = all(_APART.match(comment) for comment in comments)
    if n_fields == 1:
        return not are_apart
    if delimiter == BLANK and are_apart and not any(_MARK.fullmatch(each[0]) for each in records):
        return False  # no record begins with a mark and a blank
    return any(len(split_records(comment, delimiter, 1)[0]) == n_fields for comment in comments)


def _before_header(text: str, delimiter: str | None) -> tuple[int, str]:
    """Return the number of lines before a header that is not the first line, and the rest."""
    before: list[str] = []
    rest = text
    for _ in range(LONGEST):
        line, after = _first_line(rest)
        if not after.strip():
            break
        if before and _has_two_names(line, delimiter):
            mark = delimiter or find_delimiter(after)
            if _is_header(line, before, after, mark):
                return len(before), rest
        before.append(line)
        rest = after
    return 0, text


def _has_two_names(line: str, delimiter: str | None) -> bool:
    """Return whether a line has two different well-known names, with any delimiter."""
    marks = (delimiter,) if delimiter else (*DELIMITERS, BLANK)
    return any(len(_known_names(split_records(line, mark, 1)[0])) > 1 for mark in marks)


def _known_names(fields: Sequence[str]) -> set[str]:
    return {field.strip() for field in fields if is_known(field)}


def _is_header(line: str, before: Sequence[str], after: str, delimiter: str) -> bool:
    """Return whether a line is a header: it has two well-known names, and the length of records.

    No line before it has that length, and the names are no values of the records after it.
    """
    (names,) = split_records(line, delimiter, 1)
    known = _known_names(names)
    if len(known) < 2:
        return False
    counts = field_counts(after, delimiter)
    others = {len(split_records(each, delimiter, 1)[0]) for each in before}
    if counts.count(len(names)) < max(map(counts.count, counts)) or len(names) in others:
        return False
    records = [record for record in split_records(after, delimiter) if record != names]
    return known.isdisjoint(field.strip() for record in records for field in record)
