"""Fixtures that tests of indexes share."""

import sys

import pytest
from index_cases import ANNOY_VECTORS, CONNECTIONS, HNSW_VECTORS, MODEL

from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.hnsw_index import HnswNeighbors


@pytest.fixture(scope="session")
def built_hnsw():
    return HnswNeighbors.build(HNSW_VECTORS, connections=CONNECTIONS, seed=3)


@pytest.fixture
def hnsw_path(tmp_path, built_hnsw):
    """Return the path of an HNSW index of HNSW_VECTORS with search width 40."""
    path = tmp_path / "films.hnsw"
    built_hnsw.with_width(40).save(path, model=MODEL)
    return path


@pytest.fixture
def annoy_path(tmp_path):
    """Return the path of a good Annoy index of ANNOY_VECTORS, alone in its folder."""
    path = tmp_path / "films.annoy"
    AnnoyNeighbors.build(ANNOY_VECTORS, trees=10, seed=3).save(path, model=MODEL)
    return path


@pytest.fixture
def without_annoy(monkeypatch):
    """Make `import annoy` fail, as where it is not installed."""
    monkeypatch.setitem(sys.modules, "annoy", None)


@pytest.fixture
def without_faiss(monkeypatch):
    """Make `import faiss` fail, as where it is not installed."""
    monkeypatch.setitem(sys.modules, "faiss", None)
