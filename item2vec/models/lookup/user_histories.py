"""Histories with the ids of their users, from whatever holds them, in the rows of a model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted, setting, shown
from item2vec._support.progress import Progress
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, check_order
from item2vec.data.moments import separate_moments
from item2vec.data.packed import (
    BLOCK_ITEMS,
    first_occurrences,
    last_occurrences,
    pack_lengths,
    select_packed,
    slice_packed,
)
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.models.lookup.item_filter import Unknown, check_unknown, unknown_items
from item2vec.types import Moments, Offsets, Rows

Values = npt.NDArray[Any]


@dataclass
class Skipped:
    """Counts of what a bulk call leaves out, kept while it runs.

    Parameters
    ----------
    users : int
        Users none of whose items the model has.
    users_without_items_left : int
        Users of whom nothing could be recommended that filters allow and they have not seen.
    items, interactions : int
        Items that the model lacks, and interactions with them.
    pairs : int
        Pairs with an unknown user or item.
    filter_ids : int
        Ids in filters that the model lacks.
    """

    users: int = 0
    users_without_items_left: int = 0
    items: int = 0
    interactions: int = 0
    pairs: int = 0
    filter_ids: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts by their names."""
        return dict(vars(self))

    def lines(self) -> list[str]:
        """Return what was skipped as sentences; none if nothing was."""
        lines = []
        if self.items:
            of_them = f", in {counted(self.interactions, 'interaction')}" * bool(self.interactions)
            lines.append(f"Skipped {counted(self.items, 'item')} that the model lacks{of_them}.")
        if self.users:
            lines.append(f"Skipped {counted(self.users, 'user')} without a known item.")
        if self.users_without_items_left:
            lines.append(
                f"Skipped {counted(self.users_without_items_left, 'user')} for whom the filters "
                "leave no item."
            )
        if self.filter_ids:
            lines.append(
                f"Skipped {counted(self.filter_ids, 'id')} in filters that the model lacks."
            )
        if self.pairs:
            lines.append(f"Skipped {counted(self.pairs, 'pair')} of unknown users or items.")
        return lines


@dataclass(frozen=True, eq=False)
class UserHistories:
    """Packed histories, translated into the rows of a model run by run, so that no copy is held.

    Parameters
    ----------
    user_ids : array of shape (m,), or tuple of str
        Whatever names users; their places where nothing does.
    items : array of shape (n,), int32
        Places in `rows`.
    offsets : array of shape (m + 1,), int64
    rows : array of shape (n_items + 1,), int32
        The row in the model of each item, -1 for one that it lacks; the last one is -1.
    vocabulary : Vocabulary
        That of the model.
    n_unknown, n_unknown_interactions : int
        Items that the model lacks, and their interactions.
    moments : array of shape (n,), int32, optional
        Those of the items, where what comes next is asked for; see `Histories`.
    """

    user_ids: Values | tuple[str, ...]
    items: Rows
    offsets: Offsets
    rows: Rows
    vocabulary: Vocabulary
    n_unknown: int = 0
    n_unknown_interactions: int = 0
    moments: Moments | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def runs(
        self, size: int, skipped: Skipped, progress: Progress | None = None
    ) -> Iterator[tuple[Values, Histories]]:
        """Give some users at a time, and their histories: known items, each once.

        Users without a known item are left out and counted.
        """
        skipped.items += self.n_unknown
        skipped.interactions += self.n_unknown_interactions
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            items, offsets = slice_packed(self.items, self.offsets, start, stop)
            rows = self.rows[items]
            moments = self.moments
            # Training counts an item once in a history; so does a question. Where the next item is
            # asked for, it has the age that it had last.
            places = first_occurrences if moments is None else last_occurrences
            keep = (rows >= 0) & places(rows, offsets)
            rows, offsets = select_packed(rows, offsets, keep)
            if moments is not None:
                moments = moments[self.offsets[start] : self.offsets[stop]][keep]
            full = np.diff(offsets) > 0
            skipped.users += int(np.count_nonzero(~full))
            kept = pack_lengths(np.diff(offsets)[full])
            histories = Histories(rows, kept, self.vocabulary, moments=moments)
            yield self._ids(start, stop)[full], histories
            if progress is not None:
                progress(stop, len(self))

    def _ids(self, start: int, stop: int) -> Values:
        """Return the ids of some users as an array; a tuple is never copied whole."""
        ids = self.user_ids[start:stop]
        return np.array(ids, dtype=object) if isinstance(ids, tuple) else ids


