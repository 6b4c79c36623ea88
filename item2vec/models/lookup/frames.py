"""Bulk look-ups for many users or items, as pandas DataFrames.

``frame.attrs["skipped"]`` of each result contains the numbers of skipped users, items, ...; see
`Skipped`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_k
from item2vec._support.messages import counted, setting, shown
from item2vec.errors import ParameterError, UnknownItemError
from item2vec.models.lookup.bulk import folded_in, recommended, similar
from item2vec.models.lookup.columns import Chunk, Coded, objects
from item2vec.models.lookup.item_filter import Allowed, Unknown, find_items
from item2vec.models.lookup.recommendation_lookup import RecommendationLookup
from item2vec.models.lookup.similarity_lookup import SimilarityLookup
from item2vec.models.lookup.skipped import Skipped
from item2vec.models.lookup.user_histories import user_histories
from item2vec.types import Rows

if TYPE_CHECKING:
    import pandas as pd

    Pairs = pd.DataFrame | Sequence[tuple[Sequence[str], str]]


def recommend_frame(
    vectors: RecommendationLookup,
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
    return _frame_of(chunks, skipped)


def similar_frame(
    vectors: SimilarityLookup,
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
            "the first argument of similar_frame is k, a whole number: name the query items with "
            f"items={shown([given] if isinstance(given, str) else given)}"
        )
    check_k(k)
    skipped = Skipped(filter_ids=allowed.n_unknown)
    queries = None if items is None else _query_rows(vectors, items, unknown, skipped)
    chunks = similar(vectors, k, items=queries, rows=allowed.rows, rerank=rerank)
    return _frame_of(chunks, skipped)


def _query_rows(
    vectors: SimilarityLookup, items: Sequence[str], unknown: Unknown, skipped: Skipped
) -> Rows:
    """Return the rows of the named items; count those that the model lacks."""
    found = find_items(vectors, items, "items", unknown=unknown)
    skipped.items = len(found.unknown)
    if len(found.rows) == 0:
        raise ParameterError("the model has none of the items: name at least one that it has")
    return np.array(found.rows, dtype=np.int32)


def user_frame(
    vectors: RecommendationLookup,
    histories: object,
    *,
    unknown: Unknown,
    reading: Mapping[str, Any],
) -> "pd.DataFrame":
    """Return the vectors of many histories; see `ItemVectors.user_frame`."""
    import pandas as pd

    users = user_histories(histories, vectors.vocabulary, unknown=unknown, **reading)
    skipped = Skipped()
    chunks = list(folded_in(vectors, users, skipped))
    ids = np.concatenate([user_ids for user_ids, _ in chunks])
    numbers = np.concatenate([folded for _, folded in chunks])  # (users, vector_size) float32
    frame = pd.DataFrame(numbers, index=pd.Index(ids, name="user"))
    frame.attrs["skipped"] = skipped.to_dict()
    return frame


def score_frame(
    vectors: RecommendationLookup,
    pairs: "Pairs",
    histories: object,
    *,
    unknown: Unknown,
    reading: Mapping[str, Any],
) -> "pd.DataFrame":
    """Return the scores of pairs of histories and items; see `ItemVectors.score_frame`."""
    frame = _pairs_frame(pairs)
    owner = "history" if histories is None else "user"
    owners, names = _column(frame, owner).tolist(), list(map(_as_id, _column(frame, "item")))
    source = owners if histories is None else histories
    users = user_histories(source, vectors.vocabulary, unknown=unknown, **reading)
    skipped = Skipped()
    ((user_ids, packed),) = users.runs(len(users), skipped)
    # By default each pair has its own history, in the order of the pairs.
    own_ids = list(range(len(owners))) if histories is None else _ids_like(user_ids, owners)
    places = {user: place for place, user in enumerate(user_ids.tolist())}
    history = np.array([places.get(user, -1) for user in own_ids], dtype=np.intp)
    items = vectors.vocabulary.rows(names)
    known = (history >= 0) & (items >= 0)
    skipped.pairs = int(np.count_nonzero(~known))
    if skipped.pairs and unknown == "error":
        first = int(np.flatnonzero(~known)[0])
        raise UnknownItemError(
            f"{counted(skipped.pairs, 'pair')} of an unknown {owner} or item, such as "
            f"{shown(owners[first])} with {shown(names[first])}; {setting('unknown', 'skip')} "
            "skips and counts them"
        )
    result = frame.loc[known, [owner, "item"]].copy()
    result["score"] = vectors.score_pairs(packed, history[known], items[known])
    result.attrs["skipped"] = skipped.to_dict()
    return result


def _pairs_frame(pairs: object) -> "pd.DataFrame":
    """Return pairs of a history and an item as a DataFrame with these two columns."""
    import pandas as pd

    if isinstance(pairs, pd.DataFrame):
        return pairs
    listed = list(pairs) if isinstance(pairs, Iterable) and not isinstance(pairs, str) else None
    if listed is None or not all(isinstance(p, tuple | list) and len(p) == 2 for p in listed):
        raise ParameterError(
            'pairs must be a list of (history, item), as in [(["a", "b"], "c")], or a DataFrame '
            f"with the columns history and item, not {shown(pairs)}"
        )
    return pd.DataFrame(
        {
            "history": objects([history for history, _ in listed]),
            "item": [item for _, item in listed],
        }
    )


def _column(pairs: "pd.DataFrame", name: str) -> "pd.Series[Any]":
    """Return a column of the pairs; raise ParameterError if it is missing."""
    if name not in pairs:
        raise ParameterError(
            f"pairs have no column {name!r}: give user and item, and the histories of the users; "
            "or history, a list of items in each row, and item"
        )
    return pairs[name]


def _ids_like(user_ids: npt.NDArray[Any], values: list[Any]) -> list[Any]:
    """Return values as user ids: converted to strings if `user_ids` are strings."""
    return list(map(_as_id, values)) if user_ids.dtype == object else values


def _as_id(value: object) -> str:
    """Return a value as the id that reading a table returns for it: "1" for 1 and for 1.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _frame_of(chunks: Iterator[Chunk], skipped: Skipped) -> "pd.DataFrame":
    """Return all chunks as one DataFrame."""
    import pandas as pd

    parts = list(chunks)

    def column(name: str) -> npt.NDArray[Any]:
        columns = [part[name] for part in parts]
        return np.concatenate([c.texts() if isinstance(c, Coded) else c for c in columns])

    frame = pd.DataFrame({name: column(name) for name in parts[0]})
    frame.attrs["skipped"] = skipped.to_dict()
    return frame
