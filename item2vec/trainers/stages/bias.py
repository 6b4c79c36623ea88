"""The weight of the bias in the scores: a stage after training.

The bias mostly reflects the log popularity of an item, and the products of the vectors what a
history contributes. Which weight of the bias is best differs between data sets: on MovieLens it is
larger than in a shop (docs/experiments.md, "What was tried for the defaults"). Training does not
find it, because a few epochs hardly change the bias, and because the loss is computed on the users
that the vectors are fitted to. So the bias is multiplied by a factor that is selected on validation
users.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.evaluation.splitting.later_protocols import LaterProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.models.item_vectors import ItemVectors
from item2vec.trainers.stages.score_grid import case_values, some_cases
from item2vec.trainers.stages.selection_users import (
    LEAST_USERS,
    ScoresByProtocol,
    ValidationSplit,
    mean_scores,
    n_selection_items,
    relative,
    validation_splits,
)
from item2vec.trainers.stages.vector_cache import FitVectors
from item2vec.types import Values

# The weights that are scored. Measured best were .25 (word2vec on Online Retail) to 1.5 (MovieLens
# small); see docs/experiments.md, "What was tried for the defaults".
BIAS_WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True)
class BiasSelection:
    """The weight of the bias that was selected on validation users, with their scores.

    Parameters
    ----------
    weight : float
    n_users : int
        The number of validation users; 0 if there were too few for a selection.
    n_items : int
        The number of items that take part in the selection: the most popular ones.
    scores : mapping of str to mapping of str to float
        Mean scores by protocol and by weight.
    """

    weight: float
    n_users: int
    n_items: int
    scores: ScoresByProtocol

    def to_dict(self) -> dict[str, Any]:
        """Return the entry "bias" of the metadata of a model, as JSON values."""
        return {
            "weight": self.weight,
            "users": self.n_users,
            "items": self.n_items,
            "scores": self.scores,
        }


@dataclass(frozen=True)
class BiasWeight:
    """The factor by which the learned bias is multiplied.

    Parameters
    ----------
    value : float
    selection : BiasSelection, optional
        The selection that it comes from, if it was not given.
    """

    value: float
    selection: BiasSelection | None = None

    def apply(self, vectors: ItemVectors) -> ItemVectors:
        """Return the vectors with their bias times the weight, and with the weight in metadata."""
        parameters = {**vectors.metadata["parameters"], "bias_weight": self.value}
        report = {"bias": self.selection.to_dict()} if self.selection else {}
        metadata = {**vectors.metadata, **report, "parameters": parameters}
        return replace(self.scale(vectors), metadata=metadata)

    def scale(self, vectors: ItemVectors) -> ItemVectors:
        """Return the vectors with their bias times the weight."""
        if self.value == 1:
            return vectors
        return replace(vectors, bias=vectors.bias * np.float32(self.value))


def choose_bias_weight(
    wanted: float | Literal["auto"],
    train: FitVectors,
    histories: Histories,
    protocols: Sequence[SplitProtocol],
    *,
    seed: int,
) -> BiasWeight:
    """Return the given weight of the bias or, for "auto", select one.

    Parameters
    ----------
    wanted : float or "auto"
        The parameter `bias_weight`.
    train : callable
        Trains vectors on the histories of some of the users, without stages.
    histories : Histories
        Histories of all users, each item at most once in each.
    protocols : sequence of SplitProtocol
        The protocols to select for; if there are none, "auto" is 1. Protocols that predict the
        later items of the same users count only if there are no others, because they favor a much
        smaller weight, and because the recency serves them.
    seed : int
        Seed of the splits.
    """
    if wanted != "auto":
        return BiasWeight(wanted)
    if not protocols:
        return BiasWeight(1.0)
    protocols = [p for p in protocols if not isinstance(p, LaterProtocol)] or protocols
    selection = select_bias_weight(train, histories, protocols, seed=seed)
    return BiasWeight(selection.weight, selection)


def select_bias_weight(
    train: FitVectors,
    histories: Histories,
    protocols: Sequence[SplitProtocol],
    *,
    seed: int = 0,
) -> BiasSelection:
    """Select the weight by the mean of relative scores of the vectors under several protocols.

    A score is relative to the mean of the scores of all weights under its protocol. A parabola is
    fitted to the means, because single ones are noisy, and the weight is where it is highest.

    Parameters
    ----------
    train, histories, protocols, seed
        As in `choose_bias_weight`.
    """
    splits = list(validation_splits(histories, protocols, seed=seed))
    values = {split.protocol.description: _values(train(split.fitted), split) for split in splits}
    return BiasSelection(
        weight=_choose(list(values.values())),
        n_users=max((split.n_users for split in splits), default=0),
        n_items=n_selection_items(histories),
        scores={name: mean_scores(BIAS_WEIGHTS, each) for name, each in values.items()},
    )


def describe(report: Mapping[str, Any]) -> str:
    """Return a sentence about the selection, from the metadata of a model."""
    if not report["scores"]:
        return (
            "The bias keeps its trained weight: fewer than "
            f"{LEAST_USERS} users can be held out to choose another."
        )
    return (
        f"The bias is multiplied by {report['weight']:g}, which scores best on "
        f"{counted(report['users'], 'validation user')}."
    )


def _values(vectors: ItemVectors, split: ValidationSplit) -> Values:
    """Return the score of each case with each weight, float64 (n_weights, n_cases)."""
    cases = some_cases(split.cases)
    products = vectors.score_rows(cases.inputs) - vectors.bias  # (n_cases, n_items) float32
    return np.array(
        [
            case_values(products + np.float32(weight) * vectors.bias, cases, split.metric)
            for weight in BIAS_WEIGHTS
        ]
    )


def _choose(scores: Sequence[Values]) -> float:
    """Return the weight at which the parabola through the mean relative scores is highest.

    Parameters
    ----------
    scores : sequence of arrays of shape (n_weights, n_cases), float64
        One for each protocol.
    """
    if not scores:
        return 1.0
    curve = np.mean([relative(values.mean(axis=1)) for values in scores], axis=0)  # (n_weights,)
    if np.ptp(curve) == 0:
        return 1.0
    square, linear, _ = np.polyfit(BIAS_WEIGHTS, curve, 2)
    if square >= 0:  # the parabola has no highest point
        return BIAS_WEIGHTS[int(np.argmax(curve))]
    highest = -linear / (2 * square)
    return round(float(np.clip(highest, BIAS_WEIGHTS[0], BIAS_WEIGHTS[-1])), 2)
