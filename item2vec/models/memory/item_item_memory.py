"""The item-item memory: sparse weights between pairs of items that are added to a model's scores.

As in "Wide & Deep Learning" (Cheng et al., 2016), vectors generalize, while the memory stores
individual pairs of items. Loading a model with a memory requires only NumPy; scoring many histories
requires SciPy.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from item2vec._support.messages import shown
from item2vec._support.sparse_top_k import top_k_of_sparse
from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths
from item2vec.errors import DataError
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.models.memory.sums import BLOCK_WEIGHTS, MemorySums, inverse_lengths
from item2vec.models.metadata import is_number
from item2vec.types import Lengths, Rows, Scores, Weights

if TYPE_CHECKING:
    from item2vec.models.memory.item_weights import Sparse


LEAST_CROSSOVER, MOST_CROSSOVER = 0.1, 1_000_000  # items
FEW_HISTORIES = 64  # for fewer histories, importing SciPy takes longer than it saves


@dataclass(frozen=True, eq=False, repr=False)
class Memory:
    """The item-item weights for short histories and, optionally, others for long histories.

    Short and long histories need different weights: histories of 3 items are best scored by weights
    similar to those of item k-NN, histories of 50 items by those of a joint regression such as
    EASE, in which correlated items share their effect. A history of n items is scored with
    ``(1 - t) * short + t * long``, where ``t = min(1, n² / (2 * crossover²))``.

    Parameters
    ----------
    short : ItemWeights
        Weights for short histories; for all histories if `long` is None.
    long : ItemWeights, optional
        Weights for long histories, between the same items.
    crossover : float
        Length of the histories for which both sets of weights contribute equally; only with `long`.

    Raises
    ------
    DataError
        If the weights do not fit each other.

    Examples
    --------
    >>> Memory.of_largest([np.array([[0, 3, 1], [2, 0, 0], [0, -4, 0]], np.float32)], 1)
    Memory of 3 weights between 3 items
    """

    short: ItemWeights
    long: ItemWeights | None = None
    crossover: float = 0.0

    def __post_init__(self) -> None:
        if not is_number(self.crossover) or not 0 <= self.crossover <= MOST_CROSSOVER:
            raise DataError(
                f"crossover must be a number of items in 0 ... {MOST_CROSSOVER:,}, "
                f"not {shown(self.crossover)}"
            )
        object.__setattr__(self, "crossover", float(self.crossover))
        for part in self.parts().values():
            if not isinstance(part, ItemWeights):
                raise DataError(f"a memory consists of ItemWeights, not {shown(part)}")
        if self.long is None:
            return
        if self.crossover < LEAST_CROSSOVER:
            raise DataError(
                "a memory with weights for long histories needs a crossover of at least "
                f"{LEAST_CROSSOVER} items, not {shown(self.crossover)}"
            )
        if len(self.long) != len(self.short):
            raise DataError(
                f"the weights for long histories are between {len(self.long)} items, those for "
                f"short ones between {len(self.short)}"
            )

    @classmethod
    def of_largest(cls, blocks: Iterable[Scores], n: int) -> "Memory":
        """Return a memory with one set of weights; see `ItemWeights.of_largest`."""
        return cls(ItemWeights.of_largest(blocks, n))

    def __len__(self) -> int:
        return len(self.short)

    def __repr__(self) -> str:
        n = sum(len(weights.items) for weights in self.parts().values())
        return f"Memory of {n} weights between {len(self)} items"

    def parts(self) -> dict[str, ItemWeights]:
        """Return the sets of weights, by field name."""
        return {"short": self.short} | ({} if self.long is None else {"long": self.long})

    def arrays(self) -> dict[str, Weights]:
        """Return all weights, by the names that are used in messages."""
        arrays = {"memory weights": self.short.weights}
        if self.long is not None:
            arrays["memory weights for long histories"] = self.long.weights
        return arrays

    def scaled(self, factor: float) -> "Memory":
        """Return the memory with all weights multiplied by a factor."""
        return self._changed(lambda weights: weights.scaled(factor))

    def reordered(self, order: Rows) -> "Memory":
        """Return the memory with its items in a new order; see `ItemWeights.reordered`."""
        return self._changed(lambda weights: weights.reordered(order))

    def long_share(self, lengths: Lengths) -> Weights:
        """Return the share of `long` in the scores of histories of these lengths, (m,) float32.

        Examples
        --------
        >>> none = ItemWeights.of_largest([np.zeros((1, 1), np.float32)], 1)
        >>> Memory(none, none, crossover=20.0).long_share(np.array([5, 20, 80])).round(2)
        array([0.03, 0.5 , 1.  ], dtype=float32)
        """
        if self.long is None:
            return np.zeros(len(lengths), dtype=np.float32)
        squares = (lengths.astype(np.float32) / np.float32(self.crossover)) ** 2
        share: Weights = np.minimum(squares / 2, np.float32(1))
        return share

    def shares(self, lengths: Lengths) -> list[Weights]:
        """Return the share of each of `parts` in the scores of histories of these lengths, (m,)."""
        share = self.long_share(lengths)
        return [1 - share] if self.long is None else [1 - share, share]

    def score_rows(self, histories: Histories, *, power: float, recency: float = 0.0) -> Scores:
        """Return the sum of the weights of each history's n items, divided by ``n ** power``.

        Parameters
        ----------
        histories : Histories
            m histories of known items.
        power : float
        recency : float
            If histories are in order, items have weights ``(1 + age) ** -recency``, and the sum of
            these replaces n.

        Returns
        -------
        array of shape (m, n_items), float32

        Raises
        ------
        DataError
            If the histories are over another number of items.
        """
        if len(histories.vocabulary) != len(self):
            raise DataError(
                f"histories over {len(histories.vocabulary)} items can't be scored by a memory of "
                f"{len(self)} items: pack them with the vocabulary of the model"
            )
        scores = np.zeros((len(histories), len(self)), dtype=np.float32)
        if len(histories) >= FEW_HISTORIES:
            self.sums().write(histories, power, scores, recency)
            return scores
        shares = self.shares(histories.lengths)
        for weights, share in zip(self.parts().values(), shares, strict=True):
            _add_sums(weights, share, histories, power, scores, recency)
        return scores

    def sums(self, columns: Rows | None = None) -> MemorySums:
        """Return an object that sums the weights for many histories; see `MemorySums`."""
        return MemorySums(list(self.parts().values()), self.shares, columns)

    def total(self) -> "Sparse":
        """Return the sum of both sets of weights, CSR float32 (n_items, n_items)."""
        total = self.short.to_csr()
        return total if self.long is None else total + self.long.to_csr()

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items with the largest weights W + Wᵀ of each of `rows`, int32 (m, k).

        W is the result of `total`. Only positive weights count, so rows may end with -1. Ties go
        to the lower row.
        """
        weights = self.total()
        weights = weights + weights.T.tocsr()
        weights.setdiag(0)  # no item is its own neighbor
        return top_k_of_sparse(weights[rows], k)[0]

    def _changed(self, change: Callable[[ItemWeights], ItemWeights]) -> "Memory":
        changed: dict[str, Any] = {name: change(weights) for name, weights in self.parts().items()}
        return replace(self, **changed)


def _add_sums(
    part: ItemWeights,
    share: Weights,
    histories: Histories,
    power: float,
    scores: Scores,
    recency: float,
) -> None:
    """Add the sums of the weights, multiplied by each history's share, to the scores."""
    n_weights = np.diff(part.offsets)[histories.items]
    ends = pack_lengths(n_weights)
    for start, stop in blocks(ends[histories.offsets], BLOCK_WEIGHTS):
        run = slice(histories.offsets[start], histories.offsets[stop])
        some = histories.slice(start, stop)
        lengths = n_weights[run]
        before = pack_lengths(lengths)
        begins = part.offsets[:-1][some.items] - before[:-1]
        places = np.arange(before[-1]) + np.repeat(begins, lengths)
        history = np.repeat(np.arange(len(some)), np.diff(before[some.offsets]))
        flat = history * len(part) + part.items[places]  # np.add.at is slow with two indices
        of_items = some.age_weights(recency)
        factors = share[start:stop] * inverse_lengths(some, power, of_items)
        weights = part.weights[places] * factors[history]
        if of_items is not None:
            weights *= np.repeat(of_items, lengths)
        np.add.at(scores[start:stop].reshape(-1), flat, weights)
