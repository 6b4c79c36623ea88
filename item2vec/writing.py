"""Tables written chunk by chunk: CSV, TSV, JSON lines or Parquet, by the ending of the name."""

# Paths go into SQL through quote_path.
# ruff: noqa: S608

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from item2vec.bulk import Chunk, Coded, Column
from item2vec.errors import DataError, ParameterError
from item2vec.files import replaced
from item2vec.reading.database import Database, QueryError, little_memory, quote_path

_KINDS = {
    ".csv": "FORMAT csv, HEADER true",
    ".tsv": "FORMAT csv, HEADER true, DELIMITER '\t'",
    ".jsonl": "FORMAT json",
    ".ndjson": "FORMAT json",
    ".parquet": "FORMAT parquet",
}
_ENDINGS = ".csv, .tsv, .jsonl, .ndjson (each also with .gz) or .parquet"


@dataclass(frozen=True)
class TableFormat:
    """How a table is written.

    Parameters
    ----------
    options : str
        Of DuckDB's COPY.
    """

    options: str

    @classmethod
    def of(cls, name: str | os.PathLike[str]) -> "TableFormat":
        """Return the format that the ending of a file's name asks for.

        Raises
        ------
        ParameterError
            If it is none of those known.

        Examples
        --------
        >>> TableFormat.of("out.jsonl.gz").options
        'FORMAT json, COMPRESSION gzip'
        """
        path = Path(name)
        ending = path.suffix.lower()
        zipped = ending == ".gz"
        if zipped:
            ending = Path(path.stem).suffix.lower()
        if ending not in _KINDS or (zipped and ending == ".parquet"):
            raise ParameterError(
                f"the ending of {path.name} names no format to write: end the name with {_ENDINGS}"
            )
        return cls(_KINDS[ending] + ", COMPRESSION gzip" * zipped)


def write_table(path: str | os.PathLike[str], chunks: Iterable[Chunk]) -> int:
    """Write a table to a file, which is replaced whole, and return how many rows it has.

    Parameters
    ----------
    path : path
        Its ending names the format; see `TableFormat.of`.
    chunks : iterable of Chunk
        At least one, all with the same columns. One is in memory at a time.

    Raises
    ------
    ParameterError
        If the ending is unknown.
    DataError
        If the file can't be written; an old one is then as it was.
    """
    form = TableFormat.of(path)
    with replaced(path) as beside:
        return _write(beside, chunks, form)


def stream_table(stream: BinaryIO, chunks: Iterable[Chunk], ending: str) -> int:
    """Write a table to a stream in the format of an ending; return how many rows it has."""
    with tempfile.TemporaryDirectory(prefix="item2vec-") as folder:
        path = Path(folder) / f"table{ending}"
        path.touch()
        n = _write(path, chunks, TableFormat.of(path))
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream)
    return n


def _write(path: Path, chunks: Iterable[Chunk], form: TableFormat) -> int:
    """Write each chunk to a file of its own, then all of them, in order, to `path`.

    DuckDB adds nothing to a file that is there, and it can't be given rows bit by bit.
    """
    n_rows = 0
    with tempfile.TemporaryDirectory(prefix="item2vec-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        parts: list[str] = []
        with little_memory(), Database(folder, [path.absolute()]) as database:
            try:
                for chunk in chunks:
                    part = quote_path(folder / f"{len(parts)}.parquet")
                    n_rows += _store(database, chunk, part)
                    parts.append(part)
                database.rows(
                    f"COPY (SELECT * FROM read_parquet([{', '.join(parts)}])) "
                    f"TO {quote_path(path)} ({form.options}, USE_TMP_FILE false)"
                )
            except QueryError as error:
                raise DataError(f"the table can't be written: {error}") from error
    return n_rows


def _store(database: Database, chunk: Chunk, part: str) -> int:
    """Write a chunk to a Parquet file; return how many rows it has."""
    import pandas as pd

    frame = pd.DataFrame({name: _series(column) for name, column in chunk.items()}, copy=False)
    texts = [name for name, column in chunk.items() if isinstance(column, Coded)]
    replaced_by = ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}"' for name in texts)
    star = f"* REPLACE ({replaced_by})" if texts else "*"
    with database.table("chunk", frame):
        database.rows(f"COPY (SELECT {star} FROM chunk) TO {part} (FORMAT parquet)")
    return len(frame)


def _series(column: Column) -> object:
    """Return a column as DuckDB reads it without touching each of its texts."""
    import pandas as pd

    if not isinstance(column, Coded):
        return column
    if len(column.values) == 0:
        return column.texts()
    return pd.Categorical.from_codes(column.codes, pd.Index(column.values, dtype=object))
