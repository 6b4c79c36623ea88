"""Filters of the items that a look-up may return, resolved to rows of a model.

Filters are applied before the best items are selected, so `k` items are returned whenever at least
`k` items pass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from item2vec._support.messages import counted, setting, shown
from item2vec.errors import ParameterError, UnknownItemError
from item2vec.models.lookup.named_items import NamedItems
from item2vec.types import Rows

Unknown = Literal["skip", "error"]


@dataclass(frozen=True)
class Found:
    """The rows of named items, each once, and the names that the model lacks."""

    rows: tuple[int, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Allowed:
    """The items that pass all filters.

    Parameters
    ----------
    rows : array of int32, or None
        Their rows in ascending order; None if there is no filter.
    n_unknown : int
        Number of names in filters that the model lacks.
    """

    rows: Rows | None = None
    n_unknown: int = 0


def allowed_items(
    items: NamedItems,
    *,
    only: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    items_where: str | None = None,
    title_only: bool = False,
    unknown: Unknown = "error",
) -> Allowed:
    """Return the items that pass all filters.

    Parameters
    ----------
    items : NamedItems
        The model.
    only, exclude : sequence of str, optional
        Ids or titles of the only items that may be returned, and of items that must not.
    items_where : str, optional
        An SQL predicate over the catalogue of the model, such as ``"genres like '%Comedy%'"``; the
        id is the column ``item``.
    title_only : bool
        Treat names as titles even if they are also ids.
    unknown : {"error", "skip"}
        Whether an unknown name is an error, or skipped and counted.

    Raises
    ------
    UnknownItemError
        If a name is unknown and `unknown` is "error".
    ParameterError
        If a filter is malformed, or no item passes all of them.
    """
    check_unknown(unknown)
    named = {
        name: None if names is None else find_items(items, names, name, title_only, unknown)
        for name, names in (("only", only), ("exclude", exclude))
    }
    return combine(items, named["only"], named["exclude"], items_where)


def combine(
    items: NamedItems, only: Found | None, exclude: Found | None, items_where: str | None
) -> Allowed:
    """Return the items that are in `only`, not in `exclude`, and match `items_where`.

    Raises
    ------
    ParameterError
        If no item passes.
    """
    if only is None and exclude is None and items_where is None:
        return Allowed()
    mask = np.ones(len(items), dtype=bool)  # (n_items,)
    if only is not None:
        mask[:] = False
        mask[list(only.rows)] = True
    if exclude is not None:
        mask[list(exclude.rows)] = False
    if items_where is not None:
        from item2vec.reading.conditions.catalogue_where import matching_items

        mask &= matching_items(items.catalogue, items_where)
    n_unknown = sum(len(found.unknown) for found in (only, exclude) if found is not None)
    if not mask.any():
        raise ParameterError(_no_item_left(items, only, exclude, items_where, n_unknown))
    return Allowed(np.flatnonzero(mask).astype(np.int32), n_unknown)


def find_items(
    items: NamedItems,
    names: Iterable[str],
    argument: str,
    title_only: bool = False,
    unknown: Unknown = "error",
) -> Found:
    """Return the rows of named items.

    Parameters
    ----------
    items : NamedItems
        The model.
    names : iterable of str
        Ids or titles.
    argument : str
        Name of the argument with the names, for messages.
    title_only, unknown
        As in `allowed_items`.

    Raises
    ------
    UnknownItemError
        If a name is unknown and `unknown` is "error".
    ParameterError
        If `names` is not a list, or several items have the same title.
    """
    check_unknown(unknown)
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise ParameterError(
            f"{setting(argument)} takes a list of items: write [{shown(str(names))}], not "
            f"{shown(names)}"
        )
    rows: dict[int, None] = {}
    missing: dict[str, None] = {}
    for name in names:
        if not isinstance(name, str):
            raise UnknownItemError(
                f"item ids are strings: write {shown(str(name))}, not {shown(name)}"
            )
        known = items.catalogue.matches(name, title_only=title_only)
        if known or unknown == "error":  # `find` raises if the name is unknown
            row = items.find(name, title_only=title_only)
            rows.pop(row, None)  # a repeated item moves to the end
            rows[row] = None
        else:
            missing[str(name)] = None
    return Found(tuple(rows), tuple(missing))


def known_items(items: NamedItems, names: Sequence[str], title_only: bool) -> Found:
    """Return the rows of the named items of a history, and the names that the model lacks.

    Raises
    ------
    UnknownItemError
        If the model has none of the items.
    """
    found = find_items(items, names, "history", title_only, "skip")
    if found.unknown and not found.rows:
        listed = ", ".join(map(shown, found.unknown[:3]))
        raise UnknownItemError(
            f"the model has none of the {counted(len(found.unknown), 'item')} named ({listed}"
            f"{', ...' if len(found.unknown) > 3 else ''}): name one that it has"
        )
    return found


def check_unknown(unknown: str) -> None:
    """Raise ParameterError unless `unknown` is "skip" or "error"."""
    if unknown not in get_args(Unknown):
        raise ParameterError(
            f"{setting('unknown')} must be 'skip' or 'error', not {shown(unknown)}"
        )


def unknown_items(names: Sequence[str], why: str) -> UnknownItemError:
    """Return the error for items that the model lacks; its message begins with `why`."""
    first = ", ".join(shown(name) for name in names[:3])
    more = ", ..." if len(names) > 3 else ""
    return UnknownItemError(
        f"{why} {counted(len(names), 'item')} that the model lacks: {first}{more}; "
        f"{setting('unknown', 'skip')} skips and counts them"
    )


def _no_item_left(
    items: NamedItems,
    only: Found | None,
    exclude: Found | None,
    items_where: str | None,
    n_unknown: int,
) -> str:
    """Return the message for filters that no item passes."""
    parts = []
    if only is not None:
        parts.append(f"{setting('only')} names {counted(len(only.rows), 'item')} of the model")
    if exclude is not None:
        parts.append(f"{setting('exclude')} removes {counted(len(exclude.rows), 'item')}")
    if items_where is not None:
        parts.append(f"{setting('items_where')} is {shown(items_where)}")
    if n_unknown:
        parts.append(f"the model lacks {counted(n_unknown, 'id')}")
    return (
        f"the filters leave none of {counted(len(items), 'item')} ({'; '.join(parts)}): "
        "relax or remove one of them"
    )
