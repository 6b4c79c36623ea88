"""Genre overlap: a metric of vectors by the genres of each item's nearest neighbors."""

from collections.abc import Iterator
from typing import Self

import numpy as np
import numpy.typing as npt

from item2vec.data.catalogue import Catalogue
from item2vec.types import Mask, Positions, Rows, Values

GENRE_OVERLAP = "genre_overlap@10"


class GenreOverlap:
    """The overlap of the genres of items with those of their ten nearest neighbors.

    The overlap of two items is the number of genres that both have, over the number that either
    has (Jaccard). The overlap of an item is the mean over its ten neighbors. A neighbor without
    genres, or a missing one, has an overlap of 0. Items without genres are left out.

    Parameters
    ----------
    flags : array of shape (n, n_genres), bool
        The genres of each item of the catalogue.
    """

    metric = GENRE_OVERLAP

    def __init__(self, flags: Mask) -> None:
        self.flags = flags

    @classmethod
    def of(cls, catalogue: Catalogue | None) -> Self | None:
        """Return the metric for a catalogue; None if it has no genres."""
        genres = catalogue.genres() if catalogue else None
        if genres is None:
            return None
        names = {name: column for column, name in enumerate(sorted(set().union(*genres)))}
        flags = np.zeros((len(genres), len(names)), dtype=bool)
        for row, own in enumerate(genres):
            flags[row, [names[name] for name in own]] = True
        return cls(flags)

    def rows(self, places: Positions) -> Rows:
        """Return the rows of a model's items that have genres; see `RelatedItems.rows`."""
        return np.flatnonzero(self._own(places).any(axis=1)).astype(np.int32)

    def values(self, places: Positions, rows: Rows, near: Rows) -> Values:
        """Return the mean overlap of these rows with their neighbors, float64 (r,)."""
        return mean_jaccard(self._own(places), rows, near)

    def groups(self, judged: Positions) -> None:
        """Return None: intervals are over items, since genres are shared by too many items."""

    def remarks(self, n_items: int, n_values: int) -> Iterator[str]:
        """Yield nothing: every item with genres is judged."""
        yield from ()

    def _own(self, places: Positions) -> Mask:
        """Return the flags of a model's items, bool (n, n_genres)."""
        own = np.zeros((len(places), self.flags.shape[1]), dtype=bool)
        own[places >= 0] = self.flags[places[places >= 0]]
        return own


def mean_jaccard(flags: Mask, rows: npt.NDArray[np.int32], near: npt.NDArray[np.int32]) -> Values:
    """Return the mean overlap of the flags of `rows` with those of their neighbors.

    Parameters
    ----------
    flags : array of shape (n, g), bool
    rows : array of shape (r,), int32
    near : array of shape (r, k), int32
        -1 where a neighbor is missing.

    Examples
    --------
    >>> flags = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 0]], dtype=bool)
    >>> mean_jaccard(flags, np.array([0], np.int32), np.array([[1, 2]], np.int32)).round(3)
    array([0.667])
    """
    overlaps = np.zeros(near.shape)
    for rank, others in enumerate(near.T):
        both = np.count_nonzero(flags[rows] & flags[others], axis=1)
        either = np.count_nonzero(flags[rows] | flags[others], axis=1)
        overlaps[:, rank] = np.where(others >= 0, both / np.maximum(either, 1), 0.0)
    mean: Values = overlaps.mean(axis=1)
    return mean
