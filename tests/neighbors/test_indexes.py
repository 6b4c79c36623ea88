"""An index reaches the recall that was requested, by brute force, or building it fails."""

import functools
import json
import sys

import numpy as np
import pytest
from index_cases import MODEL, clustered

from item2vec.errors import DataError, MissingExtraError, ParameterError
from item2vec.neighbors import indexes
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.index_file import index_path, remove_others
from item2vec.neighbors.index_recall import GroundTruth, measure_speeds, recall_against_exact
from item2vec.neighbors.indexes import build_index, find_index, open_index, write_index

pytest.importorskip("faiss")

every_kind = pytest.mark.parametrize("kind", ["annoy", "hnsw"])


VECTORS = clustered(24, 50, 24, spread=0.5)
ROWS = np.arange(len(VECTORS), dtype=np.int32)


@functools.cache
def brute_force(k):
    """The k nearest of every item, by all cosines in double precision."""
    unit = VECTORS.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1)[:, :k]


def recall_of(index, k=10):
    found = index.neighbors(ROWS, k)[0]
    exact = brute_force(k)
    return np.mean(
        [len(set(a) & set(b)) / k for a, b in zip(exact.tolist(), found.tolist(), strict=True)]
    )


# -- the recall that was asked for --------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("asked", [0.9, 0.98])
def test_the_requested_recall_is_reached_over_all_items(kind, asked):
    size = {"annoy": 10, "hnsw": 3}[kind]  # small, so that the width decides
    index = build_index(VECTORS, kind, recall=asked, size=size)
    assert index.recall.measured >= asked
    assert index.recall.asked == asked
    # 1,000 of 1,200 items were sampled, so the recall over all items is about the same.
    assert recall_of(index) == pytest.approx(index.recall.measured, abs=0.01)
    half = index.with_width(max(1, index.search_width // 2))
    assert recall_of(half) < asked, "the search is no wider than it has to be"


@every_kind
def test_more_neighbors_than_ten_are_found_as_well(kind):
    index = build_index(VECTORS, kind, recall=0.95, size={"annoy": 10, "hnsw": 4}[kind])
    assert recall_of(index, k=40) > 0.93


def test_recall_is_the_share_of_the_nearest_that_were_found():
    index = AnnoyNeighbors.build(VECTORS, trees=2)
    assert recall_against_exact(index, sample=10**6) == pytest.approx(recall_of(index), abs=1e-3)
    assert recall_against_exact(index, sample=300) == pytest.approx(recall_of(index), abs=0.05)


def test_an_item_as_near_as_the_tenth_counts_as_found():
    """Of 30 copies exact search lists the lowest rows; any of them is as near."""
    vectors = np.repeat(clustered(10, 1, 8, spread=0.5), 30, axis=0)

    class Last:
        item_vectors = vectors

        def neighbors(self, rows, k):
            others = 30 * (rows[:, None] // 30) + np.arange(30)[::-1]
            found = np.array([row[row != own][:k] for row, own in zip(others, rows, strict=True)])
            return found.astype(np.int32), np.ones((len(rows), k), dtype=np.float32)

    truth = GroundTruth.sample(vectors, 100)
    assert truth.recall(Last()) == 1


@every_kind
def test_a_small_catalogue_has_an_index_too(kind):
    index = build_index(VECTORS[:5], kind, recall=1.0)
    assert index.recall.measured == 1
    assert index.recall.k == 4


@every_kind
def test_the_error_for_an_unreachable_recall_names_alternatives(kind, monkeypatch):
    noise = np.random.default_rng(0).standard_normal((3000, 64), dtype=np.float32)
    plan = indexes.PLANS[kind]
    narrow = indexes.Plan(plan.kind, plan.sizes[:1], 11, 20, 1e-9)
    monkeypatch.setitem(indexes.PLANS, kind, narrow)
    with pytest.raises(DataError) as caught:
        build_index(noise, kind, recall=0.999, size=2)
    assert "recall@10 of 0.999" in str(caught.value)
    assert "ExactNeighbors" in str(caught.value)
    assert ("kind='hnsw'" in str(caught.value)) == (kind == "annoy")


def test_trees_are_added_if_the_width_does_not_suffice(monkeypatch):
    plan = indexes.Plan(AnnoyNeighbors, (1, 4, 16), 11, 11, 1e-9)
    monkeypatch.setitem(indexes.PLANS, "annoy", plan)
    with pytest.raises(DataError, match="with 1 trees and a search width of up to 11"):
        build_index(VECTORS, recall=0.58, size=1)
    built = build_index(VECTORS, recall=0.58)
    assert built.trees > 1
    assert built.recall.measured >= 0.58


@pytest.mark.parametrize("recall", [0, -1, 1.01, np.nan, "much", True])
def test_a_recall_out_of_range_is_refused(recall):
    with pytest.raises(ParameterError, match=r"recall .* at most 1, .* not "):
        build_index(VECTORS, recall=recall)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ParameterError, match="annoy or hnsw, not faiss"):
        build_index(VECTORS, "faiss")


def test_annoy_needs_no_extra_and_hnsw_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    assert build_index(VECTORS[:50]).kind.name == "annoy"
    with pytest.raises(MissingExtraError, match=r"item2vec\[index\]"):
        build_index(VECTORS[:50], "hnsw")


# -- stored and opened --------------------------------------------------------------------------


@every_kind
def test_the_search_width_is_stored_and_used(kind, tmp_path):
    built = build_index(VECTORS, kind, recall=0.95, size={"annoy": 4, "hnsw": 3}[kind])
    path = write_index(built, tmp_path / "films.safetensors", model=MODEL)
    assert path == find_index(tmp_path / "films.safetensors", MODEL)
    info = json.loads(path.with_name(path.name + ".json").read_text())
    assert info["search_width"] == built.search_width
    assert info["recall"] == {
        "asked": 0.95, "measured": built.recall.measured, "k": 10, "items": 1000, "seed": 0,
    }  # fmt: skip
    opened = open_index(path, VECTORS, model=MODEL)
    assert opened.neighbors(ROWS, 10)[0].tolist() == built.neighbors(ROWS, 10)[0].tolist()
    assert opened.recall == built.recall
    # Another width in the description finds other items: it is the one that is used.
    path.with_name(path.name + ".json").write_text(json.dumps(info | {"search_width": 1}))
    narrow = open_index(path, VECTORS, model=MODEL)
    assert recall_against_exact(narrow) < built.recall.measured - 0.02


def test_an_index_of_the_first_format_is_searched_with_annoys_width(tmp_path):
    path = tmp_path / "films.annoy"
    built = AnnoyNeighbors.build(VECTORS, trees=5)
    built.save(path, model=MODEL)
    described = path.with_name(path.name + ".json")
    info = json.loads(described.read_text())
    old = {name: info[name] for name in info if name not in ("kind", "search_width", "recall")}
    described.write_text(json.dumps(old | {"format": 1}))
    opened = open_index(path, VECTORS, model=MODEL)
    assert opened.search_width is None
    assert opened.neighbors(ROWS, 10)[0].tolist() == built.neighbors(ROWS, 10)[0].tolist()


def test_one_index_lies_beside_a_model(tmp_path):
    model = tmp_path / "films.safetensors"
    kept = [
        tmp_path / "films.two.0123456789abcdef.annoy",
        tmp_path / "films.0123456789abcdef.txt",
        tmp_path / "films.0123.annoy",
    ]
    old = [index_path(model, "sha256:" + 16 * "f", kind) for kind in ("annoy", "hnsw")]
    for path in (*kept, *old, index_path(model, MODEL, "hnsw")):
        path.write_text("x")
        path.with_name(path.name + ".json").write_text("{}")
    new = index_path(model, MODEL)
    new.write_text("x")
    remove_others(new)
    assert {p.name.removesuffix(".json") for p in tmp_path.iterdir()} == {
        p.name for p in (*kept, new)
    }


def test_a_file_with_another_extension_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"must end with \.annoy or \.hnsw"):
        open_index(tmp_path / "films.faiss", VECTORS, model=MODEL)


def test_speeds_show_whether_an_index_is_useful():
    class Slow:
        item_vectors = VECTORS[:200]

        def neighbors(self, rows, k):
            exact = ExactNeighbors(self.item_vectors)
            for _ in range(20):
                found = exact.neighbors(rows, k)
            return found

    speeds = measure_speeds(Slow())
    assert not speeds.is_useful
    assert min(speeds.single, speeds.bulk) > 0
