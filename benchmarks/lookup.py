"""Compare indexes of nearest items with exact search, on trained vectors.

    python benchmarks/lookup.py [--items 100000] [--vectors FILE.npy]

The target: the index `hnsw` finds 95 % of the exact 10 nearest items and answers at least 5 times
as many queries per CPU second as exact search, one at a time, at 100,000 items and 128 dimensions.

The vectors are trained once, by the softmax trainer, on synthetic histories whose items belong to
topics (`--vectors` stores them for another run): random vectors have no close neighbors, so no
index could find them. Every index is then built, its search width is increased until it reaches
each recall, and it is timed against exact search, on one thread. Annoy is shown with several
numbers of trees, and with its default width. usearch is included if it is installed.
"""

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from item2vec._support.threads import one_thread
from item2vec.data.histories import Histories
from item2vec.data.packed import pack_lengths
from item2vec.data.vocabulary import Vocabulary
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.hnsw_index import HnswNeighbors
from item2vec.neighbors.index_file import HNSW
from item2vec.neighbors.index_info import Recall
from item2vec.neighbors.index_recall import (
    CHOOSING,
    MEASURING,
    GroundTruth,
    Index,
    measure_speeds,
    with_tuned_width,
)
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.types import Cosines, Rows, Vectors

SIZE = 128
TOPIC_ITEMS, TASTES, ANY_ITEM = 50, 6, 0.1  # items of a topic, topics of a user, share of noise
RECALLS = (0.9, 0.95)
RATIO = 5.0
USEARCH_WIDTH = 2_000  # many times what HNSW needs


def invented(n_users: int, n_items: int, seed: int = 0) -> Histories:
    """Return histories of about 40 items, most from a few topics of the user."""
    rng = np.random.default_rng(seed)
    weights = 0.3 + rng.pareto(1.5, n_items // TOPIC_ITEMS)
    sizes = rng.multinomial(n_items, weights / weights.sum())
    starts = np.cumsum(sizes) - sizes
    lengths = np.minimum(5 + rng.exponential(35, n_users), 500).astype(np.int64)
    offsets = pack_lengths(lengths)
    n = int(offsets[-1])
    users = np.repeat(np.arange(n_users), lengths)
    liked = rng.choice(len(sizes), size=(n_users, TASTES), p=sizes / n_items)
    topics = liked[
        users, (TASTES * rng.random(n) ** 1.7).astype(np.intp)
    ]  # the favorite topic most often
    items = starts[topics] + (sizes[topics] * rng.random(n) ** 2).astype(np.intp)
    noise = rng.random(n) < ANY_ITEM
    items[noise] = rng.integers(n_items, size=np.count_nonzero(noise))
    counts = np.maximum(np.bincount(items, minlength=n_items), 1)
    order = np.argsort(-counts, kind="stable")
    ranks = np.empty(n_items, dtype=np.int32)
    ranks[order] = np.arange(n_items, dtype=np.int32)
    vocabulary = Vocabulary.from_counts([f"{row:07}" for row in range(n_items)], counts[order])
    return Histories(ranks[items], offsets, vocabulary).without_repeats()


def trained(n_items: int, epochs: int) -> Vectors:
    """Train item vectors on synthetic histories, and print the CPU time."""
    histories, begun = invented(n_items // 2, n_items), time.process_time()
    vectors = Softmax(vector_size=SIZE, epochs=epochs, memory=0).fit(histories).item_vectors
    print(
        f"{n_items:,} items of {SIZE} dimensions, trained on {len(histories.items):,} invented "
        f"interactions in {time.process_time() - begun:.0f} CPU s",
        flush=True,
    )
    return np.asarray(vectors)


@dataclasses.dataclass(frozen=True, eq=False)
class Usearch:
    """usearch's HNSW index with the interface of `Index`."""

    item_vectors: Vectors
    index: Any
    search_width: int | None = None
    recall: Recall | None = None
    kind = HNSW

    @classmethod
    def build(cls, item_vectors: Vectors, *, connectivity: int) -> Self:
        """Build an index on one thread; the lowest level has twice as many links per item."""
        from usearch.index import Index as Library

        index = Library(ndim=SIZE, metric="cos", connectivity=connectivity, expansion_add=128)
        index.add(np.arange(len(item_vectors), dtype=np.uint64), item_vectors, threads=1)
        return cls(item_vectors, index)

    def with_width(self, search_width: int, recall: Recall | None = None) -> Self:
        """Return the same index with another search width."""
        return dataclasses.replace(self, search_width=search_width, recall=recall)

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return about the `k` nearest items of each item."""
        self.index.expansion_search = self.search_width or 64
        found = self.index.search(self.item_vectors[rows], k + 1, threads=1)
        keys = np.atleast_2d(found.keys).astype(np.int32)
        cosines = 1 - np.atleast_2d(found.distances)
        cosines[keys == rows[:, None]] = -np.inf
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(keys, order, axis=1), np.take_along_axis(cosines, order, axis=1)

    def save(self, path: Path, *, model: str) -> None:
        """Write the index."""
        self.index.save(str(path))


Side = tuple[str, Callable[[Vectors], Any], int, int]  # name, build, least and most search width


def sides(n_items: int) -> Iterator[Side]:
    """Yield every index to compare."""
    for trees in (50, 100, 200):
        yield (
            f"annoy, {trees} trees",
            partial(AnnoyNeighbors.build, trees=trees),
            100,
            n_items,
        )
    for connections in (32, 48, 64):
        yield (
            f"hnsw, {connections} connections",
            partial(HnswNeighbors.build, connections=connections),
            11,
            n_items,
        )
    try:
        import usearch  # noqa: F401
    except ImportError:
        print("usearch is not installed, and left out")
    else:
        for connectivity in (16, 32):
            name = f"usearch, {2 * connectivity} connections"
            build = partial(Usearch.build, connectivity=connectivity)
            yield name, build, 11, min(n_items, USEARCH_WIDTH)


def bytes_of(index: Any) -> int:
    """Return the size of an index and its description in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder) / "index", model="sha256:")
        return sum(path.stat().st_size for path in Path(folder).iterdir())


