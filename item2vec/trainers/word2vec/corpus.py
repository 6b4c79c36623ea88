"""Histories as gensim's sentences, shuffled anew in every epoch."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from item2vec.data.histories import Histories
from item2vec.data.packed import blocks, pack_lengths
from item2vec.trainers.batches import shuffled_by_sorting

MAX_SENTENCE = 10_000  # gensim's MAX_WORDS_IN_BATCH: gensim drops the rest of a longer sentence
BLOCK_ITEMS = 1 << 16  # items shuffled at a time: their Python lists stay small


class ShuffledEpochs:
    """Histories as sentences of item rows; each iteration is one epoch, in a new order.

    The words are rows of the vocabulary, because gensim accepts any hashable and looks up a small
    integer faster than a string. The order of an epoch is drawn from (seed, epoch) alone. Iterating
    never raises, because gensim hangs forever when its corpus does: the error is kept in `error`,
    and the epoch ends. Histories of more than 10,000 items, which gensim would cut silently, are
    divided into chunks.

    Parameters
    ----------
    histories : Histories
        Histories of known items.
    shuffle : bool
        Whether to shuffle the histories and the items of each.
    seed : int
    epoch : int
        The epoch of the first iteration, counted from 0.
    """

    def __init__(self, histories: Histories, *, shuffle: bool, seed: int, epoch: int = 0) -> None:
        self.histories = replace(histories, digests=None)
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = epoch  # the next one to be drawn
        self.stopped = False
        self.error: BaseException | None = None

    @property
    def n_sentences(self) -> int:
        """The number of sentences of an epoch: chunks of long histories, and no empty ones."""
        return int(np.ceil(self.histories.lengths / MAX_SENTENCE).sum())

    def stop(self, error: BaseException | None = None) -> None:
        """End the epoch in progress; keep the first error."""
        self.error = self.error or error
        self.stopped = True

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng([self.seed, self.epoch])
        self.epoch += 1
        try:
            yield from self._sentences(rng)
        except Exception as error:
            self.stop(error)

    def _sentences(self, rng: np.random.Generator) -> Iterator[list[int]]:
        order = np.arange(len(self.histories))
        if self.shuffle:
            rng.shuffle(order)
        offsets = pack_lengths(self.histories.lengths[order])
        for start, stop in blocks(offsets, BLOCK_ITEMS):
            packed = self.histories.take(order[start:stop])
            items = shuffled_by_sorting(packed, rng) if self.shuffle else packed.items
            rows = items.tolist()
            begin = 0
            for end in packed.offsets[1:].tolist():
                if self.stopped:
                    return
                while end - begin > MAX_SENTENCE:
                    yield rows[begin : begin + MAX_SENTENCE]
                    begin += MAX_SENTENCE
                if end > begin:
                    yield rows[begin:end]
                begin = end
