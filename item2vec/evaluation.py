"""Scoring recommenders on held-out cases, with intervals.

Knows no model: anything with ``recommend_rows(histories, k)`` can be scored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec.bootstrap import Interval, resampled_means, to_interval
from item2vec.catalogue import Catalogue
from item2vec.errors import DataError, ParameterError, TooLargeError
from item2vec.genres import GenreOverlap
from item2vec.heldout import Cases, HeldOutProtocol
from item2vec.histories import Histories
from item2vec.interactions import Interactions
from item2vec.metrics import METRICS, Values, find_hits
from item2vec.progress import Progress
from item2vec.ranking import Rows
from item2vec.recommender import Recommender, Trainer
from item2vec.vocabulary import Vocabulary
from item2vec.wording import counted

CUTOFFS = (10, 100)


class Counts(NamedTuple):
    """What was scored."""

    cases: int
    skipped: int  # users with too few items
    labels: int
    unknown_labels: int  # labels that training never saw: misses


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How models did, case by case.

    Parameters
    ----------
    values : mapping
        Model → metric → one value a case, float64 (m,). The cases are the same for all models.
    counts : mapping
        Model → what it was scored on.
    per_item : mapping
        Model → metric → one value an item, for the metrics that judge vectors as vectors.
    left_out : mapping
        Model → why it was not scored.
    seed : int
        Of the bootstrap.
    """

    values: Mapping[str, Mapping[str, Values]]
    counts: Mapping[str, Counts]
    per_item: Mapping[str, Mapping[str, Values]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0

    @property
    def models(self) -> list[str]:
        """The names of the models."""
        return list(self.values)

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics that every model has."""
        return list(next(iter(self.values.values()), {}))

    @cached_property
    def _resampled(self) -> dict[str, dict[str, npt.NDArray[np.float64]]]:
        """Model → metric → its means over the same resampled cases, float64 (resamples,)."""
        resampled: dict[str, dict[str, npt.NDArray[np.float64]]] = {}
        for table in (self.values, self.per_item):
            columns = [(model, metric) for model in table for metric in table[model]]
            if not columns:
                continue
            matrix = np.column_stack([table[model][metric] for model, metric in columns])
            means = resampled_means(matrix, seed=self.seed)
            for (model, metric), column in zip(columns, means.T, strict=True):
                resampled.setdefault(model, {})[metric] = column
        return resampled

    def _mean(self, model: str, metric: str) -> float:
        table = self.values if metric in self.values[model] else self.per_item
        return float(table[model][metric].mean())

    def summary(self, model: str) -> dict[str, Interval]:
        """Return every metric's mean over users, with its 95 % interval."""
        return {
            metric: to_interval(self._mean(model, metric), means)
            for metric, means in self._resampled[model].items()
        }

    def difference(self, model: str, other: str) -> dict[str, Interval]:
        """Return the paired difference `model` - `other` of every metric that both have."""
        mine, others = self._resampled[model], self._resampled[other]
        return {
            metric: to_interval(
                self._mean(model, metric) - self._mean(other, metric), mine[metric] - others[metric]
            )
            for metric in mine
            if metric in others
        }


def evaluate(
    recommenders: Mapping[str, Recommender],
    cases: Cases,
    *,
    cutoffs: Sequence[int] = CUTOFFS,
    seed: int = 0,
) -> Evaluation:
    """Score recommenders on the same cases.

    Parameters
    ----------
    recommenders : mapping
        Name → anything with ``recommend_rows(histories, k)``.
    cases : Cases
        In the vocabulary of the recommenders.
    cutoffs : sequence of int
        The k of recall@k, ndcg@k, mrr@k and hit_rate@k (see `metrics` for their definitions).
    seed : int
        Of the bootstrap.

    Raises
    ------
    DataError
        If there is no case, or a recommender gives what can't be scored: an item twice, an input.
    """
    if len(cases) == 0:
        raise _no_cases(cases.n_skipped)
    if not cutoffs or min(cutoffs) < 1:
        raise ParameterError(f"cutoffs must be at least 1, not {list(cutoffs)}")
    values: dict[str, dict[str, Values]] = {}
    for name, recommender in recommenders.items():
        k = max(cutoffs)
        recommended = _checked(name, recommender.recommend_rows(cases.inputs, k), cases.inputs, k)
        found = find_hits(recommended, cases.labels.items, cases.labels.offsets)
        values[name] = {
            f"{metric}@{k}": compute(found, cases.labels.lengths, k)
            for k in cutoffs
            for metric, compute in METRICS.items()
        }
    counts = Counts(len(cases), cases.n_skipped, cases.n_labels, cases.n_unknown_labels)
    return Evaluation(values, dict.fromkeys(values, counts), seed=seed)


def _no_cases(n_skipped: int) -> DataError:
    """Return the error for held-out users who all have too few items."""
    return DataError(
        f"of {counted(n_skipped, 'held-out user')} none has enough items to be scored: bring "
        "longer histories or, where inputs and labels are counted, ask for fewer "
        "(--inputs, --labels)"
    )


def check_apart(training: Interactions, held_out: Interactions) -> None:
    """Raise DataError if somebody is both trained on and held out: that would be no test."""
    shared = set(training.user_ids) & set(held_out.user_ids)
    if shared:
        raise DataError(
            f"{counted(len(shared), 'user')} of the {len(held_out):,} held out "
            f"{'is' if len(shared) == 1 else 'are'} among those trained on, such as "
            f"{min(shared)!r}: hold out whole users, as `item2vec split` does"
        )


def _checked(name: str, recommended: object, inputs: Histories, k: int) -> Rows:
    """Return what was recommended, if a score of it means anything.

    Raises
    ------
    DataError
        If it is no integer array (m, k) of rows, an item stands twice, or an input is among them.
    """
    rows = np.asarray(recommended)
    wrong = None
    if rows.dtype.kind not in "iu" or rows.shape != (len(inputs), k):
        wrong = f"gave {rows.dtype} {rows.shape}; integers {(len(inputs), k)} were asked for"
    elif rows.size and not -1 <= rows.min() <= rows.max() < len(inputs.vocabulary):
        wrong = f"recommends rows {rows.min()} ... {rows.max()} of {len(inputs.vocabulary)} items"
    else:
        ordered = np.sort(rows, axis=1)
        if ((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] >= 0)).any():
            wrong = "recommends an item twice to the same history"
        elif find_hits(rows.astype(np.int32), inputs.items, inputs.offsets).any():
            wrong = "recommends an item of the history itself"
    if wrong:
        raise DataError(f"{name} {wrong}: see `recommender.Recommender` for what it must give")
    return rows.astype(np.int32, copy=False)


