"""A forged index may have the right checksum: its trees are checked before Annoy opens it."""

import hashlib
import json
import os
import sys

import numpy as np
import pytest

from item2vec.errors import DataError
from item2vec.neighbors.annoy_file import HEAD, fault_in_trees
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import inverse_norms

N, SIZE, MODEL = 300, 6, "sha256:model"


@pytest.fixture(scope="module")
def vectors():
    return np.random.default_rng(0).standard_normal((N, SIZE), dtype=np.float32)


@pytest.fixture
def path(tmp_path, vectors):
    path = tmp_path / "films.annoy"
    AnnoyNeighbors.build(vectors, trees=5).save(path, model=MODEL)
    return path


def forge(path, data):
    """Put data in place of an index, with a description that names its checksum."""
    path.write_bytes(data)
    described = path.with_name(path.name + ".json")
    info = json.loads(described.read_text())
    info["index"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    described.write_text(json.dumps(info))


def changed(place, value):
    """Return a change of one int32 of a node, which is found among those of the trees."""

    def change(data):
        nodes = np.frombuffer(data, dtype="<i4").reshape(-1, HEAD + SIZE).copy()
        splits = np.flatnonzero(nodes[:, 0] > HEAD + SIZE - 1)
        buckets = N + np.flatnonzero(nodes[N:, 0] <= HEAD + SIZE - 1)
        row, column = place(splits, buckets)
        nodes[row, column] = value if value != "itself" else row
        return nodes.tobytes()

    return change


FORGERIES = {
    "noise": lambda data: np.random.default_rng(0).bytes(len(data)),
    "zeros": lambda data: bytes(len(data)),
    "ones": lambda data: b"\xff" * len(data),
    "nothing": lambda data: b"",
    "items alone": lambda data: data[: N * 4 * (HEAD + SIZE)],
    "cut": lambda data: data[: (N + 20) * 4 * (HEAD + SIZE)],
    "no whole node": lambda data: data[:-5],
    "child beyond": changed(lambda splits, buckets: (splits[3], 1), 2**31 - 1),
    "child negative": changed(lambda splits, buckets: (splits[3], 2), -1),
    "child is itself": changed(lambda splits, buckets: (splits[3], 1), "itself"),
    "child is another": changed(lambda splits, buckets: (splits[3], 1), 0),
    "item beyond": changed(lambda splits, buckets: (buckets[3], 2), N),
    "item negative": changed(lambda splits, buckets: (buckets[3], 1), -5),
    "count negative": changed(lambda splits, buckets: (buckets[3], 0), -1),
    "count zero": changed(lambda splits, buckets: (buckets[3], 0), 0),
    "count huge": changed(lambda splits, buckets: (splits[3], 0), 2**31 - 1),
    "root of fewer": changed(lambda splits, buckets: (splits[-1], 0), N - 1),
    "normal not a number": changed(lambda splits, buckets: (splits[3], HEAD), 0x7FC00000),
    "item of two": changed(lambda splits, buckets: (7, 0), 2),
    "length not a number": changed(lambda splits, buckets: (7, 1), 0x7FC00000),
    "vector of another": changed(lambda splits, buckets: (7, HEAD + 2), 0x3F7FFFFF),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_index_with_a_right_checksum_is_refused(path, vectors, monkeypatch, case):
    forge(path, FORGERIES[case](path.read_bytes()))
    monkeypatch.setitem(sys.modules, "annoy", None)  # never opened: it might crash this process
    with pytest.raises(DataError, match=r"films\.annoy is damaged, .*: build it again"):
        AnnoyNeighbors.open(path, vectors, model=MODEL)


@pytest.mark.parametrize(("n", "size", "trees"), [(1, 3, 1), (5, 4, 3), (40, 2, 20), (3000, 16, 4)])
def test_files_that_annoy_writes_are_accepted(tmp_path, n, size, trees):
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((n, size), dtype=np.float32)
    vectors[n // 2 :: 7] = vectors[0]  # copies, which no plane parts
    vectors[:: n + 1] = 0  # and one without a direction
    path = tmp_path / "films.annoy"
    built = AnnoyNeighbors.build(vectors, trees=trees)
    built.save(path, model=MODEL)
    assert fault_in_trees(path, vectors * inverse_norms(vectors)[:, None]) is None
    rows = np.arange(n, dtype=np.int32)
    found = AnnoyNeighbors.open(path, vectors, model=MODEL).neighbors(rows, 3)
    np.testing.assert_array_equal(found[0], built.neighbors(rows, 3)[0])


@pytest.mark.parametrize("ending", ["", ".json"])
def test_pipes_and_devices_are_refused_without_waiting(path, vectors, ending):
    fifo = path.with_name(path.name + ending)
    fifo.unlink()
    os.mkfifo(fifo)
    with pytest.raises(DataError, match="not a regular file"):
        AnnoyNeighbors.open(path, vectors, model=MODEL)
    fifo.unlink()
    fifo.symlink_to("/dev/zero")
    with pytest.raises(DataError, match="not a regular file"):
        AnnoyNeighbors.open(path, vectors, model=MODEL)


@pytest.mark.parametrize("ending", ["", ".json"])
def test_a_sparse_file_of_a_terabyte_is_refused_at_once(path, vectors, ending):
    with path.with_name(path.name + ending).open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(DataError, match="larger than any index"):
        AnnoyNeighbors.open(path, vectors, model=MODEL)


@pytest.mark.parametrize(
    "values",
    [
        {"trees": "x"},
        {"trees": None},
        {"trees": 10**9},
        {"seed": [1]},
        {"seed": -1},
        {"n_items": []},
    ],
)
def test_a_description_with_a_wrong_type_is_refused(path, vectors, values):
    described = path.with_name(path.name + ".json")
    described.write_text(json.dumps(json.loads(described.read_text()) | values))
    with pytest.raises(DataError, match="does not fit the model"):
        AnnoyNeighbors.open(path, vectors, model=MODEL)


def test_a_deep_description_is_refused(path, vectors):
    path.with_name(path.name + ".json").write_text("[" * 60_000)
    with pytest.raises(DataError, match="describes the index, is damaged"):
        AnnoyNeighbors.open(path, vectors, model=MODEL)
