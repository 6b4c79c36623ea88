"""Detection of lines such as ``u1: [a, b]``, ``u1 -> a b`` or ``[a, b]``, by the first lines.

They are read as a table of a user and a list, because the items of a list may be quoted, and may
have other separators than the users.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from item2vec.reading.columns import is_column_name
from item2vec.reading.sequences.headers import is_user_name
from item2vec.reading.sequences.line_formats import ListLines
from item2vec.reading.sequences.list_texts import (
    find_list,
    find_separator,
    is_bracketed,
    is_flat,
    is_list,
)
from item2vec.reading.text.records import BLANK, NEWLINE, USUAL_SHARE, usual_share

LINES = 1000  # lines that are examined
LEAST_DISTINCT = 0.5  # share of distinct users

_MARKS = ("->", "=>", ":", "=")
# What may stand between a user and a list in brackets.
_BEFORE_BRACKETS = (*_MARKS, ",", ";", BLANK)
_CLOCK = re.compile(r"\d{1,2}:\d\d\b")  # a time of day


class FoundLists(NamedTuple):
    """Lines that are lists, with or without a user.

    Parameters
    ----------
    lines : ListLines
    has_header : bool
        Whether the first line has the names of the columns.
    """

    lines: ListLines
    has_header: bool


def find_lists(text: str, delimiter: str | None, *, is_declared: bool) -> FoundLists | None:
    """Return the format of lines with lists; None for other lines.

    Parameters
    ----------
    text : str
        The first lines of the text.
    delimiter : str, optional
        The delimiter, if given: that of the items.
    is_declared : bool
        Whether the lines were declared to be sequences.
    """
    lines = [line.strip() for line in NEWLINE.split(text) if line.strip()][:LINES]
    if len(lines) < 2:
        return None
    has_header = is_header_of_lists(ListLines(""), lines[0])
    if _are_lists(lines[has_header:]):
        return FoundLists(ListLines(""), has_header)
    for mark in _BEFORE_BRACKETS:
        found = _with_mark(lines, mark, delimiter, is_declared)
        if found is not None:
            return found
    return None


def is_header_of_lists(lines: ListLines, line: str) -> bool:
    """Return whether a line has the name of a column of lists, and of users if there are any."""
    if not lines.mark:
        return is_column_name(line.strip().strip('"'))
    match = re.fullmatch(lines.pattern, line)
    return match is not None and is_user_name(match[1]) and is_column_name(match[2])


def _with_mark(
    lines: Sequence[str], mark: str, delimiter: str | None, is_declared: bool
) -> FoundLists | None:
    """Return the format of lines with a mark between a user and a list."""
    pattern = re.compile(ListLines(mark).pattern)
    matches = [pattern.fullmatch(line) for line in lines]
    pairs = [(match[1], match[2]) for match in matches if match is not None]
    if len(pairs) < len(lines):
        return None
    has_header = is_header_of_lists(ListLines(mark), lines[0])
    pairs, lines = pairs[has_header:], lines[has_header:]
    users, lists = [user for user, _ in pairs], [items for _, items in pairs if items]
    if len(pairs) < 2 or len(set(users)) < LEAST_DISTINCT * len(users):
        return None
    if not _are_lists(lists):
        separator = find_separator(lists, "values" if mark == BLANK else "layout")
        if separator is None or delimiter not in {None, separator}:
            return None
        if mark not in (*_MARKS, BLANK):
            return None
        if any(line.count(mark) > 1 for line in lines) or all(map(_CLOCK.match, lines)):
            return None
        if not is_declared and _is_table(lines, mark, lists, separator):
            return None
    return FoundLists(ListLines(mark), has_header)


def _is_table(lines: Sequence[str], mark: str, lists: Sequence[str], separator: str) -> bool:
    """Return whether the mark may be part of an id in lines with the same number of fields."""
    are_apart = mark != BLANK and all(re.search(rf"{mark}\s|{mark}$", line) for line in lines)
    if mark in {"->", "=>"} or are_apart:
        return False
    return usual_share([len(items.split(separator)) for items in lists]) >= USUAL_SHARE


def _are_lists(texts: Sequence[str]) -> bool:
    """Return whether all texts are lists in brackets, of one item or several."""
    return bool(texts) and all(map(_is_in_brackets, texts)) and find_list(texts) is not None


def _is_in_brackets(text: str) -> bool:
    if text.startswith("{") and ":" in text:  # an object
        return False
    return (is_bracketed(text) or is_list(text)) and is_flat(text)
