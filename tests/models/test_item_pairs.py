"""Sparse co-occurrences, against the dense ones."""

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.models import item_pairs
from item2vec.models.co_occurrences import co_occurrences
from item2vec.models.item_pairs import pair_counts, sample_of_pairs


@pytest.mark.parametrize("block", [1, 700, 10**9])
def test_pairs_are_the_co_occurrences_whatever_the_blocks(cliques, monkeypatch, block):
    monkeypatch.setattr(item_pairs, "BLOCK_PAIRS", block)
    expected = co_occurrences(cliques)
    np.fill_diagonal(expected, 0)
    parts = list(pair_counts(cliques))
    assert (len(parts) == 1) == (block == 10**9)
    for start, counts in parts:
        np.testing.assert_array_equal(counts.toarray(), expected[start : start + counts.shape[0]])
    assert sum(part.counts.shape[0] for part in parts) == len(expected)


def test_a_sample_holds_at_most_the_allowed_number_of_pairs():
    histories = Histories.from_lists([["a", "b", "c"], ["a"], ["b", "c"], ["c", "a"]] * 10)
    assert sample_of_pairs(histories, 180) is histories, "9 + 1 + 4 + 4, ten times"
    sample = sample_of_pairs(histories, 100)
    n_pairs = int((sample.lengths**2).sum())
    assert 90 < n_pairs <= 100
    assert sample.vocabulary is histories.vocabulary
    assert len(sample_of_pairs(histories, 0)) == 1, "one history is better than none"
