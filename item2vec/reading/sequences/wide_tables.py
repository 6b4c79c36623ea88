"""Tables with a column for each item of a sequence, such as ``item1``, ``item2`` and ``item3``."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Sequence
from dataclasses import replace

from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import quote_name, quote_text
from item2vec.reading.sequences.headers import wide_columns
from item2vec.reading.sequences.line_formats import ListLines, SequenceLines
from item2vec.reading.sequences.list_texts import MISSING
from item2vec.reading.table import Table, transformed

ITEMS = "items"  # the name of the column of lists


def with_list(table: Table, given: Sequence[str]) -> Table:
    """Return a table with a column of lists instead of a column for each item, if it has such.

    Parameters
    ----------
    table : Table
    given : sequence of str
        The columns that were named; they remain.
    """
    wide = wide_columns(table.columns)
    others = [name for name in table.columns if name not in wide]
    lines = None if table.file is None else table.file.lines
    if isinstance(lines, SequenceLines | ListLines):
        return table
    if not wide or not set(wide).isdisjoint(given):
        return table
    if any(name.casefold() == ITEMS for name in others):
        return table
    values = ", ".join(sql_values.text(name, table.types[name]) for name in wide)
    missing = ", ".join(map(quote_text, MISSING))
    items = f"[field FOR field IN [{values}] IF field NOT IN ({missing})]"
    dropped = ", ".join(map(quote_name, wide))
    note = f"{table.name}: columns {wide[0]} to {wide[-1]} hold the items of each record"
    narrow = transformed(
        table,
        lambda query: (
            f"SELECT * EXCLUDE ({dropped}), {items} AS {quote_name(ITEMS)} FROM ({query})"
        ),
    )
    types = {name: table.types[name] for name in others}
    return replace(
        narrow,
        types={**types, ITEMS: "VARCHAR[]"},
        notes=(*table.notes, note),
        nested=table.nested - set(wide),
    )
