"""Look-ups for many users or items at once, chunk by chunk, as columns or as DataFrames.

A chunk holds what is found for some thousands of users or items, so that a result of any size can
be written to a file with little memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_k
from item2vec._support.finite import check_finite
from item2vec._support.messages import counted, setting, shown
from item2vec._support.progress import Progress
from item2vec.errors import ParameterError, UnknownItemError
from item2vec.models.lookup.item_filter import Allowed, Unknown, find_items
from item2vec.models.lookup.pair_scores import pair_scores
from item2vec.models.lookup.user_histories import Skipped, UserHistories, user_histories
from item2vec.neighbors.exact import Neighbors
from item2vec.types import Rows, Scores

if TYPE_CHECKING:
    import pandas as pd

    from item2vec.models.item_vectors import ItemVectors

CHUNK_USERS, CHUNK_ROWS = 1 << 14, 1 << 20  # at most so many users, or rows of a result, in a chunk
CHUNK_ITEMS = 1 << 12  # items whose neighbours are searched at a time
CHUNK_NUMBERS = 1 << 20  # numbers of vectors in a chunk


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of texts, each a place in a list of different values; -1 stands for none."""

    codes: npt.NDArray[Any]
    values: npt.NDArray[np.object_]

    def texts(self) -> npt.NDArray[np.object_]:
        """Return the texts themselves, with None where there is none."""
        texts: npt.NDArray[np.object_] = _objects([*self.values, None])[self.codes]
        return texts


Column = Coded | npt.NDArray[Any]
Chunk = Mapping[str, Column]


class ItemColumns:
    """Columns of ids and titles, by the rows of the items.

    Parameters
    ----------
    vectors : ItemVectors
    """

    def __init__(self, vectors: "ItemVectors") -> None:
        self.ids = _objects(vectors.vocabulary.ids)
        self._title_codes: Rows | None = None
        if (titles := vectors.catalogue.titles) is not None:
            places = {title: place for place, title in enumerate(dict.fromkeys(titles))}
            codes = [places[title] if title else -1 for title in titles]
            self._title_codes = np.array(codes, dtype=np.int32)
            self._titles = _objects(list(places))

    def id(self, rows: Rows) -> Coded:
        """Return the ids of items."""
        return Coded(rows, self.ids)

    def title(self, rows: Rows) -> dict[str, Column]:
        """Return a column of titles, if the model has titles."""
        if self._title_codes is None:
            return {}
        return {"title": Coded(self._title_codes[rows], self._titles)}


