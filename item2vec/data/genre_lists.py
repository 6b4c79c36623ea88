"""Parsing of the genres in one field of a table.

JSON, Python, NumPy, PostgreSQL and DuckDB all write lists in some kind of brackets, with or without
quotes. A field without brackets contains genres that are joined by a separator.
"""

import re
from collections.abc import Iterator
from typing import Any

from item2vec._support.literals import CONSTRUCTOR, parse_literal

NO_GENRES = "(no genres listed)"  # as MovieLens writes it
MISSING = frozenset({"", "nan", "None", "null", "NULL", "<NA>", "NA", "N/A", r"\N", NO_GENRES})
SEPARATORS = ("|", ";", ", ", ",")

# The keys of the name in an object such as {"id": 28, "name": "Action"}, in order of preference.
_NAME_KEYS = ("name", "genre", "title", "label", "description", "value")
_BRACKETS = {"[": "]", "{": "}"}
_CONSTRUCTED = re.compile(rf"\b{CONSTRUCTOR}\(.*\)", re.DOTALL)
_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# NumPy writes only blanks between texts, which Python would concatenate.
_NUMPY = re.compile(rf"{_QUOTED}\s+{_QUOTED}", re.DOTALL)
_NUMBERS = re.compile(r"\[[\s\d.+-]+\]")  # as NumPy writes them
_ELEMENT = re.compile(rf"\s*({_QUOTED}(?=\s*(?:[,\[\]{{}}()]|$|['\"]))|[^,\[\]{{}}]+)", re.DOTALL)


def split_genres(text: str) -> frozenset[str]:
    r"""Split a field into genres: ``A|B``, ``A; B``, ``A, B``, ``A,B``, or a list in brackets.

    Lists may be in the notations of JSON, Python, NumPy or PostgreSQL. Nested ones are flattened; a
    mapping stands for its keys, and an object with a name for this name. Missing values such as
    ``nan``, ``None`` and ``\N`` are left out.

    Examples
    --------
    >>> sorted(split_genres("Comedy|Children's"))
    ["Children's", 'Comedy']
    >>> sorted(split_genres('[{"id": 28, "name": "Action"}, {"id": 12, "name": "Adventure"}]'))
    ['Action', 'Adventure']
    >>> sorted(split_genres("['Drama' 'War']")), sorted(split_genres('{Drama,"Film noir"}'))
    (['Drama', 'War'], ['Drama', 'Film noir'])
    >>> split_genres("(no genres listed)")
    frozenset()
    """
    text = text.strip()
    names = [name.strip() for name in ([] if text in MISSING else _names(text))]
    return frozenset(name for name in names if name not in MISSING)


def _names(text: str) -> list[str]:
    """Return the names in a field, some of which may be blank or missing values."""
    is_constructed = _CONSTRUCTED.fullmatch(text) is not None
    if _NUMBERS.fullmatch(text):
        return text[1:-1].split()
    if is_constructed or _is_enclosed(text):
        if not _NUMPY.search(text):
            for source in (text, _without_constructors(text)):
                value = parse_literal(source)
                if isinstance(value, list | tuple | set | dict):
                    return list(_flat(value))
        inside = _without_constructors(text) if is_constructed else text
        return [_unquoted(found[1]) for found in _ELEMENT.finditer(inside.strip("() "))]
    if text.startswith("("):  # names may be in parentheses, so that only a tuple is a list
        value = parse_literal(text)
        if isinstance(value, tuple):
            return list(_flat(value))
    separator = next((mark for mark in SEPARATORS if mark in text), "|")
    return text.split(separator)


def _is_enclosed(text: str) -> bool:
    """Return whether the first bracket of a text is closed by its last character."""
    if len(text) < 2 or _BRACKETS.get(text[0]) != text[-1]:
        return False
    depth = 0
    for position, character in enumerate(text):
        depth += (character == text[0]) - (character == text[-1])
        if depth == 0:
            return position == len(text) - 1 or parse_literal(text) is not None
    return parse_literal(text) is not None  # brackets in quotes may be unbalanced


def _without_constructors(text: str) -> str:
    """Return a text with ``array([1], dtype=object)`` written as ``([1])``."""
    text = re.sub(r",\s*dtype=(?:'[^']*'|[^)'])*\)", ")", text)
    return re.sub(rf"\b{CONSTRUCTOR}\(", "(", text)


def _flat(value: Any) -> Iterator[str]:
    """Yield the names in a value, which may be nested."""
    if isinstance(value, dict):
        names = {str(key).casefold(): each for key, each in value.items()}
        found = next((names[key] for key in _NAME_KEYS if isinstance(names.get(key), str)), None)
        if found is not None:
            yield found
        else:  # {"Drama": 0.7}; in {"Drama": False}, it is not one of the genres
            yield from (str(key) for key, each in value.items() if each is not False)
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from _flat(each)
    else:
        yield str(value)


def _unquoted(text: str) -> str:
    """Return the text of a list element, without the quotes that may be around it."""
    if text[:1] in {"'", '"'}:
        value = parse_literal(text)
        return value if isinstance(value, str) else text[1:-1]
    return text
