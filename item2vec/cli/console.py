"""Helpers of all commands: messages and progress on stderr, and reading with a report."""

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from item2vec._support.messages import counted
from item2vec._support.progress import Progress
from item2vec.errors import DataError, ParameterError

if TYPE_CHECKING:
    from item2vec.data.catalogue import Catalogue
    from item2vec.data.interactions import Interactions


def say(lines: Iterable[str] | str) -> None:
    """Tell a person what is going on."""
    for line in [lines] if isinstance(lines, str) else lines:
        click.echo(line, err=True)


@contextlib.contextmanager
def progress_bar(description: str) -> Iterator[Progress]:
    """Give what long work reports to; on a terminal it is drawn as a bar."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    ]
    console = Console(stderr=True)
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(description, total=None)

        def report(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield report


def refuse_to_overwrite(outputs: Iterable[Path], inputs: Iterable[str]) -> None:
    """Raise ParameterError where an output is a file to be read, or two outputs are one file."""
    from item2vec.reading.paths import find_files

    read = find_files(list(inputs))  # what a glob matches, too
    written: list[Path] = []
    for output in outputs:
        if any(_are_one(output, path) for path in read):
            raise ParameterError(f"{output} is read, and would be overwritten: name another file")
        for other in written:
            if _are_one(output, other):
                names = f"{other} and {output} are" if str(output) != str(other) else f"{other} is"
                raise ParameterError(
                    f"{names} one file for two outputs, and one would replace the other: "
                    "name two files"
                )
        written.append(output)


def _are_one(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, also through links and before it exists."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return one.samefile(other)
    except OSError:  # one of them is yet to be written
        return False


def read_items(path: str, item_ids: Collection[str]) -> "Catalogue":
    """Read a catalogue and say what was read, and how many of these items it knows.

    Raises
    ------
    DataError
        If it knows none of them.
    """
    from item2vec.reading.catalogue import read_catalogue

    catalogue = read_catalogue(path)
    say(catalogue.notes)
    n_known = sum(item_id in catalogue for item_id in item_ids)
    if n_known == 0:
        raise DataError(
            f"{path} holds none of the {len(item_ids):,} items that were read: its ids are like "
            f"{catalogue.ids[0]!r}, theirs like {next(iter(item_ids))!r}; name the table that goes "
            "with them"
        )
    say(f"{path} knows {n_known:,} of {counted(len(item_ids), 'item')}.")
    return catalogue


def read(sources: tuple[str, ...], reading: dict[str, Any]) -> "Interactions":
    """Read interactions and say what was read."""
    from item2vec.reading.interactions import read_interactions

    with progress_bar("reading") as progress:
        interactions = read_interactions(list(sources), **reading, progress=progress)
    if interactions.report:
        say(interactions.report.lines())
    return interactions
