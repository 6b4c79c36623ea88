"""A recommender that uses only the item-item memory of a model, without vectors."""

from dataclasses import dataclass
from functools import cached_property

from item2vec._support.finite import SCORABLE, check_finite
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.recommender import ScoringRecommender
from item2vec.types import Rows, Scores


@dataclass(frozen=True, eq=False)
class MemoryRecommender(ScoringRecommender):
    """Scores items by the item-item weights of a model alone, without vectors and bias.

    Comparing it with the complete model in an evaluation shows the contribution of the vectors.

    Parameters
    ----------
    vocabulary : Vocabulary
    memory : Memory
        Weights between the items of the vocabulary.
    power : float
        The sum over a history's n items is divided by ``n ** power``.
    recency : float
        Exponent of the decay of weights with age in histories in order.

    Examples
    --------
    >>> import numpy as np
    >>> vocabulary = Vocabulary.from_counts(["a", "b", "c"], [3, 2, 1])
    >>> weights = np.array([[0, 1, 2], [1, 0, 0], [0, 0, 0]], np.float32)
    >>> alone = MemoryRecommender(vocabulary, Memory.of_largest([weights], 2), power=0.5)
    >>> history = Histories.from_lists([["a"]], vocabulary=vocabulary)
    >>> alone.recommend_rows(history, 2)
    array([[2, 1]], dtype=int32)
    """

    vocabulary: Vocabulary
    memory: Memory
    power: float
    recency: float = 0.0

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        _ = self._is_scorable
        return self.memory.score_rows(histories.known(), power=self.power, recency=self.recency)

    @cached_property
    def _is_scorable(self) -> bool:
        """Always True; computing it raises DataError if a weight is not finite."""
        check_finite(self.memory.arrays(), below=SCORABLE)
        return True

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items with the largest symmetric weights, int32 (m, k).

        The weight of two items is the sum of both directions, W + Wᵀ. Only positive weights count,
        so rows may end with -1.
        """
        _ = self._is_scorable
        return self.memory.similar_rows(rows, k)
