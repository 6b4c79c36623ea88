import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions

BLANK = " \t\n\r\v\f\u00a0\u3000"


def histories_of(interactions):
    """User id -> item ids in order, as plain Python."""
    ends = interactions.offsets.tolist()
    return {
        user: [interactions.item_ids[item] for item in interactions.items[begin:end].tolist()]
        for user, begin, end in zip(interactions.user_ids, ends, ends[1:], strict=False)
    }


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def counts(interactions):
    return {reason: dropped.count for reason, dropped in interactions.report.dropped.items()}


# -- contents and order, against plain Python -------------------------------------------------

# Every kind of trouble that an id can make in a CSV file; NUL alone no text file may hold.
awkward = st.text(
    st.one_of(
        st.sampled_from(list("01aeNAB,;|:\t\"'\\ \n\r")),
        st.characters(codec="utf-8", exclude_characters="\0"),
    ),
    max_size=6,
)
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
    """What a user should get of records: histories, and the numbers dropped by reason."""
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


# -- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ascending",
    [
        ["-5", "0", "964982703", "964982703.25", "964982703.5", "964982704"],
        # Seconds, milli-, micro- and nanoseconds of one decade, each a little later.
        ["1600000000", "1600000001000", "1600000002000000", "1600000003000000000"],
        ["1600000000123456788", "1600000000123456789"],
        ["2011-12-01", "2011-12-01 08:26", "2011-12-01T08:26:00.5", "2011-12-02T00:00:00Z"],
        # Where the offset counts: these are 06:26, 06:30 and 07:00 UTC.
        ["2011-12-01T08:26:00+02:00", "2011-12-01 06:30:00", "2011-12-01T01:00:00-06:00"],
        ["2011-12-01 08:26:00.123456788", "2011-12-01 08:26:00.123456789"],
        ["0001-01-01", "1969-12-31", "2400-01-01", "9999-12-31"],
    ],
)
def test_times_are_understood_however_they_are_written(tmp_path, ascending):
    want = [f"i{place}" for place in range(len(ascending))]
    rows = [f"u,{item},{time}\n" for item, time in zip(want, ascending, strict=True)]
    path = write(tmp_path / "t.csv", "user,item,time\n" + "".join(reversed(rows)))
    assert histories_of(read_interactions(path)) == {"u": want}


def test_a_time_format_is_for_all_that_is_not_iso(tmp_path):
    path = write(tmp_path / "us.csv", "user,item,date\n1,a,12/1/2010 8:26\n1,b,11/30/2010 8:26\n")
    with pytest.raises(DataError, match=r"'12/1/2010 8:26'.*time_format=.*time='none'"):
        read_interactions(path)
    with pytest.raises(ParameterError, match="'%Q'"):
        read_interactions(path, time_format="%Q")
    assert histories_of(read_interactions(path, time_format="%m/%d/%Y %H:%M")) == {"1": ["b", "a"]}
    assert histories_of(read_interactions(path, time="none")) == {"1": ["a", "b"]}


def test_without_a_time_the_order_of_the_file_is_taken_and_said(tmp_path):
    interactions = read_interactions(write(tmp_path / "a.csv", "user,item\n1,b\n1,a\n1,b\n"))
    assert histories_of(interactions) == {"1": ["b", "a", "b"]}
    assert any("order" in note for note in interactions.report.notes)


# -- what is dropped --------------------------------------------------------------------------


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


def test_min_rating_needs_ratings(tmp_path):
    path = write(tmp_path / "r.csv", "user,item\n1,a\n")
    with pytest.raises(ParameterError, match="with rating"):
        read_interactions(path, min_rating=4)
    for rating in (math.nan, "four"):
        with pytest.raises(ParameterError, match="finite"):
            read_interactions(path, min_rating=rating)
    with pytest.raises(ParameterError, match=r"time_format.*with time"):
        read_interactions(path, time_format="%Y")


