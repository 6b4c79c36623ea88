"""Notes on ids with improbably many records: one user for many visitors, and missing items."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from item2vec._support.messages import counted, setting, shown
from item2vec.reading.conditions.syntax import name_in_sql
from item2vec.reading.duckdb_session import Database, quote_text

USER_SHARE = 0.5  # of the records
LEAST_USERS = 10  # besides the most frequent one
ITEM_SHARE = 0.01  # of the records
_MISSING = ("null", "none", "nan", "<na>", "undefined", "\\n")  # in lower case; "NA" may be an item


def note_on_user(database: Database, column: str) -> list[str]:
    """Return a note if one user has most of the records.

    Parameters
    ----------
    database : Database
        Its table ``counts`` has the user ids, ``id``, and the number of records of each, ``n``.
    column : str
        The column of users.
    """
    rows = database.rows(
        "SELECT id, n, (SELECT sum(n) FROM counts), (SELECT count(*) FROM counts) FROM counts "
        "ORDER BY n DESC, id LIMIT 1"
    )
    for user, n, n_records, n_users in rows:
        if n > USER_SHARE * n_records and n_users > LEAST_USERS:
            return [
                f"the user {shown(user)} has {n / n_records:.0%} of the records: if these come "
                f"from many visitors, exclude them with {_without(column, user)}"
            ]
    return []


def note_on_items(database: Database, column: str) -> list[str]:
    """Return a note if many records have an item such as ``NULL``.

    Parameters
    ----------
    database : Database
        Its table ``loaded`` has the records.
    column : str
        The column of items.
    """
    known = ", ".join(map(quote_text, _MISSING))
    missing = database.rows(
        f"SELECT id FROM distinct_items WHERE lower(trim(id)) IN ({known}) ORDER BY id"
    )
    if not missing:
        return []
    ids = ", ".join(quote_text(item) for (item,) in missing)
    rows = database.rows(
        f"SELECT item, count(*), (SELECT count(*) FROM loaded WHERE reason = 0) FROM loaded "
        f"WHERE reason = 0 AND item IN ({ids}) GROUP BY item ORDER BY 2 DESC, 1"
    )
    return [
        f"{counted(n, 'record')} {'has' if n == 1 else 'have'} the item {shown(item)}: if it "
        f"stands for a missing item, exclude them with {_without(column, item)}"
        for item, n, n_records in rows
        if n >= ITEM_SHARE * n_records
    ]


def _without(column: str, value: str) -> str:
    return setting("where", f"{name_in_sql(column)} <> {quote_text(value)}")
