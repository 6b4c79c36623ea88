"""Baselines that ignore the history: popularity and random."""

from dataclasses import dataclass

import numpy as np

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.models.recommender import SameForAll, ScoringRecommender
from item2vec.parameters import Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Progress, Scores


@dataclass(frozen=True, kw_only=True)
class Popularity(Parameters):
    """Recommends the items with the most interactions among training users to everyone."""

    def fit(self, histories: HistoriesLike, *, progress: Progress | None = None) -> SameForAll:
        """Rank items by the counts of the vocabulary, which are those of the training users."""
        return by_counts(as_histories(histories).vocabulary)


def by_counts(vocabulary: Vocabulary) -> SameForAll:
    """Return a recommender that scores an item by its count; equal counts are ordered by id."""
    return SameForAll(vocabulary, vocabulary.counts.astype(np.float32))


@dataclass(frozen=True, kw_only=True)
class Random(Parameters):
    """Recommends random items, to measure the scores that are reached by chance."""

    seed: int = parameter(0, "random seed", at_least=0)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "RandomRecommender":
        """Return a random recommender for the vocabulary; nothing is learned."""
        vocabulary = as_histories(histories).vocabulary
        return RandomRecommender(vocabulary, np.random.default_rng(self.seed))


@dataclass(frozen=True, eq=False)
class RandomRecommender(ScoringRecommender):
    """Scores items with random numbers that are drawn again in every call."""

    vocabulary: Vocabulary
    rng: np.random.Generator

    def score_rows(self, histories: Histories) -> Scores:
        """Return new random scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        return self.rng.random((len(histories), self.n_items), dtype=np.float32)
