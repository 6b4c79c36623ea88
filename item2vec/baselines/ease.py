"""EASE: a linear item-item model with a closed-form solution, a strong simple baseline.

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from item2vec._support.messages import counted, setting
from item2vec._support.top_k import BLOCK_SCORES, top_k
from item2vec.baselines.ease_dual import DualEASERecommender, DualSystem
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, TooLargeError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import resolve_auto
from item2vec.models.co_occurrences import co_occurrences
from item2vec.models.ease_weights import ease_weights
from item2vec.models.recommender import ScoringRecommender
from item2vec.parameters import Between, Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Floats, Progress, Rows, Scores

L2_CHOICES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0)
# The sizes at which memory reaches 4 GiB. Primal: two float32 matrices (n_items, n_items) during
# the inversion. Dual: the float32 products (n_users, n_users) and their float64 inverse. Primal
# with shared products for several values of l2: three matrices (n_items, n_items).
MOST_ITEMS = 23_170
MOST_USERS = 18_900
SHARED_ITEMS = 18_900


@dataclass(frozen=True, kw_only=True)
class EASE(Parameters):
    """EASE: a ridge regression of each item on all other items of a history, in closed form.

    With the item co-occurrences G and P = (G + λI)⁻¹, the item-item weights are
    ``B_ij = -P_ij / P_jj``, and 0 on the diagonal. The score of item j is the sum of B_ij over the
    items i of the history.

    If there are fewer users than items, the same scores are computed from the inverse of a matrix
    of users; see `ease_dual`.
    """

    l2: float | Literal["auto"] = parameter(
        "auto",
        "L2 regularization; auto: chosen on validation users",
        above=0,
        search=Between(1, 1e5, log=True),
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "EASERecommender | DualEASERecommender":
        """Fit the weights: invert the item co-occurrences or, in the dual, a matrix of users.

        Raises
        ------
        TooLargeError
            If neither matrix fits into 4 GiB.
        DataError
            If the matrix cannot be inverted with this l2.
        """
        histories = as_histories(histories)
        is_dual(histories)  # raises TooLargeError before any search
        resolved = resolve_auto(
            self,
            {"l2": L2_CHOICES},
            histories,
            self.validation,
            prepare=_prepare,
            progress=progress,
        )
        return _prepare(histories, shared=False)(resolved)


@dataclass(frozen=True, eq=False)
class EASERecommender(ScoringRecommender):
    """EASE with explicit item-item weights B, `weights`, float32 (n_items, n_items)."""

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

        The similarity is -P_ij, which is symmetric; for an item i, it ranks the items j as B_ji
        does. A ranking by B_ij = -P_ij / P_jj favors popular items j, as does the mean of B_ij and
        B_ji: both find fewer items of the same series (see `benchmarks/neighbours.py`).
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
    """Return whether EASE is solved in its dual form, which inverts a matrix of users.

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
    """Return a function that fits EASE; the products of items or users are computed once.

    A single eigendecomposition would suffice for all values of l2, but takes as long as 6.5
    inversions, and a search needs about five.
    """
    if is_dual(histories):
        system = DualSystem(histories)
        return lambda trainer: system.solve(_checked_l2(trainer), trainer)
    is_kept = shared and len(histories.vocabulary) <= SHARED_ITEMS
    kept = co_occurrences(histories) if is_kept else None

    def fit(trainer: EASE) -> EASERecommender:
        gram = co_occurrences(histories) if kept is None else kept.copy()
        return EASERecommender(
            histories.vocabulary, ease_weights(gram, _checked_l2(trainer)), trainer
        )

    return fit


def _checked_l2(trainer: EASE) -> np.float32:
    """Return l2 in single precision; raise DataError if it overflows."""
    with np.errstate(over="ignore"):
        l2 = np.float32(trainer.l2)
    if not np.isfinite(l2):
        raise DataError(f"EASE's weights overflow at l2 = {l2}: lower l2")
    return l2
