"""The word2vec trainer: histories are sentences, items are words, gensim learns.

Mikolov et al., "Distributed Representations of Words and Phrases and their Compositionality"
(2013); Barkan and Koenigstein, "Item2Vec: Neural Item Embedding for Collaborative Filtering"
(2016). The defaults are a recipe for histories, not gensim's defaults, which are for text.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import setting
from item2vec._support.threads import available_cores
from item2vec.data.histories import Histories
from item2vec.errors import ParameterError
from item2vec.models.item_vectors import ItemVectors
from item2vec.parameters import Among, Between, parameter
from item2vec.trainers.base import EpochTrainer
from item2vec.trainers.early_stopping import auto_epochs
from item2vec.trainers.initialization import spectral_initialization
from item2vec.trainers.state import TrainerState
from item2vec.trainers.word2vec.corpus import MAX_SENTENCE, ShuffledEpochs
from item2vec.types import Vectors

AUTO_EPOCHS = 5  # from the initialization, which is close to where training ends
RANDOM_EPOCHS = 30  # from random vectors, for a million interactions
LARGEST_PRODUCT = 6.0  # of an item in the initialization, on average; gensim's sigmoid ends there
CONTEXT_RIDGE = 25.0  # see `initialization`
# Means of the context are learned, and a history is scored by its sum over the root of its length:
# with this factor both are the same at three items.
ITEM_SCALE = np.float32(3**-0.5)


@dataclass(frozen=True, kw_only=True)
class Word2Vec(EpochTrainer):
    """Item vectors by word2vec with negative sampling.

    With ``shuffle`` every epoch sees each history in a new order, so that a window is a random
    handful of it: the course's few watched films that predict others. Scores are those of
    `ItemVectors`, with p = 1/2 and the bias ``ns_exponent * log(count)``: negative sampling with
    noise q(j) ∝ count^e learns log P(j | history) - log q(j) (Levy and Goldberg, 2014), and adding
    e · log count gives the logit back.

    gensim has no bias. Where training begins with the spectral initialization, one more dimension
    takes its place: it begins at 1 in all item vectors and at log p(j) - log k q(j), which k noise
    items teach if nothing is known about the history, in the context vectors. Afterwards it is
    added to the bias. Without it, all vectors move in a common direction to learn that constant,
    which costs neighbors and score.

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

    name: ClassVar[str] = "word2vec"

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
        f"passes over the histories; auto: {AUTO_EPOCHS}, but from a random start "
        f"{RANDOM_EPOCHS} for a million interactions, and more for fewer; softmax: 5 for 640,000 "
        "interactions or more, and more for fewer",
        at_least=1,
        at_most=100_000,
        search=Between(2, 50, log=True),
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
    alpha: float | Literal["auto"] = parameter(
        "auto",
        "initial learning rate; auto: 0.005 (0.05 from a random start)",
        at_least=1e-4,
        at_most=1,
        search=Between(0.001, 0.1, log=True),
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

    def resolve(self, n_interactions: int) -> tuple[int, int]:
        """Return the epochs and workers that ``auto`` stands for."""
        workers = available_cores() if self.workers == "auto" else self.workers
        if self.epochs != "auto":
            return self.epochs, workers
        if self.start == "spectral":
            return AUTO_EPOCHS, workers
        return auto_epochs(RANDOM_EPOCHS, n_interactions), workers

    def _resolved_rate(self) -> dict[str, float]:
        from_start = 0.005 if self.start == "spectral" else 0.05
        return {"alpha": from_start if self.alpha == "auto" else self.alpha}

    @property
    def _dimensions(self) -> int:
        return self.vector_size + (self.start == "spectral")  # one for the bias

    def _begin(self, histories: Histories) -> TrainerState:
        from item2vec.trainers.word2vec.gensim_model import generator_state, random_vectors

        counts = _counts(histories)
        if self.start == "random":
            items, contexts = random_vectors(len(counts), self.vector_size, self.seed)
        else:
            items, contexts = spectral_initialization(
                histories.without_repeats(),
                self.vector_size,
                self.seed,
                context_ridge=CONTEXT_RIDGE,
                largest=LARGEST_PRODUCT,
            )
            items = np.column_stack([items, np.ones(len(counts), dtype=np.float32)])
            contexts = np.column_stack([contexts, self._log_odds(counts)])
        return self._state(
            histories,
            item_vectors=items,
            context_vectors=contexts,
            bias=self._bias(counts),
            optimizer={},
            generator=generator_state(np.random.RandomState(self.seed)),
        )

    def _run(
        self, histories: Histories, state: TrainerState
    ) -> Generator[TrainerState, None, None]:
        from item2vec.trainers.word2vec.gensim_model import (
            StoppableWord2Vec,  # imports gensim: slow
        )

        corpus = ShuffledEpochs(histories, shuffle=self.shuffle, seed=self.seed, epoch=state.epoch)
        model = StoppableWord2Vec(
            corpus,
            _counts(histories),
            vectors=(state.item_vectors.copy(), state.context_vectors.copy()),
            generator=state.generator,
            n_epochs=state.epochs,
            sg=int(self.architecture == "skipgram"),
            vector_size=self._dimensions,
            window=self.window,
            negative=self.negative,
            ns_exponent=self.ns_exponent,
            sample=self.sample,
            **self._resolved_rate(),
            seed=self.seed,
            workers=self.resolve(len(histories.items))[1],
        )
        before = state.context_vectors if self.sample else None  # nothing else skips items
        while state.epoch < state.epochs:
            model.train_epoch()
            state = replace(
                state,
                epoch=state.epoch + 1,
                item_vectors=model.wv.vectors,
                context_vectors=model.syn1neg,
                generator=model.generator_state(),
            )
            last = state.epoch == state.epochs
            if last and before is not None and np.array_equal(before, model.syn1neg):
                raise ParameterError(
                    f"{setting('sample')}={self.sample} skips every item: raise it, or take 0"
                )
            yield state

    def _arrays(self, state: TrainerState) -> dict[str, Any]:
        d = self.vector_size
        bias = state.bias
        if self.start == "spectral":  # its dimension has hardly moved in the item vectors
            bias = bias + state.context_vectors[:, d] * state.item_vectors[:, d].mean()
        return {
            "item_vectors": state.item_vectors[:, :d] * ITEM_SCALE,
            "context_vectors": np.ascontiguousarray(state.context_vectors[:, :d]),
            "bias": bias,
        }

    def _refit_bias(
        self, vectors: ItemVectors, fitted: Histories, histories: Histories
    ) -> ItemVectors:
        added = self._bias(_counts(histories)) - self._bias(_counts(fitted))
        return replace(vectors, bias=vectors.bias + added)

    def _log_odds(self, counts: npt.NDArray[np.int64]) -> Vectors:
        """Return log p(j) - log k q(j), for k noise items of q(j) ∝ count^e, float32 (n_items,)."""
        log_p = np.log(counts / counts.sum())
        weights = counts**self.ns_exponent
        log_q = np.log(weights / weights.sum())
        odds: Vectors = (log_p - log_q - np.log(self.negative)).astype(np.float32)
        return odds

    def _bias(self, counts: npt.NDArray[np.int64]) -> Vectors:
        bias: Vectors = (self.ns_exponent * np.log(np.maximum(counts, 1))).astype(np.float32)
        return bias

    def _metadata(self, histories: Histories) -> dict[str, Any]:
        from item2vec.trainers.word2vec.gensim_model import VERSION

        return super()._metadata(histories) | {"versions": {"gensim": VERSION}}


def _counts(histories: Histories) -> npt.NDArray[np.int64]:
    """Return how often each item is in the histories, at least 1: gensim would drop one with 0.

    They are counted here because validation holds back users whom the vocabulary has counted.
    """
    counts = np.bincount(histories.items, minlength=len(histories.vocabulary))
    return np.maximum(counts, 1).astype(np.int64)
