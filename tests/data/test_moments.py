"""Moments and ages of small histories, compared with values counted by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.moments import age_weights, ages_of, moments_of, separate_moments
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

VOCABULARY = Vocabulary.from_counts(list("abcdef"), [6, 5, 4, 3, 2, 1])


def packed(times: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, times)], dtype=np.int64)
    return np.array([t for history in times for t in history], dtype=np.int64), offsets


@given(st.lists(st.lists(st.integers(-2, 3)).map(sorted), max_size=6))
def test_moments_and_ages_count_the_different_times_on_either_side(times):
    flat, offsets = packed(times)
    moments = moments_of(flat, offsets)
    assert moments.dtype == np.int32
    assert moments.tolist() == [
        len({other for other in history if other < time}) for history in times for time in history
    ]
    assert ages_of(moments, offsets).tolist() == [
        len({other for other in history if other > time}) for history in times for time in history
    ]
    places = [place for history in times for place in range(len(history))]
    assert separate_moments(offsets).tolist() == places


def test_weights_fall_by_a_power_of_the_age():
    weights = age_weights(np.array([0, 1, 1, 5], np.int32), np.array([0, 4]), 0.5)
    np.testing.assert_allclose(weights, [3**-0.5, 2**-0.5, 2**-0.5, 1], rtol=1e-6)


def in_order(items: list[str], times: list[int]) -> Histories:
    moments = moments_of(*packed([times]))
    rows = VOCABULARY.rows(items)
    return Histories(rows, np.array([0, len(rows)]), VOCABULARY, moments=moments)


def test_parts_of_histories_keep_their_moments():
    first = in_order(["a", "f", "?", "a", "c"], [1, 2, 2, 3, 3])
    both = first.take([0, 0])
    assert both.moments.tolist() == [0, 1, 1, 2, 2] * 2
    assert both.slice(1, 2).moments.tolist() == [0, 1, 1, 2, 2]
    assert first.known().moments.tolist() == [0, 1, 2, 2]
    assert first.without_repeats().moments.tolist() == [0, 1, 1, 2]
    assert first.of_most_popular(3).moments.tolist() == [0, 2, 2]
    assert first.cut(np.array([1]), np.array([3])).moments.tolist() == [1, 1, 2]
    assert first.where(first.items == 0).moments.tolist() == [0, 2]


def test_ages_close_up_where_all_items_of_a_moment_are_gone():
    known = in_order(["a", "?", "b"], [1, 2, 3]).known()
    np.testing.assert_allclose(known.age_weights(1.0), [1 / 2, 1])


def test_without_moments_or_a_recency_all_items_weigh_the_same():
    histories = Histories.from_lists([["a", "b"], []], vocabulary=VOCABULARY)
    assert histories.age_weights(1.0) is None
    assert histories.in_order().age_weights(0.0) is None
    assert histories.in_order().moments.tolist() == [0, 1]
    np.testing.assert_allclose(histories.total_weights(), [2, 1])
    weights = histories.in_order().age_weights(1.0)
    np.testing.assert_allclose(histories.total_weights(weights), [1.5, 1])


@pytest.mark.parametrize(
    ("moments", "rule"),
    [
        (np.array([0, 1], np.int32), "one for each item"),
        (np.array([0, 1, 2], np.int64), "must be int32"),
        (np.array([1, 0, 0], np.int32), "must never decrease"),
    ],
)
def test_moments_that_do_not_fit_are_refused(moments, rule):
    rows, offsets = np.array([0, 1, 2], np.int32), np.array([0, 2, 3])
    with pytest.raises(DataError, match=rule):
        Histories(rows, offsets, VOCABULARY, moments=moments)
    Histories(rows, offsets, VOCABULARY, moments=np.array([0, 1, 0], np.int32))


LOG = pd.DataFrame(
    [("u", "x", 86_400), ("u", "a", 86_400), ("u", "b", 172_800), ("u", "a", 259_200)],
    columns=["user", "item", "time"],
)


def test_lines_of_one_time_are_one_moment_where_times_were_kept():
    kept = read_interactions(LOG, keep_times=True)
    assert kept.moments.tolist() == [0, 0, 1, 2]
    vocabulary = Vocabulary.from_counts(["a", "b"], [2, 1])
    histories = kept.to_histories(vocabulary=vocabulary, in_order=True)
    assert histories.moments.tolist() == [0, 0, 1], "an item counts at its first place"
    repeating = kept.to_histories(min_count=1, repeated="keep", in_order=True)
    assert repeating.moments.tolist() == [0, 0, 1, 2]
    assert kept.to_histories(min_count=1).moments is None, "order is asked for"


def test_without_kept_times_the_lines_of_an_order_cannot_be_distinguished():
    assert read_interactions(LOG).moments is None
    without = LOG[["user", "item"]]
    assert read_interactions(without).moments is None, "nobody knows the order"
    declared = read_interactions(without, time="none")
    assert declared.moments.tolist() == [0, 1, 2, 3]
    by_hand = Interactions(np.array([0, 0], np.int32), np.array([0, 2]), ("a",), ("u",))
    assert by_hand.moments.tolist() == [0, 1]
