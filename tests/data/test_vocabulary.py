"""The vocabulary maps every item to exactly one row."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, UnknownItemError

AWKWARD = ["007", "7", "7.0", "1e5", "NA", "", " ", "nan", "a\0", "a"]
counts_of = st.dictionaries(
    st.one_of(st.sampled_from(AWKWARD), st.text(max_size=4)), st.integers(1, 4), max_size=20
)


@given(counts_of, st.integers(1, 4), st.randoms(use_true_random=False))
def test_rows_are_ordered_by_count_and_id_for_any_order_of_the_items(counted, min_count, random):
    ids = list(counted)
    random.shuffle(ids)
    vocabulary = Vocabulary.from_counts(ids, [counted[i] for i in ids], min_count=min_count)
    frequent = [(-count, item_id) for item_id, count in counted.items() if count >= min_count]
    assert list(vocabulary) == [item_id for _, item_id in sorted(frequent)]
    assert vocabulary.counts.tolist() == [-count for count, _ in sorted(frequent)]
    assert len(vocabulary) == len(frequent)


@given(counts_of)
def test_ids_are_recovered_from_their_rows(counted):
    vocabulary = Vocabulary.from_counts(list(counted), list(counted.values()))
    rows = vocabulary.rows(counted)
    assert rows.dtype == np.int32
    assert [vocabulary.ids[row] for row in rows] == list(counted)
    assert rows.tolist() == [vocabulary.row(item_id) for item_id in counted]
    assert all(item_id in vocabulary for item_id in counted)


@given(counts_of)
def test_a_vocabulary_can_be_rebuilt_from_its_ids_and_counts(counted):
    vocabulary = Vocabulary.from_counts(list(counted), list(counted.values()))
    again = Vocabulary(vocabulary.ids, vocabulary.counts)
    assert Counter(dict(zip(again.ids, again.counts.tolist(), strict=True))) == Counter(counted)


def test_ids_stay_as_they_are():
    vocabulary = Vocabulary.from_counts(AWKWARD, range(len(AWKWARD), 0, -1))
    assert list(vocabulary.ids) == AWKWARD
    assert len({vocabulary.row(item_id) for item_id in AWKWARD}) == len(AWKWARD)


def test_an_unknown_item_raises_or_is_minus_one_and_is_never_guessed():
    vocabulary = Vocabulary.from_counts(["7", "a"], [3, 2])
    assert vocabulary.rows(["a", "b", "7", "A"]).tolist() == [1, -1, 0, -1]
    with pytest.raises(UnknownItemError, match=r"'b' is not in the vocabulary"):
        vocabulary.row("b")


@pytest.mark.parametrize("number", [0, 1, 7, np.int32(0), True])
def test_an_integer_is_no_item_though_it_is_a_row(number):
    vocabulary = Vocabulary.from_counts(["7", "a"], [3, 2])
    assert number not in vocabulary
    assert vocabulary.rows([number]).tolist() == [-1]
    with pytest.raises(UnknownItemError, match="is not in the vocabulary"):
        vocabulary.row(number)


@pytest.mark.parametrize(
    ("ids", "counts", "message"),
    [
        (["a", "b"], [1, 2], "from_counts"),  # counts rise
        (["b", "a"], [2, 2], "from_counts"),  # a tie out of order
        (["a", "b", "a"], [3, 2, 1], "twice"),
        (["a", "b"], [1], "as many counts"),
        (["a"], [[1]], "as many counts"),
        (["a", 7], [2, 1], "7 is not"),
        (["a", "b"], [1, -1], "at least 0, not -1"),
    ],
)
def test_ids_and_counts_that_do_not_match_are_refused(ids, counts, message):
    with pytest.raises(DataError, match=message):
        Vocabulary(ids, np.array(counts))


@pytest.mark.parametrize("ids", [["a", "a"], ["a", 7], [7, "a"], [None, "a"], [1, 2]])
def test_counting_refuses_ids_that_repeat_or_are_no_strings(ids):
    with pytest.raises(DataError, match=r"once|strings"):
        Vocabulary.from_counts(ids, [2, 2])


@pytest.mark.parametrize("counts", [[1], [1, 2, 3]])
def test_counting_never_drops_an_item_because_counts_are_missing(counts):
    with pytest.raises(DataError, match="2 ids need as many counts"):
        Vocabulary.from_counts(["a", "b"], counts)


def test_a_vocabulary_does_not_change_with_what_it_was_made_of():
    ids, counts = ["a", "b"], np.array([2, 1])
    vocabulary = Vocabulary(ids, counts)
    ids[0], counts[0] = "z", 0
    assert vocabulary.ids == ("a", "b")
    assert vocabulary.counts.tolist() == [2, 1]
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.counts[0] = 5


def test_an_empty_vocabulary_contains_no_item():
    vocabulary = Vocabulary.from_counts(["a"], [1], min_count=2)
    assert len(vocabulary) == 0
    assert vocabulary.rows(["a"]).tolist() == [-1]
    assert vocabulary.rows([]).dtype == np.int32


def test_unseen_ids_follow_all_others_in_order():
    vocabulary = Vocabulary(["b", "a", "m"], np.array([3, 2, 0]))
    more, order = vocabulary.with_unseen(["z", "c"])
    assert more.ids == ("b", "a", "c", "m", "z")
    assert more.counts.tolist() == [3, 2, 0, 0, 0]
    every = ["b", "a", "m", "z", "c"]
    assert [every[place] for place in order.tolist()] == list(more.ids)
    with pytest.raises(DataError, match="twice"):
        vocabulary.with_unseen(["a"])
