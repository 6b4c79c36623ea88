"""DataFrames are read like files, whatever the types of their columns."""

import numpy as np
import pandas as pd
import pytest
from reading_helpers import counts, histories_of

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions


def frame_of(**columns):
    frame = pd.DataFrame(columns)
    frame.index = [7] * len(frame)  # the index must not matter
    return frame


days = pd.to_datetime(["2012-01-01", "2010-01-01", "2011-01-01"])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_frames_with_times_of_any_unit(unit, zone):
    frame = frame_of(
        user=[1, 1, 1], item=["a", "b", "c"], time=days.as_unit(unit).tz_localize(zone)
    )
    assert histories_of(read_interactions(frame)) == {"1": ["b", "c", "a"]}


@pytest.mark.parametrize(
    ("users", "note"),
    [
        (np.array([1, 2, 1], dtype=np.int8), False),
        (np.array([1, 2, 1], dtype=np.uint64), False),
        ([1.0, 2.0, 1.0], True),
        (["1", "2", "1"], False),
        (pd.array([1, 2, 1], dtype="Int64"), False),
        (pd.Categorical(["1", "2", "1"]), False),
        (pd.Categorical([1, 2, 1]), False),
        (pd.Series([1, "2", 1.0], dtype=object, index=[7] * 3), True),
    ],
)
def test_frames_with_ids_of_any_type_give_strings(users, note):
    interactions = read_interactions(frame_of(user=users, item=["a", "b", "c"]))
    assert histories_of(interactions) == {"1": ["a", "c"], "2": ["b"]}
    assert any("1.0" in text for text in interactions.report.notes) == note


def test_frames_keep_the_strings_they_hold_and_drop_what_is_missing():
    frame = frame_of(
        user=["007", "1e5", "NA", None, "x", "y"],
        item=pd.Categorical([2, 3, 4, 5, None, 6]),
        time=[5.5, 1, 2, 3, 4, np.nan],
    )
    before = frame.copy(deep=True)
    interactions = read_interactions(frame)
    assert histories_of(interactions) == {"007": ["2"], "1e5": ["3"], "NA": ["4"]}
    assert counts(interactions) == {"user missing": 1, "item missing": 1, "time missing": 1}
    assert interactions.report.dropped["item missing"].places == ("the DataFrame row 4",)
    pd.testing.assert_frame_equal(frame, before)


def test_long_frames_keep_their_order():
    items = np.random.default_rng(0).integers(0, 100, 300_000)
    interactions = read_interactions(pd.DataFrame({"user": 1, "item": items}))
    assert histories_of(interactions) == {"1": list(map(str, items.tolist()))}


def test_where_on_a_frame_sees_its_types():
    frame = frame_of(user=[1, 1, 1], item=["a", "b", "c"], time=days, qty=[1.5, -1, 2])
    interactions = read_interactions(frame, where="qty > 0 AND time < '2012-01-01'")
    assert histories_of(interactions) == {"1": ["c"]}


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (pd.DataFrame({"user": [], "item": []}), "no records"),
        (pd.DataFrame([[1, 2]], columns=["user", "user"]), "two columns 'user'"),
        (pd.DataFrame({"user": ["a"], "what": ["b"]}), "with item"),
        (pd.DataFrame({"user": pd.Series(["\ud800"], dtype=object), "item": [1]}), "DataFrame"),
    ],
)
def test_frames_without_interactions_are_errors(frame, error):
    with pytest.raises(DataError, match=error):
        read_interactions(frame)


def test_a_frame_may_have_numbers_for_labels_and_unusual_numbers():
    labelled = read_interactions(pd.DataFrame([[1, "a"], [2, "b"]]), user=0, item=1)
    assert (labelled.user_ids, labelled.item_ids) == (("1", "2"), ("a", "b"))
    users = [pd.arrays.SparseArray([0, 1, 0]), np.array([0, 1, 0], np.longdouble)]
    for column in users:
        read = read_interactions(pd.DataFrame({"user": column, "item": ["x", "y", "z"]}))
        assert read.user_ids == ("0", "1")
