"""The Annoy index: its recall, its reproducibility, and the checks before a file is opened.

Annoy crashes, loops or returns nonsense on a file that it did not write, so every file that is
damaged here must be refused before Annoy opens it.
"""

import json

import numpy as np
import pytest
from index_cases import ANNOY_VECTORS, MODEL, clustered, info_of

from item2vec.errors import DataError, ParameterError
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.index_file import index_path
from item2vec.neighbors.index_recall import recall_against_exact

VECTORS = ANNOY_VECTORS
ROWS = np.arange(len(VECTORS), dtype=np.int32)


def answers(neighbors):
    nearest, cosines = neighbors.neighbors(ROWS, 10)
    return nearest.tolist(), cosines.tolist()


# -- searching --------------------------------------------------------------------------------


def test_many_trees_find_nearly_all_neighbors():
    assert recall_against_exact(AnnoyNeighbors.build(clustered(40, 25, 16), trees=100)) > 0.95


def test_more_trees_find_more():
    few, many = (AnnoyNeighbors.build(clustered(40, 25, 16), trees=trees) for trees in (1, 50))
    assert recall_against_exact(few) < recall_against_exact(many) - 0.1


def test_recall_is_the_share_of_the_exact_neighbors_that_were_found():
    index = AnnoyNeighbors.build(clustered(40, 25, 16), trees=2)
    every = np.arange(1000, dtype=np.int32)
    exact, _ = ExactNeighbors(index.item_vectors).neighbors(every, 10)
    found, _ = index.neighbors(every, 10)
    shares = [len(set(a) & set(b)) / 10 for a, b in zip(exact, found, strict=True)]
    assert recall_against_exact(index) == pytest.approx(np.mean(shares))
    assert recall_against_exact(index, sample=50) == pytest.approx(np.mean(shares), abs=0.15)


def test_an_index_of_fewer_than_ten_items_has_a_recall_too():
    assert recall_against_exact(AnnoyNeighbors.build(VECTORS[:5])) == 1


def test_cosines_are_exact():
    index = AnnoyNeighbors.build(clustered(40, 25, 16), trees=5)
    unit = index.item_vectors / np.linalg.norm(index.item_vectors, axis=1, keepdims=True)
    nearest, cosines = index.neighbors(ROWS, 10)
    expected = np.einsum("ij,ikj->ik", unit[ROWS], unit[nearest])
    np.testing.assert_allclose(cosines, expected, atol=1e-5)


def test_a_vector_of_zeros_is_looked_up_exactly():
    # All cosines with it are 0, so its neighbors are the lowest rows, wherever Annoy would look.
    vectors = clustered(40, 25, 16)
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


def test_without_annoy_the_error_names_what_to_install(annoy_path, without_annoy):
    with pytest.raises(DataError, match="install annoy-mm"):
        AnnoyNeighbors.build(VECTORS)
    with pytest.raises(DataError, match="install annoy-mm"):
        AnnoyNeighbors.open(annoy_path, VECTORS, model=MODEL)


# -- saving and opening -----------------------------------------------------------------------


def test_a_saved_and_opened_index_finds_the_same(tmp_path):
    built = AnnoyNeighbors.build(VECTORS, trees=3, seed=5)
    before = answers(built)
    built.save(tmp_path / "a.annoy", model=MODEL)
    assert answers(built) == before
    opened = AnnoyNeighbors.open(str(tmp_path / "a.annoy"), VECTORS, model=MODEL)
    assert answers(opened) == before
    assert (opened.trees, opened.seed) == (3, 5)


def test_an_index_that_was_opened_can_be_saved_again(annoy_path, tmp_path):
    AnnoyNeighbors.open(annoy_path, VECTORS, model=MODEL).save(tmp_path / "b.annoy", model=MODEL)
    assert (tmp_path / "b.annoy").read_bytes() == annoy_path.read_bytes()
    assert info_of(tmp_path / "b.annoy").read_bytes() == info_of(annoy_path).read_bytes()


def test_the_same_vectors_and_seed_give_the_same_bytes(annoy_path, tmp_path):
    saved = []
    for seed in (3, 4):
        again = tmp_path / f"{seed}.annoy"
        AnnoyNeighbors.build(VECTORS, trees=10, seed=seed).save(again, model=MODEL)
        saved.append(again.read_bytes())
    assert saved[0] == annoy_path.read_bytes()
    assert saved[1] != annoy_path.read_bytes()
    assert info_of(tmp_path / "3.annoy").read_bytes() == info_of(annoy_path).read_bytes()


def test_an_index_consists_of_the_file_and_its_description(annoy_path):
    assert sorted(file.name for file in annoy_path.parent.iterdir()) == [
        "films.annoy",
        "films.annoy.json",
    ]
    assert (
        json.loads(info_of(annoy_path).read_text()).items()
        >= {
            "metric": "angular",
            "n_items": 80,
            "vector_size": 6,
            "trees": 10,
            "seed": 3,
            "model": MODEL,
        }.items()
    )


def test_an_open_index_still_works_after_its_file_is_replaced(annoy_path):
    opened = AnnoyNeighbors.open(annoy_path, VECTORS, model=MODEL)
    before = answers(opened)
    other = clustered(8, 10, 6, seed=1)
    AnnoyNeighbors.build(other, trees=2).save(annoy_path, model="sha256:other")
    assert answers(opened) == before
    again = AnnoyNeighbors.open(annoy_path, other, model="sha256:other")
    assert answers(again) != before


def test_an_index_lies_beside_its_model_and_is_named_by_its_content(tmp_path):
    here = index_path(tmp_path / "films.safetensors", MODEL)
    assert here.parent == tmp_path
    assert here.name == "films.0123456789abcdef.annoy"
    assert index_path(tmp_path / "films.safetensors", "sha256:fedcba98") != here
    assert index_path(tmp_path / "books.safetensors", MODEL) != here


def test_an_index_that_cannot_be_written_leaves_the_old_one(annoy_path, tmp_path):
    built = AnnoyNeighbors.build(VECTORS, trees=2)
    with pytest.raises(DataError, match="nowhere"):
        built.save(tmp_path / "nowhere" / "a.annoy", model=MODEL)
    (tmp_path / "folder.annoy").mkdir()
    with pytest.raises(DataError, match=r"folder\.annoy"):
        built.save(tmp_path / "folder.annoy", model=MODEL)
    AnnoyNeighbors.open(annoy_path, VECTORS, model=MODEL)
    assert {file.name for file in tmp_path.iterdir()} == {
        annoy_path.name,
        info_of(annoy_path).name,
        "folder.annoy",
    }
