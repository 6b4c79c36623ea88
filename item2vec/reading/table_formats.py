"""Opening of delimited text, Parquet, JSON, or a pandas DataFrame as a table."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import codecs
from dataclasses import replace
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading import delimited
from item2vec.reading.compressed import check_gzip, check_zstd
from item2vec.reading.dataframes import Prepared
from item2vec.reading.delimited import MALFORMED
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_path, quote_text
from item2vec.reading.file_format import FileFormat, header_names, unpacked
from item2vec.reading.options import TextFormat
from item2vec.reading.table import Table, unreadable


def open_file(database: Database, file: FileFormat, text: TextFormat) -> Table:
    """Open a file of any format.

    Raises
    ------
    DataError
        If the file is damaged or contains no table.
    """
    try:
        if file.kind == "text":
            return _open_text(file, text)
        if file.compression == "gzip":
            check_gzip(file.path)
        return _open_json(database, file) if file.kind == "json" else _open_parquet(database, file)
    except QueryError as error:
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
        unsupported=prepared.unsupported,
    )


def read_zstd_head(database: Database, path: Path) -> bytes:
    """Return the first lines of a zstd file, which Python can't decompress by itself.

    Raises
    ------
    OSError
        If DuckDB can't read it.
    """
    check_zstd(path)
    try:
        rows = database.rows(
            f"SELECT line FROM read_csv({quote_path(path)}, auto_detect=false, "
            "columns={'line': 'VARCHAR'}, header=false, delim=chr(1), quote='', escape='', "
            "compression='zstd', encoding='latin-1', strict_mode=false) LIMIT 30"
        )
    except QueryError as error:
        raise OSError(str(error)) from error
    return "".join(f"{line or ''}\n" for (line,) in rows).encode("latin-1")


def is_utf_8(file: FileFormat) -> bool:
    """Return whether a text file is valid UTF-8, reading it to its end.

    Raises
    ------
    DataError
        If it is a damaged archive.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf_8 = True
    with unpacked(file) as source:
        while is_utf_8 and (chunk := source.read(1 << 20)):
            is_utf_8 = _decodes(decoder, chunk)
        while source.read(1 << 20):  # the checksum of an archive is verified at its end
            pass
    return is_utf_8 and _decodes(decoder, b"", final=True)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _open_text(file: FileFormat, text: TextFormat) -> Table:
    notes = list(file.notes)
    file = replace(file, encoding=text.encoding)
    if text.latin_1_fallback:
        if not is_utf_8(file):  # which also verifies the checksum of an archive
            file = replace(file, encoding="latin-1")
            notes.append(f"{file.name} is not UTF-8: it is read as Latin-1")
    elif file.compression == "gzip":
        check_gzip(file.path)
    return Table(
        file.name,
        dict.fromkeys(file.columns, "VARCHAR"),
        delimited.relation(file),
        first_record=1 + file.header + file.blank_lines,
        size=file.path.stat().st_size,
        file=file,
        notes=tuple(notes),
    )


def _open_parquet(database: Database, file: FileFormat) -> Table:
    scan = f"read_parquet({quote_path(file.path)}, binary_as_string=true, hive_partitioning=false)"
    return Table(
        file.name,
        _types(database, scan),
        f"SELECT *, false AS {quote_name(MALFORMED)} FROM {scan}",
        size=file.path.stat().st_size,
        file=file,
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
        raise DataError(
            f"{file.path} contains no JSON objects: write one object per line, or an array of them"
        )
    names = header_names(keys)
    values = ", ".join(
        f"json ->> {quote_text(_pointer(key))} AS {quote_name(name)}"
        for key, name in zip(keys, names, strict=True)
    )
    return Table(
        file.name,
        dict.fromkeys(names, "VARCHAR"),
        f"SELECT {values}, json IS NULL AS {quote_name(MALFORMED)} FROM {objects}",
        size=file.path.stat().st_size,
        file=file,
        nested=frozenset(name for name, (_, nested) in zip(names, found, strict=True) if nested),
    )


def _pointer(key: str) -> str:
    """Return the JSON pointer (RFC 6901) to a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _types(database: Database, table: str) -> dict[str, str]:
    """Return the SQL type of each column."""
    rows = database.rows(f"DESCRIBE SELECT * FROM {table}")
    return {name: sql_type for name, sql_type, *_ in rows}
