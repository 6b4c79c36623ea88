"""The softmax network: sparse history → embedding layer → logit layer → softmax.

It is the network of Google's machine-learning crash course (the chapter on embeddings). For a
history with the inputs I, n of them, and the labels L::

    h     = sum over i in I of item_vectors[i] / n ** power
    logit = h @ context_vectors.T + bias, -inf for the inputs
    loss  = cross-entropy of softmax(logit) against the labels, each with probability 1 / |L|

The gradients are written by hand, without a framework, since only two matrix products have to be
differentiated. `forward_backward` has those of the logit layer and of h; from there::

    grad_item_vectors[i] = sum over the histories with i in I of grad_h / n ** power
"""

from collections.abc import Mapping
from functools import partial

import numpy as np

from item2vec.models.embedding_bag import Bags
from item2vec.trainers.batches import Batch, PackedItems
from item2vec.trainers.rmsprop import RowRMSprop
from item2vec.trainers.softmax.candidates import Candidates
from item2vec.trainers.softmax.forward_backward import ItemIndex
from item2vec.trainers.softmax.logit_layer import LogitLayer
from item2vec.trainers.softmax.thread_pool import ThreadPool
from item2vec.trainers.state import LearnedArrays
from item2vec.types import Floats, Rows

LEAST_ROWS = 1 << 8  # fewer rows of item vectors are updated faster by one thread


class Network:
    """The parameters of the network, and training steps that change them in place.

    Parameters
    ----------
    arrays : LearnedArrays
        Item vectors and context vectors (n_items, d) and biases (n_items,), float32.
    power : float
        The exponent of n in ``h = sum(item_vectors[i]) / n ** power``.
    pool : ThreadPool
        Its threads share each step. Rounding depends on their number.
    """

    def __init__(self, arrays: LearnedArrays, *, power: float, pool: ThreadPool) -> None:
        self.item_vectors, self.context_vectors, self.bias = arrays
        self.power = power
        self.pool = pool
        self._logit_layer = LogitLayer(self.context_vectors, self.bias, pool)
        self._optimizers = {
            "item_vectors": RowRMSprop(self.item_vectors),
            "context_vectors": RowRMSprop(self.context_vectors),
            "bias": RowRMSprop(self.bias[:, None]),
        }

    def optimizer_state(self) -> dict[str, Floats]:
        """Return the mean squared gradients of each array; the next step changes them.

        Each is float32 (n_items,).
        """
        return {name: optimizer.squares for name, optimizer in self._optimizers.items()}

    def restore_optimizer(self, squares: Mapping[str, Floats], steps: int) -> None:
        """Continue from a copy of what `optimizer_state` returned after this number of steps."""
        for name, optimizer in self._optimizers.items():
            optimizer.squares = squares[name].copy()
            optimizer.steps = steps

    def step(
        self,
        batch: Batch,
        rate: float,
        *,
        emphasis: float = 0.0,
        candidates: Candidates | None = None,
    ) -> float:
        """Take one step of RMSprop on the parameters, and return the loss before it.

        Parameters
        ----------
        batch : Batch
        rate : float
            The learning rate.
        emphasis : float
            The loss weight of a history with n labels is ``n ** emphasis``: 0 weighs all histories
            equally, 1 all labels.
        candidates : Candidates, optional
            The items of the softmax; by default all items.
        """
        bags = Bags.of(batch.inputs, batch.input_offsets, power=self.power)
        in_background = len(bags.items) > LEAST_ROWS
        transposing = self.pool.submit(bags.transposed, in_background=in_background)
        h = bags.sums(self.item_vectors)  # (m, d) float32
        n_labels = np.diff(batch.label_offsets).astype(np.float32)  # (m,)
        weights = n_labels ** np.float32(emphasis)
        weights /= weights.sum()
        for optimizer in self._optimizers.values():
            optimizer.count_step()
        loss, grad_h = self._logit_layer.gradients(
            h,
            PackedItems(batch.inputs, batch.input_offsets),
            PackedItems(batch.labels, batch.label_offsets),
            weights,
            partial(self._update_logit_layer, rate),
            candidates,
        )
        self._update_item_vectors(*transposing.result(), grad_h, rate)
        return loss

    def _update_logit_layer(
        self, rate: float, items: ItemIndex, grad_context: Floats, grad_bias: Floats
    ) -> None:
        self._optimizers["context_vectors"].update(items, grad_context, rate)
        self._optimizers["bias"].update(items, grad_bias[:, None], rate)

    def _update_item_vectors(
        self, rows: Rows, histories: Bags, grad_h: Floats, rate: float
    ) -> None:
        """Update the vectors of the items that are inputs of the batch.

        Parameters
        ----------
        rows : array of shape (u,), int32
            These items.
        histories : Bags
            The histories of each of them, with weights 1 / n ** power.
        grad_h : array of shape (m, d), float32
        rate : float
        """
        optimizer = self._optimizers["item_vectors"]

        def update(start: int, stop: int) -> None:
            gradient = histories.slice(start, stop).sums(grad_h)  # (stop - start, d) float32
            optimizer.update(rows[start:stop], gradient, rate)

        self.pool.run_spans(update, len(rows), at_least=LEAST_ROWS)
