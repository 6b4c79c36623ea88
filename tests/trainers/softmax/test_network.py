"""The network's gradients, against finite differences and a plain second implementation."""

import numpy as np
import pytest

from item2vec.data.packed import pack_lengths
from item2vec.models.embedding_bag import Bags
from item2vec.trainers.batches import Batch, PackedItems
from item2vec.trainers.softmax import tiles
from item2vec.trainers.softmax.candidates import Candidates
from item2vec.trainers.softmax.logit_layer import LogitLayer
from item2vec.trainers.softmax.network import Network
from item2vec.trainers.softmax.thread_pool import ThreadPool
from item2vec.trainers.state import LearnedArrays

N, SIZE = 9, 4


def packed(lists):
    items = np.array([item for items in lists for item in items], np.int32)
    return PackedItems(items, pack_lengths([len(items) for items in lists]))


INPUTS, LABELS = [[0, 3], [5], [1, 2, 8]], [[4], [0, 6, 7], [3, 5]]
BATCH = Batch(*packed(INPUTS), *packed(LABELS))


def parameters(dtype=np.float64):
    rng = np.random.default_rng(0)
    shapes = ((N, SIZE), (N, SIZE), N)
    return LearnedArrays(*(rng.standard_normal(shape).astype(dtype) for shape in shapes))


def plain_loss(item_vectors, context_vectors, bias, weights, power=0.5, candidates=None):
    """Return the loss by its definition: one history after another, with one-hot rows."""
    total = 0.0
    share = np.ones(N)
    if candidates is not None:
        share[:] = 0
        share[candidates.items] = np.exp(-candidates.log_inclusion)
    for inputs, labels, weight in zip(INPUTS, LABELS, weights, strict=True):
        one_hot = np.zeros(N)
        one_hot[inputs] = 1
        h = one_hot @ item_vectors / len(inputs) ** power
        logits = h @ context_vectors.T + bias
        logits[inputs] = -np.inf
        counted = share.copy()
        counted[labels] = 1
        log_p = logits - np.log(counted @ np.exp(logits))
        total -= weight * log_p[labels].mean()
    return total


def gradients(item_vectors, context_vectors, bias, weights, power=0.5, candidates=None):
    bags = Bags.of(BATCH.inputs, BATCH.input_offsets, power=power)
    grad_items, grad_context, grad_bias = (
        np.zeros_like(array) for array in (item_vectors, context_vectors, bias)
    )

    def add_gradient(items, grad_of_context, grad_of_bias):
        grad_context[items] += grad_of_context
        grad_bias[items] += grad_of_bias

    with ThreadPool(2) as pool:
        loss, grad_h = LogitLayer(context_vectors, bias, pool).gradients(
            bags.sums(item_vectors),
            packed(INPUTS),
            packed(LABELS),
            weights,
            add_gradient,
            candidates,
        )
    rows, gradient = bags.gradient(grad_h)
    grad_items[rows] = gradient
    return loss, [grad_items, grad_context, grad_bias]


# All labels (0, 3, 4, 5, 6, 7) and one of the inputs (8), with arbitrary probabilities.
CANDIDATES = Candidates(
    np.array([0, 3, 4, 5, 6, 7, 8], np.int32), np.log([0.9, 0.5, 0.3, 0.7, 0.2, 0.25, 0.1])
)


