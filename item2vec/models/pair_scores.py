"""Terms of the scores of given pairs of a history and an item."""

import numpy as np
import numpy.typing as npt

from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths, take_slices
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.types import Rows, Scores, Vectors

BLOCK_PAIRS = 1 << 18  # pairs whose vectors or weights are in memory at a time

Places = npt.NDArray[np.intp]


def add_pair_products(
    inputs: Vectors, labels: Vectors, history: Places, items: Rows, *, out: Scores
) -> None:
    """Add the product of the vectors of each pair to `out`.

    Parameters
    ----------
    inputs : array of shape (m, vector_size), float32
        The vectors of histories.
    labels : array of shape (n_items, vector_size), float32
        The context vectors.
    history : array of shape (p,), int
        The history of each pair.
    items : array of shape (p,), int32
        The item of each pair.
    out : array of shape (p,), float32
    """
    for start in range(0, len(items), BLOCK_PAIRS):
        run = slice(start, start + BLOCK_PAIRS)
        out[run] += np.einsum("ij,ij->i", inputs[history[run]], labels[items[run]])


def pair_memory_sums(memory: Memory, histories: Histories, history: Places, items: Rows) -> Scores:
    """Return the sum of the memory's weights between a history and an item, for each pair.

    The item-item memory is a sparse matrix of weights between pairs of items.

    Parameters
    ----------
    memory : Memory
    histories : Histories
        Histories of known items.
    history, items
        As in `add_pair_products`.

    Returns
    -------
    array of shape (p,), float32
    """
    shares = memory.shares(histories.lengths[history])
    sums = [_sums(part, histories, history, items) for part in memory.parts().values()]
    total: Scores = np.einsum("pi,pi->i", shares, sums)
    return total


def _sums(part: ItemWeights, histories: Histories, history: Places, items: Rows) -> Scores:
    """Return the sum of the weights of one part of the memory for each pair, float32 (p,)."""
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
