"""The argument INTERACTIONS... and the options that describe how interactions are read."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.console import progress_bar, say
from item2vec.cli.errors import remember_loss
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
            remember_loss(interactions.report.main_loss())
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
        help="Column of user ids; found by its name if not given. 'none': there are no users; "
        "each sequence is a history of its own.",
    ),
    click.option(
        "--item", metavar="COLUMN", help="Column of item ids; found by its name if not given."
    ),
    click.option(
        "--time",
        metavar="COLUMN",
        help="Column of times; found by its name if not given. 'none': each user's rows are "
        "already in chronological order.",
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
        help='Keep only the rows that satisfy this SQL condition, e.g. "Quantity > 0".',
    ),
    click.option(
        "--time-format",
        metavar="FORMAT",
        help="The strptime format of the times, e.g. '%d/%m/%Y %H:%M'; detected if not given.",
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
        help="Text encoding: any name that Python knows, e.g. cp1252 for files saved by Excel on "
        "Windows.",
    ),
    click.option(
        "--layout",
        type=click.Choice(["auto", "rows", "sequences"]),
        default="auto",
        show_default=True,
        help="Whether a record is one interaction (rows), or an optional user with any number of "
        "items, in a list or on a line (sequences).",
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
