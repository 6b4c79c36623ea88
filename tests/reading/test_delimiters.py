"""Delimiters that are found, named in a message or written by their code; row names and escapes."""

import pytest
from reading_helpers import counts, histories_of, write

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

ROWS = [["u1", "i1", "1252800000"], ["u1", "i2", "1252800001"], ["u2", "i2", "1252800002"]]
HISTORIES = {"u1": ["i1", "i2"], "u2": ["i2"]}
NAMES = ["user", "item", "time"]


def text_of(delimiter, rows=(NAMES, *ROWS)):
    return "".join(delimiter.join(row) + "\n" for row in rows)


def test_the_delimiter_of_hive_is_found(tmp_path):
    path = write(tmp_path / "t.txt", text_of("\x01"))
    assert histories_of(read_interactions(path)) == HISTORIES
    assert histories_of(read_interactions(path, delimiter="\\x01")) == HISTORIES


@pytest.mark.parametrize(
    ("delimiter", "named"),
    [("^", "^"), ("##", "##"), ("\x02", "\\x02"), ("~", "~")],
)
@pytest.mark.parametrize("rows", [(NAMES, *ROWS), ROWS])
def test_an_unknown_delimiter_is_named(tmp_path, delimiter, named, rows):
    path = write(tmp_path / "t.txt", text_of(delimiter, rows))
    with pytest.raises(DataError) as raised:
        read_interactions(path)
    assert f"give the delimiter, as in delimiter={named!r}" in str(raised.value)
    given = {} if len(rows) > len(ROWS) else {"user": "column0", "item": "column1"}
    assert histories_of(read_interactions(path, delimiter=named, **given)) == HISTORIES


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_wrong_delimiter_is_to_be_left_out(tmp_path, delimiter):
    path = write(tmp_path / "t.txt", text_of(delimiter))
    with pytest.raises(DataError, match=r"single field, such as .*delimiter='\|': leave it out"):
        read_interactions(path, delimiter="|")


@pytest.mark.parametrize("delimiter", [";", "|"])
def test_a_decimal_comma_is_no_delimiter(tmp_path, delimiter):
    rows = [[*row[:2], "3,5"] for row in ROWS]
    path = write(tmp_path / "t.csv", text_of(delimiter, rows))
    read = read_interactions(path, user="column0", item="column1", rating="column2", min_rating=3)
    assert histories_of(read) == HISTORIES


@pytest.mark.parametrize("begin", [0, 1])
@pytest.mark.parametrize("delimiter", [",", "\t", " ", ";"])
def test_row_names_without_a_column_name_are_no_users(tmp_path, begin, delimiter):
    rows = [[str(n), *row] for n, row in enumerate(ROWS, begin)]
    read = read_interactions(write(tmp_path / "t.txt", text_of(delimiter, [NAMES, *rows])))
    assert histories_of(read) == HISTORIES
    assert any("which names rows" in note for note in read.report.notes)


def test_a_backslash_may_escape_quotes(tmp_path):
    text = 'user,item\nu1,"Film \\"17\\", The"\nu2,"Heat"\nu2,"Film \\"17\\", The"\n'
    read = read_interactions(write(tmp_path / "t.csv", text))
    assert histories_of(read) == {"u1": ['Film "17", The'], "u2": ["Heat", 'Film "17", The']}
    assert any("backslash" in note for note in read.report.notes)
    other = write(tmp_path / "o.csv", text + 'u3,"a\\nb"\n')  # perhaps a line break
    assert counts(read_interactions(other)) == {"malformed record": 2}


@pytest.mark.parametrize("text", ["user;item\nu1,i1\nu2,i2\n", "user,item\nu1,i1,x\nu2,i2,y\n"])
def test_sequences_are_not_advised_where_columns_have_names(tmp_path, text):
    with pytest.raises(DataError) as raised:
        read_interactions(write(tmp_path / "t.csv", text))
    assert "layout" not in str(raised.value)
