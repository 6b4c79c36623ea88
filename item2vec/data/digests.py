"""Digests of histories: two histories have equal digests if they consist of the same set of items.

A digest is computed from a history as it was read, before rare items are dropped. It does not
depend on the order of the items or on repeats. It depends only on the ids of the items, so digests
from different files and different vocabularies can be compared.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from item2vec.errors import DataError
from item2vec.types import Hashes, Offsets, Rows

HASH_BYTES = 8
BLOCK_HISTORIES = 1 << 13  # histories summed at a time, which bounds the memory


@dataclass(frozen=True, eq=False, repr=False)
class Digests:
    """The digest of each history and its number of distinct items.

    Parameters
    ----------
    values : array of shape (m,), uint64
        The digest of each history: the sum, modulo 2^64, of the hashes of its distinct items, mixed
        with their number. Two different histories have the same digest with a probability of about
        2^-64.
    n_items : array of shape (m,), int32
        The number of distinct items that each history had when it was read.

    Raises
    ------
    DataError
        If the arrays do not match each other.

    Examples
    --------
    >>> digests = Digests.of_lists([["a", "b"], ["b", "a", "b"], ["a"]])
    >>> bool(digests.values[0] == digests.values[1]), digests.n_items.tolist()
    (True, [2, 2, 1])
    """

    values: Hashes
    n_items: npt.NDArray[np.int32]  # (m,)

    def __post_init__(self) -> None:
        if self.values.dtype != np.uint64 or self.values.ndim != 1:
            raise DataError(
                f"digests must be a flat uint64 array, not {self.values.dtype} {self.values.shape}"
            )
        if self.n_items.dtype != np.int32 or self.n_items.shape != self.values.shape:
            raise DataError(
                f"n_items must be int32 ({len(self.values)},), one for each digest, not "
                f"{self.n_items.dtype} {self.n_items.shape}"
            )

    @classmethod
    def of_packed(cls, hashes: Hashes, items: Rows, offsets: Offsets) -> "Digests":
        """Compute the digests of packed histories without repeated items.

        Parameters
        ----------
        hashes : array of shape (n_items,), uint64
            The hash of each item, as returned by `item_hashes`.
        items : array of shape (n,), int32
            Positions in `hashes`.
        offsets : array of shape (m + 1,), int64
            History i is ``items[offsets[i]:offsets[i + 1]]``.
        """
        n_items = np.diff(offsets)
        sums = np.zeros(len(n_items), dtype=np.uint64)
        for start in range(0, len(n_items), BLOCK_HISTORIES):
            ends = offsets[start : start + BLOCK_HISTORIES + 1]
            running = np.zeros(ends[-1] - ends[0] + 1, dtype=np.uint64)
            # Running sums wrap around at 2^64, and so do their differences.
            np.cumsum(hashes[items[ends[0] : ends[-1]]], out=running[1:])
            sums[start : start + BLOCK_HISTORIES] = np.diff(running[ends - ends[0]])
        return cls(_mixed(sums, n_items.astype(np.uint64)), n_items.astype(np.int32))

    @classmethod
    def of_lists(cls, lists: Iterable[Sequence[str]]) -> "Digests":
        """Compute the digests of lists of item ids."""
        distinct = [list(dict.fromkeys(items)) for items in lists]
        ids = list(dict.fromkeys(item for items in distinct for item in items))
        position = {item: n for n, item in enumerate(ids)}
        items = np.fromiter((position[i] for items in distinct for i in items), dtype=np.int32)
        offsets = np.cumsum([0, *map(len, distinct)], dtype=np.int64)
        return cls.of_packed(item_hashes(ids), items, offsets)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"Digests of {len(self)} histories"

    def take(self, histories: npt.ArrayLike | slice) -> "Digests":
        """Return the digests at these positions, in the order of the positions."""
        where = histories if isinstance(histories, slice) else np.asarray(histories, dtype=np.int64)
        return Digests(self.values[where], self.n_items[where])


def item_hashes(ids: Sequence[str]) -> Hashes:
    """Return a 64-bit hash of each item id, uint64 (n_items,).

    The hash is BLAKE2b of the id in UTF-8, so it is the same in every process and on every machine.
    """
    parts = [
        hashlib.blake2b(item.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()
        for item in ids
    ]
    return np.frombuffer(b"".join(parts), dtype="<u8").astype(np.uint64)


def _mixed(sums: Hashes, n_items: Hashes) -> Hashes:
    """Mix sums with numbers of items by the finalizer of SplitMix64 (Steele et al., 2014).

    Every bit of the result depends on every bit of the input, so some bits of a digest can decide
    whether it is sampled while others are stored.
    """
    mixed: Hashes = sums + n_items * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
