"""The rank of labels among items of similar popularity, to which popularity contributes little."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from item2vec._support.top_k import BLOCK_SCORES, exclude
from item2vec.errors import DataError
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.recommender import ScoringRecommender
from item2vec.types import Rows

if TYPE_CHECKING:
    from item2vec.types import Values

SLICES = (1, 2, 5, 10, 20, 50, 100)


class RankByCount:
    """An `Observer` of evaluations: the mean rank of labels, by their number of interactions.

    The rank of a label is the share of the items of its slice with a lower score, counting ties as
    half, among the items that are neither labels nor, unless seen items are kept, inputs. This is
    the area under the ROC curve within the slice: 1.0 is perfect, and 0.5 is chance.

    Parameters
    ----------
    slices : sequence of int
        The counts at which slices begin, in ascending order; the last slice has no end.
    """

    def __init__(self, slices: Sequence[int] = SLICES) -> None:
        self.slices = tuple(slices)
        self.values: dict[str, list[dict[str, Values]]] = {}

    @property
    def names(self) -> dict[str, str]:
        """The metric of each slice, and its range of counts as text: {"rank 2": "2-4", ...}."""
        pairs = itertools.pairwise(self.slices)
        spans = [f"{begin}-{end - 1}" if end - begin > 1 else f"{begin}" for begin, end in pairs]
        spans.append(f"{self.slices[-1]}+")
        return {f"rank {begin}": span for begin, span in zip(self.slices, spans, strict=True)}

    def observe(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Compute the mean rank of each case's labels, slice by slice; NaN if there is none."""
        if not isinstance(recommender, ScoringRecommender):
            raise DataError(
                f"{name} has no scores to rank by: leave it out, or leave out the ranks"
            )
        longest = max(1, int(cases.labels.lengths.max(initial=1)))
        step = max(1, BLOCK_SCORES // (recommender.n_items * longest))
        parts = [
            self._ranks(recommender, cases, start, min(start + step, len(cases)))
            for start in range(0, len(cases), step)
        ]
        found = {metric: np.concatenate([part[metric] for part in parts]) for metric in self.names}
        self.values.setdefault(name, []).append(found)

    def _ranks(
        self, recommender: ScoringRecommender, cases: Cases, start: int, stop: int
    ) -> dict[str, "Values"]:
        """Return the mean rank of the labels of some cases, slice by slice."""
        inputs, asked = cases.inputs.slice(start, stop), cases.labels.slice(start, stop)
        scores = recommender.score_rows(inputs)
        labels, case = asked.items, np.repeat(np.arange(len(asked)), asked.lengths)
        own = scores[
            case, labels
        ]  # an unknown item, row -1, has no slice, so its score is not used
        others = scores  # without inputs and labels, with which labels are not compared
        exclude(others, asked.items, asked.offsets)
        if not cases.keep_seen:
            exclude(others, inputs.items, inputs.offsets)
        others[np.isneginf(others)] = np.nan
        place = np.searchsorted(self.slices, recommender.vocabulary.counts, side="right") - 1
        found = {}
        for which, metric in enumerate(self.names):
            items = np.flatnonzero(place == which)
            at = np.flatnonzero((labels >= 0) & (place[labels] == which))
            rivals, mine = others[np.ix_(case[at], items)], own[at][:, None]
            n_rivals = (~np.isnan(rivals)).sum(axis=1)
            before = (rivals < mine).sum(axis=1) + (rivals == mine).sum(axis=1) / 2
            there = n_rivals > 0
            ranks = before[there] / n_rivals[there]
            n = np.bincount(case[at][there], minlength=len(asked))
            sums = np.bincount(case[at][there], ranks, minlength=len(asked))
            found[metric] = np.where(n > 0, sums / np.maximum(n, 1), np.nan)
        return found

    def added_to(self, evaluation: Evaluation) -> Evaluation:
        """Return an evaluation of all observed splits with these metrics added to its own."""
        scores = dict(evaluation.scores)
        for name, parts in self.values.items():
            ranks = {rank: np.concatenate([part[rank] for part in parts]) for rank in self.names}
            known = {rank: values for rank, values in ranks.items() if not np.isnan(values).all()}
            scores[name] = replace(scores[name], values={**scores[name].values, **known})
        return replace(evaluation, scores=scores)
