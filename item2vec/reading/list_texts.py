"""Texts that are written as lists, such as ``[4, 8]``, ``{a,b}`` or ``array([1, 2])``.

JSON, Python, NumPy, PostgreSQL, DuckDB and Scala all write lists in brackets of some kind. Titles
may stand in brackets as well, so only lists with a separator inside are beyond doubt.
"""

import ast
import json
import re
import warnings
from collections.abc import Sequence
from typing import Any

# A column of text holds lists if half of its values are written as lists. A single id that is
# written like one, such as the title "[4]", stays an id.
SHARE = 0.5
LONGEST_PARSED = 10_000  # characters; what is longer, and in brackets, is a list

_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_NUMPY = re.compile(r"\[\s*[-+.\deE]+(\s+[-+.\deE]+)+\s*\]")  # [1 2 3], as NumPy writes an array
_TYPES = r"(?i:(?:np\.|numpy\.)?(?:array|set|frozenset|tuple|list|deque|wrappedarray))"

# Both Python and DuckDB understand the patterns. The first bracket is closed by the last one:
# brackets of the same kind may stand inside, one level deep.
_SQUARE, _CURLY, _ROUND = (
    rf"\{a}(?:[^\{a}\{b}]|\{a}[^\{a}\{b}]*\{b})*\{b}" for a, b in ("[]", "{}", "()")
)
# Round brackets alone are no sign of a list: names stand in them, too, as in "(Smith, John)".
BRACKETED = rf"\s*(?:{_SQUARE}|{_CURLY}|{_TYPES}{_ROUND})\s*"
# A separator has something on both sides. A blank is one between numbers or quoted texts alone, as
# NumPy writes them: "[Study number 1]" is a title.
_NUMBER, _QUOTED = r"[-+]?(?:\d[\d.eE+-]*|\.\d+|nan|inf)", r"'[^']*'|\"[^\"]*\""
_ELEMENT = rf"(?:{_NUMBER}|{_QUOTED})"
SEPARATED = r"[^\s,\[({]\s*,[\s,]*[^\s,\])}]" rf"|^\s*\[\s*{_ELEMENT}(?:\s+{_ELEMENT})+\s*\]\s*$"

_BRACKETED, _SEPARATED = re.compile(BRACKETED), re.compile(SEPARATED)
_CONSTRUCTED = re.compile(rf"{_TYPES}\(\s*(?:\[.*\]|\{{.*\}}|\(.*\))?\s*\)", re.DOTALL)


def is_list(text: str) -> bool:
    """Tell whether a text is a list beyond doubt: to JSON, Python or NumPy.

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
    """Tell whether a text is in brackets from its first to its last character.

    Examples
    --------
    >>> [is_bracketed(text) for text in ("[i0, i1]", "{i0,i1}", "[REC]", "(500) Days (2009)")]
    [True, True, True, False]
    """
    return _BRACKETED.fullmatch(text) is not None


def find_list(texts: Sequence[str]) -> str | None:
    """Return an example of the lists that a column holds, or None if it holds ids.

    It holds lists if at least half of the different texts are in brackets, and if two of these hold
    a separator, or one that is a list beyond doubt, or all of them are lists beyond doubt.

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
    """Return what a text stands for in JSON or Python; the text itself if in neither."""
    for parse in (json.loads, ast.literal_eval):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about escapes in somebody's text
                return parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return text
