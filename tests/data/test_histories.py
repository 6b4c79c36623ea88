"""Packed histories, against lists in plain Python."""

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from item2vec.data.histories import Histories
from item2vec.data.packed import (
    blocks,
    check_packed,
    first_occurrences,
    last_occurrences,
    pack_lengths,
    shuffled_within,
    take_slices,
)
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError

LETTERS = "abcdef"
VOCABULARY = Vocabulary.from_counts(list(LETTERS), [9] * len(LETTERS))  # row = place in LETTERS

id_lists = st.lists(st.lists(st.sampled_from([*LETTERS, "007", ""]), max_size=6), max_size=8)
row_lists = st.lists(st.lists(st.integers(-1, 5), max_size=6), max_size=8)


def packed(lists):
    items = np.array([row for rows in lists for row in rows], dtype=np.int32)
    return Histories(items, pack_lengths([len(rows) for rows in lists]), VOCABULARY)


def unpacked(histories):
    return [histories[place].tolist() for place in range(len(histories))]


# -- packing ----------------------------------------------------------------------------------


@given(id_lists, st.integers(1, 4))
def test_lists_come_back_without_what_is_rare(lists, min_count):
    histories = Histories.from_lists(lists, min_count=min_count)
    counted = Counter(item for items in lists for item in items)
    ids = histories.vocabulary.ids
    assert [[ids[row] for row in rows] for rows in unpacked(histories)] == [
        [item for item in items if counted[item] >= min_count] for items in lists
    ]
    assert dict(zip(ids, histories.vocabulary.counts.tolist(), strict=True)) == {
        item: count for item, count in counted.items() if count >= min_count
    }
    assert len(histories) == len(lists)


@given(id_lists)
def test_items_unknown_to_a_given_vocabulary_become_minus_one(lists):
    histories = Histories.from_lists(lists, vocabulary=VOCABULARY)
    assert histories.vocabulary is VOCABULARY
    assert unpacked(histories) == [
        [LETTERS.find(item) if item in LETTERS and item else -1 for item in items]
        for items in lists
    ]


def test_lists_may_come_one_by_one():
    histories = Histories.from_lists(iter([("a", "b"), ["b"]]))
    assert unpacked(histories) == [[1, 0], [0]]


def test_a_bare_string_is_no_history_of_letters():
    # A list of ids in the place of a list of lists would give vectors of letters.
    with pytest.raises(DataError, match="not 'tt0111161': pass a list of such lists"):
        Histories.from_lists(["tt0111161", "tt0068646"])


@pytest.mark.parametrize("missing", [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT])
def test_missing_values_are_no_ids(missing):
    """As in the rows of a padded DataFrame; str() would make an item "nan" of them."""
    with pytest.raises(DataError, match=r"leave missing values out.*pandas\.notna"):
        Histories.from_lists([["a", missing]])


def test_a_mapping_is_no_list_of_histories():
    with pytest.raises(DataError, match=r"from_lists\(histories\.values\(\)\)"):
        Histories.from_lists({"ann": ["a", "b"]})


@pytest.mark.parametrize("wrong", [[["a", 7]], [["a"], [b"b"]], [[1, 2]]])
def test_ids_that_are_no_strings_are_refused(wrong):
    with pytest.raises(DataError, match="strings"):
        Histories.from_lists(wrong)


@pytest.mark.parametrize(
    ("items", "offsets", "message"),
    [
        (np.array([0], np.int64), np.array([0, 1]), "int32"),
        (np.array([[0]], np.int32), np.array([0, 1]), "flat"),
        (np.array([0], np.int32), np.array([0, 1], np.int32), "int64"),
        (np.array([0], np.int32), np.array([[0, 1]]), "flat"),
        (np.array([], np.int32), np.array([], np.int64), "from 0 to 0"),
        (np.array([0, 1], np.int32), np.array([1, 2]), "from 0 to 2"),
        (np.array([0, 1], np.int32), np.array([0, 1]), "from 0 to 2"),
        (np.array([0, 1], np.int32), np.array([0, 3]), "from 0 to 2"),
        (np.array([0, 1], np.int32), np.array([0, 2, 1, 2]), "non-decreasing"),
        (np.array([0, 6], np.int32), np.array([0, 2]), "vocabulary of 6"),
        (np.array([0, -2], np.int32), np.array([0, 2]), "vocabulary of 6"),
    ],
)
def test_arrays_that_are_no_packed_histories_are_refused(items, offsets, message):
    with pytest.raises(DataError, match=message):
        check_packed(items, offsets, n_items=6)
    with pytest.raises(DataError, match=message):
        Histories(items, offsets, VOCABULARY)


def test_zero_histories_and_empty_histories_are_allowed():
    assert len(packed([])) == 0
    assert packed([[], []]).lengths.tolist() == [0, 0]


# -- taking them apart ------------------------------------------------------------------------


@given(row_lists)
def test_a_history_is_found_by_its_place_from_either_end(lists):
    histories = packed(lists)
    assert histories.lengths.tolist() == [len(rows) for rows in lists]
    assert [histories[place - len(lists)].tolist() for place in range(len(lists))] == lists
    for beyond in (len(lists), -len(lists) - 1):
        with pytest.raises(IndexError):
            histories[beyond]


@given(row_lists, st.data())
def test_slice_and_take_are_those_of_lists(lists, data):
    histories = packed(lists)
    start = data.draw(st.integers(0, len(lists)))
    stop = data.draw(st.integers(start, len(lists)))
    assert unpacked(histories.slice(start, stop)) == lists[start:stop]
    places = data.draw(st.lists(st.integers(0, max(0, len(lists) - 1)), max_size=8 * bool(lists)))
    assert unpacked(histories.take(places)) == [lists[place] for place in places]


