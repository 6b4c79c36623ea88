"""Histories cut at random into what is shown and what is asked for, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths
from item2vec.types import Lengths, Offsets, Rows

BLOCK_ITEMS = 1 << 18  # shuffled at a time: their keys stay in the cache


@dataclass(frozen=True, eq=False)
class Batch:
    """Packed inputs and labels of the same histories, of which each owns a run of both.

    Parameters
    ----------
    inputs, labels : array, int32
        Rows of the vocabulary, one history after another.
    input_offsets, label_offsets : array of shape (m + 1,), int64
    """

    inputs: Rows
    input_offsets: Offsets
    labels: Rows
    label_offsets: Offsets

    def __len__(self) -> int:
        return len(self.input_offsets) - 1


@dataclass(frozen=True, eq=False)
class HistoryBatches:
    """Deals histories out in batches, each in a random order: inputs first, then labels.

    Parameters
    ----------
    histories : Histories
        Of known items, each once in a history. Those too short for an input and a label are passed
        over.
    batch_size : int
        Histories in a batch.
    input_size : int, optional
        How many items of each history are inputs. Without it a number between 1 and all but one is
        drawn, evenly or, as likely, evenly by its logarithm: few inputs are learned, and many.
    label_size : int, optional
        How many of the others are labels at most; without it all are.
    seed : int
        An epoch's order is drawn from it and the epoch's number.
    """

    histories: Histories
    batch_size: int
    input_size: int | None = None
    label_size: int | None = None
    seed: int = 0

    @cached_property
    def is_usable(self) -> npt.NDArray[np.bool_]:
        """Which histories are long enough, (m,)."""
        return self.histories.lengths > (self.input_size or 1)

    @property
    def n_usable(self) -> int:
        """How many histories are long enough."""
        return int(np.count_nonzero(self.is_usable))

    def __len__(self) -> int:
        """Return the number of batches in an epoch, but for those that a block's end cuts."""
        return -(-self.n_usable // self.batch_size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Go once over all histories, in an order drawn from the seed and the epoch's number."""
        rng = np.random.default_rng([self.seed, 1 + number])  # 0: what training begins with
        order = rng.permutation(np.flatnonzero(self.is_usable))
        for start, stop in blocks(pack_lengths(self.histories.lengths[order]), BLOCK_ITEMS):
            packed = self.histories.take(order[start:stop])
            items = shuffled_by_sorting(packed, rng)
            for first in range(0, len(packed), self.batch_size):
                offsets = packed.offsets[first : first + self.batch_size + 1]
                yield self._cut(items, offsets, rng)

    def expected_labels(self) -> npt.NDArray[np.float64]:
        """Return how many labels each history has on average, (m,); 0 for those passed over."""
        lengths = self.histories.lengths
        if self.input_size is not None:
            n_inputs = np.full(len(lengths), float(self.input_size))
        else:
            # By its logarithm, a size of at least k is drawn with probability
            # 1 - log k / log length.
            longest = int(lengths.max(initial=2))
            logs = np.log(np.maximum(np.arange(longest + 1), 1))
            by_log = lengths - 1 - np.cumsum(logs)[lengths - 1] / np.maximum(logs[lengths], 1e-9)
            n_inputs = (by_log + lengths / 2) / 2
        n_labels = np.minimum(lengths - n_inputs, self.label_size or lengths)
        return np.where(self.is_usable, n_labels, 0.0)

    def _cut(self, items: Rows, offsets: Offsets, rng: np.random.Generator) -> Batch:
        lengths, begins = np.diff(offsets), offsets[:-1]
        n_inputs = self._input_sizes(lengths, rng)
        n_labels = np.minimum(lengths - n_inputs, self.label_size or lengths)
        place = np.arange(offsets[0], offsets[-1])
        items = items[offsets[0] : offsets[-1]]
        is_input = place < np.repeat(begins + n_inputs, lengths)
        is_label = ~is_input
        if self.label_size:
            is_label &= place < np.repeat(begins + n_inputs + n_labels, lengths)
        inputs, labels = np.compress(is_input, items), np.compress(is_label, items)
        return Batch(inputs, pack_lengths(n_inputs), labels, pack_lengths(n_labels))

    def _input_sizes(self, lengths: Lengths, rng: np.random.Generator) -> Lengths:
        if self.input_size is not None:
            return np.full(len(lengths), self.input_size)
        evenly, chance = rng.random((2, len(lengths)))
        by_log = np.exp(chance * np.log(lengths))  # in [1, length)
        sizes: Lengths = np.where(evenly < 0.5, 1 + chance * (lengths - 1), by_log).astype(np.int64)
        return np.minimum(sizes, lengths - 1)


def shuffled_by_sorting(histories: Histories, rng: np.random.Generator) -> Rows:
    """Shuffle each history; the items of all, int32 (n,).

    Sorts (history, random number, item) as one whole number, which numpy does several times faster
    than it finds an order by numbers with a fraction.
    """
    item_bits = max(1, (len(histories.vocabulary) - 1).bit_length())
    history_bits = max(1, (len(histories) - 1).bit_length())
    history = np.arange(len(histories), dtype=np.uint64) << np.uint64(64 - history_bits)
    keys = rng.integers(0, (1 << 64) - 1, len(histories.items), dtype=np.uint64, endpoint=True)
    keys >>= np.uint64(history_bits + item_bits)  # what is left in the middle is random
    keys <<= np.uint64(item_bits)
    keys |= histories.items.astype(np.uint64)
    keys |= np.repeat(history, histories.lengths)
    keys.sort()
    keys &= np.uint64((1 << item_bits) - 1)
    return keys.astype(np.int32)
