"""EASE: a linear item-item model in closed form, the strongest simple baseline.

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from item2vec._support.messages import counted, setting
from item2vec._support.progress import Progress
from item2vec._support.top_k import BLOCK_SCORES, top_k
from item2vec.baselines.ease_dual import DualEASERecommender, DualSystem
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, TooLargeError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import settled
from item2vec.models.co_occurrences import co_occurrences
from item2vec.models.ease_weights import ease_weights
from item2vec.models.recommender import ScoringRecommender
from item2vec.parameters import Between, Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Floats, Rows, Scores

L2_CHOICES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0)
MOST_ITEMS = 23_170  # the two dense matrices that the inversion holds then take 4 GiB
MOST_USERS = 18_900  # so do the dual's products of users, float32, and their inverse, float64
SHARED_ITEMS = 18_900  # so do three matrices, of which one is kept for other values of l2


@dataclass(frozen=True, kw_only=True)
class EASE(Parameters):
    """Weights B that predict each history from itself, without an item predicting itself.

    With G the items' co-occurrences and P = (G + λI)⁻¹, ``B_ij = -P_ij / P_jj`` and 0 on the
    diagonal; the score of item j is the sum of B_ij over the items i of the history.

    Where there are fewer users than items, the same scores come from the inverse of a matrix of
    users; see `ease_dual`.
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
    ) -> "EASERecommender | DualEASERecommender":
        """Invert the matrix of co-occurrences of the items, or the dual one of the users.

        Raises
        ------
        TooLargeError
            If both would take more than 4 GiB.
        DataError
            If the matrix cannot be inverted with this l2.
        """
        histories = as_histories(histories)
        is_dual(histories)  # which raises before anything is tuned
        if self.l2 == "auto":
            choices = {"l2": L2_CHOICES}
            self = settled(
                self, choices, histories, self.validation, prepare=_prepare, progress=progress
            )
        return _prepare(histories, shared=False)(self)


@dataclass(frozen=True, eq=False)
class EASERecommender(ScoringRecommender):
    """Item-item weights B, float32 (n_items, n_items)."""

    vocabulary: Vocabulary
    weights: Floats
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


def is_dual(histories: Histories) -> bool:
    """Return whether EASE is solved by its dual, which inverts a matrix of users.

    Raises
    ------
    TooLargeError
        If neither the matrix of items nor that of users fits into 4 GiB.
    """
    n_users, n_items = len(histories), len(histories.vocabulary)
    if n_users < n_items and n_users <= MOST_USERS:
        return True
    if n_items <= MOST_ITEMS:
        return False
    raise TooLargeError(
        f"EASE inverts a {n_items} x {n_items} matrix, which takes "
        f"{8 * n_items * n_items / 2**30:.1f} GiB of memory: raise {setting('min_count')} to have "
        f"at most {MOST_ITEMS:,} items, or train on at most {counted(MOST_USERS, 'user')}"
    )


def _prepare(
    histories: Histories, *, shared: bool = True
) -> Callable[[EASE], EASERecommender | DualEASERecommender]:
    """Return what fits EASE with any l2; the products of items or users are computed once.

    (Eigenvectors would serve every l2 too, but cost 6.5 times an inversion, and a search tries
    about five.)
    """
    if is_dual(histories):
        system = DualSystem(histories)
        return lambda trainer: system.solve(_checked_l2(trainer), trainer)
    keeps = shared and len(histories.vocabulary) <= SHARED_ITEMS
    kept = co_occurrences(histories) if keeps else None

    def fit(trainer: EASE) -> EASERecommender:
        gram = co_occurrences(histories) if kept is None else kept.copy()
        return EASERecommender(
            histories.vocabulary, ease_weights(gram, _checked_l2(trainer)), trainer
        )

    return fit


def _checked_l2(trainer: EASE) -> np.float32:
    """Return l2 in single precision; raise DataError where it is beyond that."""
    with np.errstate(over="ignore"):
        l2 = np.float32(trainer.l2)
    if not np.isfinite(l2):
        raise DataError(f"EASE's weights leave the range of numbers at l2 = {l2}: lower l2")
    return l2
