"""User ids that stand for "no user": all anonymous visitors would become one history.

A user id is suspect when it is a well-known placeholder, owns more than 5 % of the kept records,
and has more than 20 times as many as the median of the other users. An ordinary user 0 among users
0 to 999 is none, and among fewer than 10 other users 0 is never suspect. Item ids are not judged.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from item2vec._support.messages import setting, shown
from item2vec.reading.columns import other_users
from item2vec.reading.duckdb_session import Database, quote_text
from item2vec.reading.sql_values import BLANK

Anonymous = Literal["error", "drop", "keep"]

SHARE = 0.05
TIMES = 20
LEAST_OTHERS = 10  # users, before 0 is suspect

# They are compared in lower case, without blanks around them.
_ZEROS = ["0", "0.0", "0000"]
_NEGATIVE = ["-1", "-1.0", "-99", "-999", "-9999"]
_WORDS = r"""
    na n/a n.a n.a. #n/a #na <na> nan -nan 1.#qnan nat null (null) [null] <null> \n nil none
    (none) undefined unknown (unknown) <unknown> unk unidentified missing empty (empty) (blank)
    notset unset nouser anonymous (anonymous) anonym anon guest visitor nobody unregistered - --
    --- . .. ? ?? ??? * _ "" '' [] {}
    00000000-0000-0000-0000-000000000000 ffffffff-ffff-ffff-ffff-ffffffffffff
"""
_PHRASES = """
    not set, (not set), not available, not applicable, not logged in, no user, anonymous user,
    guest user, deleted user, anonymous visitor, unknown user
"""
PLACEHOLDERS = frozenset(
    [*_ZEROS, *_NEGATIVE, *_WORDS.split(), *re.split(r",\s+", _PHRASES.strip())]
)
# Spelling to placeholder: "not_set" and "not-set" are "not set". To list the spellings is faster
# than to replace characters in every id.
_SPELLINGS = {
    "".join(itertools.chain(*itertools.zip_longest(words, gaps, fillvalue=""))): placeholder
    for placeholder in PLACEHOLDERS
    for words in [placeholder.split(" ")]
    for gaps in itertools.product(" _-", repeat=len(words) - 1)
}


@dataclass(frozen=True)
class Suspects:
    """The placeholders that own too much to be users.

    Parameters
    ----------
    counts : mapping of str to int
        Id to number of records, the largest first.
    n_records : int
        Of all users.
    """

    counts: Mapping[str, int]
    n_records: int

    def __str__(self) -> str:
        """Say whose they are and how many: ``the user 'NA' has 90 % of the records (9 of 10)``."""
        ids = list(map(shown, list(self.counts)[:3])) + ["..."] * (len(self.counts) > 3)
        n = sum(self.counts.values())
        share = f"{n / self.n_records:.0%}".replace("%", " %")
        have = "user {} has" if len(self.counts) == 1 else "users {} have"
        return (
            f"the {have.format(', '.join(ids))} {share} of the records "
            f"({n:,} of {self.n_records:,})"
        )

    def refusal(self, name: str, columns: Sequence[str], used: Mapping[str, str]) -> str:
        """Return the message of the error, with the remedies.

        Parameters
        ----------
        name : str
            What messages call the table.
        columns : sequence of str
            Its columns.
        used : mapping of str to str
            Role to column.
        """
        others = [setting("user", other) for other in other_users(columns, used.values())]
        another = f"take another column as the user ({' or '.join(others)}), " if others else ""
        return (
            f"{name}: {self}, as if many visitors without an id were one: {another}leave their "
            f"records out ({setting('anonymous', 'drop')}), or take them as one user "
            f"({setting('anonymous', 'keep')})"
        )

    def note(self) -> str:
        """Return what a report says where they are kept."""
        return f"{self}, which are kept as asked ({setting('anonymous', 'keep')})"


def find_suspects(database: Database, table: str) -> Suspects | None:
    """Return the suspect users, or None.

    Parameters
    ----------
    database : Database
    table : str
        One with the columns ``id`` and ``n``, the number of records of each user.
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
    suspects = {
        user: n
        for user, n, word in sorted(found, key=lambda row: (-row[1], row[0]))
        if totals[word] > SHARE * n_records and totals[word] > TIMES * (median or 1)
        # A file about user 0 and a few others does not show that 0 is no user.
        if word not in _ZEROS or n_others >= LEAST_OTHERS
    }
    return Suspects(suspects, int(n_records)) if suspects else None


def drop(database: Database, table: str, suspects: Suspects, reason: int) -> None:
    """Give the kept records of suspects a reason to be dropped, and remove them from `table`."""
    ids = ", ".join(map(quote_text, suspects.counts))
    database.rows(f'UPDATE loaded SET reason = {reason} WHERE reason = 0 AND "user" IN ({ids})')
    database.rows(f"DELETE FROM {table} WHERE id IN ({ids})")
