"""What a stranger's file, name or argument holds ends in one line, not in a traceback."""

import json
import os

import pytest
from invoking import error, run

from item2vec.data.synthetic import invent


@pytest.fixture(scope="module")
def interactions(tmp_path_factory):
    return invent(n_users=100).write(tmp_path_factory.mktemp("invented"))[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x=" + "[" * 3000 + "]" * 3000, "is nested too deeply"),
        ("[word2vec]\nwindow=" + "9" * 5000, "is not TOML: Exceeds the limit"),
        ("[word2vec]\n# " + "x" * 2_000_000, "has more than 1,048,576 bytes"),
        ("tuned = 5", "tuned must be a table"),
        ("[word2vec]\nwindow = \xff", "is not TOML"),
    ],
    ids=["deep", "long number", "large", "tuned", "latin-1"],
)
def test_params_deep_or_long(interactions, tmp_path, text, told):
    """faults/06"""
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="latin-1")
    train = ("train", interactions, "--params", path, "-o", tmp_path / "m.safetensors")
    for command in (train, ("evaluate", interactions, "--params", path)):
        assert told in error(*command, code=1)
    tune = ("tune", interactions, "-o", path)
    assert "would be lost" in error(*tune, code=1)
    assert "has more than" in error("evaluate", interactions, "--params", "/dev/zero", code=1)


def test_bytes_no_utf8(interactions, tmp_path):
    """faults/07: a name or an argument that is not UTF-8."""
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv")
    with open(odd, "w") as file:
        file.write(interactions.read_text())
    split = ("split", "-o", tmp_path / "parts")
    assert "is not UTF-8: rename the file" in error(*split, odd, code=1)
    assert "is not UTF-8: rename the file" in error(*split, tmp_path / "*.csv", code=1)
    for option in ("--delimiter", "--time-format", "--where"):
        assert f"{option} must be UTF-8" in error(*split, interactions, option, "\udcff", code=2)
    assert r"no column '\udcff'" in error(*split, interactions, "--user", "\udcff", code=2)


@pytest.mark.parametrize("option", ["--inputs", "--labels"])
def test_inputs_huge(interactions, option):
    """faults/08"""
    command = ("evaluate", interactions, "--recommender", "popularity", option)
    assert "must be at most 2147483647" in error(*command, 10**19, code=2)
    assert "has enough items" in error(*command, 2**31 - 1, code=1)


@pytest.fixture(scope="module")
def journal(interactions, tmp_path_factory):
    """The lines of a study with one trial."""
    study = tmp_path_factory.mktemp("study") / "study"
    tune = ("tune", interactions, "--trainer", "item-knn", "--trials", 1)
    run(*tune, "-o", study.parent / "b.toml", "--study", study)
    return [json.loads(line) for line in study.read_text().splitlines()]


def no_subject(line):
    if "user_attr" in line:
        line["user_attr"] = {key: [1] for key in line["user_attr"]}


def set_where(name, value):
    def change(line):
        if name in line and line[name] is not None:
            line[name] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        no_subject,
        set_where("distributions", None),
        set_where("values", ["x"]),
        set_where("values", [float("nan")]),
        set_where("values", 5),
        set_where("params", [1]),
        set_where("datetime_complete", "never"),
        set_where("op_code", 99),
    ],
)
def test_study_of_a_stranger(interactions, journal, tmp_path, change):
    """faults/19"""
    lines = json.loads(json.dumps(journal))
    for line in lines:
        change(line)
    study = tmp_path / "study"
    study.write_text("".join(json.dumps(line) + "\n" for line in lines))
    tune = ("tune", interactions, "--trainer", "item-knn", "--trials", 2)
    result = error(*tune, "-o", tmp_path / "b.toml", "--study", study, code=1)
    assert "is a damaged study: remove it" in result
