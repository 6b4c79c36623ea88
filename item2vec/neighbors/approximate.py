"""The base class of approximate indexes: settings, search width and description file.

An approximate index proposes candidates, which are ranked by their exact cosines. With a larger
search width, more candidates are inspected, which increases both recall and query time.
"""

import copy
from pathlib import Path
from typing import Any, Self

from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.index_file import Kind, check_width
from item2vec.neighbors.index_info import IndexInfo, Recall
from item2vec.types import Vectors


class ApproximateNeighbors:
    """Base class of approximate indexes, each of which wraps an index object of a library.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    index : object
        The index object of the library, built from exactly these vectors.
    size : int
        The value of the parameter that ``kind.size`` names, such as the number of trees.
    seed : int
        The seed that `index` was built with.
    search_width : int, optional
        Search width for `TUNED_K` neighbors; by default, that of the library.
    recall : Recall, optional
        The recall that was measured at this search width.
    """

    kind: Kind

    def __init__(
        self,
        item_vectors: Vectors,
        index: Any,
        *,
        size: int,
        seed: int,
        search_width: int | None = None,
        recall: Recall | None = None,
    ) -> None:
        check_width(search_width)
        self.item_vectors = item_vectors
        self.size = size
        self.seed = seed
        self.search_width = search_width
        self.recall = recall
        self._index = index
        self._exact = ExactNeighbors(item_vectors)

    def with_width(self, search_width: int, recall: Recall | None = None) -> Self:
        """Return the same index with another search width, and the recall measured at it."""
        check_width(search_width)
        other = copy.copy(self)
        other.search_width = search_width
        other.recall = recall
        return other

    def _write_info(self, path: Path, *, model: str, checksum: str) -> None:
        """Write the description of the index file at `path`, which has this checksum."""
        n_items, vector_size = self.item_vectors.shape
        IndexInfo(
            kind=self.kind,
            n_items=n_items,
            vector_size=vector_size,
            size=self.size,
            seed=self.seed,
            model=model,
            index=checksum,
            search_width=self.search_width,
            recall=self.recall,
        ).write(path)
