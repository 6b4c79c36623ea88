"""Splits: what is trained on, and the cases that are scored; of held-out users or of the same ones.

A `Split` is what comparisons take, whatever its family. It holds the training interactions and a
`CaseSource`, which makes the cases in the vocabulary of whatever model is scored.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from item2vec._support.messages import counted, either, setting, shown
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, Repeated, check_interactions, check_order
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.held_out_users import (
    Cases,
    Family,
    HeldOutProtocol,
    SplitProtocol,
)


class SharedUsersError(DataError):
    """Users who should be held out are among those trained on."""


class CaseSource(ABC):
    """A source of cases, which makes them in the vocabulary of a model.

    Attributes
    ----------
    protocol : SplitProtocol
        How it makes them.
    """

    protocol: SplitProtocol

    @property
    @abstractmethod
    def user_ids(self) -> tuple[str, ...]:
        """The ids of the users of whom ``Cases.users`` gives the places."""

    @property
    @abstractmethod
    def item_ids(self) -> tuple[str, ...]:
        """The ids of the items that are asked for."""

    @abstractmethod
    def cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return the cases, with -1 for items that the vocabulary does not hold."""

    @abstractmethod
    def validation_cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return about 2,000 cases at most, to choose parameters by."""

    @property
    def counts(self) -> dict[str, int]:
        """Counts that describe the split, beside the counts of the cases."""
        return {}

    @property
    def remarks(self) -> tuple[str, ...]:
        """The same in sentences."""
        return ()


@dataclass(frozen=True, eq=False)
class HeldOutUsers(CaseSource):
    """Users who are held out, each of whose histories is split by a protocol.

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
        """Return a case of each user who has enough items."""
        if not self.protocol.keep_seen:
            cases = self.protocol.cases(self._histories(vocabulary), seed=seed)
            return counting_repeats(cases, self.interactions)
        return self._in(vocabulary, self.protocol.cases(self._repeating, seed=seed))

    def validation_cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return several cases of each user where there are few; 2,000 at most."""
        if not self.protocol.keep_seen:
            return self.protocol.validation_cases(self._histories(vocabulary), seed=seed)
        return self._in(vocabulary, self.protocol.validation_cases(self._repeating, seed=seed))

    @cached_property
    def _repeating(self) -> Histories:
        """The histories with every repeat, in a vocabulary that holds all their items.

        In another one, different items may be -1, and whether one is repeated can't be told.
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
        """Whether the order of the records stands for that of time."""
        return order_remarks(self.interactions) if self.protocol.needs_order else ()


@dataclass(frozen=True, eq=False)
class Split:
    """Interactions to train on, and the source of the cases to score.

    Parameters
    ----------
    training : Interactions
    source : CaseSource
    """

    training: Interactions
    source: CaseSource

    @property
    def protocol(self) -> SplitProtocol:
        """How cases are made; for the validation of trainers and for reports."""
        return self.source.protocol

    @property
    def family(self) -> Family:
        """Either "held-out users" or "same users, later"."""
        return self.protocol.family

    def histories(self, *, min_count: int = 5, repeated: Repeated = "first") -> Histories:
        """Count the training interactions alone, and return them as histories.

        Parameters
        ----------
        min_count, repeated
            As in `Interactions.to_histories`; a split with `keep_seen` always keeps repeats.

        Raises
        ------
        DataError
            If no item occurs often enough.
        """
        repeated = "keep" if self.protocol.keep_seen else repeated
        histories = self.training.to_histories(
            min_count=min_count, repeated=repeated, in_order=self.protocol.in_order
        )
        if len(histories.vocabulary) == 0:
            raise DataError(
                f"no item occurs {min_count} times among the training users: "
                f"lower {setting('min_count')}"
            )
        return histories

    def cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return the cases in a model's vocabulary."""
        return self.source.cases(vocabulary, seed=seed)


# -- making splits --------------------------------------------------------------------------------


def held_out_split(
    training: Interactions, held_out: Interactions, protocol: HeldOutProtocol
) -> Split:
    """Return a split of users who are trained on and others who are held out.

    Raises
    ------
    SharedUsersError
        If somebody is both.
    """
    check_apart(training, held_out)
    return Split(training, HeldOutUsers(held_out, protocol))


