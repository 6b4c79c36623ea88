"""Comparison of recommenders by name, which always includes the baselines."""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from item2vec._support.messages import shown
from item2vec._support.progress import part_of
from item2vec.data.catalogue import Catalogue
from item2vec.data.interactions import Interactions, Repeated
from item2vec.errors import ParameterError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import CUTOFFS, Observer
from item2vec.evaluation.joining import end_to_end, with_quality
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import ON_REQUEST, Evaluation
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split, to_splits
from item2vec.experiments.registry import RECOMMENDERS, make
from item2vec.types import Progress

ParametersByName = Mapping[str, Mapping[str, Any]]  # name of a recommender → its parameters

# A score means little without a comparison with these.
ALWAYS = ("popularity", "item-knn", "ease")
DEFAULTS = " (defaults)"


def with_baselines(names: Iterable[str]) -> list[str]:
    """Return the names, followed by the baselines that every comparison includes."""
    return list(dict.fromkeys([*names, *ALWAYS]))


def with_defaults(names: Iterable[str], tuned: Collection[str]) -> list[str]:
    """Return the names, each tuned one followed by the same recommender with its defaults."""
    return [
        each
        for name in names
        for each in ([name, f"{name}{DEFAULTS}"] if name in tuned else [name])
    ]


def compare_named(
    names: Iterable[str],
    splits: Split | Iterable[Split | tuple[Interactions, Interactions]],
    protocol: SplitProtocol | None = None,
    *,
    without: Collection[str] = (),
    parameters: ParametersByName | None = None,
    min_count: int = 5,
    repeated: Repeated = "first",
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    related: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Train the recommenders of these names on each split's first part, score on its second.

    Parameters
    ----------
    names : iterable of str
        Names in `registry.RECOMMENDERS`, and those that `with_defaults` makes of them.
    without : collection of str
        Names to leave out of `names`; the evaluation then records that this was requested.
    parameters : mapping, optional
        Name → parameters, as `registry.read_parameters` reads them.
    seed : int
        Seed of the cases, of the bootstrap, and of training.
    splits, protocol, min_count, repeated, cutoffs, catalogue, related, observers, progress
        As in `compare`. Parameters are chosen on validation cases of the same protocol.
    """
    splits = to_splits(splits, protocol)
    validation = splits[0].protocol if splits else protocol
    trainers = _trainers(remaining(names, without), without, parameters or {}, validation, seed)
    evaluation = compare(
        trainers,
        splits,
        min_count=min_count,
        repeated=repeated,
        cutoffs=cutoffs,
        catalogue=catalogue,
        related=related,
        observers=observers,
        seed=seed,
        progress=progress,
    )
    return recorded_without(evaluation, without)


def _trainers(
    names: Sequence[str],
    without: Collection[str],
    parameters: ParametersByName,
    validation: SplitProtocol | None,
    seed: int,
) -> dict[str, Any]:
    """Make the recommenders of these names; raise ParameterError if all of them are left out."""
    if without and not names:
        raise ParameterError(
            f"without {', '.join(without)} no recommender is left to evaluate: name another"
        )
    return {
        name: make(
            name.removesuffix(DEFAULTS), parameters.get(name), validation=validation, seed=seed
        )
        for name in names
    }


def remaining(names: Iterable[str], without: Collection[str]) -> list[str]:
    """Return the names except those to leave out, both tuned ones and their defaults.

    Raises
    ------
    ParameterError
        If `without` is not a list of names of recommenders.
    """
    listed = [without] if isinstance(without, str) else list(without)
    for name in listed:
        if isinstance(without, str) or name not in RECOMMENDERS:
            raise ParameterError(
                f"without must be a list of recommenders to leave out, such as ['ease'], not "
                f"{shown(without)}: choose from {', '.join(RECOMMENDERS)}"
            )
    return [name for name in names if name.removesuffix(DEFAULTS) not in listed]


def recorded_without(evaluation: Evaluation, without: Collection[str]) -> Evaluation:
    """Return an evaluation that records what was left out on request."""
    return replace(
        evaluation, left_out={**evaluation.left_out, **dict.fromkeys(without, ON_REQUEST)}
    )


def compare_repeatedly(
    names: Iterable[str],
    splits: Callable[[int], Iterable[Split | tuple[Interactions, Interactions]]],
    protocol: SplitProtocol | None = None,
    *,
    times: int = 1,
    without: Collection[str] = (),
    parameters: ParametersByName | None = None,
    min_count: int = 5,
    repeated: Repeated = "first",
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    related: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Repeat `compare_named` with different splits, cases and seeds, and join all cases.

    A user's cases stay together in the bootstrap: repeats make a score steadier without pretending
    that there are more users. All parameters but these are as in `compare_named`.

    Parameters
    ----------
    splits : callable
        Returns the splits for a seed.
    times : int
        Number of repeats.
    seed : int
        Seed of the first repeat; each next one adds 1.
    """
    quality = NeighborQuality.of(catalogue, related)
    once = functools.partial(
        compare_named,
        list(names),
        without=without,
        parameters=parameters,
        min_count=min_count,
        repeated=repeated,
        cutoffs=cutoffs,
        observers=[quality, *observers],
    )
    parts = []
    for repeat in range(times):
        on_fit = part_of(progress, repeat, times)
        part = once(splits(seed + repeat), protocol, seed=seed + repeat, progress=on_fit)
        parts.append(_as_repeat(part, repeat, seed))
    return with_quality(end_to_end(parts), quality)


def _as_repeat(part: Evaluation, repeat: int, seed: int) -> Evaluation:
    """Return the evaluation of a repeat, to be joined with the others."""
    repeats = np.full(len(part.cohort), repeat, dtype=np.int64)
    return replace(part, cohort=replace(part.cohort, repeats=repeats), seed=seed)
