"""Histories: the items of each user in time order, packed into two arrays."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec.data.digests import Digests
from item2vec.data.moments import age_weights, check_moments, separate_moments
from item2vec.data.packed import (
    check_packed,
    checked_positions,
    first_occurrences,
    pack_lengths,
    select_packed,
    slice_packed,
    take_slices,
)
from item2vec.data.vocabulary import Vocabulary, check_is_vocabulary
from item2vec.errors import DataError
from item2vec.types import Lengths, Mask, Moments, Offsets, Rows, Weights

if TYPE_CHECKING:
    import scipy.sparse


@dataclass(frozen=True, eq=False, repr=False)
class Histories:
    """The histories of users, packed, with items as rows of a vocabulary.

    Parameters
    ----------
    items : array of shape (n,), int32
        The rows of all histories, one history after another, each in time order. -1 marks an item
        that is not in the vocabulary, which can occur in held-out histories.
    offsets : array of shape (m + 1,), int64
        History i is ``items[offsets[i]:offsets[i + 1]]``.
    vocabulary : Vocabulary
        The items that the rows refer to.
    digests : Digests, optional
        Digests of the complete histories, computed before any item was dropped.
    moments : array of shape (n,), int32, optional
        The moment of each item: the index of its time among the distinct times of its history,
        non-decreasing; items with the same moment have the same age. Histories with moments are *in
        order*: the task is to predict the next item, so a model with a `recency` gives older items
        less weight. Without moments, the age of items is ignored.

    Raises
    ------
    DataError
        If the arrays do not match each other or the vocabulary.

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
            One list of item ids per history, in time order. Any ordered iterables are accepted,
            such as generators, arrays or a column of a DataFrame.
        min_count : int
            Items that occur less often are dropped. Ignored if a `vocabulary` is given.
        vocabulary : Vocabulary, optional
            Vocabulary to use instead of counting the items; items that are not in it become -1.

        Raises
        ------
        DataError
            If a history is not an ordered iterable, or an item id is not a string.
        """
        if vocabulary is not None:
            check_is_vocabulary(vocabulary)
        if isinstance(lists, Mapping):
            raise DataError(
                "histories must be a list, not a mapping: pass its values, "
                "Histories.from_lists(histories.values())"
            )
        if not isinstance(lists, Iterable):
            raise DataError(
                'histories must be a list of lists of item ids, as in [["a", "b"], ["b", "c"]], '
                f"not {shown(lists)}: a single history is [history]"
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
    def lengths(self) -> Lengths:
        """The number of items in each history, int64 (m,)."""
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
        """Return the histories at these positions, in the order of the positions."""
        positions = checked_positions(histories)
        taken = self.cut(self.offsets[:-1][positions], self.lengths[positions])
        if self.digests is None:
            return taken
        return replace(taken, digests=self.digests.take(positions))

    def cut(self, begins: Offsets, lengths: Lengths) -> "Histories":
        """Return parts of these histories as histories of their own, without digests.

        Parameters
        ----------
        begins, lengths : arrays of shape (n_parts,), int64
            Where each part begins in `items`, and its number of items. No part may extend over two
            histories.
        """
        items, offsets = take_slices(self.items, begins, lengths)
        moments = None if self.moments is None else take_slices(self.moments, begins, lengths)[0]
        return Histories(items, offsets, self.vocabulary, moments=moments)

    def where(self, keep: Mask) -> "Histories":
        """Return the histories with only the items for which `keep`, bool (n,), is true."""
        return self._select(keep)

    def known(self) -> "Histories":
        """Return the histories without items that are not in the vocabulary."""
        keep = self.items >= 0
        return self if keep.all() else self._select(keep, self.digests)

    def of_most_popular(self, n: int) -> "Histories":
        """Return the histories restricted to the `n` most popular items of the vocabulary."""
        if n >= len(self.vocabulary):
            return self.known()
        vocabulary = Vocabulary(self.vocabulary.ids[:n], self.vocabulary.counts[:n])
        items = np.where(self.items < n, self.items, np.int32(-1))
        return replace(self, items=items, vocabulary=vocabulary).known()

    def without_repeats(self) -> "Histories":
        """Return the histories with only the first occurrence of each item; every -1 is kept."""
        first = first_occurrences(self.items, self.offsets)
        return self if first.all() else self._select(first, self.digests)

    def in_order(self) -> "Histories":
        """Return the histories with moments, so that recommenders predict the next item.

        In histories without moments, each item gets a separate moment, in the order of the items.
        """
        if self.moments is not None:
            return self
        return replace(self, moments=separate_moments(self.offsets))

    def age_weights(self, recency: float) -> Weights | None:
        """Return the weight of each item by its age, ``(1 + age) ** -recency``, float32 (n,).

        None if all items have the same weight: without moments, or with a `recency` of 0.
        """
        if self.moments is None or recency == 0:
            return None
        return age_weights(self.moments, self.offsets, recency)

    def total_weights(self, weights: Weights | None = None) -> Weights:
        """Return the total weight of the items of each history, float32 (m,); 1 if it is empty.

        Without `weights`, float32 (n,), each item has a weight of 1.
        """
        lengths = self.lengths
        if weights is None:
            return np.maximum(lengths, 1).astype(np.float32)
        totals = np.ones(len(self), dtype=np.float32)
        full = lengths > 0  # reduceat needs at least one item
        totals[full] = np.add.reduceat(weights, self.offsets[:-1][full]) if full.any() else 1
        return totals

    def _select(self, keep: Mask, digests: Digests | None = None) -> "Histories":
        items, offsets = select_packed(self.items, self.offsets, keep)
        moments = None if self.moments is None else self.moments[keep]
        return Histories(items, offsets, self.vocabulary, digests, moments)

    def to_csr(self) -> "scipy.sparse.csr_array[np.float32]":
        """Return a sparse matrix of item counts, float32 (m, n_items); unknown items are left out.

        An item that occurs twice in a history has two entries of 1, which add up.
        """
        import scipy.sparse

        known = self.known()
        ones = np.ones(len(known.items), dtype=np.float32)
        shape = (len(known), len(self.vocabulary))
        return scipy.sparse.csr_array((ones, known.items, known.offsets), shape=shape)


def check_histories(value: object) -> None:
    """Raise DataError unless this is a `Histories` object; the message shows how to create one."""
    if not isinstance(value, Histories):
        raise DataError(
            f"histories must be Histories, not {type(value).__name__}: pack lists of item ids with "
            "Histories.from_lists(lists, vocabulary=model.vocabulary), interactions with "
            "interactions.to_histories(vocabulary=model.vocabulary)"
        )


def _history(items: object) -> list[str]:
    """Check the item ids of one history and return them as a list."""
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise DataError(
            f"a history is a list of item ids, which are strings, not {shown(items)}: pass a list "
            'of such lists, as in [["a", "b"], ["b", "c"]]'
        )
    if isinstance(items, Set | Mapping):
        raise DataError(f"a history is ordered, and {shown(items)} is not: pass a list of ids")
    ids = list(items)
    for item in ids:
        if (
            item is None
            or repr(item) in {"<NA>", "NaT"}
            or (isinstance(item, float) and isnan(item))
        ):
            raise DataError(
                f"{shown(item)} is no item id: leave missing values out, as in "
                "[[item for item in history if pandas.notna(item)] for history in lists]"
            )
        if not isinstance(item, str):
            raise DataError(
                f"item ids are strings; {shown(item)} is not: convert the ids, as in "
                "[[str(item) for item in history] for history in lists]"
            )
    return [str(item) for item in ids]  # NumPy strings become Python strings
