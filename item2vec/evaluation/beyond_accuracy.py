"""What accuracy does not tell: how far into the catalogue recommendations reach, and how alike."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.data.histories import Histories
from item2vec.types import Rows, Values

if TYPE_CHECKING:
    import scipy.sparse

# The similarity within lists is that of so many cases: it takes a matrix of all that these name.
SAMPLED_CASES = 500

HEAD, MIDDLE, TAIL = "head", "middle", "tail"
SLICES = (HEAD, MIDDLE, TAIL)


def mean_of_items(recommended: Rows, of_item: npt.NDArray[np.floating]) -> Values:
    """Return the mean of a number that each item has over what is recommended to each case.

    Parameters
    ----------
    recommended : array of shape (m, k), int32
        -1 where there is none, which counts in no mean.
    of_item : array of shape (n_items,)

    Returns
    -------
    array of shape (m,), float64
        NaN where nothing is recommended.

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
    of Vargas and Castells, 2011). An item with half of all interactions tells 1 bit.

    Examples
    --------
    >>> self_information(np.array([4, 2, 2])).tolist()
    [1.0, 2.0, 2.0]
    """
    share = np.maximum(counts, 1) / max(1, counts.sum())
    information: Values = -np.log2(share)
    return information


def coverage(exposure: npt.NDArray[np.int64]) -> float:
    """Share of the items of the catalogue that are recommended to anybody.

    Parameters
    ----------
    exposure : array of shape (n_items,)
        How often each item is recommended.

    Examples
    --------
    >>> coverage(np.array([3, 0, 1, 0]))
    0.5
    """
    return float(np.count_nonzero(exposure) / max(1, len(exposure)))


def gini(exposure: npt.NDArray[np.int64]) -> float:
    """How unequally recommendations fall on the items: 0 equally, near 1 all on one.

    With the exposures x sorted upwards, ``sum((2 i - n - 1) x_i) / (n sum(x))``, i from 1.

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
    """Return how alike the recommended items are: the mean cosine over all pairs of a list.

    Two items' cosine is the number of training users who have both, over the root of the product of
    their numbers (Ziegler et al., 2005, with this similarity): the same yardstick for every model.

    Parameters
    ----------
    recommended : array of shape (m, k), int32
    training : Histories
        Over the same vocabulary.

    Returns
    -------
    array of shape (m,), float64
        NaN for all but 500 cases, evenly spaced, and for lists of fewer than two items.

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


def _cosines(watched: "scipy.sparse.csc_array[np.float32]") -> npt.NDArray[np.float32]:
    """Return the cosines of all pairs of columns, float32 (n, n)."""
    watched.data[:] = 1  # a repeat counts once
    together: npt.NDArray[np.float32] = (watched.T @ watched).toarray()
    norms = np.sqrt(np.maximum(together.diagonal(), 1))
    together /= norms[:, None]
    together /= norms
    return together


def popularity_slices(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the slice of each item, an index into `SLICES`.

    The most counted items with a third of all interactions are the head, those with the next third
    the middle, all others the tail.

    Parameters
    ----------
    counts : array of shape (n_items,), int64
        In falling order, as a vocabulary has them.

    Examples
    --------
    >>> popularity_slices(np.array([4, 2, 2, 2, 1, 1])).tolist()
    [0, 1, 1, 2, 2, 2]
    """
    before = np.cumsum(counts) - counts
    slices: npt.NDArray[np.int64] = np.minimum(3 * before // max(1, int(counts.sum())), 2)
    return slices
