"""The scoring law of item vectors: the vector of a history, and the scores of items for it.

For a history with n known items,

    h        = sum(item_vectors[i]) / n ** power
    score[j] = h @ context_vectors[j] + bias[j] + sum(memory[i, j]) / n ** power

where the sums are over the items i of the history. The last term is the contribution of the
item-item memory, a sparse matrix of weights between pairs of items, if the model has one. Without a
known item, h is 0, and items are ranked by the bias.

If a history is in order and its next item is to be predicted (see `Histories.moments`), item i has
the weight ``w[i] = (1 + age[i]) ** -recency``, where its age is the number of later moments in the
history. Both sums are then weighted, and sum(w) replaces n.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from item2vec._support.finite import SCORABLE, check_finite, is_finite
from item2vec._support.top_k import places_in, rows_at
from item2vec._support.top_k_of_products import top_k_of_products
from item2vec.data.histories import Histories
from item2vec.data.packed import blocks
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.pair_scores import add_pair_products, pair_memory_sums
from item2vec.models.recommender import ScoringRecommender, check_vocabulary
from item2vec.types import Rows, Scores, Vectors

ARRAYS = ("item_vectors", "context_vectors", "bias")

# Number of items whose vectors are gathered at a time, so that they fit into the cache of a core.
FOLD_IN_ITEMS = 1 << 10
# Fewer histories are not ranked in tiles, whose preparation takes longer than it saves; more
# histories at a time would need too much memory.
FEW_HISTORIES, BLOCK_HISTORIES = 64, 1 << 15


class VectorScorer(ScoringRecommender):
    """Base class of models that score items by the scoring law of this module.

    Attributes
    ----------
    item_vectors, context_vectors : array of shape (n_items, vector_size), float32
    bias : array of shape (n_items,), float32
    power : float
    memory : Memory or None
    recency : float
    """

    item_vectors: Vectors
    context_vectors: Vectors
    bias: Vectors
    power: float
    memory: Memory | None
    recency: float

    @property
    def vector_size(self) -> int:
        """Number of dimensions of a vector."""
        return int(self.item_vectors.shape[1])

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return all learned arrays, by the names that are used in messages."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return arrays if self.memory is None else arrays | self.memory.arrays()

    def check_scorable(self, histories: Histories) -> None:
        """Raise DataError unless all items can be scored for these histories.

        The histories must be over the model's vocabulary, and the numbers that every score depends
        on must be finite, which is checked once.
        """
        check_vocabulary(histories, self.vocabulary)
        _ = self._is_scorable

    @cached_property
    def _is_scorable(self) -> bool:
        """Always True; computing it raises DataError if a number in every score is not finite."""
        arrays = self.arrays()
        del arrays["item_vectors"]  # a history needs few of them: `fold_in_rows` checks its result
        check_finite(arrays, self.vocabulary.ids, below=SCORABLE)
        return True

    def fold_in_rows(self, histories: Histories) -> Vectors:
        """Return the vectors h of many histories, float32 (m, vector_size).

        Raises
        ------
        DataError
            If the histories are over another vocabulary, or one of their item vectors is damaged.
        """
        check_vocabulary(histories, self.vocabulary)
        histories = histories.known()
        weights = histories.age_weights(self.recency)  # (n,) float32 or None
        sums = self._vector_sums(histories, weights)
        if not is_finite(sums, below=SCORABLE):  # a cheap check; the next line finds the item
            arrays = {"item_vectors": self.item_vectors}
            check_finite(arrays, self.vocabulary.ids, below=SCORABLE)
        return sums / histories.total_weights(weights)[:, None] ** self.power

    def _vector_sums(
        self, histories: Histories, weights: npt.NDArray[np.float32] | None
    ) -> Vectors:
        """Return the (weighted) sum of the item vectors of each history, (m, vector_size)."""
        sums = np.zeros((len(histories), self.vector_size), dtype=np.float32)
        for start, stop in blocks(histories.offsets, FOLD_IN_ITEMS):
            full = start + np.flatnonzero(histories.lengths[start:stop])  # reduceat needs an item
            if len(full):
                run = slice(histories.offsets[start], histories.offsets[stop])
                begins = histories.offsets[full] - histories.offsets[start]
                vectors = self.item_vectors[histories.items[run]]  # (items of the run, vector_size)
                if weights is not None:
                    vectors = vectors * weights[run, None]
                sums[full] = np.add.reduceat(vectors, begins, axis=0)
        return sums

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        scores = self.fold_in_rows(histories) @ self.context_vectors.T
        scores += self.bias
        if self.memory is not None:
            scores += self.memory.score_rows(
                histories.known(), power=self.power, recency=self.recency
            )
        return scores

    def score_pairs(
        self, histories: Histories, history: npt.NDArray[np.intp], items: Rows
    ) -> Scores:
        """Return the scores of pairs of a history and an item, float32 (p,).

        Parameters
        ----------
        histories : Histories
            Histories whose order is not considered (without `moments`).
        history : array of shape (p,), int
            The history of each pair, as a position in `histories`.
        items : array of shape (p,), int32
            The item of each pair, as a row of the vocabulary.
        """
        self.check_scorable(histories)
        histories = histories.known()
        scores: Scores = self.bias[items]  # a copy
        folded = self.fold_in_rows(histories)
        add_pair_products(folded, self.context_vectors, history, items, out=scores)
        if self.memory is not None:
            lengths = np.maximum(histories.lengths[history], 1).astype(np.float32)
            sums = pair_memory_sums(self.memory, histories, history, items)
            scores += sums / lengths ** np.float32(self.power)
        return scores

    def recommend_scored(
        self,
        histories: Histories,
        k: int,
        *,
        keep_seen: bool = False,
        allowed: Rows | None = None,
    ) -> tuple[Rows, Scores]:
        """Return the `k` best items for each history with their scores; see `ScoringRecommender`.

        Many histories are ranked by tiles of scores, on all cores.
        """
        self.check(histories, k, allowed)
        if len(histories) < FEW_HISTORIES:
            return super().recommend_scored(histories, k, keep_seen=keep_seen, allowed=allowed)
        chosen = slice(None) if allowed is None else allowed
        # The bias becomes an additional dimension, in which the vector of every history is 1.
        columns = np.vstack([self.context_vectors[chosen].T, self.bias[chosen]])
        sums = None if self.memory is None else self.memory.sums(allowed)
        rows = np.empty((len(histories), k), dtype=np.int32)
        scores = np.empty((len(histories), k), dtype=np.float32)
        for start in range(0, len(histories), BLOCK_HISTORIES):
            block = histories.slice(start, min(start + BLOCK_HISTORIES, len(histories))).known()
            folded = self.fold_in_rows(block)
            queries = np.column_stack([folded, np.ones(len(block), dtype=np.float32)])
            places, best = top_k_of_products(
                queries,
                columns.T,
                k,
                hidden=None if keep_seen else (places_in(allowed, block.items), block.offsets),
                write_added=None if sums is None else sums.writer(block, self.power, self.recency),
            )
            rows[start : start + len(block)] = rows_at(allowed, places)
            scores[start : start + len(block)] = best
        return rows, scores
