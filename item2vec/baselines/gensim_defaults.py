"""word2vec with gensim's default parameters and cosine scores, as in many tutorials.

The difference from this baseline shows the contribution of the parameters and the scoring law of
this package.
"""

from dataclasses import dataclass

import numpy as np

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.models.recommender import ScoringRecommender
from item2vec.neighbors.exact import ExactNeighbors, inverse_norms
from item2vec.parameters import Parameters, parameter
from item2vec.reading.conversion import HistoriesLike, as_histories
from item2vec.types import Progress, Rows, Scores, Vectors


@dataclass(frozen=True, kw_only=True)
class GensimDefaults(Parameters):
    """word2vec with gensim's default parameters, scored by the cosine with the mean vector.

    The equivalent calls are ``gensim.models.Word2Vec(histories)`` and
    ``most_similar(positive=history)``. gensim's defaults were chosen for text: 5 epochs, window 5,
    min_count 5, noise exponent 0.75.
    """

    workers: int = parameter(
        1, "threads; 1 gives the same vectors on every run", at_least=1, at_most=512
    )
    seed: int = parameter(1, "random seed; gensim's default is 1", at_least=1)

    def fit(
        self, histories: HistoriesLike, *, progress: Progress | None = None
    ) -> "CosineRecommender":
        """Train with gensim's defaults on the histories as sentences."""
        histories = as_histories(histories)
        from gensim.models import Word2Vec

        vocabulary = histories.vocabulary
        ids = np.array(vocabulary.ids, dtype=object)
        histories = histories.known()
        sentences = [ids[histories[i]].tolist() for i in range(len(histories))]
        vectors = np.zeros((len(vocabulary), 100), dtype=np.float32)  # gensim's vector_size
        # gensim raises an error if no word reaches min_count = 5; all scores are then 0.
        if np.bincount(histories.items, minlength=1).max() >= 5:
            model = Word2Vec(sentences, workers=self.workers, seed=self.seed)
            vectors[vocabulary.rows(model.wv.index_to_key)] = model.wv.vectors
        return CosineRecommender(vocabulary, vectors)


@dataclass(frozen=True, eq=False)
class CosineRecommender(ScoringRecommender):
    """Scores an item by its cosine with the mean of the unit vectors of the history.

    This is the score of gensim's ``KeyedVectors.most_similar(positive=history)``.
    """

    vocabulary: Vocabulary
    item_vectors: Vectors  # (n_items, vector_size) float32

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of all items for each history, float32 (m, n_items)."""
        self.check_scorable(histories)
        unit = self.item_vectors * inverse_norms(self.item_vectors)[:, None]  # (n_items, 100)
        sums: Vectors = histories.to_csr() @ unit  # (m, 100) float32
        sums *= inverse_norms(sums)[:, None]
        return sums @ unit.T

    def similar_rows(self, rows: Rows, k: int) -> Rows:
        """Return the `k` items nearest to each of `rows`, int32 (m, k)."""
        return ExactNeighbors(self.item_vectors).neighbors(rows, k)[0]