def test_when_nothing_is_left_the_reasons_are_told(tmp_path):
    path = write(tmp_path / "r.csv", "user,item\n1,a,x\n2,b,y\n")
    with pytest.raises(DataError, match=r"not one of 2 records.*user, item.*delimiter"):
        read_interactions(path)
    path = write(tmp_path / "r.csv", "user,item,rating\n1,a,3\n1,b,x\n")
    with pytest.raises(
        DataError, match=r"2 records of r\.csv.*1: rating not understood, 1: rating below"
    ):
        read_interactions(path, min_rating=4)


# -- columns ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("userId,movieId,rating,timestamp", ("userId", "movieId", "timestamp")),
        ("rating,User ID,date,book_id", ("User ID", "book_id", "date")),
        (
            "InvoiceDate,StockCode,Description,CustomerID",
            ("CustomerID", "StockCode", "InvoiceDate"),
        ),
        ("reviewerID,asin,overall,unixReviewTime", ("reviewerID", "asin", "unixReviewTime")),
        # Two that could be the item: an id is preferred to a name.
        ("title,visitor-id,ts,Movie-ID", ("visitor-id", "Movie-ID", "ts")),
    ],
)
def test_well_known_columns_are_found_and_said(tmp_path, header, columns):
    values = ",".join("1" for _ in header.split(","))
    report = read_interactions(write(tmp_path / "r.csv", f"{header}\n{values}\n")).report
    assert report.columns == dict(zip(("user", "item", "time"), columns, strict=True))
    assert all(any(name in note for note in report.notes) for name in columns)


def test_told_columns_win(tmp_path):
    path = write(tmp_path / "r.csv", "user,item,who,what,when\n1,2,3,4,5\n")
    interactions = read_interactions(path, user="who", item="what", time="when")
    assert histories_of(interactions) == {"3": ["4"]}
    assert not interactions.report.notes
    assert histories_of(read_interactions(path, item="user", user="item")) == {"2": ["1"]}


def test_columns_that_are_not_there_are_errors_with_remedies(tmp_path):
    path = write(tmp_path / "r.csv", "user,what,when\n1,2,3\n")
    with pytest.raises(DataError, match=r"r\.csv.*the item.*user, what, when.*as in item="):
        read_interactions(path)
    with pytest.raises(ParameterError, match=r"'wat'.*did you mean 'what'"):
        read_interactions(path, item="wat")
    with pytest.raises(ParameterError, match="both"):
        read_interactions(path, item="what", user="what")


# -- where ------------------------------------------------------------------------------------


@pytest.fixture
def sales(tmp_path):
    good = "".join(f"u,i{k},{k},2011-01-{1 + k % 28:02},x{k},true\n" for k in range(30))
    text = f"user,item,qty,day,code,paid\n{good}u,bad,many,never,x,perhaps\n"
    return write(tmp_path / "sales.csv", text)


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("qty > 0", 29),
        ("QTY >= 10 AND day < '2011-01-15'", 6),
        ("year(day) = 2011", 30),
        ("paid", 30),
        ("item = 'i7' OR code = 'x'", 2),
        ("qty > 0 -- all that are sold", 29),
        ("contains(item, ')') OR qty = 3", 1),
    ],
)
def test_where_keeps_what_fulfils_it(sales, where, kept):
    report = read_interactions(sales, where=where, time="none").report
    assert report.rows_kept == kept
    assert report.dropped["left out by where"].count == 31 - kept


@pytest.mark.parametrize(
    "where",
    [
        "",
        "qty >",
        "quantity > 0",
        "qty",
        "qty > ?",
        "sum(qty) > 1",
        "item::INT > 3",
        "qty > 0) UNION SELECT (1",
        "qty > 0) GROUP BY (qty",
        "qty > 0; DROP TABLE loaded",
        "qty > 0)) -- ",
        "qty > 0) /*",
        "qty > (SELECT count(*) FROM read_csv('SECRET'))",
        "EXISTS (FROM read_text('SECRET'))",
        "qty IN (SELECT 1)",
        "qty > (SELECT max(qty) FROM 'SECRET')",
    ],
)
def test_where_can_do_nothing_but_judge(sales, tmp_path, where):
    secret = write(tmp_path / "secret.csv", "user,item\n1,2\n")
    with pytest.raises(ParameterError, match="where=") as caught:
        read_interactions(sales, where=where.replace("SECRET", str(secret)))
    assert "\n" not in str(caught.value)


