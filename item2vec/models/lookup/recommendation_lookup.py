"""Recommendations for a single history, as methods of a model."""

from collections.abc import Sequence
from typing import NamedTuple

from item2vec._support.checks import check_k
from item2vec._support.messages import counted, setting
from item2vec.data.histories import Histories
from item2vec.errors import ParameterError
from item2vec.models.lookup.item_filter import Unknown, allowed_items, known_items
from item2vec.models.lookup.named_items import NamedItems
from item2vec.models.scoring_law import VectorScorer
from item2vec.types import Rows, Vectors


class Recommendation(NamedTuple):
    """A recommended item."""

    id: str
    title: str | None
    score: float


class RecommendationLookup(NamedItems, VectorScorer):
    """Recommendations for a history of ids or titles."""

    def fold_in(self, history: Sequence[str], *, title_only: bool = False) -> Vectors:
        """Return the vector h of a history, float32 (vector_size,).

        Raises
        ------
        UnknownItemError
            If one of its items is not in the model.
        ParameterError
            If it is empty: a history without items has no vector.
        """
        vector: Vectors = self.fold_in_rows(self.history(history, title_only))[0]
        return vector

    def recommend(
        self,
        history: Sequence[str],
        k: int = 10,
        *,
        only: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        items_where: str | None = None,
        keep_seen: bool = False,
        next: bool = False,  # noqa: A002
        title_only: bool = False,
        unknown: Unknown = "error",
    ) -> list[Recommendation]:
        """Return the `k` best items for a history, best first.

        Parameters
        ----------
        history : sequence of str
            Items by id or title.
        k : int
            Number of items to return; fewer are returned if fewer pass the filters.
        only, exclude : sequence of str, optional
            The only items that may be recommended, and items that must not.
        items_where : str, optional
            An SQL predicate over the catalogue, such as ``"genres like '%Comedy%'"``; the id is
            the column ``item``.
        keep_seen : bool
            Whether items of the history may be recommended.
        next : bool
            Predict the next item: the history is in time order, latest item last, and each item has
            the weight ``(1 + age) ** -recency``. By default, the order is ignored.
        title_only : bool
            Treat names as titles even if they are also ids.
        unknown : {"error", "skip"}
            Whether a name that the model lacks is an error, or skipped.

        Raises
        ------
        UnknownItemError
            If an item is not in the model.
        ParameterError
            If no item is known, or the filters leave no item.
        """
        allowed = allowed_items(
            self, only=only, exclude=exclude, items_where=items_where, title_only=title_only,
            unknown=unknown,
        ).rows  # fmt: skip
        packed = self._packed(history, title_only=title_only, unknown=unknown, in_order=next)
        return self.recommend_to(packed, k, keep_seen=keep_seen, allowed=allowed)

    def _packed(
        self, history: Sequence[str], *, title_only: bool, unknown: Unknown, in_order: bool
    ) -> Histories:
        """Return a history of ids or titles as one packed history."""
        if unknown == "skip":
            found = known_items(self, history, title_only)
            history, title_only = [self.vocabulary.ids[row] for row in found.rows], False
        return self.history(history, title_only, in_order=in_order)

    def recommend_to(
        self, history: Histories, k: int, *, keep_seen: bool = False, allowed: Rows | None = None
    ) -> list[Recommendation]:
        """Return the `k` best items for one packed history, best first.

        Raises
        ------
        ParameterError
            If the history contains all allowed items.
        """
        check_k(k)
        k = min(k, len(self))
        rows, scores = self.recommend_scored(history, k, keep_seen=keep_seen, allowed=allowed)
        found = rows[0] >= 0
        if allowed is not None and not found.any():
            raise ParameterError(
                f"the filters leave {counted(len(allowed), 'item')}, and the history contains all "
                f"of them: recommend them anyway with {setting('keep_seen', True)}"
            )
        return [
            Recommendation(self.vocabulary.ids[row], self.title(row), score)
            for row, score in zip(rows[0, found].tolist(), scores[0, found].tolist(), strict=True)
        ]
