"""Tables that describe the items of interactions."""

import os
from collections.abc import Collection

from item2vec._support.messages import shown
from item2vec.data.catalogue import Catalogue
from item2vec.errors import DataError
from item2vec.reading.paths import Source


def matching_catalogue(
    items: Catalogue | Source, item_ids: Collection[str]
) -> tuple[Catalogue, tuple[str, ...]]:
    """Read a table of items, and check that it describes some of these items.

    Parameters
    ----------
    items : Catalogue, or anything that `read_catalogue` reads
    item_ids : collection of str
        The ids of the items that should be in it.

    Returns
    -------
    catalogue : Catalogue
    remarks : tuple of str
        How its columns were found, and how many of the items it describes.

    Raises
    ------
    DataError
        If it describes none of the items, or can't be read.
    """
    from item2vec.reading.catalogue import read_catalogue

    is_read = isinstance(items, Catalogue)
    catalogue = items if isinstance(items, Catalogue) else read_catalogue(items)
    is_named = isinstance(items, str | os.PathLike)
    name = str(items) if is_named else "the table of the items"
    n_described = sum(item_id in catalogue for item_id in item_ids)
    if n_described == 0:
        theirs = f": its ids are like {shown(catalogue.ids[0])}" if len(catalogue) else ""
        raise DataError(
            f"{name} contains none of the {len(item_ids):,} items that were read{theirs}, "
            f"theirs like {shown(next(iter(item_ids), ''))}; take the table that goes with them"
        )
    subject = name if is_named else name.capitalize()
    described = f"{subject} describes {n_described:,} of the {len(item_ids):,} items."
    return catalogue, (*(() if is_read else catalogue.notes), described)
