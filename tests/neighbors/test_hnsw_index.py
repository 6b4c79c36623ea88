"""The HNSW index: its recall, its reproducibility, and the checks before a file is opened."""

import json
import os

import numpy as np
import pytest
from index_cases import CONNECTIONS, HNSW_VECTORS, MODEL, info_of

from item2vec.errors import DataError, MissingExtraError, ParameterError
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.hnsw_graph import most_layers
from item2vec.neighbors.hnsw_index import HnswNeighbors
from item2vec.neighbors.index_recall import recall_against_exact

pytest.importorskip("faiss")

VECTORS = HNSW_VECTORS
N, SIZE = VECTORS.shape
ROWS = np.arange(N, dtype=np.int32)


def answers(neighbors):
    nearest, cosines = neighbors.neighbors(ROWS, 10)
    return nearest.tolist(), cosines.tolist()


# -- searching --------------------------------------------------------------------------------


def test_a_wider_search_finds_more(built_hnsw):
    recalls = [recall_against_exact(built_hnsw.with_width(width)) for width in (11, 40, 300)]
    assert recalls[0] < recalls[1] <= recalls[2]
    assert recalls[2] > 0.99


def test_cosines_are_exact(built_hnsw):
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    nearest, cosines = built_hnsw.with_width(30).neighbors(ROWS, 10)
    assert (nearest.dtype, cosines.dtype) == (np.int32, np.float32)
    assert not (nearest == ROWS[:, None]).any()
    expected = np.einsum("ij,ikj->ik", unit, unit[nearest])
    np.testing.assert_allclose(cosines, expected, atol=1e-5)
    assert (np.diff(cosines) <= 0).all()


def test_one_query_finds_what_many_find(built_hnsw):
    many = built_hnsw.neighbors(ROWS, 10)[0]
    one = [built_hnsw.neighbors(ROWS[row : row + 1], 10)[0][0].tolist() for row in range(0, N, 50)]
    assert one == many[::50].tolist()


def test_the_width_grows_with_the_number_of_neighbors(built_hnsw):
    # Were 50 neighbors searched with the width of 10, the recall would fall.
    exact, _ = ExactNeighbors(VECTORS).neighbors(ROWS, 50)
    found, _ = built_hnsw.with_width(60).neighbors(ROWS, 50)
    assert np.mean([np.isin(a, b).mean() for a, b in zip(exact, found, strict=True)]) > 0.95


def test_a_vector_of_zeros_is_looked_up_exactly():
    vectors = VECTORS.copy()
    vectors[500] = 0
    nearest, cosines = HnswNeighbors.build(vectors).neighbors(np.array([7, 500], np.int32), 3)
    assert nearest[1].tolist() == [0, 1, 2]
    assert cosines[1].tolist() == [0, 0, 0]
    assert nearest[0].tolist() == ExactNeighbors(vectors).neighbors(ROWS[7:8], 3)[0][0].tolist()


# -- building ---------------------------------------------------------------------------------


@pytest.mark.parametrize("connections", [0, 1, -5, 257])
def test_connections_out_of_range_are_refused(connections):
    with pytest.raises(ParameterError, match=f"must lie in 2 ... 256, not {connections}"):
        HnswNeighbors.build(VECTORS, connections=connections)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_refused(value):
    vectors = VECTORS.copy()
    vectors[7, 2] = value
    with pytest.raises(ParameterError, match="finite"):
        HnswNeighbors.build(vectors)


def test_the_same_vectors_and_seed_give_the_same_bytes(hnsw_path, built_hnsw, tmp_path):
    saved = []
    for seed in (3, 4):
        again = tmp_path / f"{seed}.hnsw"
        other = HnswNeighbors.build(VECTORS, connections=CONNECTIONS, seed=seed)
        other.with_width(40).save(again, model=MODEL)
        saved.append(again.read_bytes())
    assert saved[0] == hnsw_path.read_bytes()
    assert saved[1] != hnsw_path.read_bytes()
    assert info_of(tmp_path / "3.hnsw").read_bytes() == info_of(hnsw_path).read_bytes()


def test_without_faiss_the_extra_is_named(hnsw_path, without_faiss):
    with pytest.raises(MissingExtraError, match=r"item2vec\[index\]"):
        HnswNeighbors.build(VECTORS)
    with pytest.raises(MissingExtraError, match=r"item2vec\[index\]"):
        HnswNeighbors.open(hnsw_path, VECTORS, model=MODEL)


def test_the_number_of_layers_is_that_of_faiss():
    import faiss

    for connections in (2, 3, 5, 16, 32, 64, 100, 256):
        probabilities = faiss.IndexHNSWFlat(4, connections).hnsw.assign_probas
        assert most_layers(connections) == len(faiss.vector_to_array(probabilities))


