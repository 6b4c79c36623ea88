"""Cases of the same users, later: what they did before is shown, what came then is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted
from item2vec.data.digests import Digests, item_hashes
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.packed import first_occurrences, pack_lengths, select_packed, take_packed
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.held_out_users import MOST_VALIDATION_CASES, Cases
from item2vec.evaluation.later_protocols import (
    LaterProtocol,
    TrainTestProtocol,
    seen_before,
)
from item2vec.evaluation.splits import CaseSource, order_remarks
from item2vec.types import Offsets, Rows

LEAST_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class LaterInteractions(CaseSource):
    """The earlier interactions of users, which are shown, and later ones of the same users.

    Items that only `later` holds are labels that nobody can find; users whom only `later` holds
    are skipped. Without ``protocol.keep_seen`` an item that was shown to a user is no label of
    theirs.

    Parameters
    ----------
    earlier, later : Interactions
    protocol : LaterProtocol
    n_too_short : int
        How many users could not be cut for having too few items.
    n_repeated : int
        How many interactions of `later` were dropped because `earlier` holds them too.
    n_users_repeated : int
        How many users had nothing else in the later part.
    """

    earlier: Interactions
    later: Interactions
    protocol: LaterProtocol
    n_too_short: int = 0
    n_repeated: int = 0
    n_users_repeated: int = 0

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The ids of the users of the later part."""
        return self.later.user_ids

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The ids of the items of the later part."""
        return self.later.item_ids

    def cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return a case of each user who has both an earlier item and a label; nothing is drawn."""
        return replace(self._cases(vocabulary, self.asked.users), digests=self.digests)

    def validation_cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return the cases of 2,000 users at most, drawn at random."""
        users = self.asked.users
        if len(users) > MOST_VALIDATION_CASES:
            drawn = np.random.default_rng(seed).permutation(users)[:MOST_VALIDATION_CASES]
            users = np.sort(drawn)
        return self._cases(vocabulary, users)

    def _cases(self, vocabulary: Vocabulary, users: npt.NDArray[np.int64]) -> Cases:
        keep_seen = self.protocol.keep_seen
        asked = self.asked
        earlier = self.earlier.to_histories(
            vocabulary=vocabulary,
            repeated="keep" if keep_seen else "first",
            in_order=self.protocol.in_order,
        )
        places, offsets = take_packed(asked.items, asked.offsets, users)
        labels = vocabulary.rows(self.later.item_ids)[places]
        return Cases(
            earlier.take(asked.places[users]),
            Histories(labels, offsets, vocabulary),
            users,
            asked.lengths[users],
            self.counts["skipped_users"],
            keep_seen=keep_seen,
        )

    @cached_property
    def asked(self) -> "Asked":
        """The labels of each user, and the users who are scored."""
        return _ask(self.earlier, self.later, keep_seen=self.protocol.keep_seen)

    @cached_property
    def digests(self) -> Digests:
        """Digests of what each scored user has in both parts, and in the later part alone.

        A model that was trained on one of these knows the labels. The first are left out where the
        later part adds no item, for then a model that was trained on the earlier part has them too.
        """
        users = self.asked.users
        rows = common_rows(self.earlier, self.later)[0]
        shown = _distinct(self.earlier.items, self.earlier.offsets, self.asked.places[users])
        later = _distinct(rows, self.later.offsets, users)
        both = _distinct(*_end_to_end(shown, later), np.arange(len(users)))
        # `common_rows` gives places among the earlier ids or, beyond them, among the later ones.
        hashes = item_hashes(self.earlier.item_ids)
        if self.earlier.item_ids != self.later.item_ids:
            hashes = np.append(hashes, item_hashes(self.later.item_ids))
        adds = np.flatnonzero(np.diff(both[1]) > np.diff(shown[1]))
        whole = Digests.of_packed(hashes, *both).take(adds)
        alone = Digests.of_packed(hashes, *later)
        return Digests(
            np.append(whole.values, alone.values), np.append(whole.n_items, alone.n_items)
        )

    @property
    def label_share(self) -> float:
        """The mean share of labels among the different items of a scored user."""
        asked = self.asked
        if len(asked.users) == 0:
            return 0.5
        labels = np.diff(asked.offsets)[asked.users]
        return float(min(1.0, (labels / asked.lengths[asked.users]).mean()))

    @property
    def counts(self) -> dict[str, int]:
        """Users and items that only the later part has, labels that were seen, users skipped."""
        asked = self.asked
        skipped = len(self.later) - len(asked.users) + self.n_too_short + self.n_users_repeated
        return {
            "skipped_users": skipped,
            "users_too_short": self.n_too_short,
            "users_only_later": asked.n_new_users,
            "users_without_labels": skipped - self.n_too_short - asked.n_new_users,
            "items_only_later": asked.n_new_items,
            "labels_seen": asked.n_seen,
            "interactions_in_both": self.n_repeated,
            "interactions_too_early": self.n_too_early,
        }

    @cached_property
    def n_too_early(self) -> int:
        """How many later interactions came before the last earlier one of the same user.

        0 where times are missing.
        """
        times = self._times
        return 0 if times is None else int(np.count_nonzero(times[0] < times[1]))

    @cached_property
    def n_tied(self) -> int:
        """How many later interactions have the time of the last earlier one of the same user."""
        times = self._times
        return 0 if times is None else int(np.count_nonzero(times[0] == times[1]))

    @cached_property
    def _times(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
        """The time of each later interaction, and of the last earlier one of the same user."""
        earlier, later = self.earlier, self.later
        if earlier.times is None or later.times is None or len(earlier.times) == 0:
            return None
        ends = np.maximum(earlier.offsets[1:], 1)
        last = np.where(np.diff(earlier.offsets) > 0, earlier.times[ends - 1], LEAST_TIME)
        last = np.append(last, LEAST_TIME)[places_of(earlier, later)]  # the last is for place -1
        return later.times, np.repeat(last, np.diff(later.offsets))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what of the later part is not asked for, and why."""
        return tuple(_later_remarks(self))


