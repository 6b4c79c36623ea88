"""The logits of a batch, divided by items into tiles that threads work on one at a time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from item2vec.trainers.batches import PackedItems
from item2vec.types import Floats, Rows

# The number of logits in a tile. Large tiles need few calls of numpy, between which threads wait
# for the interpreter: smaller ones took 18 to 24 ms a step instead of 17 (docs/experiments.md,
# "Speed"). There are as many tiles as threads, however, if each then has at least LEAST_TILE.
TILE, LEAST_TILE = 1 << 20, 1 << 17


@dataclass(frozen=True)
class Tiling:
    """A division of `n_items` items into `n_tiles` tiles of `width` items; the last has fewer."""

    n_items: int
    width: int
    n_tiles: int

    @classmethod
    def of(cls, n_histories: int, n_items: int, n_threads: int) -> "Tiling":
        """Divide the logits of a batch."""
        n_logits = n_histories * n_items
        n_tiles = max(-(-n_logits // TILE), min(n_threads, n_logits // LEAST_TILE))
        n_tiles = max(1, min(n_tiles, n_items))
        width = -(-n_items // n_tiles)
        return cls(n_items, width, -(-n_items // width))

    def span(self, tile: int) -> tuple[int, int]:
        """Return the first item of a tile, and the one after its last."""
        return tile * self.width, min((tile + 1) * self.width, self.n_items)


@dataclass(frozen=True, eq=False)
class TileEntries:
    """Some entries (history, item) of the logits, such as all labels, in the order of their tiles.

    Parameters
    ----------
    rows, columns : arrays of shape (n_entries,), int32
        The history and the item of each entry.
    ends : array of shape (n_tiles + 1,), intp
        The entries of tile t are ``ends[t]:ends[t + 1]``.
    """

    rows: Rows
    columns: Rows
    ends: npt.NDArray[np.intp]

    @classmethod
    def of(cls, packed: PackedItems, tiling: Tiling) -> "TileEntries":
        """Sort packed items by tile. Items that are -1 are left out."""
        columns, offsets = packed
        rows = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
        tiles = (columns // tiling.width).astype(np.int16)  # sorted by radix: 16 bits
        order = np.argsort(tiles, kind="stable")
        ends = np.searchsorted(tiles[order], np.arange(tiling.n_tiles + 1))  # -1 lies before 0
        return cls(rows[order], columns[order], ends)

    def in_tile(self, tile: int) -> slice:
        """Return the slice of the entries of a tile."""
        return slice(self.ends[tile], self.ends[tile + 1])

    def flat_positions(self, tile: int, tiling: Tiling) -> Rows:
        """Return the positions of a tile's entries in the flattened logits of the tile, int32."""
        entries, (start, stop) = self.in_tile(tile), tiling.span(tile)
        positions: Rows = self.rows[entries] * np.int32(stop - start)
        positions += self.columns[entries] - np.int32(start)
        return positions


class Scratch:
    """Arrays that are reused in every step, because new memory has to be cleared first."""

    def __init__(self) -> None:
        self._flat: dict[tuple[str, int], Floats] = {}

    def array(self, name: str, tile: int, shape: tuple[int, int], like: Floats) -> Floats:
        """Return an array with arbitrary content; its memory is reused if it is large enough."""
        size = shape[0] * shape[1]
        flat = self._flat.get((name, tile))
        if flat is None or flat.size < size:
            flat = self._flat[name, tile] = np.empty(size, dtype=like.dtype)
        return flat[:size].reshape(shape)
