"""Recognition of JSON, and of how its records are laid out, from the first characters of a file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

# "lines" and "array" are read by DuckDB: an object in each line, and an array of objects. Arrays in
# lines and documents (all other shapes) are converted first.
Layout = Literal["lines", "array", "arrays in lines", "document"]

_BEGINS = re.compile(r'\s*(\{\s*"|\[\s*[\[{])')
_COMPRESSIONS = {".gz", ".zst", ".zstd"}
_FIRST = re.compile(r"[\s\ufeff]*(.)\s*(.?)", re.DOTALL)

scan = json.JSONDecoder().raw_decode


def json_suffix(path: Path) -> str:
    """Return ``.json``, ``.jsonl`` or ``.ndjson`` if the name of a file ends so, else ""."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    names = [suffix for suffix in suffixes if suffix not in _COMPRESSIONS]
    return names[-1] if names and names[-1] in {".json", ".jsonl", ".ndjson"} else ""


def looks_like_json(text: str) -> bool:
    """Return whether a text begins like JSON: an object, arrays or objects in an array or in lines.

    Examples
    --------
    >>> [looks_like_json(text) for text in ('{"a": 1}', "[[1, 2]]", "[1, 2]", "[id],[name]")]
    [True, True, True, False]
    """
    return _BEGINS.match(text) is not None or _has_arrays_in_lines(text)


def find_layout(text: str, *, is_whole: bool, suffix: str) -> Layout | None:
    """Return the layout of the JSON in a file; None if it is no JSON.

    Parameters
    ----------
    text : str
        The beginning of the file.
    is_whole : bool
        Whether that is the whole file.
    suffix : str
        The suffix of a JSON file; "" if the name of the file has none, so that its content decides.
    """
    if not suffix and not looks_like_json(text):
        return None
    found = _FIRST.match(text)
    first, second = found.groups() if found else ("", "")
    if first == "[":
        return _layout_of_array(text.strip("\ufeff \t\r\n"), second, suffix)
    if first == "{":
        return _layout_of_objects(text.strip("\ufeff \t\r\n"), is_whole, suffix)
    is_comment = first == "#" or first + second in {"//", "/*"}
    return "document" if is_comment and suffix == ".json" else "lines"


def _layout_of_array(text: str, second: str, suffix: str) -> Layout:
    if second == "{":
        return "document" if _is_followed(text) else "array"
    line, *others = text.split("\n", 1)
    is_lines = isinstance(_value(line), list) and bool(others)
    return "arrays in lines" if is_lines or suffix in {".jsonl", ".ndjson"} else "document"


def _is_followed(text: str) -> bool:
    """Return whether another value follows the first one of a text, if that is complete."""
    try:
        _, end = scan(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip()[:1] in {"[", "{"}


def _layout_of_objects(text: str, is_whole: bool, suffix: str) -> Layout:
    """Return the layout of a file that begins with an object."""
    if suffix in {".jsonl", ".ndjson"}:
        return "lines"
    try:
        _, end = scan(text)
    except (ValueError, RecursionError):
        # The object is longer than the text, or damaged.
        is_lines = any(isinstance(_value(line), dict) for line in _lines(text, is_whole))
        return "lines" if is_lines else "document"
    rest = text[end:]
    if "\n" in text[:end] or not rest.strip():
        return "document"
    return "lines" if re.match(r"[ \t\r]*\n", rest) else "document"


def _lines(text: str, is_whole: bool) -> Iterator[str]:
    """Yield the lines of a text that are not indented; the last one only if the text is whole."""
    lines = text.split("\n")
    for line in lines if is_whole else lines[:-1]:
        if line.startswith("{"):
            yield line


def _has_arrays_in_lines(text: str) -> bool:
    """Return whether each of the first two lines, or the only one, is an array."""
    lines = [line for line in text.strip("\ufeff").split("\n") if line.strip()][:2]
    return bool(lines) and all(
        line.startswith("[") and isinstance(_value(line), list) for line in lines
    )


def _value(text: str) -> Any:
    """Return the value of a JSON text; None if it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
