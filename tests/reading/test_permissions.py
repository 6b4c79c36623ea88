"""Files and folders without permission are errors that name it."""

import contextlib
import os
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from reading_helpers import write
from table_helpers import CSV

from item2vec.cli import main
from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.files.paths import find_files
from item2vec.reading.interactions import read_interactions

pytestmark = pytest.mark.posix


@contextlib.contextmanager
def user_without_access(path):
    """Remove all permissions of a path; root, who has them anyway, becomes another user."""
    path.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)  # nobody
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        path.chmod(0o755)


@pytest.fixture
def folder():
    """A folder that all users may read, as those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "days" / "monday").mkdir(parents=True)
        write(folder / "days" / "a.csv", CSV)
        write(folder / "days" / "monday" / "b.csv", CSV)
        yield folder


@pytest.mark.parametrize("read", [read_interactions, read_catalogue])
@pytest.mark.parametrize(
    ("closed", "source", "named"),
    [
        ("days/a.csv", "days/a.csv", "days/a.csv"),
        ("days/a.csv", "days", "days/a.csv"),
        ("days", "days", "days"),
        ("days", "days/a.csv", "days/a.csv"),
        ("days", "days/*.csv", "days"),
        ("days/monday", "days", "days/monday"),
    ],
)
def test_missing_permission_is_an_error_with_the_remedy(folder, read, closed, source, named):
    expected = f"{named} can't be read: permission denied: .*chmod"
    with user_without_access(folder / closed), pytest.raises(DataError, match=expected):
        read(str(folder / source))


def test_a_pattern_without_a_match_is_no_matter_of_permission(folder):
    with pytest.raises(DataError, match="no file matches"):
        find_files(folder / "nowhere" / "*.csv")


def test_missing_permission_is_one_line_on_the_command_line(folder):
    with user_without_access(folder / "days"):
        result = CliRunner().invoke(main, ["train", str(folder / "days"), "-o", "m.safetensors"])
    assert result.exit_code == 1
    assert "days can't be read: permission denied" in result.output
    assert "free some space" not in result.output
