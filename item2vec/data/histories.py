"""Histories: every user's items in time order, packed into two arrays."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec.data.digests import Digests
from item2vec.data.moments import age_weights, check_moments, positions
from item2vec.data.vocabulary import Vocabulary, check_is_vocabulary
from item2vec.errors import DataError
from item2vec.types import Moments, Offsets, Rows

if TYPE_CHECKING:
    import scipy.sparse

BLOCK_ITEMS = 1 << 22


@dataclass(frozen=True, eq=False, repr=False)
class Histories:
    """Histories over a vocabulary.

    Parameters
    ----------
    items : array of shape (n,), int32
        The rows of all histories, one history after another, each in time order. -1 stands for an
        item that the vocabulary does not hold, as it occurs in held-out histories.
    offsets : array of shape (m + 1,), int64
        History i owns ``items[offsets[i]:offsets[i + 1]]``.
    vocabulary : Vocabulary
        What the rows mean.
    digests : Digests, optional
        Digests of the whole histories as they were read: items that were dropped since count too.
    moments : array of shape (n,), int32, optional
        The moment of each item in its history, in rising order; items with the same moment have the
        same age. With moments, histories are *in order*: what is asked is which item comes next, so
        a model with a `recency` lets items lose weight with age. Without moments it does not.

    Raises
    ------
    DataError
        If the arrays do not fit each other or the vocabulary.

    Examples
    --------
    >>> histories = Histories.from_lists([["a", "b"], ["b", "c", "b"]])
    >>> histories.vocabulary.ids, histories[1]
    (('b', 'a', 'c'), array([0, 2, 0], dtype=int32))
    """

    items: Rows
    offsets: Offsets
    vocabulary: Vocabulary
    digests: Digests | None = None
    moments: Moments | None = None

    def __post_init__(self) -> None:
        check_packed(self.items, self.offsets, len(self.vocabulary))
        if self.moments is not None:
            check_moments(self.moments, self.offsets)
        if self.digests is not None and len(self.digests) != len(self):
            raise DataError(f"{len(self)} histories need as many digests, not {len(self.digests)}")

    @classmethod
    def from_lists(
        cls,
        lists: Iterable[Iterable[str]],
        *,
        min_count: int = 1,
        vocabulary: Vocabulary | None = None,
    ) -> "Histories":
        """Pack lists of item ids.

        Parameters
        ----------
        lists : iterable of iterables of str
            One list of item ids a history, in time order. Any ordered iterables will do, such as
            generators, arrays or a column of a DataFrame.
        min_count : int
            Items that occur less often are dropped; not used where `vocabulary` is given.
        vocabulary : Vocabulary, optional
            Use its rows, with -1 for what it does not hold, instead of counting anew.

        Raises
        ------
        DataError
            If a history is no ordered iterable, or an item id is no string.
        """
        if vocabulary is not None:
            check_is_vocabulary(vocabulary)
        if not isinstance(lists, Iterable):
            raise DataError(
                'histories are a list of lists of item ids, as in [["a", "b"], ["b", "c"]]; '
                f"{shown(lists)} is none: write [history] where there is one"
            )
        packed = [_history(items) for items in lists]
        digests = Digests.of_lists(packed)
        if vocabulary is None:
            ids, counts = np.unique(
                np.array([i for items in packed for i in items], dtype=object), return_counts=True
            )
            vocabulary = Vocabulary.from_counts(ids.tolist(), counts, min_count=min_count)
            packed = [[item for item in items if item in vocabulary] for items in packed]
        offsets = pack_lengths([len(items) for items in packed])
        rows = vocabulary.rows(i for items in packed for i in items)
        return cls(rows, offsets, vocabulary, digests)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        n_items = len(self.vocabulary)
        return f"Histories of {len(self)} users over {n_items} items: {len(self.items)}"

    def __getitem__(self, index: int) -> Rows:
        """Return the rows of one history, a view."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"history {index} of {len(self)}")
        index %= len(self)
        return self.items[self.offsets[index] : self.offsets[index + 1]]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """How many items each history has, int64 (m,)."""
        return np.diff(self.offsets)

    def slice(self, start: int, stop: int) -> "Histories":
        """Return the histories from `start` up to `stop`, as views."""
        digests = None if self.digests is None else self.digests.take(slice(start, stop))
        items, offsets = slice_packed(self.items, self.offsets, start, stop)
        moments = self.moments
        if moments is not None:
            moments = moments[self.offsets[start] : self.offsets[stop]]
        return Histories(items, offsets, self.vocabulary, digests, moments)

    def take(self, histories: npt.ArrayLike) -> "Histories":
        """Return the histories at the places named, in that order."""
        places = checked_places(histories)
        taken = self.cut(self.offsets[:-1][places], self.lengths[places])
        return taken if self.digests is None else replace(taken, digests=self.digests.take(places))

    def cut(self, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> "Histories":
        """Return slices of `items` as histories, given where they begin and how long they are.

        Parameters
        ----------
        begins, lengths : arrays of shape (any,), int64
            None of the slices may hold items of two histories.
        """
        items, offsets = take_slices(self.items, begins, lengths)
        moments = None if self.moments is None else take_slices(self.moments, begins, lengths)[0]
        return Histories(items, offsets, self.vocabulary, moments=moments)

    def where(self, keep: npt.NDArray[np.bool_]) -> "Histories":
        """Return the histories with the items alone for which `keep`, bool (n,), is true."""
        return self._kept(keep)

    def known(self) -> "Histories":
        """Return the histories without the items that the vocabulary does not hold."""
        keep = self.items >= 0
        return self if keep.all() else self._kept(keep, self.digests)

    def of_most_popular(self, n: int) -> "Histories":
        """Return the histories with the first `n` items of the vocabulary alone."""
        if n >= len(self.vocabulary):
            return self.known()
        vocabulary = Vocabulary(self.vocabulary.ids[:n], self.vocabulary.counts[:n])
        items = np.where(self.items < n, self.items, np.int32(-1))
        return replace(self, items=items, vocabulary=vocabulary).known()

    def without_repeats(self) -> "Histories":
        """Return the histories with each item once, at its first place; -1 is always new."""
        first = first_places(self.items, self.offsets)
        return self if first.all() else self._kept(first, self.digests)

    def in_order(self) -> "Histories":
        """Return the histories with a moment for each item, so that recommenders ask what is next.

        Where there are no moments, each item has one of its own: the last one is the latest.
        """
        if self.moments is not None:
            return self
        return replace(self, moments=positions(self.offsets))

    def age_weights(self, recency: float) -> npt.NDArray[np.float32] | None:
        """Return the weight of each item by its age, ``(1 + age) ** -recency``, float32 (n,).

        None where all items weigh the same: without moments, or with a `recency` of 0.
        """
        if self.moments is None or recency == 0:
            return None
        return age_weights(self.moments, self.offsets, recency)

    def total_weights(
        self, weights: npt.NDArray[np.float32] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return the sum of the weights of each history's items, float32 (m,); 1 where it is empty.

        Without weights each item weighs 1.
        """
        lengths = self.lengths
        if weights is None:
            return np.maximum(lengths, 1).astype(np.float32)
        totals = np.ones(len(self), dtype=np.float32)
        full = lengths > 0  # reduceat needs an item
        totals[full] = np.add.reduceat(weights, self.offsets[:-1][full]) if full.any() else 1
        return totals

    def _kept(self, keep: npt.NDArray[np.bool_], digests: Digests | None = None) -> "Histories":
        items, offsets = select_packed(self.items, self.offsets, keep)
        moments = None if self.moments is None else self.moments[keep]
        return Histories(items, offsets, self.vocabulary, digests, moments)

    def to_csr(self) -> "scipy.sparse.csr_array[np.float32]":
        """Return the histories as a sparse matrix of ones, float32 (m, n_items); repeats add up."""
        import scipy.sparse

        known = self.known()
        ones = np.ones(len(known.items), dtype=np.float32)
        shape = (len(known), len(self.vocabulary))
        return scipy.sparse.csr_array((ones, known.items, known.offsets), shape=shape)


def check_histories(value: object) -> None:
    """Raise DataError unless this is `Histories`; the message says how to make them."""
    if not isinstance(value, Histories):
        raise DataError(
            f"these are no Histories but {type(value).__name__}: pack lists of item ids with "
            "Histories.from_lists(lists, vocabulary=model.vocabulary), interactions with "
            "interactions.to_histories(vocabulary=model.vocabulary)"
        )


def _history(items: object) -> list[str]:
    """Return the item ids of one history, after checking them."""
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise DataError(
            f"a history is a list of item ids, which are strings; {shown(items)} is none: pass a "
            'list of such lists, as in [["a", "b"], ["b", "c"]]'
        )
    if isinstance(items, Set | Mapping):
        raise DataError(
            f"a history has an order, which {shown(items)} has not: pass a list of item ids"
        )
    ids = list(items)
    for item in ids:
        if not isinstance(item, str):
            raise DataError(
                f"item ids are strings; {shown(item)} is not: write str(item) for each item, as in "
                "[[str(item) for item in history] for history in lists]"
            )
    return [str(item) for item in ids]  # numpy's strings become Python's


def check_packed(items: Rows, offsets: Offsets, n_items: int) -> None:
    """Raise DataError unless `items` and `offsets` are packed histories of rows below `n_items`."""
    if items.dtype != np.int32 or items.ndim != 1:
        raise DataError(f"items are a flat int32 array, not {items.dtype} {items.shape}")
    if offsets.dtype != np.int64 or offsets.ndim != 1:
        raise DataError(f"offsets are a flat int64 array, not {offsets.dtype} {offsets.shape}")
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(items):
        raise DataError(f"offsets run from 0 to {len(items)}, the number of items")
    if (offsets[1:] < offsets[:-1]).any():  # a difference of huge numbers would overflow
        raise DataError("offsets never fall")
    if len(items) and not -1 <= items.min() <= items.max() < n_items:
        raise DataError(f"items are rows of a vocabulary of {n_items}: -1 ≤ row < {n_items}")


def pack_lengths(lengths: npt.ArrayLike) -> Offsets:
    """Return the offsets of packed histories of the given lengths."""
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(np.int64)


def slice_packed(items: Rows, offsets: Offsets, start: int, stop: int) -> tuple[Rows, Offsets]:
    """Return the packed histories from `start` up to `stop`; the items are a view."""
    offsets = offsets[start : stop + 1]
    return items[offsets[0] : offsets[-1]], offsets - offsets[0]


def take_packed(items: Rows, offsets: Offsets, histories: npt.ArrayLike) -> tuple[Rows, Offsets]:
    """Return the packed histories at the places named, in that order."""
    places = checked_places(histories)
    return take_slices(items, offsets[:-1][places], np.diff(offsets)[places])


def checked_places(histories: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the places of histories as an array, or raise DataError where they are none."""
    places = np.asarray(histories)
    if places.size == 0:
        places = places.astype(np.int64)  # an empty list has no type of its own
    if places.ndim != 1 or places.dtype.kind not in "iu":
        raise DataError(
            "name histories by a flat array of places, not a mask or numbers with a fraction: "
            f"{places.dtype} {places.shape}"
        )
    return places


def select_packed(
    items: Rows, offsets: Offsets, keep: npt.NDArray[np.bool_]
) -> tuple[Rows, Offsets]:
    """Return the packed histories without the items that are not to be kept, bool (n,)."""
    kept_before = np.zeros(len(keep) + 1, dtype=np.int64)
    np.cumsum(keep, out=kept_before[1:])
    return items[keep], kept_before[offsets]


def take_slices(
    items: Rows, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> tuple[Rows, Offsets]:
    """Pack the slices of `items` that begin and are as long as told: their items and offsets."""
    return items[slice_places(begins, lengths)], pack_lengths(lengths)


def slice_places(
    begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the places of all elements of slices, one slice after another, int64 (sum,)."""
    offsets = pack_lengths(lengths)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    places: npt.NDArray[np.int64] = np.repeat(begins, lengths) + within
    return places


def shuffled_within(items: Rows, offsets: Offsets, rng: np.random.Generator) -> Rows:
    """Shuffle each of the packed histories."""
    history = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return items[np.argsort(history + rng.random(len(items)))]


def blocks(offsets: Offsets, n_items: int) -> Iterator[tuple[int, int]]:
    """Cut packed histories into runs (start, stop) of at most `n_items` items, or one history."""
    start = 0
    while start < len(offsets) - 1:
        end = int(np.searchsorted(offsets, offsets[start] + n_items, side="right")) - 1
        yield start, max(start + 1, end)
        start = max(start + 1, end)


def first_places(items: Rows, offsets: Offsets) -> npt.NDArray[np.bool_]:
    """Tell which items stand in their history for the first time, bool (n,).

    Items that are -1 are each taken as new: which item it was is not known. Works through blocks of
    histories, so that memory does not grow with their number.
    """
    first = np.empty(len(items), dtype=bool)
    for start, stop in blocks(offsets, BLOCK_ITEMS):
        run = slice(offsets[start], offsets[stop])
        first[run] = _first_places(items[run], offsets[start : stop + 1] - offsets[start])
    return first


def last_places(items: Rows, offsets: Offsets) -> npt.NDArray[np.bool_]:
    """Tell which items stand in their history for the last time, bool (n,); see `first_places`."""
    backwards: npt.NDArray[np.bool_] = first_places(items[::-1], len(items) - offsets[::-1])
    return backwards[::-1]


def _first_places(items: Rows, offsets: Offsets) -> npt.NDArray[np.bool_]:
    """Tell it of all histories at once, by sorting pairs of history and item."""
    user = np.repeat(np.arange(len(offsets) - 1, dtype=np.int64), np.diff(offsets))
    pair = user * (int(items.max(initial=0)) + 1) + items
    order = np.argsort(pair, kind="stable")
    first = np.empty(len(items), dtype=bool)
    first[order] = np.concatenate([[True], np.diff(pair[order]) != 0])[: len(items)]
    return first | (items < 0)
