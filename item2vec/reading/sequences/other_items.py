"""Notes on columns that hold further items, beside the column that is read."""

from item2vec._support.messages import setting, shown
from item2vec.reading.columns import (
    INTERACTION_NAMES,
    Roles,
    describes_items,
    is_list_name,
    plain_name,
)
from item2vec.reading.internal_columns import RECORD
from item2vec.reading.options import ReadOptions
from item2vec.reading.sequences.list_columns import columns_with_lists, is_of_sequences
from item2vec.reading.tables import Tables

# Names of columns that hold the item which follows a list.
_TARGETS = {"target", "targetid", "targetitem", "targetitemid", "nextitem", "nextitemid", "positem"}


def other_items(tables: Tables, roles: Roles, options: ReadOptions) -> list[str]:
    """Return a note if another column has items: a list, or the item that follows a list.

    Benchmarks of sequential recommenders have records of a history and its next item.

    Parameters
    ----------
    tables : Tables
        The tables with one row for each record.
    roles : Roles
    options : ReadOptions
    """
    if options.layout == "rows" or is_of_sequences(tables.first):
        return []
    item = roles.columns["item"]
    used = {*roles.columns.values(), RECORD}
    free = [name for name in tables.first.columns if name not in used]
    lists = columns_with_lists(tables, [name for name in (item, *free) if _may_hold(name, item)])
    others = [name for name in lists if name != item]
    if item not in lists:
        return [
            f"column {shown(name)} holds lists of items, which are not read: "
            f"{setting('item', name)} reads these instead of {item}"
            for name in others[:1]
        ]
    targets = [name for name in free if name not in lists and _is_target(name)]
    return [
        f"column {shown(name)} holds an item beside each list of {item}, which is not read: append "
        "it to the list if it belongs to the same history"
        for name in targets[:1]
    ]


def _may_hold(name: str, item: str) -> bool:
    return name == item or is_list_name(name)


def _is_target(name: str) -> bool:
    plain = plain_name(name)
    is_item = plain in INTERACTION_NAMES["item"] and not describes_items(name)
    return plain in _TARGETS or is_item