def test_slice_is_a_view_so_that_blocks_cost_no_memory():
    histories = packed([[0, 1], [2], [3, 4]])
    assert np.shares_memory(histories.slice(1, 3).items, histories.items)


def test_a_place_that_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        packed([[0], [1]]).take([2])
    with pytest.raises(DataError, match="flat"):
        packed([[0], [1]]).take([[0, 1]])


def test_a_mask_is_not_taken_for_the_positions_0_and_1():
    histories = packed([[0], [1], [2]])
    with pytest.raises(DataError, match=r"bool .*np\.flatnonzero"):
        histories.take(np.array([True, False, True]))


@given(row_lists, st.data())
def test_slices_are_packed_as_lists_would_be(lists, data):
    items = packed(lists).items
    wanted = data.draw(
        st.lists(
            st.integers(0, len(items)).flatmap(
                lambda begin: st.tuples(st.just(begin), st.integers(0, len(items) - begin))
            ),
            max_size=5,
        )
    )
    begins = np.array([begin for begin, _ in wanted], np.int64)
    lengths = np.array([length for _, length in wanted], np.int64)
    taken, offsets = take_slices(items, begins, lengths)
    assert offsets.tolist() == [0, *itertools.accumulate(lengths.tolist())]
    assert [taken[a:b].tolist() for a, b in itertools.pairwise(offsets)] == [
        items[begin : begin + length].tolist() for begin, length in wanted
    ]


@given(row_lists)
def test_known_drops_unknown_items_and_keeps_the_positions_of_users(lists):
    assert unpacked(packed(lists).known()) == [[row for row in rows if row >= 0] for rows in lists]


@settings(deadline=None)  # the first example imports scipy
@given(row_lists)
def test_the_sparse_matrix_counts_items_by_user(lists):
    matrix = packed(lists).to_csr()
    assert matrix.dtype == np.float32
    assert matrix.toarray().tolist() == [[rows.count(item) for item in range(6)] for rows in lists]


@given(row_lists, st.integers(1, 9))
def test_blocks_cover_all_histories_once_and_hold_no_more_than_asked(lists, n_items):
    histories = packed(lists)
    runs = list(blocks(histories.offsets, n_items))
    assert [place for start, stop in runs for place in range(start, stop)] == list(
        range(len(lists))
    )
    for start, stop in runs:
        held = sum(map(len, lists[start:stop]))
        assert held <= n_items or stop == start + 1
        # As few blocks as can be: one more history would not have fitted.
        assert stop == len(lists) or held + len(lists[stop]) > n_items


# -- repeats and shuffling --------------------------------------------------------------------


@given(row_lists)
def test_first_occurrences_are_those_of_plain_python(lists):
    histories = packed(lists)
    expected = [
        row < 0 or row not in rows[:place] for rows in lists for place, row in enumerate(rows)
    ]
    assert first_occurrences(histories.items, histories.offsets).tolist() == expected


def test_first_occurrences_do_not_overflow_with_many_users_and_items():
    # In 32 bits the last of 2 ** 16 + 1 users of 2 ** 16 items would be taken for the first.
    n = 2**16
    items = np.tile(np.array([n - 1, 5, n - 1], np.int32), n + 1)
    first = first_occurrences(items, pack_lengths(np.full(n + 1, 3)))
    assert first.reshape(-1, 3).tolist() == [[True, True, False]] * (n + 1)


@given(row_lists, st.integers(0, 5))
def test_shuffling_keeps_every_item_in_its_history(lists, seed):
    histories = packed(lists)
    shuffled = shuffled_within(histories.items, histories.offsets, np.random.default_rng(seed))
    again = Histories(shuffled, histories.offsets, VOCABULARY)
    assert list(map(sorted, unpacked(again))) == list(map(sorted, lists))


def test_shuffling_gives_every_order_equally_often():
    n = 6000
    items = np.tile(np.arange(3, dtype=np.int32), n)
    shuffled = shuffled_within(items, pack_lengths(np.full(n, 3)), np.random.default_rng(0))
    orders = Counter(map(tuple, shuffled.reshape(-1, 3).tolist()))
    # 1000 of each are expected; the standard deviation is 29.
    assert len(orders) == 6
    assert all(abs(count - n / 6) < 150 for count in orders.values())


def test_shuffling_leaves_the_histories_as_they_were():
    histories = packed([[0, 1, 2, 3]])
    shuffled_within(histories.items, histories.offsets, np.random.default_rng(1))
    assert unpacked(histories) == [[0, 1, 2, 3]]


def test_histories_are_restricted_to_the_most_popular_items():
    histories = Histories.from_lists([["a", "b"], ["c", "a"], ["a", "b"], ["d"]])
    popular = histories.of_most_popular(2)
    assert popular.vocabulary.ids == ("a", "b")
    assert popular.vocabulary.counts.tolist() == [3, 2]
    assert [row.tolist() for row in popular] == [[0, 1], [0], [0, 1], []]
    assert histories.of_most_popular(10).vocabulary == histories.vocabulary


@given(st.lists(st.lists(st.integers(-1, 3), max_size=6), max_size=4))
def test_last_occurrences_are_the_first_ones_backwards(lists):
    items = np.array([item for each in lists for item in each], dtype=np.int32)
    offsets = pack_lengths([len(each) for each in lists])
    expected = [
        item < 0 or item not in each[place + 1 :]
        for each in lists
        for place, item in enumerate(each)
    ]
    assert last_occurrences(items, offsets).tolist() == expected
