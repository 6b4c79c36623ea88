"""Item k-NN: items that the same users interacted with, the classic baseline.

Sarwar et al., "Item-based Collaborative Filtering Recommendation Algorithms" (2001); Deshpande and
Karypis, "Item-based Top-N Recommendation Algorithms" (2004).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from item2vec._support.progress import Progress
from item2vec._support.sparse_top_k import keep_largest, top_k_of_sparse
from item2vec.baselines.sparse_recommender import SparseRecommender
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import best_trainer
from item2vec.models.item_pairs import PairCounts, pair_counts, sample_of_pairs
from item2vec.parameters import Among, Between, Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Rows, Scores

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

NORMALIZATIONS: tuple[Literal["none", "sum"], ...] = ("none", "sum")
NEIGHBORS = (20, 50, 200, 1000)
SHRINKAGES = (0.0, 5.0, 20.0, 50.0, 100.0, 200.0, 500.0)
MOST_KEPT = 50_000_000  # cosines of all items together: 400 MB
TUNED_PAIRS = 100_000_000  # pairs of interactions whose counts tuning holds: at most 800 MB


@dataclass(frozen=True, kw_only=True)
class ItemKNN(Parameters):
    """Scores an item by its cosines with the items of the history.

    The cosine of items i and j is the number of histories with both over the root of the product
    of their numbers, damped by a shrinkage: ``s_ij = n_ij / (sqrt(n_i * n_j) + shrinkage)``. Each
    item keeps its `neighbors` largest cosines. Two rules make scores of them:

    - ``normalization="none"``: an item of the history adds s_ij to the score of each item j among
      its own neighbours.
    - ``normalization="sum"``: the score of item j is the sum of s_ij over the items i of the
      history that are among the neighbours of j, divided by the sum over all neighbours of j
      (similarities normalised item by item, as in Deshpande and Karypis, 2004). An item with few
      neighbours can then outrank a popular one.

    With ``normalization="auto"`` both rules are tuned, each with its own neighbours and shrinkage,
    and the better one is taken. On large data, tuning is fitted on a random sample of the training
    users; the final fit is on all of them.
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
    normalization: Literal["none", "sum", "auto"] = parameter(
        "auto",
        "none: cosines are added as they are; sum: the cosines of each candidate item with its "
        "neighbours are divided by their sum; auto: chosen on validation users",
        search=Among(NORMALIZATIONS),
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "ItemKNNRecommender":
        """Count which items share a history; an item repeated in a history counts once."""
        histories = as_histories(histories).without_repeats()
        trainer = self._tuned(histories, progress)
        return _fit(trainer, histories, pair_counts(histories))

    def _tuned(self, histories: Histories, progress: Progress | None) -> "ItemKNN":
        """Return the trainer with no parameter "auto"."""
        rules = NORMALIZATIONS if self.normalization == "auto" else (self.normalization,)
        if len(histories) < 2:  # there is nobody to choose a rule on
            rules = rules[:1]
        trainers = [replace(self, normalization=rule) for rule in rules]
        if len(trainers) == 1 and "auto" not in (self.neighbors, self.shrinkage):
            return trainers[0]
        fitting = max(1, MOST_KEPT // max(1, len(histories.vocabulary)))
        choices = {
            "neighbors": [n for n in NEIGHBORS if n <= fitting] or [min(NEIGHBORS)],
            "shrinkage": SHRINKAGES,
        }
        return best_trainer(
            trainers, choices, histories, self.validation, prepare=_prepare, progress=progress
        )


@dataclass(frozen=True, eq=False)
class ItemKNNRecommender(SparseRecommender):
    """Item-item weights, CSR float32 (n_items, n_items), a row for each item of the history."""

    vocabulary: Vocabulary
    weights: "Sparse"
    parameters: ItemKNN

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items with the largest cosines with each of `rows`, int32 (m, k)."""
        return top_k_of_sparse(self._neighbors[rows], k)[0]

    @cached_property
    def _neighbors(self) -> "Sparse":
        """A row for each item with its own neighbours, ordered as their cosines are."""
        # A column was divided by one number, which leaves the order of its entries as it was.
        is_of_candidates = self.parameters.normalization == "sum"
        return self.weights.T.tocsr() if is_of_candidates else self.weights


def _prepare(histories: Histories) -> Callable[[ItemKNN], ItemKNNRecommender]:
    """Count the pairs of a sample once, and return what fits any parameters on these counts."""
    sample = sample_of_pairs(histories, TUNED_PAIRS)
    counted = list(pair_counts(sample))
    return lambda trainer: _fit(trainer, sample, counted)


def _fit(
    trainer: ItemKNN, histories: Histories, counted: Iterable[PairCounts]
) -> ItemKNNRecommender:
    """Make the weights of pair counts; no parameter is "auto" any more."""
    neighbors = _nearest(trainer, histories, counted)
    if trainer.normalization == "sum":
        sums: Scores = np.asarray(neighbors.sum(axis=1))
        neighbors.data /= np.repeat(sums, np.diff(neighbors.indptr))
        neighbors = neighbors.T.tocsr()
    return ItemKNNRecommender(histories.vocabulary, neighbors, trainer)


def _nearest(trainer: ItemKNN, histories: Histories, counted: Iterable[PairCounts]) -> "Sparse":
    """Return the largest cosines of each item, CSR float32 (n_items, n_items)."""
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
