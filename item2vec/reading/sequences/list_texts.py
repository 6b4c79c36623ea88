"""Recognition of texts that represent lists, such as ``[4, 8]``, ``{a,b}`` or ``array([1, 2])``.

JSON, Python, NumPy, PostgreSQL, DuckDB and Scala all write lists in some kind of brackets. Titles
may also be in brackets, so a separator inside the brackets is stronger evidence of a list.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from item2vec._support.literals import CONSTRUCTOR, parse_literal

Evidence = Literal["values", "name", "layout"]

# A text column is treated as a column of lists if at least this fraction of its values look like
# lists. A single id that looks like a list, such as the title "[4]", remains an id.
SHARE = 0.5
# Separators of lists without brackets, in the order in which they are tried.
SEPARATORS = ("|", ";", ",", " ")
# Rarer ones, in a column that should hold lists; "/" only between codes, because names have it.
RARE_SEPARATORS = ("\n", "->", ">", "~", "^", "/")
JOINED_SHARE = 0.3  # of the texts that a separator divides, in a column that should hold lists
CODE_SHARE = 0.9  # of the texts that must be codes joined by a separator
# What stands for a missing list, or a missing item of a list.
MISSING = ("", "nan", "NaN", "None", "null", "NULL", "<NA>", "NaT", "...", "\\N")
LONGEST_PARSED = 10_000  # characters; longer texts in brackets are lists without being parsed

# An id that is no word: a number, a number after letters, an ASIN, or hexadecimal digits.
_CODE = re.compile(
    r"[A-Za-z]{0,4}[-_]?\d+|B0[0-9A-Z]{8}|(?=.*\d)[0-9a-f]{8,}(-[0-9a-f]{4,}){0,4}", re.ASCII
)
_HAS_DIGIT = re.compile(r"\d")
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_NUMPY = re.compile(r"\[\s*[-+.\deE]+(\s+[-+.\deE]+)+\s*\]")  # [1 2 3], as NumPy writes an array

# Regular expressions for both Python and DuckDB. The last bracket closes the first one; brackets of
# the same kind may occur inside, one level deep.
_SQUARE, _CURLY, _ROUND = (
    rf"\{a}(?:[^\{a}\{b}]|\{a}[^\{a}\{b}]*\{b})*\{b}" for a, b in ("[]", "{}", "()")
)
# Parentheses alone do not indicate a list, because names may be in them, as in "(Smith, John)".
BRACKETED = rf"\s*(?:{_SQUARE}|{_CURLY}|{CONSTRUCTOR}{_ROUND})\s*"
# A separator has values on both sides. A blank is a separator only between numbers or quoted texts,
# as NumPy writes them, because "[Study number 1]" is a title.
_NUMBER, _QUOTED = r"(?:[-+]?(?:\d[\d.eE+-]*|\.\d+|nan|inf)|\.\.\.)", r"'[^']*'|\"[^\"]*\""
_ELEMENT = rf"(?:{_NUMBER}|{_QUOTED})"
NUMPY = rf"\s*\[\s*{_ELEMENT}(?:\s+{_ELEMENT})+\s*\]\s*"
SEPARATED = rf"[^\s,\[({{]\s*,[\s,]*[^\s,\])}}]|^{NUMPY}$"

# A list in quotes.
WRAPPED = r"\"\s*[\[({].*[\])}]\s*\"|'\s*[\[({].*[\])}]\s*'"

# A list whose elements are texts or numbers, and no lists or other objects.
_SIMPLE = r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s,'\"\[\](){}][^,\"\[\](){}]*)"
_SIMPLE = rf"\s*(?:{_SIMPLE}(?:\s*,\s*{_SIMPLE})*)?\s*,?\s*"
_FLAT = re.compile(
    rf"\s*(?:{NUMPY}|{CONSTRUCTOR}\({_SIMPLE}\)|"
    rf"(?:{CONSTRUCTOR}\(\s*)?[\[({{](?:{_SIMPLE})[\])}}](?:\s*,\s*dtype=[^)]*)?\)?)\s*"
)
_CALL = re.compile(rf"\s*(?!{CONSTRUCTOR}\()[A-Za-z_][\w.]*\(.*\)\s*", re.DOTALL)
_BRACKETED, _SEPARATED = re.compile(BRACKETED), re.compile(SEPARATED)
_CONSTRUCTED = re.compile(rf"{CONSTRUCTOR}\(\s*(?:\[.*\]|\{{.*\}}|\(.*\))?\s*\)", re.DOTALL)


def unwrapped(text: str) -> str:
    """Return a list without the quotes around it, which a second export adds; others as they are.

    Examples
    --------
    >>> [unwrapped(text) for text in ("'[1, 2]'", '"[""a""]"', '"Heat"')]
    ['[1, 2]', '["a"]', '"Heat"']
    """
    bare = text.strip()
    if not re.fullmatch(WRAPPED, bare, re.DOTALL):
        return text
    return bare[1:-1].replace('""', '"').replace('\\"', '"')


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


def is_flat(text: str) -> bool:
    """Return whether a list has no lists, mappings or other objects as elements.

    Examples
    --------
    >>> [is_flat(text) for text in ("[4, 8]", "{a,b}", "array([1])", "[[1], 2]", "{'a': 1}")]
    [True, True, True, False, False]
    """
    if text.lstrip().startswith("{"):
        value = parsed(text)
        if value and isinstance(value, dict):  # "{}" is an empty list in PostgreSQL
            return False
    return _FLAT.fullmatch(text) is not None


def is_call(text: str) -> bool:
    """Return whether a text looks like an object as Python prints it, which is no list.

    Examples
    --------
    >>> is_call("Counter({'a': 3})"), is_call("array([1, 2])"), is_call("Heat (1995)")
    (True, False, False)
    """
    return _CALL.fullmatch(text) is not None


def is_shortened(text: str) -> bool:
    """Return whether a list was shortened when it was printed, as NumPy does with long arrays.

    Examples
    --------
    >>> is_shortened("[1 2 3 ... 97 98 99]"), is_shortened("[1, 2]"), is_shortened("Wait ...")
    (True, False, False)
    """
    return is_bracketed(text) and re.search(r"[\s,]\.\.\.[\s,]", text) is not None


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


def find_separator(texts: Sequence[str], evidence: Evidence = "values") -> str | None:
    """Return the separator of texts that are ids joined by it, as in ``4,8,15``; None for ids.

    Parameters
    ----------
    texts : sequence of str
        The values of the column that are not blank.
    evidence : {"values", "name", "layout"}
        What tells that the column holds lists. If its values alone, they must be lists of numbers
        or codes such as ``N12``, some of which have three or more: ``a|b`` and ``3,5`` may also be
        single ids. If
        its name, a blank separates only parts with a digit, because titles have blanks, too. If
        the user has said so, any separator is taken.

    Examples
    --------
    >>> find_separator(["4,8,15", "16", "23,42"]), find_separator(["Good, Bad, Ugly", "Up"])
    (',', None)
    >>> find_separator(["a|b", "a"], "name"), find_separator(["Toy Story"], "name")
    ('|', None)
    """
    if evidence != "values" and (rare := _rare_separator(texts)):
        return rare
    parts = {mark: [_parts(text, mark) for text in texts] for mark in SEPARATORS}
    if evidence == "name" and not _mostly(_HAS_DIGIT.search, parts[" "]):
        del parts[" "]
    shares = {
        mark: sum(len(each) > 1 for each in split) / max(1, len(texts))
        for mark, split in parts.items()
    }
    if evidence != "values":
        frequent = [mark for mark, share in shares.items() if share >= JOINED_SHARE]
        most = max(shares, key=lambda mark: shares[mark])
        return frequent[0] if frequent else most if shares[most] else None
    for mark, split in parts.items():
        if shares[mark] >= SHARE and _mostly(_CODE.fullmatch, split) and max(map(len, split)) > 2:
            return mark
    return None


def _rare_separator(texts: Sequence[str]) -> str | None:
    """Return a rare separator that is in at least half of the texts, outside brackets."""
    for mark in RARE_SEPARATORS:
        split = [_parts(text, mark) for text in texts]
        share = sum(len(parts) > 1 for parts in split) / max(1, len(texts))
        if share >= SHARE and (mark != "/" or _mostly(_CODE.fullmatch, split)):
            return mark
    return None


def _mostly(test: Callable[[str], object], lists: Sequence[Sequence[str]]) -> bool:
    """Return whether nearly all lists consist of parts that pass a test."""
    return sum(all(map(test, parts)) for parts in lists) >= CODE_SHARE * len(lists)


def _parts(text: str, separator: str) -> list[str]:
    """Return the parts of a text that are not blank."""
    return [part for each in text.split(separator) if (part := each.strip())]


def holds_lists(texts: Sequence[str]) -> bool:
    """Return whether the texts of a column are lists, in brackets or joined by a separator."""
    present = [text for text in texts if text.strip()]
    return find_list(present) is not None or find_separator(present) is not None


def parsed(text: str) -> Any:
    """Return the value of a JSON or Python literal; the text itself if it is neither."""
    return parse_literal(text, text)
