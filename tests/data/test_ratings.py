"""Ratings are read from tables of any kind, and split at random."""

import numpy as np
import pandas as pd
import pytest

from item2vec.data.ratings import Ratings
from item2vec.errors import DataError, ParameterError
from item2vec.reading.ratings import read_ratings

FRAME = pd.DataFrame(
    {
        "userId": [2, 1, 1, 2, 3, 3],
        "movieId": ["b", "a", "b", "a", "a", "c"],
        "rating": [-4.0, 3.5, 0.5, 10.0, 1.0, 2.0],
        "timestamp": [1, 2, 3, 4, 5, 6],
    }
)


def triples(ratings):
    return {
        (ratings.user_ids[user], ratings.item_ids[item], value)
        for user, item, value in zip(
            ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist(), strict=True
        )
    }


def test_every_rating_is_read_with_its_user_and_item():
    expected = set(zip(FRAME["userId"].astype(str), FRAME["movieId"], FRAME["rating"], strict=True))
    ratings = read_ratings(FRAME)
    assert triples(ratings) == expected
    assert ratings.report.columns["rating"] == "rating"
    assert ratings.report.rows_kept == 6


def test_the_later_of_two_ratings_of_a_pair_is_kept_and_reported():
    again = pd.DataFrame({"userId": [1], "movieId": ["a"], "rating": [5.0], "timestamp": [9]})
    for frame in (pd.concat([FRAME, again]), pd.concat([again, FRAME])):
        ratings = read_ratings(frame)
        assert ("1", "a", 5.0) in triples(ratings)
        assert len(ratings) == 6
        assert any("1 rating replaced by a later one" in n for n in ratings.report.notes)


def test_what_is_no_finite_number_is_dropped_and_counted(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n1,a,4\n1,b,\n1,c,good\n1,d,inf\n1,e,nan\n")
    report = read_ratings(path).report
    assert report.rows_kept == 1
    assert {reason: each.count for reason, each in report.dropped.items()} == {
        "rating missing": 1,
        "rating not understood": 3,
    }


def test_a_table_without_ratings_is_an_error_that_names_the_remedy():
    with pytest.raises(DataError, match=r"for the rating .*name it with rating"):
        read_ratings(FRAME.drop(columns="rating"))
    named = read_ratings(FRAME.rename(columns={"rating": "how much"}), rating="how much")
    assert len(named) == 6


def test_a_rating_beyond_float32_is_an_error():
    with pytest.raises(DataError, match="finite number, not inf: leave it out"):
        read_ratings(FRAME.assign(rating=1e300))


def test_a_split_is_a_partition_of_the_asked_size_and_the_same_for_a_seed():
    rng = np.random.default_rng(0)
    pairs = rng.choice(50 * 40, size=500, replace=False)
    ratings = Ratings(
        (pairs // 40).astype(np.int32),
        (pairs % 40).astype(np.int32),
        rng.random(500, dtype=np.float32),
        tuple(map(str, range(50))),
        tuple(map(str, range(40))),
    )
    training, held_out = ratings.split(0.1, seed=3)
    assert len(held_out) == 50
    assert not triples(training) & triples(held_out)
    assert triples(training) | triples(held_out) == triples(ratings)
    assert triples(held_out) == triples(ratings.split(0.1, seed=3)[1])
    assert triples(held_out) != triples(ratings.split(0.1, seed=4)[1])
    for wrong in (0, 1, -0.5):
        with pytest.raises(ParameterError, match="held_out"):
            ratings.split(wrong)
    with pytest.raises(DataError, match="too few"):
        ratings.take(np.arange(3)).split(0.01)


def test_a_cross_tab_is_that_of_pandas():
    ratings = read_ratings(FRAME)
    expected = pd.crosstab(
        FRAME["userId"].astype(str), FRAME["movieId"], FRAME["rating"], aggfunc="mean"
    )
    shown = ratings.cross_tab()
    assert shown.index.tolist() == ["1", "2", "3"]  # two ratings each: ties in the order of ids
    assert shown.columns.tolist() == ["a", "b", "c"]
    pd.testing.assert_frame_equal(shown, expected, check_names=False, check_dtype=False)
    assert ratings.cross_tab(n_users=2, n_items=1).to_numpy().tolist() == [[3.5], [10.0]]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"users": np.array([0, 5], dtype=np.int32)}, "user_ids"),
        ({"items": np.array([-1, 0], dtype=np.int32)}, "item_ids"),
        ({"users": np.array([0, 0], dtype=np.int64)}, "int32"),
        ({"items": np.array([0, 0, 0], dtype=np.int32)}, "one for each rating"),
        ({"values": np.array([np.nan, 1], dtype=np.float32)}, "finite"),
        ({"values": np.array([1, 2])}, "float32"),
        ({"items": np.array([1, 1], dtype=np.int32)}, "twice"),
        ({"item_ids": ("a", "a")}, "without repeats"),
        ({"user_ids": (1,)}, "strings"),
    ],
)
def test_arrays_that_do_not_match_are_an_error(changed, rule):
    arrays = {
        "users": np.array([0, 0], dtype=np.int32),
        "items": np.array([0, 1], dtype=np.int32),
        "values": np.array([1, 2], dtype=np.float32),
    }
    with pytest.raises(DataError, match=rule):
        Ratings(**{"user_ids": ("u",), "item_ids": ("a", "b")} | arrays | changed)


def test_pairs_of_many_users_and_items_are_distinguished():
    n = 1 << 16  # squared, more than an int32 holds
    ids = tuple(map(str, range(n)))
    places = np.array([0, n - 1], dtype=np.int32)
    ratings = Ratings(places, np.zeros(2, np.int32), np.ones(2, np.float32), ids, ids)
    assert len(ratings) == 2
