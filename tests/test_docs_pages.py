"""The pages in docs/ are followed as a reader follows them, and the reference is complete.

The tutorial is run first. Every other page with commands or Python runs in a copy of the folder
that the tutorial leaves behind. Files that a page shows, under their name, are written there;
output that it shows must be printed, but for numbers.
"""

import re
import shlex
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

import item2vec
from item2vec._support.threads import one_thread
from item2vec.cli import main

pytestmark = pytest.mark.thorough  # each page trains

DOCS = Path(__file__).resolve().parents[1] / "docs"
TUTORIAL = DOCS / "tutorial.md"
# The course is printed by its programs, and experiments are run by benchmarks.
NOT_FOLLOWED = {"course.md", "design.md", "experiments.md"}


class Block(NamedTuple):
    """A fenced block, and the name of the file that it shows, if it shows one."""

    language: str
    text: str
    file: str | None


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page; a file's name stands at the end of the line above it."""
    found = re.finditer(
        r"(?:`(?P<file>[\w.]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    return [Block(each["language"], each["text"], each["file"]) for each in found]


PAGES = [
    page
    for page in sorted(DOCS.rglob("*.md"))
    if "_build" not in page.parts
    and page != TUTORIAL
    and page.name not in NOT_FOLLOWED
    and {block.language for block in blocks(page)} & {"console", "python"}
]


def follow(page: Path) -> None:
    """Do in the current folder what a page shows."""
    names: dict[str, Any] = {}
    output = ""
    for block in blocks(page):
        if block.language == "python":
            exec(compile(block.text, str(page), "exec"), names)
        elif block.language == "console":
            output = run(block.text, output)
        elif block.file:
            Path(block.file).write_text(block.text, encoding="utf-8")


def run(session: str, output: str) -> str:
    """Run the commands of a session, and compare what they print with the lines below each.

    Lines above the first command are more of what the last one before printed, `output`. Returns
    what the last command printed.
    """
    more, *parts = re.split(r"^\$ ", session.replace("\\\n", ""), flags=re.MULTILINE)
    check_printed(more.splitlines(), output)
    for part in parts:
        command, *shown = part.rstrip().splitlines()
        program, *arguments = shlex.split(command)
        assert program == "item2vec"
        result = CliRunner().invoke(main, arguments, prog_name="item2vec")
        fails = any(line.startswith("Error:") for line in shown)
        assert (result.exit_code != 0) == fails, f"{command}\n{result.output}"
        output = result.output
        check_printed(shown, output)
    return output


def check_printed(shown: list[str], output: str) -> None:
    """Fail unless each line that a page shows was printed; "..." stands for the rest of a line."""
    printed = [masked(line) for line in output.splitlines()]
    for line in shown:
        begins = masked(line).removesuffix("...")
        assert any(each.startswith(begins) for each in printed), f"{line}\n{output}"


def masked(line: str) -> str:
    """Return a line of output without its numbers, which depend on the machine."""
    return " ".join(re.sub(r"[+-]?\d[\d,.]*", "#", line).split())


@pytest.fixture(scope="module", autouse=True)
def one_core():
    """Let everything run on one core, which is faster for so few users than several."""
    with one_thread(), pytest.MonkeyPatch.context() as patch:
        for trainer in ("word2vec", "softmax"):
            patch.setattr(f"item2vec.trainers.{trainer}.trainer.available_cores", lambda: 1)
        yield


@pytest.fixture(scope="module")
def tutorial_folder(tmp_path_factory) -> Path:
    """Return the folder in which the tutorial has been followed."""
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        follow(TUTORIAL)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_can_be_followed_after_the_tutorial(page, tutorial_folder, tmp_path, monkeypatch):
    copy = shutil.copytree(tutorial_folder, tmp_path / "copy")
    monkeypatch.chdir(copy)
    follow(page)


def reference() -> str:
    return "\n".join(page.read_text() for page in sorted((DOCS / "reference").glob("*.md")))


def test_every_public_name_is_in_the_reference():
    documented = set(re.findall(r"^\.\. auto\w+:: (\w+)$", reference(), flags=re.MULTILINE))
    assert set(item2vec.__all__) - {"__version__"} == documented - {
        "recall", "ndcg", "mrr", "hit_rate",
    }  # fmt: skip
    assert "`item2vec.__version__`" in reference()


def test_every_public_name_is_in_the_table_of_the_reference():
    index = (DOCS / "reference" / "index.md").read_text()
    listed = set(re.findall(r"`(\w+)`", index))
    assert set(item2vec.__all__) - {"__version__"} <= listed


def test_every_command_is_in_the_reference():
    page = (DOCS / "reference" / "command_line.md").read_text()
    documented = re.search(r":commands: (.*)", page)[1].split(",")
    assert documented == list(main.commands)
    assert set(re.findall(r"`(\w+)`", page)) >= set(main.commands)


def test_every_page_is_reached_from_the_first_one():
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / link).resolve() for link in links]
    pages = {page for page in DOCS.rglob("*.md") if "_build" not in page.parts}
    assert pages <= reached
