"""A table in DuckDB: one file or DataFrame whose records can be queried."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from item2vec.errors import DataError
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_text
from item2vec.reading.files.file_format import FileFormat


@dataclass(frozen=True)
class Table:
    """One file or DataFrame as a table of records.

    Parameters
    ----------
    name : str
        Name of the table in messages.
    types : mapping of str to str
        The SQL type of each column.
    relation : str
        The SQL query for the records, with the columns of `types` and the column MALFORMED.
    first_record : int
        The number of the first record; a header is record 1.
    size : int
        The amount of work relative to other tables; for a file, its size in bytes.
    file : FileFormat, optional
        None for a DataFrame.
    notes : tuple of str
        Assumptions that were made in opening the table, to be shown to the user.
    nested : set of str
        The JSON columns that contain an array or an object in any record, and the columns of a
        DataFrame that contain lists. They are read as JSON text.
    unsupported : mapping of str to object
        For a DataFrame, the first value of each column that is not a text, number, UUID, date or
        time.
    transform : callable, optional
        Turns the query for the records as the file's reader yields them into `relation`.
    is_numbered : bool
        Whether a record may have several rows, and `relation` the column RECORD.
    """

    name: str
    types: Mapping[str, str]
    relation: str
    first_record: int = 1
    size: int = 1
    file: FileFormat | None = None
    notes: tuple[str, ...] = ()
    nested: frozenset[str] = frozenset()
    unsupported: Mapping[str, object] = field(default_factory=dict)
    transform: Callable[[str], str] | None = None
    is_numbered: bool = False

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.types)

    @property
    def is_untyped(self) -> bool:
        """Whether all columns are text because the format of the file has no types."""
        return self.file is not None and self.file.kind != "parquet"


def with_partitions(table: Table) -> Table:
    """Return a table of a part file with the columns that the path of the file holds.

    A column that the file itself has remains.
    """
    used = {name.casefold() for name in table.types}
    values = table.file.partitions if table.file is not None else {}
    missing = {name: value for name, value in values.items() if name.casefold() not in used}
    return with_constants(table, missing)


def with_constants(table: Table, values: Mapping[str, str | None]) -> Table:
    """Return a table with more columns of text, each with one value; None is NULL."""
    if not values:
        return table
    columns = ", ".join(
        f"{'NULL' if value is None else quote_text(value)}::VARCHAR AS {quote_name(name)}"
        for name, value in values.items()
    )
    types = {**table.types, **dict.fromkeys(values, "VARCHAR")}
    return replace(
        transformed(table, lambda query: f"SELECT {columns}, * FROM ({query})"), types=types
    )


def with_columns(database: Database, table: Table, columns: Mapping[str, str]) -> Table:
    """Return a table with more columns before its own.

    Parameters
    ----------
    database : Database
    table : Table
    columns : mapping of str to str
        Names of the new columns to their SQL.
    """
    if not columns:
        return table
    added = ", ".join(f"{sql} AS {quote_name(name)}" for name, sql in columns.items())
    wider = transformed(table, lambda query: f"SELECT {added}, * FROM ({query})")
    described = database.rows(f"DESCRIBE SELECT {added} FROM ({table.relation})")
    return replace(wider, types={**table.types, **{name: kind for name, kind, *_ in described}})


def transformed(table: Table, step: Callable[[str], str]) -> Table:
    """Return a table whose query is turned into another one by a further step."""
    before = table.transform
    after = step if before is None else lambda query: step(before(query))
    return replace(table, relation=step(table.relation), transform=after)


def unreadable(name: str, error: QueryError) -> DataError:
    """Return the error for a table that DuckDB can't read."""
    remedy = "" if error.kind == "Out of Memory" else ": provide a complete file"
    if "Invalid string encoding" in str(error):
        remedy = ": it is not UTF-8; store the bytes as text"
    # DuckDB names the file, which may be a temporary copy.
    why = re.sub(r"(['\"])[^'\"]*item2vec-\w+[\\/][^'\"]*\1", name, str(error))
    return DataError(f"{name} can't be read: {why}{remedy}")
