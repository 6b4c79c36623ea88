"""The word2vec trainer: histories are sentences, item ids are words, gensim learns.

Mikolov et al., "Distributed Representations of Words and Phrases and their Compositionality"
(2013); Barkan and Koenigstein, "Item2Vec: Neural Item Embedding for Collaborative Filtering"
(2016). The defaults are a recipe for histories, not gensim's defaults, which are for text.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from item2vec.cores import available_cores
from item2vec.errors import ParameterError
from item2vec.histories import Histories
from item2vec.neighbors import Vectors
from item2vec.parameters import Among, Between, parameter
from item2vec.progress import Progress
from item2vec.stopping import (
    EpochTrainer,
    EpochWatcher,
    auto_epochs,
    check_converged,
    check_not_empty,
)
from item2vec.trainers.epochs import MAX_SENTENCE, ShuffledEpochs
from item2vec.vectors import ItemVectors


@dataclass(frozen=True, kw_only=True)
class Word2Vec(EpochTrainer):
    """Item vectors by word2vec with negative sampling.

    With ``shuffle`` every epoch sees each history in a new order, so that a window is a random
    handful of it: the course's few watched films that predict others. Scores are those of
    `ItemVectors`, with p = 1 and ``bias = ns_exponent * log(count)``: negative sampling with noise
    q(j) ∝ count^e learns log P(j | history) - log q(j) (Levy and Goldberg, 2014), and adding
    e · log count gives the logit back.

    Raises
    ------
    ParameterError
        If a parameter is outside its range.

    Examples
    --------
    >>> histories = Histories.from_lists([["a", "b", "c"], ["d", "e", "f"]] * 50)
    >>> vectors = Word2Vec(vector_size=8, workers=1).fit(histories)
    >>> sorted(recommendation.id for recommendation in vectors.recommend(["a"], k=2))
    ['b', 'c']
    """

    # What tuning tries follows Caselles-Dupré, Lesaint and Royo-Letelier, "Word2vec applied to
    # Recommendation: Hyperparameters Matter" (2018), and what was measured here.
    architecture: Literal["cbow", "skipgram"] = parameter(
        "cbow",
        "predict an item from its context (cbow) or each item of the context from it (skipgram)",
        search=Among(("cbow", "skipgram")),
    )
    window: int = parameter(
        3,
        "largest distance between an item and the items of its context",
        at_least=1,
        at_most=MAX_SENTENCE,
        search=Between(1, 20, log=True),
    )
    epochs: int | Literal["auto"] = parameter(
        "auto",
        "passes over the histories; auto: 30 (softmax: 4) for a million interactions, more "
        "for fewer",
        at_least=1,
        at_most=100_000,
        search=Between(5, 200, log=True),
    )
    negative: int = parameter(
        10,
        "noise items drawn for each target item",
        at_least=1,
        at_most=10_000,
        search=Between(3, 40, log=True),
    )
    ns_exponent: float = parameter(
        0.5,
        "exponent e of the noise distribution, which is proportional to count**e",
        at_least=-2,
        at_most=2,
        search=Between(-0.5, 1.0),
    )
    sample: float = parameter(
        0.0,
        "relative frequency above which items are randomly downsampled; 0: none are",
        at_least=0,
        at_most=1,
        search=Among((0.0, 1e-4, 1e-3, 1e-2)),
    )
    # It falls to gensim's min_alpha, 0.0001.
    alpha: float = parameter(
        0.05,
        "initial learning rate",
        at_least=1e-4,
        at_most=1,
        search=Between(0.01, 0.15, log=True),
    )
    shuffle: bool = parameter(
        True, "shuffle every history in every epoch", search=Among((True, False))
    )
    workers: int | Literal["auto"] = parameter(
        "auto",
        "threads; auto: one per core; with 1, word2vec gives the same vectors on every run",
        at_least=1,
        at_most=512,
    )

    def _trained(
        self, histories: Histories, progress: Progress | None, watcher: EpochWatcher | None
    ) -> ItemVectors:
        from item2vec.trainers.gensim_model import StoppableWord2Vec  # imports gensim: slow

        check_not_empty(histories)
        vocabulary = histories.vocabulary
        epochs, workers = self.resolve(len(histories.items))
        corpus = ShuffledEpochs(histories, shuffle=self.shuffle, seed=self.seed)
        model = StoppableWord2Vec(
            corpus,
            sg=int(self.architecture == "skipgram"),
            vector_size=self.vector_size,
            window=self.window,
            negative=self.negative,
            ns_exponent=self.ns_exponent,
            sample=self.sample,
            alpha=self.alpha,
            seed=self.seed,
            workers=workers,
            min_count=1,  # the vocabulary has counted already
            sorted_vocab=0,  # ours is sorted; gensim's own order of ties is reversed
        )
        counts = vocabulary.counts
        if watcher:  # what is shown to it must know nothing of users held back
            counts = np.bincount(histories.items, minlength=len(vocabulary))
        counts = np.maximum(counts, 1)  # of 0 gensim would drop the item
        model.build_vocab_from_freq(dict(zip(vocabulary.ids, counts.tolist(), strict=True)))
        if model.wv.index_to_key != list(vocabulary.ids):
            raise RuntimeError("gensim has put the items in another order: its version is unknown")

        def vectors() -> ItemVectors:
            return self._vectors(histories, model, self._bias(counts), epochs, workers)

        after_epoch = (lambda: watcher.see(vectors())) if watcher else None
        model.train_interruptibly(epochs, progress, after_epoch)
        return vectors()

    def resolve(self, n_interactions: int) -> tuple[int, int]:
        """Return the epochs and workers that ``auto`` stands for."""
        epochs = auto_epochs(30, n_interactions) if self.epochs == "auto" else self.epochs
        return epochs, available_cores() if self.workers == "auto" else self.workers

    def _finished(self, vectors: ItemVectors, histories: Histories) -> ItemVectors:
        # The bias of validation knew fitted users alone; those who can be recommended to, all.
        return replace(vectors, bias=self._bias(histories.vocabulary.counts))

    def _bias(self, counts: npt.NDArray[np.int64]) -> Vectors:
        bias: Vectors = (self.ns_exponent * np.log(np.maximum(counts, 1))).astype(np.float32)
        return bias

    def _vectors(
        self, histories: Histories, model: Any, bias: Vectors, epochs: int, workers: int
    ) -> ItemVectors:
        import gensim

        item_vectors, context_vectors = model.wv.vectors, model.syn1neg
        trained = {"item_vectors": item_vectors, "context_vectors": context_vectors}
        check_converged(trained, self)
        if not context_vectors.any():  # they begin as zeros
            raise ParameterError(f"sample={self.sample} skips every item: raise it, or take 0")
        return ItemVectors(
            vocabulary=histories.vocabulary,
            item_vectors=item_vectors,
            context_vectors=context_vectors,
            bias=bias,
            power=1.0,
            metadata={
                "trainer": "word2vec",
                "parameters": self.to_dict() | {"epochs": epochs, "workers": workers},
                "histories": len(histories),
                "interactions": len(histories.items),
                "versions": {"gensim": gensim.__version__},
            },
        )
