"""Batches of histories: how they are split into inputs and labels."""

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.trainers.batches import HistoryBatches, shuffled_by_sorting

IDS = [f"i{number:02d}" for number in range(30)]


def histories_of(*lengths):
    rng = np.random.default_rng(0)
    lists = [rng.choice(IDS, length, replace=False).tolist() for length in lengths]
    vocabulary = Histories.from_lists([IDS]).vocabulary
    return Histories.from_lists(lists, vocabulary=vocabulary)


def pairs_of(batches, epoch=0):
    """Return the (inputs, labels) of every history of an epoch."""
    return [
        (
            batch.inputs[batch.input_offsets[i] : batch.input_offsets[i + 1]].tolist(),
            batch.labels[batch.label_offsets[i] : batch.label_offsets[i + 1]].tolist(),
        )
        for batch in batches.epoch(epoch)
        for i in range(len(batch))
    ]


def test_an_epoch_has_every_history_once_split_in_two():
    histories = histories_of(2, 5, 9, 20, 3)
    cut = pairs_of(HistoryBatches(histories, 2))
    whole = sorted(sorted(inputs + labels) for inputs, labels in cut)
    assert whole == sorted(sorted(histories[i].tolist()) for i in range(5))
    assert all(inputs and labels for inputs, labels in cut)


def test_3_inputs_and_up_to_7_labels_as_in_the_course():
    histories = histories_of(12, 10, 30, 4, 3)
    cut = pairs_of(HistoryBatches(histories, 2, input_size=3, label_size=7))
    assert sorted((len(inputs), len(labels)) for inputs, labels in cut) == [
        (3, 1), (3, 7), (3, 7), (3, 7)
    ], "4 items leave 1 label, and 3 items none"  # fmt: skip


def test_histories_too_short_for_an_input_and_a_label_are_skipped():
    assert pairs_of(HistoryBatches(histories_of(1, 0, 1), 4)) == []
    assert len(HistoryBatches(histories_of(1, 2, 0, 5), 4)) == 1


def test_input_sizes_are_uniform_for_half_of_the_histories_and_their_logarithm_for_the_others():
    """Of 16 items with a uniform logarithm: 1, 2 to 3, 4 to 7 and 8 to 15 are equally likely."""
    batches = HistoryBatches(histories_of(*[16] * 4000), 1000)
    sizes = np.array([len(inputs) for inputs, _ in pairs_of(batches)])
    shares = np.bincount(np.log2(sizes).astype(int), minlength=4) / len(sizes)
    uniform = np.array([1, 2, 4, 8]) / 15
    assert shares == pytest.approx((uniform + 0.25) / 2, abs=0.03)


def test_an_epoch_is_drawn_from_the_seed_and_its_number_alone():
    histories = histories_of(9, 12, 20, 7)
    batches = HistoryBatches(histories, 2, seed=1)
    assert pairs_of(batches, 3) == pairs_of(HistoryBatches(histories, 2, seed=1), 3)
    assert pairs_of(batches, 3) != pairs_of(batches, 4)
    assert pairs_of(batches, 3) != pairs_of(HistoryBatches(histories, 2, seed=2), 3)


def test_all_orders_of_a_history_are_equally_likely():
    histories = Histories.from_lists([["a", "b", "c"]] * 6000)
    shuffled = shuffled_by_sorting(histories, np.random.default_rng(0)).reshape(-1, 3)
    assert (np.sort(shuffled, axis=1) == [0, 1, 2]).all()
    orders = np.unique(shuffled, axis=0, return_counts=True)[1] / len(shuffled)
    assert orders == pytest.approx([1 / 6] * 6, abs=0.02)


def test_shuffling_keeps_empty_histories_and_those_of_one_item():
    histories = histories_of(0, 1, 0, 2)
    shuffled = shuffled_by_sorting(histories, np.random.default_rng(0))
    assert shuffled[0] == histories[1][0]
    assert sorted(shuffled[1:]) == sorted(histories[3])
