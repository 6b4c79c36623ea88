"""gensim's Word2Vec, made to fail aloud and to be stopped. Importing this imports gensim.

gensim 4.4 hangs for ever when a worker raises, and leaves threads blocked behind on Ctrl-C.
"""

import threading
from collections.abc import Callable
from typing import Any

from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec

from item2vec.progress import Progress
from item2vec.trainers.epochs import ShuffledEpochs

POLL_SECONDS = 0.05


class StoppableWord2Vec(Word2Vec):  # type: ignore[misc]  # gensim has no types
    """Word2Vec over `ShuffledEpochs`, whose workers pass by what comes after a stop."""

    def __init__(self, corpus: ShuffledEpochs, **parameters: Any) -> None:
        self.corpus = corpus
        super().__init__(**parameters)

    def _do_train_job(self, sentences: Any, alpha: float, inits: Any) -> tuple[int, int]:
        if self.corpus.stopped:
            return 0, 0
        trained: tuple[int, int] = super()._do_train_job(sentences, alpha, inits)
        return trained

    def _worker_loop(self, job_queue: Any, progress_queue: Any) -> None:
        try:
            super()._worker_loop(job_queue, progress_queue)
        except Exception as error:
            # gensim would wait for ever for this worker to take its jobs and report its end.
            self.corpus.stop(error)
            while job_queue.get() is not None:
                pass
            progress_queue.put(None)

    def train_interruptibly(
        self,
        epochs: int,
        progress: Progress | None = None,
        after_epoch: Callable[[], bool] | None = None,
    ) -> None:
        """Train for all epochs, or until `after_epoch` is true; raise here what goes wrong.

        gensim runs in a thread of its own, so that an interruption of this one lets it empty its
        queues and end its workers before it goes on.
        """
        thread = threading.Thread(target=self._train_all, args=(epochs, after_epoch), daemon=True)
        done = 0
        try:
            thread.start()
            while thread.is_alive():
                thread.join(POLL_SECONDS)
                if progress and self.corpus.finished > done:
                    done = self.corpus.finished
                    progress(done, epochs)
        except BaseException:
            self.corpus.stop()
            thread.join()
            raise
        if self.corpus.error:
            raise self.corpus.error

    def _train_all(self, epochs: int, after_epoch: Callable[[], bool] | None) -> None:
        corpus = self.corpus
        try:
            # One call: gensim's learning rate starts anew with every one.
            self.train(
                corpus,
                total_examples=corpus.n_sentences,
                epochs=epochs,
                callbacks=[_AfterEpoch(corpus, after_epoch)],
            )
        except _Stopped:
            pass
        except Exception as error:
            corpus.stop(error)


class _Stopped(Exception):  # noqa: N818 - a signal, not an error
    """Ends gensim's loop over epochs."""


class _AfterEpoch(CallbackAny2Vec):  # type: ignore[misc]  # gensim has no types
    def __init__(self, corpus: ShuffledEpochs, after_epoch: Callable[[], bool] | None) -> None:
        self.corpus = corpus
        self.after_epoch = after_epoch

    def on_epoch_end(self, model: Word2Vec) -> None:
        if self.corpus.stopped:
            raise _Stopped
        self.corpus.finished += 1
        if self.after_epoch and self.after_epoch():
            raise _Stopped
