"""The command `index`: an index that reaches a stated recall, and what is said of it."""

import json
import sys

import numpy as np
import pytest
from invoking import error, run

from item2vec.data.vocabulary import Vocabulary
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.neighbors.index_recall import Speeds
from item2vec.neighbors.indexes import find_index, open_index

pytest.importorskip("faiss")

N, SIZE = 800, 16


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A model of items in clusters."""
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.standard_normal((20, SIZE)), N // 20, axis=0)
    items = (centres + 0.5 * rng.standard_normal((N, SIZE))).astype(np.float32)
    vocabulary = Vocabulary.from_counts([f"{row:03}" for row in range(N)], np.arange(N, 0, -1))
    path = tmp_path_factory.mktemp("model") / "films.safetensors"
    model_file.save(ItemVectors(vocabulary, items, items, np.zeros(N, np.float32), 0.5), path)
    return path


@pytest.fixture
def model(stored, tmp_path):
    """A copy of the model in a folder of its own."""
    path = tmp_path / "films.safetensors"
    path.write_bytes(stored.read_bytes())
    return path


@pytest.fixture
def speeds(monkeypatch):
    """Let measured speeds be what a test says."""

    def give(**values):
        monkeypatch.setattr(
            "item2vec.neighbors.index_recall.measure_speeds", lambda built: Speeds(**values)
        )

    return give


def neighbours(result):
    """The rows of `similar --all` without their cosines, whose last digits differ by the way."""
    return [line.split(",")[:3] for line in result.stdout.splitlines()]


@pytest.mark.parametrize("kind", ["annoy", "hnsw"])
def test_similar_searches_the_index_and_says_so_when_it_cannot(model, kind):
    exact = run("similar", model, "001", "--exact", "--json")
    shown = run("index", model, "--kind", kind, "--recall", "0.99")
    assert "--recall 0.99; measured on 800 items" in shown.stdout
    assert "Queries per CPU second, one at a time: " in shown.stdout
    (path,) = model.parent.glob(f"films.*.{kind}")
    found = run("similar", model, "001", "--json")
    assert found.stderr == ""
    assert json.loads(found.stdout)[0] == pytest.approx(json.loads(exact.stdout)[0])
    whole = path.read_bytes()
    for broken in (whole[:-40], whole[:-1] + b"x", b""):
        path.write_bytes(broken)
        result = run("similar", model, "001", "--json")
        assert "Searching exactly" in result.stderr
        assert "damaged" in result.stderr
        assert "another model" not in result.stderr
        assert "item2vec index" in result.stderr
        assert result.stdout == exact.stdout


def test_the_stored_width_is_the_one_that_similar_uses(model):
    run("index", model, "--trees", 1, "--recall", "1")
    checksum = model_file.load(model).metadata["checksum"]
    described = find_index(model, checksum).with_name(find_index(model, checksum).name + ".json")
    exact = neighbours(run("similar", model, "--all", "--exact"))
    assert neighbours(run("similar", model, "--all")) == exact
    described.write_text(json.dumps(json.loads(described.read_text()) | {"search_width": 1}))
    assert neighbours(run("similar", model, "--all")) != exact


def test_the_result_is_printed_as_json(model):
    facts = json.loads(run("index", model, "--kind", "hnsw", "--recall", 0.9, "--json").stdout)
    assert facts["recall"] >= facts["recall_asked"] == 0.9
    checksum = model_file.load(model).metadata["checksum"]
    path = find_index(model, checksum)
    assert path.name == facts["index"]
    opened = open_index(path, model_file.load(model).item_vectors, model=checksum)
    assert opened.search_width == facts["search_width"]
    assert facts["bulk_queries_per_cpu_second_exact"] > 0


def test_one_kind_takes_the_place_of_the_other(model):
    for kind in ("annoy", "hnsw", "annoy"):
        run("index", model, "--kind", kind)
        assert {path.suffix for path in model.parent.iterdir()} == {
            ".safetensors", ".json", f".{kind}",
        }  # fmt: skip


def test_an_index_that_is_slower_than_exact_search_is_advised_against(model, speeds):
    speeds(single=10.0, exact_single=20.0, bulk=10.0, exact_bulk=200.0)
    told = run("index", model).stderr
    assert "`similar --exact`" in told
    assert "--kind hnsw may be faster" in told
    speeds(single=30.0, exact_single=20.0, bulk=30.0, exact_bulk=200.0)
    told = run("index", model, "--kind", "hnsw").stderr
    assert "6.7 times as fast" in told
    assert "`similar --all --exact`" in told
    speeds(single=300.0, exact_single=20.0, bulk=300.0, exact_bulk=200.0)
    assert run("index", model, "--kind", "hnsw").stderr == ""


def test_a_recall_that_annoy_does_not_reach_is_refused(model, monkeypatch):
    from item2vec.neighbors import indexes

    plan = indexes.Plan(indexes.AnnoyNeighbors, (1,), 11, 11, 1e-9)
    monkeypatch.setitem(indexes.PLANS, "annoy", plan)
    told = error("index", model, "--recall", "0.999", code=1)
    assert "recall@10 of 0.999" in told
    assert "--kind hnsw may reach it" in told
    assert "`similar` without an index" in told
    assert list(model.parent.glob("*.annoy*")) == []


@pytest.mark.parametrize("recall", ["0", "1.5", "nan"])
def test_a_recall_out_of_range_is_refused(model, recall):
    assert "--recall must be above 0" in error("index", model, "--recall", recall, code=2)


def test_the_size_of_another_kind_is_refused(model):
    told = error("index", model, "--kind", "hnsw", "--trees", 5, code=2)
    assert "--trees goes with --kind annoy" in told
    told = error("index", model, "--connections", 5, code=2)
    assert "--connections goes with --kind hnsw" in told


def test_without_faiss_the_extra_is_named_and_similar_searches_exactly(model, monkeypatch):
    exact = run("similar", model, "001", "--exact", "--json").stdout
    run("index", model, "--kind", "hnsw")
    monkeypatch.setitem(sys.modules, "faiss", None)
    result = run("similar", model, "001", "--json")
    assert result.stdout == exact
    assert "Searching exactly" in result.stderr
    assert "item2vec[index]" in result.stderr
    assert "item2vec[index]" in error("index", model, "--kind", "hnsw", code=1)
