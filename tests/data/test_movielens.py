"""Downloading, from a server on loopback that behaves as badly as servers do."""

import hashlib
import http.server
import io
import os
import socket
import stat
import threading
import time
import urllib.error
import urllib.request
import zipfile

import pytest

import item2vec.data.movielens
from item2vec.data.movielens import DATASETS, download, find
from item2vec.errors import DataError, ParameterError

RATINGS = b"1::1193::5::978300760\n" * 50_000
FILES = {"ml-1m/ratings.dat": RATINGS, "ml-1m/movies.dat": b"1193::Cuckoo::Drama\n"}


def make_zip(files):
    """Return a zip of {name: content}; stored, so that it is as large as what it holds."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return memory.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.files`: a path's (status, body, bytes that are missing, seconds of delay)."""

    def do_GET(self):
        self.server.asked.append(self.path)
        status, body, missing, delay = self.server.files.get(self.path, (404, b"", 0, 0))
        if delay:
            self.server.released.wait(delay)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) - missing])
        if missing and self.server.stalls:
            self.wfile.flush()
            self.server.released.wait(30)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    """A server that does not mind when a client goes away."""

    daemon_threads = True
    stalls = False

    def handle_error(self, request, client_address):
        pass

    def serve(self, path, body, *, status=200, missing=0, delay=0):
        self.files["/" + path] = (status, body, missing, delay)

    def serve_zip(self, body, **how):
        self.serve("ml-1m.zip", body, **how)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.files, server.asked, server.released = {}, [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def fetch(server, tmp_path):
    """Download ml-1m from the server into a folder that is not there yet."""

    def fetch(**options):
        options = {"base_url": server.url, "timeout": 5.0} | options
        return download("ml-1m", tmp_path / "data", **options)

    return fetch


def assert_left_as_it_was(tmp_path):
    assert os.listdir(tmp_path) == []


def test_a_data_set_is_downloaded_and_unzipped(server, fetch, tmp_path):
    server.serve_zip(make_zip(FILES))
    assert fetch() == tmp_path / "data" / "ml-1m"
    assert (tmp_path / "data" / "ml-1m" / "ratings.dat").read_bytes() == RATINGS
    assert os.listdir(tmp_path / "data") == ["ml-1m"]
    assert server.asked == ["/ml-1m.zip.md5", "/ml-1m.zip"]


@pytest.mark.posix
def test_others_may_read_it_as_the_umask_has_it(server, fetch):
    server.serve_zip(make_zip(FILES))
    target = fetch()
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o777 & ~umask
    assert stat.S_IMODE((target / "ratings.dat").stat().st_mode) == 0o666 & ~umask


def test_progress_rises_to_the_total_in_bytes(server, fetch):
    body = make_zip(FILES)
    server.serve_zip(body)
    calls = []
    fetch(progress=lambda done, total: calls.append((done, total)))
    assert {total for _, total in calls} == {len(body)}
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert calls[-1] == (len(body), len(body))
    assert len(calls) > 2


@pytest.mark.parametrize("form", ["MD5 (ml-1m.zip) = {}\n", "{}  ml-1m.zip\n", "{}", " {} *x\r\n"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_the_published_checksum_is_compared(server, fetch, form, case):
    body = make_zip(FILES)
    server.serve_zip(body)
    server.serve("ml-1m.zip.md5", form.format(case(hashlib.md5(body).hexdigest())).encode())
    assert fetch().is_dir()


def test_another_checksum_is_an_error(server, fetch, tmp_path):
    server.serve_zip(make_zip(FILES))
    server.serve("ml-1m.zip.md5", b"MD5 (ml-1m.zip) = c4d9eecfca2ab87c1945afe126590906\n")
    with pytest.raises(
        DataError, match=r"ml-1m.zip has the MD5 \w+, but c4d9\w+ is published: try"
    ):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_a_checksum_file_without_a_checksum_is_an_error(server, fetch, tmp_path):
    server.serve_zip(make_zip(FILES))
    server.serve("ml-1m.zip.md5", b"<html>Please log in to this network</html>")
    with pytest.raises(DataError, match=r"zip\.md5 contains no MD5 but perhaps a network's"):
        fetch()
    assert_left_as_it_was(tmp_path)


@pytest.mark.parametrize(("status", "reason"), [(404, "Not Found"), (500, "Internal Server Error")])
def test_an_http_error_is_named_with_a_remedy(server, fetch, tmp_path, status, reason):
    server.serve_zip(b"", status=status)
    with pytest.raises(DataError, match=rf"ml-1m.zip answers {status} {reason}: .*item2vec sample"):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_a_server_that_fails_on_the_checksum_is_not_believed(server, fetch):
    server.serve_zip(make_zip(FILES))
    server.serve("ml-1m.zip.md5", b"", status=503)
    with pytest.raises(DataError, match=r"ml-1m.zip.md5 answers 503"):
        fetch()


def test_a_body_that_breaks_off_is_an_error(server, fetch, tmp_path):
    body = make_zip(FILES)
    server.serve_zip(body, missing=1000)
    with pytest.raises(
        DataError, match=rf"ml-1m.zip broke off after {len(body) - 1000} of {len(body)} bytes"
    ):
        fetch()
    assert_left_as_it_was(tmp_path)


@pytest.mark.parametrize("path", ["ml-1m.zip", "ml-1m.zip.md5"])
def test_a_server_that_does_not_answer_is_given_up(server, fetch, tmp_path, path):
    server.serve(path, b"late", delay=30)
    start = time.monotonic()
    with pytest.raises(DataError, match=r"can't be reached \(it did not answer in time\): try"):
        fetch(timeout=0.3)
    assert time.monotonic() - start < 5
    assert_left_as_it_was(tmp_path)


def test_an_answer_that_comes_too_late_is_closed(server, fetch, monkeypatch):
    late, answered = [], threading.Event()
    opened = urllib.request.urlopen

    def slow(*arguments, **options):
        late.append(opened(*arguments, **options))
        time.sleep(0.6)
        answered.set()
        return late[0]

    monkeypatch.setattr(urllib.request, "urlopen", slow)
    server.serve_zip(make_zip(FILES))
    with pytest.raises(DataError, match="did not answer in time"):
        fetch(timeout=0.3)
    assert answered.wait(5)
    deadline = time.monotonic() + 5
    while not late[0].isclosed() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert late[0].isclosed()


def test_a_server_that_stops_half_way_is_given_up(server, fetch, tmp_path):
    server.stalls = True
    server.serve_zip(make_zip(FILES), missing=1000)
    with pytest.raises(DataError, match=r"can't be reached \(it did not answer in time\): try"):
        fetch(timeout=0.3)
    assert_left_as_it_was(tmp_path)


def test_a_name_look_up_that_hangs_is_given_up(fetch, monkeypatch):
    # As with no network, where the resolver tries one dead server after another.
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: over.wait(30))
    start = time.monotonic()
    with pytest.raises(DataError, match="did not answer in time"):
        fetch(base_url="http://movielens.invalid/", timeout=0.3)
    assert time.monotonic() - start < 5
    over.set()


def test_a_host_that_refuses_is_an_error(fetch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DataError, match=rf"http://127.0.0.1:{port}/ml-1m.zip.* can't be reached"):
        fetch(base_url=f"http://127.0.0.1:{port}")
    assert_left_as_it_was(tmp_path)


def test_an_interruption_leaves_nothing_behind(server, fetch, tmp_path):
    server.serve_zip(make_zip(FILES))

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(progress=interrupt)
    assert_left_as_it_was(tmp_path)


@pytest.mark.parametrize("body", [b"<html>Please log in</html>", make_zip(FILES)[:-30], b""])
def test_what_is_no_whole_zip_is_an_error(server, fetch, tmp_path, body):
    server.serve_zip(body)
    with pytest.raises(DataError, match=r"ml-1m.zip is not a zip file, .* \(.*\): try"):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_a_flipped_bit_is_found_without_a_published_checksum(server, fetch, tmp_path):
    body = bytearray(make_zip(FILES))
    body[5000] ^= 1
    server.serve_zip(bytes(body))
    with pytest.raises(DataError, match=r"is not a zip file, or a broken one \(Bad CRC-32"):
        fetch()
    assert_left_as_it_was(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../evil", "ml-1m/../../evil", "/evil", "ml-1m/..\\..\\evil", "C:/evil", "ml-1m/movies.dat:x"],
)
def test_an_entry_that_would_leave_the_folder_is_refused(server, fetch, tmp_path, name):
    server.serve_zip(make_zip(FILES | {name: b"evil"}))
    with pytest.raises(DataError, match=r"would write to '.*', outside its folder"):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_a_symbolic_link_is_refused(server, fetch, tmp_path):
    link = zipfile.ZipInfo("ml-1m/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    server.serve_zip(make_zip(FILES | {link: b"/etc"}))
    with pytest.raises(DataError, match=r"would write to 'ml-1m/link', outside its folder"):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_a_zip_that_would_fill_the_disk_is_refused(server, fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(item2vec.data.movielens, "MOST_BYTES", 1000)
    server.serve_zip(make_zip(FILES))
    with pytest.raises(DataError, match=r"would unzip to 2 files of \d+ bytes"):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_a_zip_of_something_else_is_an_error(server, fetch, tmp_path):
    server.serve_zip(make_zip({"ml-1m/readme.txt": b""}))
    with pytest.raises(DataError, match=r"ml-1m.zip does not contain ml-1m/ratings.dat"):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_what_is_there_is_returned_without_a_question(server, fetch, tmp_path):
    target = tmp_path / "data" / "ml-1m"
    assert find("ml-1m", tmp_path / "data") is None
    server.serve_zip(make_zip(FILES))
    assert fetch() == target
    server.asked.clear()
    assert fetch() == find("ml-1m", tmp_path / "data") == target
    assert server.asked == []


def test_force_replaces_what_is_there(server, fetch, tmp_path):
    server.serve_zip(make_zip(FILES))
    target = fetch()
    (target / "mine.txt").write_text("mine")
    server.serve_zip(make_zip(FILES | {"ml-1m/ratings.dat": b"new"}))
    fetch(force=True)
    assert (target / "ratings.dat").read_bytes() == b"new"
    assert sorted(os.listdir(target)) == ["movies.dat", "ratings.dat"]
    assert os.listdir(tmp_path / "data") == ["ml-1m"]


def test_what_was_there_stays_when_a_forced_download_fails(server, fetch, tmp_path):
    server.serve_zip(make_zip(FILES))
    target = fetch()
    server.serve_zip(make_zip(FILES), missing=1000)
    with pytest.raises(DataError, match="broke off"):
        fetch(force=True)
    assert (target / "ratings.dat").read_bytes() == RATINGS
    assert os.listdir(tmp_path / "data") == ["ml-1m"]


def test_what_was_there_comes_back_when_the_last_step_fails(server, fetch, tmp_path, monkeypatch):
    server.serve_zip(make_zip(FILES))
    target = fetch()
    rename = type(target).rename

    def fail(path, to):
        if path.parent.name == "new":
            raise OSError(28, "No space left on device")
        return rename(path, to)

    monkeypatch.setattr(type(target), "rename", fail)
    with pytest.raises(DataError, match=r"cannot write to .*data: No space left on device: choose"):
        fetch(force=True)
    assert (target / "ratings.dat").read_bytes() == RATINGS
    assert os.listdir(tmp_path / "data") == ["ml-1m"]


def test_something_else_of_that_name_is_not_replaced(server, fetch, tmp_path):
    target = tmp_path / "data" / "ml-1m"
    target.mkdir(parents=True)
    server.serve_zip(make_zip(FILES))
    (target / "movies.dat").write_text("mine")
    with pytest.raises(DataError, match=r"ml-1m exists but lacks ratings.dat or movies.dat: move"):
        fetch()
    assert os.listdir(target) == ["movies.dat"]
    assert server.asked == []
    (target / "movies.dat").unlink()
    assert fetch() == target  # an empty folder is nothing to lose


def test_a_full_disk_is_said_in_one_line(server, fetch, tmp_path, monkeypatch):
    server.serve_zip(make_zip(FILES))

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "extractall", fail)
    with pytest.raises(DataError, match=r"cannot write to .*data: No space left on device: choose"):
        fetch()
    assert_left_as_it_was(tmp_path)


def test_a_folder_that_cannot_be_made_is_said_in_one_line(server, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot write to .*file.*: choose another folder"):
        download("ml-1m", tmp_path / "file" / "data", base_url=server.url)


def test_an_unknown_name_is_told_those_that_are_known(tmp_path):
    with pytest.raises(ParameterError, match=r"'ml-2m': choose ml-latest-small, ml-1m, ml"):
        download("ml-2m", tmp_path)
    with pytest.raises(ParameterError, match=r"no data set '../x'"):
        find("../x", tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base_url": "file:///etc"}, r"base_url must begin with https:// or http://, not 'file:"),
        ({"timeout": 0}, r"timeout must be above 0 seconds, not 0"),
    ],
)
def test_parameters_are_checked(tmp_path, options, message):
    with pytest.raises(ParameterError, match=message):
        download("ml-1m", tmp_path, **options)


def test_grouplens_itself_is_asked_for_by_default(tmp_path, monkeypatch):
    asked = []

    def answer(request, timeout):
        asked.append((request.full_url, timeout))
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    for name in DATASETS:
        with pytest.raises(DataError):
            download(name, tmp_path, timeout=3.0)
    assert asked[0] == (
        "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip.md5",
        3.0,
    )
    assert len(asked) == len(DATASETS)
