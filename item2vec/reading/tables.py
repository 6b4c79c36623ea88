"""Opening of all tables of a source in DuckDB: files with the same columns, or a DataFrame."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading import delimited
from item2vec.reading.dataframes import is_frame, prepare
from item2vec.reading.delimited import Loaded, OnProgress
from item2vec.reading.duckdb_session import Database
from item2vec.reading.file_format import detect_format
from item2vec.reading.options import TextFormat
from item2vec.reading.paths import Source, find_files
from item2vec.reading.table import Table
from item2vec.reading.table_formats import open_file, open_frame, read_zstd_head


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
            return delimited.load(self.database, table.file, self.folder, statement, on_progress)
        self.database.rows(statement(table.relation), on_progress=on_progress)
        return Loaded()


@contextlib.contextmanager
def open_tables(
    source: Source, text: TextFormat | None = None, *, column_names: Sequence[str] = ()
) -> Iterator[Tables]:
    """Open a source in a temporary database, which is removed at the end of the block.

    Parameters
    ----------
    source : path, glob, list of these, or pandas.DataFrame
    text : TextFormat, optional
        The format of text files.
    column_names : sequence of str
        Names of columns that were given; they help to decide whether a file has a header.

    Raises
    ------
    DataError
        If a file is missing, empty, unreadable or not a table, or files differ in their columns.
    """
    text = text or TextFormat()
    with tempfile.TemporaryDirectory(prefix="item2vec-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if is_frame(source):
            prepared = prepare(source)  # type: ignore[arg-type]
            with Database(folder, frame=prepared.frame) as database:
                table = open_frame(database, prepared)
                _check_names(table)
                yield Tables(database, [table], folder)
            return
        paths = find_files(source)
        with Database(folder, [Path(os.path.abspath(path)) for path in paths]) as database:
            tables = [_open(database, path, text, column_names) for path in paths]
            _check_names(tables[0])
            _check_same_columns(tables)
            yield Tables(database, tables, folder)


def _open(database: Database, path: Path, text: TextFormat, column_names: Sequence[str]) -> Table:
    file = detect_format(
        path,
        delimiter=text.delimiter,
        column_names=column_names,
        read_zstd=lambda path: read_zstd_head(database, path),
    )
    return open_file(database, file, text)


def _check_names(table: Table) -> None:
    for name in table.columns:
        if name.casefold().startswith("item2vec "):
            raise DataError(
                f"{table.name} has a column {name!r}: names that begin with 'item2vec ' are "
                "reserved; rename it"
            )


def _check_same_columns(tables: Sequence[Table]) -> None:
    first = tables[0]
    for table in tables[1:]:
        if set(table.types) != set(first.types):
            raise DataError(
                f"{table.name} has the columns {', '.join(table.types)}, but {first.name} has "
                f"{', '.join(first.types)}: provide files with the same columns"
            )
