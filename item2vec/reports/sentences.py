"""Titles and sentences about an evaluation, for terminals and pages alike."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from item2vec._support.messages import counted
from item2vec.evaluation.bootstrap import Difference
from item2vec.evaluation.results import ON_REQUEST, Evaluation
from item2vec.evaluation.splitting.protocol import SplitProtocol

if TYPE_CHECKING:
    from item2vec.evaluation.scores import Counts


def title(evaluation: Evaluation, protocol: SplitProtocol) -> str:
    """Return one line with the protocol, the family of the split and the number of users."""
    counts = next(iter(evaluation.scores.values())).counts
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
    """Return " (FAMILY)" or " (in-sample)" to append to a title; "" if the family is unknown."""
    family = "in-sample" if evaluation.in_sample else evaluation.family
    return f" ({family})" if family else ""


def in_words(difference: Difference) -> str:
    """Return whether a difference is significant, with all comparisons taken together."""
    if difference.low_of_all > 0:
        return "better"
    if difference.high_of_all < 0:
        return "worse"
    return "unclear"


def not_significant(evaluation: Evaluation) -> list[str]:
    """Return a sentence on the models whose difference from the first is not significant, if any.

    Names are separated by semicolons, because those of parts of a model contain a comma.
    """
    model, metric = evaluation.models[0], evaluation.main_metric
    found = evaluation.differences(model, metric)
    names = [other for other, difference in found.items() if in_words(difference) == "unclear"]
    if not names:
        return []
    users = counted(evaluation.n_users, "user")
    return [
        f"With {users}, the difference in {metric} between {model} and each of these is not "
        f"significant: {'; '.join(names)}."
    ]


def notes(evaluation: Evaluation) -> Iterator[str]:
    """Yield sentences on what was skipped, what could not be hit, and what was left out."""
    if evaluation.in_sample:
        yield (
            "These scores are in-sample: models may have been trained on the users that they are "
            "scored on, and the scores say nothing about other users."
        )
    by_counts: dict[Counts, list[str]] = {}
    for name, scores in evaluation.scores.items():
        by_counts.setdefault(scores.counts, []).append(name)
    for counts, names in by_counts.items():
        who = "" if len(by_counts) == 1 else f"{', '.join(names)}: "
        if counts.skipped and not evaluation.split_counts:  # else a remark says why
            were = "was" if counts.skipped == 1 else "were"
            yield f"{who}{counted(counts.skipped, 'user')} {were} skipped for having too few items."
        if counts.unknown_labels:
            share = counts.unknown_labels / counts.labels
            are = "is an item that is" if counts.unknown_labels == 1 else "are items that are"
            count = "it counts as a miss" if counts.unknown_labels == 1 else "they count as misses"
            yield (
                f"{who}{counts.unknown_labels:,} of {counted(counts.labels, 'label')} "
                f"({share:.1%}) {are} not in the vocabulary; {count}."
            )
    yield from evaluation.remarks
    for name, scores in evaluation.scores.items():
        if each := scores.resolved:
            values = ", ".join(_resolved(p, [one[p] for one in each if p in one]) for p in each[0])
            yield f'{name}: "auto" was resolved to {values}.'
    for name, reason in evaluation.left_out.items():
        yield f"{name} was left out{'' if reason == ON_REQUEST else ':'} {reason}."


def _resolved(parameter: str, values: Sequence[Any]) -> str:
    """Return the values that a parameter was resolved to in several splits, as text.

    Examples
    --------
    >>> _resolved("l2", [10.0, 30.0, 10.0]), _resolved("l2", [10.0, 10.0])
    ('l2 = 10 (2 splits) or 30 (1 split)', 'l2 = 10')
    """
    counts = Counter(f"{v:g}" if isinstance(v, float) else str(v) for v in values)
    if len(counts) == 1:
        return f"{parameter} = {next(iter(counts))}"
    values_with_counts = [f"{value} ({counted(n, 'split')})" for value, n in counts.most_common()]
    return f"{parameter} = {' or '.join(values_with_counts)}"
