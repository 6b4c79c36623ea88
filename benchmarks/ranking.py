"""The top 100 of 50,000 items for 100,000 histories, against one argpartition per block.

    python benchmarks/ranking.py [HISTORIES]

Both run in this process, in turns, on the same vectors, and their results are compared. The target:
at least 3 times faster, in less than 2 GB.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from item2vec._support.top_k import exclude
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.models.item_vectors import ItemVectors
from item2vec.types import Rows

N_ITEMS, SIZE, K, INPUTS = 50_000, 64, 100, 3
TURNS = 3
BLOCK = 160  # histories whose scores take 32 MB


def invented(n: int) -> tuple[ItemVectors, Histories]:
    """Return random vectors with the bias of a long tail of counts, and random histories."""
    rng = np.random.default_rng(0)
    counts = np.sort(rng.zipf(1.5, N_ITEMS).clip(5, 100_000))[::-1]
    vocabulary = Vocabulary.from_counts([f"{row:06}" for row in range(N_ITEMS)], counts)
    items, contexts = rng.standard_normal((2, N_ITEMS, SIZE)).astype(np.float32) / SIZE**0.25
    bias = (0.5 * np.log(counts)).astype(np.float32)
    vectors = ItemVectors(vocabulary, items, contexts, bias, power=1.0)
    rows = rng.integers(N_ITEMS, size=n * INPUTS).astype(np.int32)
    return vectors, Histories(rows, np.arange(0, n * INPUTS + 1, INPUTS), vocabulary)


def by_argpartition(vectors: ItemVectors, histories: Histories) -> Rows:
    """Rank in the obvious way: the product of a block, one argpartition, a sort of the best."""
    result = np.empty((len(histories), K), dtype=np.int32)
    folded = vectors.fold_in_rows(histories)
    for start in range(0, len(histories), BLOCK):
        block = histories.slice(start, min(start + BLOCK, len(histories)))
        scores = folded[start : start + BLOCK] @ vectors.context_vectors.T
        scores += vectors.bias
        exclude(scores, block.items, block.offsets)
        places = np.argpartition(scores, N_ITEMS - K, axis=1)[:, N_ITEMS - K :]
        order = np.argsort(-np.take_along_axis(scores, places, axis=1), axis=1)
        result[start : start + BLOCK] = np.take_along_axis(places, order, axis=1)
    return result


def timed(rank: Callable[[], Rows]) -> tuple[float, Rows]:
    """Return the seconds that a function takes, and its result."""
    begun = time.perf_counter()
    rows = rank()
    return time.perf_counter() - begun, rows


def main() -> None:
    """Time both in turns and print the ratio."""
    vectors, histories = invented(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    ratios = []
    for turn in range(TURNS):
        ours, rows = timed(lambda: vectors.recommend_rows(histories, K))
        # Before the other function runs, because the target is for the peak of ours.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        theirs, expected = timed(lambda: by_argpartition(vectors, histories))
        ratios.append(theirs / ours)
        same = (rows == expected).mean()
        print(f"turn {turn + 1}: argpartition {theirs:.1f} s, ours {ours:.1f} s, {same:.3%} alike")
        if turn == 0:
            print(f"peak memory of ours: {peak:,.0f} MB")
    print(f"{len(histories):,} histories: {statistics.median(ratios):.2f} times faster")


if __name__ == "__main__":
    main()
