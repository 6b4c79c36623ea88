"""A cell that holds a list, bytes or the like is never taken as one id."""

import ast
import datetime
import decimal
import json
import re
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from item2vec._support.messages import command_line
from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings

LISTS = [["4", "8", "0"], ["8"], [], ["x", "4"]]


def table_of(tmp_path, kind, lists):
    """Write a table of users and lists of items in some kind of file; return its path."""
    path = tmp_path / f"lists.{kind}"
    users = [f"u{k}" for k in range(len(lists))]
    if kind == "parquet":
        pq.write_table(pa.table({"user": users, "items": lists}), path)
    elif kind == "jsonl":
        rows = [{"user": u, "items": each} for u, each in zip(users, lists, strict=True)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "json":
        rows = [{"user": u, "items": each} for u, each in zip(users, lists, strict=True)]
        path.write_text(json.dumps(rows))
    else:
        write = {"json.csv": json.dumps, "python.csv": str, "numpy.csv": lambda x: str(np.array(x))}
        pd.DataFrame({"user": users, "items": list(map(write[kind], lists))}).to_csv(
            path, index=False
        )
    return path


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "json", "json.csv", "python.csv"])
def test_a_list_per_row_is_an_error_that_says_what_to_do(tmp_path, kind):
    path = table_of(tmp_path, kind, LISTS)
    with pytest.raises(DataError) as caught:
        read_interactions(path, item="items")
    for part in ("'items' holds lists, such as", "'8'", "one row for each item is needed"):
        assert part in str(caught.value).replace('"8"', "'8'")
    assert "frame.explode('items')" in str(caught.value)


def test_a_list_that_numpy_wrote_is_a_list(tmp_path):
    path = table_of(tmp_path, "numpy.csv", [[4, 8, 0], [1, 2], [3, 5, 7]])
    with pytest.raises(DataError, match=r"such as '\[4 8 0\]'"):
        read_interactions(path, item="items")


@pytest.mark.parametrize("read", [read_interactions, read_ratings, read_catalogue])
def test_every_reader_refuses_lists(tmp_path, read):
    frame = pd.DataFrame({"item": LISTS[:2], "rating": [1, 2]})
    if read is not read_catalogue:
        frame["user"] = ["a", "b"]
    with pytest.raises(DataError, match="'item' holds lists"):
        read(frame)
    frame.to_csv(tmp_path / "lists.csv")
    with pytest.raises(DataError, match="'item' holds lists"):
        read(tmp_path / "lists.csv")


def test_list_per_row_read_as_one_item(tmp_path):
    """The case of that name: 40 users, each with one list; at the command line as in Python."""
    lists = [[(user + k) % 20 for k in range(5)] for user in range(40)]
    path = table_of(tmp_path, "json.csv", lists)
    with command_line(), pytest.raises(DataError, match=r"such as '\[0, 1, 2, 3, 4\]'"):
        read_interactions(path, item="items")
    frame = pd.DataFrame({"user": ["a", "b"], "item": [["x", "y"], ["y", "z"]]})
    with pytest.raises(DataError, match=r"such as \['x', 'y'\]"):
        read_interactions(frame)
    read = read_interactions(frame.explode("item"))
    assert (read.item_ids, len(read.items)) == (("x", "y", "z"), 4)


