"""Histories as sentences, shuffled anew in every epoch."""

from collections.abc import Iterator

import numpy as np

from item2vec.histories import Histories, blocks, pack_lengths, shuffled_within, take_packed

MAX_SENTENCE = 10_000  # gensim's MAX_WORDS_IN_BATCH: it drops what a sentence has beyond
BLOCK_ITEMS = 1 << 16


class ShuffledEpochs:
    """Histories as sentences of item ids; each iteration is one epoch, in an order of its own.

    The order of an epoch is drawn from (seed, epoch) alone. Iterating never raises, for gensim
    hangs for ever when its corpus does: what went wrong is kept in `error`, and the epoch ends.
    Histories over 10,000 items, which gensim would cut without a word, come in chunks.
    """

    def __init__(self, histories: Histories, *, shuffle: bool, seed: int) -> None:
        self.histories = histories
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0  # the next one to be drawn
        self.finished = 0
        self.stopped = False
        self.error: BaseException | None = None
        self._ids = np.array(histories.vocabulary.ids, dtype=object)

    @property
    def n_sentences(self) -> int:
        """How many sentences an epoch has: a long history counts as several, an empty one not."""
        return int(np.ceil(self.histories.lengths / MAX_SENTENCE).sum())

    def stop(self, error: BaseException | None = None) -> None:
        """End the epoch under way; keep the first error."""
        self.error = self.error or error
        self.stopped = True

    def __iter__(self) -> Iterator[list[str]]:
        rng = np.random.default_rng([self.seed, self.epoch])
        self.epoch += 1
        try:
            yield from self._sentences(rng)
        except Exception as error:
            self.stop(error)

    def _sentences(self, rng: np.random.Generator) -> Iterator[list[str]]:
        order = np.arange(len(self.histories))
        if self.shuffle:
            rng.shuffle(order)
        offsets = pack_lengths(self.histories.lengths[order])
        for start, stop in blocks(offsets, BLOCK_ITEMS):
            items, ends = take_packed(
                self.histories.items, self.histories.offsets, order[start:stop]
            )
            if self.shuffle:
                items = shuffled_within(items, ends, rng)
            words = self._ids[items].tolist()
            begin = 0
            for end in ends[1:].tolist():
                if self.stopped:
                    return
                while end - begin > MAX_SENTENCE:
                    yield words[begin : begin + MAX_SENTENCE]
                    begin += MAX_SENTENCE
                if end > begin:
                    yield words[begin:end]
                begin = end
