"""JSON that was cut, tables with the suffix of another format, and records written as Python."""

import gzip

import pytest
from reading_helpers import counts, write
from table_helpers import CSV

from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions

LINES = '{"user": "a", "item": "x"}\n{"user": "b", "item": "y"}\n'


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.txt", "a.jsonl.gz"])
@pytest.mark.parametrize("rest", ['{"us', '{"user": ', '{"user": "c"', '{"user": "c", "item'])
def test_a_last_line_of_json_that_is_not_complete_is_named(tmp_path, name, rest):
    text = f"{LINES}{rest}".encode()
    path = write(tmp_path / name, gzip.compress(text) if name.endswith("gz") else text)
    report = read_interactions(path).report
    assert counts(read_interactions(path)) == {"malformed record": 1}
    (note,) = [note for note in report.notes if "complete" in note]
    assert note.startswith(f"line 3 of {name} is not complete")
    assert note.endswith(": provide the complete file")
    assert not any("delimiter" in note for note in report.notes)


def test_json_that_is_not_valid_elsewhere_gets_no_advice_about_delimiters(tmp_path):
    path = write(tmp_path / "a.jsonl", f"{LINES}nonsense\n")
    notes = read_interactions(path).report.notes
    assert "1 of 3 records is not a valid JSON object: correct the file" in notes
    path = write(tmp_path / "b.jsonl", f'{LINES}nonsense\n{{"user": "c"')
    (note,) = [note for note in read_interactions(path).report.notes if "complete" in note]
    assert note.startswith("2 of 4 records are not valid JSON objects, and line 4 of b.jsonl is")


def test_a_single_line_that_is_not_complete_is_an_error(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"user": "a", "it')
    with pytest.raises(DataError, match=r"line 1 of a\.jsonl is not complete .*complete file"):
        read_interactions(path)


@pytest.mark.parametrize("name", ["a.parquet", "a.pq"])
@pytest.mark.parametrize(("text", "kept", "what"), [(CSV, 3, "delimited text"), (LINES, 2, "JSON")])
def test_text_with_the_suffix_of_parquet_is_read(tmp_path, name, text, kept, what):
    report = read_interactions(write(tmp_path / name, text)).report
    assert report.rows_kept == kept
    assert f"{name} is not Parquet: it is read as {what}" in report.notes


def test_damaged_parquet_is_no_text(tmp_path):
    with pytest.raises(DataError, match=r"a\.parquet can't be read"):
        read_interactions(write(tmp_path / "a.parquet", b"\x15\0\x15\x0c\n\1,2\n"))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.txt"])
@pytest.mark.parametrize(
    "text",
    [
        "{u'user_id': u'ann', u'item_id': u'x'}\n",
        "{'user_id': 'ann', 'item_id': 'x'}\n",
        "[{'user_id': 'ann', 'item_id': 'x'}]",
    ],
)
@pytest.mark.parametrize("read", [read_interactions, read_catalogue])
def test_records_written_as_python_are_named(tmp_path, read, name, text):
    expected = f"{name} is written as Python, not as JSON.*: convert it.*literal_eval"
    with pytest.raises(DataError, match=expected):
        read(write(tmp_path / name, text * 2))
