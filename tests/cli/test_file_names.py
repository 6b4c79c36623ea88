"""Names of files: ~ is the home folder everywhere, "-" is standard output or refused by name."""

import os
from pathlib import Path

import numpy as np
import pytest
from invoking import TINY, error, run

import item2vec
from item2vec._support.checks import check_path
from item2vec.data.vocabulary import Vocabulary


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Return an empty home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def test_the_home_folder_is_found_in_models_and_tables(home, interactions, folder):
    (home / "items.csv").write_bytes((folder / "items.csv").read_bytes())
    run("train", interactions, "--items=~/items.csv", "--output=~/m.safetensors", *TINY)
    assert (home / "m.safetensors").is_file()
    run("similar", "~/m.safetensors", "--all", "-k", 1, "--output=~/n.csv")
    assert (home / "n.csv").is_file()
    run("index", "~/m.safetensors", "--recall", 0.5)
    assert list(home.glob("*.annoy"))


def test_an_output_in_the_home_folder_is_seen_to_be_an_input(home, interactions):
    copy = home / "ratings.csv"
    copy.write_bytes(Path(interactions).read_bytes())
    message = error("train", copy, "-o", "~/ratings.csv", code=1)
    assert str(copy) in message
    assert copy.read_bytes() == Path(interactions).read_bytes()


def test_folders_in_the_home_folder_are_created_there(home, monkeypatch):
    monkeypatch.chdir(home)
    run("sample", "~/data", "--users", 20)
    assert sorted(os.listdir(home)) == ["data"]


def test_python_finds_the_home_folder_as_well(home):
    ones = np.ones((2, 3), dtype=np.float32)
    vectors = item2vec.ItemVectors(
        Vocabulary.from_counts(["1", "2"], [2, 1]), ones, ones, ones[:, 0], power=1.0
    )
    item2vec.save(vectors, "~/m.safetensors")
    assert (home / "m.safetensors").is_file()
    assert len(item2vec.load("~/m.safetensors")) == 2
    assert check_path("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")


@pytest.mark.parametrize(
    ("words", "option", "remedy"),
    [
        (["train", "x.csv", "-o", "-"], "-o ", "model.safetensors"),
        (["add", "m", "x.csv", "-o", "-"], "-o ", "model.safetensors"),
        (["evaluate", "x.csv", "--report", "-"], "--report ", "report.html"),
        (["tune", "x.csv", "-o", "-"], "-o ", "best.toml"),
        (["tune", "x.csv", "-o", "a.toml", "--study", "-"], "--study ", "best.study"),
        (["split", "x.csv", "-o", "-"], "-o ", "data"),
        (["sample", "-"], "DIR ", "data"),
    ],
)
def test_what_is_replaced_as_a_whole_does_not_go_to_stdout(words, option, remedy):
    message = error(*words, code=2)
    assert message.startswith(f"Error: {option}")
    assert message.endswith(f"such as {remedy}")


def test_tables_go_to_stdout_where_a_minus_is_named(model, interactions):
    assert run("vectors", model, "-o", "-").stdout == run("vectors", model).stdout
    one = run("similar", model, "1", "-k", 2)
    assert run("similar", model, "1", "-k", 2, "-o", "-").stdout == one.stdout
    many = run("recommend", model, "--histories", interactions, "-k", 1, "-o", "-").stdout
    assert many.startswith("user,rank,item")
