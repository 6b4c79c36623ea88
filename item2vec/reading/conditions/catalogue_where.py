"""Filtering of the items in a model's catalogue by SQL conditions."""

# Conditions are checked by `check_condition`; names go into SQL through quote_name.
# ruff: noqa: S608

import numpy as np

from item2vec._support.messages import setting, shown
from item2vec.data.catalogue import Catalogue
from item2vec.errors import ParameterError
from item2vec.reading.conditions.error import ConditionError, condition_message
from item2vec.reading.conditions.where import check_condition
from item2vec.reading.duckdb_session import QueryError, quote_name
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables, open_tables
from item2vec.types import Mask

ITEM = "item"
_EXAMPLE = (
    "give an SQL condition on the columns of the catalogue, such as \"genres like '%Comedy%'\""
)
_POSITION = "item2vec position"  # a column name that no catalogue has


class _TextTable(Table):
    """The catalogue of a model, in which all columns are text, even numbers and dates."""

    @property
    def is_untyped(self) -> bool:
        """Always True, so that conditions compare texts such as "1995" as numbers."""
        return True


def matching_items(catalogue: Catalogue, where: str) -> Mask:
    """Return whether each item of a catalogue matches an SQL condition, bool (n,).

    Parameters
    ----------
    catalogue : Catalogue
    where : str
        A condition on the columns of the catalogue and the column of ids, ``item``. The rules are
        those of `where` in `read_interactions`: subqueries are not allowed, and columns of numbers,
        dates and Boolean values are compared as such.

    Raises
    ------
    ParameterError
        If the model has no catalogue, or this is not a condition on its columns.
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
    except ConditionError as error:
        message = condition_message("items_where", where, error.explanation, _EXAMPLE)
        raise ParameterError(message) from error


def _matching(tables: Tables, where: str) -> Mask:
    first = tables.first
    columns = ", ".join(map(quote_name, first.columns))  # without MALFORMED, for messages
    table = _TextTable("the catalogue", first.types, f"SELECT {columns} FROM ({first.relation})")
    condition = check_condition(Tables(tables.database, [table], tables.folder), where, [ITEM])
    position = quote_name(_POSITION)
    numbered = f"SELECT *, row_number() OVER () AS {position} FROM ({table.relation})"
    try:
        _, matches = tables.database.arrays(
            f"SELECT {position}, coalesce((\n{where}\n), false) AS matches "
            f"FROM (SELECT {condition.star} FROM ({numbered})) ORDER BY 1"
        )
    except QueryError as error:
        raise condition.error(error) from error
    return np.asarray(matches, dtype=bool)