def line(name: str, index: Index, truth: GroundTruth, build_seconds: float, size: int) -> float:
    """Measure an index, print a row of the table, and return the ratio to exact search."""
    speeds = measure_speeds(index)
    ratio = speeds.single / speeds.exact_single
    print(
        f"{name:<23}{index.search_width or '-':>8}{truth.recall(index):>8.3f}"
        f"{speeds.single:>9,.0f}{ratio:>7.1f}{speeds.bulk:>9,.0f}"
        f"{speeds.bulk / speeds.exact_bulk:>7.1f}{build_seconds:>8.1f}{size / 1e6:>8.0f}",
        flush=True,
    )
    return ratio


def compare(vectors: Vectors, names: Sequence[str]) -> dict[str, float]:
    """Print the table; return the ratio of each index at the highest recall, by name."""
    choosing = GroundTruth.sample(vectors, CHOOSING, seed=1)
    measuring = GroundTruth.sample(vectors, MEASURING, seed=0)
    print(f"mean cosine of the 10th nearest item {measuring.cosines[:, -1].mean():.2f}")
    print(f"{'index':<23}{'width':>8}{'recall':>8}{'single':>9}{'x':>7}{'bulk':>9}{'x':>7}"
          f"{'build s':>8}{'MB':>8}")  # fmt: skip
    ratios = {}
    for name, build, least, most in sides(len(vectors)):
        if not name.startswith(tuple(names)):
            continue
        with one_thread():
            begun = time.process_time()
            index = build(vectors)
            seconds = time.process_time() - begun
        size = bytes_of(index)
        if name == "annoy, 50 trees":
            line("annoy, default width", index, measuring, seconds, size)
        for asked in RECALLS:
            fitted = with_tuned_width(index, asked, choosing, measuring, least=least, most=most)
            if fitted is None:
                print(f"{name:<23}{asked:>15} is not reached with a width of up to {most:,}")
            else:
                ratios[name] = line(name, fitted, measuring, seconds, size)
    return ratios


def main() -> None:
    """Train or read vectors, and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument(
        "--vectors", type=Path, help="file to read the vectors from, or to store them in"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[""],
        help="names of indexes to compare, or beginnings of names",
    )
    options = parser.parse_args()
    if options.vectors and options.vectors.exists():
        vectors = np.load(options.vectors)
        print(f"{len(vectors):,} items of {vectors.shape[1]} dimensions from {options.vectors}")
    else:
        vectors = trained(options.items, options.epochs)
        if options.vectors:
            np.save(options.vectors, vectors)
    begun = time.process_time()
    ExactNeighbors(vectors).neighbors(np.arange(MEASURING, dtype=np.int32), 10)
    print(f"exact search: {MEASURING / (time.process_time() - begun):,.0f} a CPU second in bulk")
    ratios = compare(vectors, options.only)
    if (ratio := ratios.get("hnsw, 48 connections")) is not None:
        verdict = "kept" if ratio >= RATIO else "BROKEN"
        print(f"hnsw at {RECALLS[-1]:.0%}: {ratio:.1f} times exact search, at least {RATIO:g}: "
              f"{verdict}")  # fmt: skip


if __name__ == "__main__":
    main()
