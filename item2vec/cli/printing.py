"""Results on stdout: tables for readers; CSV, TSV and JSON for programs.

On a terminal, tables are drawn with lines. Elsewhere they are plain aligned text. A table that is
too wide is split by columns into several that share the first column, so that nothing is cut off.
"""

import codecs
import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

import click
from click.core import ParameterSource

from item2vec.errors import ParameterError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Column, Table

F = TypeVar("F", bound=Callable[..., Any])

OutputFormat = Literal["table", "csv", "tsv", "json"]

# Replacements for characters that the encoding of a stream lacks; any other becomes "?".
ASCII_WORDS = {
    "…": "to", "→": "->", "≤": "<=", "≥": ">=", "×": "x", "·": "*", "–": "-", "—": "-",  # noqa: RUF001
    "✓": "yes", "✗": "no", "½": "1/2", "“": '"', "”": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ",
}  # fmt: skip
ASCII_ERRORS = "item2vec-ascii"

LEAST_FOLDED = 12  # columns of text are not folded to fewer characters
UNLIMITED = 10_000  # width of an output that is not a terminal, unless COLUMNS is set

_ASKED_FOR_JSON = "item2vec.json"


def output_format_option(command: F) -> F:
    """Add --output-format, which the command receives as `output_format`, and its alias --json."""

    def note_json(ctx: click.Context, option: click.Parameter, is_set: bool) -> None:
        ctx.meta[_ASKED_FOR_JSON] = ctx.get_parameter_source(option.name or "") if is_set else None

    def resolve(ctx: click.Context, option: click.Parameter, value: str | None) -> str:
        asked_for_json = ctx.meta.get(_ASKED_FOR_JSON)
        if asked_for_json and value not in (None, "json"):
            if asked_for_json == ctx.get_parameter_source(option.name or ""):
                raise ParameterError(
                    f"--json and --output-format {value} are mutually exclusive: choose one"
                )
            if asked_for_json is ParameterSource.COMMANDLINE:  # the other is from --config
                return "json"
        return value or ("json" if asked_for_json else "table")

    command = click.option(
        "--json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=note_json,
        help="Same as --output-format json.",
    )(command)
    return click.option(
        "--output-format",
        type=click.Choice(get_args(OutputFormat)),
        callback=resolve,
        help="How to print the result.  [default: table]",
    )(command)


def print_json(value: Any) -> None:
    """Print a value as JSON; in ASCII where stdout has no Unicode encoding."""
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    click.echo(json.dumps(value, indent=2, ensure_ascii=not unicode))


def print_records(records: Sequence[Mapping[str, Any]], output_format: OutputFormat) -> None:
    """Print records, which all have the same keys, as CSV, TSV or JSON."""
    if output_format == "json":
        print_json(list(records))
        return
    if not records:
        return
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter="\t" if output_format == "tsv" else ",", lineterminator="\n"
    )
    writer.writerow(records[0])
    writer.writerows(record.values() for record in records)
    click.echo(text.getvalue(), nl=False)


def print_table(table: "Table") -> None:
    """Print a table, in as many parts as the width of stdout requires."""
    from rich.console import Console

    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    width = None if is_terminal or "COLUMNS" in os.environ else UNLIMITED
    console = Console(width=width)
    table = _map_cells(table, _writable)
    title, table.title = table.title, None  # rich would fold it to the width of the table
    if is_terminal:
        if title:
            console.print(title, style=table.title_style)
        for part in _parts(table, console):
            console.print(part)
        return
    table.box, table.padding = None, (0, 1, 0, 0)
    plain = Console(file=io.StringIO(), width=console.width, color_system=None)
    with plain.capture() as capture:
        if title:
            plain.print(title)
        for part in _parts(table, plain):
            plain.print(part)
            plain.print()
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _parts(table: "Table", console: "Console") -> Iterator["Table"]:
    """Split a table by columns into tables that fit the console, with the same first column."""
    for column in table.columns:
        natural = _natural_width(column)
        least = natural if column.no_wrap else min(natural, LEAST_FOLDED)
        column.min_width = max(column.min_width or 0, least)
    first, *others = table.columns
    while others:
        n = len(others)
        while n > 1 and _least_width(_of_columns(table, [first, *others[:n]]), console) > (
            console.width
        ):
            n -= 1
        yield _of_columns(table, [first, *others[:n]])
        others = others[n:]


def _least_width(table: "Table", console: "Console") -> int:
    """Return the smallest width at which nothing of a table is cut off."""
    return console.measure(table, options=console.options.update(width=UNLIMITED)).minimum


def _natural_width(column: "Column") -> int:
    from rich.cells import cell_len

    texts = [str(cell) for cell in (column.header, *column.cells)]
    return max(cell_len(line) for text in texts for line in text.split("\n"))


def _of_columns(table: "Table", columns: Sequence["Column"]) -> "Table":
    """Return a table with some of the columns of another one."""
    from rich.table import Table

    part = Table(
        title_style=table.title_style,
        box=table.box,
        pad_edge=table.pad_edge,
        padding=table.padding,
    )
    part.columns = [replace(column.copy(), _index=place) for place, column in enumerate(columns)]
    for row in zip(*(column.cells for column in columns), strict=True):
        part.add_row(*row)
    return part


def _map_cells(table: "Table", change: Callable[[str], str]) -> "Table":
    """Return a table with every text changed."""
    from rich.text import Text

    def changed(cell: "RenderableType") -> "RenderableType":
        text = change(str(cell))
        return Text(text) if isinstance(cell, Text) else text

    mapped = _of_columns(table, [])
    mapped.title = Text(change(str(table.title))) if table.title else None
    mapped.columns = [
        replace(
            column.copy(),
            header=changed(column.header),
            overflow="fold",
        )
        for column in table.columns
    ]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        mapped.add_row(*map(changed, row))
    return mapped


def _writable(text: str) -> str:
    """Return a text with replacements for the characters that stdout can't encode."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, errors=ASCII_ERRORS).decode(encoding)
    return text


def _ascii_words(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that can't be encoded; see `codecs.register_error`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(ASCII_WORDS.get(sign, "?") for sign in signs), error.end


codecs.register_error(ASCII_ERRORS, _ascii_words)
