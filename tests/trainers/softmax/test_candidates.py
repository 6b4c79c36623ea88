"""Candidates: their probabilities, and that the estimated sum of the softmax is unbiased."""

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.trainers.batches import Batch, HistoryBatches
from item2vec.trainers.softmax.candidates import CandidateSampler, label_probabilities

N, USERS = 60, 200
EPOCHS = 400


@pytest.fixture(scope="module")
def histories():
    """Histories of popular and of rare items, short and long ones."""
    rng = np.random.default_rng(0)
    popularity = 1 / np.arange(1, N + 1)
    popularity /= popularity.sum()
    lists = [
        [f"i{item:02d}" for item in rng.choice(N, length, replace=False, p=popularity)]
        for length in rng.integers(1, 15, USERS)
    ]
    return Histories.from_lists(lists)


@pytest.mark.parametrize(("inputs", "labels"), [(None, None), (3, None), (3, 2)])
def test_expected_labels_are_those_of_many_epochs(histories, inputs, labels):
    batches = HistoryBatches(histories, 16, input_size=inputs, label_size=labels)
    counts = np.zeros(len(histories.vocabulary))
    for epoch in range(EPOCHS):
        for batch in batches.epoch(epoch):
            counts += np.bincount(batch.labels, minlength=len(counts))
    expected = label_probabilities(batches) * batches.n_usable
    assert counts.sum() / EPOCHS == pytest.approx(expected.sum(), rel=0.01)
    np.testing.assert_allclose(counts / EPOCHS, expected, rtol=0.1, atol=0.2)


def without_first(batch):
    first_in, first_out = batch.input_offsets[1], batch.label_offsets[1]
    return Batch(
        batch.inputs[first_in:],
        batch.input_offsets[1:] - first_in,
        batch.labels[first_out:],
        batch.label_offsets[1:] - first_out,
    )


@pytest.fixture(scope="module")
def candidates_of_others(histories):
    """Return candidates without the labels of the first history of a batch, and probabilities."""
    batches = HistoryBatches(histories, 4)
    sampler, rng = CandidateSampler(batches, 5), np.random.default_rng(0)
    candidates = [
        sampler.draw(without_first(batch), rng).items
        for epoch in range(EPOCHS)
        for batch in batches.epoch(epoch)
        if len(batch) == 4
    ]
    every = np.arange(len(histories.vocabulary), dtype=np.int32)
    return candidates, np.exp(sampler.log_inclusion(every, 4))


def test_items_are_candidates_as_often_as_their_probability_says(candidates_of_others):
    candidates, probabilities = candidates_of_others
    times = np.bincount(np.concatenate(candidates), minlength=len(probabilities))
    np.testing.assert_allclose(times / len(candidates), probabilities, rtol=0.06, atol=0.01)


def test_the_estimated_sum_over_candidates_is_unbiased(candidates_of_others):
    candidates, probabilities = candidates_of_others
    weights = np.exp(np.random.default_rng(0).standard_normal(len(probabilities)))
    estimates = [(weights[items] / probabilities[items]).sum() for items in candidates]
    assert np.mean(estimates) == pytest.approx(weights.sum(), rel=0.01)


def test_labels_are_always_candidates_and_no_item_occurs_twice(histories):
    batches = HistoryBatches(histories, 16)
    sampler, rng = CandidateSampler(batches, 3), np.random.default_rng(0)
    for batch in batches.epoch(0):
        candidates = sampler.draw(batch, rng)
        assert np.isin(batch.labels, candidates.items).all()
        assert (np.diff(candidates.items) > 0).all()
        assert candidates.log_inclusion.shape == candidates.items.shape
