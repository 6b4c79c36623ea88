"""Sums of item-item weights for many histories at once, by SciPy's compiled routines."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from item2vec._support.top_k_of_products import WriteAdded
from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.types import Rows, Scores, Weights

# Weights are gathered in blocks that fit into the cache of a core.
BLOCK_WEIGHTS = 1 << 19

Shares = Callable[[npt.NDArray[np.int64]], list[Weights]]


class MemorySums:
    """Computes the sums of the item-item weights of many histories.

    Parameters
    ----------
    parts : sequence of ItemWeights
        Sets of weights between the same items.
    shares : callable
        Returns the share of each part in the scores of histories of given lengths. A part with
        share 0 takes no time.
    columns : array of shape (n_columns,), int32, optional
        Rows of the items to score, in ascending order; all items by default.
    """

    def __init__(
        self, parts: Sequence[ItemWeights], shares: Shares, columns: Rows | None = None
    ) -> None:
        import scipy.sparse

        matrices = [part.to_csr() for part in parts]
        if columns is not None:
            matrices = [matrix[:, columns] for matrix in matrices]
        # Stacked, so that the weights of an item in all parts are gathered at once.
        self._weights = (
            matrices[0] if len(parts) == 1 else scipy.sparse.vstack(matrices, format="csr")
        )
        self._n_weights = np.diff(self._weights.indptr).astype(np.int64)
        self._begins = np.arange(len(parts), dtype=np.int32) * len(parts[0])
        self._shares = shares

    def write(self, histories: Histories, power: float, out: Scores, recency: float = 0.0) -> None:
        """Write the sums of the weights of each history's n items, divided by ``n ** power``.

        Parameters
        ----------
        histories : Histories
            m histories of known items.
        power : float
        out : array of shape (m, n_columns), float32
            The output array, C-contiguous, which is overwritten.
        recency : float
            As in `Memory.score_rows`.
        """
        rows = histories.items[:, None] + self._begins
        ends = pack_lengths(self._n_weights[rows].sum(axis=1))[histories.offsets]
        for start, stop in blocks(ends, BLOCK_WEIGHTS):
            self._write_sums(histories.slice(start, stop), power, out[start:stop], recency)

    def writer(self, histories: Histories, power: float, recency: float = 0.0) -> WriteAdded:
        """Return a function that writes these sums for a range of histories; see `WriteAdded`."""

        def write(start: int, stop: int, out: Scores) -> None:
            self.write(histories.slice(start, stop), power, out, recency)

        return write

    def _write_sums(self, histories: Histories, power: float, out: Scores, recency: float) -> None:
        import scipy.sparse

        of_items = histories.age_weights(recency)
        shares = np.stack(self._shares(histories.lengths), axis=1)  # (histories, parts)
        shares *= inverse_lengths(histories, power, of_items)[:, None]
        factors = np.repeat(shares, histories.lengths, axis=0)  # (items, parts)
        if of_items is not None:
            factors *= of_items[:, None]
        rows = histories.items[:, None] + self._begins
        counted = factors != 0
        # One row for each item of each history. The rows of a history are contiguous, so they are
        # also one row in which an item may occur several times; toarray sums these entries.
        gathered = self._weights[rows[counted]]
        gathered.data *= np.repeat(factors[counted], np.diff(gathered.indptr))
        n_rows = pack_lengths(counted.sum(axis=1))[histories.offsets]
        shape = (len(histories), gathered.shape[1])
        arrays = gathered.data, gathered.indices, gathered.indptr[n_rows]
        scipy.sparse.csr_array(arrays, shape=shape).toarray(out=out)


def inverse_lengths(histories: Histories, power: float, of_items: Weights | None) -> Weights:
    """Return ``n ** -power`` for each history of n items, (m,) float32; 1 for an empty history.

    If items have weights, n is their sum.
    """
    result: Weights = histories.total_weights(of_items) ** np.float32(-power)
    return result
