"""Files are replaced atomically: after any failure, the old file is still there."""

import os
import stat

import pytest

from item2vec._support.atomic_files import replaced
from item2vec.errors import DataError


def names(folder):
    return sorted(os.listdir(folder))


def write(path, content, error=None):
    """Replace a file, and fail on the way if an error is given."""
    with replaced(path) as beside:
        beside.write_bytes(content)
        if error is not None:
            raise error


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"the old model, which is longer")
    return path


def test_a_new_file_appears_complete_at_the_end(tmp_path):
    with replaced(tmp_path / "a.txt") as beside:
        beside.write_text("new")
        assert not (tmp_path / "a.txt").exists()
        assert beside.parent == tmp_path  # a rename works within one disk only
    assert (tmp_path / "a.txt").read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


def test_an_old_file_is_there_until_the_new_one_takes_its_place(old):
    with replaced(old) as beside:
        beside.write_bytes(b"new")
        assert old.read_bytes() == b"the old model, which is longer"
    assert old.read_bytes() == b"new"
    assert names(old.parent) == ["model.bin"]


def test_an_open_old_file_can_be_read_to_its_end(old):
    with old.open("rb") as reader:
        assert reader.read(3) == b"the"
        with replaced(old) as beside:
            beside.write_bytes(b"new")
        assert reader.read() == b" old model, which is longer"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_when_writing_fails_the_old_file_is_intact_and_no_temporary_file_remains(old, error):
    with pytest.raises(error):
        write(old, b"half of the n", error)
    assert old.read_bytes() == b"the old model, which is longer"
    assert names(old.parent) == ["model.bin"]


def test_a_full_disk_is_a_data_error_that_names_the_file_and_the_reason(old):
    full = OSError(28, "No space left on device")
    with pytest.raises(DataError, match=r"model\.bin can't be written: No space left") as caught:
        write(old, b"half of the n", full)
    assert caught.value.__cause__ is full
    assert old.read_bytes() == b"the old model, which is longer"
    assert names(old.parent) == ["model.bin"]


def test_a_missing_folder_is_an_error_and_the_block_is_not_run(tmp_path):
    with pytest.raises(DataError, match=r"nowhere.*can't be written: No such file or directory"):
        write(tmp_path / "nowhere" / "a.txt", b"new", AssertionError("this is never run"))
    assert names(tmp_path) == []


def test_a_file_in_place_of_a_folder_is_an_error(old):
    with pytest.raises(DataError, match="can't be written"):
        write(old / "a.txt", b"new")


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="folder can't be written"):
        write(tmp_path / "folder", b"new")
    assert names(tmp_path) == ["folder"]


def test_a_writer_that_leaves_no_file_is_an_error_and_the_old_one_stays(old):
    with pytest.raises(DataError, match="can't be written"), replaced(old) as beside:
        beside.unlink()
    assert old.read_bytes() == b"the old model, which is longer"


def test_a_writer_may_make_the_file_anew_as_annoy_does(old):
    with replaced(old) as beside:
        beside.unlink()
        beside.write_bytes(b"new")
    assert old.read_bytes() == b"new"


def test_a_name_without_a_folder_is_in_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with replaced("a model.bin") as beside:
        beside.write_text("new")
    assert names(tmp_path) == ["a model.bin"]


@pytest.mark.posix
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_others_may_read_it_as_they_may_any_new_file(tmp_path, mask):
    before = os.umask(mask)
    try:
        (tmp_path / "usual").write_text("new")
        with replaced(tmp_path / "ours") as beside:
            beside.write_text("new")
        assert os.umask(mask) == mask  # the mask is as it was
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "ours")]
    assert modes == [0o666 & ~mask] * 2
