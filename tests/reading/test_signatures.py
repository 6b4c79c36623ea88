"""Files that are no tables are named for what they are, with a remedy in one line."""

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import subprocess
import tarfile
import zipfile

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pytest
from reading_helpers import write
from table_helpers import CSV

from item2vec.data.histories import Histories
from item2vec.errors import DataError
from item2vec.models import model_file
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.ids.item_ids import read_item_ids
from item2vec.reading.interactions import read_interactions
from item2vec.trainers.word2vec.trainer import Word2Vec

TABLE = pa.table({"user": ["1"], "item": ["a"]})
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
HTML = "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n"


def zip_of(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path


def tar_of(path, mode):
    with tarfile.open(path, mode) as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(CSV.encode())
        archive.addfile(member, io.BytesIO(CSV.encode()))
    return path


def sqlite(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (user, item)")
    connection.commit()
    connection.close()
    return path


def duck(path):
    duckdb.connect(str(path)).execute("CREATE TABLE t (a INT)").close()
    return path


def feather(path):
    pyarrow.feather.write_feather(TABLE, path)
    return path


def orc(path):
    pyarrow.orc.write_table(TABLE, path)
    return path


def stream(path):
    with pa.ipc.new_stream(path, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return path


def npy(path):
    np.save(path, np.zeros((3, 2)))
    return path


def npz(path):
    np.savez(path, ratings=np.zeros((3, 2)))
    return path


FILES = {
    "lfs.csv": (lambda p: write(p, LFS), "Git LFS pointer.*git lfs pull"),
    "lfs.parquet": (lambda p: write(p, LFS), "Git LFS pointer.*git lfs pull"),
    "annex.csv": (lambda p: write(p, "/annex/objects/MD5-s1--x\n"), "git-annex.*git annex get"),
    "page.csv": (lambda p: write(p, HTML), "an HTML page.*download the table"),
    "page.json": (lambda p: write(p, "\ufeff\n<HTML lang='en'>"), "an HTML page"),
    "page.csv.gz": (lambda p: write(p, gzip.compress(HTML.encode())), "an HTML page.*with gzip"),
    "a.xml": (lambda p: write(p, '<?xml version="1.0"?>\n<rows/>'), "an XML document"),
    "a.npy": (npy, r"a NumPy array \(\.npy\)"),
    "a.npz": (npz, r"NumPy arrays \(\.npz\)"),
    "a.sqlite": (sqlite, "an SQLite database.*CSV or Parquet"),
    "a.duckdb": (duck, "a DuckDB database.*CSV or Parquet"),
    "a.xlsx": (
        lambda p: zip_of(p, _Content_Types_dot_xml="", xl__workbook_dot_xml=""),
        "an Excel workbook.*as CSV",
    ),
    "a.ods": (lambda p: zip_of(p, mimetype="", content_dot_xml=""), "OpenDocument.*as CSV"),
    "a.xls": (lambda p: write(p, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."), r"\(\.xls\).*as CSV"),
    "a.zip": (lambda p: zip_of(p, ratings_dot_csv=CSV), r"a zip archive: .*ratings\.csv"),
    "a.pt": (lambda p: zip_of(p, archive__data_dot_pkl=""), "a PyTorch file"),
    "a.csv.bz2": (lambda p: write(p, bz2.compress(CSV.encode())), "bzip2.*decompress"),
    "a.csv.xz": (lambda p: write(p, lzma.compress(CSV.encode())), "with xz.*decompress"),
    "a.7z": (lambda p: write(p, b"7z\xbc\xaf\x27\x1c\0\4"), "a 7z archive.*unpack"),
    "a.rar": (lambda p: write(p, b"Rar!\x1a\x07\x01\0"), "a RAR archive.*unpack"),
    "a.tar": (lambda p: tar_of(p, "w"), "a tar archive.*unpack"),
    "a.tar.gz": (lambda p: tar_of(p, "w:gz"), "a tar archive.*with gzip.*unpack"),
    "a.h5": (lambda p: write(p, b"\x89HDF\r\n\x1a\n\0"), "an HDF5 file.*pandas"),
    "one.feather": (lambda p: write(p, b"FEA1\0\0\0\0"), "Feather.*pandas"),
    "two.feather": (feather, "Feather.*pandas"),
    "a.arrows": (stream, "an Arrow stream"),
    "a.orc": (orc, "an ORC file.*Parquet"),
    "a.avro": (lambda p: write(p, b"Obj\x01\x04\x16avro.schema"), "an Avro file"),
    "a.pkl": (lambda p: write(p, pickle.dumps({"a": [1]})), "a pickle"),
    "two.pkl": (lambda p: write(p, pickle.dumps([1.5], protocol=2)), "a pickle"),
    "a.pdf": (lambda p: write(p, "%PDF-1.7\n"), "a PDF document"),
    "a.mat": (lambda p: write(p, b"MATLAB 5.0 MAT-file, Platform: x\0"), "a MATLAB file"),
    "a.png": (lambda p: write(p, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), r"an image \(PNG\)"),
    "a.jpg": (lambda p: write(p, b"\xff\xd8\xff\xe0\0\x10JFIF"), r"an image \(JPEG\)"),
    "a.ipynb": (lambda p: write(p, '{"cells": [], "nbformat": 4}'), "a Jupyter notebook"),
    "w.txt": (lambda p: write(p, "2 3\na 0.1 -0.5 1e-3\nb 1.0 2.0 3.5\n"), "format of word2vec"),
    "w.bin": (lambda p: write(p, b"1 2\na \0\0\x80?\0\0\0@\n"), "format of word2vec"),
    "a.rds": (lambda p: write(p, gzip.compress(b"X\n\0\0\0\3\0")), "an R data file"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_table_is_named_for_what_it_is(tmp_path, name):
    make, what = FILES[name]
    path = make(tmp_path / name)
    for read in (read_interactions, read_catalogue, read_item_ids):
        with pytest.raises(DataError, match=what) as caught:
            read(path)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_model_as_interactions_is_named(tmp_path):
    path = tmp_path / "m.safetensors"
    histories = Histories.from_lists([["a", "b"]] * 3)
    model_file.save(Word2Vec(vector_size=4, epochs=1, memory=0).fit(histories), path)
    with pytest.raises(DataError, match="a model in the safetensors format"):
        read_interactions(path)


@pytest.mark.parametrize(
    "text",
    [
        "<USER>,<ITEM>\n1,a\n",
        "ORC,item\n1,a\n",
        "user,item\n<html>,a\n",
        "BZh9,item\n1,a\n",
        "12 5\n1 2 3 4 5 6\n",
        "PK,item\n1,a\n",
        "%PDF,item\n1,a\n",
    ],
)
def test_tables_that_begin_alike_are_still_tables(tmp_path, text):
    path = write(tmp_path / "a.csv", text)
    first, second = text.replace(" ", ",", 1).split("\n")[0].split(",", 1)
    delimiter = None if "," in text else " "
    numbered = {"user": "column0", "item": "column1"} if delimiter else {}
    names = numbered or {"user": first, "item": second}
    assert read_interactions(path, delimiter=delimiter, **names).report.rows_kept >= 1


@pytest.mark.posix
def test_ratings_below_the_id_of_their_item_are_named_with_a_command_that_helps(tmp_path):
    """The format of the Netflix Prize."""
    blocks = [f"{item}:\n" + f"{item + 1},3,2005-09-06\n8,5,2005-05-13\n" for item in range(1, 9)]
    path = write(tmp_path / "combined.txt", "".join(blocks))
    with pytest.raises(DataError, match="format of the Netflix Prize") as raised:
        read_interactions(path)
    command = str(raised.value).split("`")[1]
    converted = subprocess.run(
        f"{command} combined.txt", shell=True, cwd=tmp_path, capture_output=True, check=True
    )
    table = write(tmp_path / "ratings.csv", converted.stdout)
    read = read_interactions(table, item="column0", user="column1", time="column3")
    assert len(read.items) == 16
    assert set(read.item_ids) == set(map(str, range(1, 9)))


def test_pairs_of_svmlight_are_no_items(tmp_path):
    path = write(tmp_path / "users.svm", "0 10:1 20:1 30:1\n1 10:1 40:2 # note\n")
    with pytest.raises(DataError, match=r"format of SVMlight.*: write a table"):
        read_interactions(path)


def test_pairs_of_items_and_ratings_are_named(tmp_path):
    path = write(tmp_path / "t.txt", "1 17,5 1,5 5,4.5\n2 14,5 18,5\n3 1,2\n")
    with pytest.raises(DataError, match=r"pairs of items and ratings.*awk"):
        read_interactions(path)
    decimals = write(tmp_path / "d.txt", "1 17,5 1,5\n2 14,5 18,5\n")
    with pytest.raises(DataError, match="column0"):
        read_interactions(decimals)


def test_the_utilities_of_spmf_are_named(tmp_path):
    path = write(tmp_path / "t.txt", "17 1 5:23:3 4 16\n2 10:9:4 5\n1:3:3\n")
    with pytest.raises(DataError, match=r"SPMF with utilities.*cut -d: -f1"):
        read_interactions(path)
    times = write(tmp_path / "u.txt", "5 10:30:15 7\n6 10:30:17 8\n")
    with pytest.raises(DataError, match="column0='5', column1='10:30:15'"):
        read_interactions(times)
