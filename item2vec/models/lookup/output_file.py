"""Writing of tables in chunks as CSV, TSV, JSON lines or Parquet, by the file's extension.

One chunk is in memory at a time. DuckDB, which can't append to a file, writes each chunk to a
separate file; text files are then concatenated here, and Parquet files are merged by DuckDB.
"""

# Paths go into SQL through quote_path.
# ruff: noqa: S608

import contextlib
import gzip
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from item2vec._support.atomic_files import replaced
from item2vec.errors import DataError, ParameterError
from item2vec.models.lookup.columns import Chunk, Coded, Column
from item2vec.reading.duckdb_session import (
    Database,
    QueryError,
    little_memory,
    quote_name,
    quote_path,
)

# The options of DuckDB's COPY.
_PARQUET = "FORMAT parquet"
_OPTIONS = {
    ".csv": "FORMAT csv",
    ".tsv": "FORMAT csv, DELIMITER '\t'",
    ".jsonl": "FORMAT json",
    ".ndjson": "FORMAT json",
    ".parquet": _PARQUET,
}
_ENDINGS = ".csv, .tsv, .jsonl, .ndjson (each also with .gz) or .parquet"

# A row group of a Parquet file is in memory while it is written, so the row groups of wide tables
# have fewer rows.
ROW_GROUP_NUMBERS, MOST_ROWS, FEWEST_ROWS = 1 << 22, 122_880, 2048


@dataclass(frozen=True)
class TableFormat:
    """The format of a table.

    Parameters
    ----------
    ending : str
        One of ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson`` and ``.parquet``.
    gzipped : bool
        Whether the text is compressed.
    """

    ending: str
    gzipped: bool = False

    @classmethod
    def of(cls, name: str | os.PathLike[str]) -> "TableFormat":
        """Return the format for a file's extension.

        Raises
        ------
        ParameterError
            If the extension is unknown.

        Examples
        --------
        >>> TableFormat.of("out.jsonl.gz")
        TableFormat(ending='.jsonl', gzipped=True)
        """
        path = Path(name)
        ending = path.suffix.lower()
        gzipped = ending == ".gz"
        if gzipped:
            ending = Path(path.stem).suffix.lower()
        if ending not in _OPTIONS or (gzipped and ending == ".parquet"):
            raise ParameterError(
                f"the extension of {path.name} is unknown: end the name with {_ENDINGS}"
            )
        return cls(ending, gzipped)


def write_table(path: str | os.PathLike[str], chunks: Iterable[Chunk]) -> int:
    """Write a table to a file, replaced atomically, and return the number of rows.

    Parameters
    ----------
    path : path
        The extension selects the format; see `TableFormat.of`.
    chunks : iterable of Chunk
        At least one, all with the same columns. One is in memory at a time.

    Raises
    ------
    ParameterError
        If the extension is unknown.
    DataError
        If the file can't be written; an existing file is then unchanged.
    """
    form = TableFormat.of(path)
    with replaced(path) as beside:
        if form.ending == ".parquet":
            return _write_parquet(beside, chunks)
        with beside.open("wb") as file, _compressed(file, form.gzipped) as stream:
            return stream_table(stream, chunks, form.ending)


def stream_table(stream: BinaryIO, chunks: Iterable[Chunk], ending: str) -> int:
    """Write a table as text to a stream, and return its number of rows.

    Parameters
    ----------
    stream : binary stream
    chunks : iterable of Chunk
        As in `write_table`.
    ending : str
        The format: ``.csv``, ``.tsv``, ``.jsonl`` or ``.ndjson``.
    """
    n_rows = 0
    options = _OPTIONS[ending]
    with _database() as (database, folder):
        for number, chunk in enumerate(chunks):
            header = f", HEADER {number == 0}" if "csv" in options else ""
            part = folder / "part"
            n_rows += _store(database, chunk, part, options + header)
            with part.open("rb") as file:
                shutil.copyfileobj(file, stream)
    return n_rows


def _write_parquet(path: Path, chunks: Iterable[Chunk]) -> int:
    n_rows, n_columns = 0, 1
    parts: list[Path] = []
    with _database(path) as (database, folder):
        for chunk in chunks:
            parts.append(folder / f"{len(parts)}.parquet")
            n_rows += _store(database, chunk, parts[-1], _PARQUET)
            n_columns = len(chunk)
        size = min(MOST_ROWS, max(FEWEST_ROWS, ROW_GROUP_NUMBERS // n_columns))
        database.rows(
            f"COPY (SELECT * FROM read_parquet([{', '.join(map(quote_path, parts))}])) "
            f"TO {quote_path(path)} ({_PARQUET}, ROW_GROUP_SIZE {size}, USE_TMP_FILE false)"
        )
    return n_rows


@contextlib.contextmanager
def _database(*paths: Path) -> Iterator[tuple[Database, Path]]:
    """Provide a database that may write to a temporary folder and to `paths`."""
    with (
        tempfile.TemporaryDirectory(prefix="item2vec-", ignore_cleanup_errors=True) as name,
        little_memory(),
        # One thread, because each thread keeps its own row groups in memory.
        Database(Path(name), [path.absolute() for path in paths], threads=1) as database,
    ):
        try:
            yield database, Path(name)
        except QueryError as error:
            raise DataError(f"the table can't be written: {error}") from error


@contextlib.contextmanager
def _compressed(file: BinaryIO, gzipped: bool) -> Iterator[BinaryIO]:
    """Provide the stream to write to, which compresses if `gzipped` is true."""
    if not gzipped:
        yield file
        return
    with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:  # reproducible bytes
        yield cast("BinaryIO", stream)


def _store(database: Database, chunk: Chunk, path: Path, options: str) -> int:
    """Write a chunk to a file; return its number of rows."""
    import pandas as pd

    frame = pd.DataFrame({name: _series(column) for name, column in chunk.items()}, copy=False)
    columns = ", ".join(
        f"CAST({quote_name(name)} AS VARCHAR) AS {quote_name(name)}"
        if isinstance(column, Coded)
        else quote_name(name)
        for name, column in chunk.items()
    )
    with database.table("chunk", frame):
        database.rows(
            f"COPY (SELECT {columns} FROM chunk) TO {quote_path(path)} "
            f"({options}, USE_TMP_FILE false)"
        )
    return len(frame)


def _series(column: Column) -> object:
    """Return a column in a form that DuckDB reads without converting each text."""
    import pandas as pd

    if not isinstance(column, Coded):
        return column
    if len(column.values) == 0:
        return column.texts()
    return pd.Categorical.from_codes(column.codes, pd.Index(column.values, dtype=object))
