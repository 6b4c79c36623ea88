"""Selection, on validation users, of how fast the items of a history lose weight with age.

The users are held out as for the item-item memory, so that the same vectors serve both selections.
Training users would lead to another exponent: in histories that the vectors were trained on, early
items predict as well as late ones.

Two kinds of cases are scored. For the *next item*, one of the last interactions of a history is the
label, and all before it are inputs, including those of the same time. For the *next moment*, all
interactions of one of the last times are labels, and all before that time are inputs. If no two
interactions of a history have the same time, both are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from item2vec.trainers.stages.memory import MemoryChoice
from item2vec.trainers.stages.selection_users import (
    LEAST_USERS,
    ScoresByProtocol,
    mean_scores,
    most_popular,
    n_selection_items,
    relative,
    validation_share,
)
from item2vec.trainers.stages.vector_cache import FitVectors
from item2vec.types import Values

# The exponents that are scored, from equal weights to 1/(1 + age). See docs/experiments.md, "What
# comes next".
RECENCIES = (0.0, 0.25, 0.5, 1.0)
NEXT_ITEM, NEXT_MOMENT = "next item", "next moment"
MOST_CUTS = 3  # cases of the same user: long histories do not outweigh the others


@dataclass(frozen=True)
class RecencySelection:
    """The exponent that was selected on validation users, with their scores.

    Parameters
    ----------
    recency : float
    n_users : int
        The number of validation users; 0 if there were too few for a selection.
    n_items : int
        The number of items that take part in the selection: the most popular ones.
    scores : mapping of str to mapping of str to float
        Mean scores by kind of case and by exponent.
    """

    recency: float
    n_users: int
    n_items: int
    scores: ScoresByProtocol

    def to_dict(self) -> dict[str, Any]:
        """Return the entry "order" of the metadata of a model, as JSON values."""
        return {
            "recency": self.recency,
            "users": self.n_users,
            "items": self.n_items,
            "scores": self.scores,
        }


def select_recency(
    train: FitVectors,
    histories: Histories,
    memory: MemoryChoice | None,
    *,
    seed: int = 0,
) -> RecencySelection:
    """Select the exponent of `RECENCIES` by the mean of relative scores on validation users.

    It is the smallest whose mean is less than one standard error below the best (of the paired
    difference).

    Parameters
    ----------
    train, histories, memory, seed
        As in `choose_recency`; the histories in time order.
    """
    n_items = n_selection_items(histories)
    too_few = RecencySelection(0.0, n_users=0, n_items=n_items, scores={})
    popular = most_popular(histories)
    if len(popular) < 2:
        return too_few
    fitted, held_out = split_users(popular, held_out=validation_share(histories), seed=seed)
    kinds = _cases_by_kind(held_out.without_repeats())  # seen items can't be recommended
    n_users = min((len(np.unique(cases.users)) for cases in kinds.values()), default=0)
    if n_users < LEAST_USERS:
        return too_few
    vectors = train(fitted)
    model = replace(vectors, memory=memory.build(vectors, fitted) if memory else None)
    values = {name: _values(model, cases) for name, cases in kinds.items()}
    return RecencySelection(
        recency=RECENCIES[_choose(list(values.values()))],
        n_users=n_users,
        n_items=n_items,
        scores={name: mean_scores(RECENCIES, each) for name, each in values.items()},
    )


def describe(report: Mapping[str, Any]) -> str:
    """Return a sentence about the selection, from the metadata of a model."""
    if not report["scores"]:
        return (
            "To predict the next item, all items of a history have the same weight: fewer than "
            f"{LEAST_USERS} users with items of different times can be held out to choose."
        )
    chosen = f"{report['recency']:g}"
    scores = "; ".join(
        f"{name} {values[chosen]:.4f}"
        + (f" ({values['0']:.4f} with equal weights)" if chosen != "0" else "")
        for name, values in report["scores"].items()
    )
    weight = f"the weight (1 + age)^-{chosen}" if chosen != "0" else "the same weight at any age"
    return (
        f"To predict the next item, an item of a history has {weight}. ndcg@10 on "
        f"{counted(report['users'], 'validation user')}: {scores}."
    )


def _cases_by_kind(held_out: Histories) -> dict[str, Cases]:
    """Return cases of the last items, and of the last moments, of each history."""
    positions = np.arange(len(held_out.items))  # (n,), as all arrays here
    user = np.repeat(np.arange(len(held_out)), held_out.lengths)
    moments = held_out.moments
    if moments is None or len(positions) == 0:
        return {}
    is_first = np.ones(len(positions), dtype=bool)  # the first interaction of a moment
    is_first[1:] = (moments[1:] != moments[:-1]) | (user[1:] != user[:-1])
    moment_ends = np.append(np.flatnonzero(is_first)[1:], len(positions))[np.cumsum(is_first) - 1]
    has_input = positions > held_out.offsets[user]
    age = ages_of(moments, held_out.offsets)
    from_end = held_out.offsets[1:][user] - 1 - positions
    item_begins = np.flatnonzero(has_input & (from_end < MOST_CUTS))
    moment_begins = np.flatnonzero(has_input & is_first & (age < MOST_CUTS))
    kinds = {NEXT_ITEM: _cases(held_out, user, item_begins, item_begins + 1)}
    if not np.array_equal(item_begins, moment_begins):
        ends = moment_ends[moment_begins]
        kinds[NEXT_MOMENT] = _cases(held_out, user, moment_begins, ends)
    return kinds


def _cases(
    held_out: Histories,
    user: npt.NDArray[np.int64],
    begins: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> Cases:
    """Return cases with labels in ``begins[i]:ends[i]``, and everything before as inputs."""
    users = user[begins]
    before = held_out.offsets[users]
    inputs = held_out.cut(before, begins - before)
    labels = held_out.cut(begins, ends - begins).without_repeats()
    return Cases(inputs, labels, users, inputs.lengths + labels.lengths, 0)


def _values(model: ItemVectors, cases: Cases) -> Values:
    """Return the score of each user with each exponent, float64 (n_exponents, n_users)."""
    _, users = np.unique(cases.users, return_inverse=True)  # (n_cases,)
    n_cases = np.bincount(users)  # (n_users,)
    scores = (metric_values(replace(model, recency=recency), cases) for recency in RECENCIES)
    return np.array([np.bincount(users, values) / n_cases for values in scores])


def _choose(scores: Sequence[Values]) -> int:
    """Return the index of the smallest exponent that is close to the best; see `select_recency`.

    Parameters
    ----------
    scores : sequence of arrays of shape (n_exponents, n_users), float64
        One for each kind of case.
    """
    each = [relative(values) for values in scores]
    means = np.mean([values.mean(axis=1) for values in each], axis=0)  # (n_exponents,)
    best = int(np.argmax(means))
    for smaller in range(best):
        differences = [values[best] - values[smaller] for values in each]
        if means[best] - means[smaller] <= standard_error(differences):
            return smaller
    return best
