"""Cases of users who are held out of training."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from item2vec._support.messages import setting
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, check_order
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.splitting.case_source import CaseSource
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol


@dataclass(frozen=True, eq=False)
class HeldOutUsers(CaseSource):
    """Users who are held out; a protocol splits their histories into cases.

    Raises
    ------
    DataError
        If the protocol needs items in time order and the interactions have no times.
    """

    interactions: Interactions
    protocol: HeldOutProtocol

    def __post_init__(self) -> None:
        if self.protocol.needs_order:
            check_order(self.interactions, self.protocol.name)

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The ids of the held-out users."""
        return self.interactions.user_ids

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The ids of the items of the held-out users."""
        return self.interactions.item_ids

    def cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return a case for each user who has enough items."""
        if not self.protocol.keep_seen:
            cases = self.protocol.cases(self._histories(vocabulary), seed=seed)
            return counting_repeats(cases, self.interactions)
        return self._in(vocabulary, self.protocol.cases(self._repeating, seed=seed))

    def validation_cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return several cases of each user if there are few users; 2,000 at most."""
        if not self.protocol.keep_seen:
            return self.protocol.validation_cases(self._histories(vocabulary), seed=seed)
        return self._in(vocabulary, self.protocol.validation_cases(self._repeating, seed=seed))

    @cached_property
    def _repeating(self) -> Histories:
        """The histories with all repeats, in a vocabulary of all their items.

        In another vocabulary, several items may be -1, and repeats could not be recognized.
        """
        return self.interactions.to_histories(
            min_count=1, repeated="keep", in_order=self.protocol.in_order
        )

    def _histories(self, vocabulary: Vocabulary) -> Histories:
        return self.interactions.to_histories(
            vocabulary=vocabulary, in_order=self.protocol.in_order
        )

    def _in(self, vocabulary: Vocabulary, cases: Cases) -> Cases:
        """Return cases of `_repeating` in another vocabulary."""
        rows = vocabulary.rows(cases.inputs.vocabulary.ids)
        inputs, labels = (
            Histories(rows[part.items], part.offsets, vocabulary, moments=part.moments)
            for part in (cases.inputs, cases.labels)
        )
        counts = None
        if cases.counts is not None:
            counts = np.zeros((2, len(vocabulary)), dtype=np.int64)
            counts[:, rows[rows >= 0]] = cases.counts[:, rows >= 0]
        return replace(cases, inputs=inputs, labels=labels, counts=counts)

    @property
    def remarks(self) -> tuple[str, ...]:
        """A sentence if the order of the records was declared to be that of time."""
        return order_remarks(self.interactions) if self.protocol.needs_order else ()


def order_remarks(interactions: Interactions) -> tuple[str, ...]:
    """Return a sentence if the order of the records was declared to be that of time."""
    if interactions.order != "declared":
        return ()
    return (
        f"There are no times: as declared with {setting('time', 'none')}, the last items of a user "
        "are those that come last in the file. If the file is sorted by item, they are not the "
        "most recent ones, and the scores mean nothing.",
    )


def counting_repeats(cases: Cases, held_out: Interactions) -> Cases:
    """Return cases whose counts of items include repeated interactions."""
    if cases.counts is None:
        return cases
    rows = cases.inputs.vocabulary.rows(held_out.item_ids)[held_out.items]
    counts = np.bincount(rows + 1, minlength=cases.counts.shape[1] + 1)[1:]
    return replace(cases, counts=np.stack([cases.counts[0], counts]))
