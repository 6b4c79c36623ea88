"""Scores of single items for single histories, where those of all items are not wanted."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths, take_slices
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.types import Rows, Scores

if TYPE_CHECKING:
    from item2vec.models.item_vectors import ItemVectors

BLOCK_PAIRS = 1 << 18  # pairs whose vectors or weights are in memory at a time


def pair_scores(
    vectors: "ItemVectors", histories: Histories, history: npt.NDArray[np.intp], items: Rows
) -> Scores:
    """Return the scores of single items for single histories, float32 (p,).

    Parameters
    ----------
    vectors : ItemVectors
    histories : Histories
    history : array of shape (p,), int
        The place of the history of each pair.
    items : array of shape (p,), int32
        The row of the item of each pair.
    """
    vectors.check_scorable(histories)
    histories = histories.known()
    folded = vectors.fold_in_rows(histories)
    scores: Scores = vectors.bias[items]  # a copy
    for start in range(0, len(items), BLOCK_PAIRS):
        run = slice(start, start + BLOCK_PAIRS)
        inputs, labels = folded[history[run]], vectors.context_vectors[items[run]]
        scores[run] += np.einsum("ij,ij->i", inputs, labels)
    if vectors.memory is not None:
        lengths = np.maximum(histories.lengths[history], 1).astype(np.float32)
        sums = _memory_sums(vectors.memory, histories, history, items)
        scores += sums / lengths ** np.float32(vectors.power)
    return scores


def _memory_sums(
    memory: Memory, histories: Histories, history: npt.NDArray[np.intp], items: Rows
) -> Scores:
    """Return the sum of the weights between the items of each history and an item, float32 (p,)."""
    shares = memory.shares(histories.lengths[history])
    sums = [_sums_of(part, histories, history, items) for part in memory.parts().values()]
    total: Scores = np.einsum("pi,pi->i", shares, sums)
    return total


def _sums_of(
    part: ItemWeights, histories: Histories, history: npt.NDArray[np.intp], items: Rows
) -> Scores:
    matrix = part.to_csr().sorted_indices()
    lengths = histories.lengths[history]
    begins = histories.offsets[:-1][history]
    sums = np.zeros(len(items), dtype=np.float32)
    for start, stop in blocks(pack_lengths(lengths), BLOCK_PAIRS):
        run = slice(start, stop)
        inputs, _ = take_slices(histories.items, begins[run], lengths[run])
        if len(inputs):
            pair = np.repeat(np.arange(stop - start), lengths[run])
            found = np.asarray(matrix[inputs, items[run][pair]]).ravel()
            sums[run] = np.bincount(pair, found, stop - start)
    return sums
