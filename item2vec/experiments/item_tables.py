"""Tables that describe the items of interactions."""

import contextlib
import os
from collections.abc import Collection, Mapping
from dataclasses import replace

from item2vec._support.messages import counted, renamed, setting, shown
from item2vec.data.catalogue import Catalogue
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError, ParameterError
from item2vec.reading.catalogue import CatalogueFormat, load_catalogue
from item2vec.reading.files.paths import Source

# What the options of a catalogue are called where interactions have options, too.
ITEMS_SETTINGS: Mapping[str, str] = {
    "item": "items_id",
    "title": "items_title",
    "genres": "items_genres",
    "encoding": "items_encoding",
}


def item_column(interactions: Interactions) -> str | None:
    """Return the name of the column of items from which interactions were read, if there is one."""
    return interactions.report.columns.get("item") if interactions.report else None


def check_items(items: Catalogue | Source | None, form: CatalogueFormat) -> None:
    """Raise ParameterError if options of a table are given, and there is no table to read."""
    given = {
        name: getattr(form, name) for name in ITEMS_SETTINGS if getattr(form, name) is not None
    }
    if not given or not (items is None or isinstance(items, Catalogue)):
        return
    name, value = next(iter(given.items()))
    why = "there is none" if items is None else "a Catalogue is already read"
    raise ParameterError(
        f"{setting(ITEMS_SETTINGS[name], value)} describes a table of items, and {why}: name the "
        f"file of the table with {setting('items')}"
    )


def read_items(items: Catalogue | Source, form: CatalogueFormat) -> Catalogue:
    """Read a table of items; messages name its options as ``items_id`` and so on."""
    if isinstance(items, Catalogue):
        return items
    with renamed(ITEMS_SETTINGS):
        return load_catalogue(items, form)


def matching_catalogue(
    items: Catalogue | Source,
    item_ids: Collection[str],
    form: CatalogueFormat | None = None,
) -> tuple[Catalogue, tuple[str, ...]]:
    """Read a table of items, and check that it describes some of these items.

    Parameters
    ----------
    items : Catalogue, or anything that `read_catalogue` reads
    item_ids : collection of str
        The ids of the items that should be in it.
    form : CatalogueFormat, optional
        The names of its columns, and the encoding.

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
    form = replace(form or CatalogueFormat(), item_ids=item_ids)
    catalogue = read_items(items, form)
    n_described = _n_described(catalogue, item_ids)
    if n_described == 0 and form.as_in is not None and form.item is None:
        # The same name may stand for something else, such as names in "item" beside "item_id".
        with contextlib.suppress(DataError):
            other = read_items(items, replace(form, as_in=None))
            n_described = _n_described(other, item_ids)
            catalogue = other if n_described else catalogue
    is_named = isinstance(items, str | os.PathLike)
    name = str(items) if is_named else "the table of the items"
    if n_described == 0:
        theirs = f": its ids are like {shown(catalogue.ids[0])}" if len(catalogue) else ""
        remedy = "" if isinstance(items, Catalogue) else f", or name its ids: {setting('items_id')}"
        raise DataError(
            f"{name} contains none of the {counted(len(item_ids), 'item')} that were read{theirs}, "
            f"theirs like {shown(next(iter(item_ids), ''))}; take the table that goes with them"
            f"{remedy}"
        )
    subject = name if is_named else name.capitalize()
    described = f"{subject} describes {n_described:,} of the {counted(len(item_ids), 'item')}."
    return catalogue, (*(() if isinstance(items, Catalogue) else catalogue.notes), described)


def _n_described(catalogue: Catalogue, item_ids: Collection[str]) -> int:
    return sum(item_id in catalogue for item_id in item_ids)
