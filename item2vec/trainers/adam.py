"""Adam, by rows: only what has a gradient is read and written, a cache's worth at a time.

Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015). The moments of a row stand still
while it has no gradient.
"""

from collections.abc import Sequence

import numpy as np

from item2vec.embedding_bag import Floats
from item2vec.ranking import Rows

FIRST, SECOND, TINY = 0.9, 0.999, 1e-8
CHUNK = 1 << 15  # numbers gone through at a time

Places = slice | Rows


class Adam:
    """The moments of some parameters.

    Parameters
    ----------
    parameters : array of shape (n, d), float32
        Changed in place.
    """

    def __init__(self, parameters: Floats) -> None:
        self.parameters = parameters
        self.first = np.zeros_like(parameters)
        self.second = np.zeros_like(parameters)
        self.steps = 0

    def step(self, rows: Rows, gradient: Floats, rate: float) -> None:
        """Take a step on some rows, each named once.

        Parameters
        ----------
        rows : array of shape (m,), int32
        gradient : array of shape (m, d), float32
            Of these rows.
        rate : float
        """
        self.begin_step()
        for start, stop in self.chunks(0, len(rows)):
            self._update(rows[start:stop], [gradient[start:stop]], rate)

    def begin_step(self) -> None:
        """Count a step, before `step_on_all` is called on its parts."""
        self.steps += 1

    def step_on_all(self, start: int, stop: int, gradients: Sequence[Floats], rate: float) -> None:
        """Take the step on the rows from `start` up to `stop`, by the sum of several gradients.

        Parameters
        ----------
        start, stop : int
        gradients : sequence of arrays of shape (n, d), float32
            Of all rows.
        rate : float
        """
        for begin, end in self.chunks(start, stop):
            self._update(slice(begin, end), [one[begin:end] for one in gradients], rate)

    def chunks(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Cut rows into runs that stay in a core's cache."""
        size = max(1, CHUNK // max(1, self.parameters[0].size))
        return [(begin, min(begin + size, stop)) for begin in range(start, stop, size)]

    def _update(self, at: Places, gradients: Sequence[Floats], rate: float) -> None:
        gradient = gradients[0] if len(gradients) == 1 else sum(gradients[1:], gradients[0])
        first, second = self.first[at], self.second[at]  # views of a slice, copies of rows
        first *= FIRST
        first += (1 - FIRST) * gradient
        second *= SECOND
        change = gradient * gradient
        change *= 1 - SECOND
        second += change
        np.sqrt(second, out=change)
        change += TINY
        np.divide(first, change, out=change)
        change *= rate * (1 - SECOND**self.steps) ** 0.5 / (1 - FIRST**self.steps)
        self.parameters[at] -= change
        if not isinstance(at, slice):
            self.first[at], self.second[at] = first, second
