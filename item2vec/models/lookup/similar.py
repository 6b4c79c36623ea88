"""Items near one item, near several, or near a vector; as gensim's ``most_similar`` has it."""

from collections.abc import Iterable, Sequence
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
    from item2vec.models.item_vectors import ItemVectors
    from item2vec.models.memory.reranking import Sparse

Items: TypeAlias = str | Vectors | Sequence[str | Vectors]  # names, vectors or both


def most_similar(
    vectors: "ItemVectors",
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
    """Return the rows and cosines of the items near `positive` and far from `negative`.

    The query is the mean of the unit vectors of `positive` and of those of `negative` times -1. A
    vector that is given is taken as it is. The items that are named are never returned.

    Parameters
    ----------
    vectors : ItemVectors
    positive, negative : str, array of shape (vector_size,), or a sequence of these
    k : int
    title_only : bool
        Take names as titles even where they are ids.
    unknown : {"error", "skip"}
        What becomes of names that the model lacks.
    index : Neighbors, optional
        Search there, where one item is asked about and `among` is None.
    among : array of int32, optional
        The rows of the only items to be returned, in rising order.
    rerank : bool
        Rank by the sum of the cosine and the mean similarity by the memory to the items that are
        named; the search is then exact.

    Raises
    ------
    UnknownItemError
        If an item is unknown and `unknown` is "error".
    ParameterError
        With `rerank`, if there is no memory or no item is named to rank by.
        If nothing is asked about, a vector does not fit the model, or what is asked about cancels
        out.
    """
    check_k(k)
    plus, plus_rows = _parts(vectors, positive, "positive", title_only, unknown)
    minus, minus_rows = _parts(vectors, negative, "negative", title_only, unknown)
    k = min(k, len(vectors))
    exact = vectors.exact_neighbors
    if len(plus_rows) == 1 and not (plus or minus or minus_rows or rerank) and among is None:
        rows, cosines = (index or exact).neighbors(np.array(plus_rows, dtype=np.int32), k)
        return rows[0], cosines[0]
    query = _query(vectors, plus, plus_rows, minus, minus_rows)
    added = _added(vectors, plus_rows, minus_rows) if rerank else None
    named = np.array([*plus_rows, *minus_rows], dtype=np.int32)
    hidden = named, np.array([0, len(named)], dtype=np.int64)
    rows, cosines = exact.nearest_to(query[None], k, hidden=hidden, among=among, added=added)
    return rows[0], cosines[0]


def _added(vectors: "ItemVectors", plus_rows: Sequence[int], minus_rows: Sequence[int]) -> "Sparse":
    """Return the mean similarity by the memory to the items that are named, (1, n_items)."""
    similarities = vectors.reranked_neighbors.similarities
    rows = np.array([*plus_rows, *minus_rows], dtype=np.int32)
    if len(rows) == 0:
        raise ParameterError(
            f"{setting('rerank', True)} ranks by pairs of items, and only vectors are given: name "
            "an item, or leave it out"
        )
    return added_similarities(similarities, rows, _signs(plus_rows, minus_rows))


def _signs(plus_rows: Sequence[int], minus_rows: Sequence[int]) -> npt.NDArray[np.float64]:
    return np.repeat([1.0, -1.0], [len(plus_rows), len(minus_rows)])


def _parts(
    vectors: "ItemVectors", given: Items, argument: str, title_only: bool, unknown: Unknown
) -> tuple[list[Vectors], list[int]]:
    """Return the vectors and the rows of items that were given."""
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
    return arrays, list(found.rows)


def _is_vector(given: object) -> bool:
    """Whether this is one vector, rather than an array of names or of vectors."""
    return isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "fiu"


def _checked(vector: Vectors, size: int) -> Vectors:
    if vector.shape != (size,) or vector.dtype.kind not in "fiu":
        raise ParameterError(
            f"a vector to search by must have the shape ({size},), as those of the model do, not "
            f"{vector.dtype} {vector.shape}"
        )
    if not np.isfinite(vector).all():
        raise ParameterError("a vector to search by holds NaN or infinity: give finite numbers")
    return vector.astype(np.float64)


def _query(
    vectors: "ItemVectors",
    plus: Sequence[Vectors],
    plus_rows: Sequence[int],
    minus: Sequence[Vectors],
    minus_rows: Sequence[int],
) -> Vectors:
    """Return the sum of all parts, of length 1, or of the length to be expected of cold items.

    The vector of a cold item is predicted. What the prediction leaves open is taken to be
    independent between items, so that its squares add up; see `ExactNeighbors`.
    """
    if not (plus or plus_rows or minus or minus_rows):
        raise ParameterError(
            "there is no item to search by that the model has: name one, or give a vector "
            f"({setting('unknown')} may have skipped some)"
        )
    rows = np.array([*plus_rows, *minus_rows], dtype=np.int32)
    signs = _signs(plus_rows, minus_rows)
    unit = vectors.exact_neighbors.unit(rows).astype(np.float64)
    query = signs @ unit + sum(plus) - sum(minus)
    square = query @ query + vectors.exact_neighbors.residual_shares(rows).sum()
    asked_about_zero = len(rows) == 1 and not (plus or minus)
    if square < 1e-12 and not asked_about_zero:
        raise ParameterError(
            "the items or vectors to search by cancel out or are zero, so no item is nearest: "
            "name others"
        )
    scaled: Vectors = (query / np.sqrt(square or 1.0)).astype(np.float32)
    return scaled
