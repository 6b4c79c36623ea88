"""Paths with ``~``, URLs and names of streams."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from reading_helpers import write
from table_helpers import CSV

from item2vec.cli import main
from item2vec.errors import DataError, ParameterError
from item2vec.reading.files.paths import find_files
from item2vec.reading.interactions import read_interactions


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["~/a.csv", "~/*.csv", Path("~/a.csv"), "~"])
def test_a_tilde_is_the_home_folder(home, name):
    write(home / "a.csv", CSV)
    assert read_interactions(name).report.rows_kept == 3


def test_a_tilde_of_nobody_and_a_file_with_such_a_name(home, monkeypatch):
    with pytest.raises(DataError, match=r"~nobody-there/a\.csv does not exist"):
        find_files("~nobody-there/a.csv")
    monkeypatch.chdir(home)
    write(home / "~", CSV)
    assert find_files("~") == [Path("~")]


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("https://example.org/a.csv", "download"),
        ("http://example.org/*.csv", "download"),
        ("HTTPS://example.org/a.csv", "download"),
        ("s3://bucket/a.csv", "aws s3 cp"),
        (Path("s3://bucket/a.csv"), "aws s3 cp"),
        ("gs://bucket/a.parquet", "gcloud storage cp"),
        ("abfss://c@a.dfs.core.windows.net/a", "azcopy"),
        ("hdfs://host/a", "hdfs dfs -get"),
    ],
)
def test_a_url_is_named_as_one(url, remedy):
    with pytest.raises(DataError, match=f"is a URL: .*{remedy}"):
        find_files(url)


def test_a_url_of_a_file_is_read(tmp_path):
    path = write(tmp_path / "a b.csv", CSV)
    assert find_files(path.as_uri()) == [path]
    with pytest.raises(DataError, match=r"b\.csv does not exist"):
        find_files((tmp_path / "b.csv").as_uri())


def test_streams_are_found_and_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # reading it would wait for a writer forever
    assert find_files(["-", tmp_path / "pipe"]) == [Path("-"), tmp_path / "pipe"]
    assert find_files("/dev/stdin") == [Path("-")]
    with pytest.raises(ParameterError, match=r"standard input .* twice"):
        find_files(["-", "/dev/stdin"])
    with pytest.raises(DataError, match="not a regular file"):
        find_files("/dev/null")


@pytest.mark.parametrize("source", ["", [""], ["a.csv", ""]])
def test_an_empty_name_is_not_the_current_folder(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.csv", CSV)
    with pytest.raises(ParameterError, match=r"the name of a file is empty \(''\)"):
        read_interactions(source)
    assert find_files(".") == [Path("a.csv")]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["train", "", "-o", "m.safetensors"], "INTERACTIONS"),
        (["train", "a.csv", "-o", ""], "-o"),
        (["train", "a.csv", "-o", "m.safetensors", "--items", ""], "--items"),
        (["similar", "", "007"], "MODEL"),
    ],
)
def test_an_empty_name_on_the_command_line_is_named(tmp_path, monkeypatch, arguments, named):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.csv", CSV)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert f"{named} is empty ('')" in result.output.replace("...", "")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.csv"]
