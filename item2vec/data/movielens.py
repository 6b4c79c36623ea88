"""MovieLens from GroupLens' own server: whole and checked, or not at all."""

import contextlib
import hashlib
import http.client
import os
import queue
import re
import stat
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from item2vec._support.messages import setting
from item2vec._support.progress import Progress
from item2vec._version import __version__
from item2vec.errors import DataError, ParameterError

GROUPLENS = "https://files.grouplens.org/datasets/movielens/"

# What can be downloaded, and the files without which it is of no use.
DATASETS = {
    "ml-latest-small": ("ratings.csv", "movies.csv"),
    "ml-1m": ("ratings.dat", "movies.dat"),
    "ml-25m": ("ratings.csv", "movies.csv"),
    "ml-32m": ("ratings.csv", "movies.csv"),
}
REMEDY = "try again, download and unzip it by hand, or invent data with `item2vec sample`"

CHUNK = 1 << 18
# The largest, ml-25m, unzips to 1.2 GB in 7 files. More than these is no MovieLens.
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

    What is there and complete is returned as it is, without asking the server. A download that
    fails or is interrupted leaves nothing behind, and what was there before as it was.

    Parameters
    ----------
    name : str
        One of `DATASETS`.
    folder : path
        Made where it is missing.
    base_url : str
        Where ``NAME.zip`` and, if published, its checksum ``NAME.zip.md5`` are.
    force : bool
        Download again and replace what is there.
    progress : Progress, optional
        Called with the bytes received and their total.
    timeout : float
        Seconds to wait for the server to answer, and then for each next part.

    Returns
    -------
    Path
        ``folder/name``.

    Raises
    ------
    ParameterError
        If there is no data set of that name.
    DataError
        If the server can't be reached, what it sends is not whole, or the disk does not take it.
    """
    if not base_url.startswith(("https://", "http://")):
        raise ParameterError(f"base_url must begin with https:// or http://, not {base_url!r}")
    if not 0 < timeout < float("inf"):
        raise ParameterError(f"timeout must be above 0 seconds, not {timeout}")
    try:
        there = find(name, folder)
        if there and not force:
            return there
        target = Path(folder, name)
        if not force:
            _check_free(target)
        with _folder_beside(target) as beside:
            url = f"{base_url.rstrip('/')}/{name}.zip"
            _fetch(url, beside / "zip", progress, timeout)
            _unzip(url, beside / "zip", beside / "new", name)
            _put(beside / "new" / name, target, beside / "old")
    except OSError as error:
        why = error.strerror or error
        raise DataError(f"cannot write to {folder}: {why}: choose another folder") from error
    return target


def find(name: str, folder: str | os.PathLike[str]) -> Path | None:
    """Return ``folder/name`` if that data set is there and complete, else None."""
    if name not in DATASETS:
        raise ParameterError(f"no data set {name!r} is known: choose {', '.join(DATASETS)}")
    target = Path(folder, name)
    return target if all((target / file).is_file() for file in DATASETS[name]) else None


def _check_free(target: Path) -> None:
    """Raise DataError if something else stands where the data set would go."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        files = " or ".join(DATASETS[target.name])
        raise DataError(
            f"{target} is there but lacks {files}: move it away, or replace it "
            f"with {setting('force', True)}"
        )


@contextlib.contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """Make a temporary folder next to `target`; if its use fails, no folder made here remains."""
    made = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as beside:
            yield Path(beside)
    except BaseException:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _fetch(url: str, file: Path, progress: Progress | None, timeout: float) -> None:
    """Download `url` to `file` and compare its length and checksum with those published."""
    published = _published_md5(url, timeout)
    md5 = hashlib.md5(usedforsecurity=False)
    done = 0
    with _asking(url):
        response = _open(url, timeout)
    with response, file.open("wb") as out:
        length = response.length
        while True:
            with _asking(url):
                chunk = response.read1(CHUNK)
            if not chunk:
                break
            out.write(chunk)
            md5.update(chunk)
            done += len(chunk)
            if progress:
                progress(done, length or done)
    if length is not None and done != length:
        raise DataError(f"{url} broke off after {done} of {length} bytes: {REMEDY}")
    if published and published != md5.hexdigest():
        raise DataError(
            f"{url} has the MD5 {md5.hexdigest()}, but {published} is published: {REMEDY}"
        )


