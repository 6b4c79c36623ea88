"""Candidates: the items over which the softmax of a step runs in a large catalogue.

A softmax over millions of items takes millions of products for each history. Its sum can be
estimated from few: if every item is a candidate with probability π, a candidate counts for 1/π
items, which keeps the expectation (Horvitz and Thompson, 1952; in logits, the logQ correction of
Bengio and Senécal, 2008). The candidates are the labels of the batch and some drawn items. All
histories of a batch share them, so the products stay large, and only their rows of the logit layer
are read and written.
"""

from dataclasses import dataclass

import numpy as np

from item2vec.trainers.batches import Batch, HistoryBatches
from item2vec.types import Doubles, Floats, Rows


@dataclass(frozen=True, eq=False)
class Candidates:
    """The items over which the softmax of a step runs, instead of all items.

    Parameters
    ----------
    items : array of shape (c,), int32
        In ascending order, each once. The labels of all histories are among them.
    log_inclusion : array of shape (c,), float32
        The log probability that an item is a candidate. The exponential of its logit is divided by
        this probability, unless the item is a label of the history, so that the expected sum over
        candidates is the sum over all items.
    """

    items: Rows
    log_inclusion: Floats


class CandidateSampler:
    """Draws candidates: half of them in proportion to popularity, half of them uniformly.

    Parameters
    ----------
    batches : HistoryBatches
        The batches, which determine how likely an item is a label of another history.
    n_drawn : int
        The number of draws in a step, with replacement, besides the labels.
    """

    def __init__(self, batches: HistoryBatches, n_drawn: int) -> None:
        histories = batches.histories
        self._items = histories.items
        self._n_items = len(histories.vocabulary)
        self._n_by_popularity = n_drawn // 2
        self._n_uniform = n_drawn - self._n_by_popularity
        popularity = np.bincount(self._items, minlength=self._n_items) / len(self._items)
        log_not_drawn = self._n_by_popularity * np.log1p(-popularity)  # (n_items,) float64
        log_not_drawn += self._n_uniform * np.log1p(-1 / self._n_items)
        self._log_not_drawn = log_not_drawn.astype(np.float32)
        # The log probability that an item is not a label of a given history, (n_items,) float32.
        self._log_no_label = np.log1p(-label_probabilities(batches)).astype(np.float32)

    def draw(self, batch: Batch, rng: np.random.Generator) -> Candidates:
        """Return the candidates of a batch."""
        by_popularity = self._items[rng.integers(len(self._items), size=self._n_by_popularity)]
        uniform = rng.integers(self._n_items, size=self._n_uniform, dtype=np.int32)
        items = np.unique(np.concatenate([batch.labels, by_popularity, uniform]))
        return Candidates(items, self.log_inclusion(items, len(batch)))

    def log_inclusion(self, items: Rows, batch_size: int) -> Floats:
        """Return the log probability that each item is a candidate, float32, shaped as `items`.

        For a given history, an item is a candidate if it is drawn, or is a label of another history
        of the batch. Its own labels are always candidates, and need no correction.
        """
        # P(not a candidate) = P(not drawn) · P(not a label of a history) ^ (batch_size - 1)
        log_excluded = self._log_not_drawn[items] + (batch_size - 1) * self._log_no_label[items]
        log_inclusion: Floats = np.log(-np.expm1(log_excluded))
        return log_inclusion


def label_probabilities(batches: HistoryBatches) -> Doubles:
    """Return the probability that each item is a label of a random history, (n_items,).

    A history of n items with an expected number of k labels adds k / n for each of its items.
    """
    histories = batches.histories
    share = batches.expected_labels() / np.maximum(histories.lengths, 1)  # (n_histories,)
    weights = np.repeat(share, histories.lengths)  # (n_interactions,)
    sums = np.bincount(histories.items, weights, minlength=len(histories.vocabulary))
    probabilities: Doubles = np.minimum(sums / max(1, batches.n_usable), 1 - 1e-9)
    return probabilities
