"""Detection of recommenders that would be scored on their own training histories.

There are two criteria. A model's sketch matches far more of the histories than chance explains (see
`history_sketch` for the rule). Or all evaluated users together have every item exactly as often as
the training data, whose counts are in the vocabulary, and this is improbable. The second criterion
also covers short histories, old models and models without a sketch, but only if exactly the same
data are read.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import either, setting
from item2vec.data.histories import Histories
from item2vec.data.history_sketch import FALSE_ALARMS, LEAST_ITEMS, HistorySketch, Overlap
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.splitting.cases import Cases


def check_not_trained_on(
    recommenders: Mapping[str, object], cases: Cases, training: Histories | None = None
) -> None:
    """Raise DataError if a recommender was trained on the histories of the cases.

    Parameters
    ----------
    recommenders : mapping
        Name → recommender. Those with a `sketch` are checked by it.
    cases : Cases
        Without digests nothing is checked.
    training : Histories, optional
        The training data of all recommenders, if the caller has them.

    Raises
    ------
    DataError
        If far more histories match than chance explains, or all counts of items agree.
    """
    if cases.digests is None:
        return
    # Cases of the same users, later, have several digests each; see `LaterInteractions.digests`.
    digests, is_later = cases.digests, len(cases.digests) != len(cases)
    if not is_later:
        digests = digests.take(np.unique(cases.users, return_index=True)[1])  # one of each user
    overlaps = []
    for name, sketch in _sketches(recommenders, training):
        overlap = sketch.overlap(digests)
        if overlap.is_too_large:
            if is_later:
                raise _trained_on_later(name, overlap.matched)
            raise _trained_on(
                name,
                f"{overlap.matched:,} of the {counted_histories(overlap.compared)} that can be "
                f"compared (at least {LEAST_ITEMS} items) match histories that it was trained on",
            )
        overlaps.append(overlap)
    same = [name for name, recommender in recommenders.items() if _same_counts(recommender, cases)]
    if same and not any(map(_contradicts, overlaps)):
        raise _trained_on(
            same[0],
            f"the {counted_histories(len(cases) + cases.n_skipped)} contain every item exactly "
            "as often as its training data",
        )


def counted_histories(n: int) -> str:
    """Return a number of histories as text."""
    return f"{n:,} {'history' if n == 1 else 'histories'}"


def _sketches(
    recommenders: Mapping[str, object], training: Histories | None
) -> Iterable[tuple[str, HistorySketch]]:
    """Yield the sketch of the training histories of each recommender that has one."""
    known = None
    if training is not None and training.digests is not None:
        known = HistorySketch.of(training.digests)
    for name, recommender in recommenders.items():
        sketch = getattr(recommender, "sketch", None) or known
        if isinstance(sketch, HistorySketch):
            yield name, sketch


def _same_counts(recommender: object, cases: Cases) -> bool:
    """Return whether the users have every item as often as the training data, and not by chance.

    The counts of the recommender's vocabulary are those of its training data; the vocabulary of the
    cases may have other counts.
    """
    trained = getattr(recommender, "vocabulary", None)
    if cases.counts is None or not isinstance(trained, Vocabulary):
        return False
    if trained.ids != cases.inputs.vocabulary.ids:
        return False
    if not (cases.counts == trained.counts).all(axis=1).any():
        return False
    n_different = len(np.unique(cases.digests.values)) if cases.digests is not None else 0
    return _agreement(trained.counts, len(cases) + cases.n_skipped, n_different) < FALSE_ALARMS


def _agreement(counts: npt.NDArray[np.int64], n_users: int, n_different: int) -> float:
    """Return an estimate of the probability that other users have every item as often by chance.

    The number of n users who have an item varies around c with a variance of c (1 - c / n), and two
    such numbers are equal with a probability of about 1 / sqrt(4 pi variance). The largest of these
    probabilities are multiplied, for as many items as can vary independently: fewer than there are
    items, and fewer than there are different histories, because the items of one bundle always
    have the same number.
    """
    variances = counts * (1 - np.minimum(counts, n_users - 1) / max(1, n_users))
    equal = np.sort(1 / np.sqrt(np.maximum(4 * np.pi * variances, 1)))[::-1]
    n_free = min(len(counts), n_different) - 1
    return float(np.prod(equal[:n_free])) if n_free > 0 else 1.0


def _contradicts(overlap: Overlap) -> bool:
    """Return whether a sketch shows that some histories are not training histories."""
    return overlap.matched < overlap.compared


def _trained_on_later(name: str, n: int) -> DataError:
    """Return the error for a model that was trained on the later part of a split."""
    return DataError(
        f"{name} was trained on the labels: {counted_histories(n)} that it was trained on contain "
        "the later part, too. Train it on the earlier part alone, or accept an in-sample score "
        f"with {setting('in_sample', True)}"
    )


def _trained_on(name: str, how: str) -> DataError:
    """Return the error for a model that would be scored on its own training data."""
    remedy = either(
        "score it on users that it was not trained on (`item2vec split` sets some aside before "
        "training), leave --model out to train and score on separate users",
        "score it on users that it was not trained on (`split_users` sets some aside before "
        "training), use `compare` to train and score on separate users",
    )
    return DataError(
        f"{name} would be scored on its own training data: {how}. Such a score says nothing about "
        f"other users: {remedy}, or accept an in-sample score with {setting('in_sample', True)}"
    )
