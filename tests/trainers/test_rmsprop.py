"""RMSprop by rows, against its definition."""

import numpy as np
import pytest

from item2vec.trainers import rmsprop
from item2vec.trainers.rmsprop import RowRMSprop


def plain(parameters, gradients, rate):
    """Return the parameters by the definition, one row and one step at a time."""
    parameters, squares = parameters.copy(), np.zeros(len(parameters))
    for step, gradient in enumerate(gradients, start=1):
        for row, g in enumerate(gradient):
            squares[row] = 0.999 * squares[row] + 0.001 * np.mean(g**2)
            corrected = squares[row] / (1 - 0.999**step)
            parameters[row] -= rate * g / (np.sqrt(corrected) + 1e-8)
    return parameters


@pytest.mark.parametrize("chunk", [1, 1 << 15])
def test_steps_are_those_of_the_definition(monkeypatch, chunk):
    monkeypatch.setattr(rmsprop, "CHUNK", chunk)
    rng = np.random.default_rng(0)
    begin, gradients = rng.standard_normal((5, 3)), rng.standard_normal((4, 5, 3))
    expected = plain(begin, gradients, 0.1)
    by_rows, by_slices = begin.copy(), begin.copy()
    row_steps, slice_steps = RowRMSprop(by_rows), RowRMSprop(by_slices)
    for gradient in gradients:
        row_steps.count_step()
        row_steps.update(np.arange(5, dtype=np.int32), gradient.copy(), 0.1)
        slice_steps.count_step()
        for start, stop in ((2, 5), (0, 2)):  # as two threads do
            slice_steps.update(slice(start, stop), gradient[start:stop].copy(), 0.1)
    np.testing.assert_allclose(by_rows, expected)
    np.testing.assert_allclose(by_slices, expected)


def test_a_row_without_a_gradient_does_not_change():
    parameters = np.ones((3, 2), dtype=np.float32)
    steps = RowRMSprop(parameters)
    steps.count_step()
    steps.update(np.array([2], np.int32), np.full((1, 2), 7, dtype=np.float32), 0.1)
    assert parameters[:2].tolist() == [[1, 1], [1, 1]]
    assert parameters[2].tolist() == pytest.approx([0.9, 0.9])
    assert steps.squares[:2].tolist() == [0, 0]
