"""The top k of blocks of scores, with exclusions."""

from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

# Blocks of this many scores (32 MB) are large enough for BLAS and small enough for any machine.
BLOCK_SCORES = 8_000_000


def top_k(scores: Scores, k: int) -> Rows:
    """Return the places of the `k` largest scores in every row, best first.

    Ties go to the lower place, so that a ranking is the same however the work was cut into blocks.

    Parameters
    ----------
    scores : array of shape (m, n), float32
        ``-inf`` marks what must not be recommended.
    k : int
        At least 1; may exceed n.

    Returns
    -------
    array of shape (m, k), int32
        Filled with -1 where a row has fewer than `k` scores above ``-inf``.

    Examples
    --------
    >>> top_k(np.array([[0.1, 0.9, 0.9, -np.inf]], dtype=np.float32), k=4)
    array([[ 1,  2,  0, -1]], dtype=int32)
    """
    m, n = scores.shape
    width = min(k, n)
    if width < n:
        places = np.argpartition(scores, n - width, axis=1)[:, n - width :]
        places.sort(axis=1)
        _settle_boundary_ties(scores, places)
    else:
        places = np.broadcast_to(np.arange(n), (m, n))
    chosen = np.take_along_axis(scores, places, axis=1)
    order = np.argsort(-chosen, axis=1, kind="stable")
    result = np.full((m, k), -1, dtype=np.int32)
    result[:, :width] = np.take_along_axis(places, order, axis=1)
    result[:, :width][np.take_along_axis(chosen, order, axis=1) == -np.inf] = -1
    return result


def _settle_boundary_ties(scores: Scores, places: npt.NDArray[np.intp]) -> None:
    """Where the k-th largest score stands outside `places` too, choose its lowest places."""
    width = places.shape[1]
    smallest = np.take_along_axis(scores, places, axis=1).min(axis=1)
    tied = np.count_nonzero(scores >= smallest[:, None], axis=1) > width
    for row in np.flatnonzero(tied & (smallest > -np.inf)):
        above = np.flatnonzero(scores[row] > smallest[row])
        level = np.flatnonzero(scores[row] == smallest[row])[: width - len(above)]
        places[row] = np.sort(np.concatenate([above, level]))


def exclude(scores: npt.NDArray[Any], items: Rows, offsets: Offsets) -> None:
    """Set the scores of each row's own items to ``-inf``, in place.

    Parameters
    ----------
    scores : array of shape (m, n)
    items : array, int32
        The items of all rows, one row after another; -1 stands for an unknown item.
    offsets : array of shape (m + 1,), int64
        Row i owns ``items[offsets[i]:offsets[i + 1]]``.
    """
    rows = np.repeat(np.arange(len(scores)), np.diff(offsets))
    mine = items[offsets[0] : offsets[-1]]
    known = mine >= 0
    scores[rows[known], mine[known]] = -np.inf
