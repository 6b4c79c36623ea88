"""An evaluation as JSON and as records for programs."""

from collections.abc import Mapping
from typing import Any

from item2vec.evaluation.bootstrap import Interval
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.scores import Counts
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.reports.sentences import in_words


def to_json(evaluation: Evaluation, protocol: SplitProtocol) -> dict[str, Any]:
    """Return an evaluation as plain dicts: models, differences, slices, counts, protocol."""
    models = evaluation.models
    return {
        "protocol": protocol.to_json(),
        "users": evaluation.n_users,
        "main_metric": evaluation.main_metric,
        "label_popularity": float(evaluation.cohort.label_popularity.mean()),
        "in_sample": evaluation.in_sample,
        "counts": {name: _counts(evaluation.scores[name].counts) for name in models},
        "models": {name: _plain(evaluation.summary(name)) for name in models},
        "differences": {name: _differences(evaluation, name) for name in models},
        "reach": {name: evaluation.reach(name) for name in models},
        "slices": {
            name: {
                part.name: {"cases": part.cases, **part.score._asdict()}
                for part in [*evaluation.label_slices(name), *evaluation.length_slices(name)]
                if part.cases
            }
            for name in models
        },
        "repeats": {name: evaluation.over_repeats(name, evaluation.main_metric) for name in models},
        "left_out": dict(evaluation.left_out),
        "chosen": {
            name: [dict(one) for one in scores.resolved]
            for name, scores in evaluation.scores.items()
            if scores.resolved
        },
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
            for metric, found in evaluation.item_metrics.items()
            if (groups := found.groups) is not None
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
        for name in evaluation.models
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
