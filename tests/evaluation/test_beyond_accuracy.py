"""Beyond accuracy: each number equals its definition, worked out in plain Python."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.histories import Histories
from item2vec.evaluation import beyond_accuracy
from item2vec.evaluation.beyond_accuracy import (
    coverage,
    gini,
    intra_list_similarity,
    mean_of_items,
    popularity_slices,
    self_information,
)

exposures = st.lists(st.integers(0, 50), min_size=1, max_size=30)


@given(exposures)
def test_gini_is_half_the_mean_difference_over_the_mean(exposure):
    expected = 0.0
    if sum(exposure):
        differences = [abs(a - b) for a, b in itertools.product(exposure, repeat=2)]
        n = len(exposure)
        expected = (sum(differences) / n**2) / (2 * sum(exposure) / n)
    assert gini(np.array(exposure)) == pytest.approx(expected, abs=1e-12)


@given(exposures)
def test_coverage_counts_what_is_shown_to_anybody(exposure):
    shown = sum(count > 0 for count in exposure)
    assert coverage(np.array(exposure)) == pytest.approx(shown / len(exposure))


@given(st.lists(st.integers(1, 99), min_size=1, max_size=20))
def test_the_novelty_of_an_item_drawn_by_its_count_is_the_entropy(counts):
    share = np.array(counts) / sum(counts)
    entropy = -sum(p * math.log2(p) for p in share.tolist())
    mean = float((share * self_information(np.array(counts))).sum())
    assert mean == pytest.approx(entropy, abs=1e-9)


def test_a_mean_over_items_passes_over_what_is_not_there():
    means = mean_of_items(np.array([[0, -1], [-1, -1]], np.int32), np.array([7.0]))
    assert means[0] == 7.0
    assert np.isnan(means[1])


def test_similarity_within_lists_is_the_mean_cosine_of_its_pairs():
    rng = np.random.default_rng(1)
    lists = [[str(i) for i in rng.permutation(12)[: rng.integers(1, 9)]] for _ in range(40)]
    training = Histories.from_lists(lists)
    recommended = np.array([rng.permutation(12)[:5] for _ in range(30)], np.int32)
    recommended[3, 3:] = -1
    recommended[4, 1:] = -1
    found = intra_list_similarity(recommended, training)
    watchers = [
        {user for user, own in enumerate(lists) if item in own} for item in training.vocabulary
    ]
    for case, items in enumerate(recommended.tolist()):
        cosines = [
            len(watchers[a] & watchers[b]) / math.sqrt(len(watchers[a]) * len(watchers[b]))
            for a, b in itertools.combinations([item for item in items if item >= 0], 2)
        ]
        if cosines:
            assert found[case] == pytest.approx(np.mean(cosines), rel=1e-5)
        else:
            assert np.isnan(found[case]), "one item is like no other"


def test_similarity_is_that_of_a_sample_where_there_are_many_cases(monkeypatch):
    monkeypatch.setattr(beyond_accuracy, "SAMPLED_CASES", 10)
    training = Histories.from_lists([["a", "b", "c"]] * 3)
    recommended = np.tile(np.array([0, 1, 2], np.int32), (1000, 1))
    found = intra_list_similarity(recommended, training)
    assert np.count_nonzero(~np.isnan(found)) == 10
    assert np.nanmean(found) == pytest.approx(1)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60))
def test_slices_go_down_and_the_head_holds_a_third(counts):
    counts = np.array(sorted(counts, reverse=True))
    slices = popularity_slices(counts)
    assert (np.diff(slices) >= 0).all()
    assert slices[0] == 0
    for place in (0, 1):
        inside = counts[slices <= place]
        # The last item of a slice is the one that carries it over its share.
        assert inside[:-1].sum() < (place + 1) * counts.sum() / 3
