"""The result of an evaluation: means over users with intervals, and paired differences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted
from item2vec.evaluation.beyond_accuracy import coverage, gini
from item2vec.evaluation.bootstrap import (
    Difference,
    Groups,
    Interval,
    resampled_means,
    resampled_means_by_value,
    to_differences,
    to_interval,
)
from item2vec.evaluation.metrics import MAIN_METRIC, METRICS
from item2vec.evaluation.scores import Cohort, ItemMetric, ModelScores
from item2vec.evaluation.slices import NO_CASE, Slice, label_columns, length_columns
from item2vec.types import Values

Table = Mapping[str, Mapping[str, Values]]  # model → metric → one value for each case, or each item
ON_REQUEST = "on request"  # reason for a recommender that the user left out


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """The scores of models on the same cases.

    Parameters
    ----------
    scores : mapping
        Model → its scores, case by case.
    cohort : Cohort
        The cases.
    item_metrics : mapping
        Metric → its values for items, for the metrics that judge nearest neighbors.
    left_out : mapping
        Model → why it was not scored.
    family : str
        "held-out users" or "same users, later"; empty if cases were given without a split.
    split_counts : mapping
        Counts of the split other than those of the cases, by name; see `CaseSource.counts`.
    remarks : tuple of str
        The same counts in sentences.
    seed : int
        Seed of the bootstrap.
    in_sample : bool
        Whether models may have been scored on histories that they were trained on.
    """

    scores: Mapping[str, ModelScores]
    cohort: Cohort
    item_metrics: Mapping[str, ItemMetric] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    family: str = ""
    split_counts: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    seed: int = 0
    in_sample: bool = False

    def __repr__(self) -> str:
        cases = counted(len(self.cohort), "case")
        return f"Evaluation of {', '.join(self.models) or 'no model'} on {cases}"

    @property
    def models(self) -> list[str]:
        """The names of the models."""
        return list(self.scores)

    @property
    def rankings(self) -> list[str]:
        """The names of the models, and of re-ranked neighbors that were judged beside them."""
        judged = [name for metric in self.item_metrics.values() for name in metric.values]
        return list(dict.fromkeys([*self.scores, *judged]))

    def judged_by(self, metric: str) -> list[str]:
        """Return the names with values of an item metric, those of models first."""
        found = self.item_metrics[metric].values if metric in self.item_metrics else {}
        return [name for name in self.rankings if name in found]

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics that every model has, in the first model's order."""
        tables = [scores.values for scores in self.scores.values()]
        return (
            [metric for metric in tables[0] if all(metric in t for t in tables)] if tables else []
        )

    @cached_property
    def _resampled(self) -> dict[str, dict[str, Values]]:
        """Model → metric → its means over the same resampled users, float64 (resamples,).

        Metrics of items have means over resampled items, or over resampled values.
        """
        table = {name: scores.values for name, scores in self.scores.items()}
        resampled = _resample(table, self.seed, users=self._users)
        for metric, found in self.item_metrics.items():
            column = {name: {metric: values} for name, values in found.values.items()}
            for name, means in _resample(column, self.seed, groups=found.groups).items():
                resampled.setdefault(name, {}).update(means)
        return {name: resampled.get(name, {}) for name in self.rankings}

    def _mean(self, model: str, metric: str) -> float:
        if metric in self.item_metrics:
            return _mean(self.item_metrics[metric].values[model])
        return _mean(self.scores[model].values[metric])

    def summary(self, model: str) -> dict[str, Interval]:
        """Return every metric's mean over users, with its 95 % interval."""
        return {
            metric: to_interval(self._mean(model, metric), means)
            for metric, means in self._resampled[model].items()
            if not np.isnan(means).all()
        }

    def difference(self, model: str, other: str) -> dict[str, Interval]:
        """Return the paired difference `model` - `other` of every metric that both have."""
        mine, others = self._resampled[model], self._resampled[other]
        return {
            metric: to_interval(
                self._mean(model, metric) - self._mean(other, metric), mine[metric] - others[metric]
            )
            for metric in mine
            if metric in others
        }

    def differences(self, model: str, metric: str) -> dict[str, Difference]:
        """Return the paired differences of a model from every other one that has the metric.

        Each has a 95 % interval of its own and a wider one that accounts for multiple comparisons;
        see `bootstrap.to_differences`.
        """
        others = {
            name: (self._mean(name, metric), self._resampled[name][metric])
            for name in self.rankings
            if name != model and metric in self._resampled[name]
        }
        own = self._resampled[model][metric]
        return to_differences(self._mean(model, metric), own, others)

    def curve(self, model: str, metric: str) -> Values:
        """Return the mean of "recall", "ndcg", "mrr" or "hit_rate" at every k, float64 (K,)."""
        hits, n_labels = self.scores[model].hits, self.cohort.n_labels
        at = range(1, hits.shape[1] + 1)
        return np.array([METRICS[metric](hits, n_labels, k).mean() for k in at])

    def reach(self, model: str) -> dict[str, float]:
        """Return how the recommendations of all cases are spread over the catalogue."""
        exposure = np.array(list(self.scores[model].exposure.values()), dtype=np.int64)
        return {"coverage@10": coverage(exposure), "gini@10": gini(exposure)}

    def label_slices(self, model: str) -> list[Slice]:
        """Return the recall@10 of labels in the head, the middle and the tail of popularity."""
        return [self._slices[model, name] for name in label_columns(self.scores[model])]

    def length_slices(self, model: str) -> list[Slice]:
        """Return the main metric over the cases with short, medium and long histories."""
        return [self._slices[model, name] for name in self._length_columns(model)]

    def _length_columns(self, model: str) -> dict[str, Values]:
        return length_columns(self.scores[model].values[self.main_metric], self.cohort.lengths)

    @cached_property
    def _slices(self) -> dict[tuple[str, str], Slice]:
        """(Model, name) → slice; all are resampled at once."""
        table = {
            model: label_columns(scores) | self._length_columns(model)
            for model, scores in self.scores.items()
        }
        resampled = _resample(table, self.seed, users=self._users)
        return {
            (model, name): Slice(name, n_cases, to_interval(_mean(values), resampled[model][name]))
            if (n_cases := int(np.count_nonzero(~np.isnan(values))))
            else Slice(name, 0, NO_CASE)
            for model, columns in table.items()
            for name, values in columns.items()
        }

    @cached_property
    def _users(self) -> npt.NDArray[np.int64] | None:
        """The user of each case as a number; None where no user has several cases."""
        users = np.unique(self.cohort.users, return_inverse=True)[1]
        return users if len(users) > 0 and users.max() + 1 < len(users) else None

    @property
    def main_metric(self) -> str:
        """The metric by which models are ranked: ndcg@10 or, without it, the first ndcg@k."""
        ndcgs = [metric for metric in self.metrics if metric.startswith("ndcg@")]
        return MAIN_METRIC if MAIN_METRIC in ndcgs else next(iter(ndcgs), self.metrics[0])

    @cached_property
    def n_users(self) -> int:
        """The number of users who were scored."""
        return len(np.unique(self.cohort.users))

    @property
    def n_repeats(self) -> int:
        """The number of repeats of the whole evaluation."""
        return len(np.unique(self.cohort.repeats))

    def over_repeats(self, model: str, metric: str) -> list[float]:
        """Return the mean in each repeat, which shows the spread over other splits and seeds."""
        repeats, values = self.cohort.repeats, self.scores[model].values[metric]
        return [float(np.nanmean(values[repeats == n])) for n in np.unique(repeats).tolist()]


def _mean(values: Values) -> float:
    """Return the mean of the values that are not NaN; NaN if all are."""
    return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")


def _resample(
    table: Table,
    seed: int,
    *,
    users: npt.NDArray[np.int64] | None = None,
    groups: Groups | None = None,
) -> dict[str, dict[str, Values]]:
    """Return the means of a table over resampled users, or over resampled values of `groups`."""
    columns = [(model, metric) for model in table for metric in table[model]]
    if not columns:
        return {}
    matrix = np.column_stack([table[model][metric] for model, metric in columns])
    resampled: dict[str, dict[str, Values]] = {}
    if groups is None:
        means = resampled_means(matrix, users=users, seed=seed)
    else:
        means = resampled_means_by_value(matrix, groups, seed=seed)
    for (model, metric), column in zip(columns, means.T, strict=True):
        resampled.setdefault(model, {})[metric] = column
    return resampled
