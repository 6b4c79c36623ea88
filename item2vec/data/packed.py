"""Packed histories: the rows of all items in one array, and the offset of each history in it.

m histories with n items in total are stored in ``items``, int32 (n,), and ``offsets``, int64
(m + 1,); history i is ``items[offsets[i]:offsets[i + 1]]``.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from item2vec.errors import DataError
from item2vec.types import Lengths, Mask, Offsets, Rows

BLOCK_ITEMS = 1 << 22  # items that are sorted at a time


def check_packed(items: Rows, offsets: Offsets, n_items: int) -> None:
    """Raise DataError unless `items` and `offsets` are packed histories of rows below `n_items`."""
    if items.dtype != np.int32 or items.ndim != 1:
        raise DataError(f"items must be a flat int32 array, not {items.dtype} {items.shape}")
    if offsets.dtype != np.int64 or offsets.ndim != 1:
        raise DataError(f"offsets must be a flat int64 array, not {offsets.dtype} {offsets.shape}")
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(items):
        raise DataError(f"offsets must run from 0 to {len(items)}, the number of items")
    if (offsets[1:] < offsets[:-1]).any():  # a difference of huge numbers would overflow
        raise DataError("offsets must be non-decreasing")
    if len(items) and not -1 <= items.min() <= items.max() < n_items:
        raise DataError(
            f"items must be rows of a vocabulary of {n_items} items: -1 ≤ row < {n_items}"
        )


def pack_lengths(lengths: npt.ArrayLike) -> Offsets:
    """Return the offsets of packed histories with these lengths, int64 (m + 1,)."""
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(np.int64)


def slice_packed(items: Rows, offsets: Offsets, start: int, stop: int) -> tuple[Rows, Offsets]:
    """Return the packed histories from `start` up to `stop`; the items are a view."""
    offsets = offsets[start : stop + 1]
    return items[offsets[0] : offsets[-1]], offsets - offsets[0]


def take_packed(items: Rows, offsets: Offsets, histories: npt.ArrayLike) -> tuple[Rows, Offsets]:
    """Return the packed histories at these positions, in the order of the positions."""
    positions = checked_positions(histories)
    return take_slices(items, offsets[:-1][positions], np.diff(offsets)[positions])


def checked_positions(histories: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return positions of histories as an array; raise DataError unless they are integers."""
    positions = np.asarray(histories)
    if positions.size == 0:
        positions = positions.astype(np.int64)  # an empty list becomes an array of floats
    if positions.ndim != 1 or positions.dtype.kind not in "iu":
        raise DataError(
            "histories are selected by a flat array of integer positions, not by "
            f"{positions.dtype} {positions.shape}: turn a mask into positions with np.flatnonzero"
        )
    return positions


def select_packed(items: Rows, offsets: Offsets, keep: Mask) -> tuple[Rows, Offsets]:
    """Return the packed histories with only the items for which `keep`, bool (n,), is true."""
    kept_before = np.zeros(len(keep) + 1, dtype=np.int64)
    np.cumsum(keep, out=kept_before[1:])
    return items[keep], kept_before[offsets]


def take_slices(items: Rows, begins: Offsets, lengths: Lengths) -> tuple[Rows, Offsets]:
    """Return the packed slices of `items` with these begins and lengths: items and offsets."""
    return items[slice_positions(begins, lengths)], pack_lengths(lengths)


def slice_positions(begins: Offsets, lengths: Lengths) -> npt.NDArray[np.int64]:
    """Return the positions of all elements of slices, one slice after another, int64 (sum,)."""
    offsets = pack_lengths(lengths)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    positions: npt.NDArray[np.int64] = np.repeat(begins, lengths) + within
    return positions


def shuffled_within(items: Rows, offsets: Offsets, rng: np.random.Generator) -> Rows:
    """Return the items with each of the packed histories shuffled."""
    history = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return items[np.argsort(history + rng.random(len(items)))]


def blocks(offsets: Offsets, n_items: int) -> Iterator[tuple[int, int]]:
    """Divide packed histories into blocks (start, stop) of at most `n_items` items.

    A history with more items than that is a block of its own.
    """
    start = 0
    while start < len(offsets) - 1:
        end = int(np.searchsorted(offsets, offsets[start] + n_items, side="right")) - 1
        yield start, max(start + 1, end)
        start = max(start + 1, end)


def first_occurrences(items: Rows, offsets: Offsets) -> Mask:
    """Return whether each item occurs for the first time in its history, bool (n,).

    An unknown item (-1) always counts as a first occurrence, since two of them may be different
    items. The histories are processed in blocks, which bounds the memory.
    """
    first = np.empty(len(items), dtype=bool)
    for start, stop in blocks(offsets, BLOCK_ITEMS):
        block = slice(offsets[start], offsets[stop])
        first[block] = _first_occurrences(items[block], offsets[start : stop + 1] - offsets[start])
    return first


def last_occurrences(items: Rows, offsets: Offsets) -> Mask:
    """Return whether each item occurs for the last time in its history, bool (n,)."""
    backwards: Mask = first_occurrences(items[::-1], len(items) - offsets[::-1])
    return backwards[::-1]


def _first_occurrences(items: Rows, offsets: Offsets) -> Mask:
    """Return the first occurrences in one block, by sorting pairs of history and item."""
    user = np.repeat(np.arange(len(offsets) - 1, dtype=np.int64), np.diff(offsets))
    pair = user * (int(items.max(initial=0)) + 1) + items
    order = np.argsort(pair, kind="stable")
    first = np.empty(len(items), dtype=bool)
    first[order] = np.concatenate([[True], np.diff(pair[order]) != 0])[: len(items)]
    return first | (items < 0)
