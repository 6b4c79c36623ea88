"""Look-ups for many users or items at once, as DataFrames and as files."""

import csv
import gzip
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.lookup import bulk
from item2vec.models.lookup.output_file import TableFormat, write_table
from item2vec.models.lookup.skipped import Skipped
from item2vec.models.lookup.user_histories import user_histories
from item2vec.models.memory.item_item_memory import Memory
from item2vec.reading.interactions import read_interactions

LOG = pd.DataFrame(
    {
        "user": ["u1", "u1", "u2", "u2", "u3", "u1"],
        "item": ["a", "b", "c", "unknown", "unknown", "a"],
        "time": [1, 2, 3, 4, 5, 6],
    }
)
SKIPPED = {"users": 1, "items": 1, "interactions": 2}


def assert_skipped(frame, **counts):
    """Every count is as told, and all others are 0."""
    assert {name: n for name, n in frame.attrs["skipped"].items() if n} == counts


def test_recommendations_of_many_users_are_those_of_each(small_vectors):
    frame = small_vectors.recommend_frame(LOG, 3)
    expected = [
        (user, rank, each.id, each.score)
        for user, history in (("u1", ["a", "b"]), ("u2", ["c"]))
        for rank, each in enumerate(small_vectors.recommend(history, 3), 1)
    ]
    assert list(frame.columns) == ["user", "rank", "item", "score"]
    assert list(frame.itertuples(index=False, name=None)) == [
        (user, rank, item, pytest.approx(score)) for user, rank, item, score in expected
    ]
    assert_skipped(frame, **SKIPPED)


def test_no_filler_row_stands_in_any_frame(small_vectors):
    """Two of four items are left to u1, three to u2: k of 10 gives so many rows."""
    frame = small_vectors.recommend_frame(LOG, 10)
    assert frame.groupby("user").size().to_dict() == {"u1": 2, "u2": 3}
    assert set(frame["item"]) <= set(small_vectors)
    similar = small_vectors.similar_frame(10)
    assert similar.groupby("item").size().to_dict() == dict.fromkeys("abcd", 3)
    assert not similar["cosine"].isna().any()


def test_users_for_whom_nothing_is_left_are_counted(small_vectors):
    frame = small_vectors.recommend_frame({"x": ["a"], "y": ["b"]}, only=["a"])
    assert frame[["user", "item"]].to_numpy().tolist() == [["y", "a"]]
    assert_skipped(frame, users_without_items_left=1)


@pytest.mark.parametrize("form", ["path", "interactions", "mapping"])
def test_histories_come_in_many_forms(small_vectors, tmp_path, form):
    expected = small_vectors.recommend_frame(LOG, 3)
    LOG.to_csv(tmp_path / "log.csv", index=False)
    source = {
        "path": tmp_path / "log.csv",
        "interactions": read_interactions(LOG),
        "mapping": {"u1": ["a", "b", "a"], "u2": ["c", "unknown"], "u3": ["unknown"]},
    }[form]
    frame = small_vectors.recommend_frame(source, 3)
    pd.testing.assert_frame_equal(frame, expected)
    assert_skipped(frame, **SKIPPED)


def test_histories_without_users_are_named_by_their_places(small_vectors):
    lists = [["a", "b"], ["nothing"], ["c"]]
    frame = small_vectors.recommend_frame(lists, 1)
    assert frame["user"].tolist() == [0, 2]
    other = Histories.from_lists([["c", "a"], ["b"], ["d"]])  # a vocabulary of its own
    frame = small_vectors.recommend_frame(other, 1)
    expected = [small_vectors.recommend(history, 1)[0].id for history in (["c", "a"], ["b"], ["d"])]
    assert frame["item"].tolist() == expected


def test_reading_options_are_passed_on(small_vectors):
    log = LOG.rename(columns={"user": "who", "item": "what"}).assign(stars=[5, 1, 5, 5, 5, 1])
    frame = small_vectors.recommend_frame(log, 1, user="who", item="what", where="stars > 3")
    assert frame["item"].tolist() == [small_vectors.recommend([x], 1)[0].id for x in ("a", "c")]
    with pytest.raises(ParameterError, match="user can't be used with list"):
        small_vectors.recommend_frame([["a"]], user="who")


