"""An evaluation as tables for people and as JSON for programs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from item2vec._support.messages import counted
from item2vec.evaluation.bootstrap import Difference, Interval
from item2vec.evaluation.genres import GENRE_OVERLAP
from item2vec.evaluation.held_out_users import SplitProtocol
from item2vec.evaluation.results import ON_REQUEST, Counts, Evaluation

MOST_SHOWN = 5  # columns beside the main metric: more would not fit into 80 columns


def to_json(evaluation: Evaluation, protocol: SplitProtocol) -> dict[str, Any]:
    """Return an evaluation as plain dicts: models, differences, slices, counts, protocol."""
    models = evaluation.models
    return {
        "protocol": protocol.to_json(),
        "users": evaluation.n_users,
        "main_metric": evaluation.main_metric,
        "label_popularity": float(evaluation.cohort.watched.mean()),
        "in_sample": evaluation.in_sample,
        "counts": {name: _counts(evaluation.counts[name]) for name in models},
        "models": {name: _plain(evaluation.summary(name)) for name in models},
        "differences": {name: _differences(evaluation, name) for name in models},
        "reach": {name: evaluation.reach(name) for name in evaluation.exposure},
        "slices": {
            name: {
                part.name: {"cases": part.cases, **part.score._asdict()}
                for part in [*evaluation.label_slices(name), *evaluation.length_slices(name)]
                if part.cases
            }
            for name in evaluation.sliced
        },
        "repeats": {name: evaluation.over_repeats(name, evaluation.main_metric) for name in models},
        "left_out": dict(evaluation.left_out),
        "chosen": {name: [dict(one) for one in each] for name, each in evaluation.chosen.items()},
        "split": dict(evaluation.split_counts),
        "remarks": list(evaluation.remarks),
        "related": {
            metric: {
                "items": len(groups.shares),
                "values": groups.n_values,
                "models": {
                    name: evaluation.summary(name)[metric]._asdict()
                    for name in evaluation.judged_by(metric)
                },
            }
            for metric, groups in evaluation.groups.items()
        },
    }


def to_records(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return an evaluation as rows of one table: scores, then paired differences.

    The columns are model, compared_with ("" for a score of its own), metric, mean, low and high:
    the mean over users and its 95 % interval.
    """
    own = [
        {"model": name, "compared_with": "", "metric": metric, **interval._asdict()}
        for name in evaluation.models
        for metric, interval in evaluation.summary(name).items()
    ]
    reach = [
        {"model": name, "compared_with": "", "metric": metric, "mean": value, "low": "", "high": ""}
        for name in evaluation.exposure
        for metric, value in evaluation.reach(name).items()
    ]
    differences = [
        {"model": name, "compared_with": other, "metric": metric, **interval._asdict()}
        for name in evaluation.models
        for other in evaluation.models
        if other != name
        for metric, interval in evaluation.difference(name, other).items()
    ]
    return own + reach + differences


def _counts(counts: Counts) -> dict[str, float]:
    return {
        **counts._asdict(),
        "skipped_share": counts.skipped / max(1, counts.skipped + counts.cases),
        "unknown_labels_share": counts.unknown_labels / max(1, counts.labels),
    }


