"""Records that are sequences: lines of a user and items, baskets, and columns of lists."""

import csv
import gzip
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_helpers import CLIQUES, USERS, counts, histories_of, lines_of, write

import item2vec
from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings


@pytest.mark.parametrize("delimiter", [" ", "\t", ",", ";", "|", "::"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_of_a_user_and_items_are_found_by_their_lengths(tmp_path, delimiter, ending):
    text = lines_of(USERS, delimiter).replace("\n", ending)
    read = read_interactions(write(tmp_path / "train.txt", text))
    assert histories_of(read) == USERS
    assert read.report.rows_read == read.report.rows_kept == sum(map(len, CLIQUES))
    assert any("a user and that user's items" in note for note in read.report.notes)


def test_the_first_field_is_what_the_user_says(tmp_path):
    users = write(tmp_path / "train.txt", lines_of(USERS, " "))
    read = read_interactions(users, user="none")
    assert histories_of(read)["2"] == ["u1", *CLIQUES[1]]
    baskets = write(tmp_path / "b.txt", "".join(" ".join(items) + "\n" for items in CLIQUES))
    read = read_interactions(baskets, user="column0", item="column1")
    assert set(read.user_ids) == {items[0] for items in CLIQUES}


def test_several_lines_of_one_user_are_one_history(tmp_path):
    text = "b i1 i2\na i3\nb i2 i4 i5\nc i1\na i1 i5\n"
    read = read_interactions(write(tmp_path / "t.txt", text), user="column0")
    assert histories_of(read) == {"a": ["i3", "i1", "i5"], "b": ["i1", "i2", "i2", "i4", "i5"],
                                  "c": ["i1"]}  # fmt: skip


def test_blanks_around_fields_and_empty_fields_are_no_items(tmp_path):
    text = "u1  i1 i2 \n\n  u2\ti1\t\ti3\n \t \nu3 i2\nu4 i1 i2 i3 i4\n"
    read = read_interactions(write(tmp_path / "t.txt", text), layout="sequences", user="column0")
    assert histories_of(read) == {
        "u1": ["i1", "i2"], "u2": ["i1", "i3"], "u3": ["i2"], "u4": ["i1", "i2", "i3", "i4"],
    }  # fmt: skip
    padded = "milk, bread,,,\nbread,,,,\nmilk,tea,bread,jam,\n"
    read = read_interactions(write(tmp_path / "b.csv", padded), layout="sequences", user="none")
    assert histories_of(read) == {
        "1": ["milk", "bread"], "2": ["bread"], "3": ["milk", "tea", "bread", "jam"],
    }  # fmt: skip


def test_dropped_lines_are_counted_and_located(tmp_path):
    lines = [b"u1 i1 i2", b"u2", b"u3 i\xff i2", b"u4 i1 i2 i3 i4", b"u5 i4 i2", b"u6"]
    read = read_interactions(write(tmp_path / "t.txt", b"\n".join(lines)), layout="sequences",
                             user="column0")  # fmt: skip
    assert counts(read) == {"malformed record": 1, "item missing": 2}
    assert read.report.dropped["malformed record"].places == ("t.txt record 3",)
    assert read.report.dropped["item missing"].places == ("t.txt record 2", "t.txt record 6")
    assert read.report.rows_read == 8 + 1 + 2


def test_quoted_fields_may_hold_the_delimiter(tmp_path):
    baskets = [["milk, whole", "bread"], ["bread"], ['5" pipe', "milk, whole", "two\nlines"]] * 9
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(baskets)
    read = read_interactions(write(tmp_path / "b.csv", text.getvalue()), user="none")
    found = list(histories_of(read).values())
    assert sorted(found) == sorted([item.replace("\n", " ") for item in each] for each in baskets)


def test_a_quote_that_is_not_closed_is_an_ordinary_character(tmp_path):
    text = 'u1 5" pipe\nu2 "open tee\nu3 a b c\nu4 tee\n' * 5
    read = read_interactions(write(tmp_path / "t.txt", text), user="column0")
    assert '"open' in read.item_ids
    assert any("quotes are read as ordinary characters" in note for note in read.report.notes)


def test_gzip_and_several_files_are_read_alike(tmp_path):
    text = lines_of(USERS, " ").encode()
    half = text.index(b"u20 ")
    write(tmp_path / "1.txt", text[:half])
    (tmp_path / "2.txt").write_bytes(text[half:])
    packed = tmp_path / "t.txt.gz"
    packed.write_bytes(gzip.compress(text))
    assert histories_of(read_interactions(packed)) == USERS
    assert histories_of(read_interactions(tmp_path / "[12].txt")) == USERS


def test_unnamed_users_of_several_files_are_different(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "t.csv", "x,y\nx,z,y\ny\n" * 9)
        write(tmp_path / f"{name}.csv", "x,y\nx,z,y\ny\n" * 9)
    for glob in ("*/t.csv", "*.csv"):
        read = read_interactions(tmp_path / glob, user="none")
        assert len(read.user_ids) == 2 * 27


@pytest.mark.parametrize("separator", [",", "|", ";", " "])
@pytest.mark.parametrize("header", ["", "user_id\titems\n"])
def test_a_list_joined_by_a_separator_is_found(tmp_path, separator, header):
    histories = {f"u{user}": [str(5 * user % 11), str(user % 7), "40"] for user in range(30)}
    text = "".join(f"{user}\t{separator.join(items)}\n" for user, items in histories.items())
    read = read_interactions(write(tmp_path / "t.tsv", header + text))
    assert histories_of(read) == histories
    frame = pd.read_csv(io.StringIO("user_id\titems\n" + text), sep="\t", dtype=str)
    assert histories_of(read_interactions(frame)) == histories


def test_texts_are_not_split_unless_their_column_or_the_layout_says_so(tmp_path):
    frame = pd.DataFrame({"user": ["a", "b"], "item": ["Good, Bad, Ugly", "Up"]})
    assert read_interactions(frame).item_ids == ("Good, Bad, Ugly", "Up")
    read = read_interactions(frame, layout="sequences")
    assert read.item_ids == ("Bad", "Good", "Ugly", "Up")
    assert len(read_interactions(frame.rename(columns={"item": "items"})).item_ids) == 4
    for ids in (["1|2", "2|3", "5"], ["3,5", "4,5"]):
        assert read_interactions(pd.DataFrame({"user": "a", "item": ids})).item_ids == tuple(
            sorted(ids)
        )


def test_times_and_ratings_may_be_lists_beside_the_items(tmp_path):
    rows = [
        {"user": "a", "items": ["x", "y", "z"], "timestamp": [30, 10, 20], "rating": [1, 2, 3]},
        {"user": "b", "items": ["x"], "timestamp": [5], "rating": [4]},
    ]
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    for source in (path, tmp_path / "t.parquet", pd.DataFrame(rows)):
        read = read_interactions(source, keep_times=True)
        assert histories_of(read) == {"a": ["y", "z", "x"], "b": ["x"]}
        assert np.array_equal(read.times, np.array([10, 20, 30, 5]) * 10**9)
        ratings = read_ratings(source)
        assert sorted(ratings.values.tolist()) == [1, 2, 3, 4]
    baskets = pd.DataFrame({"user": "a", "time": [2, 1], "basket": [["x", "y"], ["z"]]})
    assert histories_of(read_interactions(baskets)) == {"a": ["z", "x", "y"]}


def test_lists_without_users_are_histories_of_their_own():
    frame = pd.DataFrame({"basket": [["x", "y"], [], ["y", None, "x"]]})
    read = read_interactions(frame)
    assert histories_of(read) == {"1": ["x", "y"], "3": ["y", "x"]}
    assert counts(read) == {"item missing": 2}
    assert read.report.dropped["item missing"].places == (
        "the DataFrame row 1", "the DataFrame row 2",
    )  # fmt: skip
    assert any("one anonymous user" in note for note in read.report.notes)


def test_users_in_the_index_of_a_frame_are_used():
    rows = pd.DataFrame({"user": ["ann", "ann", "bob"], "item": ["x", "y", "x"]})
    for frame in (rows.groupby("user").agg(list), rows.set_index("user")):
        assert histories_of(read_interactions(frame)) == {"ann": ["x", "y"], "bob": ["x"]}
    assert histories_of(read_interactions(rows.groupby("user")["item"].agg(list).to_frame())) == {
        "ann": ["x", "y"], "bob": ["x"],
    }  # fmt: skip


def test_a_layout_that_does_not_fit_is_an_error_with_a_remedy(tmp_path):
    rows = pd.DataFrame({"user": ["a", "b"], "item": ["x", "y"]})
    with pytest.raises(DataError, match=r"single items.*leave layout='sequences' out"):
        read_interactions(rows, layout="sequences")
    with pytest.raises(ParameterError, match="auto, rows, sequences, not 'lines'"):
        read_interactions(rows, layout="lines")
    with pytest.raises(ParameterError, match=r"user='none'.*single interactions.*layout='seq"):
        read_interactions(rows, user="none")
    path = write(tmp_path / "t.txt", lines_of(USERS, " "))
    with pytest.raises(DataError, match="provide a table with users and items"):
        read_interactions(path, layout="rows")


def test_a_user_and_a_joined_list_are_two_columns_if_sequences_are_declared(tmp_path):
    path = write(tmp_path / "t.tsv", "ann\ta,b,c\nbob\ta,c\ncid\td\n")
    read = read_interactions(path, layout="sequences")
    assert histories_of(read) == {"ann": ["a", "b", "c"], "bob": ["a", "c"], "cid": ["d"]}


def test_lists_that_describe_items_are_no_items():
    tags = [["new", "red"], ["old"], ["new", "red"]]
    rows = pd.DataFrame({"customer": ["c1", "c1", "c2"], "artikel": ["x1", "x2", "x1"]})
    for name in ("tags", "categories", "whatever"):
        with pytest.raises(DataError, match="item='artikel'"):
            read_interactions(rows.assign(**{name: tags}))
    with pytest.raises(DataError, match="well-known name for the item"):
        read_interactions(pd.DataFrame({"customer": ["c1", "c2"], "tags": tags[:2]}))


def test_users_of_lists_are_asked_about_if_a_column_may_name_them():
    frame = pd.DataFrame({"wer": ["a", "a"], "basket": [["p", "q"], ["r"]]})
    with pytest.raises(DataError, match=r"user='wer'.*user='none'"):
        read_interactions(frame)
    assert histories_of(read_interactions(frame, user="wer")) == {"a": ["p", "q", "r"]}
    assert len(read_interactions(frame, user="none").user_ids) == 2


ids = st.text("ab1 ;|-", min_size=1, max_size=3).map(str.strip).filter(bool)


@settings(max_examples=15)  # test_sequences_sweep.py tries many more
@given(st.dictionaries(ids, st.lists(ids, min_size=1, max_size=6), min_size=1, max_size=8))
def test_any_sequences_are_those_of_plain_python(tmp_path_factory, histories):
    path = tmp_path_factory.mktemp("any") / "t.csv"
    write(path, lines_of(histories, ","))
    read = read_interactions(path, layout="sequences", user="column0", delimiter=",")
    assert histories_of(read) == histories


def test_fit_takes_a_frame_of_lists():
    frame = pd.DataFrame({"user": list(USERS), "items": CLIQUES})
    model = item2vec.Word2Vec(epochs=1, workers=1, vector_size=8).fit(frame)
    assert set(model.vocabulary.ids) <= {f"i{k}" for k in range(7)}
    series = frame.set_index("user")["items"]
    assert len(item2vec.Histories.from_lists(series)) == 40
