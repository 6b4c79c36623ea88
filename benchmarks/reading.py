"""Time and memory of converting 20 million CSV rows to packed histories.

The target: under 2 GB, from the CSV file to `Histories`. Run it with

    python benchmarks/reading.py [--rows 20000000]

The rows are synthetic, similar to MovieLens-25M: 160,000 users of very different activity, 60,000
items with a long tail of popularity. Reading runs in a process of its own, so that its peak of
resident memory does not include generating the rows.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

N_USERS, N_ITEMS = 160_000, 60_000
BLOCK = 1_000_000  # rows written at a time
PROMISED = 2_000  # MB


def invent(path: Path, n_rows: int, seed: int = 0) -> None:
    """Write a CSV file with the columns of MovieLens, sorted by user as in MovieLens."""
    rng = np.random.default_rng(seed)
    activity = rng.lognormal(0, 1.2, N_USERS)
    users = np.repeat(np.arange(1, N_USERS + 1), rng.multinomial(n_rows, activity / activity.sum()))
    popularity = np.cumsum(np.arange(1, N_ITEMS + 1) ** -0.9)
    ids = rng.permutation(210_000)[:N_ITEMS] + 1
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("userId,movieId,rating,timestamp\n")
        for start in range(0, n_rows, BLOCK):
            block = users[start : start + BLOCK]
            draws = rng.random(len(block)) * popularity[-1]
            items = ids[np.searchsorted(popularity, draws)]
            ratings = rng.integers(1, 11, len(block)) / 2
            times = rng.integers(800_000_000, 1_500_000_000, len(block))
            rows = zip(
                block.tolist(), items.tolist(), ratings.tolist(), times.tolist(), strict=True
            )
            file.writelines([f"{user},{item},{rating},{at}\n" for user, item, rating, at in rows])


def measure(path: Path) -> None:
    """Read and pack, and print time and memory; runs in a process of its own."""
    from item2vec.reading.interactions import read_interactions

    start = time.perf_counter()
    interactions = read_interactions(path)
    read = time.perf_counter()
    print(f"read    {read - start:6.1f} s  {peak():6,.0f} MB  {interactions!r}")
    histories = interactions.to_histories()
    print(
        f"packed  {time.perf_counter() - read:6.1f} s  {peak():6,.0f} MB  {len(histories):,} "
        f"histories, {len(histories.items):,} items of {len(histories.vocabulary):,}"
    )
    verdict = "kept" if peak() < PROMISED else "BROKEN"
    print(f"in all  {time.perf_counter() - start:6.1f} s; under {PROMISED:,} MB: {verdict}")


def peak() -> float:
    """Return the peak of resident memory of this process in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Generate rows, and measure in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        invent(path, arguments.rows)
        print(f"{arguments.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB of CSV", flush=True)
        subprocess.run([sys.executable, __file__, "--measure", str(path)], check=True)


if __name__ == "__main__":
    main()
