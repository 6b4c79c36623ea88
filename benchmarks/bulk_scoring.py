"""The cost of an item-item memory in recommending 100 items for many histories, as a ratio.

    python benchmarks/bulk_scoring.py [--items N ...] [--lengths N ...] [--histories N]

The same vectors recommend with and without their memory, in turns, in one process with one BLAS
thread; CPU time is measured, so that other load matters less. The target: at most 2.5 times the CPU
time at 3, 12 and 20 items per history, at most 4 times at 80. The exit code is 1 if it is missed.

As in a trained model, each item predicts 60 others in short histories, and is predicted by 100
others in long ones. Popular items are neighbors of more items, so their rows of the latter weights
are longer, and histories are realistic: most of them contain popular items. A history of n items
needs n times as many additions as one item, anywhere in the row of scores; its products need no
more than for one item. Both sets of weights count the same at a length of 12 items; from 17 items
on only those for long histories count.

`--all-items` also times the nearest neighbors of all items (``similar --all``) against the bare
matrix product that they need.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from item2vec._support.threads import blas_threads
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.trainers.memory_weights.short_histories import MOST_KEPT
from item2vec.types import Rows

MOST = {3: 2.5, 12: 2.5, 20: 2.5, 80: 4.0}
K = 100


def invented(n_items: int, size: int, weights: int) -> ItemVectors:
    """Return random vectors, the bias of a long tail of counts, and a memory of random weights."""
    rng = np.random.default_rng(0)
    counts = np.sort(rng.zipf(1.5, n_items).clip(5, 100_000))[::-1]
    vocabulary = Vocabulary.from_counts([f"{row:06}" for row in range(n_items)], counts)
    items, contexts = rng.standard_normal((2, n_items, size)).astype(np.float32) / size**0.25
    bias = (0.5 * np.log(counts)).astype(np.float32)
    chance = np.arange(1, n_items + 1) ** -0.2  # as skewed as in models of books and films
    ends = np.cumsum(chance / chance.sum())

    def neighbors(n: int) -> tuple[Rows, npt.NDArray[np.float32]]:
        near = np.searchsorted(ends, rng.random((n_items, n))).astype(np.int32)
        near[near >= n_items] = -1
        return near, rng.exponential(0.5, near.shape).astype(np.float32)

    predicted, values = neighbors(MOST_KEPT)
    short = ItemWeights(
        np.sort(np.maximum(predicted, 0), axis=1).ravel(),
        np.arange(n_items + 1, dtype=np.int64) * MOST_KEPT,
        values.ravel(),
    )
    long = ItemWeights.of_neighbors(*neighbors(weights))
    memory = Memory(short, long, crossover=12.0)
    return ItemVectors(vocabulary, items, contexts, bias, power=0.5, memory=memory)


def drawn(vocabulary: Vocabulary, n: int, length: int) -> Histories:
    """Return `n` histories of `length` different items, drawn by their rank in popularity."""
    rng = np.random.default_rng(1)
    n_items = len(vocabulary)
    weight = np.arange(1, n_items + 1) ** -0.7
    chance = weight / weight.sum()
    rows = [rng.choice(n_items, length, replace=False, p=chance) for _ in range(n)]
    offsets = np.arange(n + 1, dtype=np.int64) * length
    return Histories(np.concatenate(rows).astype(np.int32), offsets, vocabulary)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that all threads of this process take together."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def ratio(vectors: ItemVectors, histories: Histories, rounds: int) -> tuple[float, float, float]:
    """Return the CPU time of a history without and with the memory, in µs, and their ratio."""
    alone = replace(vectors, memory=None)
    few = histories.slice(0, min(len(histories), 512))
    alone.recommend_rows(few, K)
    vectors.recommend_rows(few, K)  # a warm-up run, which is not timed
    times: list[tuple[float, float]] = []
    for turn in range(rounds):
        pair = [alone, vectors] if turn % 2 == 0 else [vectors, alone]
        taken = [cpu_seconds(partial(model.recommend_rows, histories, K)) for model in pair]
        times.append((taken[0], taken[1]) if turn % 2 == 0 else (taken[1], taken[0]))
    without, with_memory = (statistics.median(side) for side in zip(*times, strict=True))
    scale = 1e6 / len(histories)
    return without * scale, with_memory * scale, statistics.median(b / a for a, b in times)


def product_alone(vectors: npt.NDArray[np.float32], step: int = 256) -> None:
    """Multiply every item with every other one, a block at a time, into the same buffer."""
    scores = np.empty((step, len(vectors)), dtype=np.float32)
    for start in range(0, len(vectors), step):
        block = vectors[start : start + step]
        np.matmul(block, vectors.T, out=scores[: len(block)])


def all_neighbors(n_items: int, size: int, k: int, rounds: int) -> None:
    """Print the CPU time of the neighbors of all items relative to the bare product."""
    vectors = invented(n_items, size, 1)
    rows = np.arange(n_items, dtype=np.int32)
    pairs = [
        (
            cpu_seconds(lambda: product_alone(vectors.item_vectors)),
            cpu_seconds(lambda: vectors.similar_rows(rows, k)),
        )
        for _ in range(rounds)
    ]
    product, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    times = statistics.median(b / a for a, b in pairs)
    print(f"\n{k} neighbors of all {n_items:,} items in {size} dimensions:")
    print(f"product {product:.2f} s, neighbors {ours:.2f} s CPU: {times:.2f} times the product")


def main() -> int:
    """Print a table of ratios; return 1 if any of them misses its target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--items", type=int, nargs="+", default=[12_000, 27_000])
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128], help="dimensions")
    parser.add_argument("--lengths", type=int, nargs="+", default=[3, 12, 20, 80])
    parser.add_argument("--weights", type=int, default=100, help="neighbors of each item")
    parser.add_argument("--histories", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--all-items", action="store_true", help="also time similar --all")
    chosen = parser.parse_args()
    print(" items  size  length  without    with  ratio   most   (µs of CPU per history)")
    kept = True
    with blas_threads(1):
        for n_items in chosen.items:
            for size in chosen.sizes:
                vectors = invented(n_items, size, chosen.weights)
                for length in chosen.lengths:
                    histories = drawn(vectors.vocabulary, chosen.histories, length)
                    without, with_memory, times = ratio(vectors, histories, chosen.rounds)
                    most = MOST.get(length)
                    kept &= most is None or times <= most
                    print(
                        f"{n_items:6} {size:5} {length:7} {without:8.1f} {with_memory:7.1f}"
                        f" {times:6.2f} {'' if most is None else most:>6}",
                        flush=True,
                    )
        if chosen.all_items:
            all_neighbors(max(chosen.items), max(chosen.sizes), 20, chosen.rounds)
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
