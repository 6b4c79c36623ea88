"""The options that describe how a table of items is read."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.option_values import options_as
from item2vec.errors import ParameterError

if TYPE_CHECKING:
    from item2vec.reading.catalogue import CatalogueFormat

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class CatalogueOptions:
    """The options that describe how a table of items is read.

    Parameters
    ----------
    items_id, items_title, items_genres : str or None
        The columns of ids, titles and genres; None to find them by their names.
    items_encoding : str or None
        The encoding of text files.
    given : frozenset of str
        Names of the options that were given.
    """

    items_id: str | None
    items_title: str | None
    items_genres: str | None
    items_encoding: str | None
    given: frozenset[str]

    def names(self) -> dict[str, str | None]:
        """Return the options by name: arguments of `item2vec.train`."""
        return {name: getattr(self, name) for name in NAMES}

    def form(self, *, as_in: str | None = None) -> "CatalogueFormat":
        """Return the options as the reader takes them.

        Parameters
        ----------
        as_in : str or None
            The column of items in the interactions.
        """
        from item2vec.reading.catalogue import CatalogueFormat

        return CatalogueFormat(
            self.items_id, self.items_title, self.items_genres, self.items_encoding, as_in
        )

    def check_needed(self, items: str | None) -> None:
        """Raise ParameterError if options describe a table of items, and none is given."""
        if self.given and not items:
            option = "--" + min(self.given).replace("_", "-")
            raise ParameterError(f"{option} describes --items FILE: give that too")


NAMES = tuple(field.name for field in fields(CatalogueOptions) if field.name != "given")
CATALOGUE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--items-id",
        metavar="COLUMN",
        help="Column of ids in the table of items. If not given: the column named like the item "
        "column of the interactions, else one with a well-known name.",
    ),
    click.option(
        "--items-title",
        metavar="COLUMN",
        help="Column of titles in the table of items; found by its name if not given.",
    ),
    click.option(
        "--items-genres",
        metavar="COLUMN",
        help="Column of genres in the table of items; found by its name if not given.",
    ),
    click.option(
        "--items-encoding",
        metavar="NAME",
        help="Text encoding of the table of items, e.g. cp1252. If not given, UTF-8, or "
        "Windows-1252 where the file is not valid UTF-8.",
    ),
)


def catalogue_options(command: F) -> F:
    """Add the options that describe a table of items; the command receives `catalogue`."""
    return options_as("catalogue", CatalogueOptions, CATALOGUE_OPTIONS)(command)
