"""Messages and progress on stderr, and checks of the files that commands read and write."""

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from item2vec.errors import ParameterError
from item2vec.types import Progress

if TYPE_CHECKING:
    from item2vec.data.catalogue import Catalogue
    from item2vec.reading.catalogue import CatalogueColumns


def say(lines: Iterable[str] | str) -> None:
    """Print messages on stderr, so that stdout contains only the result."""
    for line in [lines] if isinstance(lines, str) else lines:
        click.echo(line, err=True)


@contextlib.contextmanager
def progress_bar(description: str) -> Iterator[Progress]:
    """Yield a progress callback; on a terminal, the progress is drawn as a bar."""
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
    """Raise ParameterError if an output is one of the inputs, or two outputs are one file."""
    from item2vec.reading.paths import find_files

    read = find_files(list(inputs))  # inputs may be globs
    written: list[Path] = []
    for output in outputs:
        if any(_are_one(output, path) for path in read):
            raise ParameterError(
                f"{output} is an input, and would be overwritten: name another output"
            )
        for other in written:
            if _are_one(output, other):
                names = f"{other} and {output} are" if str(output) != str(other) else f"{other} is"
                raise ParameterError(f"{names} one file for two outputs: name two files")
        written.append(output)


def _are_one(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, also through links and before it exists."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return one.samefile(other)
    except OSError:  # one of them is yet to be written
        return False


def read_items(path: str, item_ids: Collection[str], columns: "CatalogueColumns") -> "Catalogue":
    """Read a table of items, and print how it was read and how many of these items it describes.

    Raises
    ------
    DataError
        If it describes none of them.
    """
    from item2vec.experiments.item_tables import matching_catalogue

    catalogue, remarks = matching_catalogue(path, item_ids, columns)
    say(remarks)
    return catalogue