def user_histories(
    source: object,
    vocabulary: Vocabulary,
    *,
    unknown: Unknown,
    in_order: bool = False,
    **reading: Any,
) -> UserHistories:
    """Return the histories of many users in the rows of a model.

    Parameters
    ----------
    source : path, glob, pandas.DataFrame, Interactions, Histories, mapping, or list of lists
        What `read_interactions` reads; or a list of item ids for each user, by the user or not.
    vocabulary : Vocabulary
        That of the model.
    unknown : {"skip", "error"}
        Whether items that the model lacks are skipped and counted, or an error.
    in_order : bool
        Whether what comes next is asked for: histories then have `moments`. Lists are taken to be
        in order.
    **reading
        Passed to `read_interactions`.

    Raises
    ------
    DataError
        If the model knows none of the items, the source is not what it should be, or what comes
        next is asked for and nobody knows the order.
    UnknownItemError
        If `unknown` is "error" and there is an item that the model lacks.
    ParameterError
        If `unknown` is another word, or `reading` does not go with the source.
    """
    check_unknown(unknown)
    source = _read(source, reading, in_order)
    user_ids, items, offsets, item_ids = _packed(source)
    moments = _moments(source, offsets) if in_order else None
    if len(offsets) < 2:
        raise DataError("there are no histories: give at least one")
    rows = np.append(vocabulary.rows(item_ids), np.int32(-1))
    counts = _counts(items, len(rows))
    missing = np.flatnonzero((rows < 0) & (counts > 0))
    n_missing = int(counts[missing].sum())
    if n_missing == len(items):
        raise DataError(_none_known(item_ids, missing, vocabulary))
    if len(missing) and unknown == "error":
        names = [item_ids[place] for place in missing.tolist() if place < len(item_ids)]
        raise unknown_items(names or ["?"], "the histories hold")
    return UserHistories(
        user_ids, items, offsets, rows, vocabulary, len(missing), n_missing, moments
    )


def _read(source: object, reading: Mapping[str, Any], in_order: bool) -> object:
    """Return the interactions that a source is read as; any other source as it is."""
    if _is_read(source):
        from item2vec.reading.interactions import read_interactions

        times = {"keep_times": True} if in_order else {}
        return read_interactions(source, **(times | dict(reading)))  # type: ignore[arg-type]
    if reading:
        raise ParameterError(
            f"{', '.join(reading)} can't be used with {type(source).__name__}: they say how to "
            "read a file or a DataFrame"
        )
    return source


def _moments(source: object, offsets: Offsets) -> Moments:
    """Return the moments of the items of a source; those of lists are their places."""
    if isinstance(source, Histories) and source.moments is not None:
        return source.moments
    if not isinstance(source, Interactions):
        return separate_moments(offsets)
    check_order(source, setting("next", True))
    if source.moments is None:
        raise DataError(
            f"{setting('next', True)} needs the times of the interactions, and these were read "
            "without them: read them with read_interactions(..., keep_times=True)"
        )
    return source.moments


def _packed(source: object) -> tuple[Values | tuple[str, ...], Rows, Offsets, Sequence[str]]:
    """Return the ids of users, their packed items as places, and the ids of the items."""
    if isinstance(source, Interactions):
        return source.user_ids, source.items, source.offsets, source.item_ids
    if isinstance(source, Histories):
        return np.arange(len(source)), source.items, source.offsets, source.vocabulary.ids
    if isinstance(source, Mapping):
        user_ids = np.empty(len(source), dtype=object)
        user_ids[:] = list(source)
        return user_ids, *_pack(list(source.values()))
    if isinstance(source, Sequence):
        return np.arange(len(source)), *_pack(source)
    raise ParameterError(
        "histories are a path, a pandas.DataFrame, Interactions, Histories, a mapping of users to "
        f"lists of items, or a list of lists of items, not {type(source).__name__}"
    )


def _is_read(source: object) -> bool:
    """Whether `read_interactions` reads it: a path, several of these, a DataFrame."""
    from item2vec.reading.dataframes import is_frame
    from item2vec.reading.paths import is_source

    return is_frame(source) or is_source(source)


def _pack(lists: Sequence[object]) -> tuple[Rows, Offsets, Sequence[str]]:
    """Pack lists of item ids: items as places, offsets, ids."""
    places: dict[str, int] = {}
    items: list[int] = []
    lengths = []
    for history in lists:
        if isinstance(history, str) or not isinstance(history, Sequence | np.ndarray):
            raise ParameterError(
                f"the history of a user is a list of item ids, not {shown(history)}"
            )
        for item in history:
            if not isinstance(item, str):
                raise ParameterError(
                    f"item ids are strings: write {str(item)!r}, not {shown(item)}"
                )
            items.append(places.setdefault(item, len(places)))
        lengths.append(len(history))
    return np.array(items, dtype=np.int32), pack_lengths(lengths), tuple(places)


def _counts(items: Rows, n: int) -> npt.NDArray[np.int64]:
    """Count the items by their places, int64 (n,), by blocks; -1 counts as the last place."""
    counts = np.zeros(n, dtype=np.int64)
    for start in range(0, len(items), BLOCK_ITEMS):
        block = items[start : start + BLOCK_ITEMS]
        counts += np.bincount(np.where(block < 0, np.int32(n - 1), block), minlength=n)
    return counts


def _none_known(item_ids: Sequence[str], missing: Values, vocabulary: Vocabulary) -> str:
    if len(missing) == 0 or missing[0] == len(item_ids):
        return "the histories hold no item that the model knows: name items by their ids"
    theirs, ours = item_ids[missing[0]], vocabulary.ids[0]
    return (
        f"the model knows none of the {counted(len(missing), 'item')} of the histories: their ids "
        f"are like {shown(theirs)}, those of the model like {shown(ours)}; name the column of "
        "items, or give the model that goes with them"
    )
