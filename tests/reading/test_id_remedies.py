"""Columns of ids that hold lists or objects, whose remedies work when they are pasted."""

import ast
import json

import pandas as pd
import pytest
from reading_helpers import histories_of, write

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

LISTS = [["i1", "i2", "i3"], ["i2", "i4"], ["i1", "i4", "i5"], ["i3", "i5"]]


def message_of(source, **options):
    with pytest.raises(DataError) as caught:
        read_interactions(source, **options)
    return str(caught.value)


def repaired(frame, message):
    """The frame after the statement that a message shows."""
    statement = message.split("in pandas with ")[1]
    names = {"frame": frame.copy(), "ast": ast}
    exec(statement, names)
    return names["frame"]


@pytest.mark.parametrize("separator", [" > ", ">", "->", "~", "^", "/", "\n"])
@pytest.mark.parametrize("name", ["items", "stuff"])
def test_rare_separators_are_found_where_lists_should_be(separator, name):
    users = [f"u{n}" for n in range(4)]
    frame = pd.DataFrame({"user": users, name: [separator.join(items) for items in LISTS]})
    options = {} if name == "items" else {"item": name, "layout": "sequences"}
    assert list(histories_of(read_interactions(frame, **options)).values()) == LISTS


def test_a_slash_between_words_is_no_separator():
    frame = pd.DataFrame({"user": ["a", "b"], "items": ["AC/DC, Queen", "AC/DC, Pur"]})
    assert read_interactions(frame).item_ids == ("AC/DC", "Pur", "Queen")


@pytest.mark.parametrize("sign", [">", "->", "~"])
@pytest.mark.parametrize("layout", ["auto", "sequences"])
def test_signs_between_the_items_of_lines_are_no_items(tmp_path, sign, layout):
    text = "".join(f" {sign} ".join(items) + "\n" for items in LISTS)
    read = read_interactions(write(tmp_path / "t.txt", text), layout=layout, user="none")
    assert list(histories_of(read).values()) == LISTS


def test_keys_of_dictionaries_are_lists():
    frame = pd.DataFrame({"user": list("abcd"), "items": [f"dict_keys({x})" for x in LISTS]})
    assert list(histories_of(read_interactions(frame)).values()) == LISTS


@pytest.mark.parametrize("is_text", [True, False])
@pytest.mark.parametrize(
    ("cells", "items"),
    [
        ([[(17, 1000), (18, 2000)], [(17, 1000)]], [["17", "18"], ["17"]]),
        ([[[1, 2, 3], [4]], [[5, 6, 7]]], [["1", "2", "3", "4"], ["5", "6", "7"]]),
        ([{"a": 5, "b": 2}, {"c": 1}], [["a", "b"], ["c"]]),
    ],
)
def test_remedies_for_nested_values_work_in_pandas(is_text, cells, items):
    frame = pd.DataFrame({"user": ["u1", "u2"], "item": cells})
    if is_text:
        frame["item"] = frame["item"].map(str)
    message = message_of(frame, item="item")
    read = read_interactions(repaired(frame, message), item="item")
    assert list(histories_of(read).values()) == items


def test_the_remedy_for_objects_that_are_text_works_in_pandas():
    frame = pd.DataFrame({"user": ["u1", "u2"], "item": ["{'id': 5, 'name': 'x'}", "{'id': 6}"]})
    read = read_interactions(repaired(frame, message_of(frame, item="item")), item="item")
    assert list(histories_of(read).values()) == [["5"], ["6"]]


@pytest.mark.parametrize(
    ("value", "what", "change"),
    [
        ({"a": 5, "b": 2}, "contains nested values", '.["item"] |= keys_unsorted'),
        ([[1, 2, 3], [4]], "contains lists in lists", '.["item"] |= flatten'),
        ([[1, 2], [4, 5]], "contains lists in lists", '.["item"] |= map(.[0])'),
    ],
)
def test_remedies_for_json_are_commands(tmp_path, value, what, change):
    rows = [{"user": n, "item": value} for n in range(2)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    message = message_of(write(tmp_path / "t.jsonl", text))
    assert what in message
    assert f"jq -c '{change}'" in message


@pytest.mark.parametrize("key", ["id", "$oid", "item_id"])
def test_the_remedy_for_objects_names_a_field(tmp_path, key):
    rows = [{"user": str(n), "item": {key: f"i{n % 2}", "name": "x"}} for n in range(4)]
    path = write(tmp_path / "t.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for source in (path, pd.DataFrame(rows)):
        assert f"item='item.{key}'" in message_of(source)
        read = read_interactions(source, item=f"item.{key}")
        assert histories_of(read) == {str(n): [f"i{n % 2}"] for n in range(4)}


def test_lists_of_users_in_json_are_no_texts(tmp_path):
    text = "".join(json.dumps({"user": [1, n], "item": n}) + "\n" for n in range(3))
    message = message_of(write(tmp_path / "t.jsonl", text))
    assert "frame.explode('user')" in message
    assert "literal_eval" not in message
