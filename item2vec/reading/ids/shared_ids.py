"""The column of a catalogue that contains known item ids, for a message."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Collection, Sequence

from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import QueryError
from item2vec.reading.tables import Tables

SAMPLE = 100_000  # records that are examined


def column_with_ids(
    tables: Tables, names: Sequence[str], item_ids: Collection[str]
) -> tuple[str, int] | None:
    """Return the column that has most of the ids among its first values, and how many it has.

    Parameters
    ----------
    tables : Tables
    names : sequence of str
        The columns to be examined; of those with equally many ids, the first one is taken.
    item_ids : collection of str

    Returns
    -------
    column, n_ids : tuple of str and int, optional
        None if no column has any of the ids.
    """
    known, first = frozenset(item_ids), tables.first
    shared = {}
    for name in names if known else ():
        value = sql_values.present(sql_values.text(name, first.types[name]))
        try:
            rows = tables.database.rows(
                f"SELECT DISTINCT {value} FROM (SELECT * FROM ({first.relation}) LIMIT {SAMPLE})"
            )
        except QueryError:  # values that can't be read, or are nested, are no ids
            continue
        shared[name] = len(known.intersection(text for (text,) in rows))
    best = max(shared, key=lambda name: shared[name], default=None)
    return None if best is None or shared[best] == 0 else (best, shared[best])