# -- DataFrames -------------------------------------------------------------------------------


def frame_of(**columns):
    frame = pd.DataFrame(columns)
    frame.index = [7] * len(frame)  # an index means nothing here
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


def test_frames_keep_their_order_however_long_they_are():
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
def test_frames_that_are_no_interactions(frame, error):
    with pytest.raises(DataError, match=error):
        read_interactions(frame)


# -- the value object -------------------------------------------------------------------------


@pytest.fixture
def interactions():
    items = np.array([0, 1, 0, 2, 1, 1, 0], dtype=np.int32)
    return Interactions(items, np.array([0, 4, 4, 7]), ("a", "b", "c"), ("x", "y", "z"))


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
    assert histories_of(taken) == {"z": ["b", "b", "a"], "x": ["a", "b", "a", "c"]}


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


def test_writing_where_nothing_can_be_written_is_an_error(interactions, tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        interactions.write_csv(tmp_path / "nowhere" / "w.csv")


# -- real data --------------------------------------------------------------------------------


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


def test_latin_1_is_named_where_it_makes_records_malformed_and_read_where_it_is_told(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes("user,item\n1,Café\n2,Tea\n".encode("latin-1"))
    report = read_interactions(path).report
    assert report.dropped["malformed record"].count == 1
    assert any("r.csv is not UTF-8" in note and "latin-1" in note for note in report.notes)
    assert read_interactions(path, encoding="latin-1").item_ids == ("Café", "Tea")
    path.write_bytes("user,item\n1,Café\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"is not UTF-8: .* encoding='latin-1'"):
        read_interactions(path)
    with pytest.raises(ParameterError, match="encoding must be utf-8 or latin-1, not 'koi8'"):
        read_interactions(path, encoding="koi8")


def test_malformed_records_of_a_file_in_utf_8_have_nothing_to_do_with_latin_1(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("user,item\n1,Café\n2,3,4,5\n")
    report = read_interactions(path).report
    assert report.dropped["malformed record"].count == 1
    assert not [note for note in report.notes if "latin" in note]


def test_a_predicate_on_an_id_says_how_to_compare_it(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("user,item\n1,7\n2,x\n")
    with pytest.raises(ParameterError, match=r"item is text; as a number it is item::DOUBLE"):
        read_interactions(path, where="item > 5 + 1")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (pd.DataFrame(), "has no columns"),
        (pd.DataFrame({"user": ["a"], "item": ["x"], "item2vec id": ["z"]}), "'item2vec id'"),
        (pd.Series([1, 2]), "not Series"),
        (np.zeros((3, 2)), "not ndarray"),
        ([], r"not \[\]"),
        ({"user": [1], "item": [2]}, "not dict"),
    ],
    ids=["no columns", "a name of ours", "series", "ndarray", "empty list", "dict"],
)
def test_a_source_that_is_none_is_told(source, told):
    with pytest.raises((DataError, ParameterError), match=told):
        read_interactions(source)


def test_a_frame_may_have_numbers_for_labels_and_unusual_numbers():
    labelled = read_interactions(pd.DataFrame([[1, "a"], [2, "b"]]), user=0, item=1)
    assert (labelled.user_ids, labelled.item_ids) == (("1", "2"), ("a", "b"))
    users = [pd.arrays.SparseArray([0, 1, 0]), np.array([0, 1, 0], np.longdouble)]
    for column in users:
        told = read_interactions(pd.DataFrame({"user": column, "item": ["x", "y", "z"]}))
        assert told.user_ids == ("0", "1")


@pytest.mark.parametrize("name", ["where", "time_format", "delimiter"])
def test_what_must_be_a_string_is_told(name):
    with pytest.raises(ParameterError, match=f"{name} must be a string, not 5"):
        read_interactions(pd.DataFrame({"user": ["a"], "item": ["x"]}), **{name: 5})
