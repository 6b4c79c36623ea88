"""`-v` and `-q`, and lines of progress where stderr is no terminal."""

import logging
import re
import subprocess
import sys
import warnings

import pytest
from invoking import TINY, error, run

from item2vec.cli import console
from item2vec.cli.verbosity import LOG


@pytest.fixture
def config(tmp_path, interactions):
    """Return a function that writes a configuration file for training, and returns its path."""

    def write(*lines):
        path = tmp_path / "nightly.toml"
        own = [f'interactions = "{interactions}"', f'output = "{tmp_path}/m.safetensors"', *lines]
        parameters = ["[word2vec]", "vector_size = 8", "epochs = 1", "memory = 0"]
        path.write_text("\n".join(["[train]", *own, *parameters]) + "\n")
        return path

    return write


@pytest.mark.parametrize("words", [["-q"], ["--quiet"]])
def test_quiet_prints_results_and_nothing_else(words, model, interactions, tmp_path):
    train = ["train", interactions, "-o", tmp_path / "m.safetensors", *TINY]
    assert run(*train, *words).stderr == ""
    assert run(*words, *train).stderr == ""
    assert "Wrote" in run(*train).stderr, "the next command prints again"
    found = run("similar", model, "1", *words)
    assert (bool(found.stdout), found.stderr) == (True, "")


def test_errors_are_printed_all_the_same(tmp_path):
    assert "none.csv" in error("train", "none.csv", "-o", tmp_path / "m", "-q", code=1)


def test_quiet_suppresses_warnings_of_libraries_for_the_command_alone(monkeypatch, model):
    def warn(*_, **__):
        warnings.warn("a library complains", stacklevel=1)
        logging.getLogger("some.library").warning("and logs it")
        raise SystemExit(0)

    monkeypatch.setattr("item2vec.models.model_file.load", warn)
    assert run("info", model, "-q").stderr == ""
    assert not logging.root.manager.disable
    assert LOG.handlers == []


def test_verbose_has_what_a_log_needs(config, tmp_path):
    path = config("min-count = 3", "verbose = true")
    lines = run("train", "--config", path, "--epochs", 2).stderr.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line) for line in lines)
    text = "\n".join(line[20:] for line in lines)
    assert text.startswith("item2vec ")
    assert f"--min-count 3 ({path})" in text
    assert "--epochs 2 (command line)" in text
    assert "--trainer word2vec (default)" in text
    assert f"--params {path} ({path})" in text
    assert re.search(r"^word2vec: .*vector_size 8.* epochs 2", text, flags=re.MULTILINE)
    assert re.search(r"^reading: \d+\.\d s$", text, flags=re.MULTILINE)
    assert re.search(r"^training word2vec: \d+\.\d s$", text, flags=re.MULTILINE)
    assert re.search(r"^train: \d+\.\d s in all, peak memory [\d,]+ MB$", text, flags=re.MULTILINE)


def test_the_command_line_wins_over_the_file(config):
    assert run("train", "--config", config("quiet = true"), "--epochs", 1).stderr == ""
    assert "s in all" in run("train", "--config", config("quiet = true"), "-v").stderr
    assert run("-q", "train", "--config", config("verbose = true")).stderr == ""


def test_both_exclude_each_other(model):
    message = error("-v", "info", model, "-q", code=2)
    assert "--verbose" in message
    assert "--quiet" in message


PROGRESS = r"^training word2vec:( \d+%,)? 0:00:\d\d elapsed$"


def test_lines_of_progress_come_at_intervals(monkeypatch, interactions, tmp_path):
    words = ["train", interactions, "-o", tmp_path / "m.safetensors", *TINY, "--epochs", 30]
    assert not re.search(PROGRESS, run(*words).stderr, flags=re.MULTILINE), "not so soon"
    monkeypatch.setattr(console, "SECONDS", 0.02)
    lines = re.findall(PROGRESS, run(*words).stderr, flags=re.MULTILINE)
    assert len(lines) > 1
    assert any(share for share in lines), "the percentage is known after the first epoch"
    assert run(*words, "-q").stderr == ""


def test_a_log_is_written_whole_by_the_program(model):
    done = subprocess.run(
        [sys.executable, "-m", "item2vec", "-v", "info", str(model)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "peak memory" in done.stderr
    assert "Traceback" not in done.stderr
