"""A folder of part files is one table; other folders are errors that show what to write."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_helpers import histories_of, write
from table_helpers import zipped

from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions

PARTS = {"part-00000-x.csv": "user,item\n1,a\n1,b\n", "part-00001-x.csv": "user,item\n2,a\n"}
EXPECTED = {"1": ["a", "b"], "2": ["a"]}


def folder_of(path, files):
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        write(path / name, content)
    return path


@pytest.fixture
def parts(tmp_path):
    """What Spark leaves: parts, a marker, checksums, and the rest of a task that failed."""
    companions = {
        "_SUCCESS": "",
        "._SUCCESS.crc": b"crc\0",
        ".part-00000-x.csv.crc": b"crc\0\1",
        "_temporary/0/part-00000-x.csv": "user,item\n9,z\n",
        ".hidden/part-00000-x.csv": "user,item\n9,z\n",
    }
    return folder_of(tmp_path / "out.csv", PARTS | companions)


def test_hidden_files_and_markers_are_skipped(parts):
    assert histories_of(read_interactions(parts)) == EXPECTED
    assert histories_of(read_interactions(str(parts / "*"))) == EXPECTED
    assert histories_of(read_interactions([parts])) == EXPECTED
    assert read_catalogue(parts, item="item").ids == ("a", "b")


@pytest.mark.parametrize("empty", [b"", b"user,item\n", zipped(b"")], ids=["0", "header", "gzip"])
def test_empty_parts_are_skipped(parts, empty):
    write(parts / "part-00002-x.csv", empty)
    write(parts / "part--empty.csv", empty)
    assert histories_of(read_interactions(parts)) == EXPECTED


def test_a_folder_of_empty_parts_is_empty(tmp_path):
    folder = folder_of(tmp_path / "out", {"part-0.csv": "", "part-1.csv": ""})
    with pytest.raises(DataError, match=r"part-0\.csv is empty"):
        read_interactions(folder)


def test_parts_are_in_the_order_of_their_names(tmp_path):
    files = {f"part-{k:05}.csv": f"user,item\n1,i{k}\n" for k in (3, 1, 2, 0)}
    read = read_interactions(folder_of(tmp_path / "out", files), time="none")
    assert histories_of(read) == {"1": ["i0", "i1", "i2", "i3"]}


def test_parquet_parts_with_metadata_are_read(tmp_path):
    folder = tmp_path / "out.parquet"
    folder.mkdir()
    for k, ids in enumerate((["1", "1"], ["2"])):
        table = pa.table({"user": ids, "item": ["a", "b"][: len(ids)]})
        pq.write_table(table, folder / f"part.{k}.snappy.parquet")
    pq.write_metadata(table.schema, folder / "_common_metadata")
    pq.write_metadata(table.schema, folder / "_metadata")
    assert histories_of(read_interactions(folder)) == EXPECTED


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_names_of_nested_folders_are_columns(tmp_path, suffix):
    folder = tmp_path / "out"
    for user, items in {"ann%2Fb": "ab", "007": "c", "__HIVE_DEFAULT_PARTITION__": "d"}.items():
        place = folder / f"user={user}" / "year=2024"
        place.mkdir(parents=True)
        if suffix == "parquet":
            pq.write_table(pa.table({"item": list(items)}), place / "part-0.parquet")
        elif suffix == "csv":
            write(place / "part-0.csv", "item\n" + "".join(f"{item}\n" for item in items))
        else:
            lines = [json.dumps({"item": item}) + "\n" for item in items]
            write(place / "part-0.jsonl", "".join(lines))
    read = read_interactions(folder)
    assert histories_of(read) == {"ann/b": ["a", "b"], "007": ["c"]}
    assert read.report.dropped["user missing"].count == 1
    assert histories_of(read_interactions(folder, where="year = 2024 AND item <> 'a'")) == {
        "ann/b": ["b"], "007": ["c"]
    }  # fmt: skip
    # A file that is named itself has only its own columns.
    with pytest.raises(DataError, match="for the user"):
        read_interactions(folder / "user=007" / "year=2024" / f"part-0.{suffix}")


def test_a_column_of_the_file_comes_before_that_of_the_path(tmp_path):
    files = {"USER=9/part-0.csv": "user,item\n1,a\n"}
    assert read_interactions(folder_of(tmp_path / "out", files)).user_ids == ("1",)


def test_a_broken_part_is_read_again_with_its_columns(tmp_path):
    """Line endings are mixed, so the file is copied and read a second time."""
    files = {"user=1/part-0.csv": b"item,n\r\na,1\nb,2\r\n", "user=2/part-0.csv": "item,n\na,2\n"}
    assert histories_of(read_interactions(folder_of(tmp_path / "out", files))) == EXPECTED


def test_spark_omits_null_values_in_json(tmp_path):
    files = {
        "part-0.json": '{"user":"1","item":"a"}\n{"user":"1","item":"b"}\n',
        "part-1.json": '{"user":"2","item":"a","rating":5}\n',
    }
    folder = folder_of(tmp_path / "out", files)
    assert histories_of(read_interactions(folder)) == EXPECTED
    assert histories_of(read_interactions(folder, min_rating=4)) == {"2": ["a"]}


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, r"is a folder .*\*\.csv"),
        ({"_SUCCESS": "", ".x.csv": "user,item\n1,a\n"}, r"is a folder .*\*\.csv"),
        (
            {"README.txt": "Hi", "ratings.csv": "user,item\n1,a\n"},
            r"README\.txt, ratings\.csv.*set/\*\.csv",
        ),
        (
            {"movies.csv": "item,title\n1,a\n", "ratings.csv": "user,item\n1,a\n"},
            r"ratings\.csv has the columns user, item.*movies\.csv.*set/ratings\.csv",
        ),
        ({"_delta_log/0.json": "{}", "a.parquet": b"PAR1"}, "a Delta table.*to_pandas"),
        ({"metadata/v1.metadata.json": "{}", "data/a.parquet": b"PAR1"}, "an Iceberg table"),
        ({".hoodie/x": "", "a.parquet": b"PAR1"}, "a Hudi table"),
    ],
    ids=["empty", "hidden", "suffixes", "columns", "delta", "iceberg", "hudi"],
)
def test_a_folder_that_is_no_table_is_an_error_with_a_remedy(tmp_path, files, why):
    (tmp_path / "set").mkdir()
    with pytest.raises(DataError, match=why) as caught:
        read_interactions(folder_of(tmp_path / "set", files))
    assert "\n" not in str(caught.value)


def test_folders_that_match_a_glob_are_read(tmp_path):
    files = {f"day={day}/part-0.csv": f"user,item\n{day},a\n" for day in (1, 2)}
    folder_of(tmp_path / "out", files)
    assert read_interactions(str(tmp_path / "out" / "day=*")).user_ids == ("1", "2")
