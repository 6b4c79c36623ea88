"""The HNSW index: approximate nearest items along the links of a layered graph, by faiss.

The extra ``index`` installs faiss. Its graph is kept in a file of our own; see `hnsw_graph`.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np

from item2vec._support.progress import Progress
from item2vec._support.top_k import top_k
from item2vec.errors import MissingExtraError, ParameterError
from item2vec.neighbors.exact import ExactNeighbors, check_query, cosines_at
from item2vec.neighbors.hnsw_graph import Graph
from item2vec.neighbors.index_file import (
    HNSW,
    MAX_WIDTH,
    TUNED_K,
    IndexInfo,
    Recall,
    check_buildable,
    check_width,
)
from item2vec.types import Cosines, Rows, Vectors

CONNECTIONS = 48
DEFAULT_WIDTH = 64
# Candidates for the links of an item while the graph is built. On trained vectors of 100,000 items
# 100 instead of faiss's 40 doubles the time of building and cuts the search width to a third.
BUILD_WIDTH = 100
BUILD_ROWS = 1000  # items added at a time; between two blocks progress is reported
QUERY_ROWS = 256  # queries whose candidates are in memory at a time
SPARE = 4  # candidates beyond those wanted, which exact cosines rank anew
EXACT_SHARE = 10  # where more than a tenth of the items is asked for, exact search is faster


class HnswNeighbors:
    """Finds candidates along a graph of near items, and ranks them by their exact cosines.

    Where `k` is a tenth of all items or more, and for an item whose vector is zero, the search is
    exact.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    index : faiss.IndexHNSWSQ
        Built from exactly these vectors, at length 1 and in half precision.
    connections, seed : int
        The values that `index` was built with.
    search_width : int, optional
        faiss's ``efSearch`` for 10 neighbours: the number of near items to keep during a search. It
        grows in proportion where more neighbours are asked for.
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
        check_width(search_width)
        self.item_vectors = item_vectors
        self.connections = connections
        self.seed = seed
        self.search_width = search_width
        self.recall = recall
        self._index = index
        self._exact = ExactNeighbors(item_vectors)

    @classmethod
    def build(
        cls,
        item_vectors: Vectors,
        *,
        connections: int = CONNECTIONS,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Self:
        """Build an index on one thread; the same vectors and seed give the same one.

        Parameters
        ----------
        item_vectors : array of shape (n_items, vector_size), float32
        connections : int
            Links of an item on each layer; twice as many on the lowest. More give a higher recall
            and a larger index.
        seed : int
        progress : Progress, optional
            Called with the number of items that are linked, and of all.

        Raises
        ------
        ParameterError
            If `connections` or `seed` is out of its range, or the vectors hold NaN or infinity.
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
        with _one_thread(faiss):  # with more, the links depend on which thread is first
            for rows in _blocks(len(item_vectors), BUILD_ROWS):
                index.add(exact.unit(rows))
                if progress is not None:
                    progress(int(rows[-1]) + 1, len(item_vectors))
        half = _searchable(faiss, exact, _graph_of(index, connections))
        return cls(item_vectors, half, connections=connections, seed=seed)

    def with_width(self, search_width: int, recall: Recall | None = None) -> Self:
        """Return the same index with another search width, and the recall measured at it."""
        return type(self)(
            self.item_vectors,
            self._index,
            connections=self.connections,
            seed=self.seed,
            search_width=search_width,
            recall=recall,
        )

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return about the `k` nearest items of each item; see `Neighbors`."""
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
        """Return the neighbours of a block of items."""
        queries = self._exact.unit(rows)
        width = self.search_width or DEFAULT_WIDTH
        width = min(MAX_WIDTH, max(width, width * k // TUNED_K, k + 1))
        settings = _faiss().SearchParametersHNSW(efSearch=width)
        # The item itself comes back as its own neighbour, so one more is asked for; and some more,
        # since half precision may swap the last of them.
        n_found = min(k + 1 + SPARE, width)
        _, found = self._index.search(queries, n_found, params=settings)
        found.sort(axis=1)  # in the order of rows, so that ties go to the lower one
        near = self._exact.unit(np.maximum(found, 0).ravel()).reshape(*found.shape, -1)
        cosine = np.matmul(near, queries[:, :, None])[:, :, 0]
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
        path = Path(path)
        n_items, vector_size = self.item_vectors.shape
        IndexInfo(
            kind=HNSW,
            n_items=n_items,
            vector_size=vector_size,
            size=self.connections,
            seed=self.seed,
            model=model,
            index=_graph_of(self._index, self.connections).save(path),
            search_width=self.search_width,
            recall=self.recall,
        ).write(path)

    @classmethod
    def open(cls, path: str | os.PathLike[str], item_vectors: Vectors, *, model: str) -> Self:
        """Open an index after checking it, for the model with this (verified) checksum.

        Raises
        ------
        DataError
            If the index is missing, damaged, or of other vectors.
        MissingExtraError
            If faiss is not installed.
        """
        path = Path(path)
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
    # The product of vectors of length 1 is their cosine.
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
    """Return an index with a (checked) graph, whose vectors are stored in half precision.

    A search reads half as much memory, and takes a sixth less time. It finds the candidates; their
    cosines are computed in single precision.
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
