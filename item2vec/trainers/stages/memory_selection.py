"""Selection of the item-item memory and of its mixing weight on validation users.

The vectors are trained without the memory, which is added to their scores. How much it should
weigh, and from which length of a history its weights for long histories should count, is chosen on
users who are held out for it, for short and for long histories alike: one model serves both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.data.packed import take_slices
from item2vec.evaluation.held_out_users import SplitProtocol
from item2vec.evaluation.validation import standard_error
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables
from item2vec.trainers.memory_weights.long_histories import neighborhood_weights
from item2vec.trainers.memory_weights.short_histories import pair_weights
from item2vec.trainers.stages.score_grid import CROSSOVERS, MIXING_WEIGHTS, ScoreGrid
from item2vec.trainers.stages.selection_users import (
    LEAST_USERS,
    are_same,
    n_selection_items,
    validation_splits,
)
from item2vec.types import Floats

# Items by which each item is predicted: fewer in a catalogue larger than `LARGE`.
NEIGHBORS, NEIGHBORS_IN_LARGE, LARGE = 100, 50, 100_000
DEFAULT = {"crossover": 10.0, "mixing_weight": 1.0}
# How far the scores of each set of weights are spread, in units of those of the vectors: vectors
# lose more to the memory in long histories than in short ones.
SPREADS = {"short": 1.0, "long": 2.0}
SPREAD_HISTORIES, SPREAD_LENGTH, SPREAD_SCORES = 200, 10, 20_000_000
ROUNDING = 1e-5  # of the largest weight: scores that are spread less are equal but for rounding


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


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The memory that validation users chose.

    Parameters
    ----------
    crossover : float
        See `Memory`.
    mixing_weight : float
        See `MIXING_WEIGHTS`; 0 where the memory does not improve the scores.
    report : dict
        What the metadata of a model hold about the selection. JSON only.
    """

    crossover: float
    mixing_weight: float
    report: dict[str, Any]


def n_neighbors(wanted: int | Literal["auto"], n_items: int) -> int:
    """Return by how many items each item is predicted; 0 where no memory is wanted."""
    if wanted == "auto":
        wanted = NEIGHBORS if n_items <= LARGE else NEIGHBORS_IN_LARGE
    return min(wanted, max(0, n_items - 1))


def memory_beside(
    train: Callable[[Histories], ItemVectors],
    vectors: ItemVectors,
    histories: Histories,
    wanted: int | Literal["auto"],
    protocols: Sequence[SplitProtocol],
    *,
    selected: Mixture | None = None,
    seed: int = 0,
) -> tuple[Memory | None, dict[str, Any]]:
    """Return the memory to add to the scores of vectors, if any, and metadata of its selection.

    Parameters
    ----------
    train : callable
        Trains vectors without a memory; called with the histories of some of the users.
    vectors : ItemVectors
        Those of all users.
    histories : Histories
        Of all users; each item once in a history.
    wanted : int or "auto"
        Items by which each item is predicted. A number keeps the memory even where it does not
        improve the scores.
    protocols : sequence of SplitProtocol
        What the memory is selected for.
    selected : Mixture, optional
        What was selected before; nothing is then trained and selected anew.
    seed : int
        Seed of the splits.
    """
    if selected is None:
        selection = select_memory(train, histories, wanted, protocols, seed=seed)
    else:
        mixed = selected._asdict()
        selection = Selection(**mixed, report={**mixed, "users": 0, "items": 0, "scores": {}})
    mixing_weight = selection.mixing_weight or (0.0 if wanted == "auto" else MIXING_WEIGHTS[0])
    n = n_neighbors(wanted, len(histories.vocabulary)) if mixing_weight else 0
    metadata = {"memory": selection.report | {"kept": n}}
    if n == 0:
        return None, metadata
    memory = balanced_memory(vectors, histories, n, crossover=selection.crossover)
    return memory.scaled(mixing_weight), metadata


