"""Detection of text whose lines are sequences of items, by the first lines."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from item2vec.reading.columns import base_name, is_column_name, is_known, is_list_name
from item2vec.reading.line_formats import SequenceLines
from item2vec.reading.list_texts import find_separator, holds_lists
from item2vec.reading.options import Layout
from item2vec.reading.text_records import (
    BLANK,
    DELIMITERS,
    USUAL_SHARE,
    field_counts,
    split_records,
    usual_share,
)

LINES = 1000  # lines that are examined
# A delimiter that splits this share of the lines is taken before a later one that splits more.
USUALLY_SPLIT = 0.5
LEAST_SPLIT = 0.05  # a delimiter of sequences splits at least this share of the lines

# First fields are users if at most this share of them also occurs elsewhere, and if at least this
# share of the second fields, which are then items, occurs more than once.
USERS_AS_ITEMS, ITEMS_AGAIN = 0.1, 0.5
# A line such as "12:", under which lines with several fields follow, as in the Netflix Prize.
_NESTED = re.compile(r"(?m)^\d+:\s*$")

MOST_COLUMNS = 100  # lines with more fields, all different, are sequences of equal lengths

LEAST = 5  # lines from which ascending or disjoint first fields are no coincidence
LEAST_DISTINCT = 20  # lines from which distinct first fields are no coincidence


def find_sequences(
    text: str, delimiter: str | None, layout: Layout, has_user: bool | None
) -> SequenceLines | None:
    """Return the format of lines that are sequences; None if records are rows of a table.

    With the layout "auto", lines are sequences if no delimiter splits nearly all of them into the
    same number of fields, or if they were declared to have no users.

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
    counts = {mark: field_counts(text, mark, LINES) for mark in marks}
    is_forced = layout == "sequences" or has_user is False
    if is_forced:
        is_table = delimiter is None and _is_table_of_lists(text, counts)
    else:
        is_table = _is_table(text, counts)
    if is_table:
        return None
    shares = {mark: sum(n > 1 for n in fields) / len(fields) for mark, fields in counts.items()}
    usual = [mark for mark, share in shares.items() if share >= USUALLY_SPLIT]
    mark = usual[0] if usual else max(marks, key=lambda mark: (shares[mark], mark == ","))
    if shares[mark] < LEAST_SPLIT and not is_forced:
        return None
    records = split_records(text, mark, LINES)
    if is_header_of_sequences(records[0]):
        del records[0]
    elif not is_forced and _begins_with_unknown_names(records):
        return None
    ends = _marks_of_ends(records)
    has_count = not has_user and _begin_with_counts(records)
    has_colon = has_user is not False and all(record[0].strip().endswith(":") for record in records)
    if has_user is None:
        has_user = has_colon or (False if ends or has_count else _begin_with_users(records))
    return SequenceLines(mark, has_user, ends, has_count, has_colon)


def _begin_with_counts(records: Sequence[Sequence[str]]) -> bool:
    """Return whether the first field of each line is the number of the other fields."""
    counts = [str(len(record) - 1) for record in records]
    firsts = [record[0].strip() for record in records]
    return len(records) >= LEAST and firsts == counts


def _begins_with_unknown_names(records: Sequence[Sequence[str]]) -> bool:
    """Return whether the first record is a text above numbers, and so probably a header."""
    firsts = [record[0].strip() for record in records]
    return len(firsts) > 2 and not firsts[0].isdecimal() and all(map(str.isdecimal, firsts[1:]))


