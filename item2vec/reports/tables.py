"""The tables of an evaluation as values, which the terminal and the HTML page render."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from item2vec._support.messages import counted
from item2vec.evaluation.bootstrap import Interval
from item2vec.evaluation.genres import GENRE_OVERLAP
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.slices import Slice
from item2vec.reports.sentences import in_family, in_words
from item2vec.types import Values

MOST_SHOWN = 5  # columns beside the main metric: more would not fit into 80 columns


@dataclass(frozen=True)
class Number:
    """A mean with its 95 % interval; ``nan`` is shown as a blank."""

    mean: float
    low: float = math.nan
    high: float = math.nan
    digits: int = 3
    signed: bool = False

    @classmethod
    def of(cls, interval: Interval | None, *, digits: int = 3, signed: bool = False) -> Self:
        """Return the number of an interval, or a blank for None."""
        mean, low, high = interval or (math.nan, math.nan, math.nan)
        return cls(mean, low, high, digits, signed)

    @property
    def text(self) -> str:
        """The mean, such as "1,234.5"."""
        return self._written(self.mean)

    @property
    def interval(self) -> str:
        """The interval, such as "0.1 … 0.2"; empty if there is none."""
        return (
            ""
            if math.isnan(self.low)
            else f"{self._written(self.low)} … {self._written(self.high)}"
        )

    def _written(self, value: float) -> str:
        sign = "+" if self.signed else ""
        return "" if math.isnan(value) else f"{value:{sign},.{self.digits}f}"


class Column(NamedTuple):
    """A column of numbers or words.

    The interval of a main number is always shown; those of other numbers only where there is room.
    """

    name: str
    main: bool = False


class Row(NamedTuple):
    """A row of a table: its name and its cells."""

    name: str
    cells: "Sequence[Number | str]"


@dataclass(frozen=True)
class Table:
    """A table whose first column contains the names of the rows.

    Parameters
    ----------
    caption : str
    columns : sequence of Column
        All but the first.
    rows : sequence of Row
    drawn : sequence of Interval
        The interval to draw for each row; empty if nothing is to be drawn.
    around_zero : bool
        Whether the drawing marks zero on its axis, as for differences.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    drawn: Sequence[Interval] = ()
    around_zero: bool = False


def ranked(evaluation: Evaluation) -> list[str]:
    """Return the models, best first."""
    main = evaluation.main_metric
    means = {name: scores.values[main].mean() for name, scores in evaluation.scores.items()}
    return sorted(means, key=lambda name: -means[name])


def scores(evaluation: Evaluation) -> Table:
    """Return the table of the models with their scores, best first."""
    main, shown = evaluation.main_metric, shown_metrics(evaluation)
    summaries = {name: evaluation.summary(name) for name in ranked(evaluation)}
    rows = []
    for name, summary in summaries.items():
        cells = [Number.of(summary[main], digits=4), *(Number.of(summary.get(m)) for m in shown)]
        repeats = evaluation.over_repeats(name, main)
        span = [f"{min(repeats):.4f} … {max(repeats):.4f}"] * (len(repeats) > 1)
        rows.append(Row(name, [*cells, *span]))
    names = [*shown, *["in the repeats"] * (evaluation.n_repeats > 1)]
    return Table(
        f"All models, best first{in_family(evaluation)}",
        [Column(main, main=True), *map(Column, names)],
        rows,
        drawn=[summary[main] for summary in summaries.values()],
    )


def shown_metrics(evaluation: Evaluation) -> list[str]:
    """Return the metrics that are shown beside the main one; JSON contains all.

    At the main metric's cutoff recall (in both definitions where they differ), MRR and hit rate;
    then NDCG at other cutoffs, the largest of them where there is no room for all; and the genre
    overlap, if it was computed. Related items have tables of their own. MRR is left out if there
    would be no room for another NDCG.
    """
    main = evaluation.main_metric
    cutoff = main.partition("@")[2]
    first = [f"{name}@{cutoff}" for name in ("recall", "uncapped_recall", "mrr", "hit_rate")]
    if not _recalls_differ(evaluation, cutoff):
        first.remove(f"uncapped_recall@{cutoff}")
    shown = [metric for metric in first if metric in evaluation.metrics and metric != main]
    overlap = [GENRE_OVERLAP] if GENRE_OVERLAP in evaluation.item_metrics else []
    others = [m for m in evaluation.metrics if m.startswith("ndcg@") and m != main]
    if others and len(shown) + len(overlap) >= MOST_SHOWN:
        shown.remove(f"mrr@{cutoff}")
    room = MOST_SHOWN - len(shown) - len(overlap)
    return [*shown, *others[max(0, len(others) - room) :], *overlap]


def _recalls_differ(evaluation: Evaluation, cutoff: str) -> bool:
    """Return whether the two definitions of recall differ for any model at this cutoff."""
    names = f"recall@{cutoff}", f"uncapped_recall@{cutoff}"
    return any(
        not np.array_equal(one.values[names[0]], one.values[names[1]])
        for one in evaluation.scores.values()
        if names[0] in one.values and names[1] in one.values
    )


