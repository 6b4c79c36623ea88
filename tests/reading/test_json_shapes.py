"""JSON of the shapes that pandas and web services write gives the same records as JSON lines."""

import gzip
import json

import duckdb
import pandas as pd
import pytest
from reading_helpers import counts, histories_of, write
from table_helpers import rows_of, zstd

from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.duckdb_session import little_memory
from item2vec.reading.interactions import read_interactions
from item2vec.reading.json_files import documents

pytestmark = pytest.mark.thorough  # many shapes, each of which is read from a file

FRAME = pd.DataFrame({"user": ["1", "1", "007"], "item": ["a", 'b "é"', "a"], "n": [1.0, 2.5, 3.0]})
RECORDS = FRAME.to_dict("records")
EXPECTED = {"007": ["a"], "1": ["a", 'b "é"']}
COLUMNS = {"user": "column0", "item": "column1"}
PAIRS = FRAME[["user", "item"]].to_numpy().tolist()
ORIENTS = ["columns", "index", "records", "split", "table", "values"]


@pytest.mark.parametrize("indent", [0, 2])
@pytest.mark.parametrize("suffix", ["json", "json.gz", "json.zst", "txt"])
@pytest.mark.parametrize("orient", ORIENTS)
def test_whatever_pandas_writes_is_read(tmp_path, orient, suffix, indent):
    text = FRAME.to_json(orient=orient, indent=indent)
    path = tmp_path / f"a.{suffix}"
    if suffix == "json.zst":
        path = zstd(path, text)
    else:
        write(path, gzip.compress(text.encode()) if "gz" in suffix else text)
    names = COLUMNS if orient == "values" else {}
    assert histories_of(read_interactions(path, **names)) == EXPECTED


@pytest.mark.parametrize(
    "document",
    [
        {"count": 3, "next": None, "results": RECORDS},
        {"data": RECORDS},
        {"response": {"items": RECORDS, "ok": True}},
        {"meta": {"page": 1}, "links": [], "data": RECORDS},
        {"columns": ["user", "item"], "rows": PAIRS},
        {"fields": [{"name": "user"}, {"name": "item"}], "rows": PAIRS},
        {"response": FRAME.to_dict("list"), "status": "ok"},
        FRAME.to_dict("list"),
        FRAME.to_dict("split"),
        FRAME.to_dict("tight"),
        [["user", "item"], *PAIRS],
        {"1": [{"item": "a"}, {"item": 'b "é"'}], "007": [{"item": "a"}]},
        {"1": {"a": 5, 'b "é"': 3}, "007": {"a": 4}},
    ],
    ids=lambda document: ",".join(list(document)[:4]) if isinstance(document, dict) else "rows",
)  # fmt: skip
def test_what_services_and_programs_write_is_read(tmp_path, document):
    path = write(tmp_path / "a.json", json.dumps(document))
    read = read_interactions(path)
    assert histories_of(read) == EXPECTED
    assert any("a.json is read as" in note for note in read.report.notes)
    bare = write(tmp_path / "a", json.dumps(document, indent=1))  # known by its content
    assert histories_of(read_interactions(bare)) == EXPECTED


def test_ids_keep_their_text(tmp_path):
    ids = ["1.0", "1", '"007"', "12345678901234567890123", '"1e5"', '"NA"', '" x"']
    records = ", ".join(f'{{"user": {each}, "item": {each}}}' for each in ids)
    path = write(tmp_path / "a.json", f'{{"data": [{records}]}}')
    lines = write(tmp_path / "b.jsonl", records.replace("}, {", "}\n{"))
    assert rows_of(path) == rows_of(lines)
    assert ("1.0", "1.0") in rows_of(path)[0]


@pytest.mark.parametrize("text", ['{"ann": ["a", "007"], "bob": ["b"]}', '{"ann": ["a", "007"]}'])
def test_items_by_user_are_records_with_a_list(tmp_path, text):
    rows, columns = rows_of(write(tmp_path / "a.json", text))
    by_column = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [row["user"] for row in by_column] == ["ann", "bob"][: len(rows)]
    assert json.loads(by_column[0]["items"]) == ["a", "007"]


def test_lists_of_equal_lengths_are_columns_if_a_name_is_known_or_given(tmp_path):
    path = write(tmp_path / "a.json", '{"who": ["ann", "bob"], "what": ["x", "y"]}')
    read = read_interactions(path, user="who", item="what")
    assert histories_of(read) == {"ann": ["x"], "bob": ["y"]}
    assert rows_of(path)[1] == ["items", "user"]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.txt"])
@pytest.mark.parametrize(
    "text", ['[["a", "b"], ["c"]]', '["a", "b"]\n["c"]\n', '["a", "b"]\n\n["c"]']
)
def test_arrays_of_different_lengths_are_sequences(tmp_path, name, text):
    if text.startswith("[[") and name == "a.jsonl":
        return
    rows, columns = rows_of(write(tmp_path / name, text))
    assert columns == ["items"]
    assert [json.loads(row[0]) for row in rows] == [["a", "b"], ["c"]]


def test_arrays_in_lines_of_equal_lengths_are_rows(tmp_path):
    path = write(tmp_path / "a.jsonl", '["1", "a", 5]\n["1", "b", 6]\nbroken\n["007", "a", 5]\n')
    read = read_interactions(path, **COLUMNS)
    assert histories_of(read) == {"007": ["a"], "1": ["a", "b"]}
    assert counts(read) == {"malformed record": 1}
    assert read.report.dropped["malformed record"].places == ("a.jsonl record 3",)


