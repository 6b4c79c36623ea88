"""Protocols for the same users, later: earlier items are inputs, later ones are labels."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.data.packed import first_occurrences, shuffled_within
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import MOST_VALIDATION_CASES
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.parameters import parameter
from item2vec.types import Lengths, Offsets, Rows


@dataclass(frozen=True, kw_only=True)
class LaterProtocol(SplitProtocol, ABC):
    """A protocol that splits each user's history into an earlier and a later part."""

    family = "same users, later"
    can_keep_seen = True
    made_by: ClassVar[str]  # the call that makes a split with this protocol, for messages

    @property
    def in_order(self) -> bool:
        """Whether histories are in time order, so that validation can use their last items."""
        return True

    def cases(self, histories: Histories, *, seed: int = 0) -> NoReturn:
        """Raise ParameterError: cases of this family are made from a split of interactions.

        Only protocols for held-out users make cases from histories.
        """
        raise ParameterError(
            f"{type(self).__name__} makes no cases from histories: split interactions with "
            f"split = {self.made_by}, and use split.cases(model.vocabulary)"
        )

    @abstractmethod
    def n_last(self, lengths: Lengths) -> Lengths:
        """Return how many of the last items of each history are labels in validation, int64 (m,).

        0 for a history that is too short to be split.
        """

    def hold_out(
        self, histories: Histories, share: float, *, seed: int = 0
    ) -> tuple[Histories, Cases]:
        """Hold out the last items of every history; see `SplitProtocol.hold_out`.

        Regardless of `share`, models are fitted on all users without their last items, and at most
        2,000 users, drawn at random, are scored on these items.
        """
        rng = np.random.default_rng(seed)
        if not self.in_order:
            items = shuffled_within(histories.items, histories.offsets, rng)
            histories = replace(histories, items=items, moments=None)
        items, offsets = histories.items, histories.offsets
        cuts = cut_places(items, offsets, self)
        users = np.flatnonzero(cuts < offsets[1:])
        n_skipped = len(histories) - len(users)
        begins = offsets[:-1]
        fitted = histories.cut(begins, cuts - begins)
        if len(users) > MOST_VALIDATION_CASES:
            users = np.sort(rng.permutation(users)[:MOST_VALIDATION_CASES])
        shown = fitted.take(users)
        distinct = shown.without_repeats()
        later = histories.cut(cuts[users], (offsets[1:] - cuts)[users])
        seen = seen_before(distinct.items, distinct.offsets, later.items, later.offsets)
        first = first_occurrences(later.items, later.offsets)
        new = later.where(first & ~seen)
        asked = later.where(first) if self.keep_seen else new
        inputs = shown if self.keep_seen else distinct
        lengths = distinct.lengths + new.lengths
        return fitted, Cases(inputs, asked, users, lengths, n_skipped, keep_seen=self.keep_seen)

    def no_case(self, n_skipped: int) -> DataError:
        """Return the error for a split that leaves no label."""
        return DataError(
            f"none of {counted(n_skipped, 'user')} has both an earlier item and a later one that "
            "is a label: check the split, and that both parts use the same ids of users and items"
        )


@dataclass(frozen=True, kw_only=True)
class LeaveLastOutProtocol(LaterProtocol):
    """All items of a user but the last as inputs, and the last one as the label.

    Examples
    --------
    >>> histories = Histories.from_lists([["a", "b", "c"], ["a"]])
    >>> fitted, cases = LeaveLastOutProtocol().hold_out(histories, 0.2)
    >>> fitted.lengths, cases.inputs.lengths, cases.labels.lengths, cases.n_skipped
    (array([2, 1]), array([2]), array([1]), 1)
    """

    needs_order = True
    made_by = "split_last(interactions)"

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "leave-last-out"

    @property
    def description(self) -> str:
        """Inputs and labels in a few words."""
        return "all but the last item → the last"

    def n_last(self, lengths: Lengths) -> Lengths:
        """Return 1 for a history with at least two items, else 0."""
        return (lengths >= 2).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class _ShareProtocol(LaterProtocol, ABC):
    """A split that is not defined by the histories; validation holds out an equal share of them."""

    label_share: float = parameter(
        0.2, "share of a user's items that are labels, on average", above=0, at_most=1
    )

    def n_last(self, lengths: Lengths) -> Lengths:
        """Return the share of the items, at least 1, leaving at least 1 as input."""
        n = np.clip(np.round(self.label_share * lengths).astype(np.int64), 1, lengths - 1)
        found: Lengths = np.where(lengths >= 2, n, 0)
        return found


@dataclass(frozen=True, kw_only=True)
class SplitTimeProtocol(_ShareProtocol):
    """Interactions before a time as inputs, and interactions from this time on as labels."""

    made_by = "split_by_time(interactions, time)"

    time: str = parameter("", "first moment of the later part")

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "split-time"

    @property
    def description(self) -> str:
        """Inputs and labels in a few words."""
        return f"items before {self.time} → items from then on"


@dataclass(frozen=True, kw_only=True)
class TrainTestProtocol(_ShareProtocol):
    """A given split: the training part as inputs, and the test part as labels."""

    made_by = "split_train_test(training, test)"

    ordered: bool = parameter(True, "whether the training part is in time order")

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "train-test"

    @property
    def description(self) -> str:
        """Inputs and labels in a few words."""
        return "training items → test items"

    @property
    def in_order(self) -> bool:
        """Whether validation holds out the last items of histories; otherwise it draws items."""
        return self.ordered


def cut_places(items: Rows, offsets: Offsets, protocol: LaterProtocol) -> Offsets:
    """Return the position in `items` at which the later part of each history begins, int64 (m,).

    Without `keep_seen` only different items count: the later part begins at the first occurrence of
    the earliest label. If a history has no label, the position is its end.

    Parameters
    ----------
    items, offsets
        Packed histories.
    protocol : LaterProtocol
        The number of labels, and whether repeats count.
    """
    counts = np.ones(len(items), bool) if protocol.keep_seen else first_occurrences(items, offsets)
    places = np.flatnonzero(counts)
    ends = np.searchsorted(places, offsets[1:])  # of each history, among the places that count
    n_last = protocol.n_last(np.diff(np.searchsorted(places, offsets)))
    cuts = offsets[1:].copy()
    asked = n_last > 0
    cuts[asked] = places[(ends - n_last)[asked]]
    return cuts


def seen_before(
    shown: Rows, shown_offsets: Offsets, items: Rows, offsets: Offsets
) -> npt.NDArray[np.bool_]:
    """Return which items of histories are among the inputs of the same user, bool (n,).

    Parameters
    ----------
    shown, shown_offsets
        Packed inputs of as many users as `offsets` has.
    items, offsets
        Packed later items; rows mean the same as in `shown`.
    """
    n = 1 + max(shown.max(initial=0), items.max(initial=0))

    def pairs(rows: Rows, bounds: Offsets) -> npt.NDArray[np.int64]:
        users = np.repeat(np.arange(len(bounds) - 1, dtype=np.int64), np.diff(bounds))
        return users * int(n) + rows

    return np.isin(pairs(items, offsets), pairs(shown, shown_offsets))
