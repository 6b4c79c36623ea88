"""Sparse item co-occurrences, computed for one block of items at a time.

`co_occurrences` is the dense counterpart. Here, the required memory depends on the number of pairs
in a block, not on the number of items.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

# Pairs of interactions counted at a time; with few pairs, freed memory is reused immediately.
BLOCK_PAIRS = 2_000_000


class PairCounts(NamedTuple):
    """The co-occurrences of a block of items with all items.

    Parameters
    ----------
    start : int
        The first item of the block.
    counts : CSR array of shape (block, n_items), float32
        Number of histories that contain both items; 0 for an item with itself.
    """

    start: int
    counts: "Sparse"


def pair_counts(
    histories: Histories, weights: npt.NDArray[np.float32] | None = None
) -> Iterator[PairCounts]:
    """Yield the co-occurrences of all items, block by block.

    Parameters
    ----------
    histories : Histories
        A repeated item counts as often as it is repeated.
    weights : array of shape (m,), float32, optional
        Weight of each history; 1 by default.
    """
    matrix = histories.to_csr()  # (m, n_items)
    transposed = matrix.T.tocsr()  # (n_items, m)
    if weights is not None:
        matrix.data *= np.repeat(weights, np.diff(matrix.indptr))
    for start, stop in blocks(pack_lengths(_pairs_of_items(histories)), BLOCK_PAIRS):
        counts = transposed[start:stop] @ matrix  # (block, n_items)
        own = np.repeat(np.arange(start, stop), np.diff(counts.indptr))
        counts.data[counts.indices == own] = 0
        yield PairCounts(start, counts)


def sample_of_pairs(histories: Histories, n_pairs: int, *, seed: int = 0) -> Histories:
    """Return the histories, or a random sample of them with at most `n_pairs` pairs.

    A history of n items has n² pairs of interactions. The sample contains at least one history.
    """
    squares = histories.lengths**2
    if squares.sum() <= n_pairs:
        return histories
    order = np.random.default_rng(seed).permutation(len(histories))
    n = int(np.searchsorted(np.cumsum(squares[order]), n_pairs, side="right"))
    return histories.take(np.sort(order[: max(1, n)]))


def _pairs_of_items(histories: Histories) -> npt.NDArray[np.int64]:
    """Return the number of pairs of interactions to count for each item, int64 (n_items,)."""
    known = histories.known()
    weights = np.repeat(known.lengths, known.lengths)
    n_items = len(histories.vocabulary)
    return np.bincount(known.items, weights, minlength=n_items).astype(np.int64)
