"""SQL expressions that turn cells of any type into lists of their elements."""

import re
from typing import NamedTuple

from item2vec._support.literals import CONSTRUCTOR
from item2vec._support.messages import shown
from item2vec.reading.duckdb_session import quote_name, quote_text
from item2vec.reading.sequences.list_texts import MISSING, NUMPY, WRAPPED
from item2vec.reading.sql_values import BLANK

_LIST = re.compile(r"(.*)\[\d*\]", re.DOTALL)

# The elements of a list in brackets: quoted texts, or texts up to the next comma (or blank).
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_BETWEEN_COMMAS = rf"{_QUOTED}|[^\s,'\"][^,]*"
_BETWEEN_BLANKS = rf"{_QUOTED}|[^\s,'\"]+"
_MISSING = f"({', '.join(map(quote_text, MISSING))})"


class ListCells(NamedTuple):
    """How the cells of a column are turned into lists.

    Parameters
    ----------
    sql : str
        The expression of the list.
    element_type : str
        The SQL type of its elements.
    description : str
        A description of the cells, with an example if they are texts.
    is_of_text : bool
        Whether `sql` is an expression of a text.
    """

    sql: str
    element_type: str
    description: str
    is_of_text: bool = True


def of_type(column: str, sql_type: str) -> ListCells | None:
    """Return how cells of an SQL type of lists are turned into lists; None for other types."""
    found = _LIST.fullmatch(sql_type)
    if found is None:
        return None
    sql = f"CAST({quote_name(column)} AS {found[1]}[])"
    return ListCells(sql, found[1], "one list in each cell", is_of_text=False)


def is_json_array(value: str) -> str:
    """Return the SQL for whether a text is a JSON array."""
    return f"(left({value}, 1) = '[' AND json_valid({value}))"


def of_json(column: str) -> ListCells:
    """Return how JSON arrays as text are turned into lists; another value is a list of one."""
    value = quote_name(column)
    sql = (
        f"CASE WHEN {is_json_array(value)} THEN json_extract_string({value}, '$[*]') "
        f"WHEN {value} NOT IN {_MISSING} THEN [{value}] END"
    )
    return ListCells(sql, "VARCHAR", "one list in each cell")


def single(column: str, element_type: str) -> ListCells:
    """Return how single values are turned into lists of one element."""
    value = quote_name(column)
    sql = f"CASE WHEN {value} IS NOT NULL THEN [CAST({value} AS {element_type})] END"
    return ListCells(sql, element_type, "one item in each cell")


def of_texts(
    column: str, example: str, separator: str | None, *, are_wrapped: bool = False
) -> ListCells:
    """Return how lists in brackets, in any notation, and joined texts are turned into lists.

    A text without brackets is split at the separator, and without a separator it is a list of one.
    A text whose bracket is not closed is missing, and so is one that stands for a missing value.

    Parameters
    ----------
    column, example : str
    separator : str, optional
        The separator of texts without brackets.
    are_wrapped : bool
        Whether some lists are in quotes.
    """
    value = f"trim({quote_name(column)}, {quote_text(BLANK)})"
    if are_wrapped:
        value = _unwrapped(value)
    inner = (
        rf"regexp_replace(regexp_replace({value}, {quote_text(f'^({CONSTRUCTOR})?')}, ''), "
        rf"'^[(]?[\[({{]+|[\])}}]*(, *dtype=[^)]*)?[\])}}]+$', '', 'g')"
    )
    commas = f"regexp_extract_all({inner}, {quote_text(_BETWEEN_COMMAS)})"
    blanks = f"regexp_extract_all({inner}, {quote_text(_BETWEEN_BLANKS)})"
    is_numpy = f"regexp_full_match({value}, {quote_text(NUMPY)})"
    elements = f"CASE WHEN {is_numpy} THEN {blanks} ELSE {commas} END"
    bracketed = rf"^({CONSTRUCTOR})?[\[({{].*[\])}}]$"
    in_brackets = f"regexp_matches({value}, {quote_text(bracketed)}, 's')"
    json = f"[{_present('element')} FOR element IN json_extract_string({value}, '$[*]')]"
    plain = f"[{value}]" if separator is None else _parts(value, separator)
    sql = (
        f"CASE WHEN {is_json_array(value)} THEN {json} "
        f"WHEN {in_brackets} THEN [{_unquoted('element')} FOR element IN {elements}] "
        f"WHEN {value} NOT IN {_MISSING} AND left({value}, 1) NOT IN ('[', '{{') THEN {plain} END"
    )
    joined = "" if separator is None else f", or separated by {shown(separator)}"
    return ListCells(sql, "VARCHAR", f"lists such as {shown(example)}{joined}")


def joined(column: str, separator: str, example: str) -> ListCells:
    """Return how items joined by a separator are turned into lists, without blank elements."""
    value = quote_name(column)
    sql = f"CASE WHEN trim({value}) NOT IN {_MISSING} THEN {_parts(value, separator)} END"
    return ListCells(sql, "VARCHAR", f"separated by {shown(separator)}, such as {shown(example)}")


def _unwrapped(value: str) -> str:
    """Return the SQL for a list without quotes around it; see `list_texts.unwrapped`."""
    inside = f"substr({value}, 2, len({value}) - 2)"
    quote, doubled, escaped = map(quote_text, ('"', '""', r"\""))
    bare = f"replace(replace({inside}, {doubled}, {quote}), {escaped}, {quote})"
    is_wrapped = f"regexp_full_match({value}, {quote_text(WRAPPED)}, 's')"
    return f"CASE WHEN {is_wrapped} THEN trim({bare}) ELSE {value} END"


def _parts(value: str, separator: str) -> str:
    """Return the SQL for the parts of a text that are not blank."""
    parts = f"string_split({value}, {quote_text(separator)})"
    return f"[trim(part) FOR part IN {parts} IF trim(part) <> '']"


def _present(element: str) -> str:
    """Return the SQL for a text, NULL if it stands for a missing value."""
    return f"CASE WHEN {element} NOT IN {_MISSING} THEN {element} END"


def _unquoted(element: str) -> str:
    """Return the SQL for the value of an element of a Python list; NULL if it is missing."""
    text = f"trim({element})"  # of blanks alone, which is much faster than of all kinds of them
    inside = f"substr({text}, 2, len({text}) - 2)"
    unescaped = rf"regexp_replace({inside}, '\\(.)', '\1', 'g')"
    return f"CASE WHEN left({text}, 1) IN ('''', '\"') THEN {unescaped} ELSE {_present(text)} END"
