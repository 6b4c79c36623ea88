"""Choose parameters on validation users, a part of the training users, never on test users."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from item2vec.data.histories import Histories
from item2vec.errors import DataError, MissingExtraError, TooLargeError
from item2vec.evaluation.metrics import MAIN_METRIC, METRICS, find_hits, parse_metric
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.models.recommender import Recommender, Trainer
from item2vec.types import Progress, Values

SHARE = 0.2  # share of the training users that is held out for validation
BUDGET = 25  # largest number of fits for a set of numerical parameters

T = TypeVar("T", bound=Trainer)

# Takes histories, computes what all fits on them share, and returns a function that fits a trainer.
Prepare = Callable[[Histories], Callable[[T], Recommender]]


def resolve_auto(
    trainer: T,
    choices: Mapping[str, Sequence[float]],
    histories: Histories,
    protocol: SplitProtocol,
    *,
    alternatives: Mapping[str, Sequence[str]] | None = None,
    prepare: "Prepare[T] | None" = None,
    progress: Progress | None = None,
) -> T:
    """Return the trainer with every parameter "auto" replaced by the best value that was tried.

    Values are compared by ndcg@10 on 20 % of the training users, with models that are fitted on
    the others. Without a parameter "auto" the trainer is returned as it is.

    Parameters
    ----------
    trainer : dataclass of parameters, with fit
    choices : mapping of str to sequence of float
        The values to try for each numerical parameter, in ascending order.
    histories : Histories
        The histories of the training users.
    protocol : SplitProtocol
        The split of the validation users into inputs and labels.
    alternatives : mapping of str to sequence of str, optional
        The values to try for each categorical parameter, each with a search of its own among the
        numerical ones. Of equally good ones, the first is returned.
    prepare : callable, optional
        Takes the histories to fit on (it may sample them), computes what all fits share, and
        returns a function that fits a trainer. By default ``trainer.fit`` is called.
    progress : Progress, optional
        Called after each fit.
    """
    choices = {name: values for name, values in choices.items() if _is_auto(trainer, name)}
    variants = _variants(trainer, alternatives or {})
    if not choices and len(variants) == 1:
        return variants[0]
    training, cases = hold_out(histories, SHARE, protocol)
    fit = prepare(training) if prepare else lambda trainer: trainer.fit(training)
    fits = itertools.count(1)

    def score(candidate: T) -> float:
        reached = _score(fit, candidate, cases)
        if progress is not None:
            progress(next(fits), len(variants) * BUDGET)
        return reached

    found = [_best_choice(variant, choices, score) for variant in variants]
    return max(found, key=lambda pair: pair[1])[0]


def _is_auto(trainer: Trainer, name: str) -> bool:
    return bool(getattr(trainer, name) == "auto")


def _with(trainer: T, values: Mapping[str, Any]) -> T:
    """Return the trainer with other values of some parameters."""
    parameters: Any = trainer
    changed: T = replace(parameters, **values)
    return changed


def _variants(trainer: T, alternatives: Mapping[str, Sequence[str]]) -> list[T]:
    """Return the trainer with each combination of the values of its parameters "auto"."""
    names = [name for name in alternatives if _is_auto(trainer, name)]
    combinations = itertools.product(*(alternatives[name] for name in names))
    return [_with(trainer, dict(zip(names, values, strict=True))) for values in combinations]


def _best_choice(
    trainer: T, choices: Mapping[str, Sequence[float]], score: Callable[[T], float]
) -> tuple[T, float]:
    """Return the trainer with the best of the numerical values that were tried, and its score."""
    best, reached = coordinate_search(
        choices, lambda **chosen: score(_with(trainer, chosen)), budget=BUDGET
    )
    return _with(trainer, best), reached


def _score(fit: Callable[[T], Recommender], trainer: T, cases: Cases) -> float:
    """Return the mean metric of a trainer over validation cases, 0 if it can't be fitted."""
    try:
        return mean_metric(fit(trainer), cases)
    except (TooLargeError, MissingExtraError):
        raise
    except DataError:  # for example a singular matrix: any choice that can be fitted is better
        return 0.0


