"""Nearest items by cosine: exact search, and approximate search with Annoy and HNSW indexes."""

from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.hnsw_index import HnswNeighbors
from item2vec.neighbors.indexes import build_index, find_index, open_index, write_index

__all__ = [
    "AnnoyNeighbors",
    "ExactNeighbors",
    "HnswNeighbors",
    "build_index",
    "find_index",
    "open_index",
    "write_index",
]