def test_unknown_ids_are_an_error_where_that_is_asked_for(small_vectors):
    with pytest.raises(UnknownItemError, match="1 item that the model lacks: 'unknown'"):
        small_vectors.recommend_frame(LOG, unknown="error")
    with pytest.raises(ParameterError, match="'skip' or 'error'"):
        small_vectors.recommend_frame(LOG, unknown="ignore")
    assert len(small_vectors.recommend_frame([["a"]], 2, unknown="error")) == 2


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ([["x"], ["y"]], DataError, "has none of the 2 items"),
        ([], DataError, "no histories"),
        ([[]], DataError, "no item"),
        ([[1, 2]], ParameterError, "write '1'"),
        ([["a"], "ab"], ParameterError, "a list of item ids"),
        (7, ParameterError, "not int"),
    ],
)
def test_what_holds_no_histories_is_an_error(small_vectors, source, error, message):
    with pytest.raises(error, match=message):
        small_vectors.recommend_frame(source)


def test_titles_stand_beside_ids(small_vectors):
    titled = replace(small_vectors, catalogue=Catalogue(("a", "b"), {"title": ("Up", "Heat")}))
    frame = titled.recommend_frame([["c"]], 3)
    titles = {"a": "Up", "b": "Heat", "d": None}
    assert [None if pd.isna(t) else t for t in frame["title"]] == [titles[i] for i in frame["item"]]
    neighbours = titled.similar_frame(1, items=["Heat"])
    near = titled.most_similar("b", 1)[0]
    assert neighbours.iloc[0].to_dict() == {
        "item": "b", "rank": 1, "neighbor": near.id, "title": near.title,
        "cosine": pytest.approx(near.cosine),
    }  # fmt: skip


