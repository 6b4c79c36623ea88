"""Loading delimited text: what is malformed is counted, and nothing goes missing in silence.

DuckDB 2.0 reads a file with one kind of line ends exactly, whatever its quotes hold. But a quote
that is never closed swallows records up to the end of a buffer and counts as one, and line ends of
several kinds stop it or cut records in the wrong place; both leave a reject that tells.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from item2vec.errors import DataError
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_path, quote_text
from item2vec.reading.file_format import FileFormat, unpacked

# The column of every relation that tells records which are none.
MALFORMED = "item2vec malformed"

# Of so many malformed records the places are kept.
PLACES = 10_000

OnProgress = Callable[[float], None] | None


@dataclass(frozen=True)
class Loaded:
    """How loading one table went."""

    n_malformed: int = 0
    malformed: tuple[int, ...] = ()  # their records, the first ones
    notes: tuple[str, ...] = ()


def relation(file: FileFormat, *, rejects: str | None = None, newline: str | None = None) -> str:
    """Return the SQL for the records of a file, every column as text.

    Parameters
    ----------
    file : FileFormat
    rejects : str, optional
        The table that takes the malformed records. Without it, as for a look at the first records,
        they are passed over, and what can be made of others is made.
    newline : str, optional
        What ends a record, where DuckDB should not look for itself.
    """
    fields = [f"field{place}" for place in range(len(file.columns))]
    options = {
        "auto_detect": "false",
        "columns": "{" + ", ".join(f"'{field}': 'VARCHAR'" for field in fields) + "}",
        "header": str(file.header).lower(),
        "skip": str(file.blank_lines),
        "delim": quote_text(file.delimiter),
        "quote": quote_text(file.quote),
        "escape": quote_text(file.quote),
        "compression": quote_text(file.compression),
        "encoding": quote_text(file.encoding),
    }
    if newline is not None:
        options["new_line"] = quote_text(newline)
    if rejects is None:
        options |= {"ignore_errors": "true", "strict_mode": "false"}
    else:
        options |= {"store_rejects": "true", "rejects_table": quote_text(rejects)}
        options["rejects_scan"] = quote_text(f"{rejects}_scan")
    names = [
        f"{field} AS {quote_name(name)}" for field, name in zip(fields, file.columns, strict=True)
    ]
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
    """Load a file with a statement, in another way where the first one leads to broken records.

    Parameters
    ----------
    database : Database
    file : FileFormat
    folder : Path
        Where a copy may be put that has one kind of line ends.
    statement : callable
        Gives the statement that loads a relation.
    on_progress : callable, optional
        Called with the share that is done.

    Raises
    ------
    DataError
        If a quote is never closed, so that records can't be told apart.
    QueryError
        If DuckDB can't read it.
    """
    trouble = "it has line ends inside quotes"
    for reading, newline, notes in _ways(file, folder):
        database.rows("BEGIN")
        sql = statement(relation(reading, rejects="rejects", newline=newline))
        try:
            database.rows(sql, on_progress=on_progress)
        except QueryError as error:
            database.rows("ROLLBACK")
            if "invalid state" not in str(error):
                raise
            trouble = "its line ends are of several kinds, or stand inside fields without quotes"
            continue
        broken = _broken_quote(database, reading.delimiter)
        if broken is None:
            loaded = _count_rejects(database, notes)
            database.rows("COMMIT")
            return loaded
        database.rows("ROLLBACK")
        trouble = (
            f"a quote is opened at or before record {broken} and not closed as it should be, so "
            "that the records after it can't be told apart"
        )
    raise DataError(f"{file.path}: {trouble}: mend it there")


def _ways(
    file: FileFormat, folder: Path
) -> Iterator[tuple[FileFormat, str | None, tuple[str, ...]]]:
    """Give the ways to read a file, each with the line end to tell and with notes."""
    if not file.newline_misleads:
        yield file, None, ()
    alike = _with_like_line_ends(file, folder)
    if alike is not None:
        yield alike, "\\n", (f"{file.name} mixes line ends: all are taken alike",)
    if file.delimiter == "\t":
        unquoted = replace(alike or file, quote="")
        yield (
            unquoted,
            "\\n" if alike else None,
            (f"{file.name}: quotes are taken as ordinary characters",),
        )


def _with_like_line_ends(file: FileFormat, folder: Path) -> FileFormat | None:
    """Copy a file that mixes line ends, with one kind; None if it has one kind already."""
    if file.compression == "zstd":
        return None
    copy = folder / "alike"
    both = lone = 0
    with unpacked(file) as source, copy.open("wb") as target:
        kept = b""
        while chunk := source.read(1 << 20):
            chunk = kept + chunk
            kept = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk[: len(chunk) - len(kept)]
            pairs = chunk.count(b"\r\n")
            both, lone = both + pairs, lone + chunk.count(b"\n") - pairs
            target.write(chunk.replace(b"\r\n", b"\n"))
        target.write(kept)
    if both == 0 or lone == 0:
        return None
    return replace(file, path=copy, compression="none")


def _broken_quote(database: Database, delimiter: str) -> int | None:
    """Return the first record whose reject stands for more than itself.

    A reject is one broken record, such as ``1,"2"x,3``, if it shows text after a closing quote and
    stays on its line. Else a quote was opened that swallowed what follows.
    """
    mark = "".join(f"\\x{{{ord(character):x}}}" for character in delimiter)
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
    """Count the malformed records, and clear the tables for the next file."""
    ((n,),) = database.rows("SELECT count(DISTINCT line) FROM rejects")
    lines = database.rows(f"SELECT DISTINCT line FROM rejects ORDER BY line LIMIT {PLACES}")
    database.rows("DROP TABLE rejects")
    database.rows("DROP TABLE rejects_scan")
    return Loaded(n, tuple(line for (line,) in lines), notes)
