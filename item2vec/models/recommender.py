"""Interfaces of recommenders and trainers, and the base class that ranks items by scores."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from item2vec._support.checks import check_k
from item2vec._support.messages import shown
from item2vec._support.top_k import BLOCK_SCORES, exclude, rows_at, scores_at, top_k
from item2vec.data.histories import Histories, check_histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.types import Progress, Rows, Scores


class Recommender(Protocol):
    """The interface that a model must implement to be evaluated."""

    def recommend_rows(self, histories: Histories, k: int, *, keep_seen: bool = False) -> Rows:
        """Return the `k` best items for each history, int32 (m, k), best first.

        The items of a history are not recommended to it unless `keep_seen` is true; rows are filled
        with -1 if too few items are left. Evaluation passes `keep_seen` only if it is true, so a
        recommender that is never evaluated that way does not need the argument.
        """


class Trainer(Protocol):
    """The interface of trainers and baselines: they fit a recommender to training histories."""

    def fit(self, histories: Histories, *, progress: Progress | None = None) -> Recommender:
        """Return a recommender fitted to `histories`; the trainer itself does not change."""


@runtime_checkable
class SimilarItems(Protocol):
    """A recommender that also finds similar items."""

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items most similar to each of `rows`, int32 (m, k), filled with -1."""


@runtime_checkable
class CanRerank(Protocol):
    """A recommender with a second ranking of similar items, by cosine and memory together."""

    def reranked(self) -> SimilarItems | None:
        """Return the search with the second ranking; None if the recommender has none."""


@runtime_checkable
class HasParts(Protocol):
    """A recommender with several parts, each of which can be evaluated alone."""

    def parts(self) -> Mapping[str, Recommender]:
        """Return the parts by name; empty if there are none."""


def with_parts(recommenders: Mapping[str, Recommender]) -> dict[str, Recommender]:
    """Return the recommenders, each followed by its parts under the name "NAME, PART".

    A part never replaces a recommender that already has its name.
    """
    result: dict[str, Recommender] = {}
    for name, recommender in recommenders.items():
        result[name] = recommender
        if isinstance(recommender, HasParts):
            for part, alone in recommender.parts().items():
                result.setdefault(f"{name}, {part}", alone)
    return result


class ScoringRecommender(ABC):
    """A recommender that ranks items by scores."""

    vocabulary: Vocabulary

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.vocabulary)

    @abstractmethod
    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, a new float32 array (m, n_items).

        Raises
        ------
        DataError
            If the histories are over another vocabulary: their rows mean other items.
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
            Number of items to recommend to each history, at least 1; it may exceed the number of
            items.
        keep_seen : bool
            Whether items of a history may be recommended to it.
        allowed : array of shape (a,), int32, optional
            Rows of the items that may be recommended, in ascending order; all by default.

        Returns
        -------
        array of shape (m, k), int32
            Equal scores are ranked by row. Rows end with -1 if fewer than `k` items may be
            recommended.

        Raises
        ------
        ParameterError
            If `k` is below 1, or `allowed` is not in ascending order.
        DataError
            If the histories are over another vocabulary: their rows mean other items.
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
        """Return the `k` best items for each history, as `recommend_rows` does, and their scores.

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
            scores = self.score_rows(block)  # (block, n_items) float32
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
        """Raise DataError unless the histories are over the recommender's vocabulary.

        Every `score_rows` calls it first.
        """
        check_vocabulary(histories, self.vocabulary)


def check_vocabulary(histories: Histories, vocabulary: Vocabulary) -> None:
    """Raise DataError unless the histories are over `vocabulary`."""
    check_histories(histories)
    theirs = histories.vocabulary
    if theirs is not vocabulary and theirs.ids != vocabulary.ids:
        raise DataError(
            f"these histories are over another vocabulary ({len(theirs)} items) than the model "
            f"({len(vocabulary)}), so their rows mean other items: pack them with "
            "vocabulary=model.vocabulary"
        )


def check_allowed(allowed: Rows, n_items: int) -> None:
    """Raise ParameterError unless `allowed` are rows of `n_items` items in ascending order."""
    if not (isinstance(allowed, np.ndarray) and allowed.ndim == 1 and allowed.dtype == np.int32):
        raise ParameterError(
            "allowed must be a flat int32 array of rows, as vocabulary.rows(ids) returns, "
            f"not {shown(allowed)}"
        )
    if (np.diff(allowed) <= 0).any():
        raise ParameterError("allowed must be rows in ascending order, each once: use numpy.unique")
    if len(allowed) and not 0 <= allowed[0] <= allowed[-1] < n_items:
        raise ParameterError(
            f"allowed must lie in 0 ... {n_items - 1}, not {allowed[0]} ... {allowed[-1]}"
        )


@dataclass(frozen=True, eq=False)
class SameForAll(ScoringRecommender):
    """Assigns each item the same score for every history; ties are ranked by row.

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
