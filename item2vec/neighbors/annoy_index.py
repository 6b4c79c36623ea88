"""The Annoy index: approximate nearest neighbor search in a forest of random hyperplane trees.

Annoy crashes or gives wrong answers on a file that it did not write, so `index_info` and
`annoy_file` check a file before Annoy opens it.
"""

import os
import threading
from typing import Any, Self

import numpy as np

from item2vec._support.atomic_files import replaced
from item2vec._support.checks import check_path
from item2vec.errors import DataError, ParameterError
from item2vec.neighbors.annoy_file import fault_in_trees, most_bytes
from item2vec.neighbors.approximate import ApproximateNeighbors
from item2vec.neighbors.exact import check_query, inverse_norms
from item2vec.neighbors.index_file import (
    AGAIN,
    ANNOY,
    MAX_WIDTH,
    TUNED_K,
    check_buildable,
    check_size,
    checksum_of,
)
from item2vec.neighbors.index_info import IndexInfo, Recall
from item2vec.types import Cosines, Rows, Vectors

MAX_TREES = ANNOY.largest
POLL_SECONDS = 0.05


class AnnoyNeighbors(ApproximateNeighbors):
    """Search for similar items with Annoy; candidates are ranked by their exact cosines.

    The neighbors of an item with a zero vector, which has no direction, are found by exact search.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    index : annoy.AnnoyIndex
        Built from exactly these vectors.
    trees, seed : int
        The values that `index` was built with.
    search_width : int, optional
        Annoy's ``search_k`` for 10 neighbors: the number of candidates to inspect. It grows in
        proportion when more neighbors are requested. Annoy's default if not given.
    recall : Recall, optional
        The recall that was measured at this search width.
    """

    kind = ANNOY

    def __init__(
        self,
        item_vectors: Vectors,
        index: Any,
        *,
        trees: int,
        seed: int,
        search_width: int | None = None,
        recall: Recall | None = None,
    ) -> None:
        super().__init__(
            item_vectors, index, size=trees, seed=seed, search_width=search_width, recall=recall
        )

    @property
    def trees(self) -> int:
        """Number of trees."""
        return self.size

    @classmethod
    def build(cls, item_vectors: Vectors, *, trees: int = 50, seed: int = 0) -> Self:
        """Build an index on one thread; the same vectors and seed give the same index.

        Parameters
        ----------
        item_vectors : array of shape (n_items, vector_size), float32
        trees : int
            More trees give a higher recall and a larger index.
        seed : int

        Raises
        ------
        ParameterError
            If `trees` or `seed` is out of its range, or the vectors contain NaN or infinity.
        DataError
            If Annoy is not installed.
        """
        if not 1 <= trees <= MAX_TREES:
            raise ParameterError(f"trees must lie in 1 ... {MAX_TREES}, not {trees}")
        check_buildable(item_vectors, seed)
        index = _annoy().AnnoyIndex(item_vectors.shape[1], ANNOY.metric)
        index.set_seed(seed)
        # Unit length: Annoy multiplies squared lengths, which can underflow in single precision.
        for row, inverse in enumerate(inverse_norms(item_vectors)):
            index.add_item(row, item_vectors[row] * inverse)
        _build_in_thread(index, trees)
        return cls(item_vectors, index, trees=trees, seed=seed)

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return the `k` nearest items of each item, approximately; see `Neighbors`."""
        check_query(rows, k, len(self.item_vectors))
        nearest = np.full((len(rows), k), -1, dtype=np.int32)
        cosines = np.full((len(rows), k), np.nan, dtype=np.float32)
        for place, row in enumerate(rows.tolist()):
            nearest[place], cosines[place] = self._nearest(row, k)
        return nearest, cosines

    def _nearest(self, row: int, k: int) -> tuple[Rows, Cosines]:
        """Return the neighbors of one item, int32 (k,), and their cosines, float32 (k,)."""
        query = self._exact.unit(np.array([row], dtype=np.int32))[0]  # (vector_size,) float32
        if not query.any():
            found, cosines = self._exact.neighbors(np.array([row], dtype=np.int32), k)
            return found[0], cosines[0]
        # k + 1, because Annoy also returns the item itself. Candidates are sorted by row, so that
        # ties go to the lower row.
        found = self._index.get_nns_by_item(row, k + 1, self._width(k))
        candidates = np.array(sorted(set(found) - {row}), dtype=np.int32)
        cosine = self._exact.unit(candidates) @ query  # (candidates,) float32
        order = np.argsort(-cosine, kind="stable")[:k]
        nearest, cosines = np.full(k, -1, np.int32), np.full(k, np.nan, np.float32)
        nearest[: len(order)] = candidates[order]
        cosines[: len(order)] = np.clip(cosine[order], -1, 1)
        return nearest, cosines

    def _width(self, k: int) -> int:
        """Return Annoy's search_k for `k` neighbors; -1 selects its default."""
        if self.search_width is None:
            return -1
        return min(MAX_WIDTH, max(self.search_width, self.search_width * k // TUNED_K))

    def save(self, path: str | os.PathLike[str], *, model: str) -> None:
        """Write the index and its description for the model with this checksum."""
        path = check_path(path)
        with replaced(path) as beside:
            self._index.save(str(beside))
            checksum = checksum_of(beside)
        self._write_info(path, model=model, checksum=checksum)

    @classmethod
    def open(cls, path: str | os.PathLike[str], item_vectors: Vectors, *, model: str) -> Self:
        """Open an index after checking it, for the model with this (verified) checksum.

        Raises
        ------
        DataError
            If the index is missing, damaged, or built from other vectors, or Annoy is not
            installed.
        """
        path = check_path(path)
        n_items, vector_size = item_vectors.shape
        info = IndexInfo.read(path, ANNOY, model=model, shape=item_vectors.shape)
        check_size(path, most_bytes(n_items, vector_size, info.size))
        info.check_content(path, checksum_of(path))
        fault = fault_in_trees(path, item_vectors * inverse_norms(item_vectors)[:, None])
        if fault:
            raise DataError(f"the index {path.name} is damaged, {fault}: {AGAIN}")
        index = _annoy().AnnoyIndex(vector_size, ANNOY.metric)
        index.load(str(path))
        return cls(
            item_vectors,
            index,
            trees=info.size,
            seed=info.seed,
            search_width=info.search_width,
            recall=info.recall,
        )


def _build_in_thread(index: Any, trees: int) -> None:
    """Build in a separate thread, since Annoy does not return on Ctrl-C until it is done."""
    failed: list[Exception] = []

    def build() -> None:
        try:
            index.build(trees, n_jobs=1)  # with more jobs the result does not depend on the seed
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=build, daemon=True)  # so that Ctrl-C ends the program at once
    thread.start()
    while thread.is_alive():
        thread.join(POLL_SECONDS)
    if failed:
        raise failed[0]


def _annoy() -> Any:
    try:
        import annoy
    except ImportError as error:
        raise DataError(
            "Annoy can't be imported: install annoy-mm, or annoy where that has no wheels; "
            "without it every search is exact"
        ) from error
    return annoy
