"""Scoring recommenders on held-out cases, with intervals.

Knows no model: anything with ``recommend_rows(histories, k)`` can be scored.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from item2vec._support.checks import check_seed
from item2vec._support.messages import counted, either, setting, shown
from item2vec._support.progress import Progress
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, Repeated, check_interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, MissingExtraError, ParameterError, TooLargeError
from item2vec.evaluation.beyond_accuracy import (
    SLICES,
    intra_list_similarity,
    mean_of_items,
    popularity_slices,
    self_information,
)
from item2vec.evaluation.held_out_users import (
    Cases,
    HeldOutProtocol,
    RandomProtocol,
    SplitProtocol,
)
from item2vec.evaluation.in_sample import check_not_trained_on
from item2vec.evaluation.joining import end_to_end, side_by_side, with_quality
from item2vec.evaluation.metrics import METRICS, find_hits, recall_of_labels
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import Cohort, Counts, Evaluation
from item2vec.evaluation.splits import (
    CaseSource,
    HeldOutUsers,
    Split,
    check_known,
    to_splits,
)
from item2vec.models.recommender import Recommender, Trainer, check_vocabulary, with_parts
from item2vec.parameters import resolved_parameters
from item2vec.types import Rows

CUTOFFS = (10, 100)
MOST_CUTOFF = 1000
LISTED = 10  # what is judged beyond accuracy are the first ten


class Observer(Protocol):
    """Takes note of models beside their scores."""

    def see(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Observe a model with the cases that it was scored on and its recommendations.

        These are int32 (m, k), with k the largest cutoff or 10, whichever is larger.
        """


def evaluate(
    recommenders: Mapping[str, Recommender],
    cases: Cases,
    *,
    cutoffs: Sequence[int] = CUTOFFS,
    training: Histories | None = None,
    users: Sequence[str] | None = None,
    observers: Sequence[Observer] = (),
    seed: int = 0,
    in_sample: bool | None = False,
) -> Evaluation:
    """Score recommenders on the same cases.

    Parameters
    ----------
    recommenders : mapping
        Name → anything with ``recommend_rows(histories, k)``. What offers `parts` is scored part by
        part too, as "NAME, PART": a model with a memory by its vectors alone and its memory alone.
    cases : Cases
        In the vocabulary of the recommenders.
    cutoffs : sequence of int
        The k of recall@k, ndcg@k, mrr@k and hit_rate@k (see `metrics` for their definitions), 1 to
        1,000. At least 10 items are recommended, however small the cutoffs are, since what is
        judged beyond accuracy are always the first ten.
    training : Histories, optional
        What they were trained on. With it, the similarity within lists is told too.
    users : sequence of str, optional
        The ids of the held-out users, of which ``cases.users`` names the places. Cases of the same
        user are then known for that where evaluations are joined.
    observers : sequence of Observer
        Shown every recommender with what it recommended.
    seed : int
        Of the bootstrap.
    in_sample : bool, optional
        Whether recommenders may be scored on histories that they were trained on; the evaluation
        then says so. None: the caller knows that users are apart, and nothing is checked.

    Raises
    ------
    DataError
        If there is no case, none of their items is known, a recommender was trained on their
        histories (see `in_sample`), or it gives what can't be scored: an item twice, an input.
    ParameterError
        If the recommenders are no mapping, the cases no `Cases`.
    """
    _check_arguments(recommenders, cases, training)
    _check_users(users, cases)
    check_seed(seed)
    if len(cases) == 0:
        raise RandomProtocol().no_case(cases.n_skipped)
    cutoffs = check_cutoffs(cutoffs)
    if training is None and not _knows_any(cases):
        raise DataError(
            "no item of the cases is in the vocabulary that they were packed with: its ids are "
            f"like {shown(list(cases.inputs.vocabulary.ids[:3]))}; write the ids alike, and pack "
            "the histories again"
        )
    if in_sample is False:
        check_not_trained_on(recommenders, cases, training)
    k = max(*cutoffs, LISTED)
    parts = []
    for name, recommender in with_parts(recommenders).items():
        recommended = _checked(name, cases.recommended_by(recommender, k), cases, k)
        parts.append(_scored(name, recommended, cases, cutoffs, training, users, seed))
        for observer in observers:
            observer.see(name, recommender, cases, recommended)
    empty = Evaluation({}, {}, _cohort(cases, users), seed=seed)
    return replace(side_by_side(parts) if parts else empty, in_sample=bool(in_sample))


