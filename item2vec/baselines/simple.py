"""Two floors: what is most watched, and chance."""

from dataclasses import dataclass

import numpy as np

from item2vec.histories import Histories
from item2vec.parameters import Parameters, parameter
from item2vec.progress import Progress
from item2vec.ranking import Scores
from item2vec.recommender import ScoringRecommender


@dataclass(frozen=True, kw_only=True)
class Popularity(Parameters):
    """Recommends to everybody what training users watched most."""

    def fit(
        self, histories: Histories, *, progress: Progress | None = None
    ) -> "PopularityRecommender":
        """Take the counts of the vocabulary, which training users alone have made."""
        return PopularityRecommender(histories.vocabulary.counts.astype(np.float32))


@dataclass(frozen=True, eq=False)
class PopularityRecommender(ScoringRecommender):
    """Scores an item by its count, whatever the history; equal counts go by id."""

    counts: Scores  # (n_items,) float32

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.counts)

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        return np.tile(self.counts, (len(histories), 1))


@dataclass(frozen=True, kw_only=True)
class Random(Parameters):
    """Recommends by chance: what a score is worth that took no learning at all."""

    seed: int = parameter(0, "of everything random", at_least=0)

    def fit(self, histories: Histories, *, progress: Progress | None = None) -> "RandomRecommender":
        """Learn nothing."""
        return RandomRecommender(len(histories.vocabulary), np.random.default_rng(self.seed))


@dataclass(frozen=True, eq=False)
class RandomRecommender(ScoringRecommender):
    """Scores every item anew at random."""

    n: int
    rng: np.random.Generator

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return self.n

    def score_rows(self, histories: Histories) -> Scores:
        """Return new scores for all items for each history, float32 (m, n_items)."""
        return self.rng.random((len(histories), self.n), dtype=np.float32)
