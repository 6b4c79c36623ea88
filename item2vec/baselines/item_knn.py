"""Item k-NN: recommendation of items that occur in the same histories as the user's items.

Sarwar et al., "Item-based Collaborative Filtering Recommendation Algorithms" (2001); Deshpande and
Karypis, "Item-based Top-N Recommendation Algorithms" (2004).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from item2vec._support.sparse_top_k import keep_largest, top_k_of_sparse
from item2vec.baselines.sparse_recommender import SparseRecommender
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import resolve_auto
from item2vec.models.item_pairs import PairCounts, pair_counts, sample_of_pairs
from item2vec.parameters import Among, Between, Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Progress, Rows, Scores

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

NORMALIZATIONS: tuple[Literal["none", "sum"], ...] = ("none", "sum")
NEIGHBORS = (20, 50, 200, 1000)
SHRINKAGES = (0.0, 5.0, 20.0, 50.0, 100.0, 200.0, 500.0)
MOST_KEPT = 50_000_000  # cosines kept, over all items: 400 MB
TUNED_PAIRS = 100_000_000  # pairs of interactions counted for tuning: at most 800 MB


@dataclass(frozen=True, kw_only=True)
class ItemKNN(Parameters):
    """Item k-NN: items are scored by their cosines with the items of the history.

    The cosine of items i and j, with shrinkage, is ``s_ij = n_ij / (sqrt(n_i * n_j) + shrinkage)``,
    where n_ij is the number of histories with both items and n_i the number with item i. Each item
    keeps its `neighbors` largest cosines. The score follows one of two rules:

    - ``normalization="none"``: an item i of the history adds s_ij to the score of each item j among
      the neighbors of i.
    - ``normalization="sum"``: the score of item j is the sum of s_ij over the items i of the
      history that are among the neighbors of j, divided by the sum over all neighbors of j
      (similarities normalized item by item, as in Deshpande and Karypis, 2004). An item with few
      neighbors can then outrank a popular item.

    With ``normalization="auto"`` both rules are tuned, each with its own `neighbors` and
    `shrinkage`, and the better one is used. On large data, models are tuned on a random sample of
    the training users; the final fit uses all of them.
    """

    neighbors: int | Literal["auto"] = parameter(
        "auto",
        "neighbors kept per item; auto: chosen on validation users",
        at_least=1,
        search=Between(10, 1000, log=True),
    )
    shrinkage: float | Literal["auto"] = parameter(
        "auto",
        "added to the denominator of the cosine; auto: chosen on validation users",
        at_least=0,
        search=Between(0.1, 1000, log=True),
    )
    normalization: Literal["none", "sum", "auto"] = parameter(
        "auto",
        "none: cosines are added as they are; sum: the cosines of each candidate item with its "
        "neighbors are divided by their sum; auto: chosen on validation users",
        search=Among(NORMALIZATIONS),
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "ItemKNNRecommender":
        """Count the histories in which each pair of items occurs; a repeated item counts once."""
        histories = as_histories(histories).without_repeats()
        most_neighbors = max(1, MOST_KEPT // max(1, len(histories.vocabulary)))
        resolved = resolve_auto(
            self,
            {
                "neighbors": [n for n in NEIGHBORS if n <= most_neighbors] or [min(NEIGHBORS)],
                "shrinkage": SHRINKAGES,
            },
            histories,
            self.validation,
            # A single user can't be held out, so the two rules can't be compared.
            alternatives={"normalization": NORMALIZATIONS[: min(2, max(1, len(histories)))]},
            prepare=_prepare,
            progress=progress,
        )
        return _fit(resolved, histories, pair_counts(histories))


@dataclass(frozen=True, eq=False)
class ItemKNNRecommender(SparseRecommender):
    """Item k-NN with fitted weights, CSR float32 (n_items, n_items), one row per history item."""

    vocabulary: Vocabulary
    weights: "Sparse"
    parameters: ItemKNN

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items with the largest cosines with each of `rows`, int32 (m, k)."""
        return top_k_of_sparse(self._neighbors[rows], k)[0]

    @cached_property
    def _neighbors(self) -> "Sparse":
        """Weights of the neighbors of each item, CSR (n_items, n_items), ordered as the cosines."""
        # With "sum" the neighbors of an item are in its column, all divided by the same number.
        return self.weights.T.tocsr() if self.parameters.normalization == "sum" else self.weights


def _prepare(histories: Histories) -> Callable[[ItemKNN], ItemKNNRecommender]:
    """Count the pairs of a sample once, and return a function that fits a trainer on the counts."""
    sample = sample_of_pairs(histories, TUNED_PAIRS)
    counted = list(pair_counts(sample))
    return lambda trainer: _fit(trainer, sample, counted)


def _fit(
    trainer: ItemKNN, histories: Histories, counted: Iterable[PairCounts]
) -> ItemKNNRecommender:
    """Compute the weights from pair counts; no parameter of the trainer is "auto"."""
    neighbors = _nearest(trainer, histories, counted)
    if trainer.normalization == "sum":
        sums: Scores = np.asarray(neighbors.sum(axis=1))
        neighbors.data /= np.repeat(sums, np.diff(neighbors.indptr))
        neighbors = neighbors.T.tocsr()
    return ItemKNNRecommender(histories.vocabulary, neighbors, trainer)


def _nearest(trainer: ItemKNN, histories: Histories, counted: Iterable[PairCounts]) -> "Sparse":
    """Return the largest cosines of each item, CSR float32 (n_items, n_items), one row per item."""
    import scipy.sparse

    n_items = len(histories.vocabulary)
    roots = np.sqrt(np.bincount(histories.known().items, minlength=n_items)).astype(np.float32)
    parts = []
    for start, counts in counted:
        own = np.repeat(roots[start : start + counts.shape[0]], np.diff(counts.indptr))
        norms = own * roots[counts.indices]
        norms += np.float32(trainer.shrinkage)
        cosines = scipy.sparse.csr_array(
            (counts.data / norms, counts.indices, counts.indptr), shape=counts.shape
        )
        parts.append(keep_largest(cosines, int(trainer.neighbors)))
    return scipy.sparse.vstack(parts, format="csr", dtype=np.float32)
