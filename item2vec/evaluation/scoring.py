"""Scoring the recommendations of one model, case by case."""

from collections.abc import Sequence

import numpy as np

from item2vec.data.histories import Histories
from item2vec.evaluation.beyond_accuracy import (
    SLICES,
    intra_list_similarity,
    mean_of_items,
    popularity_slices,
    self_information,
)
from item2vec.evaluation.metrics import METRICS, find_hits, recall_of_labels
from item2vec.evaluation.scores import Cohort, Counts, ModelScores
from item2vec.evaluation.splitting.cases import Cases
from item2vec.types import Rows

LISTED = 10  # length of the lists for the metrics beyond accuracy


def score_recommendations(
    recommended: Rows, cases: Cases, *, cutoffs: Sequence[int], training: Histories | None
) -> ModelScores:
    """Return the scores of one model's recommendations.

    Parameters
    ----------
    recommended : array of shape (m, k), int32
        Rows of items, best first, -1 where there is none; k is at least the largest cutoff and 10.
    cases : Cases
    cutoffs : sequence of int
        In ascending order.
    training : Histories, optional
        Only needed for ``similarity@10``.
    """
    vocabulary, labels = cases.inputs.vocabulary, cases.labels
    hits = find_hits(recommended, labels.items, labels.offsets)[:, : max(cutoffs)]  # (m, k)
    values = {
        f"{metric}@{k}": compute(hits, labels.lengths, k)
        for k in cutoffs
        for metric, compute in METRICS.items()
    }
    listed = recommended[:, :LISTED]  # (m, 10)
    values["novelty@10"] = mean_of_items(listed, self_information(vocabulary.counts))
    values["popularity@10"] = mean_of_items(listed, vocabulary.counts.astype(np.float64))
    if training is not None:
        values["similarity@10"] = intra_list_similarity(listed, training)
    slices = np.append(popularity_slices(vocabulary.counts), -1)[labels.items]  # -1: unknown
    exposed = np.bincount(listed[listed >= 0], minlength=len(vocabulary)).tolist()  # (n_items,)
    return ModelScores(
        values=values,
        counts=Counts(len(cases), cases.n_skipped, cases.n_labels, cases.n_unknown_labels),
        hits=hits,
        recall_by_popularity={
            name: recall_of_labels(listed, labels.items, labels.offsets, slices == place)
            for place, name in enumerate(SLICES)
        },
        exposure=dict(zip(vocabulary.ids, exposed, strict=True)),
    )


def cohort_of(cases: Cases, users: Sequence[str] | None) -> Cohort:
    """Return the cohort of cases; `users` are the ids of the held-out users, if known."""
    ids = np.arange(1 + cases.users.max(initial=-1)) if users is None else np.array(users, object)
    labels = cases.labels
    counts = np.append(labels.vocabulary.counts, 0)[labels.items]  # 0 for an unknown item, row -1
    case = np.repeat(np.arange(len(cases)), labels.lengths)
    sums = np.bincount(case, counts, minlength=len(cases))  # (m,)
    return Cohort(
        users=ids.astype(object)[cases.users],
        lengths=cases.lengths,
        n_labels=labels.lengths,
        label_popularity=sums / labels.lengths,
        repeats=np.zeros(len(cases), dtype=np.int64),
    )