def to_splits(
    splits: Split | Iterable[Split | tuple[Interactions, Interactions]],
    protocol: SplitProtocol | None,
) -> list[Split]:
    """Return splits of pairs (training, held-out), too; see `evaluation.compare`.

    Raises
    ------
    ParameterError
        If a pair has no protocol, or a split another one than `protocol`.
    """
    if isinstance(splits, Split):
        splits = [splits]
    if not isinstance(splits, Iterable):
        raise ParameterError(
            f"splits are a list of pairs, no {type(splits).__name__}: write "
            "[split_users(interactions)]"
        )
    if protocol is not None and not isinstance(protocol, SplitProtocol):
        raise ParameterError(
            f"protocol must be a protocol, not {shown(protocol)}: write RandomProtocol()"
        )
    found = []
    for split in splits:
        if not isinstance(split, Split):
            pair = _checked_pair(split)
            split = held_out_split(*pair, protocol_for_users(protocol))
        elif protocol is not None and protocol != split.protocol:
            raise ParameterError(
                f"a split has a protocol of its own, {split.protocol.name}: leave {protocol.name} "
                "out"
            )
        found.append(split)
    return found


def _checked_pair(pair: object) -> tuple[Interactions, Interactions]:
    """Return an element of splits that is a pair of interactions, or raise ParameterError."""
    if isinstance(pair, tuple | list) and len(pair) == 2:
        return pair[0], pair[1]
    remedy = "split_users(interactions)"
    if isinstance(pair, Interactions):  # splits are themselves what split_users returned
        remedy = f"[{remedy}], with the brackets"
    raise ParameterError(
        "splits are a list of Split, or of pairs (training, held-out), and one of these is "
        f"{type(pair).__name__}: write {remedy}"
    )


def protocol_for_users(protocol: SplitProtocol | None) -> HeldOutProtocol:
    """Return a protocol by which held-out histories can be split, or raise ParameterError."""
    if isinstance(protocol, HeldOutProtocol):
        return protocol
    raise ParameterError(
        "pairs of training and held-out interactions need the protocol by which held-out "
        "histories are split, such as protocol=RandomProtocol(); for the same users later give "
        "what split_last, split_by_time or split_train_test return"
    )


# -- checks and words -----------------------------------------------------------------------------


def check_apart(training: Interactions, held_out: Interactions) -> None:
    """Raise SharedUsersError if somebody is both trained on and held out: that would be no test."""
    for part in (training, held_out):
        check_interactions(part)
    shared = set(training.user_ids) & set(held_out.user_ids)
    if shared:
        raise SharedUsersError(
            f"{counted(len(shared), 'user')} of the {len(held_out):,} held out "
            f"{'is' if len(shared) == 1 else 'are'} among those trained on, such as "
            f"{shown(min(shared))}: hold out whole users, as `item2vec split` does, or score the "
            "same users on what they did later, with "
            + either("--test", "split_train_test(training, later)")
        )


def order_remarks(interactions: Interactions) -> tuple[str, ...]:
    """Say so where the order of the records stands for that of time."""
    if interactions.order != "declared":
        return ()
    return (
        f"There are no times: as declared with {setting('time', 'none')}, the last items of a user "
        "are those that stand last in the file. If it is sorted by item, these are not the latest, "
        "and the scores mean nothing.",
    )


def check_known(who: str, known: Iterable[str], item_ids: Collection[str]) -> None:
    """Raise DataError if none of the items that are asked for is known: there is nothing to score.

    Parameters
    ----------
    who : str
        The model, as the message names it.
    known : iterable of str
        The ids of the items that it knows.
    item_ids : collection of str
        The ids of the items that are asked for.
    """
    if known is item_ids:  # parts of one reading
        return
    ids = set(known)
    if ids and item_ids and ids.isdisjoint(item_ids):
        raise DataError(
            f"{who} knows none of the {counted(len(item_ids), 'item')}: its ids are like "
            f"{shown(_example(ids))}, theirs like {shown(_example(item_ids))}; name the "
            "data that go with it, or write the ids alike"
        )


def _example(ids: Collection[str]) -> str:
    """Return the first of the shortest ids."""
    return min(ids, key=lambda item_id: (len(item_id), item_id))


def counting_repeats(cases: Cases, held_out: Interactions) -> Cases:
    """Return the cases with counts of items in which the repeats of the interactions count."""
    if cases.counts is None:
        return cases
    rows = cases.inputs.vocabulary.rows(held_out.item_ids)[held_out.items]
    counts = np.bincount(rows + 1, minlength=cases.counts.shape[1] + 1)[1:]
    return replace(cases, counts=np.stack([cases.counts[0], counts]))
