"""Joining evaluations: other models on the same cases, or the same models on other cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from item2vec.errors import DataError
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import Cohort, Counts, Evaluation, Table
from item2vec.types import Values

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
        values=_merged([part.values for part in parts]),
        counts=_merged([part.counts for part in parts]),
        hits=_merged([part.hits for part in parts]),
        sliced=_merged([part.sliced for part in parts]),
        exposure=_merged([part.exposure for part in parts]),
        per_item=_merged([part.per_item for part in parts]),
        groups=_merged([part.groups for part in parts]),
        left_out=_merged([part.left_out for part in parts]),
        chosen=_merged([part.chosen for part in parts]),
        in_sample=any(part.in_sample for part in parts),
    )


def end_to_end(parts: Sequence[Evaluation]) -> Evaluation:
    """Join evaluations of the same models on different cases; a model must stand in all of them."""
    if not parts:
        raise DataError("there is nothing to evaluate: no split was given")
    first = parts[0]
    models = [name for name in first.models if all(name in part.values for part in parts)]
    return Evaluation(
        values=_concatenated([part.values for part in parts], models),
        counts={
            name: Counts(*map(sum, zip(*(part.counts[name] for part in parts), strict=True)))
            for name in models
        },
        cohort=Cohort.joined([part.cohort for part in parts]),
        hits={name: np.concatenate([part.hits[name] for part in parts]) for name in models},
        sliced=_concatenated([part.sliced for part in parts], models),
        exposure={name: _summed([part.exposure[name] for part in parts]) for name in models},
        left_out=_merged([part.left_out for part in parts]),
        chosen={
            name: sum((part.chosen.get(name, ()) for part in parts), start=())
            for name in models
            if any(name in part.chosen for part in parts)
        },
        family=first.family,
        split_counts=_summed([part.split_counts for part in parts]),
        remarks=tuple(dict.fromkeys(remark for part in parts for remark in part.remarks)),
        seed=first.seed,
        in_sample=any(part.in_sample for part in parts),
    )


def with_quality(evaluation: Evaluation, quality: NeighborQuality) -> Evaluation:
    """Add what was measured of the neighbours of items to an evaluation of the same models."""
    return replace(
        evaluation,
        per_item=quality.values(),
        groups=quality.groups(),
        remarks=(*evaluation.remarks, *quality.remarks()),
    )


def _merged(mappings: Sequence[Mapping[str, T]]) -> dict[str, T]:
    return {name: value for mapping in mappings for name, value in mapping.items()}


def _concatenated(tables: Sequence[Table], models: Sequence[str]) -> dict[str, dict[str, Values]]:
    return {
        name: {
            metric: np.concatenate([table[name][metric] for table in tables])
            for metric in tables[0][name]
        }
        for name in models
    }


def _summed(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total
