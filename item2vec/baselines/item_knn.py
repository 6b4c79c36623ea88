"""Item k-NN: items that the same people watched (Sarwar et al., 2001), the classic to beat."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from item2vec.conversion import HistoriesLike, as_histories
from item2vec.heldout import RandomProtocol, SplitProtocol
from item2vec.histories import Histories
from item2vec.parameters import Between, Parameters, parameter
from item2vec.progress import Progress
from item2vec.ranking import BLOCK_SCORES, Rows, Scores, top_k
from item2vec.recommender import ScoringRecommender
from item2vec.validation import settled
from item2vec.vocabulary import Vocabulary

if TYPE_CHECKING:
    import scipy.sparse

NEIGHBORS = (20, 200, 1000)
MOST_KEPT = 20_000_000  # cosines, of all items together
SHRINKAGES = (0.0, 5.0, 20.0, 50.0, 100.0, 200.0, 500.0)


@dataclass(frozen=True, kw_only=True)
class ItemKNN(Parameters):
    """Scores an item by the sum of its cosines with the items of the history.

    The cosine of items i and j is the number of histories with both, over the root of the product
    of their numbers, plus a shrinkage that makes little of what few histories say:
    ``n_ij / (sqrt(n_i * n_j) + shrinkage)``. Only an item's largest cosines are kept.
    """

    neighbors: int | Literal["auto"] = parameter(
        "auto",
        "neighbours kept per item; auto: chosen on validation users",
        at_least=1,
        search=Between(10, 1000, log=True),
    )
    shrinkage: float | Literal["auto"] = parameter(
        "auto",
        "added to the denominator of the cosine; auto: chosen on validation users",
        at_least=0,
        search=Between(0.1, 1000, log=True),
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "ItemKNNRecommender":
        """Count which items share a history."""
        histories = as_histories(histories)
        if self.neighbors == "auto" or self.shrinkage == "auto":
            fitting = max(1, MOST_KEPT // max(1, len(histories.vocabulary)))
            choices = {
                "neighbors": [n for n in NEIGHBORS if n <= fitting] or [min(NEIGHBORS)],
                "shrinkage": SHRINKAGES,
            }
            best = settled(self, choices, histories, self.validation, progress=progress)
            return best.fit(histories)
        weights = _largest_cosines(histories, self.neighbors, self.shrinkage)
        return ItemKNNRecommender(histories.vocabulary, weights, self)


@dataclass(frozen=True, eq=False)
class ItemKNNRecommender(ScoringRecommender):
    """Item-item weights, CSR float32 (n_items, n_items), a row an item of the history."""

    vocabulary: Vocabulary
    weights: "scipy.sparse.csr_array[np.float32]"
    parameters: ItemKNN

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        scores: Scores = (histories.to_csr() @ self.weights).toarray()
        return scores

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items with the largest weights of each of `rows`, int32 (m, k)."""
        weights: Scores = self.weights[rows].toarray()
        weights[weights == 0] = -np.inf
        return top_k(weights, k)


def _largest_cosines(
    histories: Histories, neighbors: int, shrinkage: float
) -> "scipy.sparse.csr_array[np.float32]":
    """Return the largest cosines of each item, a block of items at a time."""
    import scipy.sparse

    watched = histories.to_csr()  # (m, n)
    watchers = watched.T.tocsr()  # (n, m)
    n = watched.shape[1]
    k = min(neighbors, max(1, n - 1))
    root = np.sqrt(np.diff(watchers.indptr)).astype(np.float32)
    weights, columns = [], []
    step = max(1, BLOCK_SCORES // max(1, n))
    for start in range(0, n, step):
        stop = min(start + step, n)
        cosines: Scores = (watchers[start:stop] @ watched).toarray()
        norms = root[start:stop, None] * root + np.float32(shrinkage)
        np.divide(cosines, norms, out=cosines, where=cosines > 0)
        cosines[np.arange(stop - start), np.arange(start, stop)] = 0  # no item is its own neighbour
        nearest = np.maximum(top_k(cosines, k), 0)
        columns.append(nearest)
        weights.append(np.take_along_axis(cosines, nearest, axis=1))
    rows = np.repeat(np.arange(n), k)
    flat = np.concatenate([part.ravel() for part in weights])
    matrix = scipy.sparse.csr_array(
        (flat, (rows, np.concatenate([part.ravel() for part in columns]))), shape=(n, n)
    )
    matrix.eliminate_zeros()
    return matrix
