"""Forged HNSW graphs with the right checksum, which must be refused before faiss searches them."""

import hashlib
import json

import numpy as np
import pytest
import safetensors.numpy
from index_cases import CONNECTIONS, HNSW_VECTORS, MODEL, info_of

from item2vec.errors import DataError, MissingExtraError
from item2vec.neighbors.hnsw_graph import Graph, fault_in_graph
from item2vec.neighbors.hnsw_index import HnswNeighbors

pytest.importorskip("faiss")

VECTORS = HNSW_VECTORS
N, SIZE = VECTORS.shape
ROWS = np.arange(N, dtype=np.int32)


def refused(path, match, *, vectors=VECTORS, model=MODEL):
    """Without faiss at hand, only a check before it can have found what is wrong."""
    with pytest.raises(DataError, match=match) as caught:
        HnswNeighbors.open(path, vectors, model=model)
    assert not isinstance(caught.value, MissingExtraError)
    assert path.name in str(caught.value)
    assert "build it again" in str(caught.value)


def forge(path, data):
    """Put data in place of an index, with a description that names its checksum."""
    path.write_bytes(data)
    info = json.loads(info_of(path).read_text())
    info["index"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    info_of(path).write_text(json.dumps(info))


def altered(name, change):
    """Return a forgery that changes one of the arrays of the graph."""

    def forgery(data):
        arrays = {key: array.copy() for key, array in safetensors.numpy.load(data).items()}
        arrays[name] = change(arrays)
        return safetensors.numpy.save({k: v for k, v in arrays.items() if v is not None})

    return forgery


def put(name, place, value):
    def change(arrays):
        arrays[name][place] = value
        return arrays[name]

    return altered(name, change)


def to_lower_layer(arrays):
    """Let a link of an upper layer lead to an item that is on the lowest alone."""
    top = int(np.flatnonzero(arrays["layers"] > 1)[0])
    start = int(((arrays["layers"][:top].astype(int) + 1) * CONNECTIONS).sum())
    arrays["links"][start + 2 * CONNECTIONS] = np.flatnonzero(arrays["layers"] == 1)[0]
    return arrays["links"]


FORGERIES = {
    "noise": lambda data: np.random.default_rng(0).bytes(len(data)),
    "zeros": lambda data: bytes(len(data)),
    "nothing": lambda data: b"",
    "cut": lambda data: data[:-8],
    "link beyond": put("links", 5, N),
    "link far beyond": put("links", -1, 2**31 - 1),
    "link negative": put("links", 5, -2),
    "link to a lower layer": altered("links", to_lower_layer),
    "too few links": altered("links", lambda arrays: arrays["links"][:-1]),
    "links of another type": altered("links", lambda arrays: arrays["links"].astype(np.int64)),
    "links in two dimensions": altered("links", lambda arrays: arrays["links"].reshape(-1, 4)),
    "no links": altered("links", lambda arrays: None),
    "no layer": put("layers", 7, 0),
    "negative layer": put("layers", 7, -1),
    "too many layers": put("layers", 7, 2**31 - 1),
    "fewer items": altered("layers", lambda arrays: arrays["layers"][:-1]),
    "entry beyond": put("entry", 0, N),
    "entry negative": put("entry", 0, -1),
    "entry on the lowest layer": altered(
        "entry",
        lambda arrays: np.flatnonzero(arrays["layers"] == 1)[:1].astype(np.int32),
    ),
    "two entries": altered("entry", lambda arrays: np.repeat(arrays["entry"], 2)),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_graph_with_a_right_checksum_is_refused(hnsw_path, without_faiss, case):
    forge(hnsw_path, FORGERIES[case](hnsw_path.read_bytes()))
    refused(hnsw_path, r"damaged|can't be read")


@pytest.mark.parametrize("n", [1, 2, 33, 2000])
def test_graphs_that_faiss_builds_are_accepted(tmp_path, n):
    vectors = np.random.default_rng(1).standard_normal((n, 3), dtype=np.float32)
    vectors[n // 2 :: 7] = vectors[0]  # copies
    vectors[:: n + 1] = 0
    built = HnswNeighbors.build(vectors, connections=2)
    built.save(tmp_path / "a.hnsw", model=MODEL)
    rows = np.arange(n, dtype=np.int32)
    opened = HnswNeighbors.open(tmp_path / "a.hnsw", vectors, model=MODEL)
    assert opened.neighbors(rows, 3)[0].tolist() == built.neighbors(rows, 3)[0].tolist()


def test_offsets_locate_the_links_of_a_graph():
    graph = Graph(np.array([1, 2], np.int32), np.full(10, -1, np.int32), entry=1, connections=2)
    assert graph.offsets.tolist() == [0, 4, 10]
    assert fault_in_graph(graph, 2) is None
