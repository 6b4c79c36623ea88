"""Detection of placeholder user ids, such as "NA", that are shared by anonymous visitors.

A user id is treated as a placeholder if it is a well-known one, has more than 5 % of the kept
records, and has more than 20 times as many as the median of the other users. An ordinary user 0
among the users 0 to 999 is therefore not affected. With fewer than 10 other users, 0 is never a
placeholder. Item ids are not checked.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from item2vec._support.messages import setting, shown
from item2vec.reading.columns import other_users
from item2vec.reading.duckdb_session import Database, quote_text
from item2vec.reading.sql_values import BLANK

SHARE = 0.05  # of the records
TIMES = 20  # the median of the other users
LEAST_OTHERS = 10  # users besides 0, for 0 to be a placeholder

# Well-known placeholders. Ids are compared in lower case and without surrounding blanks.
_ZEROS = ["0.0", *("0" * n for n in range(1, 17))]
_NEGATIVE = ["-1", "-1.0", "-99", "-999", "-9999"]
_WORDS = r"""
    na n/a n.a n.a. #n/a #na <na> nan -nan 1.#qnan nat null (null) [null] <null> \n nil none
    (none) undefined unknown (unknown) <unknown> unk unidentified missing empty (empty) (blank)
    notset unset nouser anonymous (anonymous) anonymoususer anonym anon guest visitor nobody
    unregistered - -- --- . .. ? ?? ??? * _ "" '' [] {}
    deleted [deleted] (deleted) [removed] false
    00000000-0000-0000-0000-000000000000 ffffffff-ffff-ffff-ffff-ffffffffffff
"""
_PHRASES = """
    not set, (not set), not available, not applicable, not logged in, no user, anonymous user,
    guest user, deleted user, anonymous visitor, unknown user
"""
PLACEHOLDERS = frozenset(
    [*_ZEROS, *_NEGATIVE, *_WORDS.split(), *re.split(r",\s+", _PHRASES.strip())]
)
# Spelling to placeholder: "not_set" and "not-set" are "not set". Listing all spellings is faster
# than replacing characters in every id.
_SPELLINGS = {
    "".join(itertools.chain(*itertools.zip_longest(words, gaps, fillvalue=""))): placeholder
    for placeholder in PLACEHOLDERS
    for words in [placeholder.split(" ")]
    for gaps in itertools.product(" _-", repeat=len(words) - 1)
}


@dataclass(frozen=True)
class PlaceholderUsers:
    """The user ids that are placeholders.

    Parameters
    ----------
    counts : mapping of str to int
        The number of records of each id, in descending order.
    n_records : int
        Number of records of all users.
    """

    counts: Mapping[str, int]
    n_records: int

    def __str__(self) -> str:
        """Return a description such as ``the user 'NA' has 90 % of the records (9 of 10)``."""
        ids = list(map(shown, list(self.counts)[:3])) + ["..."] * (len(self.counts) > 3)
        n = sum(self.counts.values())
        share = f"{n / self.n_records:.0%}".replace("%", " %")
        have = "user {} has" if len(self.counts) == 1 else "users {} have"
        return (
            f"the {have.format(', '.join(ids))} {share} of the records "
            f"({n:,} of {self.n_records:,})"
        )

    def message(self, name: str, columns: Sequence[str], used: Mapping[str, str]) -> str:
        """Return the error message, with the remedies.

        Parameters
        ----------
        name : str
            Name of the source in the message.
        columns : sequence of str
            Its columns.
        used : mapping of str to str
            Role to column.
        """
        others = [setting("user", other) for other in other_users(columns, used.values())]
        another = f"use another column as the user ({' or '.join(others)}), " if others else ""
        if sum(self.counts.values()) == self.n_records:  # dropping them would leave no record
            name_it = another or f"name another column as the user with {setting('user')}, "
            return (
                f"{name}: {self}, so that no other user is known: {name_it}or keep them as one "
                f"user ({setting('anonymous', 'keep')})"
            )
        return (
            f"{name}: {self}, which probably come from many visitors without an id: {another}drop "
            f"these records ({setting('anonymous', 'drop')}), or keep them "
            f"({setting('anonymous', 'keep')})"
        )

    def note(self) -> str:
        """Return the note for the report if the records are kept."""
        return f"{self}, which are kept ({setting('anonymous', 'keep')})"


def find_placeholder_users(database: Database, table: str) -> PlaceholderUsers | None:
    """Return the users that are placeholders, or None.

    Parameters
    ----------
    database : Database
    table : str
        A table with the user ids, ``id``, and the number of records of each, ``n``.
    """
    plain = f"lower(trim(id, {quote_text(BLANK)}))"
    known = ", ".join(map(quote_text, sorted(_SPELLINGS)))
    found = database.rows(f"SELECT id, n, {plain} FROM {table} WHERE {plain} IN ({known})")
    if not found:
        return None
    ((n_records,),) = database.rows(f"SELECT sum(n) FROM {table}")
    ((median, n_others),) = database.rows(
        f"SELECT median(n), count(*) FROM {table} WHERE {plain} NOT IN ({known})"
    )
    found = [(user, n, _SPELLINGS[spelling]) for user, n, spelling in found]
    totals: dict[str, int] = {}  # "NA" and "na" are one placeholder
    for _, n, word in found:
        totals[word] = totals.get(word, 0) + n
    counts = {
        user: n
        for user, n, word in sorted(found, key=lambda row: (-row[1], row[0]))
        if totals[word] > SHARE * n_records and totals[word] > TIMES * (median or 1)
        # In a file with few other users, 0 is probably an ordinary user.
        if word not in _ZEROS or n_others >= LEAST_OTHERS
    }
    return PlaceholderUsers(counts, int(n_records)) if counts else None


def drop_users(database: Database, table: str, users: PlaceholderUsers, reason: int) -> None:
    """Mark the kept records of some users as dropped, and delete the users from `table`."""
    ids = ", ".join(map(quote_text, users.counts))
    database.rows(f'UPDATE loaded SET reason = {reason} WHERE reason = 0 AND "user" IN ({ids})')
    database.rows(f"DELETE FROM {table} WHERE id IN ({ids})")
