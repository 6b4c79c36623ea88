"""The syntax of an SQL condition: the places of its expressions, and corrections of its text."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from item2vec.reading.conditions.allowed import expressions
from item2vec.reading.duckdb_session import quote_name

NUMBERS = frozenset({"INTEGER", "DECIMAL", "FLOAT", "DOUBLE", "NUMERIC", "BIGNUM"})

BEFORE = "SELECT 1 WHERE (\n"  # what stands before the condition in the statement that is parsed

# Quoted parts of a condition, and comments.
_QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*[\s\S]*?\*/"
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
# DuckDB's keywords that are no names of columns unless they are quoted.
KEYWORDS = frozenset(
    """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by
    case cast check collate collation column columns concurrently constraint create cross default
    deferrable desc describe distinct do else end except false fetch for foreign freeze from full
    generated glob group having ilike in initially inner intersect into is isnull join lambda
    lateral leading left like limit map natural not notnull null offset on only or order outer
    overlaps pivot pivot_longer pivot_wider placing positional primary qualify references returning
    right select semi show similar some struct summarize symmetric table tablesample then to
    trailing true try_cast tuple union unique unpack unpivot using variadic verbose when where
    window with
    """.split()  # noqa: SIM905
)

Node = Mapping[str, Any]


class Explanation(NamedTuple):
    """Why a condition can't be used, and what to do.

    Parameters
    ----------
    why : str
    corrected : str, optional
        The condition that was probably meant.
    choices : sequence of pairs of str
        Conditions that may have been meant, each after the case in which it was.
    remedy : str, optional
        What to do if no condition is known.
    """

    why: str
    corrected: str | None = None
    choices: Sequence[tuple[str, str]] = ()
    remedy: str | None = None


class Edit(NamedTuple):
    """The replacement of an expression by a text."""

    node: Node
    text: str


@dataclass(frozen=True)
class Condition:
    """A condition that could be parsed.

    Parameters
    ----------
    where : str
        Its text.
    tree : mapping
        Its syntax tree, from DuckDB's ``json_serialize_sql``.
    kinds : mapping of str to str
        The kind of each column of the source.
    """

    where: str
    tree: Node
    kinds: Mapping[str, str]

    def nodes(self, *classes: str) -> Iterator[Node]:
        """Yield the expressions of some classes, from left to right."""
        found = [node for node, _ in expressions(self.tree) if node["class"] in classes]
        yield from sorted(found, key=lambda node: int(node["query_location"]))

    def column(self, node: Node) -> str | None:
        """Return the column of the source that an expression is, or None."""
        if node["class"] != "COLUMN_REF" or len(node["column_names"]) != 1:
            return None
        wanted = str(node["column_names"][0]).casefold()
        return next((name for name in self.kinds if name.casefold() == wanted), None)

    def written(self, node: Node) -> str:
        """Return the text of an expression."""
        begin, end = _span(node)
        return self.where.encode()[begin:end].decode(errors="replace")

    def between(self, first: Node, last: Node) -> str:
        """Return the text from the beginning of an expression to the end of another one."""
        return self.where.encode()[_span(first)[0] : _span(last)[1]].decode(errors="replace")

    def edited(self, edits: Sequence[Edit]) -> str:
        """Return the condition with some expressions replaced."""
        text = self.where.encode()
        for node, replacement in sorted(edits, key=lambda edit: _span(edit.node), reverse=True):
            begin, end = _span(node)
            if end > len(self.where.encode()):  # some expressions have no place
                return self.where
            text = text[:begin] + replacement.encode() + text[end:]
        return text.decode(errors="replace")

    def replaced(self, first: Node, last: Node, replacement: str) -> str:
        """Return the condition with all from one expression to another one replaced."""
        text = self.where.encode()
        changed = text[: _span(first)[0]] + replacement.encode() + text[_span(last)[1] :]
        return changed.decode(errors="replace")


def operands(node: Node) -> list[Node]:
    """Return the expressions that are compared or passed to a function, the first one first."""
    if node["class"] == "COMPARISON":
        return [node["left"], node["right"]]
    if node["class"] == "BETWEEN":
        return [node["input"], node["lower"], node["upper"]]
    if node["class"] == "FUNCTION":
        return [argument["expression"] for argument in node["arguments"]]
    return list(node.get("children", []))


def literal_kind(node: Node) -> str:
    """Return the kind of a literal, such as ``STRING`` or ``NULL_LITERAL``; "" if it is none."""
    literal = node.get("literal")
    return str(literal.get("kind", "")) if isinstance(literal, dict) else ""


def name_in_sql(column: str) -> str:
    """Return the name of a column as it is written in a condition, quoted if it has to be."""
    is_plain = not needs_quotes(column) and column.casefold() not in KEYWORDS
    return column if is_plain else quote_name(column)


def needs_quotes(column: str) -> bool:
    """Return whether the name of a column is not a plain name, whether it is a keyword or not."""
    return _PLAIN_NAME.fullmatch(column) is None


def replace_unquoted(where: str, pattern: str, replacement: str | Callable[[str], str]) -> str:
    """Return a condition with a pattern replaced outside of quotes and comments, ignoring case."""

    def replaced(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        return replacement(match[1]) if callable(replacement) else replacement

    return re.sub(f"{_QUOTED}|({pattern})", replaced, where, flags=re.IGNORECASE)


def _span(node: Node) -> tuple[int, int]:
    """Return the first and last position of an expression in the condition, in bytes."""
    begin = int(node["query_location"]) - len(BEFORE)
    return begin, begin + int(node["query_location_length"])


class Comparison(NamedTuple):
    """A comparison of a column with other values, also with BETWEEN and IN."""

    node: Node
    column: Node
    name: str
    values: Sequence[Node]

    @property
    def is_ordering(self) -> bool:
        """Whether it depends on the order of the values."""
        return self.node["class"] == "BETWEEN" or "THAN" in str(self.node["type"])

    @property
    def begins(self) -> bool:
        """Whether the smallest value that matches, or the smallest that doesn't, is compared."""
        lower = ("COMPARE_GREATERTHANOREQUALTO", "COMPARE_LESSTHAN")
        upper = ("COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHAN")
        is_first = self.column is operands(self.node)[0]
        return self.node["type"] in (lower if is_first else upper)

    @property
    def texts(self) -> list[str]:
        """The string literals among the values."""
        literals = [value for value in self.values if literal_kind(value) == "STRING"]
        return [str(value["literal"]["text"]) for value in literals]

    @property
    def numbers(self) -> list[Node]:
        """The numbers among the values."""
        return [value for value in self.values if literal_kind(value) in NUMBERS]


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield the comparisons of columns of a source, from left to right."""
    for node in condition.nodes("COMPARISON", "BETWEEN", "OPERATOR"):
        if not str(node["type"]).startswith("COMPARE"):
            continue
        column, *values = operands(node)
        if condition.column(column) is None and len(values) == 1:
            column, values = values[0], [column]
        if (name := condition.column(column)) is not None:
            yield Comparison(node, column, name, values)
