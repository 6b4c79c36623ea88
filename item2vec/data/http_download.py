"""Download of one file over HTTP, with checks of its length and its published MD5 checksum."""

import contextlib
import hashlib
import http.client
import queue
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from item2vec._version import __version__
from item2vec.errors import DataError
from item2vec.types import Progress

REMEDY = "try again, download and unzip it by hand, or generate data with `item2vec sample`"

CHUNK = 1 << 18  # bytes


def fetch(url: str, file: Path, progress: Progress | None, timeout: float) -> None:
    """Download `url` to `file`, and compare its length and checksum with the published ones.

    Parameters
    ----------
    url : str
        An address that begins with http:// or https://. If ``URL.md5`` exists, it contains
        the checksum.
    file : Path
        The file to write. It may be incomplete when an error is raised.
    progress : Progress, optional
        Called with the number of bytes received and their total.
    timeout : float
        Seconds to wait for the server to answer, and then for each part of the body.

    Raises
    ------
    DataError
        If the server can't be reached, or the file is incomplete or has another checksum.
    """
    published = _published_md5(url, timeout)
    md5 = hashlib.md5(usedforsecurity=False)
    done = 0
    with _server_errors(url):
        response = _open(url, timeout)
    with response, file.open("wb") as out:
        length = response.length
        while True:
            with _server_errors(url):
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
    """Return the MD5 checksum published for `url`, or None if there is none.

    GroupLens publishes ``MD5 (ml-1m.zip) = c4d9...`` for some files and ``6b51...  ml-25m.zip``
    for others.
    """
    url += ".md5"
    with _server_errors(url):
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
        raise DataError(f"{url} contains no MD5 but perhaps a network's log-in page: {REMEDY}")
    return found[0].lower()


@contextlib.contextmanager
def _server_errors(url: str) -> Iterator[None]:
    """Turn every error of the network or the server into a DataError with a remedy."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        raise DataError(f"{url} answers {error.code} {error.reason}: {REMEDY}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        why = "it did not answer in time" if isinstance(reason, TimeoutError) else reason
        wanted = url.removesuffix(".md5")  # the address to download by hand
        raise DataError(f"{wanted} can't be reached ({why}): {REMEDY}") from error


def _open(url: str, timeout: float) -> http.client.HTTPResponse:
    """Open `url` within `timeout` seconds, including the time of the DNS look-up.

    A socket's own timeout starts anew for every address of a host and does not cover the DNS
    look-up, which alone may take half a minute without a network.
    """
    answers: queue.SimpleQueue[http.client.HTTPResponse | Exception] = queue.SimpleQueue()
    given_up = threading.Event()

    def request_url() -> None:
        headers = {"User-Agent": f"item2vec/{__version__}"}
        try:  # `movielens.download` has checked that the scheme is http or https
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

    threading.Thread(target=request_url, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        given_up.set()
        close_late_answer()  # if it has just arrived; otherwise the thread closes it
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
