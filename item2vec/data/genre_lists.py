"""Parsing of the genres in one field of a table."""

import ast
import json
from typing import Any

NO_GENRES = "(no genres listed)"  # as MovieLens writes it


def split_genres(text: str) -> frozenset[str]:
    """Split a field into genres: ``A|B``, ``A; B``, ``A, B``, or a list in JSON or Python syntax.

    Examples
    --------
    >>> sorted(split_genres("Comedy|Children's"))
    ["Children's", 'Comedy']
    >>> sorted(split_genres('[{"id": 28, "name": "Action"}, {"id": 12, "name": "Adventure"}]'))
    ['Action', 'Adventure']
    >>> split_genres("(no genres listed)")
    frozenset()
    """
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        names = _from_list(text)
    else:
        separator = next((mark for mark in ("|", ";", ", ") if mark in text), "|")
        names = text.split(separator)
    names = [name.strip() for name in names]
    return frozenset(name for name in names if name and name != NO_GENRES)


def _from_list(text: str) -> list[str]:
    """Return the elements of a list in JSON, in Python, or in brackets without quotes."""
    for parse in (json.loads, ast.literal_eval):
        try:
            return [_name(element) for element in parse(text)]
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return [part.strip(" '\"") for part in text[1:-1].split(",")]


def _name(element: Any) -> str:
    """Return a list element as text; for an object such as ``{"name": "Action"}``, its name."""
    return str(element.get("name", "") if isinstance(element, dict) else element)