def _marks_of_ends(records: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the fields that end item sets and sequences in the format of SPMF, -1 and -2."""
    are_marked = [record[-1] == "-2" and "-1" in record for record in records]
    return ("-1", "-2") if records and all(are_marked) else ()


def is_header_of_sequences(record: Sequence[str]) -> bool:
    """Return whether at least half of the fields are well-known names of columns.

    One such name may be an item: a basket may hold a book.
    """
    names = [name for name in record if name.strip()]
    return sum(map(is_column_name, names)) >= max(1, len(names) / 2)


def _is_table(text: str, counts: Mapping[str, list[int]]) -> bool:
    """Return whether a delimiter splits nearly all lines alike, or there is a header of a table."""
    for mark, fields in counts.items():
        # A delimiter that does not split most lines at all says nothing about them.
        usual = max(set(fields), key=fields.count)
        is_uniform = usual_share(fields) >= USUAL_SHARE and usual > 1
        if is_uniform and not (usual > MOST_COLUMNS and _are_distinct(text, mark)):
            return True
        header = split_records(text, mark, 1)[0]
        if is_header_of_sequences(header) and not is_list_name(header[-1]):
            return True
    return all(len(fields) < 2 for fields in counts.values())


def _are_distinct(text: str, delimiter: str) -> bool:
    """Return whether most fields of the first records are different from others of their record."""
    records = split_records(text, delimiter, LEAST)
    return all(len(set(record)) > len(record) / 2 for record in records)


def _is_table_of_lists(text: str, counts: Mapping[str, list[int]]) -> bool:
    """Return whether all lines have as many fields as a header, or a user and a list."""
    for mark, fields in counts.items():
        if len(set(fields)) == 1 and fields[0] > 1:
            records = split_records(text, mark)
            bases = [base_name(name) for name in records[0]]  # "item" of "item 1" and "item 2"
            is_padded = max(Counter(bases).values()) > 1
            if any(map(is_known, records[0])) and len(records) > 1 and not is_padded:
                return True
            seconds = [second for _, second in records] if fields[0] == 2 else []
            if seconds and (holds_lists(seconds) or find_separator(seconds, "name")):
                return True
    return False


def _begin_with_users(records: Sequence[Sequence[str]]) -> bool | None:
    """Return whether the first field of each line is a user, and not an item; None if unclear.

    The first fields are users if they are numbers in ascending order; if they are not among the
    other fields, which recur; or if they are all different, and the second fields are not.
    """
    firsts = [record[0].strip() for record in records if record]
    others = [[field.strip() for field in record[1:]] for record in records if record]
    elsewhere = Counter(field for record in others for field in record)
    seconds = [record[0] for record in others if record]
    are_numbers = all(first.isdecimal() for first in firsts)
    if len(seconds) < len(firsts) / 2:
        # Most lines would be users without items.
        return None if len(set(firsts)) == len(firsts) else False
    if are_numbers and _ascend(list(map(int, firsts))):
        return True
    if not are_numbers and any(first in elsewhere for first in firsts) and len(firsts) < LEAST:
        return False
    if len(firsts) < LEAST or not seconds:
        return None
    if are_numbers and all(map(str.isdecimal, elsewhere)) and _never_descend(firsts):
        return None  # sessions of users in order, or sorted baskets
    firsts_again = sum(first in elsewhere for first in firsts) / len(firsts)
    seconds_again = sum(elsewhere[each] > 1 for each in seconds) / len(seconds)
    if firsts_again <= USERS_AS_ITEMS:
        are_alone = len(seconds) < len(firsts)  # some lines have one field
        return True if seconds_again >= ITEMS_AGAIN and not are_alone else None
    if len(set(firsts)) < len(firsts) or not are_numbers:
        return False
    return True if len(firsts) >= LEAST_DISTINCT and len(set(seconds)) < len(seconds) else None


def _never_descend(numbers: Sequence[str]) -> bool:
    return all(int(a) <= int(b) for a, b in itertools.pairwise(numbers))


def _ascend(numbers: Sequence[int]) -> bool:
    """Return whether numbers are in an order that is no coincidence.

    That is, they count up, or ascend, from `LEAST` numbers on.
    """
    pairs = list(itertools.pairwise(numbers))
    if len(numbers) >= LEAST:
        return all(a < b for a, b in pairs)
    return len(numbers) > 1 and numbers[0] <= 1 and all(b == a + 1 for a, b in pairs)
