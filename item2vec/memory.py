"""A sparse memory of which items go with which, beside the vectors.

Wide and deep (Cheng et al., 2016): vectors generalise, a memory knows single pairs of items. It
needs numpy alone, for a model that holds one is opened where there is nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from item2vec.errors import DataError
from item2vec.histories import Histories, blocks, check_packed, pack_lengths, take_slices
from item2vec.ranking import Offsets, Rows, Scores

BLOCK_WEIGHTS = 1 << 22  # added up at a time: memory does not grow with the histories


@dataclass(frozen=True, eq=False, repr=False)
class Memory:
    """Item-item weights, packed: a row for each item of a history, the items that it speaks for.

    Parameters
    ----------
    items : array of shape (w,), int32
    offsets : array of shape (n_items + 1,), int64
    weights : array of shape (w,), float32

    Raises
    ------
    DataError
        If the arrays do not fit each other.

    Examples
    --------
    >>> Memory.of_largest([np.array([[0, 3, 1], [2, 0, 0], [0, -4, 0]], np.float32)], 1).items
    array([1, 0, 1], dtype=int32)
    """

    items: Rows
    offsets: Offsets
    weights: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        check_packed(self.items, self.offsets, self.offsets.size - 1)
        if self.items.min(initial=0) < 0:
            raise DataError("a memory speaks for known items alone")
        if self.weights.dtype != np.float32 or self.weights.shape != self.items.shape:
            raise DataError(
                f"weights must be float32 {self.items.shape}, "
                f"not {self.weights.dtype} {self.weights.shape}"
            )

    @classmethod
    def of_largest(cls, blocks: Iterable[Scores], n: int) -> "Memory":
        """Keep the `n` weights of each row that are largest without their sign, but for zeros.

        Parameters
        ----------
        blocks : iterable of arrays of shape (any, n_items), float32
            The rows of a matrix (n_items, n_items), some at a time; or the matrix, in a list.
        n : int
        """
        parts = [_largest(block, n) for block in blocks]
        lengths, items, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return cls(items, pack_lengths(lengths), values)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        return f"Memory of {len(self.items)} weights between {len(self)} items"

    def scaled(self, factor: float) -> "Memory":
        """Return the same memory with all weights multiplied."""
        return Memory(self.items, self.offsets, self.weights * np.float32(factor))

    def reordered(self, order: Rows) -> "Memory":
        """Return the memory with its rows in a new order; a row beyond its own has no weights.

        Parameters
        ----------
        order : array of shape (n,), int32
            Row i of the result is row ``order[i]`` here: a permutation of all rows and maybe more.
        """
        none = np.zeros(len(order) - len(self), dtype=np.int64)
        lengths = np.append(np.diff(self.offsets), none)[order]
        begins = np.append(self.offsets[:-1], none)[order]
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        entries, offsets = take_slices(np.arange(len(self.items), dtype=np.int32), begins, lengths)
        return Memory(place[self.items[entries]], offsets, self.weights[entries])

    def score_rows(self, histories: Histories, *, power: float) -> Scores:
        """Return the sum of the weights of each history's n items over ``n ** power``.

        Parameters
        ----------
        histories : Histories
            m of them, of known items.
        power : float

        Returns
        -------
        array of shape (m, n_items), float32

        Raises
        ------
        DataError
            If the histories are over another number of items.
        """
        if len(histories.vocabulary) != len(self):
            raise DataError(
                f"histories over {len(histories.vocabulary)} items have no scores by a memory of "
                f"{len(self)}: pack them with the vocabulary of the model"
            )
        scores = np.empty((len(histories), len(self)), dtype=np.float32)
        lengths = np.diff(self.offsets)[histories.items]
        ends = pack_lengths(lengths)
        for start, stop in blocks(ends[histories.offsets], BLOCK_WEIGHTS):
            run = slice(histories.offsets[start], histories.offsets[stop])
            scores[start:stop] = self._sums(histories.slice(start, stop), lengths[run])
        scores /= np.maximum(histories.lengths, 1).astype(np.float32)[:, None] ** np.float32(power)
        return scores

    def _sums(self, histories: Histories, lengths: npt.NDArray[np.int64]) -> Scores:
        """Return the sums of the weights; `lengths` are those of the items' rows."""
        shape = (len(histories), len(self))
        ends = pack_lengths(lengths)
        begins = self.offsets[:-1][histories.items] - ends[:-1]
        places = np.arange(ends[-1]) + np.repeat(begins, lengths)
        history = np.repeat(np.arange(shape[0]), np.diff(ends[histories.offsets]))
        flat = history * shape[1] + self.items[places]
        weights = self.weights[places]
        sums = np.bincount(flat, weights, shape[0] * shape[1]).astype(np.float32)
        return sums.reshape(shape)


def _largest(weights: Scores, n: int) -> tuple[npt.NDArray[np.intp], Rows, npt.NDArray[np.float32]]:
    """Return how many weights of each row are kept, which, and the weights, one after another."""
    if n < weights.shape[1]:
        kept = np.argpartition(-np.abs(weights), n - 1, axis=1)[:, :n]
        kept.sort(axis=1)
    else:
        kept = np.tile(np.arange(weights.shape[1]), (len(weights), 1))
    values = np.take_along_axis(weights, kept, axis=1)
    there = values != 0
    return there.sum(axis=1), kept[there].astype(np.int32), values[there]
