"""A placeholder such as NA is not read as one user, unless that is asked for."""

import numpy as np
import pandas as pd
import pytest

from item2vec._support.messages import command_line
from item2vec.errors import DataError, ParameterError
from item2vec.reading.ids.placeholders import PLACEHOLDERS
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings


def clicks(placeholder="NA", *, n_anonymous=900, n_users=12, each=8):
    """A frame of sessions, most of them without a user, and a few users with some records each."""
    known = np.repeat([f"u{k}" for k in range(n_users)], each).tolist()
    users = [placeholder] * n_anonymous + known
    n = len(users)
    return pd.DataFrame(
        {
            "sessionId": [f"s{k // 8}" for k in range(n)],
            "userId": users,
            "itemId": [f"i{k % 24}" for k in range(n)],
        }
    )


def test_na_user_merges_sessions():
    """The case of that name: reading stops and names the share and all three remedies."""
    frame = clicks()
    with command_line(), pytest.raises(DataError) as caught:
        read_interactions(frame)
    for part in (
        "the user 'NA' has 90 % of the records (900 of 996)",
        "--user sessionId",
        "--anonymous drop",
        "--anonymous keep",
    ):
        assert part in str(caught.value)
    with pytest.raises(DataError, match=r"user='sessionId'.*anonymous='drop'.*anonymous='keep'"):
        read_interactions(frame)
    assert len(read_interactions(frame, user="sessionId").item_ids) == 24


def test_dropped_records_are_counted_with_their_places(tmp_path):
    frame = clicks()
    frame.loc[3, "itemId"] = " "
    path = tmp_path / "clicks.csv"
    frame.to_csv(path, index=False)
    read = read_interactions(path, anonymous="drop")
    report = read.report
    assert len(read) == 12
    assert "NA" not in read.user_ids
    assert len(read.items) == report.rows_kept == 96
    dropped = report.dropped
    assert {why: each.count for why, each in dropped.items()} == {
        "item missing": 1,
        "placeholder user": 899,
    }
    assert dropped["placeholder user"].places[0] == "clicks.csv record 2"
    assert report.rows_read == 996


def test_a_kept_placeholder_is_one_user_and_reported():
    read = read_interactions(clicks(), anonymous="keep")
    history = read.offsets[read.user_ids.index("NA") : read.user_ids.index("NA") + 2]
    assert np.diff(history) == 900
    assert any("'NA' has 90 %" in note for note in read.report.notes)


@pytest.mark.parametrize(
    "placeholder",
    ["NA", "nan", "NaN", "null", "NULL", "none", "N/A", "unknown", "-1", "0", "guest", "Anonymous",
     "undefined", "(not set)", "-", " na ", "\\N", "not set", "-1.0", "<NA>",
     "not_set", "Not-Set", "nobody", "unregistered", "deleted user", "Deleted_User", "guest_user",
     "anonymous visitor", "unknown-user", "not_logged-in", "[null]", "n.a", "0000",
     "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"],
)  # fmt: skip
def test_well_known_placeholders_are_refused(placeholder):
    with pytest.raises(DataError, match=r"many visitors without an id: .*anonymous=.drop"):
        read_interactions(clicks(placeholder))


def test_numbers_may_be_placeholders():
    frame = pd.DataFrame({"user": [-1] * 500 + list(range(100)) * 2})
    frame["item"] = np.arange(len(frame)) % 7
    with pytest.raises(DataError, match="the user '-1' has 71 %"):
        read_interactions(frame)
    assert -1 not in read_interactions(frame, anonymous="drop").user_ids


def test_spellings_of_one_placeholder_count_together():
    for one, other in (("NA", "na"), ("Not set", "not_set")):
        half = clicks(one, n_anonymous=170, n_users=600, each=5)
        frame = pd.concat([half, clicks(other, n_anonymous=170, n_users=0)])
        with pytest.raises(DataError, match=f"the users '{one}', '{other}' have 10 %"):
            read_interactions(frame)


@pytest.mark.parametrize(
    ("n_anonymous", "n_users", "each", "is_placeholder"),
    [
        (53, 100, 10, False),  # 5.03 % of the records, but no more than 20 times the median
        (200, 100, 10, False),  # exactly 20 times the median
        (201, 100, 10, True),
        (201, 400, 10, False),  # 20.1 times the median, but under 5 % of the records
        (212, 400, 10, True),
    ],
)
def test_both_the_share_and_the_median_decide(n_anonymous, n_users, each, is_placeholder):
    frame = clicks("0", n_anonymous=n_anonymous, n_users=n_users, each=each)
    if is_placeholder:
        with pytest.raises(DataError, match="the user '0' has"):
            read_interactions(frame)
    else:
        assert read_interactions(frame).report.rows_kept == len(frame)


