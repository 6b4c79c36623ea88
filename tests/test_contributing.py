"""The examples of CONTRIBUTING.md are followed, in a copy of the repository.

A block ``python PATH`` is a file to write, ``diff PATH`` a change to a file, and ``console`` holds
commands to run.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEPS = re.findall(
    r"^```(python|diff|console)(?: (\S+))?\n(.*?)^```", CONTRIBUTING, flags=re.DOTALL | re.MULTILINE
)
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """Return a copy of what the examples need of the repository."""
    clone = tmp_path_factory.mktemp("clone")
    for folder in ("item2vec", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "golden")
        shutil.copytree(ROOT / folder, clone / folder, ignore=ignored)
    for file in ("setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / file, clone)
    return clone


def apply(diff: str, file: Path) -> None:
    """Change a file as a diff without line numbers says; its context must be there once."""
    text = file.read_text(encoding="utf-8")
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(before) == 1, f"not once in {file.name}:\n{before}"
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")


def run(command: str, clone: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as in an activated environment in which the copy is installed."""
    environment = os.environ | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(clone),
    }
    command = re.sub(r"^item2vec ", "python -m item2vec ", command)  # that of the copy
    return subprocess.run(
        command, shell=True, cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.thorough
def test_the_examples_work_from_the_file_to_the_command(clone):
    assert [kind for kind, _, _ in STEPS].count("diff") >= 4
    for kind, path, content in STEPS:
        if kind == "python":
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            assert not (clone / path).exists(), f"{path} is an example no longer"
            (clone / path).write_text(content, encoding="utf-8")
        elif kind == "diff":
            apply(content, clone / path)
        else:
            for line in content.splitlines():
                done = run(line.removeprefix("$ "), clone)
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
                tests = re.search(r"(\d+) passed", done.stdout)
                assert tests if "pytest" in line else True, f"{line} ran no test"


def test_its_links_targets_and_sessions_exist():
    for link in re.findall(r"\]\((?!http)([^)#]+)", CONTRIBUTING):
        assert (ROOT / link).exists(), link
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in re.findall(r"`make ([a-z ]+)`", CONTRIBUTING):
        for target in line.split():
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    for session in re.findall(r"nox -s ([a-z]+)", CONTRIBUTING):
        assert f"def {session}(" in noxfile, session
