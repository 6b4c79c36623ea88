"""Interactions read from text files, compared with plain Python."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reading_helpers import BLANK, awkward, counts, histories_of, write

from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions

ids = st.one_of(st.sampled_from(["1", "01", "1.0", "1e5", "NA", "null", "", " ", "a"]), awkward)


times = st.one_of(
    st.integers(0, 3).map(str), st.sampled_from(["", " 2 ", "1.5", "soon", "1970-01-01"])
)


records = st.lists(
    st.one_of(
        st.tuples(ids, ids, times),
        # A record with too few or too many fields is malformed, unless it is a blank line, or all
        # that it has too many is an empty field at its end.
        st.sampled_from([("only",), ("u", "i"), ("u", "i", "1", "x"), ("u", "i", "1", "", "y")]),
    ),
    max_size=15,
)


def understood(time):
    if time == "1970-01-01":
        return 0.0
    try:
        return float(time)
    except ValueError:
        return None


def expected(rows):
    """Return the expected histories of records, and the numbers dropped by reason."""
    kept, dropped = [], {}
    for ordinal, row in enumerate(rows):
        if len(row) != 3:
            reason = "malformed record"
        elif not row[0].strip(BLANK):
            reason = "user missing"
        elif not row[1].strip(BLANK):
            reason = "item missing"
        elif not row[2].strip(BLANK):
            reason = "time missing"
        elif understood(row[2]) is None:
            reason = "time not understood"
        else:
            kept.append((row[0], understood(row[2]), ordinal, row[1]))
            continue
        dropped[reason] = dropped.get(reason, 0) + 1
    histories = {}
    for user, _, _, item in sorted(kept):
        histories.setdefault(user, []).append(item)
    return histories, dropped


@settings(max_examples=20, deadline=None)
@given(
    rows=records,
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    bom=st.sampled_from(["", "\ufeff"]),
)
def test_any_csv_file_gives_what_plain_python_gives(
    rows, line_end, quoting, delimiter, bom, tmp_path_factory
):
    if quoting == csv.QUOTE_MINIMAL:  # Python would leave a carriage return outside quotes
        rows = [tuple(field.replace("\r", "\n") for field in row) for row in rows]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting, delimiter=delimiter)
    writer.writerows([("user", "item", "time"), *rows])
    path = write(tmp_path_factory.mktemp("any") / "any.csv", bom + text.getvalue())
    histories, dropped = expected(rows)
    if not histories:
        with pytest.raises(DataError, match=r"any\.csv"):
            read_interactions(path)
        return
    interactions = read_interactions(path)
    assert histories_of(interactions) == histories
    assert list(interactions.user_ids) == sorted(histories)
    assert list(interactions.item_ids) == sorted({i for items in histories.values() for i in items})
    assert counts(interactions) == dropped
    report = interactions.report
    assert report.rows_read == len(rows) == report.rows_kept + sum(dropped.values())


def test_order_is_that_of_time_and_then_of_the_file_over_many_records(tmp_path):
    # Far more records than DuckDB sorts or scans in one piece, and many ties.
    rng = np.random.default_rng(0)
    n = 150_000
    users, items, at = rng.integers(0, 50, n), rng.integers(0, 1000, n), rng.integers(0, 40, n)
    rows = list(zip(users.tolist(), items.tolist(), at.tolist(), strict=True))
    text = "user,item,time\n" + "".join(f"u{u},i{i},{t}\n" for u, i, t in rows)
    interactions = read_interactions(write(tmp_path / "many.csv", text))
    want = {}
    for user, _, _, item in sorted((f"u{u}", t, k, f"i{i}") for k, (u, i, t) in enumerate(rows)):
        want.setdefault(user, []).append(item)
    assert histories_of(interactions) == want


def test_several_files_follow_each_other_in_the_order_given(tmp_path):
    one, two = (
        write(tmp_path / "b.csv", "user,item\n1,x\n"),
        write(tmp_path / "a.csv", "user,item\n1,y\n"),
    )
    assert histories_of(read_interactions([one, two])) == {"1": ["x", "y"]}
    assert histories_of(read_interactions(str(tmp_path / "*.csv"))) == {"1": ["y", "x"]}
    assert histories_of(read_interactions([one, tmp_path / "*.csv"])) == {"1": ["x", "y"]}


def test_every_dropped_record_is_counted_once_with_its_place(tmp_path):
    text = """user,item,rating,time
