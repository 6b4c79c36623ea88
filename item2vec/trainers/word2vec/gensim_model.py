"""A subclass of gensim's Word2Vec that can be interrupted and resumed, and is set up quickly.

gensim 4.4 hangs forever when a worker raises, leaves blocked threads behind on Ctrl-C, and restarts
its learning rate with every call of `train`. Importing this module imports gensim.
"""

import threading
from collections.abc import Mapping
from typing import Any

import gensim
import numpy as np
from gensim.models import Word2Vec
from gensim.models.keyedvectors import prep_vectors

from item2vec.trainers.word2vec.corpus import ShuffledEpochs
from item2vec.types import Counts, Vectors

POLL_SECONDS = 0.05  # Ctrl-C is noticed within this time
TABLE_SIZE = 2**31 - 1  # gensim draws a random number below this for every noise item
VERSION = str(gensim.__version__)


class StoppableWord2Vec(Word2Vec):  # type: ignore[misc]  # gensim has no types
    """Word2Vec over `ShuffledEpochs`, trained one epoch at a time.

    Parameters
    ----------
    corpus : ShuffledEpochs
    counts : array of shape (n_items,), int64
        Number of occurrences of each item, at least 1, for the noise distribution.
    vectors : (item_vectors, context_vectors), arrays of shape (n_items, vector_size), float32
        The initialization; changed in place.
    generator : mapping
        State of the random number generator, as `generator_state` returns it.
    n_epochs : int
        Epochs over which the learning rate falls.
    parameters
        Arguments of gensim's Word2Vec.
    """

    def __init__(
        self,
        corpus: ShuffledEpochs,
        counts: Counts,
        *,
        vectors: tuple[Vectors, Vectors],
        generator: Mapping[str, Any],
        n_epochs: int,
        **parameters: Any,
    ) -> None:
        super().__init__(**parameters)
        self.corpus, self.n_epochs = corpus, n_epochs
        self._set_vocabulary(counts)
        self.wv.vectors, self.syn1neg = vectors
        self.random.set_state(generator)

    def _set_vocabulary(self, counts: Counts) -> None:
        """Set what gensim's `build_vocab_from_freq` sets, without its loops over all items.

        The words are the rows themselves, which gensim looks up as such.
        """
        wv = self.wv
        wv.index_to_key = list(range(len(counts)))
        wv.key_to_index = dict(enumerate(wv.index_to_key))
        wv.expandos["count"] = counts
        # Downsampling keeps this share of the occurrences of an item.
        threshold = (self.sample or 1.0) * counts.sum()
        kept = (np.sqrt(counts / threshold) + 1) * (threshold / counts)
        wv.expandos["sample_int"] = (np.minimum(kept, 1.0) * (2**32 - 1)).astype(np.uint32)
        # gensim takes Python's power, from which NumPy's may differ in the last bit. It is slow, so
        # it is computed once for each distinct count.
        distinct, which = np.unique(counts, return_inverse=True)  # (n_distinct,), (n_items,)
        powers = np.array([count ** float(self.ns_exponent) for count in distinct.tolist()])
        cumulative = np.cumsum(powers[which])  # (n_items,) float64
        self.cum_table = np.rint(cumulative / cumulative[-1] * TABLE_SIZE).astype(np.uint32)

    def generator_state(self) -> dict[str, Any]:
        """Return the state of the random number generator as JSON values."""
        return generator_state(self.random)

    def train_epoch(self) -> None:
        """Train for the next epoch of the corpus, and raise any error of gensim's threads.

        gensim runs in a thread of its own, so that after an interruption it can empty its queues
        and end its workers.
        """
        epoch = self.corpus.epoch
        thread = threading.Thread(target=self._train_epoch_of_corpus, args=(epoch,), daemon=True)
        try:
            thread.start()
            while thread.is_alive():
                thread.join(POLL_SECONDS)
        except BaseException:
            self.corpus.stop()
            if thread.is_alive():  # it is not if start() itself was interrupted
                thread.join()
            raise
        if self.corpus.error:
            raise self.corpus.error

    def _train_epoch_of_corpus(self, epoch: int) -> None:
        self._epoch = epoch
        try:
            self.train(self.corpus, total_examples=self.corpus.n_sentences, epochs=1)
        except Exception as error:
            self.corpus.stop(error)

    def _get_next_alpha(self, epoch_progress: float, cur_epoch: int) -> float:
        """Return the learning rate, which falls over the whole run, not over one `train` call."""
        progress = (self._epoch + epoch_progress) / self.n_epochs
        alpha: float = self.alpha - (self.alpha - self.min_alpha) * progress
        return max(float(self.min_alpha), alpha)

    def _do_train_job(self, sentences: Any, alpha: float, inits: Any) -> tuple[int, int]:
        if self.corpus.stopped:
            return 0, 0
        trained: tuple[int, int] = super()._do_train_job(sentences, alpha, inits)
        return trained

    def _worker_loop(self, job_queue: Any, progress_queue: Any) -> None:
        try:
            super()._worker_loop(job_queue, progress_queue)
        except Exception as error:
            # gensim would wait forever for this worker to take its jobs and to report its end.
            self.corpus.stop(error)
            while job_queue.get() is not None:
                pass
            progress_queue.put(None)


def generator_state(random: np.random.RandomState) -> dict[str, Any]:
    """Return the state of a generator as JSON values, which `RandomState.set_state` accepts."""
    state: dict[str, Any] = random.get_state(legacy=False)
    twister = {"key": state["state"]["key"].tolist(), "pos": int(state["state"]["pos"])}
    return {**state, "state": twister}


def random_vectors(n_items: int, vector_size: int, seed: int) -> tuple[Vectors, Vectors]:
    """Return gensim's own initialization: short random item vectors, and zero context vectors.

    Returns
    -------
    item_vectors, context_vectors : arrays of shape (n_items, vector_size), float32
    """
    item_vectors: Vectors = prep_vectors((n_items, vector_size), seed=seed)
    return item_vectors, np.zeros_like(item_vectors)
