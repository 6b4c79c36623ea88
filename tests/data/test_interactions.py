"""Interactions are packed into histories whose counts come from these interactions only."""

import numpy as np
import pytest

from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError


@pytest.fixture
def interactions():
    items = np.array([0, 1, 0, 2, 1, 1, 0], dtype=np.int32)
    return Interactions(items, np.array([0, 4, 4, 7]), ("a", "b", "c"), ("x", "y", "z"))


def items_by_user(interactions):
    """Return user id -> item ids in order, as plain Python."""
    ends = interactions.offsets.tolist()
    return {
        user: [interactions.item_ids[item] for item in interactions.items[begin:end].tolist()]
        for user, begin, end in zip(interactions.user_ids, ends[:-1], ends[1:], strict=True)
    }


def lists(histories):
    ids = histories.vocabulary.ids
    return [[ids[row] if row >= 0 else None for row in history.tolist()] for history in histories]


def test_histories_count_after_repeats_are_gone(interactions):
    histories = interactions.to_histories(min_count=2)
    assert lists(histories) == [["a", "b"], [], ["b", "a"]]
    assert dict(zip(histories.vocabulary.ids, histories.vocabulary.counts, strict=True)) == {
        "a": 2,
        "b": 2,
    }
    kept = interactions.to_histories(min_count=2, repeated="keep")
    assert lists(kept) == [["a", "b", "a"], [], ["b", "b", "a"]]
    assert kept.vocabulary.counts.tolist() == [3, 3]


def test_histories_over_a_given_vocabulary_drop_nothing(interactions):
    vocabulary = Vocabulary.from_counts(["q", "b"], [9, 1])
    histories = interactions.to_histories(vocabulary=vocabulary)
    assert histories.vocabulary is vocabulary
    assert lists(histories) == [[None, "b", None], [], ["b", None]]


def test_items_of_other_users_are_never_counted(interactions):
    assert interactions.take([2]).to_histories(min_count=1).vocabulary.ids == ("a", "b")
    taken = interactions.take([2, 0])
    assert taken.user_ids == ("z", "x")
    assert items_by_user(taken) == {"z": ["b", "b", "a"], "x": ["a", "b", "a", "c"]}


def test_parameters_of_histories_are_checked(interactions):
    with pytest.raises(ParameterError, match=r"repeated.*'last'"):
        interactions.to_histories(repeated="last")
    with pytest.raises(ParameterError, match=r"min_count.*0"):
        interactions.to_histories(min_count=0)


def test_interactions_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="as many ids"):
        Interactions(np.array([0], np.int32), np.array([0, 1]), ("a",), ("x", "y"))
    with pytest.raises(DataError, match="at least 0, not -1: leave out"):
        Interactions(np.array([-1], np.int32), np.array([0, 1]), ("a",), ("x",))


def test_writing_where_nothing_can_be_written_is_an_error(interactions, tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        interactions.write_csv(tmp_path / "nowhere" / "w.csv")
