"""Selection of the item-item memory and of its mixing weight on validation users.

The memory is a sparse matrix of weights between items, which adds to the scores of the vectors. It
has one set of weights for short histories and one for long ones. Two numbers are selected: the
mixing weight, by which its scores are multiplied, and the crossover, the length of a history at
which both sets count the same. One model serves short and long histories, so both
numbers are selected on validation histories of both kinds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import standard_error
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.stages.balanced_memory import balanced_memory, n_neighbors
from item2vec.trainers.stages.score_grid import CROSSOVERS, MIXING_WEIGHTS, ScoreGrid
from item2vec.trainers.stages.selection_users import (
    LEAST_USERS,
    ScoresByProtocol,
    are_same,
    n_selection_items,
    validation_splits,
)
from item2vec.trainers.stages.vector_cache import FitVectors


class Mixture(NamedTuple):
    """How a memory is mixed with the vectors.

    Parameters
    ----------
    crossover : float
        See `Memory`.
    mixing_weight : float
        See `MIXING_WEIGHTS`; 0: no memory.
    """

    crossover: float
    mixing_weight: float


# The mixture for fewer validation users than `LEAST_USERS`: the middle of what the selection tries.
DEFAULT_MIXTURE = Mixture(crossover=10.0, mixing_weight=1.0)


@dataclass(frozen=True)
class MemorySelection:
    """The mixture that was selected on validation users, with their scores.

    Parameters
    ----------
    mixture : Mixture
        Its mixing weight is 0 if the memory does not improve the scores.
    n_users : int
        The number of validation users; 0 if there were too few for a selection.
    n_items : int
        The number of items that take part in the selection: the most popular ones.
    scores : mapping of str to mapping of str to float
        Mean scores by protocol, of the vectors, of the memory and of both.
    """

    mixture: Mixture
    n_users: int
    n_items: int
    scores: ScoresByProtocol

    def to_dict(self) -> dict[str, Any]:
        """Return the entry of the selection in the metadata of a model, as JSON values."""
        return {
            **self.mixture._asdict(),
            "users": self.n_users,
            "items": self.n_items,
            "scores": self.scores,
        }


class _FittedModel(NamedTuple):
    """Vectors and a memory that were fitted without the validation users of a split."""

    fitted: Histories
    vectors: ItemVectors
    memory: Memory


def select_memory(
    train: FitVectors,
    histories: Histories,
    wanted: int | Literal["auto"],
    protocols: Sequence[SplitProtocol],
    *,
    seed: int = 0,
) -> MemorySelection:
    """Select crossover and mixing weight by the mean of relative scores under several protocols.

    A score is relative to the mean of the scores of all choices under its protocol. The mixing
    weight is the smallest whose mean is less than one standard error below the best (of the paired
    difference; Breiman et al., "Classification and Regression Trees", 1984, have the rule), and 0
    if the vectors alone are better by more than that.

    Parameters
    ----------
    train, histories, wanted, protocols, seed
        As in `choose_memory`; see `validation_splits` for the users.
    """
    grids: dict[str, ScoreGrid] = {}
    models: list[_FittedModel] = []  # protocols that hold out the same users share one
    for split in validation_splits(histories, protocols, seed=seed):
        model = next((model for model in models if are_same(model.fitted, split.fitted)), None)
        if model is None:
            model = _fit_model(train, split.fitted, wanted)
            models.append(model)
        grids[split.protocol.description] = ScoreGrid.of(
            model.vectors, model.memory, split.cases, split.metric
        )
    mixture = _choose(list(grids.values()))
    return MemorySelection(
        mixture,
        n_users=max((grid.n_users for grid in grids.values()), default=0),
        n_items=n_selection_items(histories),
        scores={name: grid.part_scores(*mixture) for name, grid in grids.items()},
    )


def describe(report: Mapping[str, Any]) -> str:
    """Return a description of the selection, from the metadata of a model: a line per protocol."""
    done = "is added to the scores" if report["kept"] else "is not added to the scores"
    if not report["scores"]:
        return (
            f"An item-item memory {done}, with the default weight: fewer than {LEAST_USERS} users "
            "can be held out to choose it."
        )
    lines = [
        f"An item-item memory {done}. ndcg on {counted(report['users'], 'validation user')} and "
        f"the {report['items']:,} most popular items:"
    ]
    for name, values in report["scores"].items():
        scores = f"vectors {values['vectors']:.4f}, memory {values['memory']:.4f}"
        if report["mixing_weight"]:
            scores += f", both {values['both']:.4f}"
        lines.append(f"  {name}: {scores}")
    return "\n".join(lines)


def _fit_model(train: FitVectors, fitted: Histories, wanted: int | Literal["auto"]) -> _FittedModel:
    vectors = train(fitted)
    n = n_neighbors(wanted, len(fitted.vocabulary))
    # The grid tries all crossovers, so the one of this memory does not matter.
    return _FittedModel(fitted, vectors, balanced_memory(vectors, fitted, n, crossover=1.0))


def _choose(grids: Sequence[ScoreGrid]) -> Mixture:
    """Return the crossover with the best mean, and the smallest mixing weight close to it.

    The memory is left out only if the vectors alone are better than with it by more than one
    standard error: when few users are scored, the vectors are often best by chance, although long
    histories lose much without the memory.
    """
    if not grids:
        return DEFAULT_MIXTURE
    relative = [grid.relative() for grid in grids]  # (n_crossovers, 1 + n_weights, n_users) each
    means = np.mean([values.mean(axis=2) for values in relative], axis=0)

    def is_worse(crossover: int, weight: int, better: int) -> bool:
        differences = [values[crossover, better] - values[crossover, weight] for values in relative]
        gain = means[crossover, better] - means[crossover, weight]
        return bool(gain > standard_error(differences))

    # Column 0 has the scores of the vectors alone.
    crossover, best = divmod(int(np.argmax(means[:, 1:])), len(MIXING_WEIGHTS))
    best += 1
    weight = best
    while weight > 1 and not is_worse(crossover, weight - 1, best):
        weight -= 1
    if is_worse(crossover, weight, 0):
        weight = 0
    return Mixture(CROSSOVERS[crossover], (0.0, *MIXING_WEIGHTS)[weight])
