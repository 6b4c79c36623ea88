"""The time to import the package and to open a model, compared with importing numpy.

    python benchmarks/startup.py

Each runs in a fresh process, in turns; medians of seconds are printed. The target: `import
item2vec` takes less than 0.3 s more than `import numpy`.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import item2vec

ROUNDS = 15
N_ITEMS, VECTOR_SIZE = 100_000, 64


def seconds(code: str) -> float:
    """Return the seconds that a fresh Python takes to run some code."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def invent_model(folder: str) -> Path:
    """Write a model of many items."""
    rng = np.random.default_rng(0)
    vocabulary = item2vec.Vocabulary(
        [f"{n:06}" for n in range(N_ITEMS)], np.ones(N_ITEMS, np.int64)
    )
    matrix = rng.standard_normal((N_ITEMS, VECTOR_SIZE), dtype=np.float32)
    path = Path(folder) / "model.safetensors"
    item2vec.save(item2vec.ItemVectors(vocabulary, matrix, matrix, matrix[:, 0], power=1.0), path)
    return path


def main() -> None:
    """Print the medians and the differences."""
    with tempfile.TemporaryDirectory() as folder:
        model = invent_model(folder)
        runs = {
            "import numpy": "import numpy",
            "import item2vec": "import item2vec",
            f"load {N_ITEMS:,} items": f"import item2vec; item2vec.load({str(model)!r})",
        }
        for code in runs.values():
            seconds(code)  # the first one compiles
        rounds = [[seconds(code) for code in runs.values()] for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    for name, median in zip(runs, medians, strict=True):
        print(f"{name:<22} {median:.3f} s, {median - medians[0]:+.3f} s")


if __name__ == "__main__":
    main()
