"""A cell that holds a list is read as several items; one with bytes or the like is an error."""

import datetime
import decimal
import json
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_helpers import histories_of

from item2vec._support.messages import command_line
from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions

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


KINDS = ["parquet", "jsonl", "json", "json.csv", "python.csv"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_element_of_a_list_per_record_is_an_item(tmp_path, kind):
    read = read_interactions(table_of(tmp_path, kind, LISTS))
    assert histories_of(read) == {"u0": ["4", "8", "0"], "u1": ["8"], "u3": ["x", "4"]}
    assert (read.report.rows_read, read.report.rows_kept) == (7, 6)
    missing = read.report.dropped["item missing"]
    record = {"parquet": 3, "jsonl": 3, "json": 3}.get(kind, 4)  # a header is record 1
    assert (missing.count, missing.places) == (1, (f"lists.{kind} record {record}",))
    assert any("items holds its items" in note for note in read.report.notes)


@pytest.mark.parametrize("kind", KINDS)
def test_lists_are_an_error_with_a_remedy_where_a_record_is_to_be_one_interaction(tmp_path, kind):
    path = table_of(tmp_path, kind, LISTS)
    with pytest.raises(DataError) as caught:
        read_interactions(path, item="items", layout="rows")
    for part in ("'items' contains lists, such as", "'8'", "one row for each item is needed"):
        assert part in str(caught.value).replace('"8"', "'8'")
    assert "frame.explode('items')" in str(caught.value)


def test_a_list_that_numpy_wrote_is_a_list(tmp_path):
    path = table_of(tmp_path, "numpy.csv", [[4, 8, 0], [1, 2], [3, 5, 7]])
    read = read_interactions(path, item="items")
    assert histories_of(read) == {"u0": ["4", "8", "0"], "u1": ["1", "2"], "u2": ["3", "5", "7"]}


def test_a_catalogue_refuses_lists(tmp_path):
    frame = pd.DataFrame({"item": LISTS[:2], "rating": [1, 2]})
    with pytest.raises(DataError, match="'item' contains lists"):
        read_catalogue(frame)
    frame.to_csv(tmp_path / "lists.csv")
    with pytest.raises(DataError, match="'item' contains lists"):
        read_catalogue(tmp_path / "lists.csv")


def test_list_per_row_read_as_one_item(tmp_path):
    """The case of that name: 40 users, each with one list; at the command line as in Python."""
    lists = [[(user + k) % 20 for k in range(5)] for user in range(40)]
    path = table_of(tmp_path, "json.csv", lists)
    with command_line():
        read = read_interactions(path, item="items")
    assert (len(read.user_ids), len(read.item_ids), len(read.items)) == (40, 20, 200)
    frame = pd.DataFrame({"user": ["a", "b"], "item": [["x", "y"], ["y", "z"]]})
    for source in (frame, frame.explode("item")):
        read = read_interactions(source)
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
    """A set has no order; in a column of users, or of single items, a list is an error, too."""
    frame = pd.DataFrame({"user": ["a", "b", "c"], "item": ["x", "y", "z"]}, dtype=object)
    frame[role] = pd.Series(["a", None, value], dtype=object)
    is_set = isinstance(value, set | frozenset)
    with pytest.raises(DataError, match=f"'{role}' contains lists") as caught:
        read_interactions(frame, layout="auto" if is_set or role == "user" else "rows")
    assert f"one row for each {role} is needed" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (b"\xff\x00", r"bytes, such as b'\\xff\\x00'"),
        (bytearray(b"ab"), "bytes"),
        ({"id": 1}, r"nested values, such as \{'id': 1\}"),
        (True, "Boolean values"),
        (np.bool_(False), "Boolean values"),
        (1 + 2j, "values of type complex"),
        (object, "values of type type"),
        (pd.Interval(0, 1), "values of type Interval"),
        (pd.Timedelta(1), "values of type Timedelta"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_odd_id_in_a_frame_is_an_error_that_shows_it(value, what):
    users = pd.Series(["a", value], dtype=object)
    with pytest.raises(DataError, match=f"'user' contains {what}"):
        read_interactions(pd.DataFrame({"user": users, "item": ["x", "y"]}))
    with pytest.raises(DataError, match=f"'item' contains {what}"):
        read_catalogue(pd.DataFrame({"item": users, "title": ["x", "y"]}))


def test_columns_of_odd_types_are_errors():
    rest = {"user": ["a", "b"]}
    for values in ([True, False], pd.to_timedelta([1, 2]), np.array([1j, 2])):
        with pytest.raises(DataError, match="'item' contains"):
            read_interactions(pd.DataFrame({**rest, "item": values}))
    categories = pd.Categorical([("x", "y"), ("z",)])
    with pytest.raises(DataError, match="'item' contains lists"):
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
        (pa.array([[[1, 2]], None]), r"lists, such as \[1, 2\]"),
        (pa.array([{"a": 1}, None]), r"nested values, such as \{'a': 1\}"),
        (pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())), "nested values"),
        (pa.array([True, False]), "Boolean values"),
        (pa.array([5, 6], pa.time32("s")), "values of type TIME"),
    ],
    ids=["nested list", "struct", "map", "bool", "time"],
)
def test_a_parquet_column_of_another_type_is_an_error(tmp_path, column, what):
    pq.write_table(pa.table({"user": ["a", "b"], "item": column}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=f"'item' contains {what}"):
        read_interactions(tmp_path / "t.parquet")


def test_bytes_in_parquet_are_text_where_they_are_utf_8_and_an_error_elsewhere(tmp_path):
    path = tmp_path / "b.parquet"
    pq.write_table(pa.table({"user": ["a"], "item": pa.array(["é".encode()])}), path)
    assert read_interactions(path).item_ids == ("é",)
    pq.write_table(pa.table({"user": ["a"], "item": pa.array([b"\xff\xfe"])}), path)
    with pytest.raises(DataError, match=r"xFF.*store the bytes as text"):
        read_interactions(path)


def test_nested_json_is_an_error_in_any_record(tmp_path):
    rows = [{"user": f"u{k}", "item": f"[REC] {k}"} for k in range(3000)]
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(read_interactions(path).item_ids) == 3000
    for odd, what in (([1, 2], r"lists, such as \[1, 2\]"), ({"id": 1}, "nested values")):
        last = json.dumps({"user": "z", "item": odd})
        path.write_text("".join(json.dumps(row) + "\n" for row in rows) + last)
        with pytest.raises(DataError, match=f"'item' contains {what}"):
            read_interactions(path)


def test_lists_of_genres_are_still_read(tmp_path):
    pq.write_table(pa.table({"item": ["x"], "genres": [["A", "B"]]}), tmp_path / "t.parquet")
    assert read_catalogue(tmp_path / "t.parquet").columns["genres"] == ("A|B",)


def test_a_long_list_is_cut_in_the_message():
    frame = pd.DataFrame({"user": ["a"], "item": [list(range(100_000))]})
    with pytest.raises(DataError) as caught:
        read_interactions(frame, layout="rows")
    assert len(str(caught.value)) < 500
