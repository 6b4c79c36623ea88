"""The network's gradients, against finite differences and a plain second implementation."""

import numpy as np
import pytest
import threadpoolctl

from item2vec.embedding_bag import Bags
from item2vec.histories import pack_lengths
from item2vec.trainers import network
from item2vec.trainers.batches import Batch
from item2vec.trainers.network import Network, Scratch, logit_gradients

N, SIZE = 9, 4


def packed(lists):
    items = np.array([item for items in lists for item in items], np.int32)
    return items, pack_lengths([len(items) for items in lists])


INPUTS, LABELS = [[0, 3], [5], [1, 2, 8]], [[4], [0, 6, 7], [3, 5]]
BATCH = Batch(*packed(INPUTS), *packed(LABELS))


def parameters(dtype=np.float64):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in ((N, SIZE), (N, SIZE), N)]


def plain_loss(item_vectors, context_vectors, bias, weights, power=0.5):
    """The definition: one history after another, one-hot rows, no short cut."""
    total = 0.0
    for inputs, labels, weight in zip(INPUTS, LABELS, weights, strict=True):
        one_hot = np.zeros(N)
        one_hot[inputs] = 1
        h = one_hot @ item_vectors / len(inputs) ** power
        logits = h @ context_vectors.T + bias
        logits[inputs] = -np.inf
        log_p = logits - np.log(np.exp(logits).sum())
        total -= weight * log_p[labels].mean()
    return total


def gradients(item_vectors, context_vectors, bias, weights, power=0.5):
    bags = Bags.of(BATCH.inputs, BATCH.input_offsets, power=power)
    found = logit_gradients(
        bags.sums(item_vectors),
        context_vectors,
        bias,
        packed(INPUTS),
        packed(LABELS),
        weights,
        Scratch(),
    )
    rows, gradient = bags.gradient(found.h)
    of_items = np.zeros_like(item_vectors)
    of_items[rows] = gradient
    return found.loss, [of_items, found.context_vectors, found.bias]


@pytest.mark.parametrize("chunk", [1, 1 << 16])
@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_gradients_are_those_of_finite_differences(monkeypatch, power, chunk):
    monkeypatch.setattr(network, "CHUNK", chunk)
    weights = np.array([0.5, 0.2, 0.3])
    theta = parameters()
    loss, found = gradients(*theta, weights, power)
    assert loss == pytest.approx(plain_loss(*theta, weights, power), abs=1e-6)
    for array, gradient in zip(theta, found, strict=True):
        for place in np.ndindex(array.shape):
            kept, ends = array[place], []
            for step in (1e-5, -1e-5):
                array[place] = kept + step
                ends.append(plain_loss(*theta, weights, power))
            array[place] = kept
            expected = (ends[0] - ends[1]) / 2e-5
            assert gradient[place] == pytest.approx(expected, rel=1e-4, abs=1e-6), place


def test_large_logits_overflow_nothing():
    theta = [1e4 * array for array in parameters(np.float32)]
    with np.errstate(over="raise", invalid="raise"):
        loss, found = gradients(*theta, np.full(3, 1 / 3, np.float32))
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in found)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_step_goes_downhill_by_rmsprops_first_step(threads):
    """The first step moves every row by the rate times its gradient over its root mean square."""
    theta = parameters(np.float32)
    begin = [array.copy() for array in theta]
    weights = np.full(3, 1 / 3)
    loss, found = gradients(*begin, weights.astype(np.float32))
    with Network(*theta, power=0.5, threads=threads) as net:
        assert net.step(BATCH, 0.01) == pytest.approx(loss, rel=1e-5)
    for array, before, gradient in zip(theta, begin, found, strict=True):
        rows = gradient.reshape(len(gradient), -1)
        length = np.maximum(np.sqrt((rows**2).mean(axis=1, keepdims=True)), 1e-12)
        expected = before - 0.01 * (rows / length).reshape(gradient.shape)
        np.testing.assert_allclose(array, expected, atol=1e-5)


def test_emphasis_weighs_histories_by_their_labels():
    weights = np.array([1, 3, 2]) / 6
    theta = parameters(np.float32)
    expected = plain_loss(*parameters(), weights)
    with Network(*theta, power=0.5) as net:
        assert net.step(BATCH, 0.01, emphasis=1.0) == pytest.approx(expected, rel=1e-5)


def test_blas_has_its_threads_back_afterwards_and_loses_them_inside_alone():
    def threads():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info()
                if pool["user_api"] == "blas"}  # fmt: skip

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        net = Network(*parameters(np.float32), power=0.5)
        assert threads() == {2}
        with net:
            assert threads() == {1}
        assert threads() == {2}


def test_threads_change_nothing_but_the_rounding():
    results = []
    for threads in (1, 2):
        theta = parameters(np.float32)
        with Network(*theta, power=0.5, threads=threads) as net:
            for _ in range(20):
                net.step(BATCH, 0.01)
        results.append(theta)
    for one, two in zip(*results, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-3)