def _distinct(items: Rows, offsets: Offsets, users: npt.NDArray[np.int64]) -> tuple[Rows, Offsets]:
    """Return the packed histories of some users, each item once."""
    items, offsets = take_packed(items, offsets, users)
    return select_packed(items, offsets, first_occurrences(items, offsets))


def _end_to_end(first: tuple[Rows, Offsets], second: tuple[Rows, Offsets]) -> tuple[Rows, Offsets]:
    """Put two packed histories of each user one behind the other."""
    lengths = [np.diff(offsets) for _, offsets in (first, second)]
    user = np.concatenate([np.repeat(np.arange(len(each)), each) for each in lengths])
    items = np.append(first[0], second[0])[np.argsort(user, kind="stable")]
    return items, pack_lengths(lengths[0] + lengths[1])


class Asked(NamedTuple):
    """The labels that the later part gives for each of its users.

    Parameters
    ----------
    items, offsets
        Packed labels of every user of the later part: places in its ``item_ids``.
    users : array, int64
        The users who are scored: places in the later part.
    places : array of shape (m,), int64
        Each later user's place in the earlier part; -1 for none.
    lengths : array of shape (m,), int64
        How many different items each user has in both parts.
    n_new_users, n_new_items, n_seen : int
        Users and items that only the later part has, and labels that were shown.
    """

    items: Rows
    offsets: Offsets
    users: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    n_new_users: int
    n_new_items: int
    n_seen: int


