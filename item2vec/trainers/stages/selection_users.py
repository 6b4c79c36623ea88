"""The validation users on whom the stages after training select.

A stage scores vectors that were trained on the other users, under several protocols. Only the most
popular items take part, on the assumption that what is best among them is best among all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from item2vec.data.histories import Histories
from item2vec.evaluation.metrics import MAIN_METRIC
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import FoldInProtocol, RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.validation import hold_out
from item2vec.types import Values

ScoresByProtocol: TypeAlias = Mapping[str, Mapping[str, float]]

# Predictions from few and from many random items, since one model serves both.
RANDOM: tuple[SplitProtocol, ...] = (RandomProtocol(), RandomProtocol(inputs=10))
FOLD_IN: tuple[SplitProtocol, ...] = (FoldInProtocol(),)
PROTOCOLS = (*RANDOM, *FOLD_IN)
FOLD_IN_METRIC = "ndcg@100"  # as in the literature; all other protocols have `MAIN_METRIC`
# Up to 300 users, but at most a third, so that enough remain to learn from. A selection on fewer
# than 100 users is mostly noise.
VALIDATION_USERS, LEAST_USERS, MOST_SHARE = 300, 100, 1 / 3
# Choices on 1,000, 2,000 and all items scored the same; see docs/experiments.md, "Version 0.1.0:
# what was tried for softmax on validation users".
SELECTION_ITEMS = 4_000


@dataclass(frozen=True)
class ValidationSplit:
    """Users to train on, and validation users under one protocol.

    Parameters
    ----------
    protocol : SplitProtocol
    fitted : Histories
        Histories to train on.
    cases : Cases
        Cases of the validation users.
    """

    protocol: SplitProtocol
    fitted: Histories
    cases: Cases

    @property
    def metric(self) -> str:
        """The metric of the cases."""
        return FOLD_IN_METRIC if isinstance(self.protocol, FoldInProtocol) else MAIN_METRIC

    @property
    def n_users(self) -> int:
        """The number of validation users."""
        return len(np.unique(self.cases.users))


def validation_splits(
    histories: Histories, protocols: Sequence[SplitProtocol], *, seed: int = 0
) -> Iterator[ValidationSplit]:
    """Yield a split for each protocol with enough users to score and to train on.

    Parameters
    ----------
    histories : Histories
        Histories of all users, each item at most once in each.
    protocols : sequence of SplitProtocol
        A protocol is skipped if fewer than `LEAST_USERS` are left on either side.
    seed : int
        Seed of the splits.
    """
    popular = most_popular(histories)
    for protocol in protocols if len(histories) > 1 else ():
        split = ValidationSplit(
            protocol, *hold_out(popular, validation_share(histories), protocol, seed=seed)
        )
        n_training_users = int(np.count_nonzero(split.fitted.lengths > 1))
        if min(n_training_users, split.n_users) >= LEAST_USERS:
            yield split


def most_popular(histories: Histories) -> Histories:
    """Return the histories with only the items that take part in a selection."""
    return histories.of_most_popular(SELECTION_ITEMS)


def n_selection_items(histories: Histories) -> int:
    """Return how many items take part in a selection."""
    return min(SELECTION_ITEMS, len(histories.vocabulary))


def validation_share(histories: Histories) -> float:
    """Return the share of users to hold out."""
    return min(MOST_SHARE, VALIDATION_USERS / max(1, len(histories)))


def relative(scores: Values) -> Values:
    """Return scores divided by their mean; scores that are all 0 stay 0."""
    mean = float(scores.mean())
    result: Values = scores / mean if mean > 0 else scores
    return result


def mean_scores(choices: Sequence[float], scores: Values) -> dict[str, float]:
    """Return the mean score with each choice, keyed by the choice, for metadata.

    Parameters
    ----------
    choices : sequence of float
    scores : array of shape (n_choices, n_cases), float64
    """
    means = scores.mean(axis=1).tolist()
    return {f"{c:g}": round(mean, 6) for c, mean in zip(choices, means, strict=True)}


def are_same(first: Histories, second: Histories) -> bool:
    """Return whether both have the same items in the same histories."""
    return np.array_equal(first.offsets, second.offsets) and np.array_equal(
        first.items, second.items
    )
