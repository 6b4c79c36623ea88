"""Checks of the arguments of an evaluation, and of what recommenders return."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from item2vec._support.messages import counted, either, setting, shown
from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.metrics import find_hits
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.recommender import check_vocabulary
from item2vec.types import Rows

MOST_CUTOFF = 1000


def check_cutoffs(cutoffs: Sequence[int]) -> tuple[int, ...]:
    """Return the distinct cutoffs in ascending order.

    Raises
    ------
    ParameterError
        If there is no cutoff, or one is not a whole number from 1 to 1,000.
    """
    given: object = cutoffs
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise ParameterError(
            f"cutoffs must be a tuple of whole numbers, such as (10,), not {shown(given)}"
        )
    cutoffs = tuple(cutoffs)
    whole = all(isinstance(k, int | np.integer) and not isinstance(k, bool) for k in cutoffs)
    if len(cutoffs) == 0 or not whole or not 1 <= min(cutoffs) <= max(cutoffs) <= MOST_CUTOFF:
        raise ParameterError(
            f"{setting('cutoffs')} must be whole numbers from 1 to {MOST_CUTOFF:,}, such as "
            f"{either('10,100', '(10, 100)')}, not "
            f"{either(','.join(map(str, cutoffs))[:200], shown(tuple(cutoffs)))}"
        )
    return tuple(sorted({int(k) for k in cutoffs}))


def check_arguments(recommenders: object, cases: object, training: Histories | None) -> None:
    """Raise ParameterError for a bare model, a trainer, or histories in place of cases.

    Raise DataError if labels or training histories have another vocabulary than the inputs.
    """
    if not isinstance(recommenders, Mapping):
        raise ParameterError(
            f"recommenders must be a mapping from names, not {type(recommenders).__name__}: write "
            'evaluate({"model": model}, cases)'
        )
    for name, recommender in recommenders.items():
        if isinstance(recommender, type):
            raise ParameterError(
                f"{name} is the class {recommender.__name__} itself: give a fitted model, such as "
                "load(path) or Word2Vec().fit(histories) returns"
            )
        if not hasattr(recommender, "recommend_rows"):
            remedy = ": fit it first" if hasattr(recommender, "fit") else ""
            raise ParameterError(
                f"{name} is a {type(recommender).__name__}, which has no recommend_rows{remedy}"
            )
    if not isinstance(cases, Cases):
        raise ParameterError(
            f"cases must be Cases, not {type(cases).__name__}: split held-out "
            "histories, in the vocabulary of the model, by RandomProtocol().cases(histories)"
        )
    for histories in (cases.labels, training):
        if histories is not None:
            check_vocabulary(histories, cases.inputs.vocabulary)


def check_trainers(trainers: object) -> None:
    """Raise ParameterError for a bare trainer, a class, or a model that is already fitted."""
    if not isinstance(trainers, Mapping):
        raise ParameterError(
            f"trainers must be a mapping from names, not {type(trainers).__name__}: write "
            'compare({"word2vec": Word2Vec()}, splits, protocol)'
        )
    for name, trainer in trainers.items():
        if isinstance(trainer, type):
            raise ParameterError(
                f"{name} is the class {trainer.__name__} itself: write {trainer.__name__}(), with "
                "parentheses"
            )
        if not hasattr(trainer, "fit"):
            remedy = "give a trainer, such as Word2Vec()"
            if hasattr(trainer, "recommend_rows"):
                remedy += ", or score fitted models with evaluate(models, cases)"
            raise ParameterError(
                f"{name} is of type {type(trainer).__name__}, which has no fit: {remedy}"
            )


def check_users(users: object, cases: Cases) -> None:
    """Raise ParameterError unless `users` names every user of the cases."""
    if users is None:
        return
    n = 1 + int(cases.users.max(initial=-1))
    if isinstance(users, str) or not isinstance(users, Sequence | np.ndarray):
        raise ParameterError(
            "users must be the ids of the held-out users, such as held_out.user_ids, not "
            f"{shown(users)}"
        )
    if len(users) < n:
        raise ParameterError(
            f"users has {counted(len(users), 'id')}, but the cases belong to the first {n:,} "
            "held-out users: give the ids of all, such as held_out.user_ids"
        )


def checked_recommendations(name: str, recommended: object, cases: Cases, k: int) -> Rows:
    """Return recommendations, or raise an error if they are not valid.

    Raises
    ------
    DataError
        If they are not an integer array of rows of shape (m, k), a list contains an item twice, or
        an input is recommended.
    """
    rows, inputs = np.asarray(recommended), cases.inputs
    wrong = None
    if rows.dtype.kind not in "iu" or rows.shape != (len(inputs), k):
        wrong = f"returned {rows.dtype} {rows.shape} instead of integers {(len(inputs), k)}"
    elif rows.size and not -1 <= rows.min() <= rows.max() < len(inputs.vocabulary):
        wrong = f"recommends rows {rows.min()} ... {rows.max()} of {len(inputs.vocabulary)} items"
    else:
        ordered = np.sort(rows, axis=1)
        if ((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] >= 0)).any():
            wrong = "recommends an item twice to the same history"
        elif (
            not cases.keep_seen
            and find_hits(rows.astype(np.int32), inputs.items, inputs.offsets).any()
        ):
            wrong = "recommends an item of the history itself"
    if wrong:
        raise DataError(f"{name} {wrong}: see `recommender.Recommender` for what it must return")
    return rows.astype(np.int32, copy=False)
