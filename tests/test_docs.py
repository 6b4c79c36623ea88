"""What the README, the notebook and the pipeline show is run, as it stands there.

The pages in docs/ are followed in test_docs_pages.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from item2vec.data.synthetic import invent

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return an empty folder in which the README is followed from top to bottom."""
    return tmp_path_factory.mktemp("newcomer")


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, env=environment
    )


@pytest.mark.thorough
def test_the_commands_of_the_readme_run(folder):
    commands = [
        line.removeprefix("$ ")
        for block in blocks("console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    assert len(commands) >= 5
    for command in commands:
        done = shell(command, folder)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        prints = command.split()[1] in {"similar", "recommend", "evaluate"} and "-o" not in command
        assert done.stdout if prints else True


@pytest.mark.thorough
def test_the_python_of_the_readme_runs_where_its_commands_were_run(folder):
    program = "\n".join(blocks("python"))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_names_targets_that_exist():
    targets = re.findall(r"^make (\w+)", "\n".join(blocks("sh")), flags=re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def anchors(path: Path) -> set[str]:
    """Return what links can name in a page: its headings, as they are written in addresses."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in page.parts]


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *PAGES], ids=lambda path: str(path.relative_to(ROOT))
)
def test_links_and_pictures_are_there(path):
    for link in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_course_shows_every_program_with_what_it_printed_and_its_picture():
    course = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")
    for program in sorted((ROOT / "pipelines").glob("*.py")):
        assert f"$ python pipelines/{program.name}" in course
        if program.stem != "movielens":
            printed = re.search(
                rf"<!-- printed by {program.name} -->\n```text\n(.*?)```", course, flags=re.DOTALL
            )
            assert f"The picture is in course/{program.stem}.png." in printed[1]
            assert f"](course/{program.stem}.png)" in course


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.name)
def test_notebooks_run_from_top_to_bottom(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


def pipeline(*arguments) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "pipelines" / "movielens.py", *map(str, arguments)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.mark.thorough
def test_the_pipeline_does_the_whole_job_on_a_folder(tmp_path):
    interactions, items = invent(n_users=300).write(tmp_path)
    interactions.rename(tmp_path / "ratings.csv")
    items.rename(tmp_path / "movies.csv")
    done = pipeline(tmp_path, "--output", tmp_path / "out", "--epochs", 3)
    assert done.returncode == 0, done.stderr
    for word in (
        "1. Read",
        "5. Evaluate",
        "7. Recommend",
        "ndcg",
        "popularity",
        "item2vec similar",
    ):
        assert word in done.stdout
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {
        ".safetensors", ".annoy", ".json",
    }  # fmt: skip
    assert pipeline(tmp_path / "out").returncode == 2, "a folder without ratings is told"
