"""Metrics beyond accuracy: coverage, novelty, and similarity within recommended lists."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.data.histories import Histories
from item2vec.types import Rows, Values

if TYPE_CHECKING:
    import scipy.sparse

# Number of cases on which intra-list similarity is measured: it needs a dense matrix of all their
# items.
SAMPLED_CASES = 500

HEAD, MIDDLE, TAIL = "head", "middle", "tail"
SLICES = (HEAD, MIDDLE, TAIL)


def mean_of_items(recommended: Rows, of_item: npt.NDArray[np.floating]) -> Values:
    """Return the mean of an item attribute over the items that are recommended in each case.

    Parameters
    ----------
    recommended : array of shape (m, k), int32
        -1 where there is no item; it is left out of the mean.
    of_item : array of shape (n_items,)
        The attribute of each item, such as its number of interactions.

    Returns
    -------
    array of shape (m,), float64
        NaN if nothing is recommended.

    Examples
    --------
    >>> mean_of_items(np.array([[0, 2], [1, -1]], np.int32), np.array([5.0, 3.0, 1.0]))
    array([3., 3.])
    """
    there = recommended >= 0
    sums = np.where(there, of_item[np.maximum(recommended, 0)], 0.0).sum(axis=1)
    counts = there.sum(axis=1)
    means: Values = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return means


def self_information(counts: npt.NDArray[np.int64]) -> Values:
    """Return the novelty of each item: -log2 of its share of all interactions.

    The mean over a list is the novelty of the list (Zhou et al., 2010; the "free discovery" model
    of Vargas and Castells, 2011). An item with half of all interactions has 1 bit.

    Examples
    --------
    >>> self_information(np.array([4, 2, 2])).tolist()
    [1.0, 2.0, 2.0]
    """
    share = np.maximum(counts, 1) / max(1, counts.sum())
    information: Values = -np.log2(share)
    return information


def coverage(exposure: npt.NDArray[np.int64]) -> float:
    """Return the share of items that are recommended in at least one case.

    Parameters
    ----------
    exposure : array of shape (n_items,)
        The number of recommendations of each item.

    Examples
    --------
    >>> coverage(np.array([3, 0, 1, 0]))
    0.5
    """
    return float(np.count_nonzero(exposure) / max(1, len(exposure)))


def gini(exposure: npt.NDArray[np.int64]) -> float:
    """Return the Gini coefficient of the numbers of recommendations of the items.

    It is 0 if all items are recommended equally often, and near 1 if only one is. With the
    exposures x in ascending order, it is ``sum((2 i - n - 1) x_i) / (n sum(x))``, i from 1.

    Examples
    --------
    >>> gini(np.array([2, 2, 2, 2])), gini(np.array([8, 0, 0, 0]))
    (0.0, 0.75)
    """
    n, total = len(exposure), int(exposure.sum())
    if total == 0:
        return 0.0
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) * np.sort(exposure)).sum() / (n * total))


def intra_list_similarity(recommended: Rows, training: Histories) -> Values:
    """Return the intra-list similarity: the mean cosine over all pairs of recommended items.

    The cosine of two items is the number of training users who have both, over the square root of
    the product of the numbers of users who have each (Ziegler et al., 2005, with this similarity).
    It does not depend on the model.

    Parameters
    ----------
    recommended : array of shape (m, k), int32
    training : Histories
        Over the same vocabulary.

    Returns
    -------
    array of shape (m,), float64
        NaN except for 500 evenly spaced cases, and NaN for lists of fewer than two items.

    Examples
    --------
    >>> training = Histories.from_lists([["a", "b"], ["a", "b"], ["c"]])
    >>> intra_list_similarity(np.array([[0, 1, 2]], np.int32), training).round(3)  # a, b: 1, else 0
    array([0.333])
    """
    sampled = np.unique(np.linspace(0, len(recommended) - 1, SAMPLED_CASES).astype(int))
    items, places = np.unique(np.maximum(recommended[sampled], 0), return_inverse=True)
    places = places.reshape(len(sampled), -1)
    there = recommended[sampled] >= 0
    cosines = _cosines(training.to_csr().tocsc()[:, items])
    similarity = np.full(len(recommended), np.nan)
    for case, own, is_there in zip(sampled.tolist(), places, there, strict=True):
        listed = own[is_there]
        n_pairs = len(listed) * (len(listed) - 1)
        if n_pairs:
            block = cosines[np.ix_(listed, listed)]
            similarity[case] = (block.sum() - np.trace(block)) / n_pairs
    return similarity


def _cosines(users_by_items: "scipy.sparse.csc_array[np.float32]") -> npt.NDArray[np.float32]:
    """Return the cosines of all pairs of columns, float32 (n, n)."""
    users_by_items.data[:] = 1  # a repeat counts once
    together: npt.NDArray[np.float32] = (users_by_items.T @ users_by_items).toarray()  # (n, n)
    norms = np.sqrt(np.maximum(together.diagonal(), 1))
    together /= norms[:, None]
    together /= norms
    return together


def popularity_slices(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the slice of each item, an index into `SLICES`.

    The most popular items with a third of all interactions are the head, those with the next third
    the middle, and all others the tail.

    Parameters
    ----------
    counts : array of shape (n_items,), int64
        In descending order, as in a vocabulary.

    Examples
    --------
    >>> popularity_slices(np.array([4, 2, 2, 2, 1, 1])).tolist()
    [0, 1, 1, 2, 2, 2]
    """
    before = np.cumsum(counts) - counts
    slices: npt.NDArray[np.int64] = np.minimum(3 * before // max(1, int(counts.sum())), 2)
    return slices
