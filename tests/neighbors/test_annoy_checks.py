"""Damaged and wrong Annoy files, which must be refused before Annoy opens them.

Annoy crashes, loops or returns nonsense on a file that it did not write.
"""

import json
import sys

import numpy as np
import pytest
from index_cases import ANNOY_VECTORS, MODEL, clustered, info_of

from item2vec.errors import DataError
from item2vec.neighbors.annoy_index import AnnoyNeighbors

VECTORS = ANNOY_VECTORS
ROWS = np.arange(len(VECTORS), dtype=np.int32)


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
def test_a_damaged_index_is_refused(annoy_path, without_annoy, damage):
    annoy_path.write_bytes(damage[1](annoy_path.read_bytes()))
    refused(annoy_path, "is damaged: its checksum")


def test_the_damaged_files_consist_of_whole_nodes(annoy_path):
    # Else Annoy itself would notice; a file of whole nodes it opens, and may crash in the search.
    assert annoy_path.stat().st_size % 36 == 0


@pytest.mark.parametrize(
    "other", [clustered(8, 10, 12), clustered(4, 10, 6), clustered(8, 10, 6, seed=1)]
)
def test_the_index_of_other_vectors_is_refused(annoy_path, tmp_path, monkeypatch, other):
    theirs = tmp_path / "theirs.annoy"
    AnnoyNeighbors.build(other).save(theirs, model="sha256:theirs")
    monkeypatch.setitem(sys.modules, "annoy", None)
    refused(theirs, "its (n_items|vector_size|model) is")
    # ... and so is one that took the place of ours, as when copying went wrong.
    annoy_path.write_bytes(theirs.read_bytes())
    refused(annoy_path, r"is damaged: its checksum|larger than any index")


@pytest.mark.parametrize(
    ("vectors", "model", "match"),
    [
        (VECTORS[:, :5], MODEL, "its vector_size is 6, not 5"),
        (VECTORS[:-1], MODEL, "its n_items is 80, not 79"),
        (VECTORS, "sha256:trained again", "its model is sha256:0123"),
    ],
)
def test_an_index_is_refused_by_any_other_model(annoy_path, without_annoy, vectors, model, match):
    refused(annoy_path, match, vectors=vectors, model=model)


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
def test_a_description_of_another_index_is_refused(annoy_path, without_annoy, name, value):
    info = json.loads(info_of(annoy_path).read_text())
    info_of(annoy_path).write_text(json.dumps(info | {name: value}))
    refused(
        annoy_path, "its checksum does not match" if name == "index" else f"its {name} is {value}"
    )


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
def test_an_incomplete_description_is_refused(annoy_path, without_annoy, name):
    info = json.loads(info_of(annoy_path).read_text())
    del info[name]
    info_of(annoy_path).write_text(json.dumps(info))
    refused(annoy_path, name)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe\x00", b"[]", b"7", b"null", b'"angular"', b"not JSON", b"{}"]
)
def test_a_description_that_is_garbage_is_refused(annoy_path, without_annoy, text):
    info_of(annoy_path).write_bytes(text)
    refused(annoy_path, r"films\.annoy")


def test_an_index_without_its_description_is_refused(annoy_path, without_annoy):
    info_of(annoy_path).unlink()
    refused(annoy_path, r"films\.annoy\.json.*is missing")


def test_a_description_without_its_index_is_refused(annoy_path, without_annoy):
    annoy_path.unlink()
    refused(annoy_path, r"films\.annoy can't be read")


def test_an_index_whose_saving_was_interrupted_is_refused(annoy_path, tmp_path, monkeypatch):
    # The index of a second build is in its place already, its description not yet.
    second = tmp_path / "second.annoy"
    AnnoyNeighbors.build(VECTORS, trees=10, seed=4).save(second, model=MODEL)
    monkeypatch.setitem(sys.modules, "annoy", None)
    second.replace(annoy_path)
    refused(annoy_path, "is damaged: its checksum")
