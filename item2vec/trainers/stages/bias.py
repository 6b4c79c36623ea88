"""The weight of the bias in the scores: a stage after training.

The bias mostly reflects the log popularity of an item, and the products of the vectors what a
history says about it. How much of the former should stand beside the latter differs between data
sets (in a shop less than among films), and training shows little of it: it hardly moves the bias
within a few epochs, and the users whom it learns from are not those for whom the vectors will be
used. So the bias is multiplied by a weight that is selected on validation users.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.evaluation.splitting.later_protocols import LaterProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.models.item_vectors import ItemVectors
from item2vec.parameters import Parameters, parameter
from item2vec.trainers.stages.score_grid import case_values, some_cases
from item2vec.trainers.stages.selection_users import (
    LEAST_USERS,
    ValidationSplit,
    mean_scores,
    n_selection_items,
    relative,
    validation_splits,
)
from item2vec.types import Values

BIAS_WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, kw_only=True)
class BiasStage(Parameters):
    """The weight of the bias, and the stage that selects it."""

    bias_weight: float | Literal["auto"] = parameter(
        "auto",
        "factor by which the learned bias, which mostly reflects an item's log popularity, is "
        f"multiplied in the scores; auto: chosen between {BIAS_WEIGHTS[0]:g} and "
        f"{BIAS_WEIGHTS[-1]:g} on validation users if a memory is selected on them, else 1",
        at_least=0,
        at_most=100,
        reported=True,
    )

    def with_bias_weight(
        self,
        vectors: ItemVectors,
        train: Callable[[Histories], ItemVectors],
        histories: Histories,
        protocols: Sequence[SplitProtocol],
        *,
        seed: int,
    ) -> ItemVectors:
        """Return the vectors with their bias times the weight.

        Parameters
        ----------
        vectors : ItemVectors
            Those of all users.
        train : callable
            Trains vectors on the histories of some of the users, without the stages.
        histories : Histories
            Of all users; each item once in a history.
        protocols : sequence of SplitProtocol
            What the weight is selected for; none: it is 1 where it is "auto". Protocols that ask
            the same users for what they did later count only where there are no others: they want
            much less popularity than the others do, and have the recency of items for themselves.
        seed : int
            Seed of the splits.
        """
        if self.bias_weight != "auto" or not protocols:
            return self.with_given_bias_weight(vectors)
        protocols = [p for p in protocols if not isinstance(p, LaterProtocol)] or protocols
        weight, report = select_bias_weight(train, histories, protocols, seed=seed)
        return _told(vectors, weight, {"bias": report})

    def with_given_bias_weight(self, vectors: ItemVectors) -> ItemVectors:
        """Return the vectors with their bias times the weight, which is 1 where it is "auto"."""
        return _told(vectors, 1.0 if self.bias_weight == "auto" else self.bias_weight, {})


def with_bias(vectors: ItemVectors, weight: float) -> ItemVectors:
    """Return the vectors with their bias times a weight."""
    return vectors if weight == 1 else replace(vectors, bias=vectors.bias * np.float32(weight))


def _told(vectors: ItemVectors, weight: float, report: Mapping[str, Any]) -> ItemVectors:
    """Return the vectors with their bias times a weight, which their metadata tell."""
    parameters = {**vectors.metadata["parameters"], "bias_weight": weight}
    metadata = {**vectors.metadata, **report, "parameters": parameters}
    return replace(with_bias(vectors, weight), metadata=metadata)


def select_bias_weight(
    train: Callable[[Histories], ItemVectors],
    histories: Histories,
    protocols: Sequence[SplitProtocol],
    *,
    seed: int = 0,
) -> tuple[float, dict[str, Any]]:
    """Choose the weight by the mean of relative scores of the vectors under several protocols.

    A score is relative to the mean of the scores of all weights under its protocol. A parabola is
    laid through the means, because single ones are noisy, and the weight is where it is highest.

    Parameters
    ----------
    train, histories, protocols, seed
        As in `BiasStage.with_bias_weight`.

    Returns
    -------
    weight : float
    report : dict
        What the metadata of a model hold about the selection. JSON only.
    """
    splits = list(validation_splits(histories, protocols, seed=seed))
    values = {split.protocol.description: _values(train(split.fitted), split) for split in splits}
    weight = _choose(list(values.values()))
    return weight, {
        "weight": weight,
        "users": max((split.n_users for split in splits), default=0),
        "items": n_selection_items(histories),
        "scores": {name: mean_scores(BIAS_WEIGHTS, each) for name, each in values.items()},
    }


def describe(report: Mapping[str, Any]) -> str:
    """Return a sentence about the selection, from the metadata of a model."""
    if not report["scores"]:
        return (
            "The bias has the weight that training gave it: fewer than "
            f"{LEAST_USERS} users can be held out to choose another."
        )
    return (
        f"The bias weighs {report['weight']:g} times what training gave it, which suits the "
        f"vectors best on {counted(report['users'], 'validation user')}."
    )


def _values(vectors: ItemVectors, split: ValidationSplit) -> Values:
    """Return the score of each case with each weight, float64 (weights, cases)."""
    cases = some_cases(split.cases)
    products = vectors.score_rows(cases.inputs) - vectors.bias
    return np.array(
        [
            case_values(products + np.float32(weight) * vectors.bias, cases, split.metric)
            for weight in BIAS_WEIGHTS
        ]
    )


def _choose(scores: Sequence[Values]) -> float:
    """Return the weight at which the parabola through the mean relative scores is highest."""
    if not scores:
        return 1.0
    curve = np.mean([relative(values.mean(axis=1)) for values in scores], axis=0)
    if np.ptp(curve) == 0:
        return 1.0
    square, linear, _ = np.polyfit(BIAS_WEIGHTS, curve, 2)
    if square >= 0:  # the parabola has no highest point
        return BIAS_WEIGHTS[int(np.argmax(curve))]
    highest = -linear / (2 * square)
    return round(float(np.clip(highest, BIAS_WEIGHTS[0], BIAS_WEIGHTS[-1])), 2)