@pytest.mark.parametrize(
    "text",
    [
        '{"user": "1",\n "item": "a"}\n\n{"user": "2",\n "item": "a"}\n',
        '{"user": "1", "item": "a"}{"user": "2", "item": "a"}',
        '[{"user": "1", "item": "a"}]\n[{"user": "2", "item": "a"}]\n',
        '\ufeff[{"user": "1", "item": "a"},{"user": "2", "item": "a"}]',
        '\ufeff{"user": "1", "item": "a"}\n{"user": "2", "item": "a"}\n',
        '[{"user": "1", "item": "a"},\n{"user": "2", "item": "a"}]',
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a"])
def test_values_that_follow_one_another_and_marks_are_read(tmp_path, name, text):
    read = read_interactions(write(tmp_path / name, text))
    assert histories_of(read) == {"1": ["a"], "2": ["a"]}
    assert not counts(read)


def test_a_document_with_one_record_and_long_first_lines(tmp_path):
    path = write(tmp_path / "a.json", '{"user": "1", "item": "a"}')
    assert histories_of(read_interactions(path)) == {"1": ["a"]}
    lines = [json.dumps({"user": "1", "item": item, "text": "x" * 100_000}) for item in "ab"]
    write(path, "\n".join(lines))
    assert histories_of(read_interactions(path)) == {"1": ["a", "b"]}


def test_nan_is_a_missing_value(tmp_path):
    text = '{"data": [{"user": NaN, "item": "a"}, {"user": "NaN", "item": "b"}]}'
    read = read_interactions(write(tmp_path / "a.json", text))
    assert histories_of(read) == {"NaN": ["b"]}
    assert counts(read) == {"user missing": 1}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"user": 1, "item": 2},\n {"user": 1, "it', "ends in the middle.*line 2, column 14"),
        ('{"data": [{"user": 1, "item": 2},\n', "ends in the middle.*line 2, column 1"),
        ('[{"user": 1, "item": 2},\n{"user": 1 "item": 4}]', "not valid.*line 2, column 12"),
        ('{"data": [{"user": 1, "item": }]}', "not valid.*line 1, column 31"),
        ('// mine\n[{"user": 1}]', "a comment at line 1, column 1.*remove"),
        ('{"data": [\n# mine\n{"user": 1}]}', "a comment at line 2, column 1.*remove"),
        ("[]", "no records"),
        ('{"data": []}', "no records"),
        ("[" * 100_000, "nested too deeply"),
        ('{"data": [{"user": 1}], "rows": [{"user": 1}]}', "several tables.*of its own$"),
    ],
)
def test_what_is_wrong_with_json_is_one_line_with_its_place(tmp_path, text, why):
    with pytest.raises(DataError, match=f"a.json .*{why}") as caught:
        read_interactions(write(tmp_path / "a.json", text))
    assert "\n" not in str(caught.value)


def test_a_document_that_is_too_large_is_an_error_and_lines_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_PARSED", 1000)
    records = [{"user": "1", "item": f"i{k}"} for k in range(100)]
    path = write(tmp_path / "a.json", json.dumps({"data": records}))
    with pytest.raises(DataError, match=r"a\.json .* more than 1,000 bytes.*JSON lines"):
        read_interactions(path)
    write(path, json.dumps(records, indent=1))
    assert read_interactions(path).report.rows_kept == 100
    write(path, "".join(json.dumps(record) + "\n" for record in records))
    assert read_interactions(path).report.rows_kept == 100


@pytest.mark.parametrize("text", ["[id],[name]\n1,a\n", "{a},{b}\n1,a\n", "[1],[2]\n[3],[4]\n"])
def test_text_that_begins_like_json_is_still_text(tmp_path, text):
    assert rows_of(write(tmp_path / "a.csv", text))[0]


@pytest.mark.parametrize("times", [1, 5000])
def test_python_dictionaries_are_named(tmp_path, times):
    path = write(tmp_path / "a.json", "{'user': '1', 'item': 'a'}\n" * times)
    with pytest.raises(DataError, match=r"as Python, not as JSON.*ast\.literal_eval"):
        read_interactions(path)


def test_labels_of_objects_by_row_are_ids_unless_they_only_count(tmp_path):
    text = json.dumps({"17": {"title": "Up"}, "4": {"title": "Heat"}})
    catalogue = read_catalogue(write(tmp_path / "a.json", text), item="index")
    assert (catalogue.ids, catalogue.titles) == (("17", "4"), ("Up", "Heat"))


def test_a_long_document_in_a_zstd_file_is_read(tmp_path):
    records = [{"user": "1", "item": f"i{k}", "text": "x" * 1000} for k in range(4000)]
    path = tmp_path / "a.json.zst"
    text = json.dumps({"data": records}).replace("'", "''")
    duckdb.execute(
        f"COPY (SELECT '{text}' AS line) TO '{path}' "
        "(FORMAT csv, HEADER false, COMPRESSION zstd, DELIMITER '\x01', QUOTE '', ESCAPE '')"
    )
    with little_memory():
        assert read_interactions(path).report.rows_kept == 4000
