"""How good the nearest neighbours of items are, by what a catalogue holds of the items."""

from collections.abc import Iterator, Sequence
from typing import Protocol, Self

import numpy as np

from item2vec.data.catalogue import Catalogue
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.bootstrap import Groups
from item2vec.evaluation.genres import GenreOverlap
from item2vec.evaluation.held_out_users import Cases
from item2vec.evaluation.related_items import FEWEST_VALUES, NEIGHBORS, RelatedItems
from item2vec.evaluation.scores import ItemMetric
from item2vec.models.recommender import CanRerank, SimilarItems
from item2vec.types import Positions, Rows, Values

MOST_JUDGED = 20_000  # items of a model, by each measure
RERANKED = ", re-ranked"


class Measure(Protocol):
    """A number for each item that says how good its nearest neighbours are."""

    @property
    def metric(self) -> str:
        """The name of the metric."""

    def rows(self, places: Positions) -> Rows:
        """Return which of a model's items can be judged; `places` are theirs in the catalogue."""

    def values(self, places: Positions, rows: Rows, near: Rows) -> Values:
        """Return a number for each of these rows, by its nearest neighbours."""

    def groups(self, judged: Positions) -> Groups | None:
        """Return which values items hold if intervals are over values; None if over items."""

    def remarks(self, n_items: int, n_values: int) -> Iterator[str]:
        """Say in sentences what was judged."""


class NeighborQuality:
    """The quality of the ten nearest neighbours of items, model by model.

    Takes any model that has `similar_rows`; the others are passed over. Over several models of the
    same name, such as one for each fold, an item's mean is taken. Models are compared on the items
    that all of them were judged on. Of a model's items at most 20,000 are judged, drawn at random
    but the same for every model.

    Parameters
    ----------
    ids : sequence of str
        The items of the catalogue.
    measures : sequence of Measure
        Which metrics to compute.
    """

    def __init__(self, ids: Sequence[str], measures: Sequence[Measure]) -> None:
        self.measures = measures
        self._places = {item_id: place for place, item_id in enumerate(ids)}
        self._order = np.random.default_rng(0).permutation(len(ids))
        # Metric → model → sums over folds, and how many folds, of each item of the catalogue.
        self._sums: dict[str, dict[str, Values]] = {m.metric: {} for m in measures}
        self._times: dict[str, dict[str, Values]] = {m.metric: {} for m in measures}

    @classmethod
    def of(cls, catalogue: Catalogue | None, related: Sequence[str] = ()) -> Self:
        """Make one that measures genre overlap, where genres are known, and related items.

        Parameters
        ----------
        catalogue : Catalogue, optional
            Without it nothing is judged.
        related : sequence of str
            The columns whose values relate items.

        Raises
        ------
        ParameterError
            If the catalogue lacks a column.
        DataError
            If no two items share a value of a column.
        """
        measures: list[Measure] = [*RelatedItems.of(catalogue, related)]
        overlap = GenreOverlap.of(catalogue)
        if overlap is not None:
            measures.insert(0, overlap)
        return cls(() if catalogue is None else catalogue.ids, measures)

    def observe(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Judge a model that is being evaluated; see `evaluation.Observer`."""
        self.add(name, recommender, cases.inputs.vocabulary)

    def add(self, name: str, fitted: object, vocabulary: Vocabulary) -> None:
        """Judge the neighbours that a fitted model gives; one that gives none is passed over."""
        if not self.measures or not isinstance(fitted, SimilarItems):
            return
        places = np.array([self._places.get(item_id, -1) for item_id in vocabulary], dtype=np.int64)
        judged = [self._sampled(measure.rows(places), places) for measure in self.measures]
        asked = np.unique(np.concatenate(judged))
        if len(asked) == 0:
            return
        near = fitted.similar_rows(asked, NEIGHBORS)  # (r, 10)
        for measure, rows in zip(self.measures, judged, strict=True):
            if len(rows) == 0:
                continue
            values = measure.values(places, rows, near[np.searchsorted(asked, rows)])
            zeros = np.zeros(len(self._places))
            sums = self._sums[measure.metric].setdefault(name, zeros)
            times = self._times[measure.metric].setdefault(name, zeros.copy())
            sums[places[rows]] += values
            times[places[rows]] += 1
        again = fitted.reranked() if isinstance(fitted, CanRerank) else None
        if again is not None:
            self.add(f"{name}{RERANKED}", again, vocabulary)

    def _sampled(self, rows: Rows, places: Positions) -> Rows:
        """Return at most 20,000 of these rows, the same items whatever the model."""
        if len(rows) <= MOST_JUDGED:
            return rows
        drawn = np.argsort(self._order[places[rows]])[:MOST_JUDGED]
        return np.sort(rows[drawn])

    def _judged(self, measure: Measure) -> tuple[Positions, Groups | None]:
        """Return the places of the items that every model was judged on, and their values."""
        times = [counts > 0 for counts in self._times[measure.metric].values()]
        judged = np.flatnonzero(np.all(times, axis=0)) if times else np.empty(0, dtype=np.int64)
        return judged, measure.groups(judged)

    def metrics(self) -> dict[str, ItemMetric]:
        """Return each metric's values over the items that every model was judged on."""
        found = {}
        for measure in self.measures:
            metric = measure.metric
            judged, groups = self._judged(measure)
            if len(judged) and (groups is None or groups.n_values >= FEWEST_VALUES):
                times = self._times[metric]
                values = {
                    name: sums[judged] / times[name][judged]
                    for name, sums in self._sums[metric].items()
                }
                found[metric] = ItemMetric(values, groups)
        return found

    def remarks(self) -> tuple[str, ...]:
        """Say what was judged, in sentences."""
        judged = [(measure, *self._judged(measure)) for measure in self.measures]
        return tuple(
            remark
            for measure, places, groups in judged
            for remark in measure.remarks(len(places), groups.n_values if groups else 0)
        )
