"""Outputs are not inputs, nor one another, nor devices: told before anything is read."""

import json
import os
import resource
import subprocess
import sys

import pytest
from invoking import error, run

from item2vec.data.synthetic import invent


@pytest.fixture(scope="module")
def interactions(tmp_path_factory):
    return invent(n_users=100).write(tmp_path_factory.mktemp("invented"))[0]


def tune(interactions, output, study):
    return ("tune", interactions, "--trainer", "item-knn", "--trials", 1, "-o", output) + (
        ("--study", study) if study else ()
    )


def test_study_is_output(interactions, tmp_path, monkeypatch):
    """faults/09: one file for parameters and study, however it is named, is refused."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    ways = ["b.toml", tmp_path / "b.toml", "./b.toml", "folder/../b.toml"]
    for study in ways:
        told = error(*tune(interactions, "b.toml", study), code=2)
        assert "one file for two outputs" in told
    assert "one file" in error(*tune(interactions, "link/b.toml", "folder/b.toml"), code=2)
    assert "one file" in error(*tune(interactions, "b.study.lock", "b.study"), code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link"]


def test_one_file_under_two_names_is_refused(interactions, tmp_path):
    study, hard, soft = (tmp_path / name for name in ("study", "hard.toml", "soft.toml"))
    run(*tune(interactions, tmp_path / "b.toml", study))
    before = study.read_bytes()
    os.link(study, hard)
    soft.symlink_to(study)
    for output in (hard, soft):
        assert "one file" in error(*tune(interactions, output, study), code=2)
    assert study.read_bytes() == before


def test_a_study_that_is_an_input_is_refused(interactions, tmp_path):
    link = tmp_path / "link.csv"
    os.link(interactions, tmp_path / "hard.csv")
    link.symlink_to(interactions)
    for study in (interactions, tmp_path / "hard.csv", link):
        told = error(*tune(interactions, tmp_path / "b.toml", study), code=2)
        assert "would be overwritten" in told


def test_every_input_of_a_command_is_kept(interactions, tmp_path):
    items = interactions.parent / "items.csv"
    table = tmp_path / "p.toml"
    table.write_text("[ease]\nl2 = 5\n")
    before = {path: path.read_bytes() for path in (interactions, items, table)}
    for command, code in (
        (("train", interactions, "--items", items, "-o", items), 1),
        (("train", interactions, "--params", table, "-o", table), 1),
        (("evaluate", interactions, "--items", items, "--report", items), 1),
        (("evaluate", interactions, "--params", table, "--report", table), 1),
        (("evaluate", items, "--model", "m", "--train-on", interactions, "--report", items), 1),
        (("tune", interactions, "-o", interactions), 2),
    ):
        told = error(*command, code=code)
        assert "would be lost" in told or "would be overwritten" in told
    assert {path: path.read_bytes() for path in before} == before


def test_files_of_their_own_are_taken(interactions, tmp_path):
    run(*tune(interactions, tmp_path / "b.toml", tmp_path / "b.study"))
    run(*tune(interactions, tmp_path / "b.toml", None))
    assert (tmp_path / "b.toml").read_text().startswith("[item-knn]")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link.study").symlink_to(tmp_path / "elsewhere" / "real.study")
    run(*tune(interactions, tmp_path / "b.toml", tmp_path / "link.study"))
    assert (tmp_path / "elsewhere" / "real.study").exists()


@pytest.mark.parametrize("device", ["/dev/full", "/dev/zero", "/dev/null", "fifo", "link", "."])
def test_study_is_a_device(interactions, tmp_path, device):
    """faults/20: a device or pipe is refused at once, in one line."""
    if device == "fifo":
        os.mkfifo(tmp_path / device)
    if device == "link":
        (tmp_path / device).symlink_to("/dev/zero")
    study = device if device.startswith("/") else tmp_path / device
    told = error(*tune(interactions, tmp_path / "b.toml", study), code=1)
    assert "not a regular file" in told or "is a folder" in told


def test_a_device_as_the_study_takes_no_memory(interactions, tmp_path):
    command = tune(interactions, tmp_path / "b.toml", "/dev/zero")
    told = subprocess.run(
        [sys.executable, "-m", "item2vec", *map(str, command)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)),
    )
    assert told.returncode == 1
    assert told.stderr.startswith("Error: /dev/zero is not a regular file")


@pytest.mark.parametrize(
    "content",
    [
        *("mine\n", "[" * 100_000, '"op_code"\n', '["op_code"]\n', "5\n", "null\n", "{}\n", "\n"),
        *('{"op_code": 0, "x": "' + "x" * 200_000 + '"}\n', "\xff\n", "\0" * 300_000),
    ],
    ids=lambda content: content[:12],
)
def test_a_file_that_is_no_study_stays_as_it_is(interactions, tmp_path, content):
    study = tmp_path / "study"
    study.write_text(content, encoding="latin-1")
    told = error(*tune(interactions, tmp_path / "b.toml", study), code=1)
    assert "is not an optuna study" in told
    assert study.read_text(encoding="latin-1") == content


def test_a_study_without_an_end_is_refused(interactions, tmp_path):
    """A file of 10 GB that takes no room on the disk: optuna would read its second line whole."""
    study = tmp_path / "study"
    study.write_text('{"op_code": 0}\n')
    os.truncate(study, 10 << 30)
    told = error(*tune(interactions, tmp_path / "b.toml", study), code=1)
    assert "has more than 256 MB" in told


def test_an_empty_file_is_a_new_study(interactions, tmp_path):
    (tmp_path / "study").touch()
    run(*tune(interactions, tmp_path / "b.toml", tmp_path / "study"))
    assert "op_code" in json.loads((tmp_path / "study").read_text().splitlines()[0])
