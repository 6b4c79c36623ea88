"""RMSprop with one learning rate for each row of the parameters.

Tieleman and Hinton, "Lecture 6.5: RMSprop" (2012), with the bias correction of Adam (Kingma and Ba,
2015). For row i with the gradient g (d numbers), in step t::

    square[i]     = DECAY · square[i] + (1 - DECAY) · mean(g²)
    parameters[i] = parameters[i] - rate · g / (sqrt(square[i] / (1 - DECAY^t)) + TINY)

The optimizer stores one number for each row. Adam stores two for each parameter, and is no better
(ndcg@10 .0659 against .0657; see docs/experiments.md, "Version 0.1.0: what was tried for softmax on
validation users"). A row without a gradient is neither read nor written.
"""

import numpy as np

from item2vec.types import Floats, Rows

# A mean over about 1,000 steps, as in Adam; TINY is Adam's, and only keeps quotients finite.
DECAY, TINY = 0.999, 1e-8
CHUNK = 1 << 16  # numbers updated at a time: they stay in a core's cache


class RowRMSprop:
    """An optimizer that updates parameters in place, and stores a mean squared gradient per row.

    Parameters
    ----------
    parameters : array of shape (n, d), float32
        Changed in place.
    """

    def __init__(self, parameters: Floats) -> None:
        self.parameters = parameters
        self.squares = np.zeros(len(parameters), dtype=parameters.dtype)  # (n,)
        self.steps = 0

    def count_step(self) -> None:
        """Begin a step; `update` may then be called for its rows in any order, in any thread."""
        self.steps += 1

    def update(self, rows: slice | Rows, gradient: Floats, rate: float) -> None:
        """Update some rows.

        Parameters
        ----------
        rows : slice from a start to a stop, or array of shape (m,), int32
            The rows, each at most once.
        gradient : array of shape (m, d), float32
            The gradient with respect to these rows; overwritten.
        rate : float
            The learning rate.
        """
        size = max(1, CHUNK // max(1, self.parameters.shape[1]))
        for start in range(0, len(gradient), size):
            stop = min(start + size, len(gradient))
            chunk = (
                slice(rows.start + start, rows.start + stop)
                if isinstance(rows, slice)
                else rows[start:stop]
            )
            self._update(chunk, gradient[start:stop], rate)

    def _update(self, rows: slice | Rows, gradient: Floats, rate: float) -> None:
        squares = self.squares[rows]  # (m,): a view of a slice, else a copy
        squares *= DECAY
        squares += (1 - DECAY) / gradient.shape[1] * np.einsum("ij,ij->i", gradient, gradient)
        self.squares[rows] = squares
        rates = rate / (np.sqrt(squares / (1 - DECAY**self.steps)) + TINY)  # (m,)
        gradient *= rates[:, None]  # (m, d)
        if isinstance(rows, slice):
            parameters = self.parameters[rows]  # a view, so that nothing is copied
            np.subtract(parameters, gradient, out=parameters)
        else:
            self.parameters[rows] -= gradient
