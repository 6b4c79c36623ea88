"""Bulk look-ups for many users or items, as methods of a model that return DataFrames."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from item2vec.models.lookup import frames
from item2vec.models.lookup.item_filter import Unknown, allowed_items
from item2vec.models.lookup.recommendation_lookup import RecommendationLookup
from item2vec.models.lookup.similarity_lookup import SimilarityLookup

if TYPE_CHECKING:
    import pandas as pd


class BulkLookup(SimilarityLookup, RecommendationLookup):
    """Look-ups for a single item or history, and bulk look-ups for many."""

    def recommend_frame(
        self,
        histories: object,
        k: int = 10,
        *,
        only: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        items_where: str | None = None,
        keep_seen: bool = False,
        next: bool = False,  # noqa: A002
        unknown: Unknown | None = None,
        **reading: Any,
    ) -> "pd.DataFrame":
        """Return the `k` best items for each of many users.

        Parameters
        ----------
        histories : path, pandas.DataFrame, Interactions, Histories, mapping, or list of lists
            A source or a result of `read_interactions`, or lists of item ids: a mapping from user
            to list, or one list per user. A repeated item of a history counts once.
        k : int
            Number of items for each user; fewer are returned if fewer are left.
        only, exclude, items_where, keep_seen
            As in `recommend`.
        next : bool
            Predict the next item, as in `recommend`. Histories are in the order of their times,
            which interactions must contain (``read_interactions(..., keep_times=True)``); lists
            are assumed to be in time order.
        unknown : {"skip", "error"}, optional
            Whether ids that the model lacks are skipped and counted, or an error. By default they
            are skipped in histories and an error in filters.
        **reading
            Options of `read_interactions`, such as ``user="visitor"`` or ``where="rating > 3"``.

        Returns
        -------
        pandas.DataFrame
            Columns user, rank (from 1), item, title (if the model has titles) and score. Users
            without a known item have no rows; ``frame.attrs["skipped"]`` contains the numbers of
            these users, and of items and interactions that the model lacks.
        """
        allowed = allowed_items(
            self, only=only, exclude=exclude, items_where=items_where, unknown=unknown or "error"
        )
        return frames.recommend_frame(
            self, histories, k, unknown=unknown or "skip", allowed=allowed, keep_seen=keep_seen,
            in_order=next, reading=reading,
        )  # fmt: skip

    def similar_frame(
        self,
        k: int = 10,
        *,
        items: Sequence[str] | None = None,
        only: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        items_where: str | None = None,
        unknown: Unknown | None = None,
        rerank: bool = False,
    ) -> "pd.DataFrame":
        """Return the `k` most similar items of every item, or of the named items.

        Parameters
        ----------
        k : int
        items : sequence of str, optional
            Query items, by id or title.
        only, exclude, items_where
            Filters of the neighbors; see `recommend`.
        unknown : {"skip", "error"}, optional
            Whether names that the model lacks are skipped and counted, or an error. By default
            they are skipped in `items` and an error in filters.
        rerank : bool
            Rank by the sum of the cosine and the similarity by the item-item memory; see
            `most_similar`.

        Returns
        -------
        pandas.DataFrame
            Columns item, rank (from 1), neighbor, title (of the neighbor, if the model has
            titles) and cosine; ``frame.attrs["skipped"]`` as in `recommend_frame`.
        """
        allowed = allowed_items(
            self, only=only, exclude=exclude, items_where=items_where, unknown=unknown or "error"
        )
        return frames.similar_frame(
            self, k, items=items, unknown=unknown or "skip", allowed=allowed, rerank=rerank
        )

    def user_frame(
        self, histories: object, *, unknown: Unknown = "skip", **reading: Any
    ) -> "pd.DataFrame":
        """Return the vector h of each user, for instance as features of another model.

        Parameters
        ----------
        histories, unknown, **reading
            As in `recommend_frame`.

        Returns
        -------
        pandas.DataFrame
            One row per user, one column per dimension, float32; the index contains the user ids.
            Users without a known item are skipped and counted in ``frame.attrs["skipped"]``.
        """
        return frames.user_frame(self, histories, unknown=unknown, reading=reading)

    def score_frame(
        self,
        pairs: "pd.DataFrame | Sequence[tuple[Sequence[str], str]]",
        histories: object = None,
        *,
        unknown: Unknown = "skip",
        **reading: Any,
    ) -> "pd.DataFrame":
        """Return the scores of pairs of a user and an item, to rank candidates from elsewhere.

        Parameters
        ----------
        pairs : pandas.DataFrame, or sequence of (history, item)
            With `histories`, a DataFrame with the columns user and item. Without, pairs of a list
            of item ids and an item id, or a DataFrame with the columns history and item.
        histories : optional
            The histories of the users, as in `recommend_frame`.
        unknown, **reading
            As in `recommend_frame`.

        Returns
        -------
        pandas.DataFrame
            The two columns of `pairs`, with their index, and score. Pairs of an unknown item, or
            of a user without a known item, are left out and counted in ``frame.attrs["skipped"]``.
        """
        return frames.score_frame(self, pairs, histories, unknown=unknown, reading=reading)