def test_similar_items_of_all_are_those_of_each(small_vectors, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK_ITEMS", 3)  # several chunks
    frame = small_vectors.similar_frame(2)
    for item, rows in frame.groupby("item"):
        expected = small_vectors.most_similar(item, 2)
        assert rows["neighbor"].tolist() == [each.id for each in expected]
        assert rows["cosine"].tolist() == pytest.approx([each.cosine for each in expected])
    frame = small_vectors.similar_frame(2, items=["d", "nobody"])
    assert frame["item"].tolist() == ["d", "d"]
    assert_skipped(frame, items=1)
    with pytest.raises(ParameterError, match="none of the items"):
        small_vectors.similar_frame(items=["nobody"])


def test_users_have_the_vectors_of_their_histories(small_vectors, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK_USERS", 1)
    frame = small_vectors.user_frame(LOG)
    assert frame.index.tolist() == ["u1", "u2"]
    assert frame.loc["u1"].to_numpy() == pytest.approx(small_vectors.fold_in(["a", "b"]))
    assert frame.loc["u2"].to_numpy() == pytest.approx(small_vectors.fold_in(["c"]))
    assert_skipped(frame, **SKIPPED)


@pytest.fixture
def with_memory(small_vectors) -> ItemVectors:
    weights = np.arange(16, dtype=np.float32).reshape(4, 4)[:, ::-1].copy()
    memory = Memory.of_largest([weights], 3).reordered(np.array([0, 1, 2, 3], dtype=np.int32))
    return replace(small_vectors, memory=memory, power=0.5)


@pytest.fixture
def with_two_weights(with_memory) -> ItemVectors:
    short = with_memory.memory.short
    return replace(with_memory, memory=Memory(short, short.scaled(-2), crossover=1.5))


@pytest.mark.parametrize("model", ["small_vectors", "with_memory", "with_two_weights"])
def test_pairs_have_the_score_that_the_model_gives(model, request):
    vectors = request.getfixturevalue(model)
    histories = {"u1": ["a", "b"], "u2": ["c"]}
    pairs = pd.DataFrame(
        {"user": ["u2", "u1", "u9", "u1", "u1"], "item": ["d", "c", "a", "nothing", "a"]},
        index=[10, 11, 12, 13, 14],
    )
    frame = vectors.score_frame(pairs, histories)
    packed = Histories.from_lists(list(histories.values()), vocabulary=vectors.vocabulary)
    scores = vectors.score_rows(packed)
    assert frame.index.tolist() == [10, 11, 14]  # joins with the pairs
    assert frame["score"].tolist() == pytest.approx(
        [scores[1, 3], scores[0, 2], scores[0, 0]], rel=1e-5
    )
    assert_skipped(frame, pairs=2)
    with pytest.raises(UnknownItemError, match="2 pairs"):
        vectors.score_frame(pairs, histories, unknown="error")
    alone = vectors.score_frame([(["a", "b"], "c"), (["c"], "d")])
    assert alone["score"].tolist() == pytest.approx([scores[0, 2], scores[1, 3]], rel=1e-5)


def test_pairs_of_numbered_users_find_them(small_vectors):
    """Ids are strings once a table was read; pairs out of the same table hold numbers."""
    log = pd.DataFrame({"user": [1, 1, 2], "item": ["a", "b", "c"], "time": [1, 2, 3]})
    pairs = pd.DataFrame({"user": [2, 1], "item": ["a", "c"]})
    frame = small_vectors.score_frame(pairs, log)
    assert len(frame) == 2
    places = small_vectors.score_frame(pairs.assign(user=[0, 1]), [["a"], ["b"]])
    assert len(places) == 2


@pytest.mark.parametrize("model", ["small_vectors", "with_memory", "with_two_weights"])
def test_scores_are_those_of_single_calls_and_never_rise(model, request):
    vectors = request.getfixturevalue(model)
    lists = [["a"], ["b", "c"], ["d", "a"]] * 40
    frame = vectors.recommend_frame(lists, 3)
    for user in (0, 1, 2, 119):
        expected = [each.score for each in vectors.recommend(lists[user], 3)]
        assert frame[frame["user"] == user]["score"].tolist() == pytest.approx(expected)
    falls = frame.groupby("user")["score"].apply(lambda s: s.is_monotonic_decreasing)
    assert falls.all()


# -- files ------------------------------------------------------------------------------------

ODD = ["007", "NA", "1e5", "a,b", 'say "x"', "two\nlines", "cr\rid", " space ", "null", "tab\tid",
       "ä", "#x", "'", "''", "a\r\nb"]  # fmt: skip


@pytest.fixture(scope="module")
def odd() -> ItemVectors:
    """Return items whose ids and titles are hard to write."""
    vocabulary = Vocabulary.from_counts(ODD, np.full(len(ODD), 2))
    vectors = np.random.default_rng(0).standard_normal((len(ODD), 3)).astype(np.float32)
    titles = (*(item_id.upper() for item_id in vocabulary.ids[:-1]), "")
    catalogue = Catalogue(vocabulary.ids, {"title": titles})
    return ItemVectors(vocabulary, vectors, vectors, np.zeros(len(ODD), np.float32), 1.0, catalogue)


def chunks_of(vectors, lists, k=3):
    users = user_histories(lists, vectors.vocabulary, unknown="skip")
    return bulk.recommended(vectors, users, k, skipped=Skipped())


def read_back(path) -> list[tuple]:
    """Read a file with what people read such files with; ids and titles as text."""
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
def test_ids_come_back_from_every_format_as_they_were(odd, tmp_path, monkeypatch, name):
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
def test_what_is_written_is_read_as_interactions(odd, tmp_path, name):
    """Recommendations may train another model: each id is what it was."""
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
        raise AssertionError("work was begun")
        yield

    with pytest.raises(ParameterError, match="end the name with"):
        write_table(tmp_path / name, no_work())
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file_as_it_was(odd, tmp_path):
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


def test_formats_are_named_by_endings():
    assert TableFormat.of("a.b/x.CSV") == TableFormat(".csv")
    assert TableFormat.of("x.y.tsv.GZ") == TableFormat(".tsv", gzipped=True)


def test_histories_are_not_copied_whole(small_vectors):
    """What grows with users is the packed histories alone: a run is a small part of them."""
    n = 1000
    interactions = Interactions(
        np.zeros(n, dtype=np.int32), np.arange(n + 1), ("a",), tuple(f"{u:04}" for u in range(n))
    )
    users = user_histories(interactions, small_vectors.vocabulary, unknown="skip")
    assert users.items is interactions.items
    runs = [len(histories) for _, histories in users.runs(64, Skipped())]
    assert sum(runs) == n
    assert max(runs) == 64
