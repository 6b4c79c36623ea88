"""DuckDB sessions with limited memory, restricted file access and prompt handling of Ctrl-C."""

import concurrent.futures
import contextlib
import contextvars
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from item2vec.errors import DataError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

T = TypeVar("T")

MEMORY_LIMIT = "1GB"
# Sorting takes about as long with this limit; only unusually large records need more.
LITTLE_MEMORY = "180MB"
CHUNK_VECTORS = 100  # vectors of 2048 rows each that are fetched from DuckDB at a time
POLL = 0.05  # seconds between checks for Ctrl-C and progress

_memory_limit = contextvars.ContextVar("memory_limit", default=MEMORY_LIMIT)


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    """Limit databases that are opened in the block to less memory; they use more disk space."""
    before = _memory_limit.set(LITTLE_MEMORY)
    try:
        yield
    finally:
        _memory_limit.reset(before)


class QueryError(DataError):
    """DuckDB could not run a query.

    Parameters
    ----------
    kind : str
        DuckDB's error type: "Conversion", "Binder", "Invalid Input", "IO", ...
    message : str
        DuckDB's message, in one line.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Database:
    """An in-memory database that can read the given files and no others.

    Parameters
    ----------
    folder : Path
        Folder for data that do not fit into memory. The caller deletes it.
    files : sequence of Path
        The files that it may read.
    frame : pandas.DataFrame, optional
        A DataFrame that queries can use as the table ``frame``.
    threads : int, optional
        Number of threads; by default the number of cores.
    """

    def __init__(
        self,
        folder: Path,
        files: Sequence[Path] = (),
        frame: "pd.DataFrame | None" = None,
        *,
        threads: int | None = None,
    ) -> None:
        import duckdb  # slow to import, and not needed for loading a model

        self._connection = duckdb.connect(
            config={
                "memory_limit": _memory_limit.get(),
                "temp_directory": str(folder / "spill"),
                # Otherwise queries could use Python variables of this module as tables.
                "python_enable_replacements": False,
                "autoinstall_known_extensions": False,
                **({} if threads is None else {"threads": str(threads)}),
            }
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        # DuckDB measures progress only for its own progress bar. In a notebook without ipywidgets
        # it rejects these settings; then reading works without progress.
        with contextlib.suppress(duckdb.Error):
            self._connection.execute("SET enable_progress_bar_print = false")
            self._connection.execute("SET enable_progress_bar = true")
        if frame is not None:
            self._connection.register("frame", frame)
        # SQL conditions of users run in this database, so it must not reach anything else.
        spellings = [text for path in files for text in (quote_text(str(path)), quote_path(path))]
        allowed = ", ".join(dict.fromkeys(spellings))
        self._connection.execute(f"SET allowed_paths = [{allowed}]")
        self._connection.execute(f"SET allowed_directories = [{quote_text(str(folder))}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    @contextlib.contextmanager
    def table(self, name: str, frame: "pd.DataFrame") -> Iterator[None]:
        """Register a DataFrame as a table of this name for queries in the block."""
        self._connection.register(name, frame)
        try:
            yield
        finally:
            self._connection.unregister(name)

    def rows(
        self,
        sql: str,
        values: Sequence[object] = (),
        on_progress: Callable[[float], None] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows.

        Parameters
        ----------
        sql : str
        values : sequence
            The values of the question marks in `sql`.
        on_progress : callable, optional
            Called with the fraction of the work that is done, 0 to 1.

        Raises
        ------
        QueryError
            If DuckDB can't run the statement.
        """
        return self._run(lambda: self._connection.execute(sql, values).fetchall(), on_progress)

    def integers(
        self, sql: str, n_rows: int, on_progress: Callable[[float], None] | None = None
    ) -> npt.NDArray[np.int32]:
        """Run a query for one INTEGER column of `n_rows` rows, and return it, int32 (n_rows,).

        The rows are fetched in chunks; `arrays` needs up to twice the memory.
        """
        result = np.empty(n_rows, dtype=np.int32)

        def fill() -> None:
            cursor, filled = self._connection.execute(sql), 0
            while len(chunk := cursor.fetch_df_chunk(CHUNK_VECTORS)):
                values = chunk.iloc[:, 0].to_numpy()
                result[filled : filled + len(values)] = values
                filled += len(values)

        self._run(fill, on_progress)
        return result

    def arrays(
        self, sql: str, on_progress: Callable[[float], None] | None = None
    ) -> list[npt.NDArray[Any]]:
        """Run a query and return its columns as arrays."""
        columns = self._run(lambda: self._connection.execute(sql).fetchnumpy(), on_progress)
        return [np.asarray(column) for column in columns.values()]

    def _run(self, work: Callable[[], T], on_progress: Callable[[float], None] | None) -> T:
        """Run work in a separate thread, because DuckDB in the main one reacts late to Ctrl-C."""
        import duckdb

        with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
            future = pool.submit(work)
            try:
                while not concurrent.futures.wait([future], POLL).done:
                    percentage = self._connection.query_progress()
                    if on_progress is not None and percentage >= 0:
                        on_progress(percentage / 100)
            except BaseException:
                while not future.done():
                    self._connection.interrupt()
                    concurrent.futures.wait([future], POLL)
                raise
        try:
            return future.result()
        except duckdb.Error as error:
            raise query_error(error) from error
        except UnicodeError as error:
            raise QueryError("Unicode", str(error)) from error


def query_error(error: "duckdb.Error") -> QueryError:
    """Return the error with DuckDB's message in one line, without advice on DuckDB's settings."""
    # The other lines are hints; they may name columns that exist only inside this package.
    first = str(error).partition("\n")[0]
    kind, separator, message = first.partition(" Error: ")
    if kind == "Out of Memory":
        message += ": set TMPDIR to a folder with more free space"
    return QueryError(kind, message.strip()) if separator else QueryError("", first)


def quote_text(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_path(path: str | os.PathLike[str]) -> str:
    """Return a file's absolute path as an SQL literal, with glob characters escaped."""
    return quote_text(re.sub(r"([*?\[])", r"[\1]", os.path.abspath(path)))


def quote_name(name: str) -> str:
    """Return the name of a column as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal_pattern(text: str) -> str:
    """Return a regular expression that matches a text literally, also within brackets."""
    return "".join(f"\\x{{{ord(character):x}}}" for character in text)
