"""Interactions packed by user, as they were read, before a vocabulary is built."""

import os
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from item2vec._support.atomic_files import replaced
from item2vec._support.checks import check_whole
from item2vec._support.messages import setting, shown
from item2vec.data.digests import Digests, item_hashes
from item2vec.data.histories import Histories
from item2vec.data.iso_times import iso_times, precision
from item2vec.data.moments import moments_of, separate_moments
from item2vec.data.packed import (
    check_packed,
    first_occurrences,
    select_packed,
    slice_positions,
    take_packed,
)
from item2vec.data.read_report import ReadReport
from item2vec.data.vocabulary import Vocabulary, check_is_vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.types import Mask, Moments, Offsets, Rows

Repeated = Literal["first", "keep"]
Order = Literal["time", "declared", "unknown"]


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """The interactions of each user in time order, packed, before a vocabulary is built.

    Held-out users are split off at this stage, so that the item counts, and with them the
    vocabulary, are those of the training users only.

    Parameters
    ----------
    items : array of shape (n,), int32
        Positions in `item_ids`, one user after another, each in time order, including repeats.
    offsets : array of shape (m + 1,), int64
        The interactions of user i are ``items[offsets[i]:offsets[i + 1]]``.
    item_ids : tuple of str
        The item ids, sorted, each once.
    user_ids : tuple of str, of length m
        The id of each user. `read_interactions` sorts them.
    report : ReadReport, optional
        The report of reading the interactions.
    times : array of shape (n,), int64, optional
        The time of each interaction in nanoseconds since 1970, UTC. Reading keeps the times if
        ``keep_times`` is set.

    Raises
    ------
    DataError
        If the arrays and ids do not match each other.
    """

    items: Rows
    offsets: Offsets
    item_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    report: ReadReport | None = None
    times: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "item_ids", tuple(self.item_ids))
        object.__setattr__(self, "user_ids", tuple(self.user_ids))
        check_packed(self.items, self.offsets, len(self.item_ids))
        if self.items.min(initial=0) < 0:
            raise DataError(
                f"items of interactions must be at least 0, not {self.items.min()}: leave out "
                "interactions with unknown items"
            )
        if len(self.user_ids) != len(self):
            raise DataError(f"{len(self)} users need as many ids, not {len(self.user_ids)}")
        if self.times is not None and (
            self.times.dtype != np.int64 or self.times.shape != self.items.shape
        ):
            raise DataError(
                f"times must be int64 {self.items.shape}, one for each interaction, not "
                f"{self.times.dtype} {self.times.shape}"
            )

    def __len__(self) -> int:
        """Return the number of users."""
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        return (
            f"Interactions of {len(self)} users with {len(self.item_ids)} items: {len(self.items)}"
        )

    def take(self, users: npt.ArrayLike) -> "Interactions":
        """Return the users at these positions with their interactions; `item_ids` are kept."""
        items, offsets = take_packed(self.items, self.offsets, users)
        user_ids = tuple(self.user_ids[position] for position in np.asarray(users).tolist())
        times = self.times
        if times is not None:
            positions = np.asarray(users, dtype=np.int64)
            lengths = np.diff(self.offsets)[positions]
            times = times[slice_positions(self.offsets[:-1][positions], lengths)]
        return Interactions(items, offsets, self.item_ids, user_ids, self.report, times)

    def select(self, keep: Mask) -> "Interactions":
        """Return the interactions for which `keep`, bool (n,), is true.

        Users without any such interaction are dropped; `item_ids` stay as they are.
        """
        items, offsets = select_packed(self.items, self.offsets, keep)
        times = None if self.times is None else self.times[keep]
        all_users = Interactions(items, offsets, self.item_ids, self.user_ids, self.report, times)
        return all_users.take(np.flatnonzero(np.diff(offsets)))

    @property
    def has_user_ids(self) -> bool:
        """Whether the ids of the users are those of the source, and not the numbers of records.

        Sequences without a user, such as one basket per line, are histories of users who are not
        named.
        """
        columns = {} if self.report is None else self.report.columns
        return not columns or "user" in columns

    def shares_user_ids(self, other: "Interactions") -> bool:
        """Return whether equal ids in both mean the same user.

        Numbers of records identify the users only within one source.
        """
        return self.report is other.report or (self.has_user_ids and other.has_user_ids)

    @property
    def order(self) -> Order:
        """The source of the order of each user's items: "time", "declared" or "unknown".

        "time": the times of the interactions, or the order of interactions that were created in
        Python. "declared": there are no times, but the records were declared to be in time order
        (``time="none"``). "unknown": there are no times, and no order was declared.
        """
        if self.report is None or "time" in self.report.columns:
            return "time"
        return "declared" if self.report.in_file_order else "unknown"

    @property
    def moments(self) -> Moments | None:
        """The moment of each interaction in its user's history, int32 (n,); None if not known.

        Moments are derived from the times, if these were kept. If there are no times but the order
        is known, each interaction has a separate moment.
        """
        if self.times is not None:
            return moments_of(self.times, self.offsets)
        if self.report is None or self.order == "declared":
            return separate_moments(self.offsets)
        return None

    def to_histories(
        self,
        *,
        min_count: int = 5,
        repeated: Repeated = "first",
        vocabulary: Vocabulary | None = None,
        in_order: bool = False,
    ) -> Histories:
        """Build a vocabulary, or use a given one, and return the histories over it.

        Parameters
        ----------
        min_count : int
            Items that occur less often, after `repeated` is applied, are dropped. Histories that
            become empty are kept, so that every user keeps the same position.
        repeated : {"first", "keep"}
            For an item that a history repeats: keep its first occurrence only, or all of them.
        vocabulary : Vocabulary, optional
            Vocabulary to use instead of counting, as for held-out users. Items that are not in it
            become -1, and `min_count` is ignored.
        in_order : bool
            Add the `moments` of the items to the histories, if these are known. A trainer can then
            fit a recency weight, and its model weights items by age.

        Raises
        ------
        ParameterError
            If `min_count`, `repeated` or `vocabulary` has a wrong type or value.
        """
        _check_packing(min_count, repeated, vocabulary)
        first = first_occurrences(self.items, self.offsets)
        items, offsets = select_packed(self.items, self.offsets, first)
        digests = Digests.of_packed(item_hashes(self.item_ids), items, offsets)
        moments = self.moments if in_order else None
        if repeated == "keep":
            items, offsets = self.items, self.offsets
        elif moments is not None:
            moments = moments[first]
        if vocabulary is not None:
            rows = vocabulary.rows(self.item_ids)[items]
            return Histories(rows, offsets, vocabulary, digests, moments)
        counts = np.bincount(items, minlength=len(self.item_ids))
        vocabulary = Vocabulary.from_counts(self.item_ids, counts, min_count=min_count)
        rows = vocabulary.rows(self.item_ids)[items]
        return Histories(rows, offsets, vocabulary, digests, moments).known()

    def write_csv(self, path: str | os.PathLike[str]) -> None:
        """Write a CSV file with the columns user and item, and time if there are `times`.

        Rows are in the order of the users and of their items. Times are ISO dates in UTC, as exact
        as they need to be, so that `read_interactions` reads the same interactions and times back;
        without `times`, it reads the same order with ``time="none"``. Ids may contain any
        characters. Users without interactions are not written. An existing file is replaced
        atomically.

        Raises
        ------
        DataError
            If the file can't be written.
        """
        items = [f",{_quoted(item_id)}" for item_id in self.item_ids]
        unit = None if self.times is None else precision(self.times)
        with replaced(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            file.write("user,item\n" if unit is None else "user,item,time\n")
            for user, user_id in enumerate(self.user_ids):
                begin, part = _quoted(user_id), slice(*self.offsets[user : user + 2])
                rows = [begin + items[item] for item in self.items[part].tolist()]
                if self.times is not None and unit is not None:
                    times = iso_times(self.times[part], unit)
                    rows = [f"{row},{time}" for row, time in zip(rows, times, strict=True)]
                file.writelines([f"{row}\n" for row in rows])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _check_packing(min_count: int, repeated: str, vocabulary: Vocabulary | None) -> None:
    """Check the arguments of `to_histories`; `min_count` matters only without a vocabulary."""
    if repeated not in get_args(Repeated):
        raise ParameterError(f"repeated must be 'first' or 'keep', not {shown(repeated)}")
    if vocabulary is None:
        check_whole("min_count", min_count, 1)
    else:
        check_is_vocabulary(vocabulary)


def check_order(interactions: Interactions, name: str) -> None:
    """Raise DataError if the order of the interactions, which a protocol needs, is unknown.

    Parameters
    ----------
    interactions : Interactions
    name : str
        Name of the protocol in the message.
    """
    check_interactions(interactions)
    if interactions.order == "unknown":
        raise DataError(
            f"{name} needs the interactions of each user in time order, and there are no times: "
            f"name the column of times with {setting('time', 'COLUMN')}, or, if the records of "
            f"each user are in time order, declare it with {setting('time', 'none')}"
        )


def check_interactions(value: object) -> None:
    """Raise DataError unless this is an `Interactions` object."""
    if not isinstance(value, Interactions):
        raise DataError(
            f"interactions must be Interactions, not {type(value).__name__}: pass the result of "
            "read_interactions(...)"
        )
