"""Items that are named on the command line or in files, found in a model."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from item2vec._support.messages import counted, shown
from item2vec.cli.console import say
from item2vec.cli.lookup_options import FilterOptions, ItemOptions
from item2vec.models.lookup import item_filter
from item2vec.models.lookup.item_filter import Found, combine, find_items
from item2vec.types import Rows

if TYPE_CHECKING:
    from item2vec.models.item_vectors import ItemVectors

MOST_LISTED = 3  # skipped items that a message names


def named_items(vectors: "ItemVectors", names: Iterable[str], naming: ItemOptions) -> list[str]:
    """Return the ids of items that were named, and print which ones are skipped as unknown.

    Raises
    ------
    UnknownItemError
        If an item is unknown and unknown ones are not to be skipped.
    """
    if naming.unknown != "skip":
        rows = find_items(vectors, names, "item", naming.title_only).rows
        return [vectors.vocabulary.ids[row] for row in rows]
    found = item_filter.known_items(vectors, tuple(names), naming.title_only)
    if found.unknown:
        listed = ", ".join(shown(name) for name in found.unknown[:MOST_LISTED])
        more = ", ..." if len(found.unknown) > MOST_LISTED else ""
        say(f"Skipped {counted(len(found.unknown), 'item')} that the model lacks: {listed}{more}.")
    return [vectors.vocabulary.ids[row] for row in found.rows]


def allowed_rows(
    vectors: "ItemVectors", filters: FilterOptions, naming: ItemOptions
) -> Rows | None:
    """Return the rows of the items that pass the filters, int32 in rising order; None for all.

    Ids in files that the model lacks are skipped, with a message.

    Raises
    ------
    UnknownItemError
        If an item that is named on the command line is unknown.
    ParameterError
        If no item is left.
    """
    title_only = naming.title_only
    only = _found(vectors, "only", filters.only, filters.only_from, title_only)
    exclude = _found(vectors, "exclude", filters.exclude, filters.exclude_from, title_only)
    return combine(vectors, only, exclude, filters.items_where).rows


def _found(
    vectors: "ItemVectors", option: str, names: tuple[str, ...], path: str | None, title_only: bool
) -> Found | None:
    """Return the items that an option names, and those in the file of its companion."""
    if not names and path is None:
        return None
    found = find_items(vectors, names, option, title_only)
    if path is None:
        return found
    from item2vec.reading.ids.item_ids import read_item_ids

    ids = read_item_ids(path)
    rows = [row for row in vectors.vocabulary.rows(ids).tolist() if row >= 0]
    missing = tuple(item_id for item_id in ids if item_id not in vectors.vocabulary)
    if missing:
        say(
            f"Skipped {counted(len(missing), 'id')} of {path} that the model lacks, such as "
            f"{shown(missing[0])}."
        )
    return Found((*found.rows, *rows), missing)
