"""Opening of all tables of a source in DuckDB: files with the same columns, or a DataFrame."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading.columns import n_known_roles
from item2vec.reading.dataframes import is_frame, prepare
from item2vec.reading.duckdb_session import Database
from item2vec.reading.files.file_content import EmptyFileError
from item2vec.reading.files.file_format import FileFormat
from item2vec.reading.files.folders import partitions
from item2vec.reading.files.paths import Found, Source, find
from item2vec.reading.files.preparation import Preparation
from item2vec.reading.files.streams import STANDARD_INPUT, copied, is_pipe, stream_name
from item2vec.reading.internal_columns import PREFIX
from item2vec.reading.options import Layout, TextFormat
from item2vec.reading.sequences.line_formats import SequenceLines
from item2vec.reading.sequences.nested_fields import with_paths
from item2vec.reading.sequences.object_lists import with_fields
from item2vec.reading.sequences.wide_tables import with_list
from item2vec.reading.table import Table, with_constants, with_partitions
from item2vec.reading.table_formats import open_file, open_frame
from item2vec.reading.text import delimited
from item2vec.reading.text.delimited import Loaded, OnProgress
from item2vec.reading.text.shapes import TextRequest

MOST_PROBED = 8  # files that are examined for sequences


@dataclass(frozen=True)
class SourceFile:
    """A file of a source, on the disk.

    Parameters
    ----------
    found : Found
    path : Path
        The file itself, or a copy of a stream.
    source : Path, optional
        The name of the stream in messages.
    """

    found: Found
    path: Path
    source: Path | None = None


@dataclass(frozen=True)
class Tables:
    """The tables of one source, all with the same columns, and the database that reads them.

    Parameters
    ----------
    database : Database
    tables : sequence of Table
    folder : Path
        Folder for temporary files.
    """

    database: Database
    tables: Sequence[Table]
    folder: Path

    @property
    def first(self) -> Table:
        """The first table, which has the columns of all."""
        return self.tables[0]

    @property
    def name(self) -> str:
        """Name of the source in messages."""
        more = len(self.tables) - 1
        return self.first.name + (f" and {more} more" if more else "")

    def load(
        self, table: Table, statement: Callable[[str], str], on_progress: OnProgress = None
    ) -> Loaded:
        """Load a table by running ``statement(query)``, where the query returns its records."""
        if table.file is not None and table.file.kind == "text":
            transform = table.transform
            insert = statement if transform is None else lambda query: statement(transform(query))
            return delimited.load(self.database, table.file, self.folder, insert, on_progress)
        self.database.rows(statement(table.relation), on_progress=on_progress)
        return Loaded()


@contextlib.contextmanager
def open_tables(
    source: Source,
    text: TextFormat | None = None,
    *,
    column_names: Sequence[str] = (),
    layout: Layout = "rows",
    has_user: bool | None = None,
) -> Iterator[Tables]:
    """Open a source in a temporary database, which is removed at the end of the block.

    Parameters
    ----------
    source : path, glob, folder, ``-``, list of these, or pandas.DataFrame
    text : TextFormat, optional
        The format of text files.
    column_names : sequence of str
        Names of columns that were given; they help to decide whether a file has a header.
    layout : {"auto", "rows", "sequences"}
        Whether records are single interactions or sequences of them. The first file decides for all
        if it is to be found out.
    has_user : bool, optional
        Whether sequences have users; to be found out by default.

    Raises
    ------
    DataError
        If a file is missing, empty, unreadable or not a table, or files differ in their columns.
    """
    text = text or TextFormat()
    request = TextRequest(text.delimiter, column_names, layout, has_user)
    with tempfile.TemporaryDirectory(prefix="item2vec-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if is_frame(source):
            prepared = prepare(source)  # type: ignore[arg-type]
            with Database(folder, frame=prepared.frame) as database:
                table = open_frame(database, prepared)
                _check_names(table)
                yield Tables(database, [_wider(database, table, request)], folder)
            return
        with _prepared(source, text, folder, request) as (preparation, files):
            tables = _open_all(preparation, files)
            _check_names(tables[0])
            _check_same_columns(tables, files)
            database = preparation.database
            yield Tables(database, [_wider(database, table, request) for table in tables], folder)


def _wider(database: Database, table: Table, request: TextRequest) -> Table:
    """Return a table with columns for the fields of objects and for sequences."""
    if request.layout != "rows":
        table = with_fields(database, table)
    if request.layout == "sequences":
        table = with_list(table, request.column_names)
    return with_paths(database, table, request.column_names)


@contextlib.contextmanager
def open_formats(source: Source, text: TextFormat) -> Iterator[list[FileFormat]]:
    """Return the formats of the files of a source, which can be read until the end of the block.

    Raises
    ------
    DataError
        If a file is missing, empty, unreadable or not a table.
    """
    with (
        tempfile.TemporaryDirectory(prefix="item2vec-", ignore_cleanup_errors=True) as name,
        _prepared(source, text, Path(name), TextRequest(text.delimiter)) as (preparation, files),
    ):
        yield [preparation.format_of(file.path, file.source) for file in files]


@contextlib.contextmanager
def _prepared(
    source: Source, text: TextFormat, folder: Path, request: TextRequest
) -> Iterator[tuple[Preparation, list[SourceFile]]]:
    """Open a database that can read the files of a source, and yield how they are prepared."""
    files = [_on_disk(found, folder) for found in find(source)]
    with Database(folder, [Path(os.path.abspath(file.path)) for file in files]) as database:
        yield Preparation(database, folder, text, request), files


def _on_disk(found: Found, folder: Path) -> SourceFile:
    """Return a file, or the copy of a stream."""
    if found.path == STANDARD_INPUT or is_pipe(found.path):
        return SourceFile(found, copied(found.path, folder), stream_name(found.path))
    return SourceFile(found, found.path)


def _open_all(preparation: Preparation, files: Sequence[SourceFile]) -> list[Table]:
    """Open all files; in a folder of part files, empty ones are skipped if others are not."""
    tables: list[Table] = []
    empty: EmptyFileError | None = None
    for position, file in enumerate(files):
        try:
            found = preparation.format_of(file.path, file.source)
            if position == 0 and (alike := _like_sequences(preparation, found, files[1:])):
                preparation = alike
                found = preparation.format_of(file.path, file.source)
            if file.found.folder is not None:
                values = partitions(file.found.path, file.found.folder)
                found = replace(found, partitions=values)
        except EmptyFileError as error:
            if file.found.folder is None:
                raise
            empty = empty or error
        else:
            preparation = preparation.like(found)
            tables.append(with_partitions(open_file(preparation.database, found)))
    if not tables and empty is not None:
        raise empty
    return _with_missing_keys(tables)


def _like_sequences(
    preparation: Preparation, first: FileFormat, others: Sequence[SourceFile]
) -> Preparation | None:
    """Return how all files are prepared, if one shows that lines with two fields are sequences.

    In a file of one item per user, as of the last item of each, a line looks like a record of a
    table. None if no other file shows that.
    """
    request = preparation.request
    if request.layout != "auto" or request.has_user is not None:
        return None
    if first.kind != "text" or first.header or len(first.columns) != 2:
        return None
    if isinstance(first.lines, SequenceLines) and first.lines.has_user:
        return None  # the others follow the first one
    for file in others[: MOST_PROBED - 1]:
        with contextlib.suppress(DataError):
            found = preparation.format_of(file.path, file.source)
            if isinstance(found.lines, SequenceLines) and found.lines.has_user:
                is_alike = found.delimiter == first.delimiter and not found.header
                return preparation.like(found) if is_alike else None
    return None


def _with_missing_keys(tables: Sequence[Table]) -> list[Table]:
    """Return tables of JSON with the keys of the one that has most; Spark omits null values."""
    most = max(tables, key=lambda table: len(table.types))
    if any(table.file is None or table.file.kind != "json" for table in tables):
        return list(tables)
    return [
        with_constants(table, dict.fromkeys(name for name in most.types if name not in table.types))
        if set(table.types) < set(most.types)
        else table
        for table in tables
    ]


def _check_names(table: Table) -> None:
    for name in table.columns:
        if name.casefold().startswith(PREFIX):
            raise DataError(
                f"{table.name} has a column {name!r}: names that begin with 'item2vec ' are "
                "reserved; rename it"
            )


def _with_most_roles(table: Table, first: Table, parts: Sequence[Path]) -> Path:
    """Return the file of the one of two tables whose columns have more well-known names."""
    best = max((first, table), key=lambda each: n_known_roles(each.columns))
    return next((part for part in parts if part.name == best.name), parts[0])


def _check_same_columns(tables: Sequence[Table], files: Sequence[SourceFile]) -> None:
    first = tables[0]
    for table in tables[1:]:
        if set(table.types) != set(first.types):
            parts = [file.path for file in files if file.found.folder is not None]
            remedy = "provide files with the same columns"
            if parts:
                remedy = f'name those to read, such as "{_with_most_roles(table, first, parts)}"'
            raise DataError(
                f"{table.name} has the columns {', '.join(table.types)}, but {first.name} has "
                f"{', '.join(first.types)}: {remedy}"
            )
