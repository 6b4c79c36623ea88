"""Options and arguments of the commands that look things up in a model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.file_types import READ, STDOUT, TABLE
from item2vec.cli.option_values import options_as
from item2vec.errors import ParameterError

if TYPE_CHECKING:
    from item2vec.cli.reading_options import ReadingOptions
    from item2vec.models.lookup.item_filter import Unknown

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class ItemOptions:
    """The options for items that are named on the command line.

    Parameters
    ----------
    title_only : bool
        Whether every name is a title, never an id.
    unknown : {"skip", "error"} or None
        Treatment of items that the model lacks; None for the default of the command.
    """

    title_only: bool
    unknown: "Unknown | None"


@dataclass(frozen=True, kw_only=True)
class FilterOptions:
    """The options that restrict which items are returned.

    Parameters
    ----------
    only, exclude : tuple of str
        Ids or titles.
    only_from, exclude_from : str or None
        Files of item ids.
    items_where : str or None
        SQL condition on the columns of the model's catalogue.
    """

    only: tuple[str, ...]
    only_from: str | None
    exclude: tuple[str, ...]
    exclude_from: str | None
    items_where: str | None

    @property
    def files(self) -> tuple[str, ...]:
        """The files from which items are read."""
        return tuple(filter(None, (self.only_from, self.exclude_from)))


model_argument = click.argument("model", type=READ, metavar="MODEL")
items_argument = click.argument("items", nargs=-1, metavar="[ITEM]...")
k_option = click.option(
    "-k",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Number of items to return for each query.",
)
histories_option = click.option(
    "--histories",
    multiple=True,
    type=READ,
    metavar="FILE",
    help="Interactions of many users, read as `train` reads them (repeatable; may be a glob "
    "pattern).",
)
output_option = click.option(
    "-o",
    "--output",
    type=TABLE,
    metavar="OUT",
    help="Table to write, in the format given by its extension: .csv, .tsv, .jsonl, .ndjson (each "
    "also .gz) or .parquet; '-' prints it.",
)


def unknown_option(text: str) -> Callable[[F], F]:
    """Add --unknown, with a help text that states the default of the command."""
    return click.option("--unknown", type=click.Choice(["skip", "error"]), help=text)


def item_options(unknown: str) -> Callable[[F], F]:
    """Add --unknown and --title; the command receives `naming`.

    Parameters
    ----------
    unknown : str
        Help text of --unknown.
    """
    title = click.option(
        "--title", "title_only", is_flag=True, help="Treat every ITEM as a title, never as an id."
    )
    return options_as("naming", ItemOptions, [unknown_option(unknown), title])


def filter_options(command: F) -> F:
    """Add the options that restrict the items returned; the command receives `filters`."""
    return options_as("filters", FilterOptions, _FILTERS)(command)


_FILTERS: list[Callable[[Any], Any]] = [
    click.option(
        "--only", multiple=True, metavar="ITEM", help="Return only this item (repeatable)."
    ),
    click.option(
        "--only-from",
        type=READ,
        metavar="FILE",
        help="Return only the items in FILE: one id per line, or a table with item ids.",
    ),
    click.option(
        "--exclude", multiple=True, metavar="ITEM", help="Never return this item (repeatable)."
    ),
    click.option(
        "--exclude-from", type=READ, metavar="FILE", help="Never return the items in FILE."
    ),
    click.option(
        "--items-where",
        metavar="SQL",
        help="Return only items whose catalogue columns satisfy this condition, e.g. "
        "\"genres like '%Comedy%'\".",
    ),
]


def check_one_or_many(items: tuple[str, ...], many: str, is_many: bool, output: str | None) -> None:
    """Raise ParameterError unless there are either named items or many queries.

    Parameters
    ----------
    items : tuple of str
        Items that are named on the command line.
    many : str
        The option for many queries.
    is_many : bool
        Whether it is given.
    output : str or None
        The file to write, which only many queries have.
    """
    if items and is_many:
        raise ParameterError(f"name ITEMs or give {many}, not both")
    if not items and not is_many:
        raise ParameterError(f"name at least one ITEM, or give {many}")
    if output not in {None, STDOUT} and not is_many:
        raise ParameterError(f"-o goes with {many}: leave it out, a single result is printed")


def check_reading(histories: tuple[str, ...], reading: "ReadingOptions") -> None:
    """Raise ParameterError if options describe how to read histories, and none are given."""
    if reading.given and not histories:
        option = "--" + min(reading.given).replace("_", "-")
        raise ParameterError(f"{option} describes --histories FILE: give that too")
