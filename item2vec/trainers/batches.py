"""Batches of histories, each split at random into inputs and labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths
from item2vec.types import Doubles, Lengths, Mask, Offsets, Rows

BLOCK_ITEMS = 1 << 18  # items shuffled at a time: their sort keys stay in the cache


class PackedItems(NamedTuple):
    """Items of several histories: those of history i are ``items[offsets[i]:offsets[i + 1]]``."""

    items: Rows  # (n,) int32
    offsets: Offsets  # (m + 1,) int64


@dataclass(frozen=True, eq=False)
class Batch:
    """Packed inputs and labels of the same m histories.

    Parameters
    ----------
    inputs, labels : arrays of shapes (n_inputs,) and (n_labels,), int32
        Rows of the vocabulary, one history after another.
    input_offsets, label_offsets : arrays of shape (m + 1,), int64
        Where the histories begin and end in `inputs` and in `labels`.
    """

    inputs: Rows
    input_offsets: Offsets
    labels: Rows
    label_offsets: Offsets

    def __len__(self) -> int:
        return len(self.input_offsets) - 1


@dataclass(frozen=True, eq=False)
class HistoryBatches:
    """Divides histories into random batches, and each history into inputs and labels.

    Parameters
    ----------
    histories : Histories
        Histories of known items, each at most once in a history. Those that are too short for an
        input and a label are skipped.
    batch_size : int
        The number of histories in a batch.
    input_size : int, optional
        The number of inputs of each history. By default it is random, from 1 to all items but one:
        for half of the histories it is uniform, for the others its logarithm is. Predicting from
        few inputs and from many are then both learned.
    label_size : int, optional
        The largest number of labels of a history. By default all other items are labels.
    seed : int
        The order of an epoch is drawn from the seed and the number of the epoch.
    """

    histories: Histories
    batch_size: int
    input_size: int | None = None
    label_size: int | None = None
    seed: int = 0

    @cached_property
    def is_usable(self) -> Mask:
        """Whether each history is long enough, (n_histories,)."""
        return self.histories.lengths > (self.input_size or 1)

    @property
    def n_usable(self) -> int:
        """The number of histories that are long enough."""
        return int(np.count_nonzero(self.is_usable))

    def __len__(self) -> int:
        """Return the number of full batches in an epoch; a few smaller batches may be added."""
        return -(-self.n_usable // self.batch_size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield all histories once, in an order that is drawn from the seed and the epoch."""
        rng = np.random.default_rng(
            [self.seed, 1 + number]
        )  # epoch 0 stands for the initialization
        order = rng.permutation(np.flatnonzero(self.is_usable))
        for start, stop in blocks(pack_lengths(self.histories.lengths[order]), BLOCK_ITEMS):
            packed = self.histories.take(order[start:stop])
            items = shuffled_by_sorting(packed, rng)
            for first in range(0, len(packed), self.batch_size):  # the last of a block is smaller
                offsets = packed.offsets[first : first + self.batch_size + 1]
                yield self._split(items, offsets, rng)

    def expected_labels(self) -> Doubles:
        """Return the expected number of labels of each history, (n_histories,); 0 if skipped."""
        lengths = self.histories.lengths
        if self.input_size is not None:
            n_inputs = np.full(len(lengths), float(self.input_size))
        else:
            # For a uniform logarithm, P(size >= k) = 1 - log k / log length, and the expected size
            # is the sum of this over k = 1 ... length - 1. A uniform size is length / 2 on average.
            longest = int(lengths.max(initial=2))
            logs = np.log(np.maximum(np.arange(longest + 1), 1))  # (longest + 1,)
            by_log = lengths - 1 - np.cumsum(logs)[lengths - 1] / np.maximum(logs[lengths], 1e-9)
            n_inputs = (by_log + lengths / 2) / 2
        n_labels = np.minimum(lengths - n_inputs, self.label_size or lengths)
        return np.where(self.is_usable, n_labels, 0.0)

    def _split(self, items: Rows, offsets: Offsets, rng: np.random.Generator) -> Batch:
        """Take the first items of each shuffled history as inputs, and the next as labels.

        Parameters
        ----------
        items : array of shape (n,), int32
            The shuffled items of a block.
        offsets : array of shape (m + 1,), int64
            The offsets of the histories of the batch in the block.
        """
        lengths, begins = np.diff(offsets), offsets[:-1]  # (m,)
        n_inputs = self._input_sizes(lengths, rng)
        n_labels = np.minimum(lengths - n_inputs, self.label_size or lengths)
        positions = np.arange(offsets[0], offsets[-1])  # (n_batch,), as all arrays below
        items = items[offsets[0] : offsets[-1]]
        is_input = positions < np.repeat(begins + n_inputs, lengths)
        is_label = ~is_input
        if self.label_size:
            is_label &= positions < np.repeat(begins + n_inputs + n_labels, lengths)
        inputs, labels = np.compress(is_input, items), np.compress(is_label, items)
        return Batch(inputs, pack_lengths(n_inputs), labels, pack_lengths(n_labels))

    def _input_sizes(self, lengths: Lengths, rng: np.random.Generator) -> Lengths:
        """Return the number of inputs of each history, int64 (m,)."""
        if self.input_size is not None:
            return np.full(len(lengths), self.input_size)
        # With a uniform logarithm for all histories fold-in loses 2 to 6 %, with uniform sizes for
        # all goodbooks loses 7 % at 3 → 7; see docs/experiments.md, "Version 0.1.0: what was tried
        # for softmax on validation users".
        which, quantile = rng.random((2, len(lengths)))
        uniform = 1 + quantile * (lengths - 1)  # in [1, length)
        by_log = np.exp(quantile * np.log(lengths))  # in [1, length)
        sizes: Lengths = np.where(which < 0.5, uniform, by_log).astype(np.int64)
        return np.minimum(sizes, lengths - 1)


def shuffled_by_sorting(histories: Histories, rng: np.random.Generator) -> Rows:
    """Return the items of all histories, each history shuffled, int32 (n,).

    Each item gets a sort key of 64 bits, (history, random number, item), because NumPy sorts whole
    numbers several times faster than it finds an order by random floats.
    """
    item_bits = max(1, (len(histories.vocabulary) - 1).bit_length())
    history_bits = max(1, (len(histories) - 1).bit_length())
    history = np.arange(len(histories), dtype=np.uint64) << np.uint64(64 - history_bits)
    keys = rng.integers(0, (1 << 64) - 1, len(histories.items), dtype=np.uint64, endpoint=True)
    keys >>= np.uint64(history_bits + item_bits)  # the random bits that fit in the middle
    keys <<= np.uint64(item_bits)
    keys |= histories.items.astype(np.uint64)
    keys |= np.repeat(history, histories.lengths)
    keys.sort()
    keys &= np.uint64((1 << item_bits) - 1)
    return keys.astype(np.int32)
