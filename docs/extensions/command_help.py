r"""Formats the help of commands: examples as code, options in the groups of the help page.

Help texts are plain text, and sphinx-click reads them as reStructuredText. So characters that
would be markup are escaped; names in backticks stay.
"""

import re
from collections.abc import Iterator

import click
from sphinx.application import Sphinx

from item2vec.cli.help import GROUPS, OTHERS, group_of

OPTION = ".. option:: "
FIELDS = {"default": "Default", "options": "One of"}
FIELD = re.compile(r"\s*:(default|options): (.*)")
VERBATIM = "| "  # begins the lines that click leaves as they are


def escaped(line: str) -> str:
    """Return a line of plain text as reStructuredText."""
    return re.sub(r"([\\*|_])", r"\\\1", line)


def format_description(app: Sphinx, ctx: click.Context, lines: list[str]) -> None:
    """Escape the description of a command and show its examples as a code block."""
    lines[:] = list(_formatted(lines))


def _formatted(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith(VERBATIM):
            yield escaped(line)
        elif line.startswith(f"{VERBATIM} "):  # indented below "Example:"
            yield f"   {line.removeprefix(VERBATIM).strip()}"
        else:
            yield from (line.removeprefix(VERBATIM), "", ".. code-block:: console", "")


def group_options(app: Sphinx, ctx: click.Context, lines: list[str]) -> None:
    """Escape the options of a command and put a heading over each group of them."""
    starts = [place for place, line in enumerate(lines) if line.startswith(OPTION)]
    options = [option for option in ctx.command.params if isinstance(option, click.Option)]
    groups: dict[str, list[str]] = {name: [] for name in (*GROUPS, OTHERS)}
    ends = [*starts[1:], len(lines)]
    for option, start, end in zip(options, starts, ends, strict=True):
        group = groups[group_of(ctx.command.name or "", option)]
        group += [lines[start], *_formatted_help(lines[start + 1 : end])]
    lines[:] = []
    for name, group in groups.items():
        if group:
            lines += [f".. rubric:: {name}", "   :class: option-group", "", *group, ""]


def _formatted_help(lines: list[str]) -> Iterator[str]:
    """Escape the help of an option, and append default and choices, which are fields."""
    fields = []
    for line in lines:
        if found := FIELD.fullmatch(line):
            name, value = FIELDS[found[1]], found[2].replace("``", "").replace("'", "")
            fields.append(f"{name}: {escaped(value.replace(' | ', ', '))}.")
        else:
            yield escaped(line.replace("**Required** ", "Required. "))
    if fields:
        yield from (f"    {' '.join(reversed(fields))}", "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("sphinx-click-process-description", format_description)
    app.connect("sphinx-click-process-options", group_options)
    return {"parallel_read_safe": True}
