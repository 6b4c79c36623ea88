"""Recommendation by sparse item-item weights, without dense scores for large catalogues."""

from typing import TYPE_CHECKING

import numpy as np

from item2vec._support.sparse_top_k import top_k_of_sparse
from item2vec._support.top_k import places_in, rows_at
from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths
from item2vec.models.recommender import ScoringRecommender
from item2vec.types import Rows, Scores

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

MOST_DENSE_ITEMS = 50_000  # with fewer items, dense blocks of scores are as fast
BLOCK_WEIGHTS = 20_000_000  # weights summed at a time


class SparseRecommender(ScoringRecommender):
    """A recommender that scores an item by the sum of its weights with the items of a history.

    Attributes
    ----------
    weights : CSR array of shape (n_items, n_items), float32
        One row per item of the history; no weight is negative.
    """

    weights: "Sparse"

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        scores: Scores = (histories.to_csr() @ self.weights).toarray()
        return scores

    def recommend_scored(
        self,
        histories: Histories,
        k: int,
        *,
        keep_seen: bool = False,
        allowed: Rows | None = None,
    ) -> tuple[Rows, Scores]:
        """Return the `k` best items for each history with scores; see `ScoringRecommender`.

        With many items, scores stay sparse: those above 0 are ranked, and items with a score of 0
        follow in the order of their rows.
        """
        if self.n_items <= MOST_DENSE_ITEMS:
            return super().recommend_scored(histories, k, keep_seen=keep_seen, allowed=allowed)
        self.check(histories, k, allowed)
        weights = self.weights if allowed is None else self.weights[:, allowed]
        rows = np.empty((len(histories), k), dtype=np.int32)
        best = np.empty((len(histories), k), dtype=np.float32)
        known = histories.known()
        n_weights = pack_lengths(np.diff(self.weights.indptr)[known.items])[known.offsets]
        for start, stop in blocks(n_weights, BLOCK_WEIGHTS):
            block = known.slice(start, stop)
            hidden = _hidden(block, allowed, weights.shape[1], keep_seen=keep_seen)
            places, best[start:stop] = _ranked(block.to_csr() @ weights, hidden, k)
            rows[start:stop] = rows_at(allowed, places)
        return rows, best


def _hidden(block: Histories, allowed: Rows | None, width: int, *, keep_seen: bool) -> "Sparse":
    """Return the items that must not be recommended to each history as ones, CSR (m, width)."""
    import scipy.sparse

    rows = np.repeat(np.arange(len(block)), block.lengths)
    places = places_in(allowed, block.items)
    chosen = (places >= 0) & (not keep_seen)
    ones = np.ones(int(chosen.sum()), dtype=np.float32)
    hidden = scipy.sparse.csr_array(
        (ones, (rows[chosen], places[chosen])), shape=(len(block), width)
    )
    hidden.data[:] = 1  # repeated items were summed
    return hidden


def _ranked(scores: "Sparse", hidden: "Sparse", k: int) -> tuple[Rows, Scores]:
    """Return the `k` best columns of each row and their scores; see `recommend_scored`."""
    places, best = top_k_of_sparse(scores - scores.multiply(hidden), k)
    width = scores.shape[1]
    n_found = np.count_nonzero(places >= 0, axis=1)
    for row in np.flatnonzero(n_found < k).tolist():
        n = int(n_found[row])
        own = hidden.indices[hidden.indptr[row] : hidden.indptr[row + 1]]
        taken = np.concatenate([places[row, :n], own])
        free = np.setdiff1d(np.arange(min(width, k + len(taken)), dtype=np.int32), taken)[: k - n]
        places[row, n : n + len(free)] = free
        best[row, n : n + len(free)] = 0
    return places, best
