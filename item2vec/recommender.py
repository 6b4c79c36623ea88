"""What recommends: whatever scores all items for a history ranks them here, block by block."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from item2vec.errors import DataError, ParameterError
from item2vec.histories import Histories, check_histories
from item2vec.progress import Progress
from item2vec.ranking import BLOCK_SCORES, Rows, Scores, exclude, top_k
from item2vec.vocabulary import Vocabulary


class Recommender(Protocol):
    """All that evaluation knows of a model."""

    def recommend_rows(self, histories: Histories, k: int) -> Rows:
        """Return the `k` best items for each history, int32 (m, k), best first.

        The items of a history are never recommended to it; -1 fills up where nothing is left.
        """


class Trainer(Protocol):
    """What makes a recommender of training histories; so do the baselines."""

    def fit(self, histories: Histories, *, progress: Progress | None = None) -> Recommender:
        """Learn from `histories` and return what was learned; the trainer stays as it was."""


@runtime_checkable
class SimilarItems(Protocol):
    """A recommender that also knows which items are like an item."""

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items most like each of `rows`, int32 (m, k); -1 where there is none."""


class ScoringRecommender(ABC):
    """Recommends by a score of every item for every history."""

    vocabulary: Vocabulary

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.vocabulary)

    @abstractmethod
    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, a new float32 array (m, n_items).

        Raises
        ------
        DataError
            If the histories are of another vocabulary: their rows mean other items.
        """

    def recommend_rows(self, histories: Histories, k: int) -> Rows:
        """Return the `k` best items for each history, int32 (m, k), best first.

        The items of a history are never recommended to it; -1 fills up where nothing is left.

        Raises
        ------
        ParameterError
            If `k` is below 1.
        DataError
            If the histories are of another vocabulary: their rows mean other items.
        """
        self.check(histories, k)
        result = np.empty((len(histories), k), dtype=np.int32)
        step = max(1, BLOCK_SCORES // max(1, self.n_items))
        for start in range(0, len(histories), step):
            block = histories.slice(start, min(start + step, len(histories)))
            scores = self.score_rows(block)
            exclude(scores, block.items, block.offsets)
            result[start : start + step] = top_k(scores, k)
        return result

    def check(self, histories: Histories, k: int) -> None:
        """Raise unless these histories can be given `k` recommendations each."""
        if k < 1:
            raise ParameterError(f"k must be at least 1, not {k}")
        self.check_scorable(histories)

    def check_scorable(self, histories: Histories) -> None:
        """Raise DataError unless these are histories in the vocabulary of the recommender.

        Every `score_rows` begins with it.
        """
        check_vocabulary(histories, self.vocabulary)


def check_vocabulary(histories: Histories, vocabulary: Vocabulary) -> None:
    """Raise DataError unless these are histories over the items of `vocabulary`."""
    check_histories(histories)
    theirs = histories.vocabulary
    if theirs is not vocabulary and theirs.ids != vocabulary.ids:
        raise DataError(
            f"these histories are of another vocabulary ({len(theirs)} items) than the model "
            f"({len(vocabulary)}), so their rows mean other items: pack them with "
            "vocabulary=model.vocabulary"
        )


@dataclass(frozen=True, eq=False)
class SameForAll(ScoringRecommender):
    """Scores an item the same whatever the history; equal scores go by row.

    Parameters
    ----------
    vocabulary : Vocabulary
    scores : array of shape (n_items,), float32
    """

    vocabulary: Vocabulary
    scores: Scores

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        return np.tile(self.scores, (len(histories), 1))