def coordinate_search(
    choices: Mapping[str, Sequence[float]], score: Callable[..., float], *, budget: int
) -> tuple[dict[str, float], float]:
    """Return the choice with the largest score that a coordinate search finds, and that score.

    The search begins in the middle of each list of values. It changes one parameter at a time, to
    neighboring values as long as the score increases, until no parameter can be improved.

    Parameters
    ----------
    choices : mapping of str to sequence of float
        The values of each parameter in ascending order.
    score : callable
        Takes one value of each parameter, by name. No choice is scored twice.
    budget : int
        Maximum number of calls of `score`.
    """
    scores: dict[tuple[int, ...], float] = {}

    def chosen(places: tuple[int, ...]) -> dict[str, float]:
        pairs = zip(choices.items(), places, strict=True)
        return {name: values[place] for (name, values), place in pairs}

    def score_at(places: tuple[int, ...]) -> float:
        inside = all(0 <= p < len(v) for p, v in zip(places, choices.values(), strict=True))
        if not inside or (places not in scores and len(scores) >= budget):
            return -1.0
        if places not in scores:
            scores[places] = score(**chosen(places))
        return scores[places]

    best = tuple(len(values) // 2 for values in choices.values())
    n_unchanged = 0  # parameters in a row that could not be improved
    while n_unchanged < len(best):
        for axis in range(len(best)):
            moved = _line_search(best, axis, score_at)
            n_unchanged = 0 if moved != best else n_unchanged + 1
            best = moved
    return chosen(best), score_at(best)


def _line_search(
    best: tuple[int, ...], axis: int, score: Callable[[tuple[int, ...]], float]
) -> tuple[int, ...]:
    """Return the best position after moving along one axis as long as the score increases."""
    for step in (1, -1):
        start = best
        while score(after := (*best[:axis], best[axis] + step, *best[axis + 1 :])) > score(best):
            best = after
        if best != start:
            break
    return best


def hold_out(
    histories: Histories, share: float, protocol: SplitProtocol, *, seed: int = 0
) -> tuple[Histories, Cases]:
    """Return the histories to fit on and validation cases, split as the evaluation splits.

    If the protocol holds out whole users, a share of them is held out; if it predicts later
    interactions of the same users, the end of each history is cut off. See
    `SplitProtocol.hold_out`.

    Parameters
    ----------
    histories : Histories
        The histories of the training users.
    share : float
        Share of the users to hold out, between 0 and 1, if whole users are held out.
    protocol : SplitProtocol
    seed : int
        Seed of the draws.
    """
    return protocol.hold_out(histories, share, seed=seed)


def draw_cases(held_out: Histories, protocol: HeldOutProtocol, seed: int) -> Cases:
    """Return cases of validation users: at most 2,000, several per user if there are few users."""
    return protocol.validation_cases(held_out, seed=seed)


def mean_metric(recommender: Recommender, cases: Cases, metric: str = MAIN_METRIC) -> float:
    """Return the mean of a metric such as "ndcg@10" over cases, 0 if there is no case."""
    return float(metric_values(recommender, cases, metric).mean()) if len(cases) else 0.0


def standard_error(differences: Sequence[Values]) -> float:
    """Return the standard error of the average of several means.

    Parameters
    ----------
    differences : sequence of arrays of shape (users,)
        Paired differences by user, one array for each protocol.
    """
    variance = sum(float(values.var()) / len(values) for values in differences)
    return math.sqrt(variance) / len(differences)


def metric_values(recommender: Recommender, cases: Cases, metric: str = MAIN_METRIC) -> Values:
    """Return a metric such as "ndcg@10" of each case, float64 (m,)."""
    name, k = parse_metric(metric)
    recommended = cases.recommended_by(recommender, k)
    found = find_hits(recommended, cases.labels.items, cases.labels.offsets)
    return METRICS[name](found, cases.labels.lengths, k)
