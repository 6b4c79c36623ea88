"""The content of compressed files: gzip through Python, zstd through DuckDB, which reads lines."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import codecs
from collections.abc import Iterator
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading.duckdb_session import Database, QueryError, quote_path, quote_text
from item2vec.reading.files.compressed import check_zstd
from item2vec.reading.files.file_format import FileFormat, unpacked
from item2vec.reading.text.encodings import LATIN_1, UTF_8

CHUNK = 1 << 20
ROWS = 10_000  # lines that are fetched from DuckDB at a time
HEAD_LINES = 30
LONGEST = 1 << 24  # bytes of a line
MOST_BYTES = 1 << 26  # bytes of a JSON value, which DuckDB reads into memory


def read_zstd_head(database: Database, path: Path, name: Path) -> bytes:
    """Return the first lines of a zstd file, which Python can't decompress by itself.

    Raises
    ------
    DataError
        If DuckDB can't read it, or it is truncated; the message calls it `name`.
    """
    check_zstd(path, name)
    # Lines that are not valid are skipped at last, because bytes can't be read as they are.
    for encoding, skipped in ((UTF_8, False), (LATIN_1, False), (UTF_8, True)):
        query = (
            f"SELECT line FROM {_lines(path, encoding, ignore_errors=skipped)} LIMIT {HEAD_LINES}"
        )
        try:
            rows = database.rows(query)
        except QueryError as error:
            failure = error
            continue
        if rows or not skipped:
            return "".join(f"{line or ''}\n" for (line,) in rows).encode(encoding)
    raise DataError(
        f"{name} can't be read ({failure}): provide a complete file, or decompress it first, with "
        "`zstd -d`"
    ) from failure


def zstd_values(database: Database, path: Path, *, in_lines: bool) -> Iterator[bytes]:
    """Yield the JSON values in a zstd file as they are written: of its lines, or of the whole.

    Raises
    ------
    QueryError
        If DuckDB can't read it.
    """
    form = "newline_delimited" if in_lines else "unstructured"
    database.rows(
        "CREATE OR REPLACE TEMP TABLE json_values AS SELECT json FROM "
        f"read_json_objects({quote_path(path)}, format={quote_text(form)}, compression='zstd', "
        f"maximum_object_size={MOST_BYTES})"
    )
    ((n,),) = database.rows("SELECT count(*) FROM json_values")
    for begin in range(0, n, ROWS):
        rows = database.rows(
            f"SELECT json FROM json_values WHERE rowid BETWEEN {begin} AND {begin + ROWS - 1} "
            "ORDER BY rowid"
        )
        yield from (f"{value}\n".encode() for (value,) in rows)
    database.rows("DROP TABLE json_values")


def is_utf_8(database: Database, file: FileFormat) -> bool:
    """Return whether a text file is valid UTF-8, reading it to its end.

    Raises
    ------
    DataError
        If it is a damaged archive.
    """
    if file.compression == "zstd":
        return _is_utf_8_zstd(database, file.path)
    decoder = codecs.getincrementaldecoder(UTF_8)()
    is_valid = True
    with unpacked(file) as source:
        while is_valid and (chunk := source.read(CHUNK)):
            is_valid = _decodes(decoder, chunk)
        while source.read(CHUNK):  # the checksum of an archive is verified at its end
            pass
    return is_valid and _decodes(decoder, b"", final=True)


def _is_utf_8_zstd(database: Database, path: Path) -> bool:
    try:
        database.rows(f"SELECT count(line) FROM {_lines(path, UTF_8, ignore_errors=False)}")
    except QueryError as error:
        return "unicode" not in str(error).lower() and "utf-8" not in str(error).lower()
    return True


def _lines(path: Path, encoding: str, *, ignore_errors: bool) -> str:
    """Return the SQL for the lines of a zstd file, as a table with the column ``line``."""
    return (
        f"read_csv({quote_path(path)}, auto_detect=false, columns={{'line': 'VARCHAR'}}, "
        "header=false, delim=chr(1), quote='', escape='', compression='zstd', "
        f"encoding={quote_text(encoding)}, ignore_errors={str(ignore_errors).lower()}, "
        f"max_line_size={LONGEST}, buffer_size={LONGEST}, strict_mode=false)"
    )


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
