"""EASE: a linear item-item model in closed form, the strongest simple baseline there is.

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019).
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from item2vec.co_occurrences import Matrix, co_occurrences
from item2vec.conversion import HistoriesLike, as_histories
from item2vec.errors import DataError, TooLargeError
from item2vec.finite import is_finite
from item2vec.heldout import RandomProtocol, SplitProtocol
from item2vec.histories import Histories
from item2vec.parameters import Between, Parameters, parameter
from item2vec.progress import Progress
from item2vec.ranking import BLOCK_SCORES, Rows, Scores, top_k
from item2vec.recommender import ScoringRecommender
from item2vec.validation import settled
from item2vec.vocabulary import Vocabulary
from item2vec.wording import setting

L2_CHOICES = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0)
MOST_ITEMS = 23_170  # the two dense matrices that the inversion holds then take 4 GiB
MIRRORED = 256  # rows of the inverse at a time: a column of single numbers would miss the cache


@dataclass(frozen=True, kw_only=True)
class EASE(Parameters):
    """Weights B that predict each history from itself, without an item predicting itself.

    With G the items' co-occurrences and P = (G + λI)⁻¹, ``B_ij = -P_ij / P_jj`` and 0 on the
    diagonal; the score of item j is the sum of B_ij over the items i of the history.
    """

    l2: float | Literal["auto"] = parameter(
        "auto",
        "L2 regularisation; auto: chosen on validation users",
        above=0,
        search=Between(1, 1e5, log=True),
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "EASERecommender":
        """Invert the matrix of co-occurrences.

        Raises
        ------
        TooLargeError
            If that would take more than 4 GiB.
        """
        histories = as_histories(histories)
        n = len(histories.vocabulary)
        if n > MOST_ITEMS:
            raise TooLargeError(
                f"EASE inverts a {n} x {n} matrix, which takes {8 * n * n / 2**30:.1f} GiB of "
                f"memory: raise {setting('min_count')} to have at most {MOST_ITEMS} items"
            )
        if self.l2 == "auto":
            choices = {"l2": L2_CHOICES}
            best = settled(self, choices, histories, self.validation, progress=progress)
            return best.fit(histories)
        with np.errstate(over="ignore"):  # of an l2 beyond float32, which is then refused
            l2 = np.float32(self.l2)
        weights = ease_weights(co_occurrences(histories), l2)
        return EASERecommender(histories.vocabulary, weights, self)


@dataclass(frozen=True, eq=False)
class EASERecommender(ScoringRecommender):
    """Item-item weights B, float32 (n_items, n_items)."""

    vocabulary: Vocabulary
    weights: Matrix
    parameters: EASE

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        scores: Scores = histories.to_csr() @ self.weights
        return scores

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items nearest to each of `rows`, int32 (m, k).

        Items are near by -P_ij, which is symmetric: for an item i that is the order of B_ji. The
        order of B_ij, which is -P_ij / P_jj, prefers popular items j, and so does the mean of both;
        both find fewer items of the same series (see `benchmarks/neighbours.py`).
        """
        near = np.empty((len(rows), k), dtype=np.int32)
        step = max(1, BLOCK_SCORES // max(1, self.n_items))
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            weights = np.ascontiguousarray(self.weights[:, block].T)
            weights[np.arange(len(block)), block] = -np.inf
            near[start : start + step] = top_k(weights, k)
        return near


def ease_weights(gram: Matrix, l2: Matrix | np.float32) -> Matrix:
    """Return EASE's B; `gram` is overwritten, and `l2` is of all items or of each, (n_items,)."""
    from scipy.linalg import lapack

    n = len(gram)
    gram[np.diag_indices(n)] += l2
    # By Cholesky, in place: half the work of a general inverse, and no second copy.
    factor, failed = lapack.spotrf(gram.T, lower=1, overwrite_a=1)
    inverse, failed_too = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise DataError(f"EASE's matrix is singular at l2 = {np.mean(l2)}: raise l2")
    if not is_finite(inverse.diagonal()) or not inverse.diagonal().all():
        raise DataError(
            f"EASE's weights leave the range of numbers at l2 = {np.mean(l2)}: lower l2"
        )
    precision: Matrix = inverse.T  # in C order; its upper triangle is filled
    for start in range(0, n, MIRRORED):
        stop = min(start + MIRRORED, n)
        precision[start:stop, :start] = precision[:start, start:stop].T
        square = precision[start:stop, start:stop]
        square += np.triu(square, 1).T - np.tril(square, -1)
    precision /= -precision.diagonal().copy()
    precision[np.diag_indices(n)] = 0
    return precision
