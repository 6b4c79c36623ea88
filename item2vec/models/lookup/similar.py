"""Search for the items similar to one item, to several items or to a vector.

The interface follows gensim's ``most_similar``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_k
from item2vec._support.messages import setting, shown
from item2vec.errors import ParameterError
from item2vec.models.lookup.item_filter import Unknown, find_items
from item2vec.models.memory.reranking import added_similarities
from item2vec.neighbors.exact import Neighbors
from item2vec.types import Cosines, Rows, Vectors

if TYPE_CHECKING:
    from item2vec.models.lookup.similarity_lookup import SimilarityLookup
    from item2vec.models.memory.reranking import Sparse

Items: TypeAlias = str | Vectors | Sequence[str | Vectors]  # names, vectors or both


@dataclass(frozen=True, eq=False)
class Query:
    """A query: the items and vectors to search by.

    Parameters
    ----------
    positive_rows, negative_rows : list of int
        Items, as rows of the model.
    positive_vectors, negative_vectors : list of array of shape (vector_size,), float64
        Vectors, which are used without normalization.
    """

    positive_rows: list[int]
    positive_vectors: list[Vectors]
    negative_rows: list[int]
    negative_vectors: list[Vectors]

    @property
    def rows(self) -> Rows:
        """All items, positive ones first, int32 (n,)."""
        return np.array([*self.positive_rows, *self.negative_rows], dtype=np.int32)

    @property
    def signs(self) -> npt.NDArray[np.float64]:
        """1 for each positive and -1 for each negative item, (n,)."""
        return np.repeat([1.0, -1.0], [len(self.positive_rows), len(self.negative_rows)])

    @property
    def has_vectors(self) -> bool:
        """Whether any vector is given."""
        return bool(self.positive_vectors or self.negative_vectors)

    @property
    def is_one_item(self) -> bool:
        """Whether the query is a single positive item."""
        return len(self.positive_rows) == 1 and not self.negative_rows and not self.has_vectors


def most_similar(
    vectors: "SimilarityLookup",
    positive: Items,
    negative: Items,
    k: int,
    *,
    title_only: bool = False,
    unknown: Unknown = "error",
    index: Neighbors | None = None,
    among: Rows | None = None,
    rerank: bool = False,
) -> tuple[Rows, Cosines]:
    """Return the rows and cosines of the most similar items; see `ItemVectors.most_similar`.

    Parameters
    ----------
    vectors : SimilarityLookup
    positive, negative, k, title_only, unknown, index, rerank
        As in `ItemVectors.most_similar`.
    among : array of int32, optional
        Rows of the candidates in ascending order; all items by default.

    Raises
    ------
    UnknownItemError
        If an item is unknown and `unknown` is "error".
    ParameterError
        If there is nothing to search by, a vector does not fit the model, or positive and negative
        items cancel out; with `rerank`, if there is no memory or no item is named.
    """
    check_k(k)
    query = Query(
        *_parts(vectors, positive, "positive", title_only, unknown),
        *_parts(vectors, negative, "negative", title_only, unknown),
    )
    k = min(k, len(vectors))
    exact = vectors.exact_neighbors
    if query.is_one_item and among is None and not rerank:
        rows, cosines = (index or exact).neighbors(query.rows, k)
        return rows[0], cosines[0]
    unit = _unit_vector(vectors, query)
    added = _added_similarities(vectors, query) if rerank else None
    hidden = query.rows, np.array([0, len(query.rows)], dtype=np.int64)
    rows, cosines = exact.nearest_to(unit[None], k, hidden=hidden, among=among, added=added)
    return rows[0], cosines[0]


def _parts(
    vectors: "SimilarityLookup", given: Items, argument: str, title_only: bool, unknown: Unknown
) -> tuple[list[int], list[Vectors]]:
    """Return the rows of the items and the vectors in an argument."""
    if isinstance(given, str) or _is_vector(given):
        given = [given]  # type: ignore[list-item]
    elif not isinstance(given, Iterable) or (isinstance(given, np.ndarray) and given.ndim == 0):
        example = next(iter(vectors.vocabulary), "id") if given is None else str(given)
        raise ParameterError(
            f"{argument} must be an item, a vector, or a list of these, not {shown(given)}: write "
            f"{shown(example)}"
        )
    arrays, names = [], []
    for part in given:
        if isinstance(part, np.ndarray):
            arrays.append(_checked(part, vectors.vector_size))
        else:
            names.append(part)
    found = find_items(vectors, names, argument, title_only, unknown)
    return list(found.rows), arrays


def _is_vector(given: object) -> bool:
    """Return whether this is one vector, rather than an array of names or of vectors."""
    return isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "fiu"


def _checked(vector: Vectors, size: int) -> Vectors:
    """Return a given vector in float64; raise ParameterError unless it fits the model."""
    if vector.shape != (size,) or vector.dtype.kind not in "fiu":
        raise ParameterError(
            f"a vector to search by must have the shape ({size},), like those of the model, not "
            f"{vector.dtype} {vector.shape}"
        )
    if not np.isfinite(vector).all():
        raise ParameterError("a vector to search by contains NaN or infinity: give finite numbers")
    return vector.astype(np.float64)


def _unit_vector(vectors: "SimilarityLookup", query: Query) -> Vectors:
    """Return the query vector at unit length, float32 (vector_size,).

    If cold items are in the query, its expected length is 1: the residuals of their predicted
    vectors are assumed to be independent, so that their variances add up; see `ExactNeighbors`.
    """
    rows = query.rows
    if not (len(rows) or query.has_vectors):
        raise ParameterError(
            "there is no known item to search by: name an item of the model, or give a vector "
            f"({setting('unknown')} may have skipped some)"
        )
    unit = vectors.exact_neighbors.unit(rows).astype(np.float64)  # (n, vector_size)
    total = query.signs @ unit + sum(query.positive_vectors) - sum(query.negative_vectors)
    square = total @ total + vectors.exact_neighbors.residual_shares(rows).sum()
    is_zero_item = len(rows) == 1 and not query.has_vectors  # its cosine with any item is 0
    if square < 1e-12 and not is_zero_item:
        raise ParameterError(
            "the items or vectors to search by cancel out or are zero, so no item is nearest: "
            "name others"
        )
    scaled: Vectors = (total / np.sqrt(square or 1.0)).astype(np.float32)
    return scaled


def _added_similarities(vectors: "SimilarityLookup", query: Query) -> "Sparse":
    """Return the mean similarity to the query items by the item-item memory, CSR (1, n_items).

    The memory is a sparse matrix of weights between pairs of items.
    """
    similarities = vectors.reranked_neighbors.similarities
    if len(query.rows) == 0:
        raise ParameterError(
            f"{setting('rerank', True)} ranks by pairs of items, but only vectors are given: name "
            "an item, or leave it out"
        )
    return added_similarities(similarities, query.rows, query.signs)
