"""The word2vec trainer: histories are sentences, items are words, and gensim trains.

Mikolov et al., "Distributed Representations of Words and Phrases and their Compositionality"
(2013); Barkan and Koenigstein, "Item2Vec: Neural Item Embedding for Collaborative Filtering"
(2016). The defaults are a recipe for histories, not gensim's defaults, which are for text.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from item2vec._support.messages import setting
from item2vec._support.threads import available_cores
from item2vec.data.histories import Histories
from item2vec.errors import ParameterError
from item2vec.models.item_vectors import ItemVectors
from item2vec.parameters import Among, Between, parameter
from item2vec.trainers.base import EpochTrainer, auto_epochs
from item2vec.trainers.initialization import spectral_initialization
from item2vec.trainers.state import Initialization, LearnedArrays, TrainerState
from item2vec.trainers.state_trainer import RunSize
from item2vec.trainers.word2vec.corpus import MAX_SENTENCE, ShuffledEpochs
from item2vec.types import Counts, Vectors

if TYPE_CHECKING:
    from item2vec.trainers.word2vec.gensim_model import StoppableWord2Vec

# The spectral initialization is close to where training ends. Random vectors need more epochs; the
# number is for a million interactions.
AUTO_EPOCHS, RANDOM_EPOCHS = 5, 30
# A rate of .01 from the spectral initialization gains 1.4 % on Online Retail and loses 2 % on
# MovieLens small; see docs/experiments.md, "What was tried for the defaults".
AUTO_RATE, RANDOM_RATE = 0.005, 0.05
# Largest product of an item vector with a context vector in the initialization, on average: from 6
# on, gensim's table of the sigmoid is cut off and gives no gradient.
LARGEST_PRODUCT = 6.0
CONTEXT_RIDGE = 25.0  # see `initialization`
# word2vec trains with the mean of the context, and a history of n items is scored with the sum over
# sqrt(n). With this factor both are equal for n = 3.
ITEM_SCALE = np.float32(3**-0.5)


@dataclass(frozen=True, kw_only=True)
class Word2Vec(EpochTrainer):
    """Learns item vectors by word2vec with negative sampling.

    With ``shuffle`` each epoch takes each history in a new order, so that a window is a random
    sample of its items. Scores are those of `ItemVectors`, with p = 1/2 and the bias
    ``ns_exponent * log(count)``: negative sampling with the noise distribution q(j) ∝ count(j)^e
    learns log P(j | history) - log q(j) (Levy and Goldberg, 2014), and e · log count(j) is
    log q(j) up to a constant.

    gensim has no bias. With the spectral initialization an additional dimension serves as one: it
    begins at 1 in all item vectors and at log p(j) - log(k q(j)) in the context vectors, which is
    the optimum of training with k noise items if nothing is known about the history. After training
    it is added to the bias. Without it, all vectors move in a common direction to learn that
    constant, which makes neighbors and scores worse.

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
    rate_name: ClassVar[str] = "alpha"

    # The ranges that tuning searches follow Caselles-Dupré, Lesaint and Royo-Letelier, "Word2vec
    # applied to Recommendation: Hyperparameters Matter" (2018). The defaults were found in a study
    # on other splits of the data sets of docs/experiments.md, and five minutes of tuning did not
    # improve on them (ibid., "Version 0.1.0: tuning").
    architecture: Literal["cbow", "skipgram"] = parameter(
        "cbow",
        "predict an item from its context (cbow), or each item of the context from the item "
        "(skipgram)",
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
        f"passes over the histories; auto: {AUTO_EPOCHS}, but with random initialization "
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
        "relative frequency above which items are randomly downsampled; 0: no downsampling",
        at_least=0,
        at_most=1,
        search=Among((0.0, 1e-4, 1e-3, 1e-2)),
    )
    # It falls linearly to gensim's min_alpha, 0.0001.
    alpha: float | Literal["auto"] = parameter(
        "auto",
        f"initial learning rate; auto: {AUTO_RATE} ({RANDOM_RATE} with random initialization)",
        at_least=1e-4,
        at_most=1,
        search=Between(0.001, 0.1, log=True),
    )
    shuffle: bool = parameter(
        True, "shuffle the items of every history in every epoch", search=Among((True, False))
    )
    workers: int | Literal["auto"] = parameter(
        "auto",
        "threads; auto: one per core; with 1, word2vec gives the same vectors on every run",
        at_least=1,
        at_most=512,
    )

    def resolve(self, n_interactions: int) -> RunSize:
        """Return the epochs and workers that ``auto`` stands for."""
        workers = available_cores() if self.workers == "auto" else self.workers
        if self.epochs != "auto":
            return RunSize(self.epochs, workers)
        if self.start == "spectral":
            return RunSize(AUTO_EPOCHS, workers)
        return RunSize(auto_epochs(RANDOM_EPOCHS, n_interactions), workers)

    def _resolve_rate(self) -> float:
        if self.alpha != "auto":
            return self.alpha
        return AUTO_RATE if self.start == "spectral" else RANDOM_RATE

    @property
    def _n_dimensions(self) -> int:
        return self.vector_size + (self.start == "spectral")  # one for the bias

    def _initialize(self, histories: Histories) -> Initialization:
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
            ones = np.ones(len(counts), dtype=np.float32)
            items = np.column_stack([items, ones])  # (n_items, d + 1) float32
            contexts = np.column_stack([contexts, self._log_odds(counts)])
        return Initialization(
            LearnedArrays(items, contexts, self._bias(counts)),
            optimizer={},
            generator=generator_state(np.random.RandomState(self.seed)),
        )

    def _run_epochs(
        self, histories: Histories, state: TrainerState
    ) -> Generator[TrainerState, None, None]:
        model = self._gensim_model(histories, state)
        # Downsampling is the only reason why gensim would skip every item and train nothing.
        initial = state.context_vectors if self.sample else None
        while state.epoch < state.epochs:
            model.train_epoch()
            state = replace(
                state,
                epoch=state.epoch + 1,
                item_vectors=model.wv.vectors,
                context_vectors=model.syn1neg,
                generator=model.generator_state(),
            )
            is_last = state.epoch == state.epochs
            if is_last and initial is not None and np.array_equal(initial, model.syn1neg):
                raise ParameterError(
                    f"{setting('sample', self.sample)} skips every item: raise it, or set it to 0"
                )
            yield state

    def _gensim_model(self, histories: Histories, state: TrainerState) -> "StoppableWord2Vec":
        from item2vec.trainers.word2vec.gensim_model import StoppableWord2Vec  # slow to import

        return StoppableWord2Vec(
            ShuffledEpochs(histories, shuffle=self.shuffle, seed=self.seed, epoch=state.epoch),
            _counts(histories),
            vectors=(state.item_vectors.copy(), state.context_vectors.copy()),
            generator=state.generator,
            n_epochs=state.epochs,
            sg=int(self.architecture == "skipgram"),
            vector_size=self._n_dimensions,
            window=self.window,
            negative=self.negative,
            ns_exponent=self.ns_exponent,
            sample=self.sample,
            alpha=self._resolve_rate(),
            seed=self.seed,
            workers=self.resolve(len(histories.items)).workers,
        )

    def _output_arrays(self, state: TrainerState) -> LearnedArrays:
        d = self.vector_size
        bias = state.bias  # (n_items,) float32
        if self.start == "spectral":
            # The additional dimension has hardly moved in the item vectors: one constant for all.
            bias = bias + state.context_vectors[:, d] * state.item_vectors[:, d].mean()
        return LearnedArrays(
            item_vectors=state.item_vectors[:, :d] * ITEM_SCALE,
            context_vectors=np.ascontiguousarray(state.context_vectors[:, :d]),
            bias=bias,
        )

    def _refit_bias(
        self, vectors: ItemVectors, fitted: Histories, histories: Histories
    ) -> ItemVectors:
        added = self._bias(_counts(histories)) - self._bias(_counts(fitted))
        return replace(vectors, bias=vectors.bias + added)

    def _log_odds(self, counts: Counts) -> Vectors:
        """Return log p(j) - log(k q(j)) for k noise items with q(j) ∝ count(j)^e, (n_items,)."""
        log_p = np.log(counts / counts.sum())
        weights = counts**self.ns_exponent
        log_q = np.log(weights / weights.sum())
        odds: Vectors = (log_p - log_q - np.log(self.negative)).astype(np.float32)
        return odds

    def _bias(self, counts: Counts) -> Vectors:
        """Return e · log count(j), float32 (n_items,)."""
        bias: Vectors = (self.ns_exponent * np.log(np.maximum(counts, 1))).astype(np.float32)
        return bias

    def _metadata(self, histories: Histories) -> dict[str, Any]:
        from item2vec.trainers.word2vec.gensim_model import VERSION

        return super()._metadata(histories) | {"versions": {"gensim": VERSION}}


def _counts(histories: Histories) -> Counts:
    """Return the number of occurrences of each item, int64 (n_items,).

    It is counted in these histories, because with validation there are fewer of them than the
    vocabulary counts. It is at least 1, because gensim would drop an item with 0.
    """
    counts = np.bincount(histories.items, minlength=len(histories.vocabulary))
    return np.maximum(counts, 1).astype(np.int64)
