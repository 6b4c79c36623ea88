"""The program as a whole: help, encodings, full disks, tracebacks and Ctrl-C."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from invoking import TINY, run

from item2vec.cli import main
from item2vec.models import model_file


def commands() -> list[str]:
    return sorted(main.commands)


@pytest.mark.parametrize("name", commands())
def test_every_help_holds_an_example_of_its_own_command(name):
    text = run(name, "--help").stdout
    assert f"item2vec {name} " in text.split("Example:")[1]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.thorough if name in {"evaluate", "tune"} else ())
        for name in commands()
        if name != "download"
    ],
)
def test_the_examples_of_every_help_run(name, folder, tmp_path, monkeypatch):
    """They run in a folder that holds the files they name."""
    monkeypatch.chdir(tmp_path)
    for file, source in {
        "ratings.csv": "interactions.csv", "movies.csv": "items.csv",
    }.items():  # fmt: skip
        Path(file).write_bytes((folder / source).read_bytes())
    series = (
        f"{line},{'series' if n == 0 else f'Saga {n // 4}'}\n"
        for n, line in enumerate(Path("movies.csv").read_text(encoding="utf-8").splitlines())
    )
    Path("movie_series.csv").write_text("".join(series), encoding="utf-8")
    Path("new_movies.csv").write_text("item_id,title,genres\nnew,Space Saloon,Sci-Fi|Western\n")
    run("split", "ratings.csv", "-o", ".", "--force", "--held-out", 0.3)
    header, *lines = Path("ratings.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for file, part in {"train.csv": lines[::2], "test.csv": lines[1::2]}.items():
        Path(file).write_text(header + "".join(part), encoding="utf-8")
    Path("fast.toml").write_text("[word2vec]\nepochs = 2\nvector_size = 8\n[ease]\nl2 = 100.0\n")
    run("train", "training.csv", "--items", "movies.csv", "-o", "movies.safetensors", *TINY)
    vectors = model_file.load("movies.safetensors")
    for words in example_lines(main.commands[name]):
        arguments = ["1" if "(19" in word else word for word in words]
        if arguments[0] == "evaluate":
            arguments += ["--params", "fast.toml"]
        if arguments[0] == "train":
            arguments += TINY
        if arguments[0] == "tune":
            arguments += ["--trials", 1, "--trainer", "ease"]
        run(*arguments)
    assert len(vectors) > 100


def example_lines(command: click.Command) -> list[list[str]]:
    text = (command.help or "").split("Example:")[1]
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("item2vec ")]
    return [shlex.split(line)[1:] for line in lines]


def test_examples_keep_their_lines():
    """Click's mark for that is one character: in a raw string it would be two, and be shown."""
    assert "\n    item2vec sample invented\n" in run("--help").stdout
    assert "\\b" not in run("--help").stdout + run("train", "--help").stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_knows_few_letters_is_no_reason_to_fail(encoding, folder, model):
    base = [sys.executable, "-m", "item2vec"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    for arguments in (["similar", model, "1"], ["similar", model, "1", "--json"]):
        done = subprocess.run(
            [*base, *map(str, arguments)], capture_output=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr


def test_a_full_disk_under_stdout_is_one_line(model):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "item2vec", "info", str(model)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


@pytest.mark.parametrize("words", [["--debug", "info", "none"], ["info", "none", "--debug"]])
def test_debug_shows_the_traceback(words):
    result = CliRunner().invoke(main, words)
    assert isinstance(result.exception, Exception)
    assert not isinstance(result.exception, SystemExit)


# Runs a command with a progress callback that prints, so that a test sees the end of each epoch.
PRINTING_PROGRESS = """
import contextlib, sys
from item2vec.cli import main

@contextlib.contextmanager
def progress_bar(description):
    yield lambda done, total: print("epoch", done, file=sys.stderr, flush=True)

sys.modules["item2vec.cli.train"].progress_bar = progress_bar
main()
"""


def test_ctrl_c_exits_with_130_and_leaves_the_old_model(folder, interactions, model):
    """The signal is sent when training is under way.

    Sent earlier, it may meet an import, and an extension module that is interrupted while it is
    imported may end the process, or print to stderr, in a way of its own.
    """
    before = model.read_bytes()
    command = ["train", interactions, "-o", model, "--epochs", "99999", "--memory", "0"]
    with subprocess.Popen(
        [sys.executable, "-c", PRINTING_PROGRESS, *command],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert any(line.startswith("epoch ") for line in process.stderr), "training has begun"
        process.send_signal(signal.SIGINT)
        lines = [line for line in process.stderr if not line.startswith("epoch ")]
    assert (process.returncode, lines) == (130, ["Interrupted: existing files are unchanged.\n"])
    assert model.read_bytes() == before
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
