"""Tables with a column for each item of a sequence, or with another column of items."""

import json

import pandas as pd
import pytest
from reading_helpers import histories_of, write

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

FRAME = pd.DataFrame(
    {"user": ["u1", "u2", "u3"], "item1": ["a", "b", "c"], "item2": ["b", None, "a"]}
)
HISTORIES = {"u1": ["a", "b"], "u2": ["b"], "u3": ["c", "a"]}


@pytest.fixture(params=["frame", "parquet", "json", "csv", "index"])
def source(request, tmp_path):
    path = tmp_path / f"t.{request.param}"
    if request.param == "frame":
        return FRAME
    if request.param == "parquet":
        FRAME.to_parquet(path)
    elif request.param == "json":
        FRAME.to_json(path, orient="records")
    else:
        FRAME.to_csv(path, index=request.param == "index")
    return path


def test_columns_of_items_are_a_sequence_if_that_is_said(source):
    assert histories_of(read_interactions(source, layout="sequences")) == HISTORIES


def test_the_layout_is_named_if_columns_may_be_a_sequence(source):
    with pytest.raises(DataError, match=r"item1 to item2 may hold the items.*layout='sequences'"):
        read_interactions(source)
    assert read_interactions(source, item="item1").item_ids == ("a", "b", "c")


@pytest.mark.parametrize("names", [("item", "item.1"), ("product_1", "product_2"), ("0", "1")])
def test_such_columns_have_several_kinds_of_names(names):
    frame = FRAME.set_axis(["user", *names], axis=1)
    assert histories_of(read_interactions(frame, layout="sequences")) == HISTORIES


def test_other_columns_are_no_items(tmp_path):
    text = "user,date,item1,item2\nu1,2020-01-02,a,b\nu1,2020-01-01,c,\n"
    read = read_interactions(write(tmp_path / "t.csv", text), layout="sequences")
    assert histories_of(read) == {"u1": ["c", "a", "b"]}


def test_rows_without_a_user_are_anonymous():
    read = read_interactions(pd.DataFrame([["a", "b"], ["c", None]]), layout="sequences")
    assert histories_of(read) == {"1": ["a", "b"], "2": ["c"]}


def test_a_list_beside_the_item_that_is_read_is_named(tmp_path):
    """As in RecBole's files of a history and the next item."""
    text = "session_id:token\titem_id_list:token_seq\titem_id:token\n1\t4 5\t6\n2\t5 6 4\t7\n"
    path = write(tmp_path / "t.inter", text)
    notes = read_interactions(path).report.notes
    assert any("'item_id_list'" in note and "item='item_id_list' reads" in note for note in notes)
    read = read_interactions(path, item="item_id_list")
    assert histories_of(read) == {"1": ["4", "5"], "2": ["5", "6", "4"]}
    assert any("'item_id' holds an item beside each list" in note for note in read.report.notes)


def test_an_item_beside_the_list_that_is_read_is_named(tmp_path):
    rows = [{"user_id": n, "history": [1, 2], "target": 3} for n in range(2)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    notes = read_interactions(write(tmp_path / "t.jsonl", text)).report.notes
    assert any("'target' holds an item beside each list" in note for note in notes)
    plain = pd.DataFrame({"user": ["a"], "items": [["x", "y"]], "title": ["t"]})
    assert not any("beside each list" in note for note in read_interactions(plain).report.notes)
