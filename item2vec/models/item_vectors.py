"""Item vectors: fold in, score, recommend, most similar; one scoring law for every trainer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_k
from item2vec._support.finite import SCORABLE, check_finite, is_finite
from item2vec._support.frozen_arrays import freeze_arrays
from item2vec._support.messages import counted, either, setting, shown
from item2vec._support.top_k import places_in, rows_at
from item2vec._support.top_k_of_products import top_k_of_products
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.history_sketch import HistorySketch
from item2vec.data.packed import blocks
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.models.cold_items.feature_map import FeatureMap
from item2vec.models.lookup import bulk, similar
from item2vec.models.lookup.item_filter import Unknown, allowed_items, known_items
from item2vec.models.lookup.named_items import NamedItems
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.recommender import MemoryRecommender
from item2vec.models.memory.reranking import RerankedNeighbors, memory_similarities
from item2vec.models.metadata import check_metadata, is_number
from item2vec.models.recommender import ScoringRecommender, check_vocabulary
from item2vec.neighbors.exact import ExactNeighbors, Neighbors, inverse_norms
from item2vec.types import Cosines, Rows, Scores, Vectors

if TYPE_CHECKING:
    import gensim
    import pandas as pd

    from item2vec.reading.paths import Source

ARRAYS = ("item_vectors", "context_vectors", "bias")

# Fold-in gathers the vectors of this many items at a time: as many as a core's cache holds.
FOLD_IN_ITEMS = 1 << 10
MOST_RECENCY = 10.0  # beyond it, nothing but the latest items has a weight
# For fewer histories it does not pay to arrange the items for tiles; more take too much memory.
FEW_HISTORIES, BLOCK_HISTORIES = 64, 1 << 15


class Neighbor(NamedTuple):
    """An item near another one."""

    id: str
    title: str | None
    cosine: float


class Recommendation(NamedTuple):
    """An item that a history suggests."""

    id: str
    title: str | None
    score: float


@dataclass(frozen=True, eq=False, repr=False)
class ItemVectors(NamedItems, ScoringRecommender):
    """What a trainer learned: one vector for every item as input, one as label, and a bias.

    For a history with n known items, ``h = sum(item_vectors[i]) / n ** power`` and the score of
    item j is ``h @ context_vectors[j] + bias[j]``, and what a memory adds, if there is one. With
    no known item h = 0 and the bias ranks. Similar items are found by the cosine of `item_vectors`.

    Where histories are in order (see `Histories.moments`), and what comes next is asked for, an
    item weighs ``w = (1 + age) ** -recency``, its age being the number of moments of the history
    that come after it. Then ``h = sum(w[i] * item_vectors[i]) / sum(w) ** power``, and the memory
    likewise.

    An item is named by its id or, where titles are known, by its title.

    Parameters
    ----------
    vocabulary : Vocabulary
        Item id ↔ row.
    item_vectors : array of shape (n_items, vector_size), float32
        The embedding layer (word2vec's input matrix).
    context_vectors : array of shape (n_items, vector_size), float32
        The logit layer (word2vec's output matrix).
    bias : array of shape (n_items,), float32
    power : float
        The p of n^p: 1 takes the mean of the vectors of a history, 0 their sum.
    catalogue : Catalogue, optional
        Titles, genres, ... of the items; aligned with the vocabulary here.
    metadata : mapping, optional
        How the vectors were made: trainer, parameters, seed, what was read. JSON only.
    memory : Memory, optional
        Weights between items that are added to the score: ``sum(memory[i, j]) / n ** power``; see
        `Memory`.
    sketch : HistorySketch, optional
        A few bits of the digests of a sample of the training histories, so that an evaluation on
        them is noticed. ``dataclasses.replace(vectors, sketch=None)`` leaves it out.
    recency : float
        The exponent with which items of histories in order lose weight with age, 0 or more; 0: all
        items weigh the same.

    Raises
    ------
    DataError
        If the arrays do not fit each other or the vocabulary, or a number that answers depend on
        (`power`, `recency`, an entry of `metadata`) has a wrong type. Whether the numbers in the
        arrays are finite is checked where an answer is made of them, and when they are saved.

    Examples
    --------
    >>> vocabulary = Vocabulary.from_counts(["a", "b", "c"], [3, 2, 1])
    >>> items = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    >>> vectors = ItemVectors(vocabulary, items, items, np.zeros(3, np.float32), power=1.0)
    >>> vectors.most_similar("a", k=1)[0].id, round(vectors.similarity("a", "b"), 3)
    ('b', 0.8)
    >>> [r.id for r in vectors.recommend(["a"], k=2)]
    ['b', 'c']
    """

    vocabulary: Vocabulary
    item_vectors: Vectors
    context_vectors: Vectors
    bias: Vectors
    power: float
    catalogue: Catalogue = field(default_factory=lambda: Catalogue((), {}))
    metadata: Mapping[str, Any] = field(default_factory=dict)
    memory: Memory | None = None
    sketch: HistorySketch | None = None
    recency: float = 0.0

    def __post_init__(self) -> None:
        n = len(self.vocabulary)
        size = self.item_vectors.shape[-1]
        shapes = {"item_vectors": (n, size), "context_vectors": (n, size), "bias": (n,)}
        freeze_arrays(self, shapes)
        if not is_number(self.power) or not 0 <= self.power <= 1:
            raise DataError(f"power must be a number in 0 ... 1, not {shown(self.power)}")
        if not is_number(self.recency) or not 0 <= self.recency <= MOST_RECENCY:
            raise DataError(
                f"recency must be a number in 0 ... {MOST_RECENCY:.0f}, not {shown(self.recency)}"
            )
        object.__setattr__(self, "power", float(self.power))
        object.__setattr__(self, "recency", float(self.recency))
        check_metadata(self.metadata)
        if self.memory is not None and len(self.memory) != n:
            raise DataError(f"a memory of {len(self.memory)} items beside vectors of {n}")
        if self.catalogue.ids != self.vocabulary.ids:
            object.__setattr__(self, "catalogue", self.catalogue.aligned(self.vocabulary.ids))

    # -- what is in it ------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"ItemVectors of {len(self)} items in {self.vector_size} dimensions"

    @property
    def vector_size(self) -> int:
        """The number of dimensions of a vector."""
        return int(self.item_vectors.shape[1])

    def __getitem__(self, name: str) -> Vectors:
        """Return the vector of an item, float32 (vector_size,)."""
        row = self.find(name)
        vector: Vectors = self.item_vectors[row]
        check_finite({"item_vectors": vector[None]}, [self.vocabulary.ids[row]])
        return vector

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return all numbers that were learned, by the name that messages give them."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return arrays if self.memory is None else arrays | self.memory.arrays()

    @cached_property
    def _can_score(self) -> bool:
        """True; DataError where an item could not be scored. Every score takes these numbers."""
        arrays = self.arrays()
        del arrays["item_vectors"]  # a history takes few of them: `fold_in_rows` checks the result
        check_finite(arrays, self.vocabulary.ids, below=SCORABLE)
        return True

    # -- similar items ------------------------------------------------------------------------

    @cached_property
    def exact_neighbors(self) -> ExactNeighbors:
        """The exact search over these item vectors; of cold ones, by the cosine to be expected."""
        return ExactNeighbors(self.item_vectors, self._unknown)

    @property
    def n_cold(self) -> int:
        """How many items nobody has watched: their vectors are told by features."""
        return int(np.count_nonzero(self.vocabulary.counts == 0))

    @property
    def _unknown(self) -> Vectors | None:
        """What is open of each item vector; None where all come of histories."""
        if self.n_cold == 0:
            return None
        variance = self.metadata.get("residual_variance", {}).get("item_vectors", 0.0)
        return np.where(self.vocabulary.counts == 0, variance, 0.0).astype(np.float32)

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
        """Return the items with the largest cosine with an item, several, or a vector.

        The query is the mean of the unit vectors of `positive` and of those of `negative` times
        -1, as in gensim's ``KeyedVectors.most_similar``. The items that are named are never
        returned.

        Parameters
        ----------
        positive, negative : str, array of shape (vector_size,), or a list of these
            Items by id or title, or vectors, such as one that `fold_in` returns.
        k : int
            How many items to return.
        only, exclude, items_where
            Filters, applied before the `k` nearest are chosen; see `recommend`.
        title_only : bool
            Take names as titles even where they are also ids.
        unknown : {"error", "skip"}
            Whether a name that the model lacks is an error, or skipped.
        index : Neighbors, optional
            Search there (an Annoy index, say) instead of exactly, where one item is asked about
            and nothing is filtered. All other searches are exact.
        rerank : bool
            Rank by the sum of the cosine and the similarity by the item-item memory, which finds
            more of the items that belong together. Cosines are returned all the same.

        Raises
        ------
        UnknownItemError
            If an item is not in the model.
        ParameterError
            If a filter leaves no item, what is asked about cancels out, or there is no memory to
            rank by.
        """
        allowed = allowed_items(
            self,
            only=only,
            exclude=exclude,
            items_where=items_where,
            title_only=title_only,
            unknown=unknown,
        )
        return self.neighbors(
            *similar.most_similar(
                self,
                positive,
                negative,
                k,
                title_only=title_only,
                unknown=unknown,
                index=index,
                among=allowed.rows,
                rerank=rerank,
            )
        )

    def neighbors(self, rows: Rows, cosines: Cosines) -> list[Neighbor]:
        """Return the items in these rows, with their titles; -1 is left out."""
        return [
            Neighbor(self.vocabulary.ids[row], self.title(row), cosine)
            for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True)
            if row >= 0
        ]

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two items' vectors, in [-1, 1]; 0 where one of them is zero."""
        rows = [self.find(first), self.find(second)]
        check_finite({"item_vectors": self.item_vectors[rows]}, [first, second])
        if rows[0] == rows[1]:
            return float(self.item_vectors[rows[0]].any())
        pair, unknown = self.item_vectors[rows], self._unknown
        unit = pair * inverse_norms(pair, None if unknown is None else unknown[rows])[:, None]
        return float(np.clip(unit[0] @ unit[1], -1, 1))

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items whose vectors are nearest to each of `rows`, int32 (m, k)."""
        return self.exact_neighbors.neighbors(rows, k)[0]

    @cached_property
    def reranked_neighbors(self) -> RerankedNeighbors:
        """The exact search ranked by cosine and memory.

        Raises
        ------
        ParameterError
            If there is no memory.
        DataError
            If a weight of it is not finite.
        """
        if self.memory is None:
            raise ParameterError(
                f"the model has no item-item memory to rank by: leave out {setting('rerank')}, or "
                f"train with a memory ({setting('memory', 100)})"
            )
        _ = self._can_score
        return RerankedNeighbors(self.exact_neighbors, memory_similarities(self.memory))

    def reranked(self) -> RerankedNeighbors | None:
        """Return the exact search ranked by cosine and memory; None without a memory."""
        return None if self.memory is None else self.reranked_neighbors

    # -- histories ----------------------------------------------------------------------------

    def fold_in(self, history: Sequence[str], *, title_only: bool = False) -> Vectors:
        """Return the vector h of a history, float32 (vector_size,).

        Raises
        ------
        UnknownItemError
            If an item of it is not in the model.
        ParameterError
            If it is empty: a history without items has no vector.
        """
        vector: Vectors = self.fold_in_rows(self.history(history, title_only))[0]
        return vector

    def fold_in_rows(self, histories: Histories) -> Vectors:
        """Return the vectors of many histories, float32 (m, vector_size).

        Raises
        ------
        DataError
            If the histories are of another vocabulary, or a vector that they need is damaged.
        """
        check_vocabulary(histories, self.vocabulary)
        histories = histories.known()
        weights = histories.age_weights(self.recency)
        result = np.zeros((len(histories), self.vector_size), dtype=np.float32)
        for start, stop in blocks(histories.offsets, FOLD_IN_ITEMS):
            full = start + np.flatnonzero(histories.lengths[start:stop])  # reduceat needs an item
            if len(full):
                run = slice(histories.offsets[start], histories.offsets[stop])
                begins = histories.offsets[full] - histories.offsets[start]
                vectors = self.item_vectors[histories.items[run]]
                if weights is not None:
                    vectors = vectors * weights[run, None]
                result[full] = np.add.reduceat(vectors, begins, axis=0)
        if not is_finite(result, below=SCORABLE):  # then the item is looked for
            arrays = {"item_vectors": self.item_vectors}
            check_finite(arrays, self.vocabulary.ids, below=SCORABLE)
        return result / histories.total_weights(weights)[:, None] ** self.power

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        scores = self.fold_in_rows(histories) @ self.context_vectors.T
        scores += self.bias
        if self.memory is not None:
            scores += self.memory.score_rows(
                histories.known(), power=self.power, recency=self.recency
            )
        return scores

    def parts(self) -> dict[str, ScoringRecommender]:
        """Return the vectors and the memory as recommenders of their own, where there are both.

        They are scored beside the model in every evaluation, which shows what each contributes.
        """
        if self.memory is None:
            return {}
        return {
            "vectors alone": replace(self, memory=None),
            "memory alone": MemoryRecommender(
                self.vocabulary, self.memory, self.power, self.recency
            ),
        }

    def check_scorable(self, histories: Histories) -> None:
        """Raise DataError unless all items can be scored for these histories.

        They must be of the model's vocabulary, and the model's numbers finite, which is checked
        once.
        """
        check_vocabulary(histories, self.vocabulary)
        _ = self._can_score

    def recommend_scored(
        self,
        histories: Histories,
        k: int,
        *,
        keep_seen: bool = False,
        allowed: Rows | None = None,
    ) -> tuple[Rows, Scores]:
        """Return the `k` best items for each history with their scores; see `ScoringRecommender`.

        Many histories are ranked by tiles of scores, on all cores.
        """
        self.check(histories, k, allowed)
        if len(histories) < FEW_HISTORIES:
            return super().recommend_scored(histories, k, keep_seen=keep_seen, allowed=allowed)
        chosen = slice(None) if allowed is None else allowed
        # The bias is one product more.
        columns = np.vstack([self.context_vectors[chosen].T, self.bias[chosen]])
        sums = None if self.memory is None else self.memory.sums(allowed)
        rows = np.empty((len(histories), k), dtype=np.int32)
        scores = np.empty((len(histories), k), dtype=np.float32)
        for start in range(0, len(histories), BLOCK_HISTORIES):
            block = histories.slice(start, min(start + BLOCK_HISTORIES, len(histories))).known()
            folded = self.fold_in_rows(block)
            queries = np.column_stack([folded, np.ones(len(block), dtype=np.float32)])
            places, best = top_k_of_products(
                queries,
                columns.T,
                k,
                hidden=None if keep_seen else (places_in(allowed, block.items), block.offsets),
                write_added=None if sums is None else sums.writer(block, self.power, self.recency),
            )
            rows[start : start + len(block)] = rows_at(allowed, places)
            scores[start : start + len(block)] = best
        return rows, scores

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
        """Return the `k` best items for a history of ids or titles, best first.

        Parameters
        ----------
        history : sequence of str
            Items by id or title.
        k : int
            How many items to return. Filters apply before the best are chosen, so `k` items come
            back wherever as many pass.
        only, exclude : sequence of str, optional
            The only items to recommend, and items never to recommend.
        items_where : str, optional
            An SQL predicate over the catalogue, such as ``"genres like '%Comedy%'"``; the id is
            the column ``item``.
        keep_seen : bool
            Whether the items of the history may be recommended.
        next : bool
            Recommend what comes next: the items are in order, the last one is the latest, and each
            weighs ``(1 + age) ** -recency`` by the `recency` of the model. By default order does
            not matter.
        title_only : bool
            Take names as titles even where they are also ids.
        unknown : {"error", "skip"}
            Whether a name that the model lacks is an error, or skipped.

        Raises
        ------
        UnknownItemError
            If an item is not in the model.
        ParameterError
            If no item is known, or the filters leave none.
        """
        allowed = allowed_items(
            self,
            only=only,
            exclude=exclude,
            items_where=items_where,
            title_only=title_only,
            unknown=unknown,
        )
        if unknown == "skip":
            found = known_items(self, history, title_only)
            history, title_only = [self.vocabulary.ids[row] for row in found.rows], False
        histories = self.history(history, title_only, in_order=next)
        return self.recommend_to(histories, k, keep_seen=keep_seen, allowed=allowed.rows)

    def recommend_to(
        self, history: Histories, k: int, *, keep_seen: bool = False, allowed: Rows | None = None
    ) -> list[Recommendation]:
        """Return the `k` best items for one packed history, best first.

        Raises
        ------
        ParameterError
            If the history holds all items that are allowed.
        """
        check_k(k)
        k = min(k, len(self))
        rows, scores = self.recommend_scored(history, k, keep_seen=keep_seen, allowed=allowed)
        found = rows[0] >= 0
        if allowed is not None and not found.any():
            raise ParameterError(
                f"the filters leave {counted(len(allowed), 'item')}, and the history holds all of "
                f"them: {setting('keep_seen', True)} recommends them nevertheless"
            )
        return [
            Recommendation(self.vocabulary.ids[row], self.title(row), score)
            for row, score in zip(rows[0, found].tolist(), scores[0, found].tolist(), strict=True)
        ]

    # -- a catalogue --------------------------------------------------------------------------

    def with_catalogue(self, items: "Catalogue | Source") -> "ItemVectors":
        """Return these vectors with another catalogue: titles, genres and whatever columns it has.

        Parameters
        ----------
        items : Catalogue, or whatever `read_catalogue` reads, such as a pandas.DataFrame or a path
            A row for each item. Items of the model that it does not hold have "" in every column,
            and those that the model does not hold are left out.

        Raises
        ------
        DataError
            If it holds none of the model's items, or can't be read.

        Examples
        --------
        >>> vocabulary = Vocabulary.from_counts(["1", "2"], [2, 1])
        >>> ones = np.ones((2, 3), dtype=np.float32)
        >>> vectors = ItemVectors(vocabulary, ones, ones, ones[:, 0], power=1.0)
        >>> titled = vectors.with_catalogue(Catalogue(("2",), {"title": ("Up",)}))
        >>> titled.most_similar("1", k=1)[0].title
        'Up'
        """
        from item2vec.reading.catalogue import read_catalogue

        catalogue = items if isinstance(items, Catalogue) else read_catalogue(items)
        if len(self) and not any(item_id in self.vocabulary for item_id in catalogue.ids):
            theirs = f", its ids are like {shown(catalogue.ids[0])}" if len(catalogue) else ""
            raise DataError(
                f"the catalogue holds none of the {len(self):,} items{theirs}, those of the model "
                f"like {shown(self.vocabulary.ids[0])}: take the table that goes with the model, "
                "or write the ids alike"
            )
        return replace(self, catalogue=catalogue)

    # -- many at once -------------------------------------------------------------------------

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
            Whatever `read_interactions` reads, with `reading` passed to it; what it returns; or
            lists of item ids, by user in a mapping, else by place. An item that a history repeats
            counts once.
        k : int
            How many items for each user, or fewer where fewer are left.
        only, exclude, items_where, keep_seen
            Filters; see `recommend`.
        next : bool
            Recommend what comes next, as `recommend` does. The order is that of the times; lists
            of items are taken to be in order. Interactions need the times that
            ``read_interactions(..., keep_times=True)`` keeps.
        unknown : {"skip", "error"}, optional
            Whether ids that the model lacks are skipped and counted, or an error. By default, they
            are skipped in histories and an error in filters.
        **reading
            Options of `read_interactions`, such as ``user="visitor"`` or ``where="rating > 3"``.

        Returns
        -------
        pandas.DataFrame
            Columns user, rank (from 1), item, title (if the model has titles) and score. Users
            without a known item have no rows: ``frame.attrs["skipped"]`` counts them, and the
            items and interactions that the model lacks.
        """
        allowed = allowed_items(
            self, only=only, exclude=exclude, items_where=items_where, unknown=unknown or "error"
        )
        return bulk.recommend_frame(
            self,
            histories,
            k,
            unknown=unknown or "skip",
            allowed=allowed,
            keep_seen=keep_seen,
            in_order=next,
            reading=reading,
        )

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
        """Return the `k` nearest items of all items, or of those named.

        Parameters
        ----------
        k : int
        items : sequence of str, optional
            Ids or titles.
        only, exclude, items_where
            Filters of the neighbours; see `recommend`.
        unknown : {"skip", "error"}, optional
            Whether names that the model lacks are skipped and counted, or an error. By default,
            they are skipped in `items` and an error in filters.
        rerank : bool
            Rank by cosine and memory; see `most_similar`.

        Returns
        -------
        pandas.DataFrame
            Columns item, rank (from 1), neighbor, title (of the neighbor, if the model has
            titles) and cosine; ``frame.attrs["skipped"]`` as in `recommend_frame`.
        """
        allowed = allowed_items(
            self, only=only, exclude=exclude, items_where=items_where, unknown=unknown or "error"
        )
        return bulk.similar_frame(
            self, k, items=items, unknown=unknown or "skip", allowed=allowed, rerank=rerank
        )

    def user_frame(
        self, histories: object, *, unknown: Unknown = "skip", **reading: Any
    ) -> "pd.DataFrame":
        """Return the vector of each of many users, as `fold_in` makes it, for other models.

        Parameters
        ----------
        histories, unknown, **reading
            As `recommend_frame` takes them.

        Returns
        -------
        pandas.DataFrame
            A row a user, a column a dimension, float32; the index holds the users' ids. Users
            without a known item are skipped, and ``frame.attrs["skipped"]`` counts them.
        """
        return bulk.user_frame(self, histories, unknown=unknown, reading=reading)

    def score_frame(
        self,
        pairs: "pd.DataFrame | Sequence[tuple[Sequence[str], str]]",
        histories: object = None,
        *,
        unknown: Unknown = "skip",
        **reading: Any,
    ) -> "pd.DataFrame":
        """Return the scores of single items for single users, to rank candidates of other origin.

        Parameters
        ----------
        pairs : pandas.DataFrame, or sequence of (history, item)
            With `histories`, a DataFrame with the columns user and item. Without, pairs of a list
            of item ids and an item id, or a DataFrame with the columns history and item.
        histories : optional
            The histories of the users, as `recommend_frame` takes them.
        unknown, **reading
            As in `recommend_frame`.

        Returns
        -------
        pandas.DataFrame
            The two columns of `pairs`, their index, and score. Pairs of an unknown item, or of a
            user without a known item, are left out and counted in ``frame.attrs["skipped"]``.
        """
        return bulk.score_frame(self, pairs, histories, unknown=unknown, reading=reading)

    # -- items that nobody has watched --------------------------------------------------------

    def with_cold_items(
        self, items: "Catalogue | Source", *, features: Sequence[str] | None = None
    ) -> "ItemVectors":
        """Return these vectors with those of new items, told by what is known of them.

        A ridge regression learns what features say about the vectors of the items that training
        saw, and says it of the new ones. They stand behind all others, with a count of 0. Items
        that the model has, and those of which no feature is known, are passed over.

        A predicted vector is shorter than one that was learned, for what features can't tell is
        missing. So cosines with cold items are those to be expected of the whole vector, and
        cold items are recommended where little else fits.

        Parameters
        ----------
        items : Catalogue, or whatever `read_catalogue` reads, such as a pandas.DataFrame
        features : sequence of str, optional
            Columns of the model's catalogue and of `items`, such as ``["genres", "year"]``; see
            `features`. Those of training, unless told.

        Raises
        ------
        ParameterError
            If no features are told or one is no column of both.
        DataError
            If no item is new, or nothing is known of any.
        """
        from item2vec.reading.catalogue import read_catalogue

        names = self.metadata.get("features") if features is None else features
        if names is not None and not isinstance(names, str):
            names = list(names)  # an Index of pandas, say
        if names is None:
            raise ParameterError(
                "the model was trained without features: name the columns to predict vectors from, "
                + either("as in --features genres,year", 'as in features=["genres", "year"]')
            )
        catalogue = items if isinstance(items, Catalogue) else read_catalogue(items)
        new = catalogue.aligned([item for item in catalogue.ids if item not in self.vocabulary])
        if len(new) == 0:
            raise DataError(
                f"the model has all {len(catalogue)} items already: none is to be added"
            )
        feature_map = self.feature_map(names)
        told, predicted = feature_map.predict(new)
        if len(told) == 0:
            raise DataError(
                f"nothing is known of the {len(new)} new items: each needs a value in one of "
                f"{', '.join(names)} that items of the model have too"
            )
        new = new.aligned([new.ids[place] for place in told.tolist()])
        return self._beside(new, predicted, feature_map.metadata())

    def feature_map(self, names: Sequence[str]) -> FeatureMap:
        """Learn what features say about the vectors and the bias of the items that training saw.

        Raises
        ------
        ParameterError, DataError
            As `FeatureMap.fit` does.
        """
        check_finite({name: getattr(self, name) for name in ARRAYS}, self.vocabulary.ids)
        seen = np.flatnonzero(self.vocabulary.counts > 0)
        items = self.catalogue.aligned([self.vocabulary.ids[row] for row in seen.tolist()])
        return FeatureMap.fit(items, {name: getattr(self, name)[seen] for name in ARRAYS}, names)

    def _beside(
        self, new: Catalogue, arrays: Mapping[str, Vectors], told: Mapping[str, Any]
    ) -> "ItemVectors":
        """Return these vectors with those of new items, in the order of a vocabulary."""
        vocabulary, order = self.vocabulary.with_unseen(new.ids)

        def joined(name: str) -> Vectors:
            old: Vectors = getattr(self, name)
            both: Vectors = np.concatenate([old, arrays[name].reshape(-1, *old.shape[1:])])
            return both[order]

        metadata = {name: value for name, value in self.metadata.items() if name != "checksum"}
        metadata["cold_items"] = int(np.count_nonzero(vocabulary.counts == 0))
        return replace(
            self,
            vocabulary=vocabulary,
            item_vectors=joined("item_vectors"),
            context_vectors=joined("context_vectors"),
            bias=joined("bias"),
            catalogue=self.catalogue.joined(new).aligned(vocabulary.ids),
            memory=None if self.memory is None else self.memory.reordered(order),
            metadata={**metadata, **told},
        )

    # -- for others ---------------------------------------------------------------------------

    def to_frame(self) -> "pd.DataFrame":
        """Return the item vectors as a DataFrame: a row an item id, a column a dimension."""
        import pandas as pd

        check_finite({"item_vectors": self.item_vectors}, self.vocabulary.ids)
        return pd.DataFrame(self.item_vectors, index=pd.Index(self.vocabulary.ids, name="item"))

    def to_keyed_vectors(self) -> "gensim.models.KeyedVectors":
        """Return the item vectors as gensim's own ``KeyedVectors``, with counts, keyed by item id.

        Its keys are strings; gensim takes an unknown *integer* key as a row number.
        """
        from gensim.models import KeyedVectors

        check_finite({"item_vectors": self.item_vectors}, self.vocabulary.ids)
        keyed = KeyedVectors(self.vector_size, count=0, dtype=np.float32)
        keyed.add_vectors(list(self.vocabulary.ids), self.item_vectors)
        for item_id, count in zip(
            self.vocabulary.ids, self.vocabulary.counts.tolist(), strict=True
        ):
            keyed.set_vecattr(item_id, "count", count)
        return keyed
