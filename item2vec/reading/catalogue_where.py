"""SQL predicates over the catalogue of a model."""

# Predicates are checked by `predicates.typed`; names go into SQL through quote_name.
# ruff: noqa: S608

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import either, setting, shown
from item2vec.data.catalogue import Catalogue
from item2vec.errors import ParameterError
from item2vec.reading.duckdb_session import QueryError, quote_name
from item2vec.reading.sql_where import PredicateError, misunderstood, typed
from item2vec.reading.tables import Table, Tables, open_tables

ITEM = "item"
_PLACE = "item2vec place"


class _TextTable(Table):
    """A table whose columns are all text, whatever that text stands for: a model's catalogue."""

    @property
    def is_untyped(self) -> bool:
        """True: a year is the text "1995", and a predicate compares it as a number."""
        return True


def matching_items(catalogue: Catalogue, where: str) -> npt.NDArray[np.bool_]:
    """Return which items of a catalogue match an SQL predicate, bool (n,).

    Parameters
    ----------
    catalogue : Catalogue
    where : str
        A predicate over the columns of the catalogue and ``item``, the id. It is checked as the
        `where` of `read_interactions` is: no subqueries; columns of numbers, dates and truth values
        compare as such.

    Raises
    ------
    ParameterError
        If the model has no catalogue, or this is no predicate over its columns.
    """
    import pandas as pd

    if not isinstance(where, str):
        raise ParameterError(f"{setting('items_where')} must be a string, not {shown(where)}")
    if not catalogue.columns:
        raise ParameterError(
            f"{setting('items_where')} needs columns such as title and genres, and the model has "
            "none: train it with a table of items"
        )
    frame = pd.DataFrame({ITEM: catalogue.ids, **catalogue.columns}, dtype=object)
    try:
        with open_tables(frame) as tables:
            return _matching(tables, where)
    except PredicateError as error:
        written = f"{either('--items-where ', 'items_where=')}{shown(where)}"
        raise ParameterError(
            f"{written} does not work: {error.why}: give an SQL predicate over the columns of the "
            "catalogue, such as \"genres like '%Comedy%'\""
        ) from error


def _matching(tables: Tables, where: str) -> npt.NDArray[np.bool_]:
    first = tables.first
    columns = ", ".join(map(quote_name, first.columns))  # those that messages may name
    table = _TextTable("the catalogue", first.types, f"SELECT {columns} FROM ({first.relation})")
    star = typed(Tables(tables.database, [table], tables.folder), where, [ITEM])
    numbered = f"SELECT *, row_number() OVER () AS {quote_name(_PLACE)} FROM ({table.relation})"
    try:
        _, fits = tables.database.arrays(
            f"SELECT {quote_name(_PLACE)}, coalesce((\n{where}\n), false) AS fits "
            f"FROM (SELECT {star} FROM ({numbered})) ORDER BY 1"
        )
    except QueryError as error:
        raise misunderstood(where, str(error)) from error
    return np.asarray(fits, dtype=bool)
