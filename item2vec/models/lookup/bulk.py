"""Bulk look-ups for many users or items, as a stream of chunks of columns.

A chunk contains the results for several thousand users or items, so results of any size can be
written to a file with little memory.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_k
from item2vec._support.finite import check_finite
from item2vec.models.lookup.columns import Chunk, Coded, Column, ItemColumns
from item2vec.models.lookup.recommendation_lookup import RecommendationLookup
from item2vec.models.lookup.similarity_lookup import SimilarityLookup
from item2vec.models.lookup.skipped import Skipped
from item2vec.models.lookup.user_histories import UserHistories
from item2vec.neighbors.exact import Neighbors
from item2vec.types import Progress, Rows, Scores, Vectors

# Maximum numbers of users and of result rows in a chunk.
CHUNK_USERS, CHUNK_ROWS = 1 << 14, 1 << 20
CHUNK_ITEMS = 1 << 12  # items whose neighbors are searched at a time
CHUNK_NUMBERS = 1 << 20  # numbers of vectors in a chunk


def recommended(
    vectors: RecommendationLookup,
    users: UserHistories,
    k: int,
    *,
    rows: Rows | None = None,
    keep_seen: bool = False,
    skipped: Skipped,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """Yield the recommendations for many users: columns user, rank, item, title, score.

    Parameters
    ----------
    vectors : RecommendationLookup
    users : UserHistories
    k : int
    rows : array of int32, optional
        Rows of the items that may be recommended, in ascending order; all items by default.
    keep_seen : bool
        Whether items of a history may be recommended to it.
    skipped : Skipped
        Counts of skipped users, items and interactions, which are updated.
    progress : Progress, optional
        Called with the number of users processed so far and the number of all users.
    """
    check_k(k)
    columns = ItemColumns(vectors)
    k = min(k, len(vectors))
    for user_ids, histories in users.runs(_per_chunk(k), skipped, progress):
        found, scores = vectors.recommend_scored(histories, k, keep_seen=keep_seen, allowed=rows)
        is_item = found >= 0  # (users, k) bool
        history, place = np.nonzero(is_item)
        items = found[is_item]
        skipped.users_without_items_left += int(np.count_nonzero(~is_item.any(axis=1)))
        yield {
            "user": _user_column(user_ids, history),
            "rank": (place + 1).astype(np.int32),
            "item": columns.id(items),
            **columns.title(items),
            "score": scores[is_item],
        }


def similar(
    vectors: SimilarityLookup,
    k: int,
    *,
    items: Rows | None = None,
    rows: Rows | None = None,
    index: Neighbors | None = None,
    rerank: bool = False,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """Yield the most similar items of many items: columns item, rank, neighbor, title, cosine.

    Parameters
    ----------
    vectors : SimilarityLookup
    k : int
    items : array of int32, optional
        Rows of the query items; all items by default.
    rows : array of int32, optional
        Rows of the items that may be returned, in ascending order; the search is then exact.
    index : Neighbors, optional
        An index to search instead of all items.
    rerank : bool
        Rank by the sum of the cosine and the similarity by the item-item memory; the search is then
        exact.
    progress : Progress, optional
        Called with the number of items processed so far and the number of all items.
    """
    check_k(k)
    columns = ItemColumns(vectors)
    queries = np.arange(len(vectors), dtype=np.int32) if items is None else items
    k = min(k, len(vectors))
    step = max(1, min(CHUNK_ITEMS, CHUNK_ROWS // k))
    for start in range(0, len(queries), step):
        run = queries[start : start + step]
        found, cosines = _neighbors(vectors, run, k, rows, index, rerank)
        is_item = found >= 0  # (queries, k) bool
        query, place = np.nonzero(is_item)
        yield {
            "item": columns.id(run[query]),
            "rank": (place + 1).astype(np.int32),
            "neighbor": columns.id(found[is_item]),
            **columns.title(found[is_item]),
            "cosine": cosines[is_item],
        }
        if progress is not None:
            progress(min(start + step, len(queries)), len(queries))


def item_vectors(vectors: SimilarityLookup) -> Iterator[Chunk]:
    """Yield the vectors of all items: columns item, v0, v1, ..."""
    columns = ItemColumns(vectors)
    step = max(1, CHUNK_NUMBERS // vectors.vector_size)
    for start in range(0, len(vectors), step):
        block = np.asarray(vectors.item_vectors[start : start + step])
        ids = vectors.vocabulary.ids[start : start + step]
        check_finite({"item_vectors": block}, ids)
        rows = np.arange(start, start + len(block), dtype=np.int32)
        yield {"item": columns.id(rows), **_dimensions(block)}


def user_vectors(
    vectors: RecommendationLookup,
    users: UserHistories,
    *,
    skipped: Skipped,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """Yield the vectors of many users' histories: columns user, v0, v1, ..."""
    for user_ids, folded in folded_in(vectors, users, skipped, progress):
        yield {"user": _user_column(user_ids, np.arange(len(folded))), **_dimensions(folded)}


def _neighbors(
    vectors: SimilarityLookup,
    items: Rows,
    k: int,
    rows: Rows | None,
    index: Neighbors | None,
    rerank: bool,
) -> tuple[Rows, Scores]:
    """Return the neighbors of items, int32 (m, k), padded with -1, and their cosines."""
    if rerank:
        return vectors.reranked_neighbors.neighbors(items, k, among=rows)
    if rows is None:
        return (index or vectors.exact_neighbors).neighbors(items, k)
    exact = vectors.exact_neighbors
    itself = items, np.arange(len(items) + 1, dtype=np.int64)
    return exact.nearest_to(exact.unit(items), k, hidden=itself, among=rows)


def folded_in(
    vectors: RecommendationLookup,
    users: UserHistories,
    skipped: Skipped,
    progress: Progress | None = None,
) -> Iterator[tuple[npt.NDArray[Any], Vectors]]:
    """Yield chunks of user ids, (u,), and the vectors of their histories, (u, vector_size)."""
    for user_ids, histories in users.runs(_per_chunk(vectors.vector_size), skipped, progress):
        yield user_ids, vectors.fold_in_rows(histories)


def _per_chunk(width: int) -> int:
    """Return the number of users per chunk if each user has `width` rows or numbers."""
    return max(1, min(CHUNK_USERS, CHUNK_ROWS // width))


def _dimensions(block: Vectors) -> dict[str, Column]:
    """Return a column for each dimension of a block of vectors."""
    return {f"v{place}": block[:, place] for place in range(block.shape[1])}


def _user_column(user_ids: npt.NDArray[Any], places: npt.NDArray[np.intp]) -> Column:
    """Return the ids of the users at these places as a column."""
    return Coded(places, user_ids) if user_ids.dtype == object else user_ids[places]
