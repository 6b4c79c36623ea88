"""Items that stand for a large catalogue in a step: the labels of the batch, and some drawn.

A softmax over millions of items costs millions of products for every history. Its sum can be
estimated from few: every item that is a candidate with probability π counts for 1/π items, which
keeps the expectation (Horvitz and Thompson, 1952; in logits, the logQ correction of Bengio and
Senécal, 2008). All histories of a batch share the candidates, so that there are still large
products, and only the candidates' rows of the logit layer are read and written.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.data.histories import Histories
from item2vec.trainers.batches import Batch, HistoryBatches
from item2vec.trainers.softmax.logit_layer import Candidates

if TYPE_CHECKING:
    from item2vec.types import Floats, Rows


class CandidateSampler:
    """Draws candidates: half of them as often as people watch, half of them evenly.

    Parameters
    ----------
    batches : HistoryBatches
        What deals the batches: how likely an item is a label of another history comes from it.
    n_drawn : int
        Draws a step; the labels come on top.
    """

    def __init__(self, batches: HistoryBatches, n_drawn: int) -> None:
        histories = batches.histories
        self._items = histories.items
        self._n_items = len(histories.vocabulary)
        self._n_by_views = n_drawn // 2
        self._n_evenly = n_drawn - self._n_by_views
        views = np.bincount(self._items, minlength=self._n_items) / len(self._items)
        log_not_drawn = self._n_by_views * np.log1p(-views)
        log_not_drawn += self._n_evenly * np.log1p(-1 / self._n_items)
        self._log_not_drawn = log_not_drawn.astype(np.float32)
        self._log_no_label = np.log1p(-label_chances(histories, batches)).astype(np.float32)

    def draw(self, batch: Batch, rng: np.random.Generator) -> Candidates:
        """Return the candidates of a batch."""
        by_views = self._items[rng.integers(len(self._items), size=self._n_by_views)]
        evenly = rng.integers(self._n_items, size=self._n_evenly, dtype=np.int32)
        items = np.unique(np.concatenate([batch.labels, by_views, evenly]))
        return Candidates(items, self.log_inclusion(items, len(batch)))

    def log_inclusion(self, items: "Rows", batch_size: int) -> "Floats":
        """Return the logarithm of each item's probability to be a candidate.

        Not as one history's own label, which is certain: it is drawn, or a label of another one.
        """
        log_excluded = self._log_not_drawn[items] + (batch_size - 1) * self._log_no_label[items]
        log_inclusion: Floats = np.log(-np.expm1(log_excluded))
        return log_inclusion


def label_chances(histories: Histories, batches: HistoryBatches) -> npt.NDArray[np.float64]:
    """Return the probability of each item to be a label of a history that is dealt, (n_items,)."""
    share = batches.expected_labels() / np.maximum(histories.lengths, 1)
    weights = np.repeat(share, histories.lengths)
    sums = np.bincount(histories.items, weights, minlength=len(histories.vocabulary))
    chances: npt.NDArray[np.float64] = np.minimum(sums / max(1, batches.n_usable), 1 - 1e-9)
    return chances