def check_cutoffs(cutoffs: Sequence[int]) -> tuple[int, ...]:
    """Return cutoffs in rising order, each once.

    Raises
    ------
    ParameterError
        If there is none, or one is not a whole number from 1 to 1,000.
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


def _check_arguments(recommenders: object, cases: object, training: Histories | None) -> None:
    """Raise ParameterError for a bare model, a trainer, or histories in place of cases.

    And DataError where labels or training histories are of another vocabulary than inputs.
    """
    if not isinstance(recommenders, Mapping):
        raise ParameterError(
            f"recommenders are a mapping from names, no {type(recommenders).__name__}: write "
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
            f"cases are no {type(cases).__name__}: split held-out histories, in the vocabulary of "
            "the model, by RandomProtocol().cases(histories)"
        )
    for histories in (cases.labels, training):
        if histories is not None:
            check_vocabulary(histories, cases.inputs.vocabulary)


def _check_trainers(trainers: object) -> None:
    """Raise ParameterError for a bare trainer, a class, or a model that is fitted already."""
    if not isinstance(trainers, Mapping):
        raise ParameterError(
            f"trainers are a mapping from names, no {type(trainers).__name__}: write "
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
                remedy += ", or score what is fitted already with evaluate(models, cases)"
            raise ParameterError(
                f"{name} is of type {type(trainer).__name__}, which has no fit: {remedy}"
            )


def _check_users(users: object, cases: Cases) -> None:
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
            f"users holds {counted(len(users), 'id')}, and the cases are of the first {n:,} "
            "held-out users: give the ids of all, such as held_out.user_ids"
        )


def _knows_any(cases: Cases) -> bool:
    return bool((cases.inputs.items >= 0).any() or (cases.labels.items >= 0).any())


def _scored(
    name: str,
    recommended: Rows,
    cases: Cases,
    cutoffs: Sequence[int],
    training: Histories | None,
    users: Sequence[str] | None,
    seed: int,
) -> Evaluation:
    """Return what one model's recommendations are worth."""
    vocabulary = cases.inputs.vocabulary
    labels = cases.labels
    found = find_hits(recommended, labels.items, labels.offsets)[:, : max(cutoffs)]
    values = {
        f"{metric}@{k}": compute(found, labels.lengths, k)
        for k in cutoffs
        for metric, compute in METRICS.items()
    }
    listed = recommended[:, :LISTED]
    values["novelty@10"] = mean_of_items(listed, self_information(vocabulary.counts))
    values["popularity@10"] = mean_of_items(listed, vocabulary.counts.astype(np.float64))
    if training is not None:
        values["similarity@10"] = intra_list_similarity(listed, training)
    slices = np.append(popularity_slices(vocabulary.counts), -1)[labels.items]  # -1: unknown
    sliced = {
        slice_name: recall_of_labels(listed, labels.items, labels.offsets, slices == place)
        for place, slice_name in enumerate(SLICES)
    }
    exposed = np.bincount(listed[listed >= 0], minlength=len(vocabulary)).tolist()
    return Evaluation(
        values={name: values},
        counts={name: Counts(len(cases), cases.n_skipped, cases.n_labels, cases.n_unknown_labels)},
        cohort=_cohort(cases, users),
        hits={name: found},
        sliced={name: sliced},
        exposure={name: dict(zip(vocabulary.ids, exposed, strict=True))},
        seed=seed,
    )


