"""Recognition of tables with a column for each item, which must be turned into rows first."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Sequence

from item2vec._support.messages import shown
from item2vec.reading import sql_values
from item2vec.reading.columns import Roles, is_known
from item2vec.reading.duckdb_session import quote_name
from item2vec.reading.tables import Tables

SAMPLE = 1000  # records that are examined
LEAST, MOST = 5, 100  # columns that look like items, and columns that are examined
SHARE = 0.8  # of the columns without a role
MOST_VALUES = 21  # distinct values: marks such as 0 and 1, or ratings

_MARKS = "('', '0', '1', '0.0', '1.0', 'true', 'false', 't', 'f', 'yes', 'no', 'y', 'n', 'x', '?')"


def matrix_columns(tables: Tables, roles: Roles) -> list[str]:
    """Return the columns that look like items: their values are marks or ratings.

    Empty unless nearly all columns without a role are such columns.
    """
    first = tables.first
    free = [name for name in first.columns if name not in roles.columns.values()]
    free = [name for name in free if not is_known(name)][:MOST]
    if len(free) <= LEAST:
        return []
    counts = []
    for name in free:
        text = sql_values.text(name, first.types[name])
        number = sql_values.number(text)
        counts.append(
            f"count(DISTINCT {text}), count(*) FILTER (lower({text}) NOT IN {_MARKS}), "
            f"count(*) FILTER ({text} IS NOT NULL AND {text} <> '' AND {number} IS NULL)"
        )
    examined = ", ".join(map(quote_name, free))
    (row,) = tables.database.rows(
        f"SELECT {', '.join(counts)} FROM "
        f"(SELECT {examined} FROM ({first.relation}) LIMIT {SAMPLE})"
    )
    found = []
    for k, name in enumerate(free):
        n_distinct, n_unmarked, n_texts = row[3 * k : 3 * k + 3]
        if n_unmarked == 0 or (n_texts == 0 and n_distinct <= MOST_VALUES):
            found.append(name)
    return found if len(found) >= max(LEAST, SHARE * len(free)) else []


def item_matrix(tables: Tables, names: Sequence[str]) -> str:
    """Return the message for a table with a column for each item."""
    others = [name for name in tables.first.columns if name not in names]
    kept = f"id_vars={others[0]!r}" if others else "ignore_index=False"
    return (
        f"{tables.name} has a column for each item, such as {shown(names[0])} and "
        f"{shown(names[1])}: turn them into rows, in pandas with frame.melt({kept}, "
        "var_name='item'), and keep the rows whose value says that there was an interaction"
    )
