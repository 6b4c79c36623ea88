"""Ranking metrics on plain arrays, with one value for each case and no mean.

They follow the definitions of Liang et al., "Variational Autoencoders for Collaborative Filtering"
(2018), section 4.2, which most of the literature on top-n recommendation uses.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec.errors import ParameterError
from item2vec.types import Counts, Mask, Offsets, Rows, Values

MAIN_METRIC = "ndcg@10"  # ranks models, and selects them on validation users


def find_hits(recommended: Rows, labels: Rows, offsets: Offsets) -> Mask:
    """Return which recommended items are among the labels of their case.

    Parameters
    ----------
    recommended : array of shape (m, k), int32
        Best first; padded with -1, which is never a hit.
    labels : array, int32
        The labels of all cases, one case after another. -1 is an item that is not in the
        vocabulary: it is never hit, and stays in the denominators.
    offsets : array of shape (m + 1,), int64
        The labels of case i are ``labels[offsets[i]:offsets[i + 1]]``.

    Returns
    -------
    array of shape (m, k), bool

    Examples
    --------
    >>> find_hits(np.array([[4, 7, -1]], np.int32), np.array([7, -1], np.int32), np.array([0, 2]))
    array([[False,  True, False]])
    """
    m = len(recommended)
    n = 1 + max(recommended.max(initial=0), labels.max(initial=0))
    case = np.arange(m, dtype=np.int64)
    wanted = (np.repeat(case, np.diff(offsets)) * n + labels)[labels >= 0]
    offered = case[:, None] * n + recommended
    return np.isin(offered, wanted) & (recommended >= 0)


def recall(hits: Mask, n_labels: Counts, k: int) -> Values:
    """Recall with a capped denominator: hits among the first `k` / min(k, number of labels).

    A perfect score is 1.0 for any number of labels. Papers on autoencoders use this
    definition; those on graph recommenders use `uncapped_recall`.

    Examples
    --------
    Two of three labels are among the first three; at k = 1 one label at most can be.

    >>> found = np.array([[True, False, True, False]])
    >>> recall(found, np.array([3]), k=3), recall(found, np.array([3]), k=1)
    (array([0.66666667]), array([1.]))
    """
    found: Values = np.count_nonzero(hits[:, :k], axis=1) / np.minimum(k, n_labels)
    return found


def uncapped_recall(hits: Mask, n_labels: Counts, k: int) -> Values:
    """Recall in the textbook definition: hits among the first `k` / number of labels.

    With more than k labels it can't reach 1.0. It equals `recall` if no case has more than k
    labels.

    Examples
    --------
    Two of three labels are among the first three, and one of three at k = 1.

    >>> found = np.array([[True, False, True, False]])
    >>> uncapped_recall(found, np.array([3]), k=3), uncapped_recall(found, np.array([3]), k=1)
    (array([0.66666667]), array([0.33333333]))
    """
    found: Values = np.count_nonzero(hits[:, :k], axis=1) / n_labels
    return found


def ndcg(hits: Mask, n_labels: Counts, k: int) -> Values:
    """Discounted cumulative gain over its largest possible value (NDCG).

    DCG is the sum of 1 / log2(1 + r) over the hits at ranks r (from 1) among the first `k`; its
    largest possible value has min(k, number of labels) hits at the first ranks. A perfect score is
    1.0. It equals scikit-learn's ``ndcg_score`` on binary gains.

    Examples
    --------
    One label of two, at rank 2: (1 / log2 3) / (1 / log2 2 + 1 / log2 3).

    >>> ndcg(np.array([[False, True, False]]), np.array([2]), k=3).round(4)
    array([0.3869])
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(k, n_labels)]
    gains: Values = hits[:, :k] @ discount[: hits.shape[1]] / ideal
    return gains


def mrr(hits: Mask, n_labels: Counts, k: int) -> Values:
    """Reciprocal rank of the first hit among the first `k`; 0 without one, and 1.0 at best.

    Examples
    --------
    >>> mrr(np.array([[False, False, True], [False] * 3]), np.array([1, 1]), k=3).round(4)
    array([0.3333, 0.    ])
    """
    reciprocal: Values = hits[:, :k].any(axis=1) / (1 + hits[:, :k].argmax(axis=1))
    return reciprocal


def hit_rate(hits: Mask, n_labels: Counts, k: int) -> Values:
    """Hit rate: 1 if any label is among the first `k`, else 0. A perfect score is 1.0.

    Examples
    --------
    >>> hit_rate(np.array([[False, True], [False, False]]), np.array([2, 2]), k=2)
    array([1., 0.])
    """
    return np.asarray(hits[:, :k].any(axis=1), dtype=np.float64)


def recall_of_labels(
    recommended: Rows, labels: Rows, offsets: Offsets, chosen: npt.NDArray[np.bool_]
) -> Values:
    """Recall of some of the labels: hits among them / min(k, number of these labels).

    Parameters
    ----------
    recommended : array of shape (m, k), int32
    labels, offsets
        As in `find_hits`.
    chosen : array, bool
        Which of the labels are counted.

    Returns
    -------
    array of shape (m,), float64
        NaN for a case without such a label.

    Examples
    --------
    >>> labels, offsets = np.array([7, 2, 4], np.int32), np.array([0, 2, 3])
    >>> some = np.array([True, True, False])
    >>> recall_of_labels(np.array([[4, 7], [4, 7]], np.int32), labels, offsets, some)
    array([0.5, nan])
    """
    m, k = recommended.shape
    case = np.repeat(np.arange(m), np.diff(offsets))[chosen]
    n = np.bincount(case, minlength=m)
    ends = np.concatenate([[0], np.cumsum(n)])
    found = find_hits(recommended, labels[chosen], ends).sum(axis=1)
    recalled: Values = np.divide(found, np.minimum(k, n), out=np.full(m, np.nan), where=n > 0)
    return recalled


def parse_metric(name: str) -> tuple[str, int]:
    """Split the name of a metric, such as ``ndcg@10``, into metric and cutoff.

    Raises
    ------
    ParameterError
        If there is no such metric.

    Examples
    --------
    >>> parse_metric("recall@20")
    ('recall', 20)
    """
    metric, _, k = name.partition("@")
    if metric not in METRICS or not k.isdecimal() or not 1 <= int(k) <= 1000:
        raise ParameterError(
            f"metric must be one of {', '.join(METRICS)} with @k, such as ndcg@10, "
            f"not {shown(name)}"
        )
    return metric, int(k)


METRICS: dict[str, Callable[[Mask, Counts, int], Values]] = {
    "recall": recall,
    "ndcg": ndcg,
    "mrr": mrr,
    "hit_rate": hit_rate,
    "uncapped_recall": uncapped_recall,
}