def _cohort(cases: Cases, users: Sequence[str] | None) -> Cohort:
    ids = np.arange(1 + cases.users.max(initial=-1)) if users is None else np.array(users, object)
    labels = cases.labels
    counts = np.append(labels.vocabulary.counts, 0)[labels.items]  # 0 for an unknown one, -1
    case = np.repeat(np.arange(len(cases)), labels.lengths)
    sums = np.bincount(case, counts, minlength=len(cases))
    return Cohort(
        users=ids.astype(object)[cases.users],
        lengths=cases.lengths,
        n_labels=labels.lengths,
        watched=sums / labels.lengths,
        repeats=np.zeros(len(cases), dtype=np.int64),
    )


def _checked(name: str, recommended: object, cases: Cases, k: int) -> Rows:
    """Return what was recommended, if a score of it means anything.

    Raises
    ------
    DataError
        If it is no integer array (m, k) of rows, an item stands twice, or an input is among them.
    """
    rows, inputs = np.asarray(recommended), cases.inputs
    wrong = None
    if rows.dtype.kind not in "iu" or rows.shape != (len(inputs), k):
        wrong = f"gave {rows.dtype} {rows.shape}; integers {(len(inputs), k)} were asked for"
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
        raise DataError(f"{name} {wrong}: see `recommender.Recommender` for what it must give")
    return rows.astype(np.int32, copy=False)


