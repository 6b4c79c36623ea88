"""A sparse item-item memory: weights between items that are added to the scores of the vectors.

Wide and deep (Cheng et al., 2016): vectors generalise, a memory knows single pairs of items. Models
that hold one are opened where there is numpy alone; many histories at once are scored with scipy.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec.errors import DataError
from item2vec.histories import Histories, blocks, check_packed, pack_lengths, take_slices
from item2vec.metadata import is_number
from item2vec.ranking import Offsets, Rows, Scores, WriteAdded
from item2vec.sparse_ranking import top_k_of_sparse
from item2vec.wording import shown

Weights = npt.NDArray[np.float32]
Lengths = npt.NDArray[np.int64]

# As many weights are gathered at a time as a core's cache holds, however many histories there are.
BLOCK_WEIGHTS = 1 << 19
FEW_HISTORIES = 64  # for fewer it does not pay to import scipy


@dataclass(frozen=True, eq=False, repr=False)
class Memory:
    """Item-item weights, packed: a row for each item of a history, with the items it predicts.

    Few items and many want different weights: what predicts best from 3 items is close to a
    k-nearest-neighbours rule, and from 50 items to a regression in which each item explains away
    what the others share. So a memory may hold two weights for each pair. A history of n items is
    scored with ``(1 - t) * weights + t * long_weights``, where ``t = n² / (n² + crossover²)``.

    Parameters
    ----------
    items : array of shape (w,), int32
    offsets : array of shape (n_items + 1,), int64
    weights : array of shape (w,), float32
        The only weights, or those for short histories.
    long_weights : array of shape (w,), float32, optional
        The weights for long histories.
    crossover : float
        Length of the histories for which both count the same; only with `long_weights`.

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
    weights: Weights
    long_weights: Weights | None = None
    crossover: float = 0.0

    def __post_init__(self) -> None:
        check_packed(self.items, self.offsets, self.offsets.size - 1)
        if self.items.min(initial=0) < 0:
            raise DataError("a memory holds weights of known items alone, and a row is negative")
        for name, weights in self.arrays().items():
            if weights.dtype != np.float32 or weights.shape != self.items.shape:
                raise DataError(
                    f"{name} must be float32 {self.items.shape}, "
                    f"not {weights.dtype} {weights.shape}"
                )
        if not is_number(self.crossover) or not 0 <= self.crossover < np.inf:
            raise DataError(
                f"crossover must be a number of items, 0 or more, not {shown(self.crossover)}"
            )
        if self.long_weights is not None and self.crossover == 0:
            raise DataError("a memory with long_weights needs a crossover above 0")

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

    @classmethod
    def of_neighbors(
        cls, neighbors: Rows, weights: Weights, long_weights: Weights, *, crossover: float
    ) -> "Memory":
        """Pack weights that are given for each predicted item.

        Parameters
        ----------
        neighbors : array of shape (n_items, k), int32
            The items by which each item is predicted; -1 where there are fewer.
        weights, long_weights : arrays of shape (n_items, k), float32
        crossover : float
        """
        there = neighbors >= 0
        predicted = np.repeat(np.arange(len(neighbors), dtype=np.int32), there.sum(axis=1))
        inputs = neighbors[there]
        order = np.argsort(inputs, kind="stable")
        return cls(
            predicted[order],
            pack_lengths(np.bincount(inputs, minlength=len(neighbors))),
            weights[there][order],
            long_weights[there][order],
            float(crossover),
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        return f"Memory of {len(self.items)} weights between {len(self)} items"

    def arrays(self) -> dict[str, Weights]:
        """Return the weights by name."""
        arrays = {"weights": self.weights}
        return (
            arrays if self.long_weights is None else {**arrays, "long_weights": self.long_weights}
        )

    def scaled(self, factor: float) -> "Memory":
        """Return the same memory with all weights multiplied."""
        changed: dict[str, Any] = {
            name: weights * np.float32(factor) for name, weights in self.arrays().items()
        }
        return replace(self, **changed)

    def long_share(self, lengths: Lengths) -> Weights:
        """Return the share of `long_weights` in the scores of histories of some lengths, float32.

        Examples
        --------
        >>> none, offsets = np.zeros(0, np.float32), np.zeros(2, np.int64)
        >>> memory = Memory(none.astype(np.int32), offsets, none, none, crossover=20.0)
        >>> memory.long_share(np.array([5, 20, 80])).round(2)
        array([0.06, 0.5 , 0.94], dtype=float32)
        """
        if self.long_weights is None:
            return np.zeros(len(lengths), dtype=np.float32)
        squares = lengths.astype(np.float32) ** 2
        share: Weights = squares / (squares + np.float32(self.crossover) ** 2)
        return share

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
        changed: dict[str, Any] = {
            name: weights[entries] for name, weights in self.arrays().items()
        }
        return replace(self, items=place[self.items[entries]], offsets=offsets, **changed)

    def score_rows(self, histories: Histories, *, power: float, recency: float = 0.0) -> Scores:
        """Return the sum of the weights of each history's n items over ``n ** power``.

        A memory of two weights takes their mean for a history of n items; see `Memory`.

        Parameters
        ----------
        histories : Histories
            m of them, of known items.
        power : float
        recency : float
            Where histories are in order, items weigh ``(1 + age) ** -recency``, and the sum of
            these stands in the place of n in ``n ** power``.

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
        scores = np.zeros((len(histories), len(self)), dtype=np.float32)
        if len(histories) >= FEW_HISTORIES:
            MemorySums(self).write(histories, power, scores, recency)
            return scores
        lengths = np.diff(self.offsets)[histories.items]
        ends = pack_lengths(lengths)
        for start, stop in blocks(ends[histories.offsets], BLOCK_WEIGHTS):
            run = slice(histories.offsets[start], histories.offsets[stop])
            block = histories.slice(start, stop)
            self._add_sums(block, lengths[run], power, scores[start:stop], recency)
        return scores

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items with the largest weights W + Wᵀ of each of `rows`, int32 (m, k).

        W holds the weights for a history of one item.

        Filled with -1 where fewer weights are positive. Ties go to the lower row.
        """
        import scipy.sparse

        shape = (len(self), len(self))
        total = self.weights if self.long_weights is None else self.weights + self.long_weights
        weights = scipy.sparse.csr_array((total, self.items, self.offsets), shape=shape)
        weights = weights + weights.T.tocsr()  # the diagonal is 0: no item is its own neighbour
        weights.setdiag(0)
        return top_k_of_sparse(weights[rows], k)[0]

    def _add_sums(
        self,
        histories: Histories,
        lengths: npt.NDArray[np.int64],
        power: float,
        scores: Scores,
        recency: float,
    ) -> None:
        """Add the sums of the weights to `scores`; `lengths` are those of the items' rows."""
        ends = pack_lengths(lengths)
        begins = self.offsets[:-1][histories.items] - ends[:-1]
        places = np.arange(ends[-1]) + np.repeat(begins, lengths)
        history = np.repeat(np.arange(len(histories)), np.diff(ends[histories.offsets]))
        flat = history * len(self) + self.items[places]  # add.at is slow with two indices
        weights = self.weights[places]
        if self.long_weights is not None:
            share = self.long_share(histories.lengths)[history]
            weights = weights + share * (self.long_weights[places] - weights)
        of_items = histories.age_weights(recency)
        weights = weights * _inverse_lengths(histories, power, of_items)[history]
        if of_items is not None:
            weights *= np.repeat(of_items, lengths)
        np.add.at(scores.reshape(-1), flat, weights)


class MemorySums:
    """Adds up the weights of a memory for many histories, in compiled loops of scipy.

    Parameters
    ----------
    memory : Memory
    columns : array of shape (n,), int32, optional
        The only items whose sums are wanted, in rising order; all items by default.
    """

    def __init__(self, memory: Memory, columns: Rows | None = None) -> None:
        import scipy.sparse

        n = len(memory)
        self._memory = memory
        data: Any = memory.weights
        if memory.long_weights is not None:
            # A row is then gathered once for both: the real part holds the weights for short
            # histories, and the imaginary part what is added for long ones.
            data = np.empty(len(memory.items), dtype=np.complex64)
            data.real = memory.weights
            data.imag = memory.long_weights - memory.weights
        weights = scipy.sparse.csr_array((data, memory.items, memory.offsets), shape=(n, n))
        self._weights = weights if columns is None else weights[:, columns]
        self._row_lengths = np.diff(self._weights.indptr).astype(np.int64)

    def write(self, histories: Histories, power: float, out: Scores, recency: float = 0.0) -> None:
        """Write the sum of the weights of each history's n items over ``n ** power`` to `out`.

        Parameters
        ----------
        histories : Histories
            m of them, of known items.
        power : float
        out : array of shape (m, n), float32
            Overwritten; its rows lie one after another in memory.
        recency : float
            As in `Memory.score_rows`.
        """
        ends = pack_lengths(self._row_lengths[histories.items])[histories.offsets]
        for start, stop in blocks(ends, BLOCK_WEIGHTS):
            self._write_sums(histories.slice(start, stop), power, out[start:stop], recency)

    def writer(self, histories: Histories, power: float, recency: float = 0.0) -> WriteAdded:
        """Return what writes these sums for a run of the histories; see `WriteAdded`."""

        def write(start: int, stop: int, out: Scores) -> None:
            self.write(histories.slice(start, stop), power, out, recency)

        return write

    def _write_sums(self, histories: Histories, power: float, out: Scores, recency: float) -> None:
        import scipy.sparse

        # A row for each item of each history. The rows of a history lie side by side, so they are
        # also one long row, in which an item may stand several times; toarray adds these up.
        gathered = self._weights[histories.items]
        ends = gathered.indptr[histories.offsets]
        of_items = histories.age_weights(recency)
        factors = _inverse_lengths(histories, power, of_items)
        entries = np.diff(ends)
        data = gathered.data.real * np.repeat(factors, entries)
        if self._memory.long_weights is not None:
            factors *= self._memory.long_share(histories.lengths)
            data += gathered.data.imag * np.repeat(factors, entries)
        if of_items is not None:
            data *= np.repeat(of_items, np.diff(gathered.indptr))
        shape = (len(histories), gathered.shape[1])
        sums = scipy.sparse.csr_array((data, gathered.indices, ends), shape=shape)
        sums.toarray(out=out)


def _inverse_lengths(histories: Histories, power: float, of_items: Weights | None) -> Weights:
    """Return ``n ** -power`` for each history of n items, float32 (m,); 1 for an empty one.

    Where items have weights, n is their sum.
    """
    result: Weights = histories.total_weights(of_items) ** np.float32(-power)
    return result


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
