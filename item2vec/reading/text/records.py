"""Splitting the first lines of a text into records, and finding its delimiter."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

RECORDS = 20  # records that are examined
DELIMITERS = ("::", "\t", "\x01", ",", ";", "|")
BLANK = " "  # as a delimiter, it stands for any number of blanks and tabs
NEWLINE = re.compile(r"\r\n|\n|\r")

_ESCAPED, _OTHER_ESCAPE = re.compile(r'\\"'), re.compile(r'(?<!\\)(?:\\\\)*\\[^"\\]')
_DECIMAL = re.compile(r"\s*[-+]?\d+,\d+\s*")
RULE = re.compile(r"[\s|+:=-]*")  # a line of dashes between a header and records

# Records have different numbers of fields if no number of fields is as frequent as this.
USUAL_SHARE = 0.8


def find_delimiter(text: str) -> str:
    """Return the first delimiter that gives all records the same number of fields.

    A comma in numbers alone, such as ``3,5``, is none if another delimiter stands between them. If
    there is none, return the delimiter that splits the first record into the most fields. A
    blank is the delimiter only if no other one splits a record.
    """
    lines = [line for line in NEWLINE.split(text) if not RULE.fullmatch(line)]
    text = "\n".join(lines) or text
    counts = {mark: field_counts(text, mark) for mark in (*DELIMITERS, BLANK)}
    for mark in DELIMITERS:
        if counts[mark][0] > 1 and len(set(counts[mark])) == 1:
            return _other_than_decimal(text, counts) if mark == "," else mark
    best = max(DELIMITERS, key=lambda mark: (counts[mark][0], mark == ","))
    blanks = counts[BLANK]
    # Blanks and tabs may be mixed.
    if len(blanks) > 1 and blanks[0] > 1 and (counts[best][0] == 1 or best == "\t"):
        is_short = len(blanks) > 2 and set(blanks[1:]) == {blanks[0] + 1}  # no name for the first
        return BLANK if is_short or usual_share(blanks) >= USUAL_SHARE else best
    return best


def _other_than_decimal(text: str, counts: Mapping[str, list[int]]) -> str:
    """Return a delimiter between numbers with a decimal comma, or else the comma."""
    for mark in (";", "|"):
        if counts[mark][0] > 1 and len(set(counts[mark])) == 1:
            fields = [field for record in split_records(text, mark) for field in record]
            if all(_DECIMAL.fullmatch(field) for field in fields if "," in field):
                return mark
    return ","


def are_padded(records: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Return whether there are spaces at the delimiter in all records, as in ``user, item``.

    Other fields with a space at an end are ids as they are written.
    """
    inner = [
        any(left.endswith(BLANK) or right.startswith(BLANK) for left, right in pairwise(record))
        for record in records
        if len(record) > 1 and not RULE.fullmatch(delimiter.join(record))
    ]
    return len(inner) > 1 and all(inner) and delimiter in {",", ";", "|"}


def field_counts(text: str, delimiter: str, most: int = RECORDS) -> list[int]:
    """Return the number of fields of each of the first records."""
    return [len(record) for record in split_records(text, delimiter, most)]


def usual_share(counts: Sequence[int]) -> float:
    """Return the share of the most frequent number of fields."""
    return max(Counter(counts).values()) / len(counts)


def has_escaped_quotes(text: str, delimiter: str) -> bool:
    """Return whether records have the same number of fields only if a backslash escapes quotes."""
    if len(delimiter) > 1 or delimiter == BLANK or not _ESCAPED.search(text):
        return False
    if _OTHER_ESCAPE.search(text):  # "\n" may be a line break, or two characters
        return False
    lengths = set(map(len, split_records(text, delimiter)))
    escaped = split_records(text, delimiter, has_escapes=True)
    return len(lengths) > 1 and len(set(map(len, escaped))) == 1 and len(escaped[0]) > 1


def split_records(
    text: str, delimiter: str, most: int = RECORDS, *, has_escapes: bool = False
) -> list[list[str]]:
    """Return the fields of the first records, without blank lines; always at least one record.

    Parameters
    ----------
    text, delimiter : str
    most : int
        Maximum number of records.
    has_escapes : bool
        Whether a backslash escapes quotes, which are doubled otherwise.
    """
    if len(delimiter) > 1:
        lines = [line for line in NEWLINE.split(text) if line]
        return [line.split(delimiter) for line in lines[:most]] or [[""]]
    if delimiter == BLANK:
        return _split_at_blanks(text, most)
    records: list[list[str]] = []
    escapes = {"escapechar": "\\", "doublequote": False} if has_escapes else {}
    source = io.StringIO(text, newline="")
    try:
        for record in csv.reader(source, delimiter=delimiter, **escapes):  # type: ignore[arg-type]
            if record:
                records.append(record)
            if len(records) == most:
                break
    except csv.Error:  # a very long field, because a quote is never closed
        pass
    return records or [NEWLINE.split(text)[0].split(delimiter)]


def _split_at_blanks(text: str, most: int) -> list[list[str]]:
    lines = [line.strip() for line in NEWLINE.split(text)]
    return [_fields(line) for line in lines if line][:most] or [[""]]


def _fields(line: str) -> list[str]:
    """Return the fields of a line that are separated by blanks; some may be quoted."""
    if '"' not in line:
        return line.split()
    (record,) = csv.reader([line], delimiter=BLANK, skipinitialspace=True)
    return [field for field in record if field] or [line]
