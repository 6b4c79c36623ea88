"""Opening of delimited text, Parquet, JSON, or a pandas DataFrame as a table."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import functools

from item2vec.errors import DataError
from item2vec.reading.dataframes import Prepared
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_path, quote_text
from item2vec.reading.files.compressed import check_gzip
from item2vec.reading.files.decompression import is_utf_8
from item2vec.reading.files.file_format import FileFormat
from item2vec.reading.files.preparation import check_json
from item2vec.reading.internal_columns import MALFORMED
from item2vec.reading.json_files.lines import incomplete_line
from item2vec.reading.table import Table, transformed, unreadable
from item2vec.reading.text import delimited
from item2vec.reading.text.encodings import not_utf_8
from item2vec.reading.text.repeated_headers import without_headers
from item2vec.reading.text.shapes import header_names


def open_file(database: Database, file: FileFormat) -> Table:
    """Open a file of any format.

    Raises
    ------
    DataError
        If the file is damaged or contains no table.
    """
    try:
        if file.kind == "text":
            return _open_text(file)
        if file.compression == "gzip":
            check_gzip(file.path, file.shown)
        return _open_json(database, file) if file.kind == "json" else _open_parquet(database, file)
    except QueryError as error:
        if file.kind == "json":
            check_json(file)  # which gives the place of an error
        raise unreadable(file.name, error) from error


def open_frame(database: Database, prepared: Prepared) -> Table:
    """Open the DataFrame that the database has registered as ``frame``."""
    types = _types(database, "frame")
    relation = f"SELECT *, false AS {quote_name(MALFORMED)} FROM frame"
    return Table(
        "the DataFrame",
        types,
        relation,
        first_record=0,
        notes=tuple(prepared.notes),
        nested=frozenset(prepared.lists),
        unsupported=prepared.unsupported,
    )


def _open_text(file: FileFormat) -> Table:
    if file.compression == "gzip":
        check_gzip(file.path, file.shown)
    table = Table(
        file.name,
        dict.fromkeys(file.columns, "VARCHAR"),
        delimited.relation(file),
        first_record=1 + file.header + file.skipped,
        size=file.path.stat().st_size,
        file=file,
        notes=file.notes,
        is_numbered=file.lines is not None,
    )
    if file.lines is not None:
        table = transformed(table, functools.partial(file.lines.rows, names=file.columns))
    return without_headers(table, file)


def _open_parquet(database: Database, file: FileFormat) -> Table:
    scan = f"read_parquet({quote_path(file.path)}, binary_as_string=true, hive_partitioning=false)"
    return Table(
        file.name,
        _types(database, scan),
        f"SELECT *, false AS {quote_name(MALFORMED)} FROM {scan}",
        size=file.path.stat().st_size,
        file=file,
        notes=file.notes,
    )


def _open_json(database: Database, file: FileFormat) -> Table:
    """Open JSON lines or an array of objects, with the keys of all objects as columns of text."""
    read, options = "read_ndjson_objects", "ignore_errors=true"
    if file.is_array:
        read, options = "read_json_objects", "format='array'"
    objects = (
        "(SELECT CASE json_type(json) WHEN 'OBJECT' THEN json END AS json "
        f"FROM {read}({quote_path(file.path)}, {options}, "
        f"compression={quote_text(file.compression)}))"
    )
    found = database.rows(
        "SELECT key, bool_or(nested) FROM (SELECT unnest(json_keys(json)) AS key, "
        "unnest(json_type(json, '$.*')) IN ('ARRAY', 'OBJECT') AS nested "
        f"FROM {objects}) GROUP BY key ORDER BY key"
    )
    keys = [key for key, _ in found]
    if not keys:
        if not is_utf_8(database, file):
            raise DataError(not_utf_8(file.name))
        if incomplete := incomplete_line(file):
            raise DataError(f"{incomplete}: provide the complete file")
        raise DataError(
            f"{file.shown} contains no JSON objects: write one object per line, or an array of them"
        )
    names = header_names(keys)
    values = ", ".join(
        f"json ->> {quote_text(json_pointer(key))} AS {quote_name(name)}"
        for key, name in zip(keys, names, strict=True)
    )
    return Table(
        file.name,
        dict.fromkeys(names, "VARCHAR"),
        f"SELECT {values}, json IS NULL AS {quote_name(MALFORMED)} FROM {objects}",
        size=file.path.stat().st_size,
        file=file,
        notes=file.notes,
        nested=frozenset(name for name, (_, nested) in zip(names, found, strict=True) if nested),
    )


def json_pointer(key: str) -> str:
    """Return the JSON pointer (RFC 6901) to a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _types(database: Database, table: str) -> dict[str, str]:
    """Return the SQL type of each column."""
    rows = database.rows(f"DESCRIBE SELECT * FROM {table}")
    return {name: sql_type for name, sql_type, *_ in rows}
