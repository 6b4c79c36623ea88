"""Search for similar items, as methods of a model."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from item2vec._support.finite import check_finite
from item2vec._support.messages import setting
from item2vec.errors import ParameterError
from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.lookup import similar
from item2vec.models.lookup.item_filter import Unknown, allowed_items
from item2vec.models.lookup.named_items import NamedItems
from item2vec.models.memory.reranking import RerankedNeighbors, memory_similarities
from item2vec.models.scoring_law import VectorScorer
from item2vec.neighbors.exact import ExactNeighbors, Neighbors, inverse_norms
from item2vec.types import Cosines, Rows, Vectors


class Neighbor(NamedTuple):
    """A similar item."""

    id: str
    title: str | None
    cosine: float


class SimilarityLookup(NamedItems, VectorScorer):
    """Search for similar items by the cosine of their vectors.

    Attributes
    ----------
    feature_fit : FeatureFit or None
        Contains the residual variance of predicted item vectors.
    """

    feature_fit: FeatureFit | None

    def most_similar(
        self,
        positive: similar.Items = (),
        k: int = 10,
        *,
        negative: similar.Items = (),
        only: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        items_where: str | None = None,
        title_only: bool = False,
        unknown: Unknown = "error",
        index: Neighbors | None = None,
        rerank: bool = False,
    ) -> list[Neighbor]:
        """Return the items with the largest cosine with an item, several items, or a vector.

        The query is the mean of the unit vectors of `positive` and of the negated unit vectors of
        `negative`, as in gensim's ``KeyedVectors``. The named items themselves are not returned.

        Parameters
        ----------
        positive, negative : str, array of shape (vector_size,), or a list of these
            Items by id or title, or vectors, such as one that `fold_in` returns.
        k : int
            Number of items to return.
        only, exclude, items_where, title_only, unknown
            As in `recommend`.
        index : Neighbors, optional
            An index to search for a single item without filters; all other searches are exact.
        rerank : bool
            Rank by the sum of the cosine and the similarity by the item-item memory, which finds
            more of the related items. The returned values are still the cosines.

        Raises
        ------
        UnknownItemError
            If an item is not in the model.
        ParameterError
            If no item is left, `positive` and `negative` cancel out, or there is no memory.
        """
        among = allowed_items(
            self, only=only, exclude=exclude, items_where=items_where, title_only=title_only,
            unknown=unknown,
        ).rows  # fmt: skip
        rows, cosines = similar.most_similar(
            self, positive, negative, k, title_only=title_only, unknown=unknown, index=index,
            among=among, rerank=rerank,
        )  # fmt: skip
        return self.neighbors(rows, cosines)

    def neighbors(self, rows: Rows, cosines: Cosines) -> list[Neighbor]:
        """Return the items in these rows with their titles; rows of -1 are left out."""
        return [
            Neighbor(self.vocabulary.ids[row], self.title(row), cosine)
            for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True)
            if row >= 0
        ]

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two items' vectors, in [-1, 1]; 0 if one of them is zero."""
        rows = [self.find(first), self.find(second)]
        pair = self.item_vectors[rows]  # (2, vector_size) float32
        check_finite({"item_vectors": pair}, [first, second])
        if rows[0] == rows[1]:
            return float(pair[0].any())
        variance = self._residual_variance
        unit = pair * inverse_norms(pair, None if variance is None else variance[rows])[:, None]
        return float(np.clip(unit[0] @ unit[1], -1, 1))

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items whose vectors are nearest to each of `rows`, int32 (m, k)."""
        return self.exact_neighbors.neighbors(rows, k)[0]

    @cached_property
    def exact_neighbors(self) -> ExactNeighbors:
        """Exact search over the item vectors; for cold items, by expected cosines."""
        return ExactNeighbors(self.item_vectors, self._residual_variance)

    @cached_property
    def reranked_neighbors(self) -> RerankedNeighbors:
        """Exact search ranked by the sum of cosine and similarity by the item-item memory.

        Raises
        ------
        ParameterError
            If there is no memory.
        DataError
            If a weight of the memory is not finite.
        """
        if self.memory is None:
            raise ParameterError(
                f"the model has no item-item memory to rank by: leave out {setting('rerank')}, or "
                f"train with a memory ({setting('memory', 100)})"
            )
        _ = self._is_scorable
        return RerankedNeighbors(self.exact_neighbors, memory_similarities(self.memory))

    def reranked(self) -> RerankedNeighbors | None:
        """Return `reranked_neighbors`; None without a memory."""
        return None if self.memory is None else self.reranked_neighbors

    @property
    def n_cold(self) -> int:
        """Number of cold items: items without interactions, whose vectors are predicted."""
        return int(np.count_nonzero(self.vocabulary.counts == 0))

    @property
    def _residual_variance(self) -> Vectors | None:
        """Residual variance of each item vector, (n_items,) float32; None if no item is cold."""
        if self.n_cold == 0:
            return None
        fit = self.feature_fit
        variance = 0.0 if fit is None else fit.residual_variance.get("item_vectors", 0.0)
        return np.where(self.vocabulary.counts == 0, variance, 0.0).astype(np.float32)