def differences(evaluation: Evaluation) -> Table:
    """Return the table of the paired differences of the first model from every other one."""
    model, metric = evaluation.models[0], evaluation.main_metric
    found = evaluation.differences(model, metric)
    several = len(found) > 1
    rows = []
    for other, difference in found.items():
        mean, low, high, low_of_all, high_of_all = difference
        cells: list[Number | str] = [Number(mean, low, high, digits=4, signed=True)]
        cells += [f"{low_of_all:+.4f} … {high_of_all:+.4f}"] * several
        rows.append(Row(other, [*cells, in_words(difference)]))
    names = [f"for all {len(found)} at once"] * several + ["in words"]
    return Table(
        f"{metric} of {model} against each other model, paired by user{in_family(evaluation)}",
        [Column("difference", main=True), *map(Column, names)],
        rows,
        drawn=[Interval(d.mean, d.low_of_all, d.high_of_all) for d in found.values()],
        around_zero=True,
    )


def reach(evaluation: Evaluation) -> Table:
    """Return the table of the metrics beyond accuracy, and of recall by label popularity."""
    popularity = float(evaluation.cohort.label_popularity.mean())
    rows = []
    for name in ranked(evaluation):
        summary = evaluation.summary(name)
        how_far = evaluation.reach(name)
        slices = [Number.of(part.score) for part in evaluation.label_slices(name)]
        cells = [*slices, Number(how_far["coverage@10"]), Number(how_far["gini@10"])]
        for metric, digits in (("novelty@10", 1), ("popularity@10", 0), ("similarity@10", 3)):
            cells.append(Number.of(summary.get(metric), digits=digits))
        rows.append(Row(name, cells))
    columns = [f"recall {part.name.removesuffix(' labels')}" for part in _label_slices(evaluation)]
    columns += ["coverage", "Gini", "novelty (bits)", "mean count", "similarity"]
    return Table(
        f"Beyond accuracy: the first ten of every list; the labels have {popularity:,.0f} training "
        f"interactions on average{in_family(evaluation)}",
        [*map(Column, columns)],
        rows,
    )


def _label_slices(evaluation: Evaluation) -> list[Slice]:
    return evaluation.label_slices(evaluation.models[0])


def by_length(evaluation: Evaluation) -> Table:
    """Return the table of the main metric by the length of the user's history."""
    found = {name: evaluation.length_slices(name) for name in ranked(evaluation)}
    first = next(iter(found.values()))
    return Table(
        f"{evaluation.main_metric} by the length of the user's history",
        [Column(f"{part.name} ({counted(part.cases, 'case')})") for part in first],
        [Row(name, [Number.of(part.score) for part in parts]) for name, parts in found.items()],
    )


def neighbors(evaluation: Evaluation) -> list[Table]:
    """Return a table for each column whose shared values the neighbors were judged by."""
    return [
        _neighbors(evaluation, metric)
        for metric, found in evaluation.item_metrics.items()
        if found.groups is not None
    ]


def _neighbors(evaluation: Evaluation, metric: str) -> Table:
    """Return the models, best first, with the paired differences of the first from the others."""
    names = evaluation.judged_by(metric)
    summaries = {name: evaluation.summary(name)[metric] for name in names}
    first = next(name for name in evaluation.models if name in names)
    found = evaluation.differences(first, metric)
    rows = []
    for name in sorted(names, key=lambda name: -summaries[name].mean):
        difference = found.get(name)
        rows.append(
            Row(
                name,
                [
                    Number.of(summaries[name]),
                    Number.of(difference and Interval(*difference[:3]), signed=True),
                    "" if difference is None else in_words(difference),
                ],
            )
        )
    against = f"; {first} against the others, paired by value" if found else ""
    return Table(
        f"{metric}: {_related_items(evaluation, metric)}{against}",
        [Column("related found", main=True), Column("difference", main=True), Column("in words")],
        rows,
        drawn=[summaries[row.name] for row in rows],
    )


def _related_items(evaluation: Evaluation, metric: str) -> str:
    """Describe a metric of neighbors that share values, with the number of items."""
    groups = evaluation.item_metrics[metric].groups
    if groups is None:
        raise ValueError(f"{metric} has no groups")
    return (
        f"share of the related items among the 10 nearest "
        f"({counted(len(groups.shares), 'item')}, {counted(groups.n_values, 'value')})"
    )


def curves(values: Mapping[str, Values], caption: str, lengths: Sequence[int]) -> Table:
    """Return the table of curves (model → its mean at every k from 1) at some values of k."""
    largest = min(len(line) for line in values.values())
    at = [k for k in lengths if k <= largest]
    return Table(
        caption,
        [Column(f"k = {k}") for k in at],
        [Row(name, [Number(line[k - 1], digits=4) for k in at]) for name, line in values.items()],
    )
