"""Item vectors: the model that trainers return and that look-ups, evaluation and files use.

`scoring_law` computes scores; `lookup` finds items by name, similar items and recommendations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from item2vec._support.finite import check_finite
from item2vec._support.frozen_arrays import freeze_arrays
from item2vec._support.messages import shown
from item2vec.data.catalogue import Catalogue
from item2vec.data.history_sketch import HistorySketch
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.models import exports
from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.cold_items.feature_map import FeatureMap
from item2vec.models.cold_items.prediction import add_cold_items, learn_feature_map
from item2vec.models.lookup.bulk_lookup import BulkLookup
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.recommender import MemoryRecommender
from item2vec.models.metadata import check_metadata, is_number
from item2vec.models.recommender import ScoringRecommender
from item2vec.types import Vectors

if TYPE_CHECKING:
    import gensim
    import pandas as pd

    from item2vec.reading.files.paths import Source

MOST_RECENCY = 10.0  # with larger values, only the latest items of a history would matter


@dataclass(frozen=True, eq=False, repr=False)
class ItemVectors(BulkLookup):
    """A trained model: an input vector, a context vector and a bias for each item, with look-ups.

    For a history with n known items, ``h = sum(item_vectors[i]) / n ** power``, and the score of
    item j is ``h @ context_vectors[j] + bias[j]``, plus the contribution of the item-item memory if
    there is one. The cosine of `item_vectors` measures the similarity of items. See
    `scoring_law` for the details, including histories in order.

    An item is named by its id or, if titles are known, by its title.

    Parameters
    ----------
    vocabulary : Vocabulary
        Item id ↔ row.
    item_vectors : array of shape (n_items, vector_size), float32
        The vectors of items of a history: the embedding layer, or word2vec's input matrix.
    context_vectors : array of shape (n_items, vector_size), float32
        The vectors of items to be scored: the logit layer, or word2vec's output matrix.
    bias : array of shape (n_items,), float32
        The bias of each item's score.
    power : float
        Exponent of the length of a history: with 1, h is the mean of the vectors, with 0 their sum.
    catalogue : Catalogue, optional
        Titles, genres, ... of the items; it is aligned with the vocabulary.
    metadata : mapping, optional
        Information about the training, in JSON types: trainer, parameters, seed, read report.
    memory : Memory, optional
        The item-item memory: weights between pairs of items that are added to the scores.
    sketch : HistorySketch, optional
        A few bits of the digests of a sample of the training histories, to detect an evaluation on
        training data. ``dataclasses.replace(vectors, sketch=None)`` removes it.
    recency : float
        Exponent of the decay of weights with age in histories in order, 0 or more; with 0, all
        items have the same weight.
    feature_fit : FeatureFit, optional
        The features from which vectors of cold items are predicted, and how well they predict.

    Raises
    ------
    DataError
        If the arrays do not fit each other or the vocabulary, or another value has a wrong type or
        is out of its range. Whether the numbers in the arrays are finite is checked when they are
        used and when they are saved.

    Examples
    --------
    >>> import numpy as np
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
    feature_fit: FeatureFit | None = None

    def __post_init__(self) -> None:
        n = len(self.vocabulary)
        size = self.item_vectors.shape[-1]
        shapes = {"item_vectors": (n, size), "context_vectors": (n, size), "bias": (n,)}
        freeze_arrays(self, shapes)
        for name, most in (("power", 1), ("recency", MOST_RECENCY)):
            value = getattr(self, name)
            if not is_number(value) or not 0 <= value <= most:
                raise DataError(f"{name} must be a number in 0 ... {most:.0f}, not {shown(value)}")
            object.__setattr__(self, name, float(value))
        check_metadata(self.metadata)
        if self.memory is not None and len(self.memory) != n:
            raise DataError(
                f"the memory has {len(self.memory)} items and the vectors have {n}: they must be "
                "of the same vocabulary"
            )
        if self.catalogue.ids != self.vocabulary.ids:
            object.__setattr__(self, "catalogue", self.catalogue.aligned(self.vocabulary.ids))

    def __repr__(self) -> str:
        return f"ItemVectors of {len(self)} items in {self.vector_size} dimensions"

    def __getitem__(self, name: str) -> Vectors:
        """Return the vector of an item, float32 (vector_size,)."""
        row = self.find(name)
        vector: Vectors = self.item_vectors[row]
        check_finite({"item_vectors": vector[None]}, [self.vocabulary.ids[row]])
        return vector

    def parts(self) -> dict[str, ScoringRecommender]:
        """Return the vectors and the memory as separate recommenders; {} without a memory.

        Every evaluation also scores these parts, to show the contribution of each.
        """
        if self.memory is None:
            return {}
        return {
            "vectors alone": replace(self, memory=None),
            "memory alone": MemoryRecommender(
                self.vocabulary, self.memory, self.power, self.recency
            ),
        }

    def with_catalogue(self, items: "Catalogue | Source") -> "ItemVectors":
        """Return these vectors with another catalogue: titles, genres and any other columns.

        Parameters
        ----------
        items : Catalogue, or a source for `read_catalogue`, such as a path or pandas.DataFrame
            One row per item. Items of the model that it lacks get "" in every column; items that
            the model lacks are left out.

        Raises
        ------
        DataError
            If it contains none of the model's items, or can't be read.

        Examples
        --------
        >>> import numpy as np
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
            theirs = f"; its ids look like {shown(catalogue.ids[0])}" if len(catalogue) else ""
            raise DataError(
                f"the catalogue contains none of the {len(self):,} items{theirs}; the ids of "
                f"the model look like {shown(self.vocabulary.ids[0])}: use the model's own table, "
                "or convert the ids"
            )
        return replace(self, catalogue=catalogue)

    def with_cold_items(
        self, items: "Catalogue | Source", *, features: Sequence[str] | None = None
    ) -> "ItemVectors":
        """Return these vectors extended by predicted vectors of cold items (without interactions).

        A ridge regression from features to vectors, fitted on the trained items, predicts the
        vectors of the new ones. These get a count of 0 and the last rows. Items that the model
        already has, and items without a known feature, are skipped.

        A predicted vector is shorter than a trained one, because it lacks the part that the
        features do not explain. Cosines with cold items are therefore expected cosines (see
        `ExactNeighbors`), and cold items are recommended only if few other items have high scores.

        Parameters
        ----------
        items : Catalogue, or a source for `read_catalogue`, such as a path or pandas.DataFrame
        features : sequence of str, optional
            Columns of the model's catalogue and of `items`, such as ``["genres", "year"]``; by
            default those of `feature_fit`.

        Raises
        ------
        ParameterError
            If no features are given or stored, or a feature is not a column of both catalogues.
        DataError
            If no item is new, or none has a known feature.
        """
        return add_cold_items(self, items, features)

    def feature_map(self, names: Sequence[str]) -> FeatureMap:
        """Fit the map from features to vectors and bias on the trained items.

        Raises
        ------
        ParameterError, DataError
            As in `FeatureMap.fit`.
        """
        return learn_feature_map(self, names)

    def to_frame(self) -> "pd.DataFrame":
        """Return the item vectors as a DataFrame: one row per item id, one column per dimension."""
        return exports.to_frame(self)

    def to_keyed_vectors(self) -> "gensim.models.KeyedVectors":
        """Return the item vectors as gensim's ``KeyedVectors``, keyed by item id, with counts.

        Keys are strings; gensim interprets an unknown *integer* key as a row number. gensim's
        ``save_word2vec_format`` separates fields by blanks, so a file with ids such as "Portal 2"
        can't be read back: use ``KeyedVectors.save``, or ``item2vec vectors MODEL -o vectors.tsv``.

        Warns
        -----
        UserWarning
            If an id contains whitespace.
        """
        return exports.to_keyed_vectors(self)
