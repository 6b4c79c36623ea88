"""Training recommenders on the first part of each split and scoring them on the second."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from item2vec._support.checks import check_seed
from item2vec._support.progress import part_of
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, Repeated
from item2vec.errors import MissingExtraError, TooLargeError
from item2vec.evaluation.checks import check_cutoffs, check_trainers
from item2vec.evaluation.evaluate import CUTOFFS, Observer, described, evaluate
from item2vec.evaluation.joining import end_to_end, side_by_side, with_quality
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.case_source import check_known
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split, to_splits
from item2vec.models.recommender import Trainer
from item2vec.parameters import resolved_parameters
from item2vec.types import Progress


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
    """Train on the first part of each split, score on the second, and join all cases.

    Parameters
    ----------
    trainers : mapping
        Name → trainer or baseline.
    splits : Split, iterable of Split, or iterable of (training, held-out) interactions
        From `split_last`, `split_by_time` or `split_train_test`; or pairs from `fold_users` or
        `split_users`.
    protocol : HeldOutProtocol, optional
        Splits held-out histories into inputs and labels; only needed for pairs.
    min_count, repeated
        As in `Interactions.to_histories`; only training interactions are counted.
    cutoffs, observers, seed
        As in `evaluate`.
    catalogue : Catalogue, optional
        With genres, it adds the genre overlap of nearest neighbors.
    related : sequence of str
        Columns of the catalogue, such as series: adds the metric ``related_COLUMN@10``.
    progress : Progress, optional
        Called after every fit, with the number of fits done and their total over all splits.

    Raises
    ------
    DataError
        If a split has nothing to train on or to score, or users in both parts.
    ParameterError
        If an argument is wrong.
    """
    check_trainers(trainers)
    check_seed(seed)
    quality = NeighborQuality.of(catalogue, related)
    scoring = _Scoring(check_cutoffs(cutoffs), (quality, *observers), seed)
    counting = _Counting(min_count, repeated)
    joined = _compare(trainers, to_splits(splits, protocol), counting, scoring, progress)
    return with_quality(joined, quality)


@dataclass(frozen=True)
class _Counting:
    """How training interactions become histories; see `Split.histories`."""

    min_count: int
    repeated: Repeated


@dataclass(frozen=True)
class _Scoring:
    """How every model of every split is scored."""

    cutoffs: tuple[int, ...]
    observers: tuple[Observer, ...]
    seed: int


def _compare(
    trainers: Mapping[str, Trainer],
    splits: Sequence[Split],
    counting: _Counting,
    scoring: _Scoring,
    progress: Progress | None,
) -> Evaluation:
    """Train and score on every split; see `compare`."""
    parts: list[Evaluation] = []
    n_skipped = 0  # users of folds without a user who can be scored
    for n_before, split in enumerate(splits):
        check_known("the training set", split.training.item_ids, split.source.item_ids)
        histories = split.histories(min_count=counting.min_count, repeated=counting.repeated)
        cases = split.cases(histories.vocabulary, seed=scoring.seed)
        report = part_of(progress, n_before, len(splits))
        if len(cases) == 0:  # an error is raised before anything is trained
            n_skipped += cases.n_skipped
            report(len(trainers), len(trainers))
            continue
        users = split.source.user_ids
        scored = _train_and_score(trainers, histories, cases, users, scoring, report)
        parts.append(described(scored, split.source))
    if splits and not parts:
        raise splits[0].protocol.no_case(n_skipped)
    return _with_skipped(end_to_end(parts), n_skipped)


def _train_and_score(
    trainers: Mapping[str, Trainer],
    histories: Histories,
    cases: Cases,
    users: Sequence[str],
    scoring: _Scoring,
    report: Progress,
) -> Evaluation:
    """Train one after the other on the same histories; only one model at a time is in memory."""
    scored: list[Evaluation] = []
    left_out: dict[str, str] = {}
    for done, (name, trainer) in enumerate(trainers.items(), start=1):
        try:
            fitted = trainer.fit(histories)
        except (TooLargeError, MissingExtraError) as error:
            left_out[name] = str(error)
        else:
            part = evaluate(
                {name: fitted},
                cases,
                cutoffs=scoring.cutoffs,
                training=histories,
                users=users,
                observers=scoring.observers,
                seed=scoring.seed,
                in_sample=None,  # the split keeps users, or interactions, apart
            )
            scored.append(_with_resolved(part, name, resolved_parameters(trainer, fitted)))
        report(done, len(trainers))
    return replace(side_by_side(scored), left_out=left_out)


def _with_resolved(part: Evaluation, name: str, found: Mapping[str, Any]) -> Evaluation:
    """Return an evaluation that records to what "auto" was resolved when a model was fitted."""
    resolved = (found,) if found else ()
    return replace(
        part, scores={**part.scores, name: replace(part.scores[name], resolved=resolved)}
    )


def _with_skipped(evaluation: Evaluation, n_skipped: int) -> Evaluation:
    """Return an evaluation that also counts the users of splits without a scored user."""
    scores = {
        name: replace(one, counts=one.counts._replace(skipped=one.counts.skipped + n_skipped))
        for name, one in evaluation.scores.items()
    }
    return replace(evaluation, scores=scores)
