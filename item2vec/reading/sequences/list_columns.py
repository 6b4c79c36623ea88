"""Columns whose cells hold lists, one for each record, and their conversion to rows."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from item2vec._support.messages import setting, shown
from item2vec.errors import DataError
from item2vec.reading.columns import Roles, is_list_name
from item2vec.reading.duckdb_session import QueryError, quote_name
from item2vec.reading.internal_columns import RECORD
from item2vec.reading.options import Layout
from item2vec.reading.sequences import list_sql
from item2vec.reading.sequences.line_formats import ListLines, SequenceLines
from item2vec.reading.sequences.list_texts import (
    MISSING,
    SHARE,
    Evidence,
    find_list,
    find_separator,
    is_bracketed,
    is_call,
    is_flat,
    is_list,
    is_shortened,
    unwrapped,
)
from item2vec.reading.table import Table, transformed, unreadable
from item2vec.reading.tables import Tables

SAMPLE = 1000  # records that are examined
MOST_COLUMNS = 100  # columns that are examined
MOST_TABLES = 100  # tables that are examined, until one has lists
_ROLES = ("item", "time", "rating")  # the roles whose columns may hold lists, of equal lengths


def columns_with_lists(tables: Tables, columns: Sequence[str]) -> list[str]:
    """Return the columns that hold lists in any table, among some of them."""
    examined = columns[:MOST_COLUMNS]
    first = tables.first
    return [name for name in examined if _first_list(tables, name, _evidence(first, name))]


def _first_list(tables: Tables, name: str, evidence: Evidence) -> list_sql.ListCells | None:
    """Return how the cells of a column are turned into lists, in the first table that has some."""
    found = (_list_of(tables, table, name, evidence) for table in tables.tables[:MOST_TABLES])
    return next((how for how in found if how is not None), None)


def _evidence(table: Table, column: str) -> Evidence:
    if table.file is not None and isinstance(table.file.lines, ListLines):
        return "layout"
    return "name" if is_list_name(column) else "values"


def unnest_lists(tables: Tables, roles: Roles, layout: Layout) -> Tables:
    """Return the tables with one row for each item, if the column of items holds lists.

    Columns of times and ratings may hold lists, too, parallel to those of the items.

    Parameters
    ----------
    tables : Tables
    roles : Roles
    layout : {"auto", "rows", "sequences"}
        With "rows", the tables are returned as they are.

    Raises
    ------
    DataError
        If the layout is "sequences", and the records are single interactions.
    """
    first, column = tables.first, roles.columns["item"]
    if layout == "rows" or is_of_sequences(first):
        return tables
    evidence: Evidence = "layout" if layout == "sequences" else _evidence(first, column)
    if _first_list(tables, column, evidence) is None:
        if layout == "auto":
            return tables
        raise DataError(
            f"{tables.name}: column {shown(column)} contains single items and not lists: leave "
            f"{setting('layout', layout)} out, or name the column of lists with {setting('item')}"
        )
    of_roles = {
        roles.columns[role]: evidence if role == "item" else "values"
        for role in _ROLES
        if role in roles.columns
    }
    lists = {name: _first_list(tables, name, why) for name, why in of_roles.items()}
    known = {name: how for name, how in lists.items() if how is not None}
    return replace(
        tables, tables=[_unnested(tables, table, known, of_roles) for table in tables.tables]
    )


def _unnested(
    tables: Tables,
    table: Table,
    known: Mapping[str, list_sql.ListCells],
    evidence: Mapping[str, Evidence],
) -> Table:
    """Return a table with one row for each item.

    Parameters
    ----------
    tables : Tables
    table : Table
    known : mapping of str to ListCells
        How the columns of lists, first that of the items, are turned into lists in another table.
        A part of a table may have no records, or single items alone.
    evidence : mapping of str to {"values", "name", "layout"}
    """
    found = {
        name: _list_of(tables, table, name, evidence[name]) or _as_elsewhere(table, name, how)
        for name, how in known.items()
    }
    lists = {name: how.sql for name, how in found.items()}
    rows = functools.partial(_rows, lists=lists, is_numbered=table.is_numbered)
    types = {**table.types, **{name: how.element_type for name, how in found.items()}}
    items = next(iter(found))
    note = f"{table.name}: each record is a sequence, and {items} holds its items"
    return replace(
        transformed(table, rows),
        types=types,
        nested=table.nested - set(found),
        notes=(*table.notes, f"{note} ({found[items].description})"),
        is_numbered=True,
    )


def _as_elsewhere(table: Table, name: str, how: list_sql.ListCells) -> list_sql.ListCells:
    """Return how the cells of a column without lists are turned into lists, as in another table."""
    if table.types[name] == how.element_type == "VARCHAR" and how.is_of_text:
        return how
    return list_sql.single(name, how.element_type)


def is_of_sequences(table: Table) -> bool:
    """Return whether the lines of a table are sequences."""
    return table.file is not None and isinstance(table.file.lines, SequenceLines)


def _rows(records: str, lists: Mapping[str, str], *, is_numbered: bool) -> str:
    """Return the query for one row for each element; a record without any has a row with NULL."""
    number = "" if is_numbered else f", row_number() OVER () AS {quote_name(RECORD)}"
    numbered = f"SELECT *{number} FROM ({records})"
    converted = ", ".join(f"{sql} AS {quote_name(name)}" for name, sql in lists.items())
    unnested = ", ".join(
        f"unnest(CASE WHEN coalesce(len({quote_name(name)}), 0) = 0 THEN [NULL] "
        f"ELSE {quote_name(name)} END) AS {quote_name(name)}"
        for name in lists
    )
    return f"SELECT * REPLACE ({unnested}) FROM (SELECT * REPLACE ({converted}) FROM ({numbered}))"


def _list_of(
    tables: Tables, table: Table, name: str, evidence: Evidence
) -> list_sql.ListCells | None:
    """Return how the cells of a column are turned into lists; None if they are no lists.

    Parameters
    ----------
    tables : Tables
    table : Table
    name : str
        The column.
    evidence : {"values", "name", "layout"}
        Why texts that are joined by a separator may be lists.
    """
    typed = list_sql.of_type(name, table.types[name])
    if typed is not None or table.types[name] != "VARCHAR":
        return typed
    if name in table.nested:
        return list_sql.of_json(name) if _holds_arrays(tables, table, name) else None
    value = quote_name(name)
    try:
        rows = tables.database.rows(
            f"SELECT {value} FROM ({table.relation}) WHERE {value} IS NOT NULL LIMIT {SAMPLE}"
        )
    except QueryError as error:
        raise unreadable(table.name, error) from error
    texts = [text for (text,) in rows if text.strip() not in MISSING]
    return _list_of_texts(table, name, texts, evidence)


def _list_of_texts(
    table: Table, name: str, texts: Sequence[str], evidence: Evidence
) -> list_sql.ListCells | None:
    """Return how texts are turned into lists, in brackets or joined by a separator; None for ids.

    Raises
    ------
    DataError
        If a list was shortened when it was printed.
    """
    bare = [unwrapped(text) for text in texts]
    are_wrapped, texts = bare != list(texts), bare
    bracketed = [text for text in texts if is_list(text) or is_bracketed(text)]
    for text in filter(is_shortened, bracketed):
        raise DataError(
            f"{table.name}: column {shown(name)} contains lists that were shortened when they were "
            f"printed, such as {shown(text)}: store the complete ones, for example as Parquet"
        )
    example = find_list(texts)
    if not all(map(is_flat, bracketed)) or sum(map(is_call, texts)) > SHARE * len(texts):
        return None
    if example is None and (evidence == "values" or not bracketed):
        separator = find_separator(texts, evidence)
        if separator is None:
            return None
        example = next((text for text in texts if separator in text.strip()), texts[0])
        return list_sql.joined(name, separator, example)
    plain = [text for text in texts if text not in set(bracketed)]
    separator = None if evidence == "values" else find_separator(plain, evidence)
    example = example or bracketed[0]
    return list_sql.of_texts(name, example, separator, are_wrapped=are_wrapped)


def _holds_arrays(tables: Tables, table: Table, name: str) -> bool:
    """Return whether at least half of the first values of a JSON column are arrays."""
    value = quote_name(name)
    ((n, n_arrays),) = tables.database.rows(
        f"SELECT count(*), count(*) FILTER ({list_sql.is_json_array(value)}) FROM "
        f"(SELECT {value} FROM ({table.relation}) WHERE {value} IS NOT NULL LIMIT {SAMPLE})"
    )
    return bool(n_arrays and n_arrays >= SHARE * n)
