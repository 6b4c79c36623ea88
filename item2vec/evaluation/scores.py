"""Scores of models case by case, before any mean over users is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from item2vec.evaluation.bootstrap import Groups
from item2vec.types import Lengths, Mask, Values


class Counts(NamedTuple):
    """Numbers of cases, skipped users and labels in the evaluation of a model."""

    cases: int
    skipped: int  # users with too few items
    labels: int
    unknown_labels: int  # labels that are not in the vocabulary: misses


@dataclass(frozen=True, eq=False)
class Cohort:
    """The cases of an evaluation, which are the same for all of its models.

    Parameters
    ----------
    users : array of shape (m,), object
        The user of each case. Ids are only compared with one another, never written.
    lengths : array of shape (m,), int64
        The number of items in the whole history of the case.
    n_labels : array of shape (m,), int64
        The number of labels of the case.
    label_popularity : array of shape (m,), float64
        The mean number of training interactions of the labels, the reference for ``popularity@10``.
    repeats : array of shape (m,), int64
        The repeat of the whole evaluation in which the case was scored, from 0.
    """

    users: npt.NDArray[np.object_]
    lengths: Lengths
    n_labels: Lengths
    label_popularity: Values
    repeats: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def concatenated(cls, parts: "Sequence[Cohort]") -> Self:
        """Return the cases of several cohorts, one after another."""
        names = ("users", "lengths", "n_labels", "label_popularity", "repeats")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, eq=False)
class ModelScores:
    """The scores of one model, case by case.

    Parameters
    ----------
    values : mapping
        Metric → its value for each case, float64 (m,).
    counts : Counts
        What the model was scored on.
    hits : array of shape (m, k), bool
        Which of the first k recommendations are labels; k is the largest cutoff.
    recall_by_popularity : mapping
        "head", "middle" and "tail" → recall@10 of the labels of this popularity, float64 (m,); NaN
        for a case without such a label.
    exposure : mapping
        Item id → the number of lists that have it among the first ten, for the whole vocabulary.
    resolved : tuple of mappings
        Parameter → the value that "auto" was resolved to in fitting, for each split; empty if the
        model has no such parameter.
    """

    values: Mapping[str, Values]
    counts: Counts
    hits: Mask
    recall_by_popularity: Mapping[str, Values]
    exposure: Mapping[str, int]
    resolved: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def concatenated(cls, parts: "Sequence[ModelScores]") -> Self:
        """Return the scores of one model on the cases of several parts, one after another."""
        return cls(
            values=_concatenated([part.values for part in parts]),
            counts=Counts(*map(sum, zip(*(part.counts for part in parts), strict=True))),
            hits=np.concatenate([part.hits for part in parts]),
            recall_by_popularity=_concatenated([part.recall_by_popularity for part in parts]),
            exposure=summed([part.exposure for part in parts]),
            resolved=sum((part.resolved for part in parts), start=()),
        )


@dataclass(frozen=True, eq=False)
class ItemMetric:
    """A metric that judges the nearest neighbors of items, with one value for each item.

    Parameters
    ----------
    values : mapping
        Model, or a model's re-ranked neighbors → the value of each item, float64 (n,). The items
        are the same for all.
    groups : Groups, optional
        The values of a column that items share, such as series. With them, intervals are over these
        values; without them, over items.
    """

    values: Mapping[str, Values] = field(default_factory=dict)
    groups: Groups | None = None


def _concatenated(columns: Sequence[Mapping[str, Values]]) -> dict[str, Values]:
    """Concatenate arrays of the same name; the first mapping gives the names."""
    return {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}


def summed(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of several counts by name."""
    total: dict[str, int] = {}
    for part in counts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total
