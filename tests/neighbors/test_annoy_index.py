"""The Annoy index: its recall, its reproducibility, and the checks before a file is opened.

Annoy crashes, loops or returns nonsense on a file that it did not write, so every file that is
damaged here must be refused before Annoy opens it.
"""

import json
import sys

import numpy as np
import pytest

from item2vec.errors import DataError, ParameterError
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.index_file import index_path
from item2vec.neighbors.index_recall import recall_against_exact

MODEL = "sha256:" + "0123456789abcdef" * 4


def clustered(n_clusters=40, each=25, size=16, seed=0):
    """Vectors in clusters, like those of items that the same users interact with."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((n_clusters, size))
    near = np.repeat(centres, each, axis=0) + 0.3 * rng.standard_normal((n_clusters * each, size))
    return rng.permutation(near).astype(np.float32)


VECTORS = clustered(8, 10, 6)
ROWS = np.arange(len(VECTORS), dtype=np.int32)


@pytest.fixture
def path(tmp_path):
    """A good index of VECTORS, with nothing else in its folder."""
    path = tmp_path / "films.annoy"
    AnnoyNeighbors.build(VECTORS, trees=10, seed=3).save(path, model=MODEL)
    return path


@pytest.fixture
def without_annoy(monkeypatch):
    """Make `import annoy` fail, as where it is not installed."""
    monkeypatch.setitem(sys.modules, "annoy", None)


def info_of(path):
    return path.with_name(path.name + ".json")


def answers(neighbors):
    nearest, cosines = neighbors.neighbors(ROWS, 10)
    return nearest.tolist(), cosines.tolist()


# -- searching --------------------------------------------------------------------------------


def test_many_trees_find_nearly_all_neighbors():
    assert recall_against_exact(AnnoyNeighbors.build(clustered(), trees=100)) > 0.95


def test_more_trees_find_more():
    few, many = (AnnoyNeighbors.build(clustered(), trees=trees) for trees in (1, 50))
    assert recall_against_exact(few) < recall_against_exact(many) - 0.1


def test_recall_is_the_share_of_the_exact_neighbors_that_were_found():
    index = AnnoyNeighbors.build(clustered(), trees=2)
    every = np.arange(1000, dtype=np.int32)
    exact, _ = ExactNeighbors(index.item_vectors).neighbors(every, 10)
    found, _ = index.neighbors(every, 10)
    shares = [len(set(a) & set(b)) / 10 for a, b in zip(exact, found, strict=True)]
    assert recall_against_exact(index) == pytest.approx(np.mean(shares))
    assert recall_against_exact(index, sample=50) == pytest.approx(np.mean(shares), abs=0.15)


def test_an_index_of_fewer_than_ten_items_has_a_recall_too():
    assert recall_against_exact(AnnoyNeighbors.build(VECTORS[:5])) == 1


def test_cosines_are_exact():
    index = AnnoyNeighbors.build(clustered(), trees=5)
    unit = index.item_vectors / np.linalg.norm(index.item_vectors, axis=1, keepdims=True)
    nearest, cosines = index.neighbors(ROWS, 10)
    expected = np.einsum("ij,ikj->ik", unit[ROWS], unit[nearest])
    np.testing.assert_allclose(cosines, expected, atol=1e-5)


def test_a_vector_of_zeros_is_looked_up_exactly():
    # All cosines with it are 0, so its neighbors are the lowest rows, wherever Annoy would look.
    vectors = clustered()
    vectors[500] = 0
    nearest, cosines = AnnoyNeighbors.build(vectors).neighbors(np.array([500], np.int32), 3)
    assert nearest.tolist() == [[0, 1, 2]]
    assert cosines.tolist() == [[0, 0, 0]]


# -- building ---------------------------------------------------------------------------------


@pytest.mark.parametrize("trees", [0, -5, 10_001])
def test_a_number_of_trees_out_of_range_is_refused(trees):
    with pytest.raises(ParameterError, match=f"1 ... 10000, not {trees}"):
        AnnoyNeighbors.build(VECTORS, trees=trees)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_not_finite_are_refused(value):
    vectors = VECTORS.copy()
    vectors[7, 2] = value
    with pytest.raises(ParameterError, match="finite"):
        AnnoyNeighbors.build(vectors)


@pytest.mark.parametrize("seed", [2**40, 2**80])
def test_a_seed_that_annoy_cannot_take_is_refused(seed):
    with pytest.raises(ParameterError, match="seed"):
        AnnoyNeighbors.build(VECTORS, seed=seed)


def test_without_annoy_the_error_names_what_to_install(path, without_annoy):
    with pytest.raises(DataError, match="install annoy-mm"):
        AnnoyNeighbors.build(VECTORS)
    with pytest.raises(DataError, match="install annoy-mm"):
        AnnoyNeighbors.open(path, VECTORS, model=MODEL)


# -- saving and opening -----------------------------------------------------------------------


def test_a_saved_and_opened_index_finds_the_same(tmp_path):
    built = AnnoyNeighbors.build(VECTORS, trees=3, seed=5)
    before = answers(built)
    built.save(tmp_path / "a.annoy", model=MODEL)
    assert answers(built) == before
    opened = AnnoyNeighbors.open(str(tmp_path / "a.annoy"), VECTORS, model=MODEL)
    assert answers(opened) == before
    assert (opened.trees, opened.seed) == (3, 5)


def test_an_index_that_was_opened_can_be_saved_again(path, tmp_path):
    AnnoyNeighbors.open(path, VECTORS, model=MODEL).save(tmp_path / "b.annoy", model=MODEL)
    assert (tmp_path / "b.annoy").read_bytes() == path.read_bytes()
    assert info_of(tmp_path / "b.annoy").read_bytes() == info_of(path).read_bytes()


def test_the_same_vectors_and_seed_give_the_same_bytes(path, tmp_path):
    saved = []
    for seed in (3, 4):
        again = tmp_path / f"{seed}.annoy"
        AnnoyNeighbors.build(VECTORS, trees=10, seed=seed).save(again, model=MODEL)
        saved.append(again.read_bytes())
    assert saved[0] == path.read_bytes()
    assert saved[1] != path.read_bytes()
    assert info_of(tmp_path / "3.annoy").read_bytes() == info_of(path).read_bytes()


def test_an_index_consists_of_the_file_and_its_description(path):
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "films.annoy",
        "films.annoy.json",
    ]
    assert (
        json.loads(info_of(path).read_text()).items()
        >= {
            "metric": "angular",
            "n_items": 80,
            "vector_size": 6,
            "trees": 10,
            "seed": 3,
            "model": MODEL,
        }.items()
    )


def test_an_open_index_still_works_after_its_file_is_replaced(path):
    opened = AnnoyNeighbors.open(path, VECTORS, model=MODEL)
    before = answers(opened)
    other = clustered(8, 10, 6, seed=1)
    AnnoyNeighbors.build(other, trees=2).save(path, model="sha256:other")
    assert answers(opened) == before
    again = AnnoyNeighbors.open(path, other, model="sha256:other")
    assert answers(again) != before


def test_an_index_lies_beside_its_model_and_is_named_by_its_content(tmp_path):
    here = index_path(tmp_path / "films.safetensors", MODEL)
    assert here.parent == tmp_path
    assert here.name == "films.0123456789abcdef.annoy"
    assert index_path(tmp_path / "films.safetensors", "sha256:fedcba98") != here
    assert index_path(tmp_path / "books.safetensors", MODEL) != here


def test_an_index_that_cannot_be_written_leaves_the_old_one(path, tmp_path):
    built = AnnoyNeighbors.build(VECTORS, trees=2)
    with pytest.raises(DataError, match="nowhere"):
        built.save(tmp_path / "nowhere" / "a.annoy", model=MODEL)
    (tmp_path / "folder.annoy").mkdir()
    with pytest.raises(DataError, match=r"folder\.annoy"):
        built.save(tmp_path / "folder.annoy", model=MODEL)
    AnnoyNeighbors.open(path, VECTORS, model=MODEL)
    assert {file.name for file in tmp_path.iterdir()} == {
        path.name,
        info_of(path).name,
        "folder.annoy",
    }


# -- what is refused before Annoy opens it ----------------------------------------------------


def refused(path, match, *, vectors=VECTORS, model=MODEL):
    """Check that an index is refused; without Annoy, only a check before it can have failed."""
    with pytest.raises(DataError, match=match) as caught:
        AnnoyNeighbors.open(path, vectors, model=model)
    assert path.name in str(caught.value)
    assert "build it again" in str(caught.value)


def flipped(data, place):
    damaged = bytearray(data)
    damaged[place] ^= 1
    return bytes(damaged)


@pytest.mark.parametrize(
    "damage",
    {
        "empty": lambda data: b"",
        "a byte short": lambda data: data[:-1],
        "half": lambda data: data[: len(data) // 2],
        "a node short": lambda data: data[:-36],  # a node of 6 dimensions takes 36 bytes
        "a node too many": lambda data: data + data[-36:],
        "first bit flipped": lambda data: flipped(data, 0),
        "bit flipped": lambda data: flipped(data, len(data) // 2),
        "last bit flipped": lambda data: flipped(data, -1),
        "zeros": lambda data: bytes(len(data)),
        "text": lambda data: b"user,item\n" * (len(data) // 10),
    }.items(),
    ids=lambda damage: damage[0],
)
def test_a_damaged_index_is_refused(path, without_annoy, damage):
    path.write_bytes(damage[1](path.read_bytes()))
    refused(path, "its index is sha256:")


def test_the_damaged_files_consist_of_whole_nodes(path):
    # Else Annoy itself would notice; a file of whole nodes it opens, and may crash in the search.
    assert path.stat().st_size % 36 == 0


@pytest.mark.parametrize(
    "other", [clustered(8, 10, 12), clustered(4, 10, 6), clustered(8, 10, 6, seed=1)]
)
def test_the_index_of_other_vectors_is_refused(path, tmp_path, monkeypatch, other):
    theirs = tmp_path / "theirs.annoy"
    AnnoyNeighbors.build(other).save(theirs, model="sha256:theirs")
    monkeypatch.setitem(sys.modules, "annoy", None)
    refused(theirs, "its (n_items|vector_size|model) is")
    # ... and so is one that took the place of ours, as when copying went wrong.
    path.write_bytes(theirs.read_bytes())
    refused(path, r"its index is|larger than any index")


@pytest.mark.parametrize(
    ("vectors", "model", "match"),
    [
        (VECTORS[:, :5], MODEL, "its vector_size is 6, not 5"),
        (VECTORS[:-1], MODEL, "its n_items is 80, not 79"),
        (VECTORS, "sha256:trained again", "its model is sha256:0123"),
    ],
)
def test_an_index_is_refused_by_any_other_model(path, without_annoy, vectors, model, match):
    refused(path, match, vectors=vectors, model=model)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metric", "dot"),
        ("metric", "euclidean"),
        ("format", 3),
        ("format", None),
        ("n_items", 79),
        ("n_items", "80"),
        ("vector_size", 12),
        ("model", "sha256:other"),
        ("index", "sha256:other"),
    ],
)
def test_a_description_of_another_index_is_refused(path, without_annoy, name, value):
    info = json.loads(info_of(path).read_text())
    info_of(path).write_text(json.dumps(info | {name: value}))
    refused(path, f"its {name} is {value}")


@pytest.mark.parametrize(
    "name",
    [
        "metric",
        "format",
        "kind",
        "n_items",
        "vector_size",
        "model",
        "index",
        "trees",
        "seed",
        "search_width",
        "recall",
    ],
)
def test_an_incomplete_description_is_refused(path, without_annoy, name):
    info = json.loads(info_of(path).read_text())
    del info[name]
    info_of(path).write_text(json.dumps(info))
    refused(path, name)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe\x00", b"[]", b"7", b"null", b'"angular"', b"not JSON", b"{}"]
)
def test_a_description_that_is_garbage_is_refused(path, without_annoy, text):
    info_of(path).write_bytes(text)
    refused(path, r"films\.annoy")


def test_an_index_without_its_description_is_refused(path, without_annoy):
    info_of(path).unlink()
    refused(path, r"films\.annoy\.json.*can't be read")


def test_a_description_without_its_index_is_refused(path, without_annoy):
    path.unlink()
    refused(path, r"films\.annoy can't be read")


def test_an_index_whose_saving_was_interrupted_is_refused(path, tmp_path, monkeypatch):
    # The index of a second build is in its place already, its description not yet.
    second = tmp_path / "second.annoy"
    AnnoyNeighbors.build(VECTORS, trees=10, seed=4).save(second, model=MODEL)
    monkeypatch.setitem(sys.modules, "annoy", None)
    second.replace(path)
    refused(path, "its index is")
