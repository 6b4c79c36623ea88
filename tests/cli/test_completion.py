"""Completion: the shell asks the program what may come next."""

import os
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from item2vec.cli import main


def completed(words: str, *, shell: str = "zsh") -> list[tuple[str, str]]:
    """Return the types and values that the program answers, asked as a shell does it."""
    incomplete = words.split(" ")[-1]
    environment = os.environ | {
        "_ITEM2VEC_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": incomplete if shell == "fish" else str(len(words.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from item2vec.cli import main; main(prog_name='item2vec')"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    if shell == "zsh":  # type, value and help on three lines
        return list(zip(lines[::3], lines[1::3], strict=True))
    return [tuple(line.split("\t")[0].split(",")[:2]) for line in lines]


def answers(*words: str, incomplete: str = "") -> list[tuple[str, str]]:
    """Return the types and values of an answer, computed in this process."""
    completion = ShellComplete(main, {}, "item2vec", "_ITEM2VEC_COMPLETE")
    found = completion.get_completions(list(words), incomplete)
    return [(item.type, item.value) for item in found]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_answered(shell):
    assert ("plain", "train") in completed("item2vec tr", shell=shell)
    assert [kind for kind, _ in completed("item2vec train rat", shell=shell)] == ["file"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_for_a_shell_is_printed(shell):
    done = subprocess.run(
        [sys.executable, "-c", "from item2vec.cli import main; main(prog_name='item2vec')"],
        env=os.environ | {"_ITEM2VEC_COMPLETE": f"{shell}_source"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"_ITEM2VEC_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["train"],
        ["train", "ratings.csv", "-o"],
        ["train", "ratings.csv", "--items"],
        ["train", "--params"],
        ["train", "--config"],
        ["--config"],
        ["similar"],
        ["recommend", "m.safetensors", "--histories"],
        ["evaluate", "held_out.csv", "--model"],
        ["evaluate", "held_out.csv", "--report"],
        ["add", "m.safetensors"],
        ["tune", "ratings.csv", "--study"],
    ],
)
def test_files_are_completed_as_files(words):
    assert [kind for kind, _ in answers(*words)] == ["file"]


@pytest.mark.parametrize("words", [["sample"], ["split", "ratings.csv", "-o"]])
def test_folders_are_completed_as_folders(words):
    assert [kind for kind, _ in answers(*words)] == ["dir"]


def test_options_and_choices_are_completed():
    assert ("plain", "--items-id") in answers("train", "r.csv", incomplete="--items")
    assert ("plain", "softmax") in answers("train", "r.csv", "--trainer", incomplete="so")


def test_a_broken_configuration_is_no_obstacle(tmp_path):
    (tmp_path / "bad.toml").write_text("[traim]")
    found = answers("train", "--config", str(tmp_path / "bad.toml"), "--trainer", incomplete="so")
    assert found == [("plain", "softmax")]
