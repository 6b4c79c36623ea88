"""Tables of any kind, opened in DuckDB: text, Parquet, JSON lines, DataFrames."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import codecs
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from item2vec.errors import DataError, ParameterError
from item2vec.reading import delimited
from item2vec.reading.compressed import check_gzip, check_zstd
from item2vec.reading.dataframes import Prepared, is_frame, prepare
from item2vec.reading.delimited import MALFORMED, Loaded, OnProgress
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_path, quote_text
from item2vec.reading.file_format import Encoding, FileFormat, header_names, look_at, unpacked
from item2vec.reading.paths import Source, find_files


@dataclass(frozen=True)
class Table:
    """One file, or a DataFrame.

    Parameters
    ----------
    name : str
        What messages call it.
    types : mapping of str to str
        Column to SQL type.
    relation : str
        The SQL for its records: these columns, and MALFORMED.
    first_record : int
        The number of its first record; a header is record 1.
    size : int
        How large it is, beside the others.
    file : FileFormat, optional
        None for a DataFrame.
    notes : sequence of str
        What opening it took upon itself.
    nested : set of str
        In JSON, the columns that hold an array or an object anywhere; as text, here.
    odd : mapping of str to object
        In a DataFrame, by column, the first value that is no text, number, UUID, date or time.
    """

    name: str
    types: Mapping[str, str]
    relation: str
    first_record: int = 1
    size: int = 1
    file: FileFormat | None = None
    notes: tuple[str, ...] = ()
    nested: frozenset[str] = frozenset()
    odd: Mapping[str, object] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.types)

    @property
    def is_untyped(self) -> bool:
        """Whether all it has is text, whatever that text stands for."""
        return self.file is not None and self.file.kind != "parquet"


@dataclass(frozen=True)
class Tables:
    """The tables of one source, all with the same columns."""

    database: Database
    tables: Sequence[Table]
    folder: Path

    @property
    def first(self) -> Table:
        """The table that speaks for all."""
        return self.tables[0]

    @property
    def name(self) -> str:
        """What messages call them all."""
        more = len(self.tables) - 1
        return self.first.name + (f" and {more} more" if more else "")

    def load(
        self, table: Table, statement: Callable[[str], str], on_progress: OnProgress = None
    ) -> Loaded:
        """Load a table with the statement that `statement` gives for a relation."""
        if table.file is not None and table.file.kind == "text":
            return delimited.load(self.database, table.file, self.folder, statement, on_progress)
        self.database.rows(statement(table.relation), on_progress=on_progress)
        return Loaded()


@contextlib.contextmanager
def open_tables(
    source: Source,
    *,
    delimiter: str | None = None,
    told: Sequence[str] = (),
    encoding: Encoding | Literal["utf-8 or latin-1"] = "utf-8",
) -> Iterator[Tables]:
    """Open a source in a database of its own, which leaves nothing behind.

    Parameters
    ----------
    source : path, glob, list of these, or pandas.DataFrame
    delimiter : str, optional
        Of text files, where it was told.
    told : sequence of str
        The column names that a person gave.
    encoding : {"utf-8", "latin-1", "utf-8 or latin-1"}
        Of text files. In one that is told to be UTF-8, records that are not are malformed.

    Raises
    ------
    DataError
        If a file is missing, empty, unreadable or no table, or files differ in their columns.
    """
    delimiter = _checked_delimiter(delimiter)
    with tempfile.TemporaryDirectory(prefix="item2vec-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if is_frame(source):
            prepared = prepare(source)  # type: ignore[arg-type]
            with Database(folder, frame=prepared.frame) as database:
                table = _open_frame(database, prepared)
                _check_names(table)
                yield Tables(database, [table], folder)
            return
        paths = find_files(source)
        with Database(folder, [Path(os.path.abspath(path)) for path in paths]) as database:
            tables = []
            for path in paths:
                file = look_at(
                    path,
                    delimiter=delimiter,
                    told=told,
                    read_zstd=lambda p: _read_zstd(database, p),
                )
                tables.append(_open(database, file, encoding))
            _check_names(tables[0])
            _check_same_columns(tables)
            yield Tables(database, tables, folder)


def _checked_delimiter(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
    if not 1 <= len(delimiter.encode()) <= 4 or set(delimiter) & set('"\r\n\0'):
        raise ParameterError(
            f"delimiter must be one to four bytes without quotes and line ends, not {delimiter!r}"
        )
    return delimiter


def _read_zstd(database: Database, path: Path) -> bytes:
    """Return the first lines of a zstd file, which Python itself can't unpack."""
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