# -- saving and opening -----------------------------------------------------------------------


def test_a_saved_and_opened_index_finds_the_same(hnsw_path, built_hnsw):
    opened = HnswNeighbors.open(str(hnsw_path), VECTORS, model=MODEL)
    assert answers(opened) == answers(built_hnsw.with_width(40))
    assert (opened.connections, opened.seed, opened.search_width) == (CONNECTIONS, 3, 40)


def test_an_index_that_was_opened_can_be_saved_again(hnsw_path, tmp_path):
    HnswNeighbors.open(hnsw_path, VECTORS, model=MODEL).save(tmp_path / "b.hnsw", model=MODEL)
    assert (tmp_path / "b.hnsw").read_bytes() == hnsw_path.read_bytes()
    assert info_of(tmp_path / "b.hnsw").read_bytes() == info_of(hnsw_path).read_bytes()


def test_an_open_index_still_works_while_its_file_is_overwritten(hnsw_path):
    opened = HnswNeighbors.open(hnsw_path, VECTORS, model=MODEL)
    before = answers(opened)
    with hnsw_path.open("r+b") as file:
        file.write(b"\xff" * hnsw_path.stat().st_size)
    assert answers(opened) == before


# -- what is refused before faiss gets it -----------------------------------------------------


def refused(path, match, *, vectors=VECTORS, model=MODEL):
    """Without faiss at hand, only a check before it can have found what is wrong."""
    with pytest.raises(DataError, match=match) as caught:
        HnswNeighbors.open(path, vectors, model=model)
    assert not isinstance(caught.value, MissingExtraError)
    assert path.name in str(caught.value)
    assert "build it again" in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    {
        "empty": lambda data: b"",
        "a byte short": lambda data: data[:-1],
        "half": lambda data: data[: len(data) // 2],
        "first bit flipped": lambda data: bytes([data[0] ^ 1]) + data[1:],
        "last bit flipped": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        "zeros": lambda data: bytes(len(data)),
        "text": lambda data: b"user,item\n" * (len(data) // 10),
    }.items(),
    ids=lambda damage: damage[0],
)
def test_a_damaged_index_is_refused(hnsw_path, without_faiss, damage):
    hnsw_path.write_bytes(damage[1](hnsw_path.read_bytes()))
    refused(hnsw_path, "is damaged: its checksum")


@pytest.mark.parametrize(
    ("vectors", "model", "match"),
    [
        (VECTORS[:, :5], MODEL, "its vector_size is 6, not 5"),
        (VECTORS[:-1], MODEL, "its n_items is 600, not 599"),
        (VECTORS, "sha256:trained again", "its model is sha256:0123"),
    ],
)
def test_an_index_is_refused_by_any_other_model(hnsw_path, without_faiss, vectors, model, match):
    refused(hnsw_path, match, vectors=vectors, model=model)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metric", "angular"),
        ("kind", "annoy"),
        ("format", 3),
        ("n_items", "600"),
        ("connections", 0),
        ("connections", 1 << 40),
        ("search_width", -1),
        ("search_width", "40"),
        ("recall", 0.95),
        ("recall", {"measured": "much"}),
        ("model", None),
        ("index", []),
    ],
)
def test_a_description_of_something_else_is_refused(hnsw_path, without_faiss, name, value):
    info = json.loads(info_of(hnsw_path).read_text())
    info_of(hnsw_path).write_text(json.dumps(info | {name: value}))
    refused(hnsw_path, "its checksum does not match" if name == "index" else f"its {name} is ")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b"{}", b"[" * 60_000])
def test_a_description_that_is_garbage_is_refused(hnsw_path, without_faiss, text):
    info_of(hnsw_path).write_bytes(text)
    refused(hnsw_path, r"films\.hnsw")


@pytest.mark.parametrize("missing", ["", ".json"])
def test_a_missing_file_is_refused(hnsw_path, without_faiss, missing):
    hnsw_path.with_name(hnsw_path.name + missing).unlink()
    refused(hnsw_path, "is missing" if missing else "can't be read")


@pytest.mark.parametrize("ending", ["", ".json"])
def test_pipes_and_sparse_files_are_refused_at_once(hnsw_path, without_faiss, ending):
    other = hnsw_path.with_name(hnsw_path.name + ending)
    with other.open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(DataError, match="larger than any index"):
        HnswNeighbors.open(hnsw_path, VECTORS, model=MODEL)
    other.unlink()
    os.mkfifo(other)
    with pytest.raises(DataError, match="not a regular file"):
        HnswNeighbors.open(hnsw_path, VECTORS, model=MODEL)
