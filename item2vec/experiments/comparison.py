"""Comparing models by name, and stored models, with the baselines always beside them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from item2vec._support.messages import either, shown
from item2vec._support.progress import Progress
from item2vec.baselines.non_personalized import by_counts
from item2vec.data.catalogue import Catalogue
from item2vec.data.interactions import Interactions, Repeated
from item2vec.errors import ParameterError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import CUTOFFS, Observer, score_source
from item2vec.evaluation.joining import end_to_end, side_by_side, with_quality
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import ON_REQUEST, Evaluation
from item2vec.evaluation.splitting.case_source import CaseSource
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol
from item2vec.evaluation.splitting.held_out_users import HeldOutUsers
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split, protocol_for_users, to_splits
from item2vec.experiments.registry import RECOMMENDERS, make
from item2vec.models.item_vectors import ItemVectors

# A score means nothing without these beside it.
ALWAYS = ("popularity", "item-knn", "ease")
DEFAULTS = " (defaults)"


def with_baselines(names: Iterable[str]) -> list[str]:
    """Return the names, and behind them the baselines that always stand beside a model."""
    return list(dict.fromkeys([*names, *ALWAYS]))


def with_defaults(names: Iterable[str], tuned: Collection[str]) -> list[str]:
    """Return the names, and behind each that was tuned the same with its defaults."""
    return [
        told
        for name in names
        for told in ([name, f"{name}{DEFAULTS}"] if name in tuned else [name])
    ]


def compare_named(
    names: Iterable[str],
    splits: Split | Iterable[Split | tuple[Interactions, Interactions]],
    protocol: SplitProtocol | None = None,
    *,
    without: Collection[str] = (),
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    **settings: Any,
) -> Evaluation:
    """Train the recommenders of these names on each split's first part, score on its second.

    Parameters
    ----------
    names : iterable of str
        Of `registry.RECOMMENDERS`; those of `with_defaults` too.
    without : collection of str
        Names to leave out of `names`; the evaluation then says that they were left out on request.
    parameters : mapping, optional
        Name → parameters, as `registry.read_parameters` reads them.
    seed : int
        Of the cases and the bootstrap, and of what is random in training.
    splits, protocol, settings
        As in `evaluation.compare`. Parameters are chosen on validation cases of the same kind.
    """
    parameters = parameters or {}
    splits = to_splits(splits, protocol)
    validation = splits[0].protocol if splits else protocol
    trainers = {
        name: make(
            name.removesuffix(DEFAULTS), parameters.get(name), validation=validation, seed=seed
        )
        for name in _remaining(names, without)
    }
    if without and not trainers:
        raise ParameterError(
            f"without {', '.join(without)} no recommender is left to evaluate: name one more"
        )
    return _without(compare(trainers, splits, seed=seed, **settings), without)


def _remaining(names: Iterable[str], without: Collection[str]) -> list[str]:
    """Return the names but for those to leave out, tuned ones and their defaults alike.

    Raises
    ------
    ParameterError
        If what is to be left out is no recommender, or a text instead of a list.
    """
    listed = [without] if isinstance(without, str) else list(without)
    for name in listed:
        if isinstance(without, str) or name not in RECOMMENDERS:
            raise ParameterError(
                f"without must be a list of recommenders to leave out, such as ['ease'], not "
                f"{shown(without)}: choose of {', '.join(RECOMMENDERS)}"
            )
    return [name for name in names if name.removesuffix(DEFAULTS) not in listed]


def _without(evaluation: Evaluation, without: Collection[str]) -> Evaluation:
    """Return an evaluation that says what was left out on request."""
    return replace(
        evaluation, left_out={**evaluation.left_out, **dict.fromkeys(without, ON_REQUEST)}
    )


def compare_repeatedly(
    names: Iterable[str],
    splits: Callable[[int], Iterable[Split | tuple[Interactions, Interactions]]],
    protocol: SplitProtocol | None = None,
    *,
    times: int = 1,
    seed: int = 0,
    catalogue: Catalogue | None = None,
    related: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    progress: Progress | None = None,
    **settings: Any,
) -> Evaluation:
    """Repeat the whole comparison with other splits, cases and seeds, and join all cases.

    A user's cases stay together in the bootstrap, so that repeating makes a score steadier and
    pretends no more users than there are.

    Parameters
    ----------
    names, protocol, catalogue, related, settings
        As in `compare_named`.
    splits : callable
        Gives the splits for a seed.
    times : int
        How often.
    seed : int
        Of the first time; the next one takes the next.
    """
    quality = NeighborQuality.of(catalogue, related)
    names = list(names)
    parts = []
    for repeat in range(times):

        def go_on(done: int, total: int, before: int = repeat) -> None:
            if progress is not None:
                progress(before * total + done, times * total)

        part = compare_named(
            names,
            splits(seed + repeat),
            protocol,
            seed=seed + repeat,
            observers=[quality, *observers],
            progress=go_on,
            **settings,
        )
        repeats = np.full(len(part.cohort), repeat, dtype=np.int64)
        parts.append(replace(part, cohort=replace(part.cohort, repeats=repeats), seed=seed))
    return with_quality(end_to_end(parts), quality)


def compare_stored(
    models: Mapping[str, ItemVectors],
    held_out: Interactions | Split,
    protocol: HeldOutProtocol | None = None,
    *,
    training: Interactions | None = None,
    names: Sequence[str] = ALWAYS,
    without: Collection[str] = (),
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    min_count: int = 5,
    repeated: Repeated = "first",
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    related: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    seed: int = 0,
    progress: Progress | None = None,
    in_sample: bool = False,
) -> Evaluation:
    """Score stored models on what they were not trained on, beside the baselines.

    Parameters
    ----------
    models : mapping
        Name → item vectors.
    held_out : Interactions or Split
        Interactions of users that none of the models was trained on; or a split of the same users
        later, whose training part is what the models were trained on.
    protocol : HeldOutProtocol, optional
        How held-out histories become inputs and labels; not used with a `Split`.
    training : Interactions, optional
        What the recommenders `names` are trained on beside held-out users. Without it popularity
        alone stands beside the models, by the counts that the first of them holds, and
        `parameters`, `min_count` and `repeated` have no effect. A `Split` brings its own.
    without : collection of str
        Names to leave out of `names`, as in `compare_named`.
    parameters, min_count, repeated
        Of the recommenders that are trained here; as in `compare_named`.
    cutoffs, catalogue, related, observers, seed
        As in `compare_named`; they hold for stored models too. Without a catalogue, that of the
        first model is used.
    progress : Progress, optional
        Called after every model, stored ones among them.
    in_sample : bool
        As in `evaluation.evaluate`.
    """
    catalogue = catalogue or next(iter(models.values())).catalogue
    quality = NeighborQuality.of(catalogue, related)
    taken = set(models) & set(RECOMMENDERS)
    if taken:
        raise ParameterError(
            f"a model called {shown(taken.pop())} can't be told from the baseline: rename its file"
        )
    common: dict[str, Any] = {"cutoffs": cutoffs, "observers": [quality, *observers], "seed": seed}
    source, split = _source(held_out, protocol, training)
    asked = _remaining(names, without)
    names = asked if split is not None else ["popularity"] * ("popularity" not in without)

    def report(done: int) -> None:
        if progress is not None:
            progress(done, len(models) + len(names))

    parts = []
    for done, (name, vectors) in enumerate(models.items(), start=1):
        parts.append(
            score_source({name: vectors}, vectors.vocabulary, source, in_sample=in_sample, **common)
        )
        report(done)
    if split is not None and names:
        beside = compare_named(
            names,
            [split],
            parameters=parameters,
            min_count=min_count,
            repeated=repeated,
            progress=lambda done, _: report(len(models) + done),
            **common,
        )
        parts.append(beside)
    elif names:
        vocabulary = next(iter(models.values())).vocabulary
        popularity = {"popularity": by_counts(vocabulary)}
        parts.append(  # the models have been checked
            score_source(popularity, vocabulary, source, in_sample=None, **common)
        )
        report(len(models) + 1)
    reason = f"it needs training users; give them with {either('--train-on', 'training=')}"
    joined = side_by_side(parts)
    missing = dict.fromkeys((name for name in asked if name not in names), reason)
    joined = replace(joined, left_out={**joined.left_out, **missing})
    return _without(with_quality(joined, quality), without)


def _source(
    held_out: Interactions | Split, protocol: HeldOutProtocol | None, training: Interactions | None
) -> tuple[CaseSource, Split | None]:
    """Return the source of the cases, and the split that baselines are trained on, if any."""
    if isinstance(held_out, Split):
        to_splits([held_out], protocol)  # which raises where the protocol is another one
        if training is not None:
            raise ParameterError("a split brings its training part: leave training out")
        return held_out.source, held_out
    if training is not None:
        (split,) = to_splits([(training, held_out)], protocol)
        return split.source, split
    return HeldOutUsers(held_out, protocol_for_users(protocol)), None