def recommended(
    vectors: "ItemVectors",
    users: UserHistories,
    k: int,
    *,
    rows: Rows | None = None,
    keep_seen: bool = False,
    skipped: Skipped,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """Give the recommendations for many users: columns user, rank, item, title, score.

    Parameters
    ----------
    vectors : ItemVectors
    users : UserHistories
    k : int
    rows : array of int32, optional
        The only items to recommend, in rising order.
    keep_seen : bool
        Whether the items of a history may be recommended to it.
    skipped : Skipped
        Counts what is skipped.
    progress : Progress, optional
        Called with the users that are done, and all.
    """
    check_k(k)
    columns = ItemColumns(vectors)
    k = min(k, len(vectors))
    for user_ids, histories in users.runs(_per_chunk(k), skipped, progress):
        found, scores = vectors.recommend_scored(histories, k, keep_seen=keep_seen, allowed=rows)
        there = found >= 0
        history, place = np.nonzero(there)
        items = found[there]
        skipped.users_without_items_left += int(np.count_nonzero(~there.any(axis=1)))
        yield {
            "user": _users(user_ids, history),
            "rank": (place + 1).astype(np.int32),
            "item": columns.id(items),
            **columns.title(items),
            "score": scores[there],
        }


def similar(
    vectors: "ItemVectors",
    k: int,
    *,
    items: Rows | None = None,
    rows: Rows | None = None,
    index: Neighbors | None = None,
    rerank: bool = False,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """Give the nearest items of many items: columns item, rank, neighbor, title, cosine.

    Parameters
    ----------
    vectors : ItemVectors
    k : int
    items : array of int32, optional
        The items asked about; all by default.
    rows : array of int32, optional
        The only items to return, in rising order; the search is then exact.
    index : Neighbors, optional
        Search there instead of exactly.
    rerank : bool
        Rank by the cosine and the memory; the search is then exact.
    progress : Progress, optional
        Called with the items that are done, and all.
    """
    check_k(k)
    columns = ItemColumns(vectors)
    asked = np.arange(len(vectors), dtype=np.int32) if items is None else items
    k = min(k, len(vectors))
    step = max(1, min(CHUNK_ITEMS, CHUNK_ROWS // k))
    for start in range(0, len(asked), step):
        run = asked[start : start + step]
        found, cosines = _neighbors(vectors, run, k, rows, index, rerank)
        there = found >= 0
        item, place = np.nonzero(there)
        yield {
            "item": columns.id(run[item]),
            "rank": (place + 1).astype(np.int32),
            "neighbor": columns.id(found[there]),
            **columns.title(found[there]),
            "cosine": cosines[there],
        }
        if progress is not None:
            progress(min(start + step, len(asked)), len(asked))


def item_vectors(vectors: "ItemVectors") -> Iterator[Chunk]:
    """Give the vectors of all items: columns item, v0, v1, ..."""
    columns = ItemColumns(vectors)
    step = max(1, CHUNK_NUMBERS // vectors.vector_size)
    for start in range(0, len(vectors), step):
        block = np.asarray(vectors.item_vectors[start : start + step])
        ids = vectors.vocabulary.ids[start : start + step]
        check_finite({"item_vectors": block}, ids)
        rows = np.arange(start, start + len(block), dtype=np.int32)
        yield {"item": columns.id(rows), **_dimensions(block)}


def user_vectors(
    vectors: "ItemVectors",
    users: UserHistories,
    *,
    skipped: Skipped,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """Give the vectors of many histories: columns user, v0, v1, ..."""
    for user_ids, folded in _folded(vectors, users, skipped, progress):
        yield {"user": _users(user_ids, np.arange(len(folded))), **_dimensions(folded)}


# -- DataFrames ---------------------------------------------------------------------------------


def recommend_frame(
    vectors: "ItemVectors",
    histories: object,
    k: int,
    *,
    unknown: Unknown,
    allowed: Allowed,
    keep_seen: bool,
    in_order: bool,
    reading: Mapping[str, Any],
) -> "pd.DataFrame":
    """Return recommendations for many users; see `ItemVectors.recommend_frame`."""
    check_k(k)
    users = user_histories(
        histories, vectors.vocabulary, unknown=unknown, in_order=in_order, **reading
    )
    skipped = Skipped(filter_ids=allowed.n_unknown)
    chunks = recommended(vectors, users, k, rows=allowed.rows, keep_seen=keep_seen, skipped=skipped)
    return _framed(chunks, skipped)


def similar_frame(
    vectors: "ItemVectors",
    k: int,
    *,
    items: Sequence[str] | None,
    unknown: Unknown,
    allowed: Allowed,
    rerank: bool,
) -> "pd.DataFrame":
    """Return the nearest items of many items; see `ItemVectors.similar_frame`."""
    given: object = k
    if isinstance(given, Iterable):
        raise ParameterError(
            "similar_frame takes k first, which is a whole number; name the items that are asked "
            f"about with items={shown([given] if isinstance(given, str) else given)}"
        )
    check_k(k)
    skipped = Skipped(filter_ids=allowed.n_unknown)
    asked = None
    if items is not None:
        named = find_items(vectors, items, "items", unknown=unknown)
        skipped.items = len(named.unknown)
        asked = np.array(named.rows, dtype=np.int32)
        if len(asked) == 0:
            raise ParameterError("the model knows none of the items: name at least one that it has")
    return _framed(similar(vectors, k, items=asked, rows=allowed.rows, rerank=rerank), skipped)


def user_frame(
    vectors: "ItemVectors", histories: object, *, unknown: Unknown, reading: Mapping[str, Any]
) -> "pd.DataFrame":
    """Return the vectors of many histories; see `ItemVectors.user_frame`."""
    import pandas as pd

    users = user_histories(histories, vectors.vocabulary, unknown=unknown, **reading)
    skipped = Skipped()
    runs = list(_folded(vectors, users, skipped))
    ids = np.concatenate([user_ids for user_ids, _ in runs])
    numbers = np.concatenate([folded for _, folded in runs])
    frame = pd.DataFrame(numbers, index=pd.Index(ids, name="user"))
    frame.attrs["skipped"] = skipped.to_dict()
    return frame


def score_frame(
    vectors: "ItemVectors",
    pairs: "pd.DataFrame | Sequence[tuple[Sequence[str], str]]",
    histories: object,
    *,
    unknown: Unknown,
    reading: Mapping[str, Any],
) -> "pd.DataFrame":
    """Return the scores of pairs of histories and items; see `ItemVectors.score_frame`."""
    import pandas as pd

    if not isinstance(pairs, pd.DataFrame):
        pairs = _paired(pairs)
    owner = "history" if histories is None else "user"
    own, names = _column(pairs, owner).tolist(), list(map(_as_id, _column(pairs, "item")))
    source = own if histories is None else histories
    users = user_histories(source, vectors.vocabulary, unknown=unknown, **reading)
    skipped = Skipped()
    ((user_ids, packed),) = users.runs(len(users), skipped)
    places = {user: place for place, user in enumerate(user_ids.tolist())}
    if histories is None:
        asked: Sequence[object] = range(len(own))
    else:
        asked = list(map(_as_id, own)) if user_ids.dtype == object else own
    history = np.array([places.get(user, -1) for user in asked], dtype=np.intp)
    items = vectors.vocabulary.rows(names)
    known = (history >= 0) & (items >= 0)
    skipped.pairs = int(np.count_nonzero(~known))
    if skipped.pairs and unknown == "error":
        first = int(np.flatnonzero(~known)[0])
        raise UnknownItemError(
            f"{counted(skipped.pairs, 'pair')} of an unknown {owner} or item, such as "
            f"{shown(own[first])} with {shown(names[first])}; {setting('unknown', 'skip')} skips "
            "and counts them"
        )
    result = pairs.loc[known, [owner, "item"]].copy()
    result["score"] = pair_scores(vectors, packed, history[known], items[known])
    result.attrs["skipped"] = skipped.to_dict()
    return result


def _paired(pairs: object) -> "pd.DataFrame":
    """Return pairs of a history and an item as a DataFrame of two columns."""
    import pandas as pd

    listed = list(pairs) if isinstance(pairs, Iterable) and not isinstance(pairs, str) else None
    if listed is None or not all(isinstance(p, tuple | list) and len(p) == 2 for p in listed):
        raise ParameterError(
            'pairs must be a list of (history, item), as in [(["a", "b"], "c")], or a DataFrame '
            f"with the columns history and item, not {shown(pairs)}"
        )
    return pd.DataFrame(
        {"history": _objects([history for history, _ in listed]), "item": [i for _, i in listed]}
    )


def _framed(chunks: Iterator[Chunk], skipped: Skipped) -> "pd.DataFrame":
    """Return all chunks as one DataFrame, which holds what was skipped in its attributes."""
    import pandas as pd

    parts = list(chunks)

    def column(name: str) -> npt.NDArray[Any]:
        columns = [part[name] for part in parts]
        return np.concatenate([c.texts() if isinstance(c, Coded) else c for c in columns])

    frame = pd.DataFrame({name: column(name) for name in parts[0]})
    frame.attrs["skipped"] = skipped.to_dict()
    return frame


def _neighbors(
    vectors: "ItemVectors",
    items: Rows,
    k: int,
    rows: Rows | None,
    index: Neighbors | None,
    rerank: bool,
) -> tuple[Rows, Scores]:
    if rerank:
        return vectors.reranked_neighbors.neighbors(items, k, among=rows)
    if rows is None:
        return (index or vectors.exact_neighbors).neighbors(items, k)
    exact = vectors.exact_neighbors
    own = items, np.arange(len(items) + 1, dtype=np.int64)
    return exact.nearest_to(exact.unit(items), k, hidden=own, among=rows)


def _folded(
    vectors: "ItemVectors",
    users: UserHistories,
    skipped: Skipped,
    progress: Progress | None = None,
) -> Iterator[tuple[npt.NDArray[Any], Scores]]:
    for user_ids, histories in users.runs(_per_chunk(vectors.vector_size), skipped, progress):
        yield user_ids, vectors.fold_in_rows(histories)


def _per_chunk(width: int) -> int:
    """Return how many users a chunk takes where each has `width` rows or numbers."""
    return max(1, min(CHUNK_USERS, CHUNK_ROWS // width))


def _dimensions(block: Scores) -> dict[str, Column]:
    return {f"v{place}": block[:, place] for place in range(block.shape[1])}


def _users(user_ids: npt.NDArray[Any], places: npt.NDArray[np.intp]) -> Column:
    """Return the ids of users, each as often as its place occurs."""
    return Coded(places, user_ids) if user_ids.dtype == object else user_ids[places]


def _column(pairs: "pd.DataFrame", name: str) -> "pd.Series[Any]":
    if name not in pairs:
        raise ParameterError(
            f"pairs have no column {name!r}: give user and item, and the histories of the users; "
            "or history, a list of items in each row, and item"
        )
    return pairs[name]


def _as_id(value: object) -> str:
    """Return a value as the id that reading makes of it: "1" for 1 and for 1.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _objects(values: Sequence[object]) -> npt.NDArray[np.object_]:
    result = np.empty(len(values), dtype=object)
    result[:] = list(values)
    return result
