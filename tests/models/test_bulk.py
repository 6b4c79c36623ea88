"""Look-ups for many users or items at once, as DataFrames."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.lookup import bulk
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
    """Check all counts; those that are not given must be 0."""
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


def test_frames_have_no_filler_rows(small_vectors):
    """With k = 10, u1 gets the two items that are left of four, and u2 three."""
    frame = small_vectors.recommend_frame(LOG, 10)
    assert frame.groupby("user").size().to_dict() == {"u1": 2, "u2": 3}
    assert set(frame["item"]) <= set(small_vectors)
    similar = small_vectors.similar_frame(10)
    assert similar.groupby("item").size().to_dict() == dict.fromkeys("abcd", 3)
    assert not similar["cosine"].isna().any()


def test_users_without_items_left_are_counted(small_vectors):
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


def test_histories_without_users_are_named_by_their_positions(small_vectors):
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
    with pytest.raises(ParameterError, match=r"user can be used only with a file .* not with list"):
        small_vectors.recommend_frame([["a"]], user="who")


def test_unknown_ids_are_an_error_if_requested(small_vectors):
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
def test_a_source_without_histories_is_an_error(small_vectors, source, error, message):
    with pytest.raises(error, match=message):
        small_vectors.recommend_frame(source)


def test_frames_have_titles_if_the_model_has(small_vectors):
    titled = replace(small_vectors, catalogue=Catalogue(("a", "b"), {"title": ("Up", "Heat")}))
    frame = titled.recommend_frame([["c"]], 3)
    titles = {"a": "Up", "b": "Heat", "d": None}
    assert [None if pd.isna(t) else t for t in frame["title"]] == [titles[i] for i in frame["item"]]
    neighbors = titled.similar_frame(1, items=["Heat"])
    near = titled.most_similar("b", 1)[0]
    assert neighbors.iloc[0].to_dict() == {
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
    """Ids read from a table are strings, while pairs from the same table hold numbers."""
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


def test_histories_are_not_copied_whole(small_vectors):
    """Memory grows only with the packed histories, of which a run is a small part."""
    n = 1000
    interactions = Interactions(
        np.zeros(n, dtype=np.int32), np.arange(n + 1), ("a",), tuple(f"{u:04}" for u in range(n))
    )
    users = user_histories(interactions, small_vectors.vocabulary, unknown="skip")
    assert users.items is interactions.items
    runs = [len(histories) for _, histories in users.runs(64, Skipped())]
    assert sum(runs) == n
    assert max(runs) == 64
