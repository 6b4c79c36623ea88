"""Standard input and pipes are read once, within bounds, and named in messages."""

import gzip
import io
import os
import pty
import sys
import threading

import duckdb
import pytest
from reading_helpers import histories_of, write
from table_helpers import CSV, zstd

from item2vec.errors import DataError, ParameterError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.files import streams
from item2vec.reading.ids.item_ids import read_item_ids
from item2vec.reading.interactions import read_interactions

EXPECTED = {"1": ["NA", "007"], "é": ['a "b", c']}


@pytest.fixture
def piped(monkeypatch):
    """Return a function that makes bytes the standard input."""

    def pipe(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return pipe


def fifo(path, content):
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,), daemon=True)
    writer.start()
    return path


def contents(tmp_path):
    parquet = tmp_path / "x.parquet"
    query = "SELECT '1' AS user, unnest(['NA', '007']) AS item UNION ALL SELECT 'é', 'a \"b\", c'"
    duckdb.execute(f"COPY ({query}) TO '{parquet}' (FORMAT parquet)")
    return {
        "csv": CSV.encode(),
        "gzip": gzip.compress(CSV.encode()),
        "zstd": zstd(tmp_path / "x.csv.zst", CSV).read_bytes(),
        "utf-16": CSV.encode("utf-16"),
        "parquet": parquet.read_bytes(),
        "json": b'{"data": [{"user": "1", "item": "NA"}, {"user": "1", "item": "007"}, '
        b'{"user": "\\u00e9", "item": "a \\"b\\", c"}]}',
    }


@pytest.mark.parametrize("kind", ["csv", "gzip", "zstd", "utf-16", "parquet", "json"])
def test_formats_are_recognized_by_content(tmp_path, piped, kind):
    content = contents(tmp_path)[kind]
    piped(content)
    assert histories_of(read_interactions("-")) == EXPECTED
    pipe = fifo(tmp_path / "pipe", content)
    assert histories_of(read_interactions(pipe)) == EXPECTED


def test_standard_input_is_named_in_the_report(piped):
    piped(b"user,item\n1,a\n,b\n")
    report = read_interactions("-").report
    assert report.dropped["user missing"].places == ("standard input record 3",)


def test_standard_input_stands_beside_files(tmp_path, piped):
    piped(CSV.encode())
    path = write(tmp_path / "a.csv", "user,item,time\n2,x,1\n")
    assert histories_of(read_interactions([path, "-"])) == EXPECTED | {"2": ["x"]}


def test_a_catalogue_and_a_list_of_items_may_come_from_standard_input(piped):
    piped("item,title\n1,“Heat”\n".encode("cp1252"))
    assert read_catalogue("-").titles == ("“Heat”",)
    piped(b"1\n2\n")
    assert read_item_ids("-") == ("1", "2")
    piped(b"item,title\n1,Up\n")
    assert read_item_ids("-") == ("1",)


def test_standard_input_that_is_empty_or_was_read_is_an_error(piped):
    piped(b"")
    with pytest.raises(DataError, match="standard input is empty"):
        read_interactions("-")
    piped(CSV.encode())
    read_interactions("-")
    with pytest.raises(DataError, match="standard input is empty or has already been read"):
        read_interactions("-")
    piped(b"\n\n")
    with pytest.raises(DataError, match="standard input is empty"):
        read_interactions("-")


def test_streams_are_kept_for_a_block(tmp_path, piped):
    piped(CSV.encode())
    with streams.kept_streams():
        assert histories_of(read_interactions("-")) == EXPECTED
        assert histories_of(read_interactions("-")) == EXPECTED
    with pytest.raises(DataError, match="already been read"):
        read_interactions("-")


def test_no_table_on_standard_input_is_named(piped):
    piped(b"%PDF-1.7")
    with pytest.raises(DataError, match=r"^standard input is a PDF document"):
        read_interactions("-")
    piped(b'{"data": [{"user": 1,]}')
    with pytest.raises(DataError, match=r"^standard input is not valid JSON"):
        read_interactions("-")
    piped(gzip.compress(CSV.encode())[:-4])
    with pytest.raises(DataError, match=r"^standard input can't be read") as caught:
        read_interactions("-")
    assert "/tmp" not in str(caught.value)


def test_a_terminal_is_an_error(monkeypatch):
    controller, terminal = pty.openpty()
    with open(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(ParameterError, match=r"standard input is a terminal: .*name a file"):
            read_interactions("-")
    os.close(controller)


def test_no_standard_input_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(DataError, match="no standard input: name a file"):
        read_interactions("-")


def test_a_stream_of_text_is_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(CSV))
    assert histories_of(read_interactions("-")) == EXPECTED


def test_a_stream_has_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "MOST_BYTES", 1 << 22)
    with open("/dev/zero", "rb") as endless:  # like `yes | item2vec train -`
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(endless))
        with pytest.raises(
            DataError, match=r"standard input has more than 4,194,304 bytes: .*file"
        ):
            read_interactions("-")
    monkeypatch.setattr(streams, "LEAST_FREE", 1 << 60)
    pipe = fifo(tmp_path / "pipe", CSV.encode())
    with pytest.raises(DataError, match=r"pipe does not fit into .*TMPDIR"):
        read_interactions(pipe)


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch, piped):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    piped(CSV.encode("utf-16"))
    read_interactions("-")
    assert list(tmp_path.iterdir()) == []
