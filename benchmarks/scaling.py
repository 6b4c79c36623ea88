"""How time and memory of the softmax trainer grow with items and users.

    python benchmarks/scaling.py [--quick]

It measures, on synthetic histories and with 128 dimensions: a step at 10,000, 100,000 and 1,000,000
items, in turns (the target: at most 1.5 times as long at a million as at 100,000); an epoch for
once, 4 and 16 times as many users; and the peak memory of a process that learns 1,000,000 items
from 20 million interactions (the target: less than the histories and 3.5 times the parameters),
with and without validation.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from item2vec._support.threads import available_cores
from item2vec.data.histories import Histories
from item2vec.data.packed import pack_lengths
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.splitting.held_out_protocols import FoldInProtocol
from item2vec.models.item_vectors import ItemVectors
from item2vec.trainers.softmax.thread_pool import ThreadPool
from item2vec.trainers.softmax.trainer import Softmax

SIZE, LENGTH = 128, 40
STEPS = 60
MB = 1 << 20


def invented(n_users: int, n_items: int) -> Histories:
    """Return histories of 40 items on average, with few popular items."""
    rng = np.random.default_rng(0)
    lengths = np.minimum(2 + rng.exponential(LENGTH - 2, n_users), 10_000).astype(np.int64)
    offsets = pack_lengths(lengths)
    items = np.empty(offsets[-1], dtype=np.int32)
    for start in range(0, len(items), 1 << 20):
        part = items[start : start + (1 << 20)]
        part[:] = n_items * rng.random(len(part)) ** 3
    counts = np.maximum(np.bincount(items, minlength=n_items), 1)
    order = np.argsort(-counts, kind="stable").astype(np.int32)
    rank = np.empty_like(order)
    rank[order] = np.arange(n_items, dtype=np.int32)
    ids = [f"{row:07}" for row in range(n_items)]
    return Histories(rank[items], offsets, Vocabulary.from_counts(ids, counts[order]))


class Clock:
    """An `EpochWatcher` that records when each epoch ended."""

    def __init__(self) -> None:
        self.ended: list[float] = []

    def on_epoch_end(self, vectors: ItemVectors) -> bool:
        """Record the time."""
        self.ended.append(time.perf_counter())
        return False


def steps(n_items: int, n_users: int) -> Iterator[float]:
    """Take steps, and yield the seconds of each."""
    trainer = Softmax(vector_size=SIZE, memory=0)
    with ThreadPool(available_cores()) as threads:
        histories = invented(n_users, n_items).without_repeats()
        training = trainer.training_loop(histories, threads, trainer.train(histories, epochs=0))
        for epoch in itertools.count():
            taken = training.steps(epoch)
            while True:
                begun = time.perf_counter()
                if next(taken, None) is None:
                    break
                yield time.perf_counter() - begun


def by_items(n_users: int) -> None:
    """Print the median time of a step for each size of the catalogue, measured in turns."""
    sizes = (10_000, 100_000, 1_000_000)
    running = {n_items: steps(n_items, n_users) for n_items in sizes}
    seconds: dict[int, list[float]] = {n_items: [] for n_items in sizes}
    for _ in range(STEPS):
        for n_items, taken in running.items():
            seconds[n_items].append(next(taken))
    medians = {n_items: statistics.median(taken[5:]) for n_items, taken in seconds.items()}
    for n_items, median in medians.items():
        plan = Softmax(vector_size=SIZE, memory=0).plan(n_items, n_users * LENGTH)
        print(f"{n_items:>9,} items: {1000 * median:6.1f} ms a step. {plan}")
    print(f"a step at 1,000,000 items / at 100,000: {medians[sizes[2]] / medians[sizes[1]]:.2f}")


def by_users(n_users: int) -> None:
    """Print the time of an epoch for a growing number of users."""
    for times in (1, 4, 16):
        histories = invented(times * n_users, 20_000)
        clock = Clock()
        Softmax(vector_size=SIZE, epochs=2, memory=0).fit(histories, watcher=clock)
        seconds = clock.ended[1] - clock.ended[0]
        n = len(histories.items)
        print(
            f"{times * n_users:>9,} users, {n:>10,} interactions: {seconds:6.1f} s an epoch, "
            f"{1e6 * seconds / n:.2f} s a million"
        )


def peak_so_far() -> float:
    """Return the peak of resident memory of this process in MB, as Linux reports it.

    (getrusage also counts the memory of the process that started this one.)
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))  # in kB
    return int(peak.split()[1]) / 1024


def peak(n_users: int, n_items: int, validate: float) -> None:
    """Train once and print the peak of this process, relative to its parameters and histories."""
    histories = invented(n_users, n_items)
    held = histories.items.nbytes + histories.offsets.nbytes + histories.vocabulary.counts.nbytes
    held += sum(map(sys.getsizeof, histories.vocabulary.ids)) + 8 * n_items
    before = peak_so_far()
    begun = time.perf_counter()
    trainer = Softmax(
        vector_size=SIZE, epochs=1, memory=0, validate=validate, validation=FoldInProtocol()
    )
    trainer.fit(histories)
    parameters = 4 * n_items * (2 * SIZE + 1) / MB
    now = peak_so_far()
    share = (now - held / MB) / parameters
    print(
        f"{n_items:,} items from {len(histories.items):,} interactions"
        f"{f', {validate:.0%} of the users for validation' if validate else ''}: an epoch in "
        f"{time.perf_counter() - begun:.0f} s; parameters {parameters:,.0f} MB, histories and ids "
        f"{held / MB:,.0f} MB (peak of making them {before:,.0f} MB); peak {now:,.0f} MB = "
        f"histories + {share:.2f} x parameters"
    )


def main() -> None:
    """Print all three measurements."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the users")
    parser.add_argument("--peak", nargs=3, type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    share = 10 if options.quick else 1
    if options.peak:
        n_users, n_items, validate = options.peak
        return peak(int(n_users), int(n_items), validate)
    print(f"{available_cores()} cores, {SIZE} dimensions, {LENGTH} items a history on average")
    by_items(100_000 // share)
    by_users(12_500 // share)
    for validate in (0.0, 0.01):  # each in a process of its own, because a peak never goes down
        numbers = map(str, (500_000 // share, 1_000_000 // share, validate))
        subprocess.run([sys.executable, __file__, "--peak", *numbers], check=True)
    return None


if __name__ == "__main__":
    main()
