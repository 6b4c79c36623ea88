"""The argument INTERACTIONS... and the options that describe how interactions are read."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.console import progress_bar, say
from item2vec.cli.file_types import READ
from item2vec.cli.option_values import options_as

if TYPE_CHECKING:
    from item2vec.data.interactions import Interactions
    from item2vec.reading.options import Anonymous, Encoding, Layout

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """The options that describe how interactions are read: parameters of `read_interactions`."""

    user: str | None
    item: str | None
    time: str | None
    rating: str | None
    min_rating: float | None
    where: str | None
    time_format: str | None
    delimiter: str | None
    encoding: "Encoding"
    anonymous: "Anonymous"
    layout: "Layout"
    given: frozenset[str]

    def read(self, sources: tuple[str, ...], *, keep_times: bool = False) -> "Interactions":
        """Read interactions and print what was read."""
        from item2vec.reading.interactions import read_interactions

        settings = {name: getattr(self, name) for name in READING}
        with progress_bar("reading") as progress:
            interactions = read_interactions(
                list(sources), **settings, keep_times=keep_times, progress=progress
            )
        if interactions.report:
            say(interactions.report.lines())
        return interactions


READING = tuple(field.name for field in fields(ReadingOptions) if field.name != "given")


def interactions_arguments(command: F) -> F:
    """Add the argument INTERACTIONS... and the options of `reading_options`."""
    argument = click.argument(
        "interactions", nargs=-1, required=True, type=READ, metavar="INTERACTIONS..."
    )
    return argument(reading_options(command))


def reading_options(command: F) -> F:
    """Add the options that describe how to read interactions; the command receives `reading`."""
    return options_as("reading", ReadingOptions, _OPTIONS)(command)


_OPTIONS: list[Callable[[Any], Any]] = [
    click.option(
        "--user",
        metavar="COLUMN",
        help="Column of user ids; found by its name if not given. 'none' declares that each "
        "sequence is the history of another user.",
    ),
    click.option(
        "--item", metavar="COLUMN", help="Column of item ids; found by its name if not given."
    ),
    click.option(
        "--time",
        metavar="COLUMN",
        help="Column of times; found by its name if not given. 'none' declares that the rows are "
        "in time order.",
    ),
    click.option(
        "--rating",
        metavar="COLUMN",
        help="Column of ratings, for --min-rating; found by its name if not given.",
    ),
    click.option("--min-rating", type=float, metavar="X", help="Drop ratings below this value."),
    click.option(
        "--where",
        metavar="SQL",
        help='Keep only the rows that match this SQL condition, e.g. "Quantity > 0".',
    ),
    click.option(
        "--time-format",
        metavar="FORMAT",
        help="Timestamp format, e.g. '%d/%m/%Y %H:%M'; detected if not given.",
    ),
    click.option(
        "--delimiter",
        metavar="TEXT",
        help="Column separator of text files; detected if not given.",
    ),
    click.option(
        "--encoding",
        metavar="NAME",
        default="utf-8",
        show_default=True,
        help="Text encoding, by any name that Python knows, e.g. cp1252 for files that Excel on "
        "Windows saves.",
    ),
    click.option(
        "--layout",
        type=click.Choice(["auto", "rows", "sequences"]),
        default="auto",
        show_default=True,
        help="Whether a record is one interaction, or a sequence of an optional user and any "
        "number of items, in a list or in the fields of a line.",
    ),
    click.option(
        "--anonymous",
        type=click.Choice(["error", "drop", "keep"]),
        default="error",
        show_default=True,
        help="What to do with a placeholder user id, such as NA, that represents many visitors: "
        "report an error, drop its rows, or keep them as one user.",
    ),
]
