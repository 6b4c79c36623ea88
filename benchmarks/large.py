"""The cost of each stage of training on a large catalogue: CPU seconds and peak memory.

    python benchmarks/large.py [--quick] [--stages NAME ...]

All on generated histories: 500,000 items and 20 million interactions (--quick: a tenth of both).
The stages are the initialization, the item-item memory (50 neighbors of every item) and the whole
trainer word2vec with one epoch, including its selection of the memory. Each runs in a process of
its own, because a peak never goes down. The targets: the memory under 4 GB, all together under 6
GB.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable

from scaling import LENGTH, invented, peak_so_far

from item2vec.data.histories import Histories
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.initialization import spectral_initialization
from item2vec.trainers.memory_weights.co_occurrence_tables import CoOccurrenceTables
from item2vec.trainers.memory_weights.long_histories import neighborhood_weights
from item2vec.trainers.memory_weights.short_histories import pair_weights
from item2vec.trainers.stages.balanced_memory import NEIGHBORS_IN_LARGE
from item2vec.trainers.word2vec.trainer import Word2Vec

USERS, ITEMS = 525_000, 500_000  # about 2.5 % of the items drawn are repeats
SIZE = 128


def memory(histories: Histories) -> Memory:
    """Return the item-item memory of a large catalogue."""
    tables = CoOccurrenceTables.of(histories, NEIGHBORS_IN_LARGE)
    return Memory(pair_weights(tables), neighborhood_weights(tables), crossover=12.0)


STAGES: dict[str, Callable[[Histories], object]] = {
    "initialization": lambda histories: spectral_initialization(
        histories, SIZE, 0, context_ridge=25.0, largest=6.0
    ),
    "memory": memory,
    # A number keeps the memory, which does not improve scores of histories drawn at random.
    "word2vec": lambda histories: Word2Vec(
        vector_size=SIZE, epochs=1, memory=NEIGHBORS_IN_LARGE
    ).fit(histories),
}


def measure(stage: str, n_users: int, n_items: int) -> None:
    """Run a stage, and print its time and memory."""
    histories = invented(n_users, n_items).without_repeats()
    before = peak_so_far()
    begun = time.process_time(), time.perf_counter()
    STAGES[stage](histories)
    cpu, wall = time.process_time() - begun[0], time.perf_counter() - begun[1]
    print(
        f"{stage}: {len(histories.items):,} interactions of {n_items:,} items; {cpu:.0f} CPU s "
        f"in {wall:.0f} s, peak {peak_so_far():,.0f} MB (before it {before:,.0f} MB)",
        flush=True,
    )


def main() -> None:
    """Measure the stages, each in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the users and items")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    share = 10 if options.quick else 1
    if options.stage:
        return measure(options.stage, USERS // share, ITEMS // share)
    print(f"{LENGTH} items a history on average")
    for stage in options.stages:
        quick = ["--quick"] * options.quick
        subprocess.run([sys.executable, __file__, "--stage", stage, *quick], check=True)
    return None


if __name__ == "__main__":
    main()
