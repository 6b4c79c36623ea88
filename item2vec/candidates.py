"""Recommending some items of a model only, and scoring single items for single histories."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.errors import ParameterError
from item2vec.histories import Histories, blocks, pack_lengths, take_slices
from item2vec.ranking import Rows, Scores
from item2vec.wording import counted, setting

if TYPE_CHECKING:
    import scipy.sparse

    from item2vec.vectors import ItemVectors

BLOCK_PAIRS = 1 << 18  # pairs whose vectors or weights are in memory at a time


@dataclass(frozen=True, eq=False)
class Candidates:
    """The items of a model that may be recommended.

    The others are left out before the best ones are chosen; they still count in histories.

    Parameters
    ----------
    vectors : ItemVectors
    rows : array of int32, optional
        Rows of the items, in rising order; all items by default.
    keep_seen : bool
        Whether the items of a history may be recommended to it.
    """

    vectors: "ItemVectors"
    rows: Rows | None = None
    keep_seen: bool = False

    def recommend_rows(self, histories: Histories, k: int) -> Rows:
        """Return the `k` best candidates for each history, int32 (m, k), best first.

        -1 fills up where fewer are left; see `ScoringRecommender.recommend_rows`.
        """
        return self.vectors.recommend_rows(
            histories, k, keep_seen=self.keep_seen, allowed=self.rows
        )

    def pair_scores(
        self, histories: Histories, history: npt.NDArray[np.intp], items: Rows
    ) -> Scores:
        """Return the scores of single items for single histories, float32 (p,).

        Parameters
        ----------
        histories : Histories
        history : array of shape (p,), int
            The place of the history of each pair.
        items : array of shape (p,), int32
            The row of the item of each pair, candidate or not.
        """
        histories = histories.known()
        folded = self.vectors.fold_in_rows(histories)
        scores = self.vectors.bias[items]  # a copy
        for start in range(0, len(items), BLOCK_PAIRS):
            run = slice(start, start + BLOCK_PAIRS)
            inputs, labels = folded[history[run]], self.vectors.context_vectors[items[run]]
            scores[run] += np.einsum("ij,ij->i", inputs, labels)
        if self.vectors.memory is not None:
            scores += self._memory_scores(histories, history, items)
        return scores

    def _memory_scores(
        self, histories: Histories, history: npt.NDArray[np.intp], items: Rows
    ) -> Scores:
        """Return what the memory adds to the scores of pairs, float32 (p,)."""
        lengths = histories.lengths[history]
        begins = histories.offsets[:-1][history]
        sums = np.zeros(len(items), dtype=np.float32)
        for start, stop in blocks(pack_lengths(lengths), BLOCK_PAIRS):
            run = slice(start, stop)
            inputs, _ = take_slices(histories.items, begins[run], lengths[run])
            if len(inputs):
                pair = np.repeat(np.arange(stop - start), lengths[run])
                found = np.asarray(self._weights[inputs, items[run][pair]]).ravel()
                sums[run] = np.bincount(pair, found, stop - start)
        powers = np.maximum(lengths, 1).astype(np.float32) ** np.float32(self.vectors.power)
        result: Scores = sums / powers
        return result

    @cached_property
    def _weights(self) -> "scipy.sparse.csr_array[np.float32]":
        """The memory, its rows sorted, for look-ups by bisection."""
        import scipy.sparse

        memory = self.vectors.memory
        if memory is None:
            raise ValueError("the model has no memory")
        shape = (len(memory), len(memory))
        arrays = (memory.weights, memory.items, memory.offsets)
        return scipy.sparse.csr_array(arrays, shape=shape).sorted_indices()


def recommend_one(
    vectors: "ItemVectors", history: Histories, k: int, rows: Rows | None, keep_seen: bool
) -> tuple[Rows, Scores]:
    """Return the rows and scores of the best items for one history, best first.

    Parameters
    ----------
    vectors : ItemVectors
    history : Histories
        One history of known items.
    k : int
    rows : array of int32, optional
        The only items to recommend; see `Candidates`.
    keep_seen : bool

    Raises
    ------
    ParameterError
        If the history holds all items that may be recommended because of `rows`.
    """
    candidates = Candidates(vectors, rows, keep_seen)
    found = candidates.recommend_rows(history, min(k, len(vectors)))[0]
    found = found[found >= 0]
    if len(found) == 0 and rows is not None:
        raise ParameterError(
            f"the filters leave {counted(len(rows), 'item')}, and the history holds all of them: "
            f"{setting('keep_seen', True)} recommends them nevertheless"
        )
    return found, vectors.score_rows(history)[0][found]
