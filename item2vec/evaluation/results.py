"""What an evaluation found: values case by case, and the means and intervals that come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

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
from item2vec.types import Mask, Values

Table = Mapping[str, Mapping[str, Values]]  # model → metric → one value a case, or an item

NOTHING = Interval(float("nan"), float("nan"), float("nan"))
ON_REQUEST = "on request"  # why a recommender was left out that nobody wanted
N_LENGTHS = 3  # slices by the length of the history


class Counts(NamedTuple):
    """What was scored."""

    cases: int
    skipped: int  # users with too few items
    labels: int
    unknown_labels: int  # labels that training never saw: misses


class Slice(NamedTuple):
    """Some of the cases, or some of the labels of each, and how a model did on them."""

    name: str
    cases: int
    score: Interval


@dataclass(frozen=True, eq=False)
class Cohort:
    """Whose cases were scored; the same for all models.

    Parameters
    ----------
    users : array of shape (m,), object
        Whose case each is. Only whether two are the same counts; none is ever written.
    lengths : array of shape (m,), int64
        How many items the whole history has.
    n_labels : array of shape (m,), int64
    watched : array of shape (m,), float64
        The mean of the training counts of the labels, to hold ``popularity@10`` against.
    repeats : array of shape (m,), int64
        In which repeat of the whole evaluation the case was scored.
    """

    users: npt.NDArray[np.object_]
    lengths: npt.NDArray[np.int64]
    n_labels: npt.NDArray[np.int64]
    watched: Values
    repeats: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def joined(cls, parts: "Sequence[Cohort]") -> "Cohort":
        """Put the cases of several end to end."""
        names = ("users", "lengths", "n_labels", "watched", "repeats")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """How models did, case by case.

    Parameters
    ----------
    values : mapping
        Model → metric → one value a case, float64 (m,). The cases are the same for all models.
    counts : mapping
        Model → what it was scored on.
    cohort : Cohort
        Whose cases they are.
    hits : mapping
        Model → which of its first k recommendations are labels, bool (m, k), with k the largest
        cutoff.
    sliced : mapping
        Model → slice of the labels → recall@10 of these labels alone; NaN for a case without any.
    exposure : mapping
        Model → item id → how often it is among the first ten, for every item of the catalogue.
    per_item : mapping
        Model → metric → one value an item, for the metrics that judge vectors as vectors.
    groups : mapping
        Metric → which values its items hold. The intervals of such a metric are over values; those
        of the other metrics in `per_item` are over items.
    left_out : mapping
        Model → why it was not scored.
    chosen : mapping
        Model → the values that fitting chose for parameters left as "auto", by parameter: a mapping
        for each split, in the order of the splits.
    family : str
        "held-out users" or "same users, later"; empty where cases were given without a split.
    split_counts : mapping
        What was counted of the split beside the cases, by name; see `splits.CaseSource.counts`.
    remarks : tuple of str
        The same in sentences.
    seed : int
        Of the bootstrap.
    in_sample : bool
        Whether models may have been scored on histories that they were trained on.
    """

    values: Table
    counts: Mapping[str, Counts]
    cohort: Cohort
    hits: Mapping[str, Mask] = field(default_factory=dict)
    sliced: Table = field(default_factory=dict)
    exposure: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    per_item: Table = field(default_factory=dict)
    groups: Mapping[str, Groups] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    family: str = ""
    split_counts: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    seed: int = 0
    in_sample: bool = False

    def __repr__(self) -> str:
        return f"Evaluation of {', '.join(self.models) or 'no model'} on {len(self.cohort)} cases"

    @property
    def models(self) -> list[str]:
        """The names of the models."""
        return list(self.values)

    @property
    def judged(self) -> list[str]:
        """The names of the models, and of other rankings of their neighbours that were judged."""
        return list(dict.fromkeys([*self.values, *self.per_item]))

    def judged_by(self, metric: str) -> list[str]:
        """Return the names that a metric of items was measured for, those of models first."""
        return [name for name in self.judged if metric in self.per_item.get(name, {})]

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics that every model has, in the first model's order."""
        tables = list(self.values.values())
        return (
            [metric for metric in tables[0] if all(metric in t for t in tables)] if tables else []
        )

    @cached_property
    def _resampled(self) -> dict[str, dict[str, Values]]:
        """Model → metric → its means over the same resampled users, float64 (resamples,).

        Metrics of items have means over resampled items, or over resampled values.
        """
        resampled = _resample(self.values, self.seed, users=self._users)
        for metric in dict.fromkeys(metric for table in self.per_item.values() for metric in table):
            column = {
                name: {metric: table[metric]}
                for name, table in self.per_item.items()
                if metric in table
            }
            by_item = _resample(column, self.seed, groups=self.groups.get(metric))
            for name, means in by_item.items():
                resampled.setdefault(name, {}).update(means)
        return {name: resampled.get(name, {}) for name in self.judged}

    def _mean(self, model: str, metric: str) -> float:
        table = self.values if metric in self.values.get(model, {}) else self.per_item
        return _mean(table[model][metric])

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

        Beside each one's own 95 % interval stands a wider one, which allows for that several are
        looked at; see `bootstrap.to_differences`.
        """
        others = {
            name: (self._mean(name, metric), self._resampled[name][metric])
            for name in self.judged
            if name != model and metric in self._resampled[name]
        }
        own = self._resampled[model][metric]
        return to_differences(self._mean(model, metric), own, others)

    def curve(self, model: str, metric: str) -> Values:
        """Return the mean of "recall", "ndcg", "mrr" or "hit_rate" at every k, float64 (K,)."""
        hits, n_labels = self.hits[model], self.cohort.n_labels
        at = range(1, hits.shape[1] + 1)
        return np.array([METRICS[metric](hits, n_labels, k).mean() for k in at])

    def reach(self, model: str) -> dict[str, float]:
        """Return how the recommendations of all cases together fall on the catalogue."""
        exposure = np.array(list(self.exposure[model].values()), dtype=np.int64)
        return {"coverage@10": coverage(exposure), "gini@10": gini(exposure)}

    def label_slices(self, model: str) -> list[Slice]:
        """Return the recall@10 of the labels that are much, middling and little watched."""
        return [self._slices[model, name] for name in self._label_columns(model)]

    def length_slices(self, model: str) -> list[Slice]:
        """Return the main metric over the cases with short, middling and long histories."""
        return [self._slices[model, name] for name in self._length_columns(model)]

    def _label_columns(self, model: str) -> dict[str, Values]:
        return {f"{name} labels": values for name, values in self.sliced.get(model, {}).items()}

    def _length_columns(self, model: str) -> dict[str, Values]:
        """Return the main metric of each third of the cases, NaN elsewhere."""
        lengths, values = self.cohort.lengths, self.values[model][self.main_metric]
        edges = np.unique(np.quantile(lengths, np.linspace(0, 1, N_LENGTHS + 1)).astype(int))
        lows, highs = edges[:-1].tolist() or edges.tolist(), (edges[1:] - 1).tolist() or [0]
        highs[-1] = int(edges[-1])
        columns = {}
        for low, high in zip(lows, highs, strict=True):
            span = f"{low} to {high}" if low < high else str(low)
            inside = (lengths >= low) & (lengths <= high)
            columns[f"histories of {span} items"] = np.where(inside, values, np.nan)
        return columns

    @cached_property
    def _slices(self) -> dict[tuple[str, str], Slice]:
        """(Model, name) → slice; all are resampled at once."""
        table = {
            model: self._label_columns(model) | self._length_columns(model) for model in self.models
        }
        resampled = _resample(table, self.seed, users=self._users)
        return {
            (model, name): Slice(name, n_told, to_interval(_mean(values), resampled[model][name]))
            if (n_told := int(np.count_nonzero(~np.isnan(values))))
            else Slice(name, 0, NOTHING)
            for model, columns in table.items()
            for name, values in columns.items()
        }

    @cached_property
    def _users(self) -> npt.NDArray[np.int64] | None:
        """Whose case each is, as numbers; None where every case is another user's."""
        users = np.unique(self.cohort.users, return_inverse=True)[1]
        return users if len(users) > 0 and users.max() + 1 < len(users) else None

    @property
    def main_metric(self) -> str:
        """The metric that models are put in order by: ndcg@10 or, without it, the first ndcg@k."""
        ndcgs = [metric for metric in self.metrics if metric.startswith("ndcg@")]
        return MAIN_METRIC if MAIN_METRIC in ndcgs else next(iter(ndcgs), self.metrics[0])

    @cached_property
    def n_users(self) -> int:
        """How many users were scored."""
        return len(np.unique(self.cohort.users))

    @property
    def n_repeats(self) -> int:
        """How often the whole evaluation was repeated."""
        return len(np.unique(self.cohort.repeats))

    def over_repeats(self, model: str, metric: str) -> list[float]:
        """Return the mean in each repeat: how far the score moves with other splits and seeds."""
        repeats, values = self.cohort.repeats, self.values[model][metric]
        return [float(np.nanmean(values[repeats == n])) for n in np.unique(repeats).tolist()]


def _mean(values: Values) -> float:
    """Return the mean of what is no NaN; of nothing NaN."""
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
