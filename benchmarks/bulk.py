"""Recommending for many users and writing a file, compared with reading and recommending alone.

    python benchmarks/bulk.py [--users 100000] [--large 1000000] [--memory N]

The targets: `item2vec recommend --histories` for 100,000 histories of 20 items over 27,000 items
takes at most 1.5 times the CPU time of `read_interactions` and `recommend_rows`; and with ten times
as many histories its peak memory rises by no more than the packed histories and the ids of users.
Both run in processes of their own, on one BLAS thread, in turns.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

N_ITEMS, SIZE, LENGTH, K = 27_000, 64, 20, 10
BLOCK = 50_000  # users written at a time
TURNS = 3
RATIO = 1.5


def invent_histories(path: Path, n_users: int) -> None:
    """Write a CSV file of histories whose items have a popularity tail."""
    rng = np.random.default_rng(0)
    popularity = np.cumsum(np.arange(1, N_ITEMS + 1) ** -0.8)
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("user,item,time\n")
        for start in range(0, n_users, BLOCK):
            users = np.arange(start, min(start + BLOCK, n_users)).repeat(LENGTH).tolist()
            draws = rng.random(len(users)) * popularity[-1]
            items = np.searchsorted(popularity, draws).tolist()
            rows = enumerate(zip(users, items, strict=True))
            file.writelines([f"u{user},i{item},{n % LENGTH}\n" for n, (user, item) in rows])


def invent_model(path: Path, n_weights: int) -> None:
    """Write a model of random vectors; its memory has `n_weights` weights per item, if any."""
    from item2vec.data.vocabulary import Vocabulary
    from item2vec.models import model_file
    from item2vec.models.item_vectors import ItemVectors
    from item2vec.models.memory.item_item_memory import Memory
    from item2vec.models.memory.item_weights import ItemWeights

    rng = np.random.default_rng(0)
    vocabulary = Vocabulary.from_counts(
        [f"i{row}" for row in range(N_ITEMS)], np.arange(N_ITEMS, 0, -1)
    )
    items, contexts = rng.standard_normal((2, N_ITEMS, SIZE)).astype(np.float32) / SIZE**0.25
    memory = None
    if n_weights:
        rows = rng.integers(N_ITEMS, size=(N_ITEMS, n_weights)).astype(np.int32)
        weights = rng.standard_normal(rows.size).astype(np.float32)
        offsets = np.arange(0, rows.size + 1, n_weights, dtype=np.int64)
        memory = Memory(ItemWeights(np.sort(rows, axis=1).ravel(), offsets, weights))
    bias = np.log(vocabulary.counts).astype(np.float32)
    model_file.save(ItemVectors(vocabulary, items, contexts, bias, 0.5, memory=memory), path)


def read_and_recommend(model: Path, histories: Path) -> None:
    """Do what the command does, except writing; runs in a process of its own."""
    from item2vec.models import model_file
    from item2vec.reading.interactions import read_interactions

    vectors = model_file.load(model)
    read = read_interactions(histories)
    vectors.recommend_rows(read.to_histories(vocabulary=vectors.vocabulary), K)


def write_all(model: Path, histories: Path, output: Path) -> None:
    """Run the command; runs in a process of its own."""
    from item2vec.cli import main

    main(
        ["recommend", str(model), "--histories", str(histories), "-k", str(K), "-o", str(output)],
        standalone_mode=False,
    )


def packed_size(n_users: int) -> float:
    """Return the size of packed histories and of the ids of their users, in MB."""
    ids = sum(sys.getsizeof(f"u{user}") + 8 for user in range(n_users))
    return (n_users * LENGTH * 4 + n_users * 8 + ids) / 1e6


def measured(*arguments: Any) -> tuple[float, float, float]:
    """Run this file in a process of its own; return its CPU and wall seconds and its peak in MB."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, __file__, "--run", *map(str, arguments)]
    result = subprocess.run(
        command, env=os.environ | threads, check=True, stdout=subprocess.PIPE, text=True
    )
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, float(result.stdout.split()[-1])


def run(what: str, *paths: str) -> None:
    """Run one of both, and print the peak of resident memory in MB."""
    model, histories, *output = map(Path, paths)
    if what == "base":
        read_and_recommend(model, histories)
    else:
        write_all(model, histories, *output)
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


def compare(model: Path, histories: Path, folder: Path) -> float:
    """Time both in turns and print the ratio; return the peak of the command in MB."""
    ratios, peaks = [], []
    for turn in range(TURNS):
        base, base_wall, base_peak = measured("base", model, histories)
        bulk, bulk_wall, bulk_peak = measured("bulk", model, histories, folder / "out.parquet")
        ratios.append(bulk / base)
        peaks.append(bulk_peak)
        print(
            f"turn {turn + 1}: reading and recommending {base:.1f} s of CPU ({base_wall:.1f} s, "
            f"{base_peak:,.0f} MB), the command {bulk:.1f} s ({bulk_wall:.1f} s, "
            f"{bulk_peak:,.0f} MB)",
            flush=True,
        )
    ratio = statistics.median(ratios)
    verdict = "kept" if ratio <= RATIO else "BROKEN"
    print(f"ratio {ratio:.2f}, at most {RATIO}: {verdict}", flush=True)
    return statistics.median(peaks)


def main() -> None:
    """Generate histories and a model, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument(
        "--large",
        type=int,
        default=1_000_000,
        help="number of histories of the second run; 0 leaves it out",
    )
    parser.add_argument("--memory", type=int, default=0, help="number of memory weights per item")
    parser.add_argument("--run", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run(*arguments.run)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, histories = folder / "model.safetensors", folder / "histories.csv"
        invent_model(model, arguments.memory)
        invent_histories(histories, arguments.users)
        small = compare(model, histories, folder)
        if arguments.large:
            invent_histories(histories, arguments.large)
            cpu, wall, large = measured("bulk", model, histories, folder / "out.parquet")
            allowed = packed_size(arguments.large) - packed_size(arguments.users)
            verdict = "kept" if large - small <= allowed else "BROKEN"
            print(
                f"{arguments.users:,} histories: peak {small:,.0f} MB; {arguments.large:,}: "
                f"{large:,.0f} MB ({cpu:.0f} s of CPU, {wall:.0f} s). It rises by "
                f"{large - small:,.0f} MB, at most {allowed:,.0f} MB: {verdict}"
            )


if __name__ == "__main__":
    main()
