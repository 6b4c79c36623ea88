"""Interactions: what was read, packed by user, before anything is counted."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from item2vec._support.atomic_files import replaced
from item2vec._support.checks import check_whole
from item2vec._support.messages import setting, shown
from item2vec.data.digests import Digests, item_hashes
from item2vec.data.histories import (
    Histories,
    check_packed,
    first_places,
    select_packed,
    slice_places,
    take_packed,
)
from item2vec.data.moments import moments_of, positions
from item2vec.data.vocabulary import Vocabulary, check_is_vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.types import Moments, Offsets, Rows

Repeated = Literal["first", "keep"]
Order = Literal["time", "declared", "unknown"]


@dataclass(frozen=True)
class Dropped:
    """How many records were dropped for one reason, and where the first of them stand."""

    count: int
    places: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ReadReport:
    """What was read, kept and dropped: ``rows_read == rows_kept + sum of what was dropped``.

    Parameters
    ----------
    rows_read, rows_kept : int
        Records of the source; of a DataFrame, rows.
    dropped : mapping of str to Dropped
        By reason. A record counts under the first reason that applies, in the order malformed
        record, user missing, item missing, left out by where, time missing, time not understood,
        rating missing, rating not understood, rating below min_rating, placeholder user.
    columns : mapping of str to str
        Role ("user", "item", "time", "rating") to the name of the column that plays it.
    notes : tuple of str
        What reading took upon itself, to be said aloud: columns found by their names, ids turned
        from 1.0 into 1, records taken in the order of the file.
    in_file_order : bool
        Whether the order of the records was declared to be the order of time (``time="none"``).
    """

    rows_read: int
    rows_kept: int
    dropped: Mapping[str, Dropped] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    in_file_order: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers and columns as JSON takes them; no file's name, which may tell whose.

        This goes into a model file.
        """
        return {
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "dropped": {reason: dropped.count for reason, dropped in self.dropped.items()},
            "columns": dict(self.columns),
        }

    def lines(self) -> list[str]:
        """Return lines for a person to read."""
        n_dropped = self.rows_read - self.rows_kept
        lines = [f"read {self.rows_read:,}, kept {self.rows_kept:,}, dropped {n_dropped:,}"]
        for reason, dropped in self.dropped.items():
            more = ", ..." if dropped.count > len(dropped.places) else ""
            places = f" ({', '.join(dropped.places)}{more})" if dropped.places else ""
            lines.append(f"dropped {dropped.count:,}: {reason}{places}")
        return lines + list(self.notes)


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """Every user's interactions in time order, packed, before anything is counted.

    Users are split off here, so that counts, and with them the vocabulary, come from training users
    alone.

    Parameters
    ----------
    items : array of shape (n,), int32
        Places in `item_ids`, one user after another, each in time order; repeats stay.
    offsets : array of shape (m + 1,), int64
        User i owns ``items[offsets[i]:offsets[i + 1]]``.
    item_ids : tuple of str
        Sorted, every id once.
    user_ids : tuple of str, m of them
        Sorted as they are read.
    report : ReadReport, optional
        How they were read.
    times : array of shape (n,), int64, optional
        The time of each interaction in nanoseconds since 1970, UTC; kept where it was asked for.

    Raises
    ------
    DataError
        If these do not fit each other.
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
            raise DataError("interactions are with known items: no place is negative")
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
        """Return the users at the places named, in that order; `item_ids` stay as they are."""
        items, offsets = take_packed(self.items, self.offsets, users)
        user_ids = tuple(self.user_ids[place] for place in np.asarray(users).tolist())
        times = self.times
        if times is not None:
            places = np.asarray(users, dtype=np.int64)
            lengths = np.diff(self.offsets)[places]
            times = times[slice_places(self.offsets[:-1][places], lengths)]
        return Interactions(items, offsets, self.item_ids, user_ids, self.report, times)

    def select(self, keep: npt.NDArray[np.bool_]) -> "Interactions":
        """Return the interactions for which `keep`, bool (n,), is true.

        Users of whom no interaction is kept are dropped; `item_ids` stay as they are.
        """
        items, offsets = select_packed(self.items, self.offsets, keep)
        times = None if self.times is None else self.times[keep]
        all_users = Interactions(items, offsets, self.item_ids, self.user_ids, self.report, times)
        return all_users.take(np.flatnonzero(np.diff(offsets)))

    @property
    def order(self) -> Order:
        """What each user's items stand in the order of.

        "time", also for interactions that were not read but made by hand; "declared" where there
        are no times and the order of the records was declared to be theirs (``time="none"``);
        "unknown" where there are none and nothing was declared.
        """
        if self.report is None or "time" in self.report.columns:
            return "time"
        return "declared" if self.report.in_file_order else "unknown"

    @property
    def moments(self) -> Moments | None:
        """The moment of each interaction in its user's history, int32 (n,); None where not known.

        They come from the times, where these were kept. Where there are none but the order of the
        records stands for that of time, each has a moment of its own.
        """
        if self.times is not None:
            return moments_of(self.times, self.offsets)
        if self.report is None or self.order == "declared":
            return positions(self.offsets)
        return None

    def to_histories(
        self,
        *,
        min_count: int = 5,
        repeated: Repeated = "first",
        vocabulary: Vocabulary | None = None,
        in_order: bool = False,
    ) -> Histories:
        """Count the items and pack the histories; or pack them over a vocabulary that is given.

        Parameters
        ----------
        min_count : int
            Items that occur in fewer places (after `repeated`) are dropped. A history may become
            empty and stays, so that users keep their places.
        repeated : {"first", "keep"}
            Keep an item that is repeated in a history at its first place alone, or everywhere.
        vocabulary : Vocabulary, optional
            Take its rows instead of counting, as for held-out users: -1 stands for an item that it
            does not hold, and `min_count` is not used.
        in_order : bool
            Give the histories the `moments` of their items, if these are known (see there): a
            trainer then learns how fast items lose weight with age, and a model that did so weighs
            the items by age.

        Raises
        ------
        ParameterError
            If `min_count` is no whole number from 1 on, `repeated` is another word, or `vocabulary`
            is none.
        """
        if repeated not in get_args(Repeated):
            raise ParameterError(f"repeated must be 'first' or 'keep', not {shown(repeated)}")
        if vocabulary is None:
            check_whole("min_count", min_count, 1)
        else:
            check_is_vocabulary(vocabulary)
        first = first_places(self.items, self.offsets)
        items, offsets = select_packed(self.items, self.offsets, first)
        digests = Digests.of_packed(item_hashes(self.item_ids), items, offsets)
        moments = self.moments if in_order else None
        if repeated == "keep":
            items, offsets = self.items, self.offsets
        elif moments is not None:
            moments = moments[first]
        counted = vocabulary is None
        if vocabulary is None:
            counts = np.bincount(items, minlength=len(self.item_ids))
            vocabulary = Vocabulary.from_counts(self.item_ids, counts, min_count=min_count)
        rows = vocabulary.rows(self.item_ids)[items]
        histories = Histories(rows, offsets, vocabulary, digests, moments)
        return histories.known() if counted else histories

    def write_csv(self, path: str | os.PathLike[str]) -> None:
        """Write user, item and time, the time being the place in the history, from 0.

        `read_interactions` gives the same interactions back, whatever the ids hold. Users without
        interactions leave no record. An old file is replaced whole.

        Raises
        ------
        DataError
            If the file can't be written.
        """
        items = [f"{_quoted(item_id)}," for item_id in self.item_ids]
        longest = int(np.diff(self.offsets).max(initial=0))
        ends = [f"{place}\n" for place in range(longest)]
        with replaced(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            file.write("user,item,time\n")
            for user, user_id in enumerate(self.user_ids):
                begin = f"{_quoted(user_id)},"
                history = self.items[self.offsets[user] : self.offsets[user + 1]].tolist()
                file.writelines(
                    [begin + items[item] + end for item, end in zip(history, ends, strict=False)]
                )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def check_order(interactions: Interactions, name: str) -> None:
    """Raise DataError where a protocol needs the order of time and nobody knows it."""
    check_interactions(interactions)
    if interactions.order == "unknown":
        raise DataError(
            f"{name} needs to know which items of a user are the last, and the interactions have "
            f"no times: name the column that holds them with {setting('time', 'COLUMN')}, or, if "
            "the records of each user stand in the order of time, declare it with "
            f"{setting('time', 'none')}"
        )


def check_interactions(value: object) -> None:
    """Raise DataError unless these are `Interactions`, which know their users."""
    if not isinstance(value, Interactions):
        raise DataError(
            f"these are no Interactions but {type(value).__name__}: read them by "
            "read_interactions(...), and give what it returns"
        )
