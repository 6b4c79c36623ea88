"""The course's network: sparse history → embedding layer → logit layer → softmax, by hand.

With h the weighted sum of the item vectors of a history's inputs (Google's machine-learning crash
course, the chapter on embeddings), the logits are ``h @ context_vectors.T + bias``, those of the
inputs left out, and the loss is their cross-entropy against the labels, all of which are equally
likely. No framework: there are two products to differentiate.
"""

from collections.abc import Mapping

import numpy as np

from item2vec.models.embedding_bag import Bags
from item2vec.trainers.batches import Batch
from item2vec.trainers.rmsprop import RowRMSprop
from item2vec.trainers.softmax.logit_layer import At, Candidates, LogitLayer
from item2vec.trainers.softmax.thread_pool import Team
from item2vec.types import Floats

LEAST_ROWS = 1 << 8  # of item vectors that are worth another thread


class Network:
    """The parameters of the network, and steps that change them in place.

    Parameters
    ----------
    item_vectors, context_vectors : arrays of shape (n_items, d), float32
    bias : array of shape (n_items,), float32
    power : float
        Exponent of n in ``h = sum(item_vectors[i]) / n ** power``.
    team : Team
        Its threads share each step. What a step rounds depends on their number.
    """

    def __init__(
        self,
        item_vectors: Floats,
        context_vectors: Floats,
        bias: Floats,
        *,
        power: float,
        team: Team,
    ) -> None:
        self.item_vectors, self.context_vectors, self.bias = item_vectors, context_vectors, bias
        self.power = power
        self.team = team
        self._logit_layer = LogitLayer(context_vectors, bias, team)
        self._items, self._context = RowRMSprop(item_vectors), RowRMSprop(context_vectors)
        self._bias = RowRMSprop(bias[:, None])
        self._optimizers = {
            "item_vectors": self._items,
            "context_vectors": self._context,
            "bias": self._bias,
        }

    def optimizer_state(self) -> dict[str, Floats]:
        """Return the mean squares of the gradients of each array; the next step changes them."""
        return {name: optimizer.squares for name, optimizer in self._optimizers.items()}

    def restore_optimizer(self, squares: Mapping[str, Floats], steps: int) -> None:
        """Continue with a copy of what `optimizer_state` returned after so many steps."""
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
        """Take a step of RMSprop on the parameters, and return the loss before it.

        Parameters
        ----------
        batch : Batch
        rate : float
            The learning rate.
        emphasis : float
            A history with n labels weighs ``n ** emphasis``: 0 makes all histories equal, 1 all
            labels.
        candidates : Candidates, optional
            What the softmax runs over; without them, all items.
        """
        bags = Bags.of(batch.inputs, batch.input_offsets, power=self.power)
        transposing = self.team.beside(bags.transposed, worthwhile=len(bags.items) > LEAST_ROWS)
        h = bags.sums(self.item_vectors)
        weights = np.diff(batch.label_offsets).astype(np.float32) ** np.float32(emphasis)
        weights /= weights.sum()
        for optimizer in self._optimizers.values():
            optimizer.count_step()

        def apply_gradient(at: At, grad_context: Floats, grad_bias: Floats) -> None:
            self._context.update(at, grad_context, rate)
            self._bias.update(at, grad_bias[:, None], rate)

        loss, grad_h = self._logit_layer.gradients(
            h,
            (batch.inputs, batch.input_offsets),
            (batch.labels, batch.label_offsets),
            weights,
            apply_gradient,
            candidates,
        )
        rows, bags_of_rows = transposing.result()
        self.team.spans(
            lambda start, stop: self._items.update(
                rows[start:stop], bags_of_rows.slice(start, stop).sums(grad_h), rate
            ),
            len(rows),
            at_least=LEAST_ROWS,
        )
        return loss