def _open(database: Database, file: FileFormat, encoding: str) -> Table:
    try:
        if file.kind == "text":
            return _open_text(file, encoding)
        if file.compression == "gzip":
            check_gzip(file.path)
        return _open_json(database, file) if file.kind == "json" else _open_parquet(database, file)
    except QueryError as error:
        raise unreadable(file.name, error) from error


def unreadable(name: str, error: QueryError) -> DataError:
    """Return the error for a table that DuckDB can't read."""
    remedy = "" if error.kind == "Out of Memory" else ": give a file that is whole"
    if "Invalid string encoding" in str(error):
        remedy = ": ids and the like are text, numbers or UUIDs; store the bytes as text"
    return DataError(f"{name} can't be read: {error}{remedy}")


def _open_text(file: FileFormat, encoding: str) -> Table:
    notes = list(file.notes)
    if encoding == "latin-1":
        file = replace(file, encoding="latin-1")
    if encoding in {"utf-8", "latin-1"}:
        if file.compression == "gzip":
            check_gzip(file.path)
    elif not is_utf_8(file):  # which reads it to its end, and finds out whether it is whole
        file = replace(file, encoding="latin-1")
        notes.append(f"{file.name} is not UTF-8: it is taken for Latin-1")
    return Table(
        file.name,
        dict.fromkeys(file.columns, "VARCHAR"),
        delimited.relation(file),
        first_record=1 + file.header + file.blank_lines,
        size=file.path.stat().st_size,
        file=file,
        notes=tuple(notes),
    )


def is_utf_8(file: FileFormat) -> bool:
    """Tell whether a text file is UTF-8; it is read to its end, and so known to be whole."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf_8 = True
    with unpacked(file) as source:
        while is_utf_8 and (chunk := source.read(1 << 20)):
            is_utf_8 = _decodes(decoder, chunk)
        while source.read(1 << 20):
            pass
    return is_utf_8 and _decodes(decoder, b"", final=True)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _open_parquet(database: Database, file: FileFormat) -> Table:
    scan = f"read_parquet({quote_path(file.path)}, binary_as_string=true, hive_partitioning=false)"
    return Table(
        file.name,
        _types(database, scan),
        f"SELECT *, false AS {quote_name(MALFORMED)} FROM {scan}",
        size=file.path.stat().st_size,
        file=file,
    )


def _open_frame(database: Database, prepared: Prepared) -> Table:
    types = _types(database, "frame")
    relation = f"SELECT *, false AS {quote_name(MALFORMED)} FROM frame"
    return Table(
        "the DataFrame",
        types,
        relation,
        first_record=0,
        notes=tuple(prepared.notes),
        odd=prepared.odd,
    )


def _types(database: Database, table: str) -> dict[str, str]:
    rows = database.rows(f"DESCRIBE SELECT * FROM {table}")
    return {name: sql_type for name, sql_type, *_ in rows}


def _open_json(database: Database, file: FileFormat) -> Table:
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
        raise DataError(f"{file.path} holds no JSON objects: give one object a line, or one array")
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
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _check_names(table: Table) -> None:
    for name in table.columns:
        if name.casefold().startswith("item2vec "):
            raise DataError(
                f"{table.name} has a column {name!r}: names that begin so are taken: rename it"
            )


def _check_same_columns(tables: Sequence[Table]) -> None:
    first = tables[0]
    for table in tables[1:]:
        if set(table.types) != set(first.types):
            raise DataError(
                f"{table.name} has the columns {', '.join(table.types)}, but {first.name} has "
                f"{', '.join(first.types)}: give files with the same columns"
            )
