"""Time and memory of reading sequences, compared with reading the same interactions as rows.

The target: at most 1.3 times the time of the rows. Run it with

    python benchmarks/reading_sequences.py [--items 20000000] [--runs 3]

The same synthetic interactions, as `benchmarks/reading.py` makes them, are written in two files:
one row ``user,item`` for each interaction, and one line ``user item item ...`` for each user. Both
are read in turn, each time in a process of its own, and the medians are compared.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from reading import N_ITEMS, N_USERS, peak

ALLOWED = 1.3  # times the time of the rows


def invent(rows: Path, lines: Path, n_items: int, seed: int = 0) -> None:
    """Write the same interactions as rows and as lines."""
    rng = np.random.default_rng(seed)
    activity = rng.lognormal(0, 1.2, N_USERS)
    lengths = rng.multinomial(n_items, activity / activity.sum())
    popularity = np.cumsum(np.arange(1, N_ITEMS + 1) ** -0.9)
    ids = rng.permutation(210_000)[:N_ITEMS] + 1
    with rows.open("w", encoding="ascii") as table, lines.open("w", encoding="ascii") as sequences:
        table.write("userId,movieId\n")
        for user, length in enumerate(lengths.tolist(), 1):
            draws = rng.random(length) * popularity[-1]
            items = list(map(str, ids[np.searchsorted(popularity, draws)].tolist()))
            table.writelines([f"{user},{item}\n" for item in items])
            sequences.write(" ".join([str(user), *items]) + "\n")


def measure(path: Path) -> None:
    """Read a file, and print CPU seconds, MB at the peak, and a digest of what was read."""
    from item2vec.reading.interactions import read_interactions

    before = cpu_seconds()
    interactions = read_interactions(path)
    print(cpu_seconds() - before, peak(), interactions)


def cpu_seconds() -> float:
    """Return the CPU time of this process in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Write the files, read them in turn, and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--items", type=int, default=20_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        files = {"rows": Path(folder) / "ratings.csv", "sequences": Path(folder) / "train.txt"}
        invent(files["rows"], files["sequences"], arguments.items)
        seconds: dict[str, list[float]] = {kind: [] for kind in files}
        for _ in range(arguments.runs):
            for kind, path in files.items():
                done = subprocess.run(
                    [sys.executable, __file__, "--measure", str(path)],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                cpu, megabytes, read = done.stdout.strip().split(" ", 2)
                seconds[kind].append(float(cpu))
                print(f"{kind:9}  {float(cpu):6.1f} s CPU  {float(megabytes):6,.0f} MB  {read}")
    medians = {kind: statistics.median(each) for kind, each in seconds.items()}
    ratio = medians["sequences"] / medians["rows"]
    verdict = "kept" if ratio <= ALLOWED else "BROKEN"
    print(f"sequences take {ratio:.2f} times the CPU time of rows; at most {ALLOWED}: {verdict}")


if __name__ == "__main__":
    main()
