"""RMSprop by rows: every row of parameters has one rate of its own, and needs one number for it.

Tieleman and Hinton, "Lecture 6.5: RMSprop" (2012), with Adam's correction of the first steps
(Kingma and Ba, 2015). Measured against Adam, which keeps two numbers for each parameter, it is as
good, at a third of the memory. A row without a gradient is neither read nor written.
"""

from collections.abc import Sequence

import numpy as np

from item2vec.embedding_bag import Floats
from item2vec.ranking import Rows

DECAY, TINY = 0.999, 1e-8
CHUNK = 1 << 15  # numbers gone through at a time: they stay in a core's cache


class RowRMSprop:
    """The mean squares of the gradients of some parameters, one a row.

    Parameters
    ----------
    parameters : array of shape (n, d), float32
        Changed in place.
    """

    def __init__(self, parameters: Floats) -> None:
        self.parameters = parameters
        self.squares = np.zeros(len(parameters), dtype=parameters.dtype)
        self.steps = 0

    def step(self, rows: Rows, gradient: Floats, rate: float) -> None:
        """Take a step on some rows.

        Parameters
        ----------
        rows : array of shape (m,), int32
            Each named once.
        gradient : array of shape (m, d), float32
            Of these rows; overwritten.
        rate : float
        """
        self.steps += 1
        for start, stop in self._chunks(0, len(rows)):
            self._update(rows[start:stop], gradient[start:stop], rate)

    def step_on_all(self, start: int, stop: int, gradients: Sequence[Floats], rate: float) -> None:
        """Take a step on the rows from `start` up to `stop`, by the sum of several gradients.

        The others must follow before the next step: count it with `count_step`.

        Parameters
        ----------
        start, stop : int
        gradients : sequence of arrays of shape (n, d), float32
            Of all rows; the first is overwritten.
        rate : float
        """
        for begin, end in self._chunks(start, stop):
            gradient = gradients[0][begin:end]
            for other in gradients[1:]:
                gradient += other[begin:end]
            self._update(slice(begin, end), gradient, rate)

    def count_step(self) -> None:
        """Count a step that `step_on_all` takes in parts."""
        self.steps += 1

    def _chunks(self, start: int, stop: int) -> list[tuple[int, int]]:
        size = max(1, CHUNK // max(1, self.parameters.shape[1]))
        return [(begin, min(begin + size, stop)) for begin in range(start, stop, size)]

    def _update(self, at: slice | Rows, gradient: Floats, rate: float) -> None:
        squares = self.squares[at]
        squares *= DECAY
        squares += (1 - DECAY) / gradient.shape[1] * np.einsum("ij,ij->i", gradient, gradient)
        self.squares[at] = squares
        rates = rate / (np.sqrt(squares / (1 - DECAY**self.steps)) + TINY)
        gradient *= rates[:, None]
        self.parameters[at] -= gradient