def compare(
    trainers: Mapping[str, Trainer],
    splits: Split | Iterable[Split | tuple[Interactions, Interactions]],
    protocol: SplitProtocol | None = None,
    *,
    min_count: int = 5,
    repeated: Repeated = "first",
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    related: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Train on each split's first part, score on its second, and put all cases together.

    Parameters
    ----------
    trainers : mapping
        Name → trainer or baseline.
    splits : Split, iterable of Split, or iterable of (training, held-out) interactions
        Splits as `split_last`, `split_by_time` and `split_train_test` make them, of the same users
        later; or pairs as `fold_users` and `split_users` make them, of held-out users.
    protocol : HeldOutProtocol, optional
        How held-out histories become inputs and labels; needed for pairs alone.
    min_count, repeated
        As in `Interactions.to_histories`; counted over the training part alone.
    catalogue : Catalogue, optional
        With genres, each model's neighbours are judged by them too.
    related : sequence of str
        Columns of the catalogue, such as a series or an author, whose shared values each model's
        neighbours are judged by: the metric ``related_COLUMN@10``; see `related.RelatedItems`.
    observers : sequence of Observer
        Shown every model in every split.
    progress : Progress, optional
        Called after every fit, with the fits done and those of all splits.

    Raises
    ------
    DataError
        If nothing is left to train on or to score, users are both trained on and held out, or no
        two items share a value of a column in `related`.
    ParameterError
        If the catalogue lacks a column in `related`.
    """
    _check_trainers(trainers)
    check_seed(seed)
    cutoffs = check_cutoffs(cutoffs)
    quality = NeighborQuality.of(catalogue, related)
    parts: list[Evaluation] = []
    n_skipped = 0  # users of folds in which nobody can be scored
    splits = to_splits(splits, protocol)

    def report(done: int) -> None:
        if progress is not None:
            progress(done, len(splits) * len(trainers))

    for before, split in enumerate(splits):
        check_known("the training set", split.training.item_ids, split.source.item_ids)
        histories = split.histories(min_count=min_count, repeated=repeated)
        cases = split.cases(histories.vocabulary, seed=seed)
        if len(cases) == 0:  # told before anything is trained
            n_skipped += cases.n_skipped
            report((before + 1) * len(trainers))
            continue

        def on_fit(done: int, before: int = before) -> None:
            report(before * len(trainers) + done)

        settings = {"cutoffs": cutoffs, "users": split.source.user_ids, "seed": seed}
        observed = [quality, *observers]
        scored = _train_and_score(
            trainers, histories, cases, on_fit, observers=observed, **settings
        )
        parts.append(_described(scored, split.source))
    if splits and not parts:
        raise splits[0].protocol.no_case(n_skipped)
    joined = end_to_end(parts)
    counts = {
        name: counts._replace(skipped=counts.skipped + n_skipped)
        for name, counts in joined.counts.items()
    }
    return with_quality(replace(joined, counts=counts), quality)


def _train_and_score(
    trainers: Mapping[str, Trainer],
    histories: Histories,
    cases: Cases,
    on_fit: Callable[[int], None],
    **settings: Any,
) -> Evaluation:
    """Train one after the other on the same histories; only one model is held at a time."""
    scored: list[Evaluation] = []
    left_out: dict[str, str] = {}
    for done, (name, trainer) in enumerate(trainers.items(), start=1):
        try:
            fitted = trainer.fit(histories)
        except (TooLargeError, MissingExtraError) as error:
            left_out[name] = str(error)
        else:
            settings |= {"training": histories, "in_sample": None}  # `compare` has checked users
            part = evaluate({name: fitted}, cases, **settings)
            found = resolved_parameters(trainer, fitted)
            scored.append(replace(part, chosen={name: (found,)} if found else {}))
        on_fit(done)
    return replace(side_by_side(scored), left_out=left_out)


def score_held_out(
    recommenders: Mapping[str, Recommender],
    vocabulary: Vocabulary,
    held_out: Interactions,
    protocol: HeldOutProtocol,
    *,
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    related: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    seed: int = 0,
    in_sample: bool | None = False,
) -> Evaluation:
    """Score recommenders of one vocabulary on users that it has not seen.

    Parameters
    ----------
    recommenders : mapping
        Name → recommender over the rows of `vocabulary`.
    held_out : Interactions
        Of the held-out users.
    protocol, cutoffs, catalogue, related, observers, seed
        As in `compare`.
    in_sample : bool, optional
        As in `evaluate`.

    Raises
    ------
    DataError
        If the vocabulary holds none of the held-out items, there is nobody to score, or a
        recommender was trained on their histories.
    """
    check_interactions(held_out)
    quality = NeighborQuality.of(catalogue, related)
    scored = score_source(
        recommenders,
        vocabulary,
        HeldOutUsers(held_out, protocol),
        cutoffs=cutoffs,
        observers=[quality, *observers],
        seed=seed,
        in_sample=in_sample,
    )
    return with_quality(scored, quality)


def score_source(
    recommenders: Mapping[str, Recommender],
    vocabulary: Vocabulary,
    source: CaseSource,
    *,
    cutoffs: Sequence[int] = CUTOFFS,
    observers: Sequence[Observer] = (),
    seed: int = 0,
    in_sample: bool | None = False,
) -> Evaluation:
    """Score recommenders of one vocabulary on the cases of a source, of either family of splits.

    Parameters
    ----------
    recommenders : mapping
        Name → recommender over the rows of `vocabulary`.
    source : CaseSource
        Such as ``split.source``.
    cutoffs, observers, seed
        As in `compare`.
    in_sample : bool, optional
        As in `evaluate`.

    Raises
    ------
    DataError
        If the vocabulary holds none of the items, there is no case, or a recommender was trained on
        the held-out histories.
    """
    check_known(" and ".join(recommenders), vocabulary, source.item_ids)
    cases = source.cases(vocabulary, seed=seed)
    if len(cases) == 0:
        raise source.protocol.no_case(cases.n_skipped)
    scored = evaluate(
        recommenders,
        cases,
        cutoffs=cutoffs,
        users=source.user_ids,
        observers=observers,
        seed=seed,
        in_sample=in_sample,
    )
    return _described(scored, source)


def _described(evaluation: Evaluation, source: CaseSource) -> Evaluation:
    """Return an evaluation with what its source counts and remarks, and the family of the split."""
    return replace(
        evaluation,
        family=source.protocol.family,
        split_counts=source.counts,
        remarks=source.remarks,
    )
