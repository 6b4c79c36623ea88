"""Detection of text whose lines are sequences of items, by the first lines."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from item2vec.reading.columns import base_name, is_known, is_list_name
from item2vec.reading.options import Layout
from item2vec.reading.sequences.headers import (
    are_sizes,
    begin_with_counts,
    has_header,
    has_index,
    is_user_name,
    pads_of,
    wide_columns,
)
from item2vec.reading.sequences.line_formats import SequenceLines
from item2vec.reading.sequences.line_users import LEAST, begin_with_users
from item2vec.reading.sequences.list_texts import find_separator, holds_lists
from item2vec.reading.text.records import (
    BLANK,
    DELIMITERS,
    USUAL_SHARE,
    split_records,
    usual_share,
)

LINES = 1000  # lines that are examined
# A delimiter that splits this share of the lines is taken before a later one that splits more.
USUALLY_SPLIT = 0.5
LEAST_SPLIT = 0.05  # a delimiter of sequences splits at least this share of the lines

# A line such as "12:", under which lines with several fields follow, as in the Netflix Prize.
_NESTED = re.compile(r"(?m)^\d+:\s*$")

SIGNS = frozenset([">", "->", "=>", "-", "/", "~", "^", "|", "+", "&"])

MOST_COLUMNS = 100  # lines with more fields, all different, are sequences of equal lengths

_Records = Sequence[Sequence[str]]


class FoundSequences(NamedTuple):
    """Lines that are sequences, and what is before them.

    Parameters
    ----------
    lines : SequenceLines
    header : sequence of str, optional
        The fields of the first line, if it is a header.
    has_sizes : bool
        Whether the first line has the numbers of users and items, and is to be skipped.
    """

    lines: SequenceLines
    header: Sequence[str] | None = None
    has_sizes: bool = False


def find_sequences(
    text: str, delimiter: str | None, layout: Layout, has_user: bool | None
) -> FoundSequences | None:
    """Return the format of lines that are sequences; None if records are rows of a table.

    With the layout "auto", lines are sequences if no delimiter splits nearly all of them into the
    same number of fields, if they begin with the number of their items, or if they were declared to
    have no users.

    Parameters
    ----------
    text : str
        The first lines of the text.
    delimiter : str, optional
        The delimiter, if given.
    layout : {"auto", "rows", "sequences"}
    has_user : bool, optional
        Whether lines begin with a user; detected by default.
    """
    if layout == "rows" or _NESTED.search(text):
        return None
    marks = (delimiter,) if delimiter else (*DELIMITERS, BLANK)
    records = {mark: split_records(text, mark, LINES) for mark in marks}
    is_forced = layout == "sequences" or has_user is False
    mark = _mark_of_counts(records)
    if mark is None:
        if is_forced:
            is_table = delimiter is None and _is_table_of_lists(records)
        else:
            is_table = _is_table(records)
        if is_table:
            return None
        mark, share = _mark_of_sequences(records)
        if share < LEAST_SPLIT and not is_forced:
            return None
    found = records[mark]
    if _has_other_columns(found):
        return None
    if not is_forced and not has_header(found) and _begins_with_unknown_names(found):
        return None
    return describe_lines(mark, found, has_user)


def _has_other_columns(records: _Records) -> bool:
    """Return whether there are columns of items, and more than one other column of another name."""
    if not has_header(records) or len(set(map(len, records))) > 1:
        return False
    names = [name.strip() for name in records[0][has_index(records) :]]
    wide = wide_columns(names)
    return bool(wide) and not {*names[1:]} <= {*wide}


def _mark_of_sequences(records: Mapping[str, _Records]) -> tuple[str, float]:
    """Return the delimiter of lines of different lengths, and the share of lines it splits."""
    shares = {mark: sum(len(r) > 1 for r in found) / len(found) for mark, found in records.items()}
    usual = [mark for mark, share in shares.items() if share >= USUALLY_SPLIT]
    mark = usual[0] if usual else max(shares, key=lambda mark: (shares[mark], mark == ","))
    return mark, shares[mark]


def describe_lines(
    mark: str, records: _Records, has_user: bool | None, *, may_have_header: bool = True
) -> FoundSequences:
    """Return the format of lines that are sequences.

    Parameters
    ----------
    mark : str
        The delimiter.
    records : sequence of sequence of str
        The fields of the first lines.
    has_user : bool, optional
        Whether lines begin with a user; detected by default.
    may_have_header : bool
        Whether the first line may be a header.
    """
    header = records[0] if may_have_header and has_header(records) else None
    is_indexed = header is not None and has_index(records)
    below = [record[is_indexed:] for record in records[header is not None :]]
    fields = [[field.strip() for field in record] for record in below]
    signs = _signs(fields) if mark == BLANK else set()
    ends, pads = _marks_of_ends(fields), pads_of(fields, is_named=header is not None) | signs
    present = [record[:1] + _items(record[1:], pads) for record in fields if record]
    has_sizes = header is None and has_user is not False and are_sizes(present)
    present = present[has_sizes:]
    has_count = not has_user and begin_with_counts(present)
    if has_user is None and header is not None:
        has_user = _names_users(header[is_indexed:])
    if has_user is None:
        has_user = False if ends or has_count else begin_with_users(present)
    ignored = "row number" if is_indexed else "number of its items" if has_count else ""
    names = tuple(field.strip() for field in header or ())
    lines = SequenceLines(mark, has_user, (*ends, *sorted(pads)), ignored, names)
    return FoundSequences(lines, header, has_sizes)


def _signs(records: _Records) -> set[str]:
    """Return the sign that stands between all items, as in ``a > b > c``."""
    signs = {field for record in records for field in record[1::2]}
    items = {field for record in records for field in record[::2]}
    are_between = len(records) > 1 and all(len(record) % 2 for record in records)
    is_sign = len(signs) == 1 and signs <= SIGNS and signs.isdisjoint(items)
    return signs if is_sign and are_between else set()


def _items(fields: Sequence[str], pads: frozenset[str]) -> list[str]:
    return [field for field in fields if field and field not in pads]


def _names_users(header: Sequence[str]) -> bool | None:
    """Return whether a header begins with the name of a column of users; None if unclear."""
    if is_user_name(header[0]):
        return True
    bases = [base_name(name) for name in header if name.strip()]
    # "item 1", "item 2", or 0, 1
    return False if len(bases) > 1 and len(set(bases)) == 1 else None


def _mark_of_counts(records: Mapping[str, _Records]) -> str | None:
    """Return the delimiter of lines of equal lengths that begin with the number of their items."""
    for mark, found in records.items():
        is_named = has_header(found)
        below = found[is_named:]
        if len({len(record) for record in below}) > 1 or len(below) < LEAST:
            continue
        fields = [[field.strip() for field in record] for record in below]
        pads = pads_of(fields, is_named=is_named)
        present = [record[:1] + _items(record[1:], pads) for record in fields]
        if begin_with_counts(present) and len(set(map(len, present))) > 1:
            return mark
    return None


def _begins_with_unknown_names(records: Sequence[Sequence[str]]) -> bool:
    """Return whether the first record is a text above numbers, and so probably a header."""
    firsts = [record[0].strip() for record in records]
    return len(firsts) > 2 and not firsts[0].isdecimal() and all(map(str.isdecimal, firsts[1:]))


def _marks_of_ends(records: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the fields that end item sets and sequences in the format of SPMF, -1 and -2."""
    are_marked = [record[-1] == "-2" and "-1" in record for record in records]
    return ("-1", "-2") if records and all(are_marked) else ()


