"""The users on whom the stages after training are selected.

A stage asks how well vectors that were trained on the other users score for them, under several
protocols. Only the most popular items take part, on the assumption that what is best among them is
best among all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from item2vec.heldout import Cases, FoldInProtocol, RandomProtocol, SplitProtocol
from item2vec.histories import Histories
from item2vec.metrics import MAIN_METRIC
from item2vec.validation import hold_out

PROTOCOLS: tuple[SplitProtocol, ...] = (
    RandomProtocol(),
    RandomProtocol(inputs=10),
    FoldInProtocol(),
)
FOLD_IN_METRIC = "ndcg@100"  # as in the literature; all other protocols have `MAIN_METRIC`
VALIDATION_USERS, LEAST_USERS, MOST_SHARE = 300, 100, 1 / 3
SELECTION_ITEMS = 4_000


@dataclass(frozen=True)
class ValidationSplit:
    """Users to train on, and validation users under one protocol.

    Parameters
    ----------
    protocol : SplitProtocol
    fitted : Histories
        To train on.
    cases : Cases
        Of the validation users.
    """

    protocol: SplitProtocol
    fitted: Histories
    cases: Cases

    @property
    def metric(self) -> str:
        """The metric of the cases."""
        return FOLD_IN_METRIC if isinstance(self.protocol, FoldInProtocol) else MAIN_METRIC


def validation_splits(
    histories: Histories, protocols: Sequence[SplitProtocol], *, seed: int = 0
) -> Iterator[ValidationSplit]:
    """Yield a split for each protocol for which `LEAST_USERS` can be scored and learned from.

    Parameters
    ----------
    histories : Histories
        Of all users; each item once in a history.
    protocols : sequence of SplitProtocol
    seed : int
        Seed of the splits.
    """
    share = min(MOST_SHARE, VALIDATION_USERS / max(1, len(histories)))
    popular = histories.of_most_popular(SELECTION_ITEMS)
    for protocol in protocols if len(histories) > 1 else ():
        fitted, cases = hold_out(popular, share, protocol, seed=seed)
        n_learned_from = int(np.count_nonzero(fitted.lengths > 1))
        if min(n_learned_from, len(np.unique(cases.users))) >= LEAST_USERS:
            yield ValidationSplit(protocol, fitted, cases)


def are_same(first: Histories, second: Histories) -> bool:
    """Return whether two packed histories hold the same rows."""
    return np.array_equal(first.offsets, second.offsets) and np.array_equal(
        first.items, second.items
    )
