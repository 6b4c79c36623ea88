"""Files of every format are opened as tables, or refused in one line."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_helpers import write
from table_helpers import CSV, ROWS, rows_of, zipped, zstd

from item2vec.errors import DataError, ParameterError
from item2vec.reading.files.paths import find_files
from item2vec.reading.interactions import read_interactions
from item2vec.reading.options import TextFormat


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", CSV),
        ("a.txt", CSV.replace("\n", "\r\n")),
        ("a.csv", "\ufeff" + CSV + "\n\n"),
        ("a.csv", "\n\n" + CSV.rstrip("\n")),
        ("a.tsv", 'user\titem\ttime\n1\t007\t3\n1\tNA\t1\né\ta "b", c\t2\n'),
        ("a.csv", 'user;item;time\n1;007;3\n1;NA;1\né;a "b", c;2\n'),
        ("a.csv", 'user|item|time\n1|007|3\n1|NA|1\né|a "b", c|2\n'),
        ("a.dat", 'user::item::time\n1::007::3\n1::NA::1\né::a "b", c::2\n'),
        ("a.gz", zipped(CSV.encode())),
        ("a.csv.gz", zipped(CSV[:30].encode()) + zipped(CSV[30:].encode())),
        ("a.csv.gz", CSV),  # some browsers unpack what they download
    ],
)
def test_text_of_every_format_is_read_unchanged(tmp_path, name, text):
    assert rows_of(write(tmp_path / name, text)) == (ROWS, ["user", "item", "time"])


def test_zstd_is_read(tmp_path):
    assert rows_of(zstd(tmp_path / "a.csv.zst", CSV)) == (ROWS, ["user", "item", "time"])


@pytest.mark.parametrize(
    "text",
    [
        "".join(
            json.dumps(dict(zip(("user", "item", "time"), row, strict=True))) + "\n" for row in ROWS
        ),
        json.dumps(
            [dict(zip(("user", "item", "time"), row, strict=True)) for row in ROWS], indent=1
        ),
    ],
)
def test_json_lines_and_arrays_are_read(tmp_path, text):
    rows, columns = rows_of(write(tmp_path / "a.json", text))
    assert [dict(zip(columns, row, strict=True)) for row in rows] == [
        dict(zip(("user", "item", "time"), row, strict=True)) for row in ROWS
    ]


def test_json_keys_may_be_any_text_and_occur_late(tmp_path):
    lines = [{"a/b": 1, "a~b": "x", 'q"': None}, {"$": 1.5, "": True}]
    path = write(tmp_path / "a.ndjson", "".join(json.dumps(line) + "\n" for line in lines))
    rows, columns = rows_of(path)
    assert dict(zip(columns, rows[0], strict=True)) == {
        "column0": None, "$": None, "a/b": "1", "a~b": "x", 'q"': None
    }  # fmt: skip
    assert dict(zip(columns, rows[1], strict=True))["$"] == "1.5"


def test_broken_lines_of_json_are_counted(tmp_path):
    text = '{"user": 1, "item": "a"}\nnot json\n[1]\n\n{"user": 1, "item": "b"}\n{"user": 1, "it'
    report = read_interactions(write(tmp_path / "a.jsonl", text)).report
    assert (report.rows_read, report.rows_kept) == (5, 2)
    assert report.dropped["malformed record"].places == (
        "a.jsonl record 2", "a.jsonl record 3", "a.jsonl record 5"
    )  # fmt: skip


def test_parquet_of_any_type_gives_the_same_ids(tmp_path):
    table = pa.table({
        "user": pa.array([1, None, 3, 1], pa.float64()),
        "item": pa.array(["007", "x", None, "y"]).dictionary_encode(),
        "time": pa.array([5, 1, 2, 4], pa.timestamp("ns", tz="Asia/Tokyo")),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    interactions = read_interactions(tmp_path / "a.parquet")
    assert interactions.user_ids == ("1",)
    assert [interactions.item_ids[item] for item in interactions.items] == ["y", "007"]
    assert any("1.0 is read as 1" in note for note in interactions.report.notes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t9\t1\t881250948\n"),
        ("ratings.dat", "196::242::3::881250949\n186::302::3.5::891717742\n196::9::1::881250948\n"),
    ],
)
def test_movielens_files_without_a_header_are_recognized(tmp_path, name, text):
    interactions = read_interactions(write(tmp_path / name, text))
    assert interactions.user_ids == ("186", "196")
    assert [interactions.item_ids[item] for item in interactions.items] == ["302", "9", "242"]
    assert any("no header" in note for note in interactions.report.notes)


def test_other_files_without_a_header_have_numbered_columns(tmp_path):
    path = write(tmp_path / "a.csv", "7,alice,2020-01-02\n8,alice,2020-01-01\n")
    with pytest.raises(DataError, match=r"column1='alice'.*user='column0', item='column1'"):
        read_interactions(path)
    interactions = read_interactions(path, user="column1", item="column0", time="column2")
    assert [interactions.item_ids[item] for item in interactions.items] == ["8", "7"]
    # If no field is a number, the name column0 declares that there is no header.
    path = write(tmp_path / "b.csv", "alice,heat\nbob,up\n")
    assert read_interactions(path, user="column0", item="column1").user_ids == ("alice", "bob")


def test_a_given_delimiter_is_used(tmp_path):
    path = write(tmp_path / "a.csv", "user item,time x\n1 a,5 x\n")
    rows, columns = rows_of(path, TextFormat(" "))
    assert (rows, columns) == ([("1", "a,5", "x")], ["user", "item,time", "x"])
    for delimiter in ("", '"', "\n", "12345"):
        with pytest.raises(ParameterError, match="delimiter"):
            rows_of(path, TextFormat(delimiter))


def test_duplicate_names_are_made_unique(tmp_path):
    _, columns = rows_of(write(tmp_path / "a.csv", ",User,user,user_1\n0,1,2,3\n"))
    assert columns == ["column0", "User", "user_1", "user_1_1"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\r\n\n  \n", "empty"),
        ("a.csv.gz", b"", "empty"),
        ("a.csv.gz", zipped(b""), "empty"),
        ("a.csv.gz", zipped(CSV.encode())[:-12], "can't be read"),
        (
            "a.csv.gz",
            zipped(np.random.default_rng(0).bytes(1 << 18).hex().encode())[: 1 << 17],
            "a.csv.gz",
        ),
        ("a.csv", "user,item\n1,2\n".encode("utf-16-le"), "not a text file.*utf-16-le"),
        ("a.xlsx", b"PK\x03\x04....", "Excel"),
        ("a.parquet", b"PAR1 and then nonsense", "can't be read"),
        ("a.parquet", b"user,item\n", "no records"),
        ("a.json", b"{nonsense\n", "line 1, column 2"),
        ("a.csv", b"user,item\n", "no records"),
    ],
)
def test_a_file_that_is_not_a_table_is_an_error_of_one_line(tmp_path, name, content, why):
    with pytest.raises(DataError, match=why) as caught:
        read_interactions(write(tmp_path / name, content))
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def not_root() -> Iterator[None]:
    """Run the test as a user without read permission, which root always has."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)  # nobody
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_unreadable_file_is_an_error(not_root):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.csv", CSV)
        path.chmod(0)
        with pytest.raises(DataError, match=r"a\.csv can't be read"):
            read_interactions(path)


