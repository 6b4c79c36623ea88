"""Joining evaluations: other models on the same cases, or the same models on other cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from item2vec.errors import DataError
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.scores import Cohort, ModelScores, summed

T = TypeVar("T")


def side_by_side(parts: Sequence[Evaluation]) -> Evaluation:
    """Join evaluations of different models on the same cases."""
    if not parts:
        raise DataError("there is nothing to compare: no model was scored")
    sizes = {len(part.cohort) for part in parts}
    if len(sizes) > 1:
        raise DataError(f"models scored on different cases can't be compared: {sorted(sizes)}")
    return replace(
        parts[0],
        scores=_merged([part.scores for part in parts]),
        left_out=_merged([part.left_out for part in parts]),
        in_sample=any(part.in_sample for part in parts),
    )


def end_to_end(parts: Sequence[Evaluation]) -> Evaluation:
    """Join evaluations of the same models on different cases.

    A model that is not in all parts is left out.
    """
    if not parts:
        raise DataError("there is nothing to evaluate: no split was given")
    first = parts[0]
    models = [name for name in first.models if all(name in part.scores for part in parts)]
    return Evaluation(
        scores={
            name: ModelScores.concatenated([part.scores[name] for part in parts]) for name in models
        },
        cohort=Cohort.concatenated([part.cohort for part in parts]),
        left_out=_merged([part.left_out for part in parts]),
        family=first.family,
        split_counts=summed([part.split_counts for part in parts]),
        remarks=tuple(dict.fromkeys(remark for part in parts for remark in part.remarks)),
        seed=first.seed,
        in_sample=any(part.in_sample for part in parts),
    )


def with_quality(evaluation: Evaluation, quality: NeighborQuality) -> Evaluation:
    """Return an evaluation with the metrics of the nearest neighbors of items."""
    return replace(
        evaluation,
        item_metrics=quality.metrics(),
        remarks=(*evaluation.remarks, *quality.remarks()),
    )


def _merged(mappings: Sequence[Mapping[str, T]]) -> dict[str, T]:
    return {name: value for mapping in mappings for name, value in mapping.items()}
