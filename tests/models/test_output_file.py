"""Files of bulk results: every format keeps ids, and a failure leaves an existing file."""

import csv
import gzip
import io
import json

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.lookup import bulk
from item2vec.models.lookup.output_file import TableFormat, write_table
from item2vec.models.lookup.skipped import Skipped
from item2vec.models.lookup.user_histories import user_histories
from item2vec.reading.interactions import read_interactions

ODD = ["007", "NA", "1e5", "a,b", 'say "x"', "two\nlines", "cr\rid", " space ", "null", "tab\tid",
       "ä", "#x", "'", "''", "a\r\nb"]  # fmt: skip


@pytest.fixture(scope="module")
def odd() -> ItemVectors:
    """Return items whose ids and titles need quoting or escaping."""
    vocabulary = Vocabulary.from_counts(ODD, np.full(len(ODD), 2))
    vectors = np.random.default_rng(0).standard_normal((len(ODD), 3)).astype(np.float32)
    titles = (*(item_id.upper() for item_id in vocabulary.ids[:-1]), "")
    catalogue = Catalogue(vocabulary.ids, {"title": titles})
    return ItemVectors(vocabulary, vectors, vectors, np.zeros(len(ODD), np.float32), 1.0, catalogue)


def chunks_of(vectors, lists, k=3):
    users = user_histories(lists, vectors.vocabulary, unknown="skip")
    return bulk.recommended(vectors, users, k, skipped=Skipped())


def read_back(path) -> list[tuple]:
    """Read a file with the usual library for its format, ids and titles as text."""
    name = path.name.removesuffix(".gz")
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if name.endswith(".parquet"):
        rows = pyarrow.parquet.read_table(path).to_pylist()
    elif name.endswith((".jsonl", ".ndjson")):
        rows = [json.loads(line) for line in content.decode().split("\n") if line]
    else:
        text = io.StringIO(content.decode(), newline="")
        rows = list(csv.DictReader(text, delimiter="\t" if ".tsv" in name else ","))
    return [
        (r["user"], int(r["rank"]), r["item"], r["title"] or None, np.float32(r["score"]))
        for r in rows
    ]


@pytest.mark.parametrize(
    "name",
    ["o.csv", "o.tsv", "o.jsonl", "o.ndjson", "o.parquet", "o.csv.gz", "O.TSV.GZ", "o.jsonl.gz"],
)
def test_every_format_keeps_ids_unchanged(odd, tmp_path, monkeypatch, name):
    monkeypatch.setattr(bulk, "CHUNK_USERS", 4)  # several chunks
    lists = {f"{user},": [user] for user in ODD}
    path = tmp_path / name.lower()
    n_rows = write_table(path, chunks_of(odd, lists))
    frame = odd.recommend_frame(lists, 3)
    expected = [
        (u, r, i, None if pd.isna(t) else t, np.float32(s))
        for u, r, i, t, s in frame.itertuples(index=False, name=None)
    ]
    assert read_back(path) == expected
    assert n_rows == len(expected) == 3 * len(ODD)
    assert len(list(tmp_path.iterdir())) == 1, "nothing is left beside it"


@pytest.mark.parametrize("name", ["o.csv", "o.tsv", "o.jsonl", "o.parquet"])
def test_written_recommendations_can_be_read_as_interactions(odd, tmp_path, name):
    """Another model can be trained on recommendations: ids stay the same."""
    path = tmp_path / name
    write_table(path, chunks_of(odd, {user: [user] for user in ODD}))
    read = read_interactions(path, time="rank")
    assert set(read.user_ids) == set(ODD)
    frame = odd.recommend_frame({user: [user] for user in ODD}, 3)
    for user, rows in frame.groupby("user"):
        place = read.user_ids.index(user)
        items = read.items[read.offsets[place] : read.offsets[place + 1]]
        assert [read.item_ids[item] for item in items] == rows["item"].tolist()


def test_pandas_reads_vectors_back_exactly(odd, tmp_path):
    write_table(tmp_path / "v.csv", bulk.item_vectors(odd))
    frame = pd.read_csv(tmp_path / "v.csv", dtype={"item": str}, keep_default_na=False)
    assert frame["item"].tolist() == list(odd.vocabulary.ids)
    numbers = frame.drop(columns="item").to_numpy(dtype=np.float32)
    assert (numbers == odd.item_vectors).all()
    assert list(frame.columns) == ["item", "v0", "v1", "v2"]


@pytest.mark.parametrize("name", ["o", "o.txt", "o.parquet.gz", "o.gz", "o.xlsx", ".csv"])
def test_an_unknown_ending_is_an_error_before_any_work(name, tmp_path):
    def no_work():
        raise AssertionError("no chunk may be requested")
        yield

    with pytest.raises(ParameterError, match="end the name with"):
        write_table(tmp_path / name, no_work())
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_an_existing_file_unchanged(odd, tmp_path):
    path = tmp_path / "o.parquet"
    path.write_text("old")

    def failing():
        yield from chunks_of(odd, [["007"]])
        raise DataError("the disk is on fire")

    with pytest.raises(DataError, match="on fire"):
        write_table(path, failing())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_result_has_its_columns(small_vectors, tmp_path):
    users = user_histories({"x": ["a"]}, small_vectors.vocabulary, unknown="skip")
    rows = np.array([0], dtype=np.int32)
    for name in ("o.csv", "o.parquet"):
        chunks = bulk.recommended(small_vectors, users, 3, rows=rows, skipped=Skipped())
        assert write_table(tmp_path / name, chunks) == 0
    assert (tmp_path / "o.csv").read_text() == "user,rank,item,score\n"
    assert pyarrow.parquet.read_table(tmp_path / "o.parquet").column_names == [
        "user", "rank", "item", "score",
    ]  # fmt: skip
    assert len(small_vectors.recommend_frame({"x": ["a"]}, only=["a"])) == 0


def test_the_extension_selects_the_format():
    assert TableFormat.of("a.b/x.CSV") == TableFormat(".csv")
    assert TableFormat.of("x.y.tsv.GZ") == TableFormat(".tsv", gzipped=True)
