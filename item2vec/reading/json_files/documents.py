"""Conversion of JSON of any shape to JSON lines, which DuckDB reads.

Numbers are copied as they are written, so that an id 1.0 does not become 1.
"""

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import IO, Any, cast

from item2vec.errors import DataError
from item2vec.reading.columns import is_known
from item2vec.reading.files.signatures import PYTHON
from item2vec.reading.json_files.shapes import (
    Record,
    Records,
    as_sequence,
    find_records,
    rows_or_sequences,
)
from item2vec.reading.text.encodings import not_utf_8
from item2vec.reading.text.shapes import TextRequest

MOST_PARSED = 1 << 27  # bytes of a document that are parsed, which takes 12 times the memory

MOST_TOKEN = 100  # characters of a number, a word or an escape sequence, at most


class Number(str):
    """A number as it is written in JSON."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=lambda _: None  # NaN is a missing value
)  # fmt: skip
_BLANKS = re.compile(r"\s*")


def parse(content: bytes, name: Path) -> list[Any]:
    """Return the values of a JSON document, of which there are several if they follow one another.

    Raises
    ------
    DataError
        If the content is no JSON; the message gives the place of the error.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(not_utf_8(str(name), content[: 1 << 16])) from error
    values, end = [], _after_blanks(text, 0)
    try:
        while end < len(text):
            value, end = _DECODER.raw_decode(text, end)
            values.append(value)
            end = _after_blanks(text, end)
    except json.JSONDecodeError as error:
        raise DataError(_invalid(error, name)) from error
    except RecursionError as error:
        raise DataError(f"{name} is nested too deeply: write one JSON object per line") from error
    return values


def _after_blanks(text: str, begin: int) -> int:
    found = _BLANKS.match(text, begin)
    return found.end() if found else begin


def check_beginning(text: str, name: Path) -> None:
    """Raise DataError if the beginning of a document is not valid, before all of it is read."""
    try:
        _DECODER.raw_decode(text, _after_blanks(text, 0))
    except json.JSONDecodeError as error:
        if error.pos < len(text) - MOST_TOKEN and not error.msg.startswith("Unterminated string"):
            raise DataError(_invalid(error, name)) from error
    except RecursionError:
        pass  # which is reported once all is read


def records_of(values: list[Any], name: Path, request: TextRequest) -> Records:
    """Return the records of a parsed document.

    Raises
    ------
    DataError
        If it contains none, or several tables.
    """
    if len(values) > 1 and all(isinstance(value, list) for value in values):
        flat = [each for value in values for each in value]
        if flat and all(isinstance(each, dict) for each in flat):
            return Records(flat, "arrays of objects that follow one another")
    if len(values) > 1 and all(isinstance(value, dict) for value in values):
        return Records(values, "objects that follow one another")
    document = values[0] if len(values) == 1 else values
    is_of_lists = isinstance(document, list) and all(isinstance(row, list) for row in document)
    if request.layout == "sequences" and document and is_of_lists:
        has_user = bool(request.has_user)
        return Records((as_sequence(row, has_user=has_user) for row in document), "arrays of items")
    try:
        return find_records(document, request.column_names)
    except DataError as error:
        raise DataError(f"{name} {error}") from error


def write_lines(records: Iterable[Record], target: Path) -> None:
    """Write records as JSON lines."""
    with target.open("w", encoding="ascii") as file:
        for record in records:
            file.write(f"{written(record)}\n")


def written(value: Any) -> str:
    """Return a value as JSON, with numbers as they were.

    Examples
    --------
    >>> written({"item": Number("1.0"), "tags": ["x", None]})
    '{"item": 1.0, "tags": ["x", null]}'
    """
    kind = type(value)
    if kind is Number:
        return cast("str", value)
    if kind is str:
        return encode_basestring_ascii(value)
    if kind is dict:
        return "{" + ", ".join([f"{_key(key)}: {written(value[key])}" for key in value]) + "}"
    if kind is list:
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value)


