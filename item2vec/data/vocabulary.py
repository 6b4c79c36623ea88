"""The vocabulary: a mapping between item ids and rows, with the count of each item."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_whole
from item2vec._support.messages import shown
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.types import Rows


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """Items in the order of their rows: the most frequent first, ties by id.

    Google's machine learning crash course on embeddings calls this a "dictionary mapping each
    feature to an integer".

    Parameters
    ----------
    ids : sequence of str, of length n_items
        The item ids, each once.
    counts : array of shape (n_items,), int64
        The number of times each item occurs in the training data.

    Raises
    ------
    DataError
        If the ids repeat, are not strings, or are not ordered by (-count, id).

    Examples
    --------
    >>> vocabulary = Vocabulary.from_counts(["b", "a", "007"], np.array([2, 2, 9]))
    >>> vocabulary.ids
    ('007', 'a', 'b')
    >>> vocabulary.row("a"), "c" in vocabulary
    (1, False)
    """

    ids: Sequence[str]
    counts: npt.NDArray[np.int64]
    _rows: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", tuple(self.ids))
        counts = np.array(self.counts, dtype=np.int64)
        counts.flags.writeable = False
        object.__setattr__(self, "counts", counts)
        _check_ids(self.ids, counts)
        object.__setattr__(self, "_rows", {item_id: row for row, item_id in enumerate(self.ids)})
        if len(self._rows) < len(self.ids):
            raise DataError("an item id occurs twice in the vocabulary: give every id once")
        if (np.diff(counts) > 0).any() or not self._ties_ascend():
            raise DataError("rows must be in the order (-count, id): use Vocabulary.from_counts")
        if counts.min(initial=0) < 0:
            raise DataError(f"counts must be at least 0, not {counts.min()}: count again")

    def _ties_ascend(self) -> bool:
        """Return whether the ids ascend wherever adjacent counts are equal."""
        ids = self.ids
        return all(ids[i] < ids[i + 1] for i in np.flatnonzero(np.diff(self.counts) == 0).tolist())

    @classmethod
    def from_counts(
        cls, ids: Sequence[str], counts: npt.ArrayLike, *, min_count: int = 1
    ) -> "Vocabulary":
        """Return a vocabulary of the ids that have a count of at least `min_count`."""
        check_whole("min_count", min_count, 0)
        counts = np.asarray(counts, dtype=np.int64)
        _check_ids(ids, counts)
        kept = np.flatnonzero(counts >= min_count).tolist()
        kept.sort(key=lambda row: (-counts[row], ids[row]))
        return cls([ids[row] for row in kept], counts[kept])

    def with_unseen(self, ids: Sequence[str]) -> tuple["Vocabulary", Rows]:
        """Return a vocabulary extended by `ids`, each with a count of 0, and a mapping of rows.

        Returns
        -------
        vocabulary : Vocabulary
            The items of this vocabulary and of `ids`, n items in total.
        order : array of shape (n,), int32
            Row i of the new vocabulary is item ``order[i]`` of ``[*self.ids, *ids]``.
        """
        every = [*self.ids, *ids]
        counts = np.append(self.counts, np.zeros(len(ids), dtype=np.int64))
        vocabulary = Vocabulary.from_counts(every, counts, min_count=0)
        positions = {item_id: position for position, item_id in enumerate(every)}
        order = np.array([positions[item_id] for item_id in vocabulary.ids], dtype=np.int32)
        return vocabulary, order

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        first = ", ".join(map(shown, self.ids[:3]))
        return f"Vocabulary of {len(self)} items: {first}{', ...' if len(self) > 3 else ''}"

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._rows

    def row(self, item_id: str) -> int:
        """Return the row of an item.

        Raises
        ------
        UnknownItemError
            If the item is not in the vocabulary.
        """
        try:
            return self._rows[item_id]
        except KeyError:
            raise UnknownItemError(f"item {shown(item_id)} is not in the vocabulary") from None

    def rows(self, item_ids: Iterable[str]) -> Rows:
        """Return the rows of many items, int32 (n,); -1 for items not in the vocabulary."""
        return np.fromiter((self._rows.get(item_id, -1) for item_id in item_ids), dtype=np.int32)


def check_is_vocabulary(value: object) -> None:
    """Raise ParameterError unless this is a `Vocabulary`."""
    if not isinstance(value, Vocabulary):
        raise ParameterError(
            f"vocabulary must be a Vocabulary, not {type(value).__name__}: write "
            "vocabulary=model.vocabulary"
        )


def _check_ids(ids: Sequence[str], counts: npt.NDArray[np.int64]) -> None:
    """Raise DataError unless the ids are strings and each has a count."""
    if counts.shape != (len(ids),):
        raise DataError(f"{len(ids)} ids need as many counts, not an array {counts.shape}")
    for item_id in ids:
        if not isinstance(item_id, str):
            raise DataError(f"item ids are strings; {shown(item_id)} is not: convert it")
