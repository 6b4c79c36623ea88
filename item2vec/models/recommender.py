"""What recommends: whatever scores all items for a history ranks them here, block by block."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from item2vec._support.checks import check_k
from item2vec._support.messages import shown
from item2vec._support.progress import Progress
from item2vec._support.top_k import BLOCK_SCORES, exclude, rows_at, scores_at, top_k
from item2vec.data.histories import Histories, check_histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.types import Rows, Scores


class Recommender(Protocol):
    """All that evaluation knows of a model."""

    def recommend_rows(self, histories: Histories, k: int, *, keep_seen: bool = False) -> Rows:
        """Return the `k` best items for each history, int32 (m, k), best first.

        The items of a history are not recommended to it unless `keep_seen` is true; -1 fills the
        places for which no item is left. Evaluation passes `keep_seen` only where it is true, so a
        recommender that is never evaluated that way can do without the argument.
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


@runtime_checkable
class CanRerank(Protocol):
    """A recommender with a second, better ranking of the items like an item."""

    def reranked(self) -> SimilarItems | None:
        """Return what ranks again; None where there is nothing to rank by."""


@runtime_checkable
class HasParts(Protocol):
    """A recommender that is made of several, each of which can be scored alone."""

    def parts(self) -> Mapping[str, Recommender]:
        """Return its parts by name; none where it is all of one piece."""


def with_parts(recommenders: Mapping[str, Recommender]) -> dict[str, Recommender]:
    """Return the recommenders, and behind each its parts, called "NAME, PART".

    What a name of `recommenders` already stands for stays.
    """
    result: dict[str, Recommender] = {}
    for name, recommender in recommenders.items():
        result[name] = recommender
        if isinstance(recommender, HasParts):
            for part, alone in recommender.parts().items():
                result.setdefault(f"{name}, {part}", alone)
    return result


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

    def recommend_rows(
        self,
        histories: Histories,
        k: int,
        *,
        keep_seen: bool = False,
        allowed: Rows | None = None,
    ) -> Rows:
        """Return the `k` best items for each history, int32 (m, k), best first.

        Parameters
        ----------
        histories : Histories
            m histories over the vocabulary of this recommender.
        k : int
            The number of items to recommend to each history, at least 1; may exceed the number
            of items.
        keep_seen : bool
            Whether the items of a history may be recommended to it. By default they never are.
        allowed : array of shape (a,), int32, optional
            The only items that may be recommended, as rows of the vocabulary in rising order. By
            default every item may be.

        Returns
        -------
        array of shape (m, k), int32
            Equal scores are ranked by row. The end of a row is filled with -1 where fewer than
            `k` items may be recommended.

        Raises
        ------
        ParameterError
            If `k` is below 1, or `allowed` are not rows in rising order.
        DataError
            If the histories are of another vocabulary: their rows mean other items.
        """
        return self.recommend_scored(histories, k, keep_seen=keep_seen, allowed=allowed)[0]

    def recommend_scored(
        self,
        histories: Histories,
        k: int,
        *,
        keep_seen: bool = False,
        allowed: Rows | None = None,
    ) -> tuple[Rows, Scores]:
        """Return the `k` best items for each history as `recommend_rows` does, with their scores.

        Returns
        -------
        rows : array of shape (m, k), int32
        scores : array of shape (m, k), float32
            NaN where the row is -1.
        """
        self.check(histories, k, allowed)
        rows = np.empty((len(histories), k), dtype=np.int32)
        best = np.empty((len(histories), k), dtype=np.float32)
        step = max(1, BLOCK_SCORES // max(1, self.n_items))
        for start in range(0, len(histories), step):
            block = histories.slice(start, min(start + step, len(histories)))
            scores = self.score_rows(block)
            if not keep_seen:
                exclude(scores, block.items, block.offsets)
            if allowed is not None:
                scores = scores[:, allowed]
            places = top_k(scores, k)
            rows[start : start + step] = rows_at(allowed, places)
            best[start : start + step] = scores_at(scores, places)
        return rows, best

    def check(self, histories: Histories, k: int, allowed: Rows | None = None) -> None:
        """Raise unless `k` of the allowed items can be recommended to these histories."""
        check_k(k)
        if allowed is not None:
            check_allowed(allowed, self.n_items)
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


def check_allowed(allowed: Rows, n_items: int) -> None:
    """Raise ParameterError unless `allowed` are rows of `n_items` items in rising order."""
    if not (isinstance(allowed, np.ndarray) and allowed.ndim == 1 and allowed.dtype == np.int32):
        raise ParameterError(
            "allowed must be a flat int32 array of rows, as vocabulary.rows(ids) returns, "
            f"not {shown(allowed)}"
        )
    if (np.diff(allowed) <= 0).any():
        raise ParameterError("allowed must be rows in rising order, each once: use numpy.unique")
    if len(allowed) and not 0 <= allowed[0] <= allowed[-1] < n_items:
        raise ParameterError(
            f"allowed must lie in 0 ... {n_items - 1}, not {allowed[0]} ... {allowed[-1]}"
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
