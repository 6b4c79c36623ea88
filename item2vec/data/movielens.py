"""Download of MovieLens data sets from the GroupLens server, checked and all or nothing."""

import contextlib
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from item2vec._support.checks import check_path
from item2vec._support.messages import setting
from item2vec.data.http_download import REMEDY, fetch
from item2vec.errors import DataError, ParameterError
from item2vec.types import Progress

GROUPLENS = "https://files.grouplens.org/datasets/movielens/"

# The data sets that can be downloaded, each with the files that it must contain.
DATASETS = {
    "ml-latest-small": ("ratings.csv", "movies.csv"),
    "ml-1m": ("ratings.dat", "movies.dat"),
    "ml-25m": ("ratings.csv", "movies.csv"),
    "ml-32m": ("ratings.csv", "movies.csv"),
}

# The largest, ml-25m, unzips to 1.2 GB in 7 files. A zip file above these bounds is refused.
MOST_BYTES, MOST_FILES = 4 << 30, 1000


def download(
    name: str,
    folder: str | os.PathLike[str],
    *,
    base_url: str = GROUPLENS,
    force: bool = False,
    progress: Progress | None = None,
    timeout: float = 10.0,
) -> Path:
    """Download a MovieLens data set, check it and unzip it to ``folder/name``.

    If the data set is already complete on the disk, it is not downloaded again. A download that
    fails or is interrupted leaves the disk unchanged.

    Parameters
    ----------
    name : str
        One of `DATASETS`.
    folder : path
        Created if it does not exist.
    base_url : str
        Address of the folder with ``NAME.zip`` and, if published, its checksum ``NAME.zip.md5``.
    force : bool
        Download again and replace existing files.
    progress : Progress, optional
        Called with the number of bytes received and their total.
    timeout : float
        Seconds to wait for the server to answer, and then for each part of the file.

    Returns
    -------
    Path
        ``folder/name``.

    Raises
    ------
    ParameterError
        If there is no data set of that name, or an argument is out of range.
    DataError
        If the server can't be reached, the file is damaged, or the disk can't be written to.
    """
    _check_source(base_url, timeout)
    url = f"{base_url.rstrip('/')}/{name}.zip"
    folder = check_path(folder)
    with _disk_errors(folder):
        existing = find(name, folder)
        if existing and not force:
            return existing
        return _install(url, Path(folder, name), force=force, progress=progress, timeout=timeout)


def find(name: str, folder: str | os.PathLike[str]) -> Path | None:
    """Return ``folder/name`` if it is a complete data set of this name, else None."""
    if name not in DATASETS:
        raise ParameterError(f"there is no data set {name!r}: choose {', '.join(DATASETS)}")
    target = check_path(folder) / name
    return target if all((target / file).is_file() for file in DATASETS[name]) else None


def _check_source(base_url: str, timeout: float) -> None:
    """Raise ParameterError unless the address is an HTTP URL and the timeout is positive."""
    if not base_url.startswith(("https://", "http://")):
        raise ParameterError(f"base_url must begin with https:// or http://, not {base_url!r}")
    if not 0 < timeout < float("inf"):
        raise ParameterError(f"timeout must be above 0 seconds, not {timeout}")


@contextlib.contextmanager
def _disk_errors(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an error of the disk into a DataError with a remedy."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise DataError(f"cannot write to {folder}: {why}: choose another folder") from error


def _install(
    url: str, target: Path, *, force: bool, progress: Progress | None, timeout: float
) -> Path:
    """Download and unzip `url` beside `target`, and then move it to `target`."""
    if not force:
        _check_free(target)
    with _folder_beside(target) as beside:
        fetch(url, beside / "zip", progress, timeout)
        _unzip(url, beside / "zip", beside / "new", target.name)
        _replace(target, beside / "new" / target.name, beside / "old")
    return target


def _check_free(target: Path) -> None:
    """Raise DataError if `target` exists and is not an empty folder."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        files = " or ".join(DATASETS[target.name])
        raise DataError(
            f"{target} exists but lacks {files}: move it away, or replace it "
            f"with {setting('force', True)}"
        )


@contextlib.contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """Create a temporary folder next to `target`; remove all created folders after an error."""
    created = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as beside:
            yield Path(beside)
    except BaseException:
        for folder in created:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _unzip(url: str, file: Path, folder: Path, name: str) -> None:
    """Unzip a data set into `folder`, after checking its size and the paths of its files."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            if size > MOST_BYTES or len(entries) > MOST_FILES:
                raise DataError(
                    f"{url} would unzip to {len(entries)} files of {size} bytes: {REMEDY}"
                )
            for entry in entries:
                _check_entry(url, entry)
            archive.extractall(folder)
    # RuntimeError: a password is needed, or the compression method is unknown to Python.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise DataError(f"{url} is not a zip file, or a broken one ({error}): {REMEDY}") from error
    for needed in DATASETS[name]:
        if not (folder / name / needed).is_file():
            raise DataError(f"{url} does not contain {name}/{needed}: {REMEDY}")


def _check_entry(url: str, entry: zipfile.ZipInfo) -> None:
    """Raise DataError if an entry is not a plain file or folder below the folder of the zip."""
    path = PurePosixPath(entry.filename)
    outside = path.is_absolute() or ".." in path.parts or re.search(r"[\\:]", entry.filename)
    if outside or stat.S_ISLNK(entry.external_attr >> 16):
        raise DataError(f"{url} would write to {entry.filename!r}, outside its folder: {REMEDY}")


def _replace(target: Path, new: Path, old: Path) -> None:
    """Move `target`, if it exists, to `old` and `new` to `target`; undo this after an error."""
    try:
        if os.path.lexists(target):
            target.rename(old)
        new.rename(target)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(target):
            old.rename(target)
        raise