def _differences(evaluation: Evaluation, name: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return metric by metric how a model differs from every other one."""
    found: dict[str, dict[str, dict[str, Any]]] = {
        other: {} for other in evaluation.models if other != name
    }
    for metric in evaluation.summary(name):
        for other, difference in evaluation.differences(name, metric).items():
            found.setdefault(other, {})[metric] = difference._asdict() | {
                "in_words": in_words(difference)
            }
    return found


def _plain(intervals: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {metric: interval._asdict() for metric, interval in intervals.items()}


def scores_table(evaluation: Evaluation, protocol: SplitProtocol) -> Table:
    """Return the models with their scores, best first."""
    summaries = {name: evaluation.summary(name) for name in evaluation.models}
    shown = shown_metrics(evaluation)
    table = narrow_table(title(evaluation, protocol))
    main = evaluation.main_metric
    add_model_column(table)
    table.add_column(_header(main), justify="right", no_wrap=True)
    table.add_column("95 %\ninterval", justify="center", no_wrap=True)
    for metric in shown:
        table.add_column(_header(metric), justify="right", no_wrap=True)
    if evaluation.n_repeats > 1:
        table.add_column("in the\nrepeats", justify="center", no_wrap=True)
    for name in ranked(evaluation):
        summary = summaries[name]
        mean, low, high = summary[main]
        others = [f"{summary[m].mean:.3f}" if m in summary else "" for m in shown]
        if evaluation.n_repeats > 1:
            times = evaluation.over_repeats(name, main)
            others.append(f"{min(times):.4f} … {max(times):.4f}")
        table.add_row(Text(name), f"{mean:.4f}", f"{low:.4f} … {high:.4f}", *others)
    return table


def shown_metrics(evaluation: Evaluation) -> list[str]:
    """Return the metrics that stand in a table beside the main one; JSON holds all.

    At the main metric's cutoff recall (in both definitions where they differ), mrr and hit rate;
    then ndcg at other cutoffs, the largest of them where there is no room for all; and the genre
    overlap where it was computed. Related items have tables of their own. Mrr gives way where there
    would be no room for another ndcg.
    """
    main = evaluation.main_metric
    cutoff = main.partition("@")[2]
    first = [f"{name}@{cutoff}" for name in ("recall", "uncapped_recall", "mrr", "hit_rate")]
    if not _recalls_differ(evaluation, cutoff):
        first.remove(f"uncapped_recall@{cutoff}")
    shown = [metric for metric in first if metric in evaluation.metrics and metric != main]
    overlap = (
        [GENRE_OVERLAP] if any(GENRE_OVERLAP in t for t in evaluation.per_item.values()) else []
    )
    others = [m for m in evaluation.metrics if m.startswith("ndcg@") and m != main]
    if others and len(shown) + len(overlap) >= MOST_SHOWN:
        shown.remove(f"mrr@{cutoff}")
    room = MOST_SHOWN - len(shown) - len(overlap)
    return [*shown, *others[max(0, len(others) - room) :], *overlap]


def _recalls_differ(evaluation: Evaluation, cutoff: str) -> bool:
    """Tell whether the two definitions of recall differ for any model at this cutoff."""
    names = f"recall@{cutoff}", f"uncapped_recall@{cutoff}"
    return any(
        not np.array_equal(values[names[0]], values[names[1]])
        for values in evaluation.values.values()
        if names[0] in values and names[1] in values
    )


def ranked(evaluation: Evaluation) -> list[str]:
    """Return the models, best first."""
    main = evaluation.main_metric
    return sorted(evaluation.models, key=lambda name: -evaluation.values[name][main].mean())


def reach_table(evaluation: Evaluation) -> Table:
    """Return measures beyond accuracy, such as how much of the catalogue is recommended."""
    watched = float(evaluation.cohort.watched.mean())
    table = narrow_table(
        f"beyond accuracy{in_family(evaluation)}: the true items have {watched:,.0f} "
        "interactions on average"
    )
    add_model_column(table)
    headers = ("recall\nhead", "recall\nmiddle", "recall\ntail", "coverage", "gini")
    for header in (*headers, "novelty\n(bits)", "mean\ncount", "list\nsim."):
        table.add_column(header, justify="right", no_wrap=True)
    for name in ranked(evaluation):
        summary = evaluation.summary(name)
        means = [part.score.mean for part in evaluation.label_slices(name)]
        cells = [f"{value:.3f}" for value in (*means, *evaluation.reach(name).values())]
        cells.append(f"{summary['novelty@10'].mean:.1f}")
        cells.append(f"{summary['popularity@10'].mean:,.0f}")
        alike = summary.get("similarity@10")
        table.add_row(Text(name), *cells, f"{alike.mean:.3f}" if alike else "")
    return table


def narrow_table(title: str) -> Table:
    """Return a table narrow enough for a terminal of 80 columns."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def add_model_column(table: Table) -> None:
    """Add the column of names: a long one, as of a file, takes several lines, not the numbers'."""
    table.add_column("model", overflow="fold", min_width=len("gensim-defaults"))


def _header(metric: str) -> str:
    """Write ``hit_rate@10`` in three lines."""
    name, _, k = metric.partition("@")
    words = name.replace("uncapped", "un-_capped").split("_")
    return "\n".join([*words, f"@{k}"])


def title(evaluation: Evaluation, protocol: SplitProtocol) -> str:
    """Return one line with the protocol, the family of the split and the number of users."""
    counts = next(iter(evaluation.counts.values()))
    users = evaluation.n_users
    cases = f" in {counts.cases:,} cases" if users < counts.cases else ""
    kept = "; seen items may come again" if protocol.keep_seen else ""
    if evaluation.in_sample:
        kept += ", in-sample"
    if protocol.family == "held-out users":
        return (
            f"{protocol.name}: {protocol.description}, "
            f"{counted(users, 'user' if evaluation.in_sample else 'held-out user')}"
            f"{cases}{kept}"
        )
    return (
        f"{protocol.name} ({protocol.family}): {protocol.description}, "
        f"{counted(users, 'user')}{cases}{kept}"
    )


def in_family(evaluation: Evaluation) -> str:
    """Return the family of the split, or that scores are in-sample, to stand in a title."""
    family = "in-sample" if evaluation.in_sample else evaluation.family
    return f" ({family})" if family else ""


def differences_table(evaluation: Evaluation) -> Table:
    """Return the paired differences of the first model from every other one, in words too."""
    model, metric = evaluation.models[0], evaluation.main_metric
    table = narrow_table(
        f"{model} against the others, paired by user{in_family(evaluation)}: {metric}"
    )
    differences = evaluation.differences(model, metric)
    add_model_column(table)
    table.add_column("difference", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="center", no_wrap=True)
    if len(differences) > 1:
        table.add_column(f"for all {len(differences)} at once", justify="center", no_wrap=True)
    table.add_column("in words", no_wrap=True)
    for other, difference in differences.items():
        mean, *bounds = difference
        intervals = [f"{low:+.4f} … {high:+.4f}" for low, high in (bounds[:2], bounds[2:])]
        shown = intervals[: 2 if len(differences) > 1 else 1]
        table.add_row(Text(other), f"{mean:+.4f}", *shown, in_words(difference))
    return table


def in_words(difference: Difference) -> str:
    """Say whether a difference is one, allowing for all that are looked at."""
    if difference.low_of_all > 0:
        return "better"
    if difference.high_of_all < 0:
        return "worse"
    return "unclear"


def not_told_apart(evaluation: Evaluation) -> list[str]:
    """Say in a sentence each which other models the first one can't be told from."""
    model, metric = evaluation.models[0], evaluation.main_metric
    users = counted(evaluation.n_users, "user")
    return [
        f"{model} and {other} can't be told apart on these {users}: the difference in {metric} "
        f"lies between {difference.low_of_all:+.4f} and {difference.high_of_all:+.4f}."
        for other, difference in evaluation.differences(model, metric).items()
        if in_words(difference) == "unclear"
    ]


def notes(evaluation: Evaluation) -> Iterable[str]:
    """Say what was skipped, what could not be hit, and what was left out."""
    if evaluation.in_sample:
        yield (
            "These scores are in-sample: models may have been trained on the users that they are "
            "scored on, and the scores say nothing about other users."
        )
    by_counts: dict[Counts, list[str]] = {}
    for name, counts in evaluation.counts.items():
        by_counts.setdefault(counts, []).append(name)
    for counts, names in by_counts.items():
        who = "" if len(by_counts) == 1 else f"{', '.join(names)}: "
        if counts.skipped and not evaluation.split_counts:  # else a remark says why
            were = "was" if counts.skipped == 1 else "were"
            yield f"{who}{counted(counts.skipped, 'user')} {were} skipped for having too few items."
        if counts.unknown_labels:
            share = counts.unknown_labels / counts.labels
            yield (
                f"{who}{counts.unknown_labels:,} of {counts.labels:,} labels ({share:.1%}) are "
                "items that training did not keep; they count as misses."
            )
    yield from evaluation.remarks
    for name, each in evaluation.chosen.items():
        values = ", ".join(_chosen(p, [one[p] for one in each if p in one]) for p in each[0])
        yield f'{name}: "auto" was resolved to {values}.'
    for name, reason in evaluation.left_out.items():
        yield f"{name} was left out{'' if reason == ON_REQUEST else ':'} {reason}."


def _chosen(parameter: str, values: Sequence[Any]) -> str:
    """Write what a parameter was set to in each of several splits.

    Examples
    --------
    >>> _chosen("l2", [10.0, 30.0, 10.0]), _chosen("l2", [10.0, 10.0])
    ('l2 = 10 (2 splits) or 30 (1 split)', 'l2 = 10')
    """
    counts = Counter(f"{v:g}" if isinstance(v, float) else str(v) for v in values)
    if len(counts) == 1:
        return f"{parameter} = {next(iter(counts))}"
    told = [f"{value} ({counted(n, 'split')})" for value, n in counts.most_common()]
    return f"{parameter} = {' or '.join(told)}"