def _ask(earlier: Interactions, later: Interactions, *, keep_seen: bool) -> Asked:
    """Find out what can be asked of whom."""
    rows, n_new_items = common_rows(earlier, later)
    places = places_of(earlier, later)
    n_earlier = np.append(np.diff(earlier.offsets), 0)  # the last is for place -1
    known = n_earlier[places] > 0
    own_offsets = np.append(earlier.offsets, earlier.offsets[-1:])
    own, bounds = take_packed(earlier.items, own_offsets, np.where(known, places, len(earlier)))
    seen = seen_before(own, bounds, rows, later.offsets)
    first = first_occurrences(later.items, later.offsets)
    items, offsets = select_packed(
        later.items, later.offsets, first if keep_seen else first & ~seen
    )
    n_own = np.diff(select_packed(own, bounds, first_occurrences(own, bounds))[1])
    n_new = np.diff(select_packed(later.items, later.offsets, first & ~seen)[1])
    return Asked(
        items,
        offsets,
        np.flatnonzero(known & (np.diff(offsets) > 0)),
        places,
        n_own + n_new,
        int(np.count_nonzero(~known)),
        n_new_items,
        int(np.count_nonzero(first & seen)),
    )


def places_of(earlier: Interactions, later: Interactions) -> npt.NDArray[np.int64]:
    """Return the place of each later user among the earlier ones, int64 (m,); -1 for none."""
    place_of = {user_id: place for place, user_id in enumerate(earlier.user_ids)}
    return np.array([place_of.get(user_id, -1) for user_id in later.user_ids], dtype=np.int64)


def common_rows(earlier: Interactions, later: Interactions) -> tuple[Rows, int]:
    """Return the later items as places among the earlier ``item_ids`` or beyond, and count new."""
    if earlier.item_ids == later.item_ids:
        rows = later.items
    else:
        n = len(earlier.item_ids)
        place_of = {item_id: place for place, item_id in enumerate(earlier.item_ids)}
        named = [place_of.get(item_id, n + new) for new, item_id in enumerate(later.item_ids)]
        rows = np.array(named, dtype=np.int32)[later.items]
    used = np.unique(rows)
    return rows, int(np.count_nonzero(~np.isin(used, np.unique(earlier.items))))


def _later_remarks(source: LaterInteractions) -> Iterator[str]:
    counts = source.counts
    if source.protocol.needs_order:
        yield from order_remarks(source.earlier)
        if n := source.n_tied:
            yield (
                f"The last item of {counted(n, 'user')} of {len(source.asked.users):,} has the "
                "same time as the one before: which of them is the last, the order of the records "
                "decides."
            )
    if n := counts["users_too_short"]:
        different = "" if source.protocol.keep_seen else "different "
        yield (
            f"{counted(n, 'user')} with fewer than 2 {different}items {_were(n)} trained on, but "
            "skipped in scoring."
        )
    if n := counts["users_only_later"]:
        yield f"{counted(n, 'user')} {_were(n)} skipped: only the later part has them."
    if n := counts["users_without_labels"]:
        yield f"{counted(n, 'user')} {_were(n)} skipped: all their later items were seen before."
    if n := counts["items_only_later"]:
        yield f"{counted(n, 'item')} of the later part {_were(n)} not among those trained on."
    if n := counts["labels_seen"]:
        what = "asked for, as seen items are kept" if source.protocol.keep_seen else "not asked for"
        yield (
            f"{counted(n, 'item')} of the later part {_were(n)} {what}: the same user had them "
            "before."
        )
    if n := counts["interactions_in_both"]:
        yield f"{counted(n, 'interaction')} {_were(n)} dropped from the later part: both hold them."
    if n := counts["interactions_too_early"]:
        yield (
            f"{n:,} of {counted(len(source.later.items), 'interaction')} of the later part "
            f"{_were(n)} before the last training interaction of the same user: the split is not "
            "one in time."
        )
    if isinstance(source.protocol, TrainTestProtocol) and not source.protocol.ordered:
        yield (
            "The training part has no times: what is chosen on validation users is chosen on items "
            "drawn at random from each history."
        )


def _were(n: int) -> str:
    return "was" if n == 1 else "were"
