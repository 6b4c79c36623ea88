"""Lists in cells of several parts, missing lists, and lists within quotes."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_helpers import counts, histories_of, write

from item2vec.reading.interactions import read_interactions

pytestmark = pytest.mark.thorough  # many notations, each of which is read from files

HEADER = "user_id,items\n"
BRACKETS = HEADER + 'u1,"[1, 2]"\nu2,"[2, 3]"\nu3,"[1, 3]"\n'
JOINED = HEADER + 'u1,"1,2"\nu2,"2,3"\nu3,"1,3"\n'
HISTORIES = {"u1": ["1", "2"], "u2": ["2", "3"], "u3": ["1", "3"]}


@pytest.mark.parametrize("names", [("0.csv", "1.csv"), ("1.csv", "0.csv")])
@pytest.mark.parametrize("text", [BRACKETS, JOINED])
@pytest.mark.parametrize("other", ["", "u4,2\n", 'u4,""\n'])
def test_lists_of_one_part_are_those_of_all(tmp_path, names, text, other):
    write(tmp_path / names[0], text)
    write(tmp_path / names[1], HEADER + other)
    more = {"u4": ["2"]} if "2" in other else {}
    for source in (tmp_path, tmp_path / "*.csv"):
        assert histories_of(read_interactions(source)) == {**HISTORIES, **more}


@pytest.mark.parametrize("names", [("0", "1"), ("1", "0")])
@pytest.mark.parametrize(("value", "items"), [(None, None), ("x", ["x"])])
def test_values_beside_json_lists_in_another_part_are_lists_of_one(tmp_path, names, value, items):
    rows = [{"user": "a", "items": ["x", "y"]}, {"user": "b", "items": ["x", "z"]}]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    write(tmp_path / f"{names[0]}.jsonl", text)
    write(tmp_path / f"{names[1]}.jsonl", json.dumps({"user": "c", "items": value}))
    read = read_interactions(tmp_path)
    more = {} if items is None else {"c": items}
    assert histories_of(read) == {"a": ["x", "y"], "b": ["x", "z"], **more}


def test_a_parquet_part_without_lists_has_lists_of_one(tmp_path):
    users = pa.array(["a", "b"])
    for name, items in (("0", pa.array(["x", None])), ("1", pa.array([["x", "y"], ["z"]]))):
        pq.write_table(pa.table({"user": users, "items": items}), tmp_path / f"{name}.parquet")
    read = read_interactions(tmp_path)
    assert histories_of(read) == {"a": ["x", "x", "y"], "b": ["z"]}
    assert counts(read) == {"item missing": 1}


@pytest.mark.parametrize("word", ["nan", "null", "None", "NULL", ""])
@pytest.mark.parametrize("text", [BRACKETS, JOINED])
def test_a_word_for_a_missing_list_is_no_item(tmp_path, word, text):
    read = read_interactions(write(tmp_path / "t.csv", text + f"u4,{word}\nu5,{word}\n"))
    assert histories_of(read) == HISTORIES
    assert counts(read) == {"item missing": 2}


def test_such_a_word_is_an_id_if_cells_hold_single_items(tmp_path):
    read = read_interactions(write(tmp_path / "t.csv", "user_id,item\nu1,nan\nu2,2\n"))
    assert read.item_ids == ("2", "nan")


@pytest.mark.parametrize(
    ("cells", "items"),
    [
        (['"""[1, 2, 3]"""', '"""[2]"""'], [["1", "2", "3"], ["2"]]),
        (['"""[""""a b"""", """"c""""]"""', '"""[""""c""""]"""'], [["a b", "c"], ["c"]]),
        ([r'"""[\""a b\"", \""c\""]"""', r'"""[\""c\""]"""'], [["a b", "c"], ["c"]]),
        (["\"'[1, 2]'\"", "\"'[3]'\""], [["1", "2"], ["3"]]),
        (["\"'{a,b}'\"", '"{b,c}"'], [["a", "b"], ["b", "c"]]),
    ],
)
def test_quotes_around_lists_are_no_part_of_items(tmp_path, cells, items):
    text = HEADER + "".join(f"u{n},{cell}\n" for n, cell in enumerate(cells))
    read = read_interactions(write(tmp_path / "t.csv", text))
    assert list(histories_of(read).values()) == items
    frame = pd.read_csv(tmp_path / "t.csv", dtype=str)
    assert list(histories_of(read_interactions(frame)).values()) == items
