"""How labels rank among items that were seen as often: what popularity can't tell."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from item2vec.errors import DataError
from item2vec.heldout import Cases
from item2vec.ranking import Rows
from item2vec.recommender import ScoringRecommender
from item2vec.results import Evaluation

if TYPE_CHECKING:
    from item2vec.metrics import Values

SLICES = (1, 2, 5, 10, 20, 50, 100)


class RankByCount:
    """An `Observer` of evaluations: the mean rank of labels, by how often training saw them.

    The rank of a label is the share of the other items of its slice that score lower, ties counting
    half: the area under the ROC curve. 1 is before all of them, 0.5 is chance.

    Parameters
    ----------
    slices : sequence of int
        The counts at which slices begin, in rising order; the last has no end.
    """

    def __init__(self, slices: Sequence[int] = SLICES) -> None:
        self.slices = tuple(slices)
        self.values: dict[str, list[dict[str, Values]]] = {}

    @property
    def names(self) -> dict[str, str]:
        """The metric of each slice, and its counts in words: {"rank 2": "2-4", ...}."""
        pairs = itertools.pairwise(self.slices)
        spans = [f"{begin}-{end - 1}" if end - begin > 1 else f"{begin}" for begin, end in pairs]
        spans.append(f"{self.slices[-1]}+")
        return {f"rank {begin}": span for begin, span in zip(self.slices, spans, strict=True)}

    def see(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Take the mean rank of each case's labels, slice by slice; NaN where there is none."""
        if not isinstance(recommender, ScoringRecommender):
            raise DataError(f"{name} has no scores to rank by: leave it out, or the ranks")
        scores = recommender.score_rows(cases.inputs)
        labels = cases.labels.items
        case = np.repeat(np.arange(len(cases)), cases.labels.lengths)
        place = np.searchsorted(self.slices, recommender.vocabulary.counts, side="right") - 1
        found = {}
        for which, metric in enumerate(self.names):
            items = np.flatnonzero(place == which)
            at = np.flatnonzero((labels >= 0) & (place[labels] == which))
            others, own = scores[np.ix_(case[at], items)], scores[case[at], labels[at]][:, None]
            ties = (others == own).sum(axis=1) - 1  # one is the label itself
            ranks = ((others < own).sum(axis=1) + ties / 2) / max(1, len(items) - 1)
            n = np.bincount(case[at], minlength=len(cases)) * (len(items) > 1)
            sums = np.bincount(case[at], ranks, minlength=len(cases))
            found[metric] = np.where(n > 0, sums / np.maximum(n, 1), np.nan)
        self.values.setdefault(name, []).append(found)

    def added_to(self, evaluation: Evaluation) -> Evaluation:
        """Return the evaluation of all splits that were seen with these metrics beside its own."""
        values = {}
        for name, parts in self.values.items():
            ranks = {rank: np.concatenate([part[rank] for part in parts]) for rank in self.names}
            told = {rank: column for rank, column in ranks.items() if not np.isnan(column).all()}
            values[name] = {**evaluation.values[name], **told}
        return replace(evaluation, values=values)
