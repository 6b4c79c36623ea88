"""Columns of bulk results, with texts stored once and referred to by codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from item2vec.types import Rows

if TYPE_CHECKING:
    from item2vec.models.lookup.named_items import NamedItems


@dataclass(frozen=True, eq=False)
class Coded:
    """A dictionary-encoded column of texts.

    Parameters
    ----------
    codes : array of shape (n,), int
        For each row, the position of its text in `values`; -1 for no text.
    values : array of shape (n_values,), object
        The different texts.
    """

    codes: npt.NDArray[Any]
    values: npt.NDArray[np.object_]

    def texts(self) -> npt.NDArray[np.object_]:
        """Return the texts themselves, (n,) object, with None for no text."""
        texts: npt.NDArray[np.object_] = objects([*self.values, None])[self.codes]
        return texts


Column = Coded | npt.NDArray[Any]
Chunk = Mapping[str, Column]


class ItemColumns:
    """Columns of the ids and titles of items, given their rows.

    Parameters
    ----------
    items : NamedItems
    """

    def __init__(self, items: "NamedItems") -> None:
        self.ids = objects(items.vocabulary.ids)
        self._title_codes: Rows | None = None
        if (titles := items.catalogue.titles) is not None:
            places = {title: place for place, title in enumerate(dict.fromkeys(titles))}
            codes = [places[title] if title else -1 for title in titles]
            self._title_codes = np.array(codes, dtype=np.int32)
            self._titles = objects(list(places))

    def id(self, rows: Rows) -> Coded:
        """Return the ids of the items in these rows."""
        return Coded(rows, self.ids)

    def title(self, rows: Rows) -> dict[str, Column]:
        """Return the column of titles by its name; none if the model has no titles."""
        if self._title_codes is None:
            return {}
        return {"title": Coded(self._title_codes[rows], self._titles)}


def objects(values: Sequence[object]) -> npt.NDArray[np.object_]:
    """Return values as a flat array of objects, (n,), even if the values are lists."""
    result = np.empty(len(values), dtype=object)
    result[:] = list(values)
    return result
