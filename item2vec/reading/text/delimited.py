"""Loading of delimited text, with a complete count of malformed records.

DuckDB 2.0 reads files with one kind of line ending correctly, including quoted line breaks. But if
a quote is never closed, all records up to the end of a buffer become a single rejected record. And
if several kinds of line endings are mixed, DuckDB fails or splits records in the wrong places. Both
cases can be recognized by the rejected records.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from item2vec.errors import DataError
from item2vec.reading.duckdb_session import (
    Database,
    QueryError,
    literal_pattern,
    quote_name,
    quote_path,
    quote_text,
)
from item2vec.reading.files.file_content import chunks_of_lines
from item2vec.reading.files.file_format import FileFormat, unpacked
from item2vec.reading.internal_columns import LINE, MALFORMED
from item2vec.reading.sequences.line_formats import MAX_LINE, NO_DELIMITER

PLACES = 10_000  # maximum number of malformed records whose numbers are kept

OnProgress = Callable[[float], None] | None


@dataclass(frozen=True)
class Loaded:
    """The result of loading one table.

    Parameters
    ----------
    n_malformed : int
        Number of malformed records that were not loaded.
    malformed : tuple of int
        The record numbers of the first of them, ascending.
    notes : tuple of str
        Assumptions that were made, to be shown to the user.
    """

    n_malformed: int = 0
    malformed: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def relation(file: FileFormat, *, rejects: str | None = None, newline: str | None = None) -> str:
    """Return the SQL query for the records of a file, with every column as text.

    Parameters
    ----------
    file : FileFormat
    rejects : str, optional
        Table for the malformed records. Without it, as for examining the first records, malformed
        records are skipped, or read as far as possible.
    newline : str, optional
        The line ending, if DuckDB should not detect it.
    """
    columns = file.columns if file.lines is None else (LINE,)
    fields = [f"field{position}" for position in range(len(columns))]
    options = {
        "auto_detect": "false",
        "columns": "{" + ", ".join(f"'{field}': 'VARCHAR'" for field in fields) + "}",
        "header": str(file.header).lower(),
        "skip": str(file.skipped),
        "delim": quote_text(file.delimiter),
        "quote": quote_text(file.quote),
        "escape": quote_text(file.escape or file.quote),
        "compression": quote_text(file.compression),
        "encoding": quote_text(file.encoding),
    }
    if newline is not None:
        options["new_line"] = quote_text(newline)
    if file.lines is not None:
        options |= {"delim": quote_text(NO_DELIMITER), "quote": "''", "escape": "''"}
        options |= {"strict_mode": "false", "max_line_size": str(MAX_LINE)}
    if rejects is None:
        options |= {"ignore_errors": "true", "strict_mode": "false"}
    else:
        options |= {"store_rejects": "true", "rejects_table": quote_text(rejects)}
        options["rejects_scan"] = quote_text(f"{rejects}_scan")
    names = [f"{field} AS {quote_name(name)}" for field, name in zip(fields, columns, strict=True)]
    return (
        f"SELECT {', '.join(names)}, false AS {quote_name(MALFORMED)} "
        f"FROM read_csv({quote_path(file.path)}, "
        f"{', '.join(f'{option}={value}' for option, value in options.items())})"
    )


def load(
    database: Database,
    file: FileFormat,
    folder: Path,
    statement: Callable[[str], str],
    on_progress: OnProgress = None,
) -> Loaded:
    """Load a file with a statement, and retry with other settings if records are broken.

    Parameters
    ----------
    database : Database
    file : FileFormat
    folder : Path
        Folder for a copy with a single kind of line ending.
    statement : callable
        Returns the statement that loads the records of a query.
    on_progress : callable, optional
        Called with the fraction of the work that is done, 0 to 1.

    Raises
    ------
    DataError
        If a quote is never closed, so that the records can't be separated.
    QueryError
        If DuckDB can't read it.
    """
    problem = "it has line breaks inside quotes"
    for attempt in _attempts(file, folder):
        database.rows("BEGIN")
        query = relation(attempt.file, rejects="rejects", newline=attempt.newline)
        try:
            database.rows(statement(query), on_progress=on_progress)
        except QueryError as error:
            database.rows("ROLLBACK")
            if "invalid state" not in str(error):
                raise
            problem = "it mixes kinds of line endings, or has line breaks in unquoted fields"
            continue
        broken = _broken_record(database, attempt.file)
        if broken is None:
            loaded = _count_rejects(database, attempt.notes)
            database.rows("COMMIT")
            return loaded
        database.rows("ROLLBACK")
        problem = (
            f"a quote is opened at or before record {broken} and not closed properly, so the "
            "records after it can't be separated"
        )
    raise DataError(f"{file.shown}: {problem}: correct the file")


class _Attempt(NamedTuple):
    """A way to read a file."""

    file: FileFormat
    newline: str | None = None  # None: DuckDB detects it
    notes: tuple[str, ...] = ()


def _attempts(file: FileFormat, folder: Path) -> Iterator[_Attempt]:
    """Yield the ways to read a file: as is, with uniform line endings, without quotes (TSV)."""
    if not file.newline_misleads:
        yield _Attempt(file)
    uniform = _with_uniform_line_ends(file, folder)
    if uniform is not None:
        notes = (f"{file.name} mixes line endings: all are treated the same",)
        yield _Attempt(uniform, "\\n", notes)
    if file.delimiter == "\t":
        unquoted = replace(uniform or file, quote="")
        notes = (f"{file.name}: quotes are read as ordinary characters",)
        yield _Attempt(unquoted, "\\n" if uniform else None, notes)


def _with_uniform_line_ends(file: FileFormat, folder: Path) -> FileFormat | None:
    """Copy a file with all line endings converted to LF; return None if they are not mixed."""
    if file.compression == "zstd":
        return None
    copy = folder / "uniform"
    n_crlf = n_lf = 0
    with unpacked(file) as source, copy.open("wb") as target:
        for chunk in chunks_of_lines(source):
            pairs = chunk.count(b"\r\n")
            n_crlf, n_lf = n_crlf + pairs, n_lf + chunk.count(b"\n") - pairs
            target.write(chunk.replace(b"\r\n", b"\n"))
    if n_crlf == 0 or n_lf == 0:
        return None
    return replace(file, path=copy, source=file.shown, compression="none")


def _check_length(database: Database, file: FileFormat) -> None:
    """Raise DataError if a line is too long to be read."""
    found = database.rows(
        "SELECT min(line) FROM rejects WHERE error_type = 'LINE SIZE OVER MAXIMUM' HAVING count(*)"
    )
    if found:
        raise DataError(
            f"{file.shown}: record {found[0][0]} has more than {MAX_LINE >> 20} MB: write its "
            "items in rows, one user and one item in each"
        )


def _broken_record(database: Database, file: FileFormat) -> int | None:
    """Return the first record from which on records can't be separated, or None.

    Raises
    ------
    DataError
        If a line that is to be split in SQL is too long.
    """
    if file.lines is None:
        return _unclosed_quote(database, file)
    _check_length(database, file)
    return None


def _unclosed_quote(database: Database, file: FileFormat) -> int | None:
    """Return the first rejected record that contains further records because of a quote, or None.

    A rejected record on one line with text after a closing quote, such as ``1,"2"x,3``, is a single
    record. In any other case a quote was opened and not closed, so that it includes later records.
    """
    mark = literal_pattern(file.delimiter)
    one_record = f'(^|{mark})"([^"]|"")*"[^"{mark}]'
    found = database.rows(
        "SELECT line FROM rejects WHERE error_type IN ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM') "
        "AND (error_type <> 'UNQUOTED VALUE' "
        "OR regexp_matches(ltrim(csv_line, chr(10)), '[\\r\\n]') "
        "OR NOT regexp_matches(ltrim(csv_line, chr(10)), ?)) ORDER BY line LIMIT 1",
        [one_record],
    )
    return int(found[0][0]) if found else None


def _count_rejects(database: Database, notes: tuple[str, ...]) -> Loaded:
    """Return the number of malformed records and the first record numbers; drop the rejects."""
    ((n,),) = database.rows("SELECT count(DISTINCT line) FROM rejects")
    lines = database.rows(f"SELECT DISTINCT line FROM rejects ORDER BY line LIMIT {PLACES}")
    database.rows("DROP TABLE rejects")
    database.rows("DROP TABLE rejects_scan")
    return Loaded(n, tuple(line for (line,) in lines), notes)
