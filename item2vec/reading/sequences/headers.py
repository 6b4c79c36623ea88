"""Lines before sequences: a header of padded columns, or the numbers of users and items."""

from collections.abc import Sequence

from item2vec.reading.columns import (
    INTERACTION_NAMES,
    base_name,
    is_column_name,
    is_list_name,
    plain_name,
)
from item2vec.reading.sequences.line_users import LEAST, LEAST_DISTINCT, ascend

MOST_SIZES = 3  # users, items and interactions

# What stands for a missing item after the last item of a padded line.
_PADS = frozenset(["nan", "NaN", "None", "NULL", "null", "<NA>", "NaT", "\\N"])


def has_header(records: Sequence[Sequence[str]]) -> bool:
    """Return whether the first record is a header.

    At least half of its fields are well-known names of columns, which do not recur below; nor do
    other names with the same text before a number, as in baskets of "Movie 1" and "Movie 2". Or its
    fields count the columns, as pandas writes them.

    Examples
    --------
    >>> has_header([["item 1", "item 2"], ["tea", "jam"]])
    True
    >>> has_header([["item 1", "item 2"], ["item 2", "item 5"]])
    False
    """
    first = [field.strip() for field in records[0]]
    below = [record for record in records[1:] if record != records[0]]
    values = {field.strip() for record in below for field in record}
    if _counts_columns(first, below, values):
        return True
    names = [name for name in first if name]
    known = [name for name in names if is_column_name(name)]
    if len(known) < max(1, len(names) / 2):
        return False
    users = [name for name in known if is_user_name(name)]
    if users and values.isdisjoint(users):
        return True
    numbered = {base for name in known if (base := base_name(name)) != name}
    are_alike = numbered and any(base_name(value) in numbered for value in values)
    return not are_alike and values.isdisjoint(known)


def is_user_name(name: str) -> bool:
    """Return whether a name is well known for a column of users."""
    return plain_name(name) in INTERACTION_NAMES["user"]


def wide_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns that have the name of an item, or none, before a number: two or more.

    Examples
    --------
    >>> wide_columns(["user", "item1", "item2"]), wide_columns(["0", "1"]), wide_columns(["item"])
    (['item1', 'item2'], ['0', '1'], [])
    """
    groups: dict[str, list[str]] = {}
    for name in columns:
        groups.setdefault(plain_name(base_name(name)), []).append(name)
    named = [
        group
        for base, group in groups.items()
        if base in INTERACTION_NAMES["item"] or is_list_name(base) or not base
    ]
    found = max(named, key=len, default=[])
    return found if len(set(found)) > 1 and any(name != base_name(name) for name in found) else []


def has_index(records: Sequence[Sequence[str]]) -> bool:
    """Return whether the first column has no name, and counts the records below the header."""
    firsts = [record[0].strip() for record in records]
    counted = [[str(n + k) for n in range(len(firsts) - 1)] for k in (0, 1)]
    return len(firsts) > 1 and not firsts[0] and firsts[1:] in counted


def _counts_columns(first: Sequence[str], below: Sequence[Sequence[str]], values: set[str]) -> bool:
    """Return whether a record is 0, 1, 2, ..., with or without an empty name before."""
    named = first if first[0] else first[1:]
    is_counted = len(named) > 1 and list(named) == [str(n) for n in range(len(named))]
    if not is_counted or not below or any(len(record) != len(first) for record in below):
        return False
    if not first[0]:
        return has_index([first, *below])
    are_items = not values.isdisjoint(named)
    are_numbers = any(map(str.isdecimal, values))
    return not are_items and (not are_numbers or len(below) >= LEAST_DISTINCT)


def are_sizes(records: Sequence[Sequence[str]]) -> bool:
    """Return whether the first line has the numbers of users and items, before users in order.

    Examples
    --------
    >>> are_sizes([["3", "5"], ["1", "4", "5"], ["2", "3"], ["3", "5", "1"]])
    True
    """
    first, rest = records[0], records[1:]
    firsts = [record[0] for record in rest]
    if len(first) > MOST_SIZES or not all(map(str.isdecimal, [*first, *firsts])) or not firsts:
        return False
    users = list(map(int, firsts))
    return ascend(users) and int(first[0]) >= max(len(set(users)), users[0])


def pads_of(records: Sequence[Sequence[str]], *, is_named: bool = False) -> frozenset[str]:
    """Return the words that fill records of equal lengths up, after their last items.

    One record must be full, because the longest one needs no padding. Without a header, a single
    such word may be an item.

    Parameters
    ----------
    records : sequence of sequence of str
    is_named : bool
        Whether there is a header.
    """
    if len({len(record) for record in records}) > 1:
        return frozenset()
    pads: list[list[str]] = []
    others: set[str] = set()
    for record in records:
        fields = list(record)
        while fields and (not fields[-1] or fields[-1] in _PADS):
            fields.pop()
        pads.append(list(record[len(fields) :]))
        others.update(fields)
    n_pads = sum(map(len, pads))
    if all(pads) or n_pads < 2 - is_named:
        return frozenset()
    return frozenset({pad for each in pads for pad in each} - others - {""})


def begin_with_counts(records: Sequence[Sequence[str]]) -> bool:
    """Return whether the first field of each line is the number of the other fields.

    Parameters
    ----------
    records : sequence of sequence of str
        The fields of each line, without empty ones.
    """
    counts = [str(len(record) - 1) for record in records]
    return len(records) >= LEAST and [record[0] for record in records] == counts