@pytest.mark.parametrize(
    "value",
    [
        ["x", "y"],
        ("x", "y"),
        {"x"},
        frozenset({"x"}),
        np.array(["x", "y"]),
        pd.Series(["x", "y"]),
        [],
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("role", ["user", "item"])
def test_a_collection_in_one_cell_of_a_frame_is_an_error(value, role):
    frame = pd.DataFrame({"user": ["a", "b", "c"], "item": ["x", "y", "z"]}, dtype=object)
    frame[role] = pd.Series(["a", None, value], dtype=object)
    with pytest.raises(DataError, match=f"'{role}' holds lists") as caught:
        read_interactions(frame)
    assert f"one row for each {role} is needed" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (b"\xff\x00", r"bytes, such as b'\\xff\\x00'"),
        (bytearray(b"ab"), "bytes"),
        ({"id": 1}, r"nested values, such as \{'id': 1\}"),
        (True, "truth values"),
        (np.bool_(False), "truth values"),
        (1 + 2j, "values of type complex"),
        (object, "values of type type"),
        (pd.Interval(0, 1), "values of type Interval"),
        (pd.Timedelta(1), "values of type Timedelta"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_odd_id_in_a_frame_is_an_error_that_shows_it(value, what):
    users = pd.Series(["a", value], dtype=object)
    with pytest.raises(DataError, match=f"'user' holds {what}"):
        read_interactions(pd.DataFrame({"user": users, "item": ["x", "y"]}))
    with pytest.raises(DataError, match=f"'item' holds {what}"):
        read_catalogue(pd.DataFrame({"item": users, "title": ["x", "y"]}))


def test_columns_of_odd_types_are_errors():
    rest = {"user": ["a", "b"]}
    for values in ([True, False], pd.to_timedelta([1, 2]), np.array([1j, 2])):
        with pytest.raises(DataError, match="'item' holds"):
            read_interactions(pd.DataFrame({**rest, "item": values}))
    categories = pd.Categorical([("x", "y"), ("z",)])
    with pytest.raises(DataError, match="'item' holds lists"):
        read_interactions(pd.DataFrame({**rest, "item": categories}))


def test_text_numbers_uuids_and_days_are_ids():
    one = uuid.UUID(int=7)
    items = ["x", 7, 2.0, 0.5, decimal.Decimal("1.5"), one, np.int32(3), datetime.date(2020, 1, 2)]
    read = read_interactions(pd.DataFrame({"user": "a", "item": pd.Series(items, dtype=object)}))
    assert set(read.item_ids) == {"x", "7", "2", "0.5", "1.5", str(one), "3", "2020-01-02"}
    days = pd.DataFrame({"user": pd.to_datetime(["2020-01-02"]), "item": ["x"]})
    assert read_interactions(days).user_ids == ("2020-01-02 00:00:00",)


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (pa.array([[1, 2], None]), r"lists, such as \[1, 2\]"),
        (pa.array([None, None], pa.list_(pa.string())), "lists: one row for each item"),
        (pa.array([{"a": 1}, None]), r"nested values, such as \{'a': 1\}"),
        (pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())), "nested values"),
        (pa.array([True, False]), "truth values"),
        (pa.array([5, 6], pa.time32("s")), "values of type TIME"),
    ],
    ids=["list", "empty list", "struct", "map", "bool", "time"],
)
def test_a_parquet_column_of_another_type_is_an_error(tmp_path, column, what):
    pq.write_table(pa.table({"user": ["a", "b"], "item": column}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=f"'item' holds {what}"):
        read_interactions(tmp_path / "t.parquet")


def test_bytes_in_parquet_are_text_where_they_are_utf_8_and_an_error_elsewhere(tmp_path):
    path = tmp_path / "b.parquet"
    pq.write_table(pa.table({"user": ["a"], "item": pa.array(["é".encode()])}), path)
    assert read_interactions(path).item_ids == ("é",)
    pq.write_table(pa.table({"user": ["a"], "item": pa.array([b"\xff\xfe"])}), path)
    with pytest.raises(DataError, match=r"xFF.*store the bytes as text"):
        read_interactions(path)


def test_nested_json_is_an_error_wherever_it_stands(tmp_path):
    rows = [{"user": f"u{k}", "item": f"[REC] {k}"} for k in range(3000)]
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(read_interactions(path).item_ids) == 3000
    for odd, what in (([1, 2], r"lists, such as \[1, 2\]"), ({"id": 1}, "nested values")):
        last = json.dumps({"user": "z", "item": odd})
        path.write_text("".join(json.dumps(row) + "\n" for row in rows) + last)
        with pytest.raises(DataError, match=f"'item' holds {what}"):
            read_interactions(path)


def test_ids_that_only_look_like_lists_are_kept(tmp_path):
    titles = ["[REC] (2007)", "[4]", "(500) Days of Summer", "['71]", "{}", "Heat", "M", "Up", "9"]
    path = tmp_path / "t.csv"
    pd.DataFrame({"user": "a", "item": titles}).to_csv(path, index=False)
    assert set(read_interactions(path).item_ids) == set(titles)
    brackets = [f"[{name}]" for name in ("Heat", "Up", "REC")]
    pd.DataFrame({"user": "a", "item": brackets}).to_csv(path, index=False)
    assert set(read_interactions(path).item_ids) == set(brackets)


def test_lists_of_genres_are_still_read(tmp_path):
    pq.write_table(pa.table({"item": ["x"], "genres": [["A", "B"]]}), tmp_path / "t.parquet")
    assert read_catalogue(tmp_path / "t.parquet").columns["genres"] == ("A|B",)


def test_a_long_list_is_cut_in_the_message():
    frame = pd.DataFrame({"user": ["a"], "item": [list(range(100_000))]})
    with pytest.raises(DataError) as caught:
        read_interactions(frame)
    assert len(str(caught.value)) < 500


WRITTEN = {
    "DuckDB": "[i{0}, i{1}]",
    "PostgreSQL": "{{i{0},i{1}}}",
    "NumPy with nan": "[ {0}. nan]",
    "Python with nan": "[nan, {0}.0]",
    "NumPy's repr": "array([{0}, {1}])",
    "frozenset": "frozenset({{{0}, {1}}})",
    "objects": "[UUID('{0}'), {1}]",
    "Scala": "List(i{0}, i{1})",
    "NumPy's texts": "['i{0}' 'i{1}']",
    "nested": "[[{0}, x], [{1}]]",
    "lines": "[{0}\n {1}]",
}


@pytest.mark.parametrize("read", [read_interactions, read_ratings, read_catalogue])
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_lists_are_recognised_however_they_are_written(tmp_path, read, written):
    lists = [written.format(k, k + 1) for k in range(4)] + ["i1", "i2", "i3"]
    roles = ["item"] if read is read_catalogue else ["item", "user"]
    path = tmp_path / "t.csv"
    for role in roles:
        frame = pd.DataFrame({"user": "a", "item": "x", "rating": 1}, index=range(7))
        frame = frame.drop(columns="user") if read is read_catalogue else frame
        frame[role] = lists
        frame.to_csv(path, index=False)
        for source in (path, frame):
            with pytest.raises(DataError, match=f"'{role}' holds lists, such as"):
                read(source)


@pytest.mark.parametrize("empty", ["set()", "frozenset()", "[]", "array([], dtype=int64)"])
def test_empty_lists_count_as_lists(empty):
    items = [empty] * 3 + ["[i0, i1]", "[i1, i2]", "x", "y"]
    with pytest.raises(DataError, match="'item' holds lists"):
        read_interactions(pd.DataFrame({"user": "a", "item": items}))


@pytest.mark.parametrize(
    "items",
    [
        ["[4]", "[REC]", "[Heat]", "Up"],
        ["{0F8FAD5B-D9CB-469F-A165-70867728950E}", "{7C9E6679-7425-40DE-944B-E07FC1F90AE7}"],
        ["(Untitled)", "(T)", "[ REC ]", "[a, ]"],
        ["(500) Days (2009)", "[REC], [REC 2]", "(a, b) and (c, d)", "(not set)"],
    ],
    ids=["titles", "GUIDs", "blanks", "several brackets"],
)
def test_brackets_without_a_separator_are_no_lists(items):
    read = read_interactions(pd.DataFrame({"user": "a", "item": items}))
    assert set(read.item_ids) == set(items)
    assert not any("lists" in note for note in read.report.notes)


def late(lists, n_items, n_before=10_000):
    """A frame whose first records name some items, and whose last ones hold lists of them."""
    items = [f"i{k % n_items}" for k in range(n_before)] + lists
    users = [f"u{k % 50}" for k in range(len(items))]
    return pd.DataFrame({"user": users, "item": items, "rating": 1})


@pytest.mark.parametrize("read", [read_interactions, read_ratings, read_catalogue])
def test_lists_after_the_first_records_are_an_error_where_half_of_the_ids_are_lists(read):
    frame = late([f"[i{k}, i{k + 1}]" for k in range(20)], 20)
    frame = frame.drop(columns="user") if read is read_catalogue else frame
    with pytest.raises(DataError, match=r"'item' holds lists, such as '\[i0, i1\]'"):
        read(frame)


def test_few_lists_are_noted():
    lists = [f"[i{k}, i{k + 1}]" for k in range(3)]
    frame = late(lists, 20, 100)
    note = "3 item ids look like lists, such as '[i0, i1]': if they are, explode them first"
    assert note in read_interactions(frame).report.notes
    assert note in read_catalogue(frame[["item"]]).notes
    one = read_interactions(late(lists[:1], 20, 100))
    assert not any("lists" in note for note in one.report.notes)
    frame = frame.rename(columns={"user": "item", "item": "user"})
    notes = read_interactions(frame).report.notes
    assert any(note.startswith("3 user ids look like lists") for note in notes)


def joined_notes(ids):
    """Return what the report of these items says of joined lists."""
    read = read_interactions(pd.DataFrame({"user": "a", "item": ids}))
    return [note for note in read.report.notes if "joined" in note]


@pytest.mark.parametrize("separator", ["|", ";", " | "])
def test_joined_lists_are_noted_where_their_parts_are_shared(separator):
    pairs = [f"i{k}{separator}i{j}" for k in range(5) for j in range(5)]
    (note,) = joined_notes(pairs)
    assert note == (
        f"item ids look like lists joined by '{separator.strip()}', such as "
        f"'i0{separator}i0': one row for each item is needed; split and explode them first"
    )
    assert joined_notes([*pairs, "i1", "i2"]) == [note]  # 25 of 27
    assert not joined_notes([*pairs, "i1", "i2", "i3"])  # 25 of 28
    assert not joined_notes(pairs[:19])
    assert not joined_notes([f"shop{separator}i{k}" for k in range(25)])  # 26 parts, 25 ids
    assert not joined_notes([f"i{k}{separator.strip()}" for k in range(25)])


@pytest.mark.parametrize(
    "lists", [["[i0, i1]", "[i2, i0]"], ["{i0,i1}", "{i2,i0}"], ["[0 1]", "[2 0]"], ["[1, 2]"] * 2]
)
def test_the_remedy_in_the_message_works(lists):
    frame = pd.DataFrame({"user": ["a", "b"], "item": lists})
    with pytest.raises(DataError) as caught:
        read_interactions(frame)
    parsing, explode = str(caught.value).split("in pandas with ")[1].split(", then ")
    frame["item"] = eval(parsing, {"frame": frame, "ast": ast})
    read = read_interactions(eval(explode, {"frame": frame}))
    assert set(read.item_ids) == set(re.findall(r"\w+", "".join(lists)))
    assert len(read.items) == 4


@pytest.mark.parametrize("text", ["['i0' 'i1']", "array([1, 2])", "[UUID('a'), 1]"])
def test_no_remedy_is_named_that_would_make_other_lists(text):
    with pytest.raises(DataError, match="once the texts are parsed into lists, in pandas with"):
        read_interactions(pd.DataFrame({"user": ["a"], "item": [text]}))


@pytest.mark.parametrize(
    "items",
    [
        ["(Live, 2009)"] * 50 + [f"i{n}" for n in range(5)],
        [f"[Study number {n}]" for n in range(20)],
        [f"(Part {n}, {n + 1})" for n in range(20)],
        ["[Bill, 2009]"] * 60 + ["[Alone]", "x"],
    ],
    ids=["one popular title", "titles in brackets", "titles in parentheses", "one with a comma"],
)
def test_titles_that_look_like_lists_are_read(items):
    read = read_interactions(pd.DataFrame({"user": range(len(items)), "item": items}))
    assert set(read.item_ids) == set(items)


def test_a_single_user_in_parentheses_is_read():
    frame = pd.DataFrame({"user": ["(Smith, John)"] * 30, "item": [f"i{n}" for n in range(30)]})
    assert read_interactions(frame).user_ids == ("(Smith, John)",)
