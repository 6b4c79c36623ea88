"""Sparse weights between pairs of items, packed by the item of the history."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec.data.packed import check_packed, pack_lengths, take_slices
from item2vec.errors import DataError, ParameterError
from item2vec.types import Offsets, Rows, Scores, Weights

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]


@dataclass(frozen=True, eq=False, repr=False)
class ItemWeights:
    """A sparse matrix of item-item weights: rows are items of a history, columns predicted items.

    The arrays are those of a CSR matrix; SciPy is not needed to load a model.

    Parameters
    ----------
    items : array of shape (w,), int32
        The items that are predicted, row after row.
    offsets : array of shape (n_items + 1,), int64
        Row i consists of ``items[offsets[i]:offsets[i + 1]]``.
    weights : array of shape (w,), float32

    Raises
    ------
    DataError
        If the arrays do not fit each other.

    Examples
    --------
    >>> weights = np.array([[0, 3, 1], [2, 0, 0], [0, -4, 0]], np.float32)
    >>> ItemWeights.of_largest([weights], 1).items
    array([1, 0, 1], dtype=int32)
    """

    items: Rows
    offsets: Offsets
    weights: Weights

    def __post_init__(self) -> None:
        for name in ("items", "offsets", "weights"):
            if not isinstance(getattr(self, name), np.ndarray):
                raise DataError(f"{name} must be an array, not {shown(getattr(self, name))}")
        check_packed(self.items, self.offsets, self.offsets.size - 1)
        if self.items.min(initial=0) < 0:
            raise DataError(f"items must be rows of known items, 0 or more, not {self.items.min()}")
        if self.weights.dtype != np.float32 or self.weights.shape != self.items.shape:
            raise DataError(
                f"weights must be float32 {self.items.shape}, "
                f"not {self.weights.dtype} {self.weights.shape}"
            )

    @classmethod
    def of_largest(cls, blocks: Iterable[Scores], n: int) -> "ItemWeights":
        """Keep the `n` weights of each row with the largest absolute values, without zeros.

        Parameters
        ----------
        blocks : iterable of arrays of shape (any, n_items), float32
            The rows of a matrix (n_items, n_items), in blocks of any size.
        n : int
            At least 1.

        Raises
        ------
        DataError
            If there are no rows, or a predicted item has no row itself.
        ParameterError
            If `n` is less than 1.
        """
        if n < 1:
            raise ParameterError(f"n must be at least 1, not {shown(n)}")
        parts = [_largest(block, n) for block in blocks]
        if not parts:
            raise DataError("there are no rows: give the weights of at least one item")
        lengths, items, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return cls(items, pack_lengths(lengths), values)

    @classmethod
    def of_neighbors(cls, neighbors: Rows, weights: Weights) -> "ItemWeights":
        """Pack weights that are grouped by predicted item.

        Parameters
        ----------
        neighbors : array of shape (n_items, k), int32
            The items from which each item is predicted; -1 if there are fewer.
        weights : array of shape (n_items, k), float32
        """
        is_present = neighbors >= 0
        predicted = np.repeat(np.arange(len(neighbors), dtype=np.int32), is_present.sum(axis=1))
        inputs = neighbors[is_present]
        order = np.argsort(inputs, kind="stable")
        lengths = np.bincount(inputs, minlength=len(neighbors))
        return cls(predicted[order], pack_lengths(lengths), weights[is_present][order])

    @classmethod
    def of_csr(cls, matrix: "Sparse") -> "ItemWeights":
        """Use the arrays of a CSR matrix of shape (n_items, n_items), float32, without a copy."""
        return cls(
            matrix.indices.astype(np.int32, copy=False),
            matrix.indptr.astype(np.int64, copy=False),
            matrix.data,
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        return f"{len(self.items)} weights between {len(self)} items"

    def scaled(self, factor: float) -> "ItemWeights":
        """Return the matrix with all weights multiplied by a factor."""
        return replace(self, weights=self.weights * np.float32(factor))

    def reordered(self, order: Rows) -> "ItemWeights":
        """Return the matrix with its items in a new order, and possibly with further items.

        Parameters
        ----------
        order : array of shape (n,), int32
            A permutation of n rows: row i of the result is row ``order[i]`` of this matrix, and
            rows from ``len(self)`` on are empty.
        """
        none = np.zeros(len(order) - len(self), dtype=np.int64)
        lengths = np.append(np.diff(self.offsets), none)[order]
        begins = np.append(self.offsets[:-1], none)[order]
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        entries, offsets = take_slices(np.arange(len(self.items), dtype=np.int32), begins, lengths)
        return ItemWeights(place[self.items[entries]], offsets, self.weights[entries])

    def to_csr(self) -> "Sparse":
        """Return a CSR array of shape (n_items, n_items) that shares the arrays of this object."""
        import scipy.sparse

        shape = (len(self), len(self))
        matrix: Sparse = scipy.sparse.csr_array(
            (self.weights, self.items, self.offsets), shape=shape
        )
        return matrix


def _largest(weights: Scores, n: int) -> tuple[npt.NDArray[np.intp], Rows, Weights]:
    """Return the numbers of kept weights per row, their columns, and the weights, row by row."""
    if n < weights.shape[1]:
        kept = np.argpartition(-np.abs(weights), n - 1, axis=1)[:, :n]
        kept.sort(axis=1)
    else:
        kept = np.tile(np.arange(weights.shape[1]), (len(weights), 1))
    values = np.take_along_axis(weights, kept, axis=1)
    is_nonzero = values != 0
    return is_nonzero.sum(axis=1), kept[is_nonzero].astype(np.int32), values[is_nonzero]
