"""Adam against its definition."""

import numpy as np
import pytest

from item2vec.trainers import adam
from item2vec.trainers.adam import Adam


def by_the_paper(parameters, gradients, rate):
    """Algorithm 1 of Kingma and Ba (2015), with epsilon scaled as at the end of its section 2."""
    m = v = np.zeros_like(parameters)
    for t, g in enumerate(gradients, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        step = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        parameters = parameters - step * m / (np.sqrt(v) + 1e-8)
    return parameters


@pytest.mark.parametrize("chunk", [1, 1 << 15])
def test_steps_are_those_of_the_paper(monkeypatch, chunk):
    monkeypatch.setattr(adam, "CHUNK", chunk)
    rng = np.random.default_rng(0)
    begin, gradients = rng.standard_normal((5, 3)), rng.standard_normal((4, 5, 3))
    expected = by_the_paper(begin, gradients, 0.1)
    by_rows, at_once = begin.copy(), begin.copy()
    row_adam, whole_adam = Adam(by_rows), Adam(at_once)
    for gradient in gradients:
        row_adam.step(np.arange(5), gradient, 0.1)
        whole_adam.begin_step()
        for start, stop in ((0, 2), (2, 5)):  # as two threads do
            whole_adam.step_on_all(start, stop, [0.25 * gradient, 0.75 * gradient], 0.1)
    np.testing.assert_allclose(by_rows, expected)
    np.testing.assert_allclose(at_once, expected)


def test_a_row_without_a_gradient_is_left_alone():
    parameters = np.ones((3, 2), dtype=np.float32)
    Adam(parameters).step(np.array([2]), np.ones((1, 2), dtype=np.float32), 0.1)
    assert parameters[:2].tolist() == [[1, 1], [1, 1]]
    assert parameters[2].tolist() == pytest.approx([0.9, 0.9])