def test_sources_without_a_file_are_errors(tmp_path):
    with pytest.raises(DataError, match=r"missing\.csv does not exist"):
        find_files(tmp_path / "missing.csv")
    with pytest.raises(DataError, match=r"no file matches .*\*\.tsv"):
        find_files(str(tmp_path / "*.tsv"))
    with pytest.raises(DataError, match=r"is a folder.*\*\.csv"):
        find_files(tmp_path)
    for source in (5, [], [5], None):
        with pytest.raises(ParameterError, match="path"):
            find_files(source)


def test_files_are_found_once_and_by_their_exact_names(tmp_path):
    odd, plain = write(tmp_path / "a[1].csv", CSV), write(tmp_path / "a1.csv", CSV)
    assert find_files(odd) == [odd]
    assert find_files([plain, str(tmp_path / "*.csv")]) == [plain, odd]
    assert rows_of(write(tmp_path / "it's a.csv", CSV))[0] == ROWS


def test_files_of_one_source_have_the_same_columns(tmp_path):
    one, two = write(tmp_path / "a.csv", CSV), write(tmp_path / "b.csv", "user,thing\n1,2\n")
    with pytest.raises(DataError, match=r"b\.csv.*user, thing.*a\.csv.*user, item, time"):
        read_interactions([one, two])
    # Their order does not matter, and neither does the format.
    three = write(tmp_path / "c.jsonl", '{"time": 9, "item": "x", "user": "1"}\n')
    interactions = read_interactions([one, three])
    first = interactions.items[: interactions.offsets[1]]
    assert [interactions.item_ids[item] for item in first] == ["NA", "007", "x"]


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_a_name_that_looks_like_a_glob_is_still_one_file(tmp_path, ending):
    """DuckDB takes a path for a glob: "d[1].csv" would be read from "d1.csv"."""
    folder = tmp_path / "user=5" / "[2024]"
    folder.mkdir(parents=True)
    for name, user in (("d[1]", "odd"), ("d1", "plain"), ("d*", "star"), ("d?", "mark")):
        table = pa.table({"user": [user, user], "item": ["a", "b"]})
        path = folder / f"{name}.{ending}"
        if ending == "parquet":
            pq.write_table(table, path)
        elif ending == "csv":
            path.write_text(f"user,item\n{user},a\n{user},b\n")
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    files = [folder / f"{name}.{ending}" for name in ("d[1]", "d1", "d*", "d?")]
    assert read_interactions(files).user_ids == ("mark", "odd", "plain", "star")
    for file, user in zip(files, ("odd", "plain", "star", "mark"), strict=True):
        assert read_interactions(file).user_ids == (user,)
