"""Scoring recommenders on held-out cases, with intervals.

Anything with ``recommend_rows(histories, k)`` can be scored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from item2vec._support.checks import check_seed
from item2vec._support.messages import shown
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, check_interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.checks import (
    check_arguments,
    check_cutoffs,
    check_users,
    checked_recommendations,
)
from item2vec.evaluation.in_sample import check_not_trained_on
from item2vec.evaluation.joining import with_quality
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.scores import ModelScores
from item2vec.evaluation.scoring import LISTED, cohort_of, score_recommendations
from item2vec.evaluation.splitting.case_source import CaseSource, check_known
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol, RandomProtocol
from item2vec.evaluation.splitting.held_out_users import HeldOutUsers
from item2vec.models.recommender import Recommender, with_parts
from item2vec.types import Rows

CUTOFFS = (10, 100)


class Observer(Protocol):
    """Receives models and their recommendations during an evaluation."""

    def observe(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Receive a model, the cases that it was scored on, and its recommendations.

        These are int32 (m, k), where k is the largest cutoff, but at least 10.
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
        Name → anything with ``recommend_rows(histories, k)``. If it has `parts`, each part is
        scored too, as "NAME, PART": the vectors of a model with a memory, for example.
    cases : Cases
        In the vocabulary of the recommenders.
    cutoffs : sequence of int
        The k of the metrics (see `metrics` for their definitions), from 1 to 1,000.
    training : Histories, optional
        The training data, only needed for ``similarity@10``.
    users : sequence of str, optional
        The ids of the held-out users, by which cases of the same user are recognized when
        evaluations are joined; ``cases.users`` are positions in them.
    observers : sequence of Observer
        Called with every recommender and its recommendations.
    seed : int
        Seed of the bootstrap.
    in_sample : bool, optional
        Whether recommenders may be scored on their training histories; the evaluation records it.
        None: the caller guarantees that they are not, and nothing is checked.

    Raises
    ------
    DataError
        If there is no case, none of their items is known, a recommender was trained on their
        histories, or its recommendations are invalid: an item twice, or an input.
    ParameterError
        If an argument has the wrong type.
    """
    _check(recommenders, cases, training, users, seed, in_sample)
    scores = _score(recommenders, cases, check_cutoffs(cutoffs), training, observers)
    return Evaluation(scores, cohort_of(cases, users), seed=seed, in_sample=bool(in_sample))


def _check(
    recommenders: Mapping[str, Recommender],
    cases: Cases,
    training: Histories | None,
    users: Sequence[str] | None,
    seed: int,
    in_sample: bool | None,
) -> None:
    """Raise an error if nothing can be scored, or should not be; see `evaluate`."""
    check_arguments(recommenders, cases, training)
    check_users(users, cases)
    check_seed(seed)
    if len(cases) == 0:
        raise RandomProtocol().no_case(cases.n_skipped)
    if training is None and not _knows_any(cases):
        raise DataError(
            "no item of the cases is in the vocabulary that they were packed with: its ids are "
            f"like {shown(list(cases.inputs.vocabulary.ids[:3]))}; write the ids alike, and pack "
            "the histories again"
        )
    if in_sample is False:
        check_not_trained_on(recommenders, cases, training)


def _score(
    recommenders: Mapping[str, Recommender],
    cases: Cases,
    cutoffs: tuple[int, ...],
    training: Histories | None,
    observers: Sequence[Observer],
) -> dict[str, ModelScores]:
    """Return the scores of each recommender and of its parts; at least 10 items are recommended."""
    k = max(*cutoffs, LISTED)
    scores = {}
    for name, recommender in with_parts(recommenders).items():
        recommended = checked_recommendations(name, cases.recommended_by(recommender, k), cases, k)
        scores[name] = score_recommendations(recommended, cases, cutoffs=cutoffs, training=training)
        for observer in observers:
            observer.observe(name, recommender, cases, recommended)
    return scores


def _knows_any(cases: Cases) -> bool:
    return bool((cases.inputs.items >= 0).any() or (cases.labels.items >= 0).any())


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
    """Score recommenders with the same vocabulary on held-out users.

    Parameters
    ----------
    recommenders : mapping
        Name → recommender over the rows of `vocabulary`.
    held_out : Interactions
        Interactions of the held-out users.
    protocol, cutoffs, catalogue, related, observers, seed
        As in `compare`.
    in_sample : bool, optional
        As in `evaluate`.

    Raises
    ------
    DataError
        If the vocabulary has none of the held-out items, no user can be scored, or a
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
    """Score recommenders with the same vocabulary on the cases of a source.

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
        If the vocabulary has none of the items, there is no case, or a recommender was trained on
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
    return described(scored, source)


def described(evaluation: Evaluation, source: CaseSource) -> Evaluation:
    """Return an evaluation with the counts, the remarks and the family of its source of cases."""
    return replace(
        evaluation,
        family=source.protocol.family,
        split_counts=source.counts,
        remarks=source.remarks,
    )
