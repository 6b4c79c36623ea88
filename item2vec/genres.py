"""Judging vectors as vectors, by whether an item's neighbours share its genres."""

from typing import Self

import numpy as np
import numpy.typing as npt

from item2vec.catalogue import Catalogue
from item2vec.heldout import Cases
from item2vec.metrics import Values
from item2vec.ranking import Rows
from item2vec.recommender import SimilarItems
from item2vec.vocabulary import Vocabulary

GENRE_OVERLAP = "genre_overlap@10"
NEIGHBORS = 10
MAX_ITEMS = 20_000

Flags = npt.NDArray[np.bool_]


class GenreOverlap:
    """The overlap of the genres of items with those of their ten nearest neighbours.

    The overlap of two items is the number of genres that both have, over the number that either
    has (Jaccard); an item's is its mean over ten neighbours. A neighbour without genres overlaps
    with nothing, and so does one that is missing. Items without genres are left out. Over several
    models of the same name (one a fold), an item's mean is taken.

    Parameters
    ----------
    ids : sequence of str
        The items of the catalogue.
    flags : array of shape (n, n_genres), bool
        Which genres they have.
    """

    def __init__(self, ids: tuple[str, ...], flags: Flags) -> None:
        self.flags = flags
        self._places = {item_id: place for place, item_id in enumerate(ids)}
        self._sums: dict[str, Values] = {}
        self._times: dict[str, Values] = {}

    @classmethod
    def of(cls, catalogue: Catalogue | None) -> Self:
        """Make one of a catalogue's genres; of no genres, one that judges nothing."""
        genres = catalogue.genres() if catalogue else None
        if catalogue is None or genres is None:
            return cls((), np.zeros((0, 0), dtype=bool))
        names = {name: column for column, name in enumerate(sorted(set().union(*genres)))}
        flags = np.zeros((len(genres), len(names)), dtype=bool)
        for row, own in enumerate(genres):
            flags[row, [names[name] for name in own]] = True
        return cls(catalogue.ids, flags)

    def see(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Judge a model that is being evaluated; see `evaluation.Observer`."""
        self.add(name, recommender, cases.inputs.vocabulary)

    def add(self, name: str, fitted: object, vocabulary: Vocabulary) -> None:
        """Judge the neighbours that a fitted model gives; one that knows none is passed by."""
        if not isinstance(fitted, SimilarItems):
            return
        places = np.array([self._places.get(item_id, -1) for item_id in vocabulary], dtype=np.int64)
        own = np.zeros((len(vocabulary), self.flags.shape[1]), dtype=bool)
        own[places >= 0] = self.flags[places[places >= 0]]
        rows = np.flatnonzero(own.any(axis=1)).astype(np.int32)
        if len(rows) > MAX_ITEMS:
            rows = np.sort(np.random.default_rng(0).permutation(rows)[:MAX_ITEMS])
        if len(rows) == 0:
            return
        near = fitted.similar_rows(rows, NEIGHBORS)  # (r, 10)
        values = mean_jaccard(own, rows, near)
        sums = self._sums.setdefault(name, np.zeros(len(self.flags)))
        times = self._times.setdefault(name, np.zeros(len(self.flags)))
        sums[places[rows]] += values
        times[places[rows]] += 1

    def values(self) -> dict[str, dict[str, Values]]:
        """Return model → metric → one value an item, over the items that every model judged."""
        if not self._sums:
            return {}
        judged = np.all([times > 0 for times in self._times.values()], axis=0)
        return {
            name: {GENRE_OVERLAP: self._sums[name][judged] / self._times[name][judged]}
            for name in self._sums
        }


def mean_jaccard(flags: Flags, rows: npt.NDArray[np.int32], near: npt.NDArray[np.int32]) -> Values:
    """Return the mean overlap of the flags of `rows` with those of their neighbours.

    Parameters
    ----------
    flags : array of shape (n, g), bool
    rows : array of shape (r,), int32
    near : array of shape (r, k), int32
        -1 where a neighbour is missing.

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