1,a,5,1
,a,5,1
1, ,5,1
1,b
,,1,soon
1,c,5,soon
1,d,5,
1,e,x,1
1,f,,1
1,g,3.9,1
1,"h
h",4,1
1,i,5,1,surplus
"""
    report = read_interactions(write(tmp_path / "r.csv", text), min_rating=4).report
    assert (report.rows_read, report.rows_kept) == (12, 2)
    found = {reason: (each.count, each.places) for reason, each in report.dropped.items()}
    assert found == {
        "malformed record": (2, ("r.csv record 5", "r.csv record 13")),
        "user missing": (2, ("r.csv record 3", "r.csv record 6")),
        "item missing": (1, ("r.csv record 4",)),
        "time missing": (1, ("r.csv record 8",)),
        "time not understood": (1, ("r.csv record 7",)),
        "rating missing": (1, ("r.csv record 10",)),
        "rating not understood": (1, ("r.csv record 9",)),
        "rating below min_rating": (1, ("r.csv record 11",)),
    }


def test_a_report_holds_no_path_and_goes_into_json(tmp_path):
    report = read_interactions(write(tmp_path / "r.csv", "user,item\n1,a\n,b\n")).report
    stored = json.loads(json.dumps(report.to_dict()))
    assert stored["rows_read"] == 2
    assert stored["dropped"] == {"user missing": 1}
    assert "r.csv" not in json.dumps(stored), "a file's name may say whose it is"
    assert stored["columns"] == {"user": "user", "item": "item"}
    assert str(tmp_path) not in json.dumps(stored)
    assert str(tmp_path) not in "\n".join(report.lines())
    assert any("1" in line and "user missing" in line for line in report.lines())


def test_when_nothing_is_left_the_error_counts_the_reasons(tmp_path):
    path = write(tmp_path / "r.csv", "user,item\n1,a,x\n2,b,y\n")
    with pytest.raises(DataError, match=r"none of 2 records.*user, item.*delimiter"):
        read_interactions(path)
    path = write(tmp_path / "r.csv", "user,item,rating\n1,a,3\n1,b,x\n")
    with pytest.raises(
        DataError, match=r"2 records of r\.csv.*1: rating not understood, 1: rating below"
    ):
        read_interactions(path, min_rating=4)


written_ids = awkward.filter(lambda text: text.strip(BLANK))


@settings(max_examples=12, deadline=None)
@given(
    histories=st.dictionaries(
        written_ids, st.lists(written_ids, min_size=1, max_size=12), min_size=1, max_size=5
    )
)
def test_written_interactions_are_read_back_the_same(histories, tmp_path_factory):
    users = sorted(histories)
    item_ids = tuple(sorted({item for items in histories.values() for item in items}))
    places = [item_ids.index(item) for user in users for item in histories[user]]
    offsets = np.cumsum([0] + [len(histories[user]) for user in users])
    written = Interactions(np.array(places, np.int32), offsets, item_ids, tuple(users))
    path = tmp_path_factory.mktemp("written") / "w.csv"
    written.write_csv(path)
    read = read_interactions(path)
    assert histories_of(read) == histories
    assert read.item_ids == written.item_ids
    assert read.user_ids == written.user_ids
    np.testing.assert_array_equal(read.items, written.items)
    np.testing.assert_array_equal(read.offsets, written.offsets)
    assert [child.name for child in path.parent.iterdir()] == ["w.csv"]


LEAST, MOST = np.iinfo(np.int64).min, np.iinfo(np.int64).max
# The units of epochs change in 1973: a number for an earlier time could be read in another unit.
moments = (
    st.sampled_from([LEAST, LEAST + 1, -(10**17), -1, 0, 1, 10**11, 10**14, 10**17, MOST])
    | st.integers(LEAST, MOST)
    | st.integers(-(10**9), 10**9).map(lambda second: second * 10**9)
    | st.integers(-(10**4), 10**4).map(lambda day: day * 86_400 * 10**9)
)


@settings(max_examples=12, deadline=None)
@given(times=st.lists(moments, min_size=1, max_size=8).map(sorted))
@example(times=[LEAST, -(10**17) + 1, -1_000_001, -999, 0, 10**17 - 1, MOST])
@example(times=[20_210_301 * 10**9] * 3)  # in seconds, these would be read as dates
def test_written_times_are_read_back_to_the_nanosecond(times, tmp_path_factory):
    n = len(times)
    items = np.arange(n, dtype=np.int32)
    ids = tuple(f"i{item}" for item in range(n))
    written = Interactions(items, np.array([0, n]), ids, ("u",), times=np.array(times))
    path = tmp_path_factory.mktemp("timed") / "w.csv"
    written.write_csv(path)
    read = read_interactions(path, keep_times=True)
    assert read.times.tolist() == times
    assert read.items.tolist() == items.tolist()


def histories_by_hand(path: Path, user: str, item: str, time: str | None):
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = sorted(
        (row[user], int(row[time]) if time else 0, ordinal, row[item])
        for ordinal, row in enumerate(rows)
    )
    histories = {}
    for who, _, _, what in kept:
        histories.setdefault(who, []).append(what)
    return histories


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("ml-latest-small/ratings.csv", ("userId", "movieId", "timestamp")),
        ("goodbooks-10k/ratings_5pct_users.csv", ("user_id", "book_id", None)),
    ],
)
def test_real_histories_are_those_of_plain_python(shared_data, name, columns):
    interactions = read_interactions(shared_data / name)
    assert histories_of(interactions) == histories_by_hand(shared_data / name, *columns)
    assert not interactions.report.dropped


@pytest.mark.real_data
def test_real_sales_are_read_and_dropped_by_reason(shared_data):
    path = shared_data / "online-retail" / "online_retail.csv.gz"
    report = read_interactions(path, where="Quantity > 0").report
    assert (report.rows_read, report.rows_kept) == (541_909, 397_924)
    found = {reason: each.count for reason, each in report.dropped.items()}
    assert found == {"user missing": 135_080, "left out by where": 8_905}


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ([["a", "b"]], r"pandas\.DataFrame\(rows.*Histories\.from_lists"),
        ([{"user": 1, "item": 2}], r"pandas\.DataFrame\("),
        ({"user": [1], "item": [2]}, r"pandas\.DataFrame\("),
        (pd.Series([["a", "b"]]), r"reset_index\(\)"),
        (pa.table({"user": [1]}), r"to_pandas\(\)"),
        (io.BytesIO(b"user,item\n1,2\n"), r"pandas\.read_csv\(file, dtype=str\)"),
        (Histories.from_lists([["a"]]), "read already"),
    ],
    ids=["lists", "dicts", "dict", "series", "arrow", "file", "histories"],
)
def test_other_objects_are_refused_with_the_call_that_was_meant(source, remedy):
    with pytest.raises(ParameterError, match=remedy):
        read_interactions(source)
