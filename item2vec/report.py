"""An evaluation as tables for people and as JSON for programs."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from item2vec.bootstrap import Interval
from item2vec.genres import GENRE_OVERLAP
from item2vec.heldout import HeldOutProtocol
from item2vec.results import Counts, Evaluation
from item2vec.wording import counted

MAIN_METRIC = "ndcg@10"
SHOWN = ("recall@10", "mrr@10", "hit_rate@10", "ndcg@100", GENRE_OVERLAP)


def to_json(evaluation: Evaluation, protocol: HeldOutProtocol) -> dict[str, Any]:
    """Return an evaluation as plain dicts: models, differences, counts, protocol."""
    models = evaluation.models
    return {
        "protocol": {"name": protocol.name, **protocol.to_dict()},
        "counts": {name: evaluation.counts[name]._asdict() for name in models},
        "models": {name: _plain(evaluation.summary(name)) for name in models},
        "differences": {
            name: {
                other: _plain(evaluation.difference(name, other))
                for other in models
                if other != name
            }
            for name in models
        },
        "left_out": dict(evaluation.left_out),
    }


def _plain(intervals: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {metric: interval._asdict() for metric, interval in intervals.items()}


def scores_table(evaluation: Evaluation, protocol: HeldOutProtocol) -> Table:
    """Return the models with their scores, best first."""
    summaries = {name: evaluation.summary(name) for name in evaluation.models}
    first = next(iter(summaries.values()))
    shown = [metric for metric in SHOWN if any(metric in s for s in summaries.values())]
    table = _table(title(evaluation, protocol))
    main = MAIN_METRIC if MAIN_METRIC in first else next(iter(first))
    _add_model_column(table)
    table.add_column(_header(main), justify="right", no_wrap=True)
    table.add_column("95 %\ninterval", justify="center", no_wrap=True)
    for metric in shown:
        table.add_column(_header(metric), justify="right", no_wrap=True)
    for name in sorted(summaries, key=lambda name: -summaries[name][main].mean):
        summary = summaries[name]
        mean, low, high = summary[main]
        others = [f"{summary[m].mean:.3f}" if m in summary else "" for m in shown]
        table.add_row(Text(name), f"{mean:.4f}", f"{low:.4f} … {high:.4f}", *others)
    return table


def _table(title: str) -> Table:
    """Return a table narrow enough for a terminal of 80 columns."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def _add_model_column(table: Table) -> None:
    """Add the column of names: a long one, as of a file, takes several lines, not the numbers'."""
    table.add_column("model", overflow="fold", min_width=len("gensim-defaults"))


def _header(metric: str) -> str:
    """Write ``hit_rate@10`` in three lines."""
    name, _, k = metric.partition("@")
    return "\n".join([*name.split("_"), f"@{k}"])


def title(evaluation: Evaluation, protocol: HeldOutProtocol) -> str:
    """Say in one line what was asked of whom."""
    counts = next(iter(evaluation.counts.values()))
    asked = protocol.to_dict()
    what = (
        f"{asked['inputs']} items → {asked['labels']} others"
        if "inputs" in asked
        else f"{1 - asked['label_share']:.0%} of the items → the others"
    )
    return f"{protocol.name}: {what}, {counted(counts.cases, 'held-out user')}"


def differences_table(evaluation: Evaluation, model: str, metric: str = MAIN_METRIC) -> Table:
    """Return the paired differences of a model and every other one, in words too."""
    table = _table(f"{model} against the others, paired over the same users: {metric}")
    _add_model_column(table)
    table.add_column("difference", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="center", no_wrap=True)
    table.add_column("in words", no_wrap=True)
    for other in evaluation.models:
        if other != model:
            difference = evaluation.difference(model, other)[metric]
            mean, low, high = difference
            interval = f"{low:+.4f} … {high:+.4f}"
            table.add_row(Text(other), f"{mean:+.4f}", interval, in_words(difference))
    return table


def in_words(difference: Interval) -> str:
    """Say whether an interval leaves zero on one side."""
    if difference.low > 0:
        return "better"
    if difference.high < 0:
        return "worse"
    return "can't be told apart"


def notes(evaluation: Evaluation) -> Iterable[str]:
    """Say what was skipped, what could not be hit, and what was left out."""
    by_counts: dict[Counts, list[str]] = {}
    for name, counts in evaluation.counts.items():
        by_counts.setdefault(counts, []).append(name)
    for counts, names in by_counts.items():
        who = "" if len(by_counts) == 1 else f"{', '.join(names)}: "
        if counts.skipped:
            were = "was" if counts.skipped == 1 else "were"
            yield f"{who}{counted(counts.skipped, 'user')} {were} skipped for having too few items."
        if counts.unknown_labels:
            share = counts.unknown_labels / counts.labels
            yield (
                f"{who}{counts.unknown_labels:,} of {counts.labels:,} labels ({share:.1%}) are "
                "items that training did not keep; they count as misses."
            )
    for name, reason in evaluation.left_out.items():
        yield f"{name} was left out: {reason}."
