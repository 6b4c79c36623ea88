"""Protocols of the family "same users, later": trained on what came before, asked for the rest."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.data.packed import first_occurrences, shuffled_within
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.held_out_users import MOST_VALIDATION_CASES, Cases, SplitProtocol
from item2vec.parameters import parameter
from item2vec.types import Lengths, Offsets, Rows


@dataclass(frozen=True, kw_only=True)
class LaterProtocol(SplitProtocol, ABC):
    """How each user's own history is cut into an earlier and a later part."""

    family = "same users, later"
    can_keep_seen = True
    made_by: ClassVar[str]  # the call that makes such a split, for messages

    @property
    def in_order(self) -> bool:
        """Whether histories are in time order, so that validation can cut off their ends."""
        return True

    def cases(self, histories: Histories, *, seed: int = 0) -> NoReturn:
        """Raise ParameterError: cases of this family come of a split of interactions.

        Protocols for held-out users make them of histories.
        """
        raise ParameterError(
            f"{type(self).__name__} makes no cases of histories: split interactions with "
            f"split = {self.made_by}, and take split.cases(model.vocabulary)"
        )

    @abstractmethod
    def n_last(self, lengths: Lengths) -> Lengths:
        """Return how many of the last items of histories are asked for in validation, int64 (m,).

        0 for a history that is too short to be cut.
        """

    def hold_out(
        self, histories: Histories, share: float, *, seed: int = 0
    ) -> tuple[Histories, Cases]:
        """Cut the end off every history; see `SplitProtocol.hold_out`.

        Whatever the share of users is, all are fitted on without their last items, and at most
        2,000 of them, drawn at random, are asked for these.
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
        """Return the error for a split that leaves nothing to ask for."""
        return DataError(
            f"of {counted(n_skipped, 'user')} none has both an earlier item to be shown and a "
            "later one to be asked for: check the split, and that both parts name users and items "
            "alike"
        )


@dataclass(frozen=True, kw_only=True)
class LeaveLastOutProtocol(LaterProtocol):
    """All but the last item of each user are shown, and the last one is asked for.

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
        """What is shown and what is asked for."""
        return "all but the last item → the last"

    def n_last(self, lengths: Lengths) -> Lengths:
        """Return 1 where there is another item to be shown."""
        return (lengths >= 2).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class _ShareProtocol(LaterProtocol, ABC):
    """A split made elsewhere than in the histories: validation cuts off as large a part."""

    label_share: float = parameter(
        0.2, "share of a user's items that are asked for, on average", above=0, at_most=1
    )

    def n_last(self, lengths: Lengths) -> Lengths:
        """Return the share of the items, at least 1, with at least 1 left to be shown."""
        n = np.clip(np.round(self.label_share * lengths).astype(np.int64), 1, lengths - 1)
        found: Lengths = np.where(lengths >= 2, n, 0)
        return found


@dataclass(frozen=True, kw_only=True)
class SplitTimeProtocol(_ShareProtocol):
    """What happened before a moment is shown, and what happened at it or later is asked for."""

    made_by = "split_by_time(interactions, time)"

    time: str = parameter("", "first moment of the later part")

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "split-time"

    @property
    def description(self) -> str:
        """What is shown and what is asked for."""
        return f"items before {self.time} → items from then on"


@dataclass(frozen=True, kw_only=True)
class TrainTestProtocol(_ShareProtocol):
    """A split that somebody brings: the training part is shown, the test part is asked for."""

    made_by = "split_train_test(training, test)"

    ordered: bool = parameter(True, "whether the training part is in time order")

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "train-test"

    @property
    def description(self) -> str:
        """What is shown and what is asked for."""
        return "training items → test items"

    @property
    def in_order(self) -> bool:
        """Whether validation can cut off the ends of histories; otherwise it draws items."""
        return self.ordered


def cut_places(items: Rows, offsets: Offsets, protocol: LaterProtocol) -> Offsets:
    """Return the place in `items` at which the later part of each history begins, int64 (m,).

    Without `keep_seen` different items count alone: the later part begins at the first occurrence
    of the earliest of the items that are asked for. Where nothing is asked for, the place is the
    history's end.

    Parameters
    ----------
    items, offsets
        Packed histories.
    protocol : LaterProtocol
        How many of the last items are asked for, and whether repeats count.
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
    """Tell which items of histories are among those shown of the same user, bool (n,).

    Parameters
    ----------
    shown, shown_offsets
        What is shown, packed, of as many users as `offsets` has.
    items, offsets
        What comes later, packed; items mean the same as in `shown`.
    """
    n = 1 + max(shown.max(initial=0), items.max(initial=0))

    def pairs(rows: Rows, bounds: Offsets) -> npt.NDArray[np.int64]:
        users = np.repeat(np.arange(len(bounds) - 1, dtype=np.int64), np.diff(bounds))
        return users * int(n) + rows

    return np.isin(pairs(items, offsets), pairs(shown, shown_offsets))