def compare(
    trainers: Mapping[str, Trainer],
    splits: Iterable[tuple[Interactions, Interactions]],
    protocol: HeldOutProtocol,
    *,
    min_count: int = 5,
    repeats: Literal["first", "keep"] = "first",
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    overlap: GenreOverlap | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Train on each split's first part, score on its second, and put all cases together.

    Parameters
    ----------
    trainers : mapping
        Name → trainer or baseline.
    splits : iterable of (training, held-out) interactions
        As `heldout.fold_users` or `heldout.split_users` make them.
    protocol : HeldOutProtocol
        How held-out histories become inputs and labels.
    min_count, repeats
        As in `Interactions.to_histories`; counted over training users alone.
    catalogue : Catalogue, optional
        With genres, each model's neighbours are judged by them too.
    overlap : GenreOverlap, optional
        Judge them there instead, together with models that are scored elsewhere.
    progress : Progress, optional
        Called after every fit.

    Raises
    ------
    DataError
        If nothing is left to train on or to score, or users are both trained on and held out.
    """
    parts: list[Evaluation] = []
    overlap = overlap or GenreOverlap.of(catalogue)
    left_out: dict[str, str] = {}
    n_skipped = 0  # users of folds in which nobody can be scored
    splits = list(splits)
    for training, held_out in splits:
        check_apart(training, held_out)
        histories = training.to_histories(min_count=min_count, repeats=repeats)
        if len(histories.vocabulary) == 0:
            raise DataError(
                f"no item occurs {min_count} times among the training users: lower --min-count"
            )
        cases = protocol.cases(held_out.to_histories(vocabulary=histories.vocabulary), seed=seed)
        if len(cases) == 0:  # told before anything is trained
            n_skipped += cases.n_skipped
            continue
        scored: list[Evaluation] = []
        for name, trainer in trainers.items():
            try:
                fitted = trainer.fit(histories)
            except TooLargeError as error:
                left_out[name] = str(error)
                continue
            scored.append(evaluate({name: fitted}, cases, cutoffs=cutoffs, seed=seed))
            overlap.add(name, fitted, histories.vocabulary)
            if progress:
                progress(len(parts) * len(trainers) + len(scored), len(splits) * len(trainers))
        parts.append(side_by_side(scored))
    if splits and not parts:
        raise _no_cases(n_skipped)
    joined = end_to_end(parts)
    counts = {
        name: counts._replace(skipped=counts.skipped + n_skipped)
        for name, counts in joined.counts.items()
    }
    return replace(joined, counts=counts, per_item=overlap.values(), left_out=left_out)


def score_held_out(
    recommenders: Mapping[str, Recommender],
    vocabulary: Vocabulary,
    held_out: Interactions,
    protocol: HeldOutProtocol,
    *,
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    overlap: GenreOverlap | None = None,
    seed: int = 0,
) -> Evaluation:
    """Score recommenders of one vocabulary on users that it has not seen.

    Parameters
    ----------
    recommenders : mapping
        Name → recommender over the rows of `vocabulary`.
    held_out : Interactions
        Of the held-out users.
    protocol, cutoffs, catalogue, overlap, seed
        As in `compare`.
    """
    cases = protocol.cases(held_out.to_histories(vocabulary=vocabulary), seed=seed)
    scored = evaluate(recommenders, cases, cutoffs=cutoffs, seed=seed)
    overlap = overlap or GenreOverlap.of(catalogue)
    for name, recommender in recommenders.items():
        overlap.add(name, recommender, vocabulary)
    return replace(scored, per_item=overlap.values())


def side_by_side(parts: Sequence[Evaluation]) -> Evaluation:
    """Join evaluations of different models on the same cases."""
    sizes = {counts.cases for part in parts for counts in part.counts.values()}
    if len(sizes) > 1:
        raise DataError(f"models scored on different cases can't be compared: {sorted(sizes)}")
    joined = Evaluation({}, {}, seed=parts[0].seed if parts else 0)
    for part in parts:
        joined = replace(
            joined,
            values={**joined.values, **part.values},
            counts={**joined.counts, **part.counts},
            per_item={**joined.per_item, **part.per_item},
            left_out={**joined.left_out, **part.left_out},
        )
    return joined


def end_to_end(parts: Sequence[Evaluation]) -> Evaluation:
    """Join evaluations of the same models on different cases; a model must stand in all of them."""
    if not parts:
        raise DataError("there is nothing to evaluate: no split was given")
    models = [name for name in parts[0].models if all(name in part.values for part in parts)]
    return Evaluation(
        values={
            name: {
                metric: np.concatenate([part.values[name][metric] for part in parts])
                for metric in parts[0].metrics
            }
            for name in models
        },
        counts={
            name: Counts(*map(sum, zip(*(part.counts[name] for part in parts), strict=True)))
            for name in models
        },
        seed=parts[0].seed,
    )