def test_an_ordinary_user_0_is_read_without_notes():
    users = np.repeat(np.arange(1000), 10)
    frame = pd.DataFrame({"user": users, "item": np.arange(len(users)) % 50})
    for text in (frame, frame.astype(str)):
        read = read_interactions(text)
        assert len(read) == 1000
        assert not any("placeholder" in line or "anonymous" in line for line in read.report.lines())


def test_a_file_with_only_user_0_is_read_and_one_with_only_na_is_not():
    frame = clicks("0", n_users=0)
    assert read_interactions(frame, user="userId").user_ids == ("0",)
    with pytest.raises(DataError, match="'NA' has 100 %"):
        read_interactions(clicks(n_users=0))


@pytest.mark.parametrize("zero", ["0", "0.0", "0000"])
def test_0_is_a_user_among_fewer_than_ten_others(zero):
    assert read_interactions(clicks(zero, n_users=9), user="userId").report.rows_kept == 972
    with pytest.raises(DataError, match=f"the user '{zero}' has"):
        read_interactions(clicks(zero, n_users=10))


def test_two_users_are_read_without_notes():
    frame = pd.DataFrame({"user": [0] * 22 + [1], "item": range(23)})
    read = read_interactions(frame)
    assert read.user_ids == ("0", "1")
    assert not any("user" in note and "%" in note for note in read.report.notes)


def test_a_negative_number_is_a_placeholder_for_any_number_of_others():
    for n_users in (0, 1, 9):
        with pytest.raises(DataError, match="the user '-1' has"):
            read_interactions(clicks("-1", n_users=n_users, n_anonymous=161))
    frame = clicks("-1", n_users=1, n_anonymous=160)  # exactly 20 times the median
    assert read_interactions(frame).report.rows_kept == 168
    assert read_interactions(clicks("-1", n_users=0, n_anonymous=20)).user_ids == ("-1",)
    with pytest.raises(DataError, match="the user '-1' has 100 %"):
        read_interactions(clicks("-1", n_users=0, n_anonymous=21))


def test_another_name_that_owns_most_is_a_user():
    assert "bot" in read_interactions(clicks("bot")).user_ids


def test_item_ids_are_not_checked_for_placeholders():
    frame = clicks().rename(columns={"userId": "itemId", "itemId": "userId"})
    assert "NA" in read_interactions(frame).item_ids


def test_without_another_column_none_is_proposed():
    with pytest.raises(DataError) as caught:
        read_interactions(clicks().drop(columns="sessionId"))
    assert "use another column" not in str(caught.value)


def test_blank_users_stay_missing_and_are_counted(tmp_path):
    path = tmp_path / "clicks.csv"
    path.write_text("user,item\n" + " ,x\n,y\n\u00a0,z\n" * 100 + "a,x\nb,y\n")
    report = read_interactions(path).report
    assert {why: each.count for why, each in report.dropped.items()} == {"user missing": 300}
    assert report.rows_kept == 2


def test_only_kept_records_count():
    frame = clicks()
    kept = read_interactions(frame, where="\"userId\" <> 'NA'")
    assert len(kept) == 12


def test_ratings_are_read_by_the_same_rule():
    frame = clicks().assign(rating=3)
    with pytest.raises(DataError, match="the user 'NA' has 90 %"):
        read_ratings(frame)
    assert "NA" not in read_ratings(frame, anonymous="drop").user_ids


def test_dropping_the_only_user_leaves_nothing():
    with pytest.raises(DataError, match="900: placeholder user"):
        read_interactions(clicks(n_users=0), anonymous="drop")


def test_another_value_of_anonymous_is_refused():
    with pytest.raises(ParameterError, match="one of error, drop, keep, not 'x'"):
        read_interactions(clicks(), anonymous="x")


def test_no_single_word_of_a_phrase_is_a_placeholder():
    assert PLACEHOLDERS.isdisjoint({"set", "not", "in", "user", "logged", "(not", "set)"})
    assert "\\n" in PLACEHOLDERS
