"""Recognition of texts that represent lists, such as ``[4, 8]``, ``{a,b}`` or ``array([1, 2])``.

JSON, Python, NumPy, PostgreSQL, DuckDB and Scala all write lists in some kind of brackets. Titles
may also be in brackets, so a separator inside the brackets is stronger evidence of a list.
"""

import ast
import json
import re
import warnings
from collections.abc import Sequence
from typing import Any

# A text column is treated as a column of lists if at least this fraction of its values look like
# lists. A single id that looks like a list, such as the title "[4]", remains an id.
SHARE = 0.5
LONGEST_PARSED = 10_000  # characters; longer texts in brackets are lists without being parsed

_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_NUMPY = re.compile(r"\[\s*[-+.\deE]+(\s+[-+.\deE]+)+\s*\]")  # [1 2 3], as NumPy writes an array
_TYPES = r"(?i:(?:np\.|numpy\.)?(?:array|set|frozenset|tuple|list|deque|wrappedarray))"

# Regular expressions for both Python and DuckDB. The last bracket closes the first one; brackets of
# the same kind may occur inside, one level deep.
_SQUARE, _CURLY, _ROUND = (
    rf"\{a}(?:[^\{a}\{b}]|\{a}[^\{a}\{b}]*\{b})*\{b}" for a, b in ("[]", "{}", "()")
)
# Parentheses alone do not indicate a list, because names may be in them, as in "(Smith, John)".
BRACKETED = rf"\s*(?:{_SQUARE}|{_CURLY}|{_TYPES}{_ROUND})\s*"
# A separator has values on both sides. A blank is a separator only between numbers or quoted texts,
# as NumPy writes them, because "[Study number 1]" is a title.
_NUMBER, _QUOTED = r"[-+]?(?:\d[\d.eE+-]*|\.\d+|nan|inf)", r"'[^']*'|\"[^\"]*\""
_ELEMENT = rf"(?:{_NUMBER}|{_QUOTED})"
SEPARATED = r"[^\s,\[({]\s*,[\s,]*[^\s,\])}]" rf"|^\s*\[\s*{_ELEMENT}(?:\s+{_ELEMENT})+\s*\]\s*$"

_BRACKETED, _SEPARATED = re.compile(BRACKETED), re.compile(SEPARATED)
_CONSTRUCTED = re.compile(rf"{_TYPES}\(\s*(?:\[.*\]|\{{.*\}}|\(.*\))?\s*\)", re.DOTALL)


def is_list(text: str) -> bool:
    """Return whether a text is certainly a list: in JSON, Python or NumPy.

    Examples
    --------
    >>> [is_list(text) for text in ("[4, 8]", "['a', 'b']", "[4 8]", "('a',)", "[REC] (2007)")]
    [True, True, True, True, False]
    >>> [is_list(text) for text in ("frozenset({1})", "set()", "[i0, i1]")]
    [True, True, False]
    """
    text = text.strip()
    if _CONSTRUCTED.fullmatch(text):
        return True
    if len(text) < 2 or _BRACKETS.get(text[0]) != text[-1]:
        return False
    if len(text) > LONGEST_PARSED or _NUMPY.fullmatch(text):
        return True
    return isinstance(parsed(text), list | tuple | set | dict)


def is_bracketed(text: str) -> bool:
    """Return whether a text is in brackets from its first to its last character.

    Examples
    --------
    >>> [is_bracketed(text) for text in ("[i0, i1]", "{i0,i1}", "[REC]", "(500) Days (2009)")]
    [True, True, True, False]
    """
    return _BRACKETED.fullmatch(text) is not None


def find_list(texts: Sequence[str]) -> str | None:
    """Return an example of the lists in a column, or None if the column contains ids.

    A column contains lists if at least half of its distinct texts are in brackets and, among these,
    two contain a separator, or one contains a separator and is certainly a list, or all are
    certainly lists.

    Parameters
    ----------
    texts : sequence of str
        The values of the column that are not blank.

    Examples
    --------
    >>> find_list(["{a,c}", "{a,b}", "c"]), find_list(["[4]", "[REC]"]), find_list(["[4]", "[5]"])
    ('{a,c}', None, '[4]')
    """
    certain = {text: is_list(text) for text in dict.fromkeys(texts)}
    lists = [text for text in certain if certain[text] or is_bracketed(text)]
    if not lists or len(lists) < SHARE * len(certain):
        return None
    separated = [text for text in lists if _SEPARATED.search(text)]
    if len(separated) > 1 or any(certain[text] for text in separated):
        return separated[0]
    return lists[0] if all(certain[text] for text in lists) else None


def parsed(text: str) -> Any:
    """Return the value of a JSON or Python literal; the text itself if it is neither."""
    for parse in (json.loads, ast.literal_eval):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # warnings about invalid escape sequences
                return parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return text
