"""The cost of item k-NN on large data: CPU seconds and peak memory.

    python benchmarks/item_knn.py [--quick]

All on generated histories: 500,000 items and 20 million interactions (--quick: a tenth of both).
Each part runs in a process of its own, because a peak never goes down: tuning on a sample of the
users with the final fit on all of them, the same rule with given parameters, and recommendations
for 2,000 of the users (the target: under 4 GB each).
"""

import argparse
import subprocess
import sys
import time

from scaling import LENGTH, invented, peak_so_far

from item2vec.baselines.item_knn import ItemKNN

USERS, ITEMS, ASKED = 525_000, 500_000, 2_000  # about 2.5 % of the items drawn are repeats
PARTS = {
    "tuned on a sample": ItemKNN(),
    "none, 50 neighbors": ItemKNN(normalization="none", neighbors=50, shrinkage=20.0),
    "sum, 50 neighbors": ItemKNN(normalization="sum", neighbors=50, shrinkage=20.0),
}


def measure(part: str, n_users: int, n_items: int) -> None:
    """Fit, recommend, and print the time and memory of both."""
    histories = invented(n_users, n_items).without_repeats()
    before = peak_so_far()
    begun = time.process_time()
    fitted = PARTS[part].fit(histories)
    taken = time.process_time() - begun
    after_fit = peak_so_far()
    begun = time.process_time()
    fitted.recommend_rows(histories.slice(0, ASKED), 100)
    recommending = time.process_time() - begun
    parameters = ", ".join(f"{k} {v}" for k, v in fitted.parameters.to_dict().items())
    print(
        f"{part}: {len(histories.items):,} interactions of {n_items:,} items; fit {taken:.0f} CPU "
        f"s, peak {after_fit:,.0f} MB (histories alone {before:,.0f} MB), "
        f"{fitted.weights.nnz:,} weights; {ASKED:,} users x 100 items {recommending:.1f} CPU s, "
        f"peak {peak_so_far():,.0f} MB ({parameters})",
        flush=True,
    )


def main() -> None:
    """Measure all parts, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the users and items")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    share = 10 if options.quick else 1
    if options.part:
        return measure(options.part, USERS // share, ITEMS // share)
    print(f"{LENGTH} items a history on average")
    for part in PARTS:
        quick = ["--quick"] * options.quick
        subprocess.run([sys.executable, __file__, "--part", part, *quick], check=True)
    return None


if __name__ == "__main__":
    main()
