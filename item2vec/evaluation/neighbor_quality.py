"""The quality of the nearest neighbors of items, measured with columns of a catalogue."""

from collections.abc import Iterator, Sequence
from typing import Protocol, Self

import numpy as np

from item2vec.data.catalogue import Catalogue
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.bootstrap import Groups
from item2vec.evaluation.genres import GenreOverlap
from item2vec.evaluation.related_items import FEWEST_VALUES, NEIGHBORS, RelatedItems
from item2vec.evaluation.scores import ItemMetric
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.recommender import CanRerank, SimilarItems
from item2vec.types import Positions, Rows, Values

MOST_JUDGED = 20_000  # items of a model, by each measure
RERANKED = ", re-ranked"


class Measure(Protocol):
    """A metric that gives each item a value for its nearest neighbors."""

    @property
    def metric(self) -> str:
        """The name of the metric."""

    def rows(self, places: Positions) -> Rows:
        """Return which of a model's items can be judged, given their positions in the catalogue."""

    def values(self, places: Positions, rows: Rows, near: Rows) -> Values:
        """Return a value for the nearest neighbors of each of these rows."""

    def groups(self, judged: Positions) -> Groups | None:
        """Return the values that items share if intervals are over values; None if over items."""

    def remarks(self, n_items: int, n_values: int) -> Iterator[str]:
        """Yield sentences on what was judged."""


class NeighborQuality:
    """An observer that measures the ten nearest neighbors of items, model by model.

    Models without `similar_rows` are skipped. For several models of the same name, such as one for
    each fold, the mean of each item is taken. Models are compared on the items that all of them
    were judged on. At most 20,000 items of a model are judged, drawn at random but the same for
    every model.

    Parameters
    ----------
    ids : sequence of str
        The items of the catalogue.
    measures : sequence of Measure
        The metrics to compute.
    """

    def __init__(self, ids: Sequence[str], measures: Sequence[Measure]) -> None:
        self.measures = measures
        self._places = {item_id: place for place, item_id in enumerate(ids)}
        self._order = np.random.default_rng(0).permutation(len(ids))
        # Metric → model → for each item of the catalogue, its sum over folds and their number.
        self._sums: dict[str, dict[str, Values]] = {m.metric: {} for m in measures}
        self._times: dict[str, dict[str, Values]] = {m.metric: {} for m in measures}

    @classmethod
    def of(cls, catalogue: Catalogue | None, related: Sequence[str] = ()) -> Self:
        """Return an observer of genre overlap, if there are genres, and of related items.

        Parameters
        ----------
        catalogue : Catalogue, optional
            Without it, nothing is measured.
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
        """Judge the neighbors of a fitted model; skip a model without `similar_rows`."""
        if not self.measures or not isinstance(fitted, SimilarItems):
            return
        places = np.array([self._places.get(item_id, -1) for item_id in vocabulary], dtype=np.int64)
        judged = [self._sampled(measure.rows(places), places) for measure in self.measures]
        queries = np.unique(np.concatenate(judged))
        if len(queries) == 0:
            return
        near = fitted.similar_rows(queries, NEIGHBORS)  # (r, 10)
        for measure, rows in zip(self.measures, judged, strict=True):
            if len(rows) == 0:
                continue
            values = measure.values(places, rows, near[np.searchsorted(queries, rows)])
            zeros = np.zeros(len(self._places))
            sums = self._sums[measure.metric].setdefault(name, zeros)
            times = self._times[measure.metric].setdefault(name, zeros.copy())
            sums[places[rows]] += values
            times[places[rows]] += 1
        again = fitted.reranked() if isinstance(fitted, CanRerank) else None
        if again is not None:
            self.add(f"{name}{RERANKED}", again, vocabulary)

    def _sampled(self, rows: Rows, places: Positions) -> Rows:
        """Return at most 20,000 of these rows, the same items for every model."""
        if len(rows) <= MOST_JUDGED:
            return rows
        drawn = np.argsort(self._order[places[rows]])[:MOST_JUDGED]
        return np.sort(rows[drawn])

    def _judged(self, measure: Measure) -> tuple[Positions, Groups | None]:
        """Return the positions of the items that every model was judged on, and their values."""
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
        """Return sentences on what was judged."""
        judged = [(measure, *self._judged(measure)) for measure in self.measures]
        return tuple(
            remark
            for measure, places, groups in judged
            for remark in measure.remarks(len(places), groups.n_values if groups else 0)
        )
