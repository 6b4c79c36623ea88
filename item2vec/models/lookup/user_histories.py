"""Histories of many users, read from any source and converted to rows of a model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted, setting, shown
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
from item2vec.models.lookup.skipped import Skipped
from item2vec.types import Moments, Offsets, Progress, Rows

Values = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class UserHistories:
    """Packed histories over the items of their source.

    They are converted to rows of a model in blocks of users, without a copy of all histories.

    Parameters
    ----------
    user_ids : array of shape (m,), or tuple of str
        Ids of the users; their positions if the source has no ids.
    items : array of shape (n,), int32
        Items as positions in `rows`.
    offsets : array of shape (m + 1,), int64
    rows : array of shape (n_items + 1,), int32
        The model's row for each item of the source, -1 if the model lacks it; the last is -1.
    vocabulary : Vocabulary
        The vocabulary of the model.
    n_unknown, n_unknown_interactions : int
        Number of items that the model lacks, and of interactions with them.
    moments : array of shape (n,), int32, optional
        Moments of the items, if the next item is to be predicted; see `Histories`.
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
        """Yield the ids of `size` users at a time, and their histories of known items, each once.

        Users without a known item are left out and counted.
        """
        skipped.items += self.n_unknown
        skipped.interactions += self.n_unknown_interactions
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            items, offsets = slice_packed(self.items, self.offsets, start, stop)
            rows = self.rows[items]
            moments = self.moments
            # A repeated item counts once, as in training. If the next item is to be predicted, its
            # last position counts.
            occurrences = first_occurrences if moments is None else last_occurrences
            keep = (rows >= 0) & occurrences(rows, offsets)
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
        """Return the ids of some users as an array, without a copy of all."""
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
    """Return the histories of many users in a source.

    Parameters
    ----------
    source : path, glob, pandas.DataFrame, Interactions, Histories, mapping, or list of lists
        A source or a result of `read_interactions`, or a list of item ids for each user.
    vocabulary : Vocabulary
    unknown : {"skip", "error"}
        Whether items that the model lacks are skipped and counted, or an error.
    in_order : bool
        Whether the next item is to be predicted: histories then have `moments`. Lists are assumed
        to be in time order.
    **reading
        Options of `read_interactions`, for a path or a DataFrame.

    Raises
    ------
    DataError
        If the model has none of the items, or `in_order` is true and the order is unknown.
    UnknownItemError
        If `unknown` is "error" and the model lacks an item.
    ParameterError
        If `source` or `unknown` is none of these, or `reading` can't be used with the source.
    """
    check_unknown(unknown)
    source = _read(source, reading, in_order)
    user_ids, items, offsets, item_ids = _packed(source)
    moments = _moments(source, offsets) if in_order else None
    if len(offsets) < 2:  # no user
        raise DataError("there are no histories: give at least one")
    rows = np.append(vocabulary.rows(item_ids), np.int32(-1))
    n_unknown, n_interactions = _unknown_counts(items, rows, item_ids, vocabulary, unknown)
    return UserHistories(
        user_ids,
        items,
        offsets,
        rows,
        vocabulary,
        n_unknown=n_unknown,
        n_unknown_interactions=n_interactions,
        moments=moments,
    )


def _unknown_counts(
    items: Rows, rows: Rows, item_ids: Sequence[str], vocabulary: Vocabulary, unknown: Unknown
) -> tuple[int, int]:
    """Return the number of items that the model lacks, and of interactions with them.

    Raise an error if the model has none of the items, or if unknown items are an error.
    """
    counts = _counts(items, len(rows))
    missing = np.flatnonzero((rows < 0) & (counts > 0))
    n_interactions = int(counts[missing].sum())
    if n_interactions == len(items):
        raise DataError(_none_known(item_ids, missing, vocabulary))
    if len(missing) and unknown == "error":
        names = [item_ids[place] for place in missing.tolist() if place < len(item_ids)]
        raise unknown_items(names or ["?"], "the histories contain")
    return len(missing), n_interactions


def _read(source: object, reading: Mapping[str, Any], in_order: bool) -> object:
    """Return the interactions in a file or DataFrame; any other source as it is."""
    if _is_readable(source):
        from item2vec.reading.interactions import read_interactions

        times = {"keep_times": True} if in_order else {}
        return read_interactions(source, **(times | dict(reading)))  # type: ignore[arg-type]
    if reading:
        raise ParameterError(
            f"{', '.join(reading)} can be used only with a file or a DataFrame, not with "
            f"{type(source).__name__}: leave it out"
        )
    return source


def _moments(source: object, offsets: Offsets) -> Moments:
    """Return the moments of the items of a source; for lists, the positions of the items."""
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
    """Return user ids, packed items (positions and offsets), and item ids."""
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
        "histories must be a path, a pandas.DataFrame, Interactions, Histories, a mapping of users "
        f"to lists of items, or a list of lists of items, not {type(source).__name__}"
    )


def _is_readable(source: object) -> bool:
    """Return whether `read_interactions` accepts a source: paths or a DataFrame."""
    from item2vec.reading.dataframes import is_frame
    from item2vec.reading.files.paths import is_source

    return is_frame(source) or is_source(source)


def _pack(lists: Sequence[object]) -> tuple[Rows, Offsets, Sequence[str]]:
    """Pack lists of item ids: return items as positions in the ids, offsets, and the ids."""
    places: dict[str, int] = {}
    items: list[int] = []
    lengths = []
    for history in lists:
        if isinstance(history, str) or not isinstance(history, Sequence | np.ndarray):
            raise ParameterError(
                f"the history of a user must be a list of item ids, not {shown(history)}"
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
    """Count items by their positions, (n,) int64, block by block; -1 counts as the last one."""
    counts = np.zeros(n, dtype=np.int64)
    for start in range(0, len(items), BLOCK_ITEMS):
        block = items[start : start + BLOCK_ITEMS]
        counts += np.bincount(np.where(block < 0, np.int32(n - 1), block), minlength=n)
    return counts


def _none_known(item_ids: Sequence[str], missing: Values, vocabulary: Vocabulary) -> str:
    """Return the message for histories without an item that the model has."""
    if len(missing) == 0 or missing[0] == len(item_ids):
        return "the histories contain no item that the model has: name items by their ids"
    theirs, ours = item_ids[missing[0]], vocabulary.ids[0]
    return (
        f"the model has none of the {counted(len(missing), 'item')} of the histories: their ids "
        f"look like {shown(theirs)}, those of the model like {shown(ours)}; name the column of "
        "items, or use the model that belongs to them"
    )
