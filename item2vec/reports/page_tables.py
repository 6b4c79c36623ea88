"""The tables of the page: every number with its interval, formatted, nothing worked out twice."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from item2vec.evaluation.bootstrap import Difference, Interval
from item2vec.evaluation.results import Evaluation, Slice
from item2vec.reports.related_tables import related_items, related_metrics
from item2vec.reports.tables import in_family, in_words, ranked, shown_metrics
from item2vec.types import Values

LENGTHS = (1, 5, 10, 20, 50, 100)  # of the list, where curves are told in numbers


class Bar(NamedTuple):
    """Where an interval lies along its column, in percent."""

    low: float
    mean: float
    high: float
    zero: float | None = None


class Cell(NamedTuple):
    """A number, what stands small below it, and its drawing."""

    text: str
    small: str = ""
    bar: Bar | None = None


class Row(NamedTuple):
    """What a row is about, and its cells."""

    name: str
    cells: list[Cell]


class Table(NamedTuple):
    """A table; the first column holds the names of the rows."""

    caption: str
    columns: list[str]
    rows: list[Row]


def scores(evaluation: Evaluation) -> Table:
    """Return all models, best first, with the interval of every number."""
    main = evaluation.main_metric
    summaries = {name: evaluation.summary(name) for name in ranked(evaluation)}
    shown = shown_metrics(evaluation)
    bars = _bars([summary[main] for summary in summaries.values()], zero=False)
    several = evaluation.n_repeats > 1
    rows = []
    for (name, summary), bar in zip(summaries.items(), bars, strict=True):
        cells = [_cell(summary[main], digits=4), Cell("", bar=bar)]
        cells += [_cell(summary.get(metric)) for metric in shown]
        if several:
            times = evaluation.over_repeats(name, main)
            cells.append(Cell(f"{min(times):.4f} … {max(times):.4f}"))
        rows.append(Row(name, cells))
    columns = ["model", main, f"{main}, drawn", *shown, *["in the repeats"] * several]
    return Table(
        f"All models, best first; below each number its 95 % interval{in_family(evaluation)}",
        [column.replace("_", " ") for column in columns],
        rows,
    )


def differences(evaluation: Evaluation) -> Table:
    """Return the paired differences of the first model from each other one."""
    main, model = evaluation.main_metric, evaluation.models[0]
    found = evaluation.differences(model, main)
    several = len(found) > 1
    bars = _bars([Interval(d.mean, d[-2], d[-1]) for d in found.values()], zero=True)
    rows = []
    for (name, difference), bar in zip(found.items(), bars, strict=True):
        mean, low, high, low_of_all, high_of_all = difference
        cells = [Cell(f"{mean:+.4f}"), Cell(f"{low:+.4f} … {high:+.4f}")]
        cells += [Cell(f"{low_of_all:+.4f} … {high_of_all:+.4f}")] * several
        rows.append(Row(f"against {name}", [*cells, Cell("", bar=bar), Cell(in_words(difference))]))
    wide = [f"for all {len(found)} at once"] * several
    columns = ["", "difference", "95 % interval", *wide, "drawn", "in words"]
    caption = f"{model} against each other model: paired differences in {main}"
    return Table(f"{caption}{in_family(evaluation)}", columns, rows)


def neighbors(evaluation: Evaluation) -> list[Table]:
    """Return a table for each column whose shared values the neighbours were judged by."""
    tables = []
    for metric, names in related_metrics(evaluation).items():
        first = next(name for name in evaluation.models if name in names)
        found = evaluation.differences(first, metric)
        summaries = [evaluation.summary(name)[metric] for name in names]
        rows = []
        for name, summary, bar in zip(names, summaries, _bars(summaries, zero=False), strict=True):
            difference = found.get(name)
            cells = [_cell(summary), Cell("", bar=bar), *_difference_cells(difference)]
            rows.append(Row(name, cells))
        columns = ["model", "related found", "drawn", "difference", "in words"]
        caption = (
            f"{metric.replace('_', ' ')}: {related_items(evaluation, metric)}; "
            f"{first} against the others, paired by value"
        )
        tables.append(Table(caption, columns, rows))
    return tables


def _difference_cells(difference: Difference | None) -> list[Cell]:
    """Return a difference with its interval, and in words; blank for the first model itself."""
    if difference is None:
        return [Cell(""), Cell("")]
    mean, low, high = (f"{value:+.3f}" for value in difference[:3])
    return [Cell(mean, f"{low} … {high}"), Cell(in_words(difference))]


def curves(values: Mapping[str, Mapping[str, Values]], names: Mapping[str, str]) -> list[Table]:
    """Return the curves as numbers, a table a metric."""
    tables = []
    for metric, lines in values.items():
        largest = min(len(line) for line in lines.values())
        at = [k for k in LENGTHS if k <= largest]
        rows = [Row(name, [Cell(f"{line[k - 1]:.4f}") for k in at]) for name, line in lines.items()]
        columns = ["model", *[f"k = {k}" for k in at]]
        tables.append(Table(f"{names[metric]} in numbers", columns, rows))
    return tables


def reach(evaluation: Evaluation) -> Table | None:
    """Return what accuracy does not tell; None for an evaluation that does not know it."""
    if not evaluation.exposure:
        return None
    rows = []
    for name in ranked(evaluation):
        summary, how_far = evaluation.summary(name), evaluation.reach(name)
        cells = [Cell(f"{how_far['coverage@10']:.1%}"), Cell(f"{how_far['gini@10']:.3f}")]
        for metric, digits in (("novelty@10", 2), ("popularity@10", 1), ("similarity@10", 3)):
            cells.append(_cell(summary.get(metric), digits=digits))
        rows.append(Row(name, cells))
    columns = ["model", "coverage", "gini", "novelty, bits", "watched, times", "alike"]
    watched = float(evaluation.cohort.watched.mean())
    return Table(
        f"The first ten of every list (what was asked for was watched {watched:,.1f} times)"
        f"{in_family(evaluation)}",
        columns,
        rows,
    )


def slices(evaluation: Evaluation) -> list[Table]:
    """Return the scores on labels by popularity, and on cases by the length of the history."""
    main = evaluation.main_metric
    by_length = {name: evaluation.length_slices(name) for name in ranked(evaluation)}
    tables = [_sliced(f"{main} by the length of the user's history", by_length)]
    if evaluation.sliced:
        by_label = {name: evaluation.label_slices(name) for name in ranked(evaluation)}
        caption = "recall@10 of the labels that are much, middling and little watched"
        tables.insert(0, _sliced(caption, by_label))
    return tables


def _sliced(caption: str, found: Mapping[str, Sequence[Slice]]) -> Table:
    first = next(iter(found.values()))
    columns = ["model", *[f"{part.name} ({part.cases:,} cases)" for part in first]]
    rows = [Row(name, [_cell(part.score) for part in parts]) for name, parts in found.items()]
    return Table(caption, columns, rows)


def _cell(interval: Interval | None, *, digits: int = 3) -> Cell:
    if interval is None or math.isnan(interval.mean):
        return Cell("")
    mean, low, high = (f"{value:,.{digits}f}" for value in interval)
    return Cell(mean, f"{low} … {high}")


def _bars(intervals: Iterable[Interval], *, zero: bool) -> list[Bar]:
    """Place intervals on a common axis, which begins at 0 or, for differences, holds it."""
    intervals = list(intervals)
    ends = [0.0, *[end for one in intervals for end in one[1:]]]
    low, high = min(ends), max(ends)
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return round(2 + 96 * (value - low) / width, 2)

    return [
        Bar(place(one.low), place(one.mean), place(one.high), place(0.0) if zero else None)
        for one in intervals
    ]
