"""Choosing parameters on validation users, who are training users: never on the scored ones."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from item2vec._support.progress import Progress
from item2vec.data.histories import Histories
from item2vec.errors import DataError, MissingExtraError, TooLargeError
from item2vec.evaluation.metrics import MAIN_METRIC, METRICS, find_hits, parse_metric
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.models.recommender import Recommender, Trainer
from item2vec.types import Values

SHARE = 0.2
BUDGET = 25  # fits at most, whatever the baseline

T = TypeVar("T", bound=Trainer)


# Prepares to fit on histories, doing once what every choice needs; returns what fits a trainer.
Prepare = Callable[[Histories], Callable[[T], Recommender]]


def best_on_validation_users(
    make: Callable[..., T],
    choices: Mapping[str, Sequence[float]],
    histories: Histories,
    protocol: SplitProtocol,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> T:
    """Return the trainer whose ndcg@10 on a share of the training users is largest; see `climbed`.

    Parameters
    ----------
    make : callable
        Makes a trainer of one choice for each parameter, by name.
    choices : mapping of str to sequence of float
        The values of each parameter in rising order.
    histories : Histories
        Of training users. A fifth of them is scored, by what the others teach.
    protocol : SplitProtocol
        How the validation users are split.
    progress : Progress, optional
        Called after each fit.
    """
    return _best_of([make], choices, histories, protocol, seed=seed, progress=progress)


def _best_of(
    makers: Sequence[Callable[..., T]],
    choices: Mapping[str, Sequence[float]],
    histories: Histories,
    protocol: SplitProtocol,
    *,
    prepare: "Prepare[T] | None" = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> T:
    """Search with each maker by itself, and return the best trainer, of equal ones the first."""
    training, cases = hold_out(histories, SHARE, protocol, seed=seed)
    fit = prepare(training) if prepare else lambda trainer: trainer.fit(training)
    done = 0

    def search(make: Callable[..., T]) -> tuple[T, float]:
        def score(**chosen: float) -> float:
            nonlocal done
            try:
                found = mean_metric(fit(make(**chosen)), cases)
            except (TooLargeError, MissingExtraError):
                raise
            except DataError:  # such as a singular matrix: any choice that can be fitted is better
                found = 0.0
            done += 1
            if progress is not None:
                progress(done, len(makers) * BUDGET)
            return found

        best, reached = climbed(choices, score, budget=BUDGET)
        return make(**best), reached

    return max((search(make) for make in makers), key=lambda found: found[1])[0]


def climbed(
    choices: Mapping[str, Sequence[float]], score: Callable[..., float], *, budget: int
) -> tuple[dict[str, float], float]:
    """Return the choice whose score is largest, as far as a climb finds it, and that score.

    It goes up from the middle, one parameter after the other and round again: neighbouring values
    are tried for as long as they are better.

    Parameters
    ----------
    choices : mapping of str to sequence of float
        The values of each parameter in rising order.
    score : callable
        Takes one value of each parameter, by name. No choice is scored twice.
    budget : int
        Calls of `score` at most.
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
    turned = 0  # how many parameters in a row would not move
    while turned < len(best):
        for which in range(len(best)):
            moved = _climbed(best, which, score_at)
            turned = 0 if moved != best else turned + 1
            best = moved
    return chosen(best), score_at(best)


def hold_out(
    histories: Histories, share: float, protocol: SplitProtocol, *, seed: int = 0
) -> tuple[Histories, Cases]:
    """Return what to fit on and validation cases, by the same kind of split as the evaluation's.

    Where whole users are held out, a share of them is; where the same users are asked for what they
    did later, the end of each history is cut off. See `SplitProtocol.hold_out`.

    Parameters
    ----------
    histories : Histories
        Of training users.
    share : float
        Share of the users, between 0 and 1, where whole users are held out.
    protocol : SplitProtocol
    seed : int
        Seed of the draws.
    """
    return protocol.hold_out(histories, share, seed=seed)


def draw_cases(held_out: Histories, protocol: HeldOutProtocol, seed: int) -> Cases:
    """Return cases of validation users: several of each where there are few, 2,000 at most."""
    return protocol.validation_cases(held_out, seed=seed)


def settled(
    trainer: T,
    choices: Mapping[str, Sequence[float]],
    histories: Histories,
    protocol: SplitProtocol,
    *,
    prepare: "Prepare[T] | None" = None,
    progress: Progress | None = None,
) -> T:
    """Return a trainer with every "auto" among its `choices` chosen on validation users.

    Parameters
    ----------
    trainer : dataclass of parameters, with fit
        What it does not leave open stays as it is.
    choices, histories, protocol, prepare, progress
        As in `best_trainer`.
    """
    return best_trainer([trainer], choices, histories, protocol, prepare=prepare, progress=progress)


def best_trainer(
    trainers: Sequence[T],
    choices: Mapping[str, Sequence[float]],
    histories: Histories,
    protocol: SplitProtocol,
    *,
    prepare: "Prepare[T] | None" = None,
    progress: Progress | None = None,
) -> T:
    """Return the best of several trainers, the "auto" parameters of each chosen by themselves.

    Parameters
    ----------
    trainers : sequence of dataclasses of parameters, with fit
        Of one class. Of equally good ones the first is returned.
    choices, histories, protocol, progress
        As in `best_on_validation_users`.
    prepare : callable, optional
        Takes the histories to fit on and returns a function that fits a trainer on them, so that
        all fits share what does not depend on the parameters. It may fit on a sample of the
        histories. By default each trainer is fitted by itself, on all of them.
    """

    def maker(trainer: T) -> Callable[..., T]:
        def make(**chosen: float) -> T:
            parameters: Any = trainer
            made: T = replace(parameters, **chosen)
            return made

        return make

    return _best_of(
        [maker(trainer) for trainer in trainers],
        {name: values for name, values in choices.items() if getattr(trainers[0], name) == "auto"},
        histories,
        protocol,
        prepare=prepare,
        progress=progress,
    )


def _climbed(
    best: tuple[int, ...], which: int, score: Callable[[tuple[int, ...]], float]
) -> tuple[int, ...]:
    """Return where one parameter's climb ends."""
    for step in (1, -1):
        start = best
        while score(after := (*best[:which], best[which] + step, *best[which + 1 :])) > score(best):
            best = after
        if best != start:
            break
    return best


def mean_metric(recommender: Recommender, cases: Cases, metric: str = MAIN_METRIC) -> float:
    """Return the mean of a metric such as "ndcg@10" over cases, 0 where there is none."""
    return float(metric_values(recommender, cases, metric).mean()) if len(cases) else 0.0


def standard_error(differences: Sequence[Values]) -> float:
    """Return the standard error of the mean of several means.

    Parameters
    ----------
    differences : sequence of arrays of shape (users,)
        Paired differences of each user, for each of several protocols.
    """
    variance = sum(float(values.var()) / len(values) for values in differences)
    return math.sqrt(variance) / len(differences)


def metric_values(recommender: Recommender, cases: Cases, metric: str = MAIN_METRIC) -> Values:
    """Return a metric such as "ndcg@10" of each case, float64 (m,)."""
    name, k = parse_metric(metric)
    recommended = cases.recommended_by(recommender, k)
    found = find_hits(recommended, cases.labels.items, cases.labels.offsets)
    return METRICS[name](found, cases.labels.lengths, k)