@pytest.mark.parametrize("tile", [1, 6, 1 << 20])
@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("candidates", [None, CANDIDATES])
def test_the_gradients_are_those_of_finite_differences(monkeypatch, power, tile, candidates):
    monkeypatch.setattr(tiles, "TILE", tile)
    weights = np.array([0.5, 0.2, 0.3])
    theta = parameters()
    loss, found = gradients(*theta, weights, power, candidates)
    assert loss == pytest.approx(plain_loss(*theta, weights, power, candidates), abs=1e-6)
    for array, gradient in zip(theta, found, strict=True):
        for place in np.ndindex(array.shape):
            kept, ends = array[place], []
            for step in (1e-5, -1e-5):
                array[place] = kept + step
                ends.append(plain_loss(*theta, weights, power, candidates))
            array[place] = kept
            expected = (ends[0] - ends[1]) / 2e-5
            assert gradient[place] == pytest.approx(expected, rel=1e-4, abs=1e-6), place


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shift", [-200.0, -60.0, 60.0, 88.0, 200.0])
def test_a_constant_added_to_all_logits_changes_nothing(shift):
    """The exponentials of 200 and of -200 are infinite and zero in float32."""
    weights = np.full(3, 1 / 3, np.float32)
    item_vectors, context_vectors, bias = parameters(np.float32)
    loss, found = gradients(item_vectors, context_vectors, bias, weights)
    shifted_loss, shifted = gradients(item_vectors, context_vectors, bias + shift, weights)
    assert shifted_loss == pytest.approx(loss, rel=1e-4)
    for one, other in zip(found, shifted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_large_logits_overflow_nothing():
    theta = LearnedArrays(*(1e4 * array for array in parameters(np.float32)))
    with np.errstate(invalid="raise"):
        loss, found = gradients(*theta, np.full(3, 1 / 3, np.float32))
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in found)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_step_is_the_first_step_of_rmsprop(threads):
    """The first step moves every row by the rate times its gradient over its root mean square."""
    theta = parameters(np.float32)
    begin = LearnedArrays(*(array.copy() for array in theta))
    weights = np.full(3, 1 / 3)
    loss, found = gradients(*begin, weights.astype(np.float32))
    with ThreadPool(threads) as pool:
        net = Network(theta, power=0.5, pool=pool)
        assert net.step(BATCH, 0.01) == pytest.approx(loss, rel=1e-5)
    for array, before, gradient in zip(theta, begin, found, strict=True):
        rows = gradient.reshape(len(gradient), -1)
        length = np.maximum(np.sqrt((rows**2).mean(axis=1, keepdims=True)), 1e-12)
        expected = before - 0.01 * (rows / length).reshape(gradient.shape)
        np.testing.assert_allclose(array, expected, atol=1e-5)


def test_emphasis_weighs_histories_by_their_number_of_labels():
    weights = np.array([1, 3, 2]) / 6
    theta = parameters(np.float32)
    expected = plain_loss(*parameters(), weights)
    with ThreadPool(1) as pool:
        net = Network(theta, power=0.5, pool=pool)
        assert net.step(BATCH, 0.01, emphasis=1.0) == pytest.approx(expected, rel=1e-5)


def test_threads_change_nothing_but_the_rounding():
    results = []
    for threads in (1, 2):
        theta = parameters(np.float32)
        with ThreadPool(threads) as pool:
            net = Network(theta, power=0.5, pool=pool)
            for _ in range(20):
                net.step(BATCH, 0.01)
        results.append(theta)
    for one, two in zip(*results, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-3)


def test_only_candidates_and_inputs_are_touched():
    theta = parameters(np.float32)
    before = [array.copy() for array in theta]
    with ThreadPool(2) as pool:
        Network(theta, power=0.5, pool=pool).step(BATCH, 0.01, candidates=CANDIDATES)
    moved = [
        np.flatnonzero((array != old).reshape(N, -1).any(axis=1)).tolist()
        for array, old in zip(theta, before, strict=True)
    ]
    candidates = CANDIDATES.items.tolist()
    assert moved == [sorted({i for items in INPUTS for i in items}), candidates, candidates]


def test_all_items_as_certain_candidates_are_the_whole_catalog():
    everything = Candidates(np.arange(N, dtype=np.int32), np.zeros(N, np.float32))
    results = []
    for candidates in (None, everything):
        theta = parameters(np.float32)
        with ThreadPool(1) as pool:
            net = Network(theta, power=0.5, pool=pool)
            losses = [net.step(BATCH, 0.01, candidates=candidates) for _ in range(5)]
        results.append([*theta, losses])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
