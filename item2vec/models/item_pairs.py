"""Counts of pairs of items that share a history, sparse and a block of items at a time.

The dense counterpart is `co_occurrences`. Here memory grows with the pairs of one block, however
many items there are.
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

# Pairs of interactions counted at a time: few enough that freed memory is used again at once.
BLOCK_PAIRS = 2_000_000


class PairCounts(NamedTuple):
    """The pair counts of a run of items.

    Parameters
    ----------
    start : int
        The first item of the run.
    counts : CSR array of shape (run, n_items), float32
        In how many histories each item of the run stands together with each other item; 0 for an
        item with itself.
    """

    start: int
    counts: "Sparse"


def pair_counts(
    histories: Histories, weights: npt.NDArray[np.float32] | None = None
) -> Iterator[PairCounts]:
    """Give the pair counts of all items, run by run.

    Parameters
    ----------
    histories : Histories
        An item counts as often as it is repeated in a history.
    weights : array of shape (m,), float32, optional
        What each history counts for, instead of 1.
    """
    watched = histories.to_csr()  # (m, n_items)
    watchers = watched.T.tocsr()  # (n_items, m)
    if weights is not None:
        watched.data *= np.repeat(weights, np.diff(watched.indptr))
    for start, stop in blocks(pack_lengths(_pairs_of_items(histories)), BLOCK_PAIRS):
        counts = watchers[start:stop] @ watched
        own = np.repeat(np.arange(start, stop), np.diff(counts.indptr))
        counts.data[counts.indices == own] = 0
        yield PairCounts(start, counts)


def sample_of_pairs(histories: Histories, n_pairs: int, *, seed: int = 0) -> Histories:
    """Return the histories, or a random sample that holds at most `n_pairs` pairs of interactions.

    A history of n items holds n² pairs. At least one history is returned where there is one.
    """
    squares = histories.lengths**2
    if squares.sum() <= n_pairs:
        return histories
    order = np.random.default_rng(seed).permutation(len(histories))
    n = int(np.searchsorted(np.cumsum(squares[order]), n_pairs, side="right"))
    return histories.take(np.sort(order[: max(1, n)]))


def _pairs_of_items(histories: Histories) -> npt.NDArray[np.int64]:
    """Return how many pairs of interactions must be counted for each item, int64 (n_items,)."""
    known = histories.known()
    weights = np.repeat(known.lengths, known.lengths)
    n_items = len(histories.vocabulary)
    return np.bincount(known.items, weights, minlength=n_items).astype(np.int64)
