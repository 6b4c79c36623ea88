"""Messages and progress on stderr, and checks of the files that commands read and write."""

import contextlib
import datetime
import logging
import os
import sys
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from item2vec.cli.verbosity import LOG
from item2vec.errors import ParameterError
from item2vec.types import Progress

if TYPE_CHECKING:
    from item2vec.data.catalogue import Catalogue
    from item2vec.reading.catalogue import CatalogueFormat


SECONDS = 30.0  # between two lines of progress


def say(lines: Iterable[str] | str) -> None:
    """Print messages on stderr, so that stdout contains only the result; with -q, print nothing."""
    for message in [lines] if isinstance(lines, str) else lines:
        for line in message.splitlines() or [""]:
            LOG.info("%s", line)


@contextlib.contextmanager
def progress_bar(description: str) -> Iterator[Progress]:
    """Yield a progress callback for a stage of the work.

    On a terminal, the progress is drawn as a bar; elsewhere a line is printed every half a minute.
    With -q, nothing is printed.
    """
    begun = time.monotonic()
    if not LOG.isEnabledFor(logging.INFO):
        shown: AbstractContextManager[Progress] = contextlib.nullcontext(_nothing)
    else:
        shown = _bar(description) if sys.stderr and sys.stderr.isatty() else _lines(description)
    with shown as progress:
        yield progress
    LOG.debug("%s: %.1f s", description, time.monotonic() - begun)


def _nothing(done: int, total: int) -> None:
    """Show no progress."""


@contextlib.contextmanager
def _lines(description: str) -> Iterator[Progress]:
    """Print a line of progress at intervals, also while no progress is reported."""
    begun = time.monotonic()
    share = ""
    is_over = threading.Event()

    def report(done: int, total: int) -> None:
        nonlocal share
        share = f" {done / total:.0%}," if total else ""

    def print_lines() -> None:
        while not is_over.wait(SECONDS):
            elapsed = datetime.timedelta(seconds=round(time.monotonic() - begun))
            say(f"{description}:{share} {elapsed} elapsed")

    threading.Thread(target=print_lines, daemon=True).start()
    try:
        yield report
    finally:
        is_over.set()


@contextlib.contextmanager
def _bar(description: str) -> Iterator[Progress]:
    """Draw the progress as a bar that is removed at the end."""
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
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task(description, total=None)

        def report(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield report


def refuse_to_overwrite(outputs: Iterable[Path], inputs: Iterable[str]) -> None:
    """Raise ParameterError if an output is one of the inputs, or two outputs are one file."""
    from item2vec.reading.files.paths import find_files

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


def read_items(path: str, item_ids: Collection[str], form: "CatalogueFormat") -> "Catalogue":
    """Read a table of items, and print how it was read and how many of these items it describes.

    Raises
    ------
    DataError
        If it describes none of them.
    """
    from item2vec.experiments.item_tables import matching_catalogue

    catalogue, remarks = matching_catalogue(path, item_ids, form)
    say(remarks)
    return catalogue