@functools.lru_cache(1000)
def _key(key: str) -> str:
    return encode_basestring_ascii(key)


def convert_arrays(
    open_lines: Callable[[], Iterable[bytes]], target: Path, request: TextRequest
) -> str:
    """Convert arrays in lines to JSON lines, one line at a time, and return their shape.

    A line that is no array is copied, so that it counts as a malformed record.

    Parameters
    ----------
    open_lines : callable
        Returns the lines of the file, from its beginning.
    target : Path
    request : TextRequest
        What the caller specified.
    """
    if request.layout == "sequences":
        has_user = bool(request.has_user)
        with target.open("wb") as file:
            for line in _values(open_lines()):
                record = line if isinstance(line, bytes) else as_sequence(line, has_user=has_user)
                file.write(_as_line(record))
        return "arrays of items"
    shortest, longest, n_arrays = _lengths(open_lines())
    first = next(_arrays(open_lines()), [])
    is_table = n_arrays > 1 and shortest == longest
    sample = rows_or_sequences(
        [first, first] if is_table else [first],
        lambda name: name in request.column_names or is_known(name),
    )
    names = list(next(iter(sample.records), {}))
    has_header = is_table and names and names[0] != "column0"
    with target.open("wb") as file:
        for number, line in enumerate(_values(open_lines())):
            if isinstance(line, bytes):
                file.write(_as_line(line))
            elif not (has_header and number == 0):
                record = dict(zip(names, line, strict=True)) if len(names) > 1 else {names[0]: line}
                file.write(_as_line(record))
    return sample.shape


def _as_line(record: Record | bytes) -> bytes:
    """Return a record as a line of JSON; a line that is no array stays as it is."""
    if isinstance(record, bytes):
        return record if record.endswith(b"\n") else record + b"\n"
    return f"{written(record)}\n".encode()


def _lengths(lines: Iterable[bytes]) -> tuple[int, int, int]:
    """Return the smallest and largest length of the arrays, and their number up to a difference."""
    shortest = longest = n_arrays = 0
    for array in _arrays(lines):
        n_arrays += 1
        shortest = len(array) if n_arrays == 1 else min(shortest, len(array))
        longest = max(longest, len(array))
        if shortest < longest:
            break
    return shortest, longest, n_arrays


def _arrays(lines: Iterable[bytes]) -> Iterator[list[Any]]:
    return (value for value in _values(lines) if isinstance(value, list))


def _values(lines: Iterable[bytes]) -> Iterator[list[Any] | bytes]:
    """Yield the array in each line that is not blank, or the line if it is none."""
    for line in lines:
        if not line.strip():
            continue
        try:
            value = _DECODER.decode(line.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            value = None
        yield value if isinstance(value, list) else line


def is_one_line_of_many(source: IO[bytes]) -> bool:
    """Return whether the first line of a file is an object, and other lines follow it."""
    line = source.readline(MOST_PARSED)
    if not source.read(1 << 16).strip():
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _invalid(error: json.JSONDecodeError, name: Path) -> str:
    """Return the message for an error in JSON, with its place."""
    place = f"line {error.lineno:,}, column {error.colno:,} (character {error.pos:,})"
    rest = error.doc[error.pos :].lstrip()
    if not rest or error.msg.startswith("Unterminated string"):
        return f"{name} ends in the middle of its JSON, at {place}: provide the complete file"
    if rest.startswith(("//", "/*", "#")):
        return f"{name} has a comment at {place}, which JSON does not allow: remove the comments"
    if rest.startswith(("'", "u'", 'u"')):
        return f"{name} is written as Python, not as JSON, at {place}: {PYTHON}"
    why = error.msg[:1].lower() + error.msg[1:]
    return f"{name} is not valid JSON: {why} at {place}: correct the file, or write JSON lines"
