"""The records that satisfy a condition, from which the formats of times are detected."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Sequence
from dataclasses import replace

from item2vec.errors import DataError
from item2vec.reading.conditions.error import ConditionError
from item2vec.reading.conditions.where import check_condition
from item2vec.reading.duckdb_session import QueryError
from item2vec.reading.tables import Tables
from item2vec.reading.times.formats import TimeFormats, find_time_formats


def find_matching_formats(
    tables: Tables, column: str, where: str | None, texts: Sequence[str]
) -> TimeFormats:
    """Find the formats of a column of times in the records that satisfy a condition.

    All records are examined if the condition uses the times, because these must be read first.

    Parameters
    ----------
    tables : Tables
    column : str
    where : str, optional
        The condition; if it is wrong, that is left to whoever checks it.
    texts : sequence of str
        Columns that are not converted for the condition: the ids.

    Raises
    ------
    DataError
        If it is not clear in which order the day, the month and the year of dates are.
    """
    matching = _matching(tables, column, where, texts)
    try:
        found = find_time_formats(matching, column)
    except DataError as error:
        if matching is tables or not isinstance(error.__cause__, QueryError):
            raise
        # Some values don't fit the condition, which is reported when the records are loaded.
        return find_time_formats(tables, column)
    read = [
        table
        for table, each in zip(tables.tables, matching.tables, strict=True)
        if any(each is other for other in found.tables)
    ]
    return replace(found, tables=read)


def _matching(tables: Tables, column: str, where: str | None, texts: Sequence[str]) -> Tables:
    """Return the tables with the records that satisfy a condition on other columns."""
    if where is None:
        return tables
    try:
        condition = check_condition(tables, where, texts)
    except ConditionError:
        return tables
    if column in condition.columns():
        return tables
    matching = [
        replace(
            table,
            relation=f"SELECT * FROM (SELECT {condition.star} FROM ({table.relation})) "
            f"WHERE coalesce((\n{where}\n), false)",
        )
        for table in tables.tables
    ]
    return replace(tables, tables=matching)