def _is_table(records: Mapping[str, _Records]) -> bool:
    """Return whether a delimiter splits nearly all lines alike, or there is a header of a table."""
    for mark_records in records.values():
        # A delimiter that does not split most lines at all says nothing about them.
        fields = [len(record) for record in mark_records]
        usual = max(set(fields), key=fields.count)
        is_uniform = usual_share(fields) >= USUAL_SHARE and usual > 1
        if is_uniform and not (usual > MOST_COLUMNS and _are_distinct(mark_records)):
            return True
        if has_header(mark_records) and not is_list_name(mark_records[0][-1]):
            return True
    return all(len(record) < 2 for found in records.values() for record in found)


def _are_distinct(records: _Records) -> bool:
    """Return whether most fields of the first records are different from others of their record."""
    return all(len(set(record)) > len(record) / 2 for record in records[:LEAST])


def _is_table_of_lists(records: Mapping[str, _Records]) -> bool:
    """Return whether all lines have as many fields as a header, or a user and a list."""
    for found in records.values():
        n_fields = len(found[0])
        if n_fields > 1 and all(len(record) == n_fields for record in found):
            bases = [base_name(name) for name in found[0]]  # "item" of "item 1" and "item 2"
            is_padded = max(Counter(bases).values()) > 1
            if _has_known_name(found) and len(found) > 1 and not is_padded:
                return True
            seconds = [second for _, second in found] if n_fields == 2 else []
            if seconds and (holds_lists(seconds) or find_separator(seconds, "name")):
                return True
    return False


def _has_known_name(records: _Records) -> bool:
    """Return whether the first record has a well-known name that is no value of the others."""
    values = {field for record in records[1:] if record != records[0] for field in record}
    return any(is_known(name) and name not in values for name in records[0])