def _published_md5(url: str, timeout: float) -> str | None:
    """Return the MD5 published for `url`, None if there is none.

    GroupLens writes ``MD5 (ml-1m.zip) = c4d9...`` for some and ``6b51...  ml-25m.zip`` for others.
    """
    url += ".md5"
    with _asking(url):
        try:
            with _open(url, timeout) as response:
                text = response.read(CHUNK).decode(errors="replace")
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                error.close()
                return None
            raise
    found = re.search(r"\b[0-9a-f]{32}\b", text, re.IGNORECASE)
    if not found:
        raise DataError(f"{url} holds no MD5, perhaps a network's log-in page: {REMEDY}")
    return found[0].lower()


@contextlib.contextmanager
def _asking(url: str) -> Iterator[None]:
    """Turn whatever goes wrong between here and the server into a DataError."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        raise DataError(f"{url} answers {error.code} {error.reason}: {REMEDY}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        why = "it did not answer in time" if isinstance(reason, TimeoutError) else reason
        wanted = url.removesuffix(".md5")  # what a person would fetch by hand
        raise DataError(f"{wanted} can't be reached ({why}): {REMEDY}") from error


def _open(url: str, timeout: float) -> http.client.HTTPResponse:
    """Open `url` within `timeout` seconds, names looked up and all.

    A socket's own time limit counts anew for every address that a name stands for, and does not
    cover the look-up: with no network that alone may take half a minute.
    """
    answers: queue.SimpleQueue[http.client.HTTPResponse | Exception] = queue.SimpleQueue()
    given_up = threading.Event()

    def ask() -> None:
        headers = {"User-Agent": f"item2vec/{__version__}"}
        try:  # `download` has seen to it that the URL is one of HTTP
            request = urllib.request.Request(url, headers=headers)  # noqa: S310
            answers.put(urllib.request.urlopen(request, timeout=timeout))  # noqa: S310
        except Exception as error:
            answers.put(error)
        if given_up.is_set():
            close_late_answer()

    def close_late_answer() -> None:
        with contextlib.suppress(queue.Empty):
            answer = answers.get_nowait()
            if not isinstance(answer, Exception):
                answer.close()

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        given_up.set()
        close_late_answer()  # if it came just now; later the thread does it
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _unzip(url: str, file: Path, folder: Path, name: str) -> None:
    """Unzip a data set into `folder`, once nothing in it would end up elsewhere."""
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
    # RuntimeError: it asks for a password, or for a compression that Python does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise DataError(f"{url} is no zip file, or a broken one ({error}): {REMEDY}") from error
    for needed in DATASETS[name]:
        if not (folder / name / needed).is_file():
            raise DataError(f"{url} holds no {name}/{needed}: {REMEDY}")


def _check_entry(url: str, entry: zipfile.ZipInfo) -> None:
    """Raise DataError if a zip's entry is no plain file or folder below where it is unzipped."""
    path = PurePosixPath(entry.filename)
    outside = path.is_absolute() or ".." in path.parts or re.search(r"[\\:]", entry.filename)
    if outside or stat.S_ISLNK(entry.external_attr >> 16):
        raise DataError(f"{url} would write to {entry.filename!r}, outside its folder: {REMEDY}")


def _put(new: Path, target: Path, old: Path) -> None:
    """Move `new` to `target`, and what was there to `old`; or leave what was there."""
    try:
        if os.path.lexists(target):
            target.rename(old)
        new.rename(target)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(target):
            old.rename(target)
        raise
