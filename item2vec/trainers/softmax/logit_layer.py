"""The logit layer: ``logits = h @ context_vectors.T + bias``, with a softmax and its gradients."""

import numpy as np

from item2vec.trainers.batches import PackedItems
from item2vec.trainers.softmax.candidates import Candidates
from item2vec.trainers.softmax.forward_backward import ApplyGradient, ForwardBackward
from item2vec.trainers.softmax.thread_pool import ThreadPool
from item2vec.trainers.softmax.tiles import Scratch
from item2vec.types import Floats


class LogitLayer:
    """The parameters of the logit layer, and the gradients of the loss.

    Parameters
    ----------
    context_vectors, bias : arrays of shape (n_items, d) and (n_items,), float32
    pool : ThreadPool
        Its threads share the items.
    """

    def __init__(self, context_vectors: Floats, bias: Floats, pool: ThreadPool) -> None:
        self.context_vectors, self.bias = context_vectors, bias
        self.pool = pool
        self.scratch = Scratch()
        # Position of each item among the candidates of a step; -1 for others, and between steps.
        self._positions = np.full(len(bias), -1, dtype=np.int32)  # (n_items,)

    def gradients(
        self,
        h: Floats,
        inputs: PackedItems,
        labels: PackedItems,
        weights: Floats,
        apply_gradient: ApplyGradient,
        candidates: Candidates | None = None,
    ) -> tuple[float, Floats]:
        """Return the loss of a batch and its gradient with respect to h.

        The gradients with respect to the parameters are passed to `apply_gradient`. See
        `forward_backward` for the formulas.

        Parameters
        ----------
        h : array of shape (m, d), float32
            The vectors of the histories.
        inputs, labels : PackedItems
            The items of each history. No item is both, and every history has a label.
        weights : array of shape (m,), float32
            The weight of each history's cross-entropy in the loss.
        apply_gradient : callable
            Called with some items (a slice, or rows), and the gradients with respect to their
            context vectors and biases; once for each item. Called by several threads. It may change
            these parameters in place, and must not keep the arrays.
        candidates : Candidates, optional
            The items of the softmax; by default all items.

        Returns
        -------
        loss : float
            The weighted sum of the cross-entropies.
        grad_h : array of shape (m, d), float32
        """
        if candidates is not None:
            self._positions[candidates.items] = np.arange(len(candidates.items), dtype=np.int32)
            inputs = PackedItems(self._positions[inputs.items], inputs.offsets)
            labels = PackedItems(self._positions[labels.items], labels.offsets)
            self._positions[candidates.items] = -1
        run = ForwardBackward(self, h, inputs, labels, weights, candidates)
        return run.gradients(apply_gradient)
