"""The time of the word2vec trainer against bare gensim, on the same shuffled lists and workers.

    python benchmarks/word2vec.py [RATINGS]

Both run in this process, in turns; the ratio is the median over the pairs. The target: at most
1.10. Without RATINGS it runs on synthetic histories.
"""

import statistics
import sys
import time
from collections.abc import Iterator

from gensim.models import Word2Vec as Gensim

import item2vec
from item2vec._support.threads import available_cores
from item2vec.data.histories import Histories
from item2vec.data.synthetic import invent
from item2vec.trainers.word2vec.corpus import ShuffledEpochs
from item2vec.trainers.word2vec.trainer import Word2Vec

EPOCHS = 10
PAIRS = 5


class Ready:
    """Lists that were shuffled beforehand; each iteration is one epoch."""

    def __init__(self, epochs: list[list[list[int]]]) -> None:
        self.epochs = epochs
        self.epoch = 0

    def __iter__(self) -> Iterator[list[int]]:
        self.epoch += 1
        return iter(self.epochs[self.epoch - 1])


def bare(histories: Histories, workers: int) -> float:
    """Return the seconds that gensim's own class takes."""
    shuffled = ShuffledEpochs(histories, shuffle=True, seed=0)
    lists = [list(shuffled) for _ in range(EPOCHS)]
    begun = time.perf_counter()
    model = Gensim(
        vector_size=128, window=3, negative=10, ns_exponent=0.5, sample=0, alpha=0.015, sg=0,
        min_count=1, sorted_vocab=0, workers=workers,
    )  # fmt: skip
    model.build_vocab_from_freq(dict(enumerate(histories.vocabulary.counts.tolist())))
    model.train(Ready(lists), total_examples=len(lists[0]), epochs=EPOCHS)
    return time.perf_counter() - begun


def ours(histories: Histories, workers: int) -> float:
    """Return the seconds that the trainer takes, shuffling included."""
    begun = time.perf_counter()
    Word2Vec(epochs=EPOCHS, workers=workers, start="random", memory=0).fit(histories)
    return time.perf_counter() - begun


def main() -> None:
    """Print the ratio for one worker and for one worker per core."""
    if len(sys.argv) > 1:
        histories = item2vec.read_interactions(sys.argv[1]).to_histories()
    else:
        histories = Histories.from_lists(invent(n_users=4000).lists(), min_count=5)
    print(f"{len(histories):,} histories, {len(histories.items):,} items, {EPOCHS} epochs")
    for workers in sorted({1, available_cores()}):
        ratios = [ours(histories, workers) / bare(histories, workers) for _ in range(PAIRS)]
        print(
            f"workers {workers}: item2vec / bare gensim = {statistics.median(ratios):.3f} "
            f"(of {PAIRS} pairs, {min(ratios):.3f} ... {max(ratios):.3f})"
        )


if __name__ == "__main__":
    main()
