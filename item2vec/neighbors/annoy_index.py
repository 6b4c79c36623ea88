"""The Annoy index: approximate nearest items by a forest of random hyperplane trees.

Annoy proposes candidates, and their exact cosines rank them. Annoy itself crashes or gives wrong
answers on a file that is not what it expects; `index_file` and `annoy_file` check it beforehand.
"""

import os
import threading
from pathlib import Path
from typing import Any, Self

import numpy as np

from item2vec._support.atomic_files import replaced
from item2vec.errors import DataError, ParameterError
from item2vec.neighbors.annoy_file import fault_in_trees, most_bytes
from item2vec.neighbors.exact import ExactNeighbors, check_query, inverse_norms
from item2vec.neighbors.index_file import (
    AGAIN,
    ANNOY,
    MAX_WIDTH,
    TUNED_K,
    IndexInfo,
    Recall,
    check_buildable,
    check_size,
    check_width,
    checksum_of,
)
from item2vec.types import Cosines, Rows, Vectors

MAX_TREES = ANNOY.largest
POLL_SECONDS = 0.05


class AnnoyNeighbors:
    """Finds candidates with Annoy, and ranks them by their exact cosines.

    An item whose vector is zero has no direction to search in: it is looked up exactly.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    index : annoy.AnnoyIndex
        Built from exactly these vectors.
    trees, seed : int
        The values that `index` was built with.
    search_width : int, optional
        Annoy's ``search_k`` for `TUNED_K` neighbours: the number of candidates to inspect. It grows
        in proportion where more neighbours are asked for. Annoy's default if not given.
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
        check_width(search_width)
        self.item_vectors = item_vectors
        self.trees = trees
        self.seed = seed
        self.search_width = search_width
        self.recall = recall
        self._index = index
        self._exact = ExactNeighbors(item_vectors)

    @classmethod
    def build(cls, item_vectors: Vectors, *, trees: int = 50, seed: int = 0) -> Self:
        """Build an index; the same vectors and seed give the same one.

        Raises
        ------
        ParameterError
            If `trees` or `seed` is out of its range, or the vectors hold NaN or infinity.
        DataError
            If Annoy is not installed.
        """
        if not 1 <= trees <= MAX_TREES:
            raise ParameterError(f"trees must lie in 1 ... {MAX_TREES}, not {trees}")
        check_buildable(item_vectors, seed)
        index = _annoy().AnnoyIndex(item_vectors.shape[1], ANNOY.metric)
        index.set_seed(seed)
        # At length 1: Annoy multiplies squared lengths, which can underflow in single precision.
        for row, inverse in enumerate(inverse_norms(item_vectors)):
            index.add_item(row, item_vectors[row] * inverse)
        _build_apart(index, trees)
        return cls(item_vectors, index, trees=trees, seed=seed)

    def with_width(self, search_width: int, recall: Recall | None = None) -> Self:
        """Return the same index with another search width, and the recall measured at it."""
        return type(self)(
            self.item_vectors,
            self._index,
            trees=self.trees,
            seed=self.seed,
            search_width=search_width,
            recall=recall,
        )

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return about the `k` nearest items of each item; see `Neighbors`."""
        check_query(rows, k, len(self.item_vectors))
        nearest = np.full((len(rows), k), -1, dtype=np.int32)
        cosines = np.full((len(rows), k), np.nan, dtype=np.float32)
        for place, row in enumerate(rows.tolist()):
            nearest[place], cosines[place] = self._nearest(row, k)
        return nearest, cosines

    def _nearest(self, row: int, k: int) -> tuple[Rows, Cosines]:
        query = self._exact.unit(np.array([row], dtype=np.int32))[0]
        if not query.any():
            found, cosines = self._exact.neighbors(np.array([row], dtype=np.int32), k)
            return found[0], cosines[0]
        # The item itself comes back as its own neighbour, so one more is asked for. Candidates are
        # put in the order of rows, so that ties go to the lower one.
        found = self._index.get_nns_by_item(row, k + 1, self._width(k))
        candidates = np.array(sorted(set(found) - {row}), dtype=np.int32)
        cosine = self._exact.unit(candidates) @ query
        order = np.argsort(-cosine, kind="stable")[:k]
        nearest, cosines = np.full(k, -1, np.int32), np.full(k, np.nan, np.float32)
        nearest[: len(order)] = candidates[order]
        cosines[: len(order)] = np.clip(cosine[order], -1, 1)
        return nearest, cosines

    def _width(self, k: int) -> int:
        """Return Annoy's search_k for `k` neighbours; -1 for its default."""
        if self.search_width is None:
            return -1
        return min(MAX_WIDTH, max(self.search_width, self.search_width * k // TUNED_K))

    def save(self, path: str | os.PathLike[str], *, model: str) -> None:
        """Write the index and its description for the model with this checksum."""
        path = Path(path)
        n_items, vector_size = self.item_vectors.shape
        with replaced(path) as beside:
            self._index.save(str(beside))
            checksum = checksum_of(beside)
        IndexInfo(
            kind=ANNOY,
            n_items=n_items,
            vector_size=vector_size,
            size=self.trees,
            seed=self.seed,
            model=model,
            index=checksum,
            search_width=self.search_width,
            recall=self.recall,
        ).write(path)

    @classmethod
    def open(cls, path: str | os.PathLike[str], item_vectors: Vectors, *, model: str) -> Self:
        """Open an index after checking it, for the model with this (verified) checksum.

        Raises
        ------
        DataError
            If the index is missing, damaged, or of other vectors, or Annoy is not installed.
        """
        path = Path(path)
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


def _build_apart(index: Any, trees: int) -> None:
    """Build in a separate thread, since Annoy does not return on Ctrl-C until it is done."""
    failed: list[Exception] = []

    def build() -> None:
        try:
            index.build(trees, n_jobs=1)  # Annoy's seed is kept with one job only
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=build, daemon=True)  # an interrupted program does not wait
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
