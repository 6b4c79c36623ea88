"""Text with a single column, whose delimiter was not found, or is not the given one."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections.abc import Sequence

from item2vec._support.messages import setting, shown
from item2vec.reading.columns import is_known
from item2vec.reading.duckdb_session import quote_name
from item2vec.reading.options import ReadOptions
from item2vec.reading.sequences.line_formats import ListLines, SequenceLines
from item2vec.reading.tables import Tables
from item2vec.reading.text.records import BLANK, DELIMITERS, RECORDS

# Signs that often stand in ids, times and numbers are delimiters only if there is no other one.
_SIGNS = re.compile(r"[^\w\s\"'.:/+-]+|[\x02-\x08\x0e-\x1f]")
_COMMON = re.compile(r"[^\w\s\"']+")
MOST_BYTES = 4  # of a delimiter


def is_joined_header(tables: Tables) -> bool:
    """Return whether the name of the only column consists of well-known names."""
    columns = tables.first.columns
    if len(columns) != 1:
        return False
    parts = ([part for part in columns[0].split(mark) if part] for mark in (*DELIMITERS, BLANK))
    return any(len(names) > 1 and all(map(is_known, names)) for names in parts)


def single_column(tables: Tables, options: ReadOptions) -> str | None:
    """Return the message for text with a single column; None for other tables."""
    file, columns = tables.first.file, tables.first.columns
    is_text = file is not None and file.kind == "text"
    if file is None or not is_text or isinstance(file.lines, SequenceLines | ListLines):
        return None
    if len(columns) != 1:
        return None
    name = quote_name(columns[0])
    rows = tables.database.rows(
        f"SELECT {name} FROM ({tables.first.relation}) WHERE {name} IS NOT NULL LIMIT {RECORDS}"
    )
    lines = [*(list(file.names) if file.header else []), *(text for (text,) in rows)]
    given = options.text.delimiter
    found = _usual_delimiter(lines) or likely_delimiter(lines)
    if found is None:
        return None
    what = f"{tables.name}: each record has a single field, such as {shown(lines[0])}"
    if found in DELIMITERS:
        found = {"\t": "tab"}.get(found, found)
        return f"{what}, with {setting('delimiter', given)}: leave it out" if given else None
    if not found.isprintable():
        found = f"\\x{ord(found):02x}"
    return f"{what}: give the delimiter, as in {setting('delimiter', found)}"


def _usual_delimiter(lines: Sequence[str]) -> str | None:
    """Return a usual delimiter that splits all lines into the same number of fields."""
    for mark in DELIMITERS:
        counts = {line.count(mark) for line in lines}
        if len(counts) == 1 and counts != {0}:
            return mark
    return None


def likely_delimiter(lines: Sequence[str]) -> str | None:
    """Return the signs that split all lines into the same number of fields, and most of them.

    Examples
    --------
    >>> likely_delimiter(["A1^B-1^5", "A1^B-2^7"]), likely_delimiter(["a##b", "c##d"])
    ('^', '##')
    >>> likely_delimiter(["Heat", "Up"]) is None
    True
    """
    if not lines:
        return None
    for pattern in (_SIGNS, _COMMON):
        signs = dict.fromkeys(pattern.findall(lines[0]))
        fitting: dict[str, int] = {
            sign: lines[0].count(sign)
            for sign in signs
            if len(sign.encode()) <= MOST_BYTES and len({line.count(sign) for line in lines}) == 1
        }
        if fitting:
            return max(fitting, key=fitting.__getitem__)
    return None
