"""Notes on the rows of a catalogue that are not used, or not as a whole."""

# Names go into SQL through quote_name.
# ruff: noqa: S608

from item2vec._support.messages import counted, shown
from item2vec.reading.duckdb_session import quote_name
from item2vec.reading.tables import Tables


def rows_left_out(tables: Tables, item: str, column: str, title: str | None) -> list[str]:
    """Return notes on rows without an id, and on items whose rows have different titles.

    Parameters
    ----------
    tables : Tables
        Their records are in the table `loaded`.
    item, title : str
        The columns of `loaded`; the title may be None.
    column : str
        The column of ids in the source.
    """
    notes = _without_id(tables, item, column)
    return notes if title is None else notes + _several_titles(tables, item, title)


def _without_id(tables: Tables, item: str, column: str) -> list[str]:
    ((n_rows,),) = tables.database.rows(
        f"SELECT count(*) FROM loaded WHERE {quote_name(item)} IS NULL"
    )
    if not n_rows:
        return []
    verb = "is" if n_rows == 1 else "are"
    rows = f"{counted(n_rows, 'row')} without an id in column {shown(column)}"
    return [f"{tables.name}: {rows} {verb} skipped"]


def _several_titles(tables: Tables, item: str, title: str) -> list[str]:
    """Return a note if rows of one item have different titles, with the first example."""
    value = quote_name(title)
    found = tables.database.rows(
        f"SELECT count(*) OVER (), {quote_name(item)}, first, other FROM "
        f"(SELECT {quote_name(item)}, arg_min({value}, rowid) AS first, min(rowid) AS position, "
        f"CASE WHEN first = min({value}) THEN max({value}) ELSE min({value}) END AS other "
        f"FROM loaded WHERE {quote_name(item)} IS NOT NULL AND {value} IS NOT NULL "
        f"GROUP BY {quote_name(item)} HAVING min({value}) <> max({value})) "
        "ORDER BY position LIMIT 1"
    )
    if not found:
        return []
    n_items, item_id, first, other = found[0]
    what = "item has" if n_items == 1 else "items have"
    return [
        f"{tables.name}: {n_items:,} {what} several rows with different titles, the first of which "
        f"is used: {shown(item_id)} is {shown(first)} and {shown(other)}, for example"
    ]
