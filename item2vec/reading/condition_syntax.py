"""The syntax of an SQL condition: the places of its expressions, and corrections of its text."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from item2vec.reading.duckdb_session import quote_name
from item2vec.reading.sql_allowed import expressions

BEFORE = "SELECT 1 WHERE (\n"  # what stands before the condition in the statement that is parsed

_QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")

Node = Mapping[str, Any]


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

    def edited(self, edits: Sequence[Edit]) -> str:
        """Return the condition with some expressions replaced."""
        text = self.where.encode()
        for node, replacement in sorted(edits, key=lambda edit: _span(edit.node), reverse=True):
            begin, end = _span(node)
            text = text[:begin] + replacement.encode() + text[end:]
        return text.decode(errors="replace")


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
    return column if _PLAIN_NAME.fullmatch(column) else quote_name(column)


def needs_quotes(column: str) -> bool:
    """Return whether the name of a column must be in double quotes."""
    return _PLAIN_NAME.fullmatch(column) is None


def replace_unquoted(where: str, pattern: str, replacement: str | Callable[[str], str]) -> str:
    """Return a condition with a pattern replaced outside of quotes, ignoring case."""

    def replaced(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        return replacement(match[1]) if callable(replacement) else replacement

    return re.sub(f"{_QUOTED}|({pattern})", replaced, where, flags=re.IGNORECASE)


def _span(node: Node) -> tuple[int, int]:
    """Return the first and last position of an expression in the condition, in bytes."""
    begin = int(node["query_location"]) - len(BEFORE)
    return begin, begin + int(node["query_location_length"])