def select_memory(
    train: Callable[[Histories], ItemVectors],
    histories: Histories,
    wanted: int | Literal["auto"],
    protocols: Sequence[SplitProtocol],
    *,
    seed: int = 0,
) -> Selection:
    """Choose crossover and mixing weight by the mean of relative scores under several protocols.

    A score is relative to the mean of the scores of all choices under its protocol. The mixing
    weight is the smallest whose mean is less than one standard error below the best (of the paired
    difference; Breiman et al., "Classification and Regression Trees", 1984, have the rule), and 0
    where the vectors alone are better by more than that.
    See `validation_splits` for the users.

    Parameters
    ----------
    train, histories, wanted, protocols, seed
        As in `memory_beside`.
    """
    n_items = n_selection_items(histories)
    grids: dict[str, ScoreGrid] = {}
    models: list[tuple[Histories, ItemVectors, Memory]] = []
    for split in validation_splits(histories, protocols, seed=seed):
        model = next((model for model in models if are_same(model[0], split.fitted)), None)
        if model is None:
            vectors = train(split.fitted)
            n = n_neighbors(wanted, len(split.fitted.vocabulary))
            model = split.fitted, vectors, balanced_memory(vectors, split.fitted, n, crossover=1.0)
            models.append(model)
        grids[split.protocol.description] = ScoreGrid.of(*model[1:], split.cases, split.metric)
    if not grids:
        report = {**DEFAULT, "users": 0, "items": n_items, "scores": {}}
        return Selection(**DEFAULT, report=report)
    chosen = _choose(list(grids.values()))
    place = CROSSOVERS.index(chosen["crossover"])
    scores = {
        name: {key: round(value, 6) for key, value in grid.scores(place, chosen).items()}
        for name, grid in grids.items()
    }
    users = max(grid.n_users for grid in grids.values())
    report = {**chosen, "users": users, "items": n_items, "scores": scores}
    return Selection(**chosen, report=report)


def balanced_memory(
    vectors: ItemVectors, histories: Histories, n: int, *, crossover: float
) -> Memory:
    """Return a memory of `n` neighbors whose scores are as large as those of the vectors.

    They are spread over the items in proportion to them, by `SPREADS`, on average over some
    histories of about ten items.
    """
    tables = CoOccurrenceTables.of(histories, n)
    memory = Memory(pair_weights(tables), neighborhood_weights(tables), crossover=crossover)
    n_items = len(histories.vocabulary)
    some = _shortened(histories, max(20, min(SPREAD_HISTORIES, SPREAD_SCORES // n_items)))
    spread = _spread(vectors.score_rows(some))
    scaled: dict[str, Any] = {}
    for name, weights in memory.parts().items():
        of_memory = _spread(Memory(weights).score_rows(some, power=vectors.power))
        largest = float(np.abs(weights.weights).max(initial=0))
        if of_memory > ROUNDING * largest:  # else all items have the same score
            scaled[name] = weights.scaled(SPREADS[name] * spread / of_memory)
    return replace(memory, **scaled)


def describe(report: Mapping[str, Any]) -> str:
    """Return what was selected in words, from the metadata of a model: a line for each protocol."""
    kept = report["kept"]
    done = "is added to the scores" if kept else "is not added to the scores"
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


def _choose(grids: Sequence[ScoreGrid]) -> dict[str, float]:
    """Return the crossover with the best mean, and the smallest mixing weight close to it.

    The memory is left out only where the vectors alone are better than with it by more than one
    standard error: where few users are scored, they are often best by chance, although long
    histories lose much without the memory.
    """
    relative = [grid.relative() for grid in grids]
    means = np.mean([values.mean(axis=2) for values in relative], axis=0)

    def is_worse(place: int, weight: int, better: int) -> bool:
        differences = [values[place, better] - values[place, weight] for values in relative]
        return bool(means[place, better] - means[place, weight] > standard_error(differences))

    place, best = divmod(int(np.argmax(means[:, 1:])), len(MIXING_WEIGHTS))
    best += 1  # the first column is that of the vectors alone
    weight = best
    while weight > 1 and not is_worse(place, weight - 1, best):
        weight -= 1
    if is_worse(place, weight, 0):
        weight = 0
    return {
        "crossover": CROSSOVERS[place],
        "mixing_weight": (0.0, *MIXING_WEIGHTS)[weight],
    }


def _shortened(histories: Histories, n: int) -> Histories:
    """Return the first ten items of some histories, evenly spaced."""
    long_enough = np.flatnonzero(histories.lengths > 1)
    if len(long_enough) == 0:
        long_enough = np.arange(len(histories))
    places = np.unique(np.linspace(0, len(long_enough) - 1, n).astype(np.int64))
    some = histories.take(long_enough[places])
    lengths = np.minimum(some.lengths, SPREAD_LENGTH)
    items, offsets = take_slices(some.items, some.offsets[:-1], lengths)
    return Histories(items, offsets, some.vocabulary)


def _spread(scores: Floats) -> float:
    """Return how far scores are spread over the items: the mean standard deviation of a row."""
    return float(scores.std(axis=1).mean())
