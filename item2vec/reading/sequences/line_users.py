"""Detection of whether lines of items begin with a user, by the values of their first fields."""

import itertools
from collections import Counter
from collections.abc import Sequence

from item2vec.reading.ids.placeholders import PLACEHOLDERS

# First fields are users if at most this share of them also occurs elsewhere, and if at least this
# share of the second fields, which are then items, occurs more than once.
USERS_AS_ITEMS, ITEMS_AGAIN = 0.1, 0.5
LEAST = 5  # lines from which ascending or disjoint first fields are no coincidence
LEAST_DISTINCT = 20  # lines from which distinct first fields are no coincidence
# First fields may be users, of whom some have several lines, if this share of them is distinct, and
# of the second fields fewer are, or if this share of them ascends.
MOSTLY_DISTINCT, MOSTLY_ASCENDING = 0.75, 0.8
MOST_BLOCKS = 4  # files that were joined, in each of which the users ascend

# "0" may be an ordinary user, and an ordinary item.
_PLACEHOLDERS = PLACEHOLDERS - {"0", "0.0", "0000"}


def begin_with_users(records: Sequence[Sequence[str]]) -> bool | None:
    """Return whether the first field of each line is a user, and not an item; None if unclear.

    The first fields are users if they are numbers in ascending order; if they are not among the
    other fields, which recur; or if they are all different, and the second fields are not. Lines
    that begin with a placeholder such as -1, which is no item elsewhere, do not count.

    Parameters
    ----------
    records : sequence of sequence of str
        The fields of each line, without blanks around them.
    """
    elsewhere = {field for record in records for field in record[1:]}
    anonymous = {record[0] for record in records if record[0].lower() in _PLACEHOLDERS}
    anonymous -= elsewhere
    named = [record for record in records if record[0] not in anonymous]
    if not named or len(records) - len(named) < 2:
        return _begin_with_users(records)
    return _begin_with_users(named) or None


def _begin_with_users(records: Sequence[Sequence[str]]) -> bool | None:
    firsts = [record[0] for record in records]
    elsewhere = Counter(field for record in records for field in record[1:])
    seconds = [record[1] for record in records if len(record) > 1]
    are_numbers = all(map(str.isdecimal, firsts))
    n_distinct = len(set(firsts))
    if len(seconds) < len(firsts) / 2:
        # Most lines would be users without items.
        return None if n_distinct == len(firsts) else False
    if are_numbers and ascend(list(map(int, firsts))):
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
    if not are_numbers:
        return False
    if n_distinct < len(firsts):
        return None if _may_be_users(firsts, seconds) else False
    return True if len(firsts) >= LEAST_DISTINCT and len(set(seconds)) < len(seconds) else None


def _may_be_users(firsts: Sequence[str], seconds: Sequence[str]) -> bool:
    """Return whether numbers, of which some are equal, differ from those that follow them."""
    n_distinct = len(set(firsts))
    if n_distinct < MOSTLY_DISTINCT * len(firsts):
        return False
    n_ascending = sum(int(a) < int(b) for a, b in itertools.pairwise(firsts))
    are_fewer = len(set(seconds)) < MOSTLY_DISTINCT * n_distinct
    return are_fewer or n_ascending >= MOSTLY_ASCENDING * (len(firsts) - 1)


def _never_descend(numbers: Sequence[str]) -> bool:
    return all(int(a) <= int(b) for a, b in itertools.pairwise(numbers))


def ascend(numbers: Sequence[int]) -> bool:
    """Return whether numbers are in an order that is no coincidence.

    That is, they count up, or ascend, from `LEAST` numbers on; also in a few blocks of as many, as
    in files that were joined.

    Examples
    --------
    >>> ascend([1, 2]), ascend([2, 5]), ascend([2, 5, 6, 9, 12]), ascend([2, 5, 6, 9, 12, 3])
    (True, False, True, False)
    """
    if len(numbers) < LEAST:
        pairs = itertools.pairwise(numbers)
        return len(numbers) > 1 and numbers[0] <= 1 and all(b == a + 1 for a, b in pairs)
    ends = [n for n, (a, b) in enumerate(itertools.pairwise(numbers), 1) if a >= b]
    blocks = [b - a for a, b in itertools.pairwise([0, *ends, len(numbers)])]
    return len(blocks) <= MOST_BLOCKS and min(blocks) >= LEAST
