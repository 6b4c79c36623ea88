"""Records that repeat the header, as in files that were joined, and rules below a header."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import codecs
import re
from collections.abc import Iterable
from dataclasses import replace

from item2vec._support.messages import counted
from item2vec.reading.duckdb_session import Database, quote_name, quote_text
from item2vec.reading.files.file_content import CHUNK, reading
from item2vec.reading.files.file_format import FileFormat
from item2vec.reading.internal_columns import MALFORMED
from item2vec.reading.table import Table, transformed

_RULE = re.compile(rb"[\s|+]*--")  # the beginning of a line of dashes


def without_headers(table: Table, file: FileFormat) -> Table:
    """Return a table in which records that repeat the header, or are dashes, are malformed.

    Parameters
    ----------
    table : Table
    file : FileFormat
        Its file.
    """
    if not _may_have_headers(file):
        return table
    name = quote_name(MALFORMED)
    marked = f"coalesce({_is_repeated(file)} OR {_is_rule(file)}, false)"
    return transformed(
        replace(table, file=replace(file, may_repeat=True)),
        lambda query: f"SELECT * REPLACE ({name} OR {marked} AS {name}) FROM ({query})",
    )


def _may_have_headers(file: FileFormat) -> bool:
    """Return whether the header of a file comes again, or a rule follows it.

    The file is searched for the text of its header, which takes much less time than comparing
    every record with it. A compressed file is not searched.
    """
    if not file.names or file.compression != "none":
        return bool(file.names)
    with reading(file.shown), file.path.open("rb") as source:
        for _ in range(file.skipped):
            source.readline()
        header = source.readline().removeprefix(codecs.BOM_UTF8).strip()
        if _RULE.match(source.readline()):
            return True
        rest = b""
        while chunk := source.read(CHUNK):
            if header in rest + chunk:
                return True
            rest = chunk[-len(header) :]
    return False


def _is_repeated(file: FileFormat) -> str:
    """Return the SQL for whether a record is equal to the header."""
    # Lines that are split in SQL have no blanks around their fields.
    names = file.names if file.lines is None else [name.strip() for name in file.names]
    tests = [
        f"{quote_name(column)} = {quote_text(name)}"
        for column, name in zip(file.columns, names, strict=True)
        if name.strip()
    ]
    return f"({' AND '.join(tests)})" if tests else "false"


def _is_rule(file: FileFormat) -> str:
    """Return the SQL for whether all fields of a record are dashes, as sqlcmd prints them."""
    tests = [f"regexp_full_match({quote_name(name)}, '\\s*-{{2,}}\\s*')" for name in file.columns]
    begins = f"starts_with({quote_name(file.columns[0])}, '--')"  # which is faster
    return f"({begins} AND {' AND '.join(tests)})"


def count_headers(database: Database, tables: Iterable[Table]) -> dict[str, int]:
    """Return the number of records that repeat the header, or are rules, of tables with some."""
    counts = {}
    for table in tables:
        if table.file is None or not table.file.may_repeat:
            continue
        test = f"{_is_repeated(table.file)} OR {_is_rule(table.file)}"
        ((n,),) = database.rows(f"SELECT count(*) FROM ({table.relation}) WHERE {test}")
        if n:
            counts[table.name] = n
    return counts


def note_on_headers(name: str, n: int) -> str:
    """Return the note on records that repeat the header.

    Examples
    --------
    >>> note_on_headers("t.csv", 2)
    't.csv: 2 records repeat the header, or are lines of dashes: they are dropped'
    """
    what = "repeats the header, or is a line" if n == 1 else "repeat the header, or are lines"
    they = "it is" if n == 1 else "they are"
    return f"{name}: {counted(n, 'record')} {what} of dashes: {they} dropped"
