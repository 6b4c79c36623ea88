"""Slices of an evaluation: cases by the length of their history, labels by their popularity."""

from typing import NamedTuple

import numpy as np

from item2vec._support.messages import counted
from item2vec.evaluation.bootstrap import Interval
from item2vec.evaluation.scores import ModelScores
from item2vec.types import Lengths, Values

N_LENGTHS = 3  # number of slices by the length of the history
NO_CASE = Interval(float("nan"), float("nan"), float("nan"))


class Slice(NamedTuple):
    """Some of the cases, or some of the labels of each, and a model's score on them."""

    name: str
    cases: int
    score: Interval


def label_columns(scores: ModelScores) -> dict[str, Values]:
    """Return the recall@10 of labels by their popularity: slice → one value for each case."""
    return {f"{name} labels": values for name, values in scores.recall_by_popularity.items()}


def length_columns(values: Values, lengths: Lengths) -> dict[str, Values]:
    """Return a metric's values in each third of the cases by length, NaN for other cases.

    Examples
    --------
    >>> columns = length_columns(np.array([0.1, 0.2, 0.3]), np.array([5, 6, 20]))
    >>> columns["histories of 10 to 20 items"]
    array([nan, nan, 0.3])
    >>> list(length_columns(np.array([0.1]), np.array([1])))
    ['histories of 1 item']
    """
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, N_LENGTHS + 1)).astype(int))
    lows, highs = edges[:-1].tolist() or edges.tolist(), (edges[1:] - 1).tolist() or [0]
    highs[-1] = int(edges[-1])
    columns = {}
    for low, high in zip(lows, highs, strict=True):
        span = f"{low} to {high} items" if low < high else counted(low, "item")
        inside = (lengths >= low) & (lengths <= high)  # (m,)
        columns[f"histories of {span}"] = np.where(inside, values, np.nan)
    return columns
