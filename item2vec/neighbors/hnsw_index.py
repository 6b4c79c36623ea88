"""The HNSW index: approximate nearest neighbor search in a layered graph, with faiss.

The extra ``index`` installs faiss. The graph is stored in this package's own format; see
`hnsw_graph`.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from item2vec._support.checks import check_path
from item2vec._support.top_k import top_k
from item2vec.errors import MissingExtraError, ParameterError
from item2vec.neighbors.approximate import ApproximateNeighbors
from item2vec.neighbors.exact import ExactNeighbors, check_query, cosines_at
from item2vec.neighbors.hnsw_graph import Graph
from item2vec.neighbors.index_file import HNSW, MAX_WIDTH, TUNED_K, check_buildable
from item2vec.neighbors.index_info import IndexInfo, Recall
from item2vec.types import Cosines, Progress, Rows, Vectors

CONNECTIONS = 48
DEFAULT_WIDTH = 64
# Candidates for the links of an item while the graph is built. On trained vectors of 100,000 items,
# 100 instead of faiss's default of 40 doubles the build time and cuts the search width to a third.
BUILD_WIDTH = 100
BUILD_ROWS = 1000  # items added at a time; progress is reported after each block
QUERY_ROWS = 256  # queries whose candidates are in memory at a time
SPARE = 4  # additional candidates, because half precision may reorder the last ones
EXACT_SHARE = 10  # if k is a tenth of the items or more, exact search is faster


class HnswNeighbors(ApproximateNeighbors):
    """Search for similar items in an HNSW graph; candidates are ranked by their exact cosines.

    If `k` is a tenth of all items or more, and for an item whose vector is zero, the search is
    exact.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    index : faiss.IndexHNSWSQ
        Built from exactly these vectors, scaled to unit length and stored in half precision.
    connections, seed : int
        The values that `index` was built with.
    search_width : int, optional
        faiss's ``efSearch`` for 10 neighbors: the number of best candidates to keep during a
        search. It grows in proportion when more neighbors are requested.
    recall : Recall, optional
        The recall that was measured at this search width.
    """

    kind = HNSW

    def __init__(
        self,
        item_vectors: Vectors,
        index: Any,
        *,
        connections: int,
        seed: int,
        search_width: int | None = None,
        recall: Recall | None = None,
    ) -> None:
        super().__init__(
            item_vectors,
            index,
            size=connections,
            seed=seed,
            search_width=search_width,
            recall=recall,
        )

    @property
    def connections(self) -> int:
        """Maximum number of links of an item on each layer; twice as many on the lowest."""
        return self.size

    @classmethod
    def build(
        cls,
        item_vectors: Vectors,
        *,
        connections: int = CONNECTIONS,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Self:
        """Build an index on one thread; the same vectors and seed give the same index.

        Parameters
        ----------
        item_vectors : array of shape (n_items, vector_size), float32
        connections : int
            Maximum number of links of an item on each layer; twice as many on the lowest. More
            links give a higher recall and a larger index.
        seed : int
        progress : Progress, optional
            Called with the number of items added so far and the number of all items.

        Raises
        ------
        ParameterError
            If `connections` or `seed` is out of its range, or the vectors contain NaN or infinity.
        MissingExtraError
            If faiss is not installed.
        """
        if not 2 <= connections <= HNSW.largest:
            raise ParameterError(f"connections must lie in 2 ... {HNSW.largest}, not {connections}")
        check_buildable(item_vectors, seed)
        faiss = _faiss()
        index = _empty(faiss, item_vectors.shape[1], connections)
        index.hnsw.rng = faiss.RandomGenerator(seed)
        index.hnsw.efConstruction = BUILD_WIDTH
        exact = ExactNeighbors(item_vectors)
        with _one_thread(faiss):  # with more, the links depend on the order of the threads
            for rows in _blocks(len(item_vectors), BUILD_ROWS):
                index.add(exact.unit(rows))
                if progress is not None:
                    progress(int(rows[-1]) + 1, len(item_vectors))
        half = _searchable(faiss, exact, _graph_of(index, connections))
        return cls(item_vectors, half, connections=connections, seed=seed)

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return the `k` nearest items of each item, approximately; see `Neighbors`."""
        check_query(rows, k, len(self.item_vectors))
        if EXACT_SHARE * k >= len(self.item_vectors):
            return self._exact.neighbors(rows, k)
        nearest = np.empty((len(rows), k), dtype=np.int32)
        cosines = np.empty((len(rows), k), dtype=np.float32)
        for start in range(0, len(rows), QUERY_ROWS):
            block = slice(start, start + QUERY_ROWS)
            nearest[block], cosines[block] = self._nearest(rows[block], k)
        return nearest, cosines

    def _nearest(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return the neighbors of a block of items, int32 (m, k), and their cosines."""
        queries = self._exact.unit(rows)  # (m, vector_size) float32
        width = self.search_width or DEFAULT_WIDTH
        width = min(MAX_WIDTH, max(width, width * k // TUNED_K, k + 1))
        settings = _faiss().SearchParametersHNSW(efSearch=width)
        n_found = min(k + 1 + SPARE, width)  # k + 1: faiss also returns the item itself
        _, found = self._index.search(queries, n_found, params=settings)  # (m, n_found) int64
        found.sort(axis=1)  # by row, so that ties go to the lower row
        near = self._exact.unit(np.maximum(found, 0).ravel()).reshape(*found.shape, -1)
        cosine = np.matmul(near, queries[:, :, None])[:, :, 0]  # (m, n_found) float32
        cosine[(found < 0) | (found == rows[:, None])] = -np.inf
        order = top_k(cosine, k)
        places = np.take_along_axis(found, np.maximum(order, 0), axis=1).astype(np.int32)
        nearest, cosines = np.where(order >= 0, places, np.int32(-1)), cosines_at(cosine, order)
        zero = np.flatnonzero(~queries.any(axis=1))  # no direction to search in
        if len(zero):
            nearest[zero], cosines[zero] = self._exact.neighbors(rows[zero], k)
        return nearest, cosines

    def save(self, path: str | os.PathLike[str], *, model: str) -> None:
        """Write the index and its description for the model with this checksum."""
        path = check_path(path)
        checksum = _graph_of(self._index, self.connections).save(path)
        self._write_info(path, model=model, checksum=checksum)

    @classmethod
    def open(cls, path: str | os.PathLike[str], item_vectors: Vectors, *, model: str) -> Self:
        """Open an index after checking it, for the model with this (verified) checksum.

        Raises
        ------
        DataError
            If the index is missing, damaged, or built from other vectors.
        MissingExtraError
            If faiss is not installed.
        """
        path = check_path(path)
        info = IndexInfo.read(path, HNSW, shape=item_vectors.shape, model=model)
        graph = Graph.open(path, info)
        return cls(
            item_vectors,
            _searchable(_faiss(), ExactNeighbors(item_vectors), graph),
            connections=info.size,
            seed=info.seed,
            search_width=info.search_width,
            recall=info.recall,
        )


def _blocks(n: int, size: int) -> Iterator[Rows]:
    for start in range(0, n, size):
        yield np.arange(start, min(start + size, n), dtype=np.int32)


def _empty(faiss: Any, vector_size: int, connections: int) -> Any:
    # The inner product of unit vectors is their cosine.
    return faiss.IndexHNSWFlat(vector_size, connections, faiss.METRIC_INNER_PRODUCT)


def _graph_of(index: Any, connections: int) -> Graph:
    """Return a copy of the graph in an index."""
    faiss, hnsw = _faiss(), index.hnsw
    return Graph(
        layers=faiss.vector_to_array(hnsw.levels).astype(np.int32),
        links=faiss.vector_to_array(hnsw.neighbors).astype(np.int32),
        entry=int(hnsw.entry_point),
        connections=connections,
    )


def _searchable(faiss: Any, exact: ExactNeighbors, graph: Graph) -> Any:
    """Return a faiss index with a (checked) graph and vectors in half precision.

    Half precision is used only to find candidates: a search reads half as much memory and takes a
    sixth less time. The cosines of the candidates are computed in single precision.
    """
    half = faiss.ScalarQuantizer.QT_fp16
    size = exact.item_vectors.shape[1]
    index = faiss.IndexHNSWSQ(size, half, graph.connections, faiss.METRIC_INNER_PRODUCT)
    for rows in _blocks(len(graph.layers), BUILD_ROWS):
        index.storage.add(exact.unit(rows))
    hnsw = index.hnsw
    faiss.copy_array_to_vector(graph.layers.astype(np.int32), hnsw.levels)
    faiss.copy_array_to_vector(graph.offsets.astype(np.uint64), hnsw.offsets)
    faiss.copy_array_to_vector(graph.links.astype(np.int32), hnsw.neighbors)
    hnsw.entry_point = graph.entry
    hnsw.max_level = int(graph.layers.max()) - 1
    index.ntotal = len(graph.layers)
    return index


@contextlib.contextmanager
def _one_thread(faiss: Any) -> Iterator[None]:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise MissingExtraError(
            f"the HNSW index needs faiss, and {error.name or 'it'} can't be imported: "
            "pip install 'item2vec[index]'; without it every search is exact"
        ) from error
    return faiss
