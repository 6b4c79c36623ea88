"""Selection, on validation users, of how fast the items of a history lose weight with age.

The users are held out as for the item-item memory, so that the same vectors serve for both. They
must be held out: in histories that vectors were trained on, old items predict as well as late ones,
so that the choice would be another one.

What is asked is twofold. The *next item* is the last line of a history, with all lines before it
shown, those of the same order too. The *next moment* is all that came at the last time, with
everything before it shown. Where each time has one line, both are the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.data.moments import ages_of
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.users import split_users
from item2vec.evaluation.validation import metric_values, standard_error
from item2vec.models.item_vectors import ItemVectors
from item2vec.trainers.stages.memory_selection import balanced_memory, n_neighbors
from item2vec.trainers.stages.score_grid import MIXING_WEIGHTS
from item2vec.trainers.stages.selection_users import (
    LEAST_USERS,
    mean_scores,
    most_popular,
    n_selection_items,
    relative,
    validation_share,
)
from item2vec.types import Values

RECENCIES = (0.0, 0.25, 0.5, 1.0)
NEXT_ITEM, NEXT_MOMENT = "next item", "next moment"
MOST_CUTS = 3  # cases of the same user


def select_recency(
    train: Callable[[Histories], ItemVectors],
    memory: Mapping[str, Any] | None,
    histories: Histories,
    *,
    seed: int = 0,
) -> tuple[float, dict[str, Any]]:
    """Choose the exponent of `RECENCIES` by the mean of relative scores on validation users.

    It is the smallest whose mean is less than one standard error below the best (of the paired
    difference).

    Parameters
    ----------
    train : callable
        Trains vectors without a memory; called with the histories of some of the users.
    memory : mapping, optional
        What the metadata hold of the selection of the memory.
    histories : Histories
        Of all users, in order.
    seed : int
        Seed of the split.

    Returns
    -------
    recency : float
    report : dict
        What the metadata of a model hold about the selection. JSON only.
    """
    popular = most_popular(histories)
    none = {"recency": 0.0, "users": 0, "items": n_selection_items(histories), "scores": {}}
    if len(popular) < 2:
        return 0.0, none
    fitted, held_out = split_users(popular, held_out=validation_share(histories), seed=seed)
    asked = _asked(held_out.without_repeats())  # an item seen before can't be recommended
    n_users = min((len(np.unique(cases.users)) for cases in asked.values()), default=0)
    if n_users < LEAST_USERS:
        return 0.0, none
    model = _with_memory(train(fitted), fitted, memory)
    values = {name: _values(model, cases) for name, cases in asked.items()}
    place = _choose(list(values.values()))
    scores = {name: mean_scores(RECENCIES, each) for name, each in values.items()}
    recency = RECENCIES[place]
    return recency, none | {"recency": recency, "users": n_users, "scores": scores}


def describe(report: Mapping[str, Any]) -> str:
    """Return a sentence about the selection, from the metadata of a model."""
    if not report["scores"]:
        return (
            "Where the next item is asked for, all items of a history weigh the same: fewer than "
            f"{LEAST_USERS} users with items of different times can be held out to choose."
        )
    chosen = f"{report['recency']:g}"
    scores = "; ".join(
        f"{name} {values[chosen]:.4f}"
        + (f", {values['0']:.4f} if all weigh the same" if chosen != "0" else "")
        for name, values in report["scores"].items()
    )
    weight = f"(1 + age)^-{chosen}" if chosen != "0" else "the same, whatever its age"
    return (
        f"Where the next item is asked for, an item of a history weighs {weight}. ndcg@10 on "
        f"{counted(report['users'], 'validation user')}: {scores}."
    )


def _asked(held_out: Histories) -> dict[str, Cases]:
    """Return what is asked of the last items, and of the last moments, of each history."""
    places = np.arange(len(held_out.items))
    user = np.repeat(np.arange(len(held_out)), held_out.lengths)
    moments = held_out.moments
    if moments is None or len(places) == 0:
        return {}
    begins = np.ones(len(places), dtype=bool)
    begins[1:] = (moments[1:] != moments[:-1]) | (user[1:] != user[:-1])
    moment_ends = np.append(np.flatnonzero(begins)[1:], len(places))[np.cumsum(begins) - 1]
    later = places > held_out.offsets[user]  # something came before
    ages = ages_of(moments, held_out.offsets)
    from_end = held_out.offsets[1:][user] - 1 - places
    of_moments = np.flatnonzero(later & begins & (ages < MOST_CUTS))
    of_items = np.flatnonzero(later & (from_end < MOST_CUTS))
    asked = {NEXT_ITEM: _cases(held_out, user, of_items, of_items + 1)}
    if not np.array_equal(of_items, of_moments):
        asked[NEXT_MOMENT] = _cases(held_out, user, of_moments, moment_ends[of_moments])
    return asked


def _cases(
    held_out: Histories,
    user: npt.NDArray[np.int64],
    begins: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> Cases:
    """Return cases that show all before `begins`, and ask for what lies between it and `ends`."""
    users = user[begins]
    before = held_out.offsets[users]
    inputs = held_out.cut(before, begins - before)
    labels = held_out.cut(begins, ends - begins).without_repeats()
    return Cases(inputs, labels, users, inputs.lengths + labels.lengths, 0)


def _with_memory(
    vectors: ItemVectors, fitted: Histories, report: Mapping[str, Any] | None
) -> ItemVectors:
    """Return vectors with a memory like the one that was selected, if one was kept."""
    if not report or not report["kept"]:
        return vectors
    n = n_neighbors(report["kept"], len(fitted.vocabulary))
    memory = balanced_memory(vectors, fitted, n, crossover=report["crossover"])
    weight = report["mixing_weight"] or MIXING_WEIGHTS[0]
    return replace(vectors, memory=memory.scaled(weight))


def _values(model: ItemVectors, cases: Cases) -> Values:
    """Return the score of each user with each exponent, float64 (exponents, users)."""
    _, users = np.unique(cases.users, return_inverse=True)
    n_cases = np.bincount(users)
    scores = (metric_values(replace(model, recency=recency), cases) for recency in RECENCIES)
    return np.array([np.bincount(users, values) / n_cases for values in scores])


def _choose(scores: Sequence[Values]) -> int:
    """Return the place of the smallest exponent that is close to the best; see `select_recency`."""
    each = [relative(values) for values in scores]
    means = np.mean([values.mean(axis=1) for values in each], axis=0)
    best = int(np.argmax(means))
    for place in range(best):
        differences = [values[best] - values[place] for values in each]
        if means[best] - means[place] <= standard_error(differences):
            return place
    return best
