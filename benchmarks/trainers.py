"""Quality, time and memory of every trainer and baseline, and the speed of the softmax core.

    python benchmarks/trainers.py --data FOLDER [--parts quality recipes core] [--splits N]

FOLDER is one of the folders that are named below, or a table. There are three parts:

1. Quality, time to fit (wall clock and CPU) and peak memory of each model, each in a process of its
   own, on a held-out fifth of the users; baselines select their parameters on training users, and
   that time counts. word2vec is also measured with its old recipe: random initialization, 64
   dimensions and many epochs.
2. word2vec's vectors alone, trained by the old recipe and by the new one on several splits: the
   ratio of the CPU times, the paired difference of the scores and, for comparison, the difference
   between two seeds. The target: a sixth of the time, and a score at most 3 % lower at 3 → 7.
3. The core: the products of the softmax, 6 x histories x items x dimensions a step, over whole
   epochs, as a share of the speed of sgemm on the same cores. The target: a half.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scaling import invented, peak_so_far

from item2vec._support.threads import available_cores, blas_threads
from item2vec.data.histories import Histories
from item2vec.evaluation.bootstrap import resampled_means, to_interval
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.splitting.held_out_protocols import (
    FoldInProtocol,
    HeldOutProtocol,
    RandomProtocol,
)
from item2vec.evaluation.splitting.users import split_users
from item2vec.experiments.registry import make
from item2vec.reading.interactions import read_interactions
from item2vec.trainers.base import auto_epochs
from item2vec.trainers.softmax.thread_pool import ThreadPool
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.types import Rows, Values

TABLES: dict[str, tuple[str, dict[str, Any]]] = {
    "ml-latest-small": ("ratings.csv", {}),
    "online-retail": ("online_retail.csv.gz", {"where": "Quantity > 0"}),
    "goodbooks-10k": ("ratings_5pct_users.csv", {}),
}
# word2vec's defaults before the spectral initialization; 30 epochs for a million interactions.
OLD_EPOCHS = 30
OLD_RECIPE = {"start": "random", "memory": 0, "vector_size": 64, "alpha": 0.05}
RECIPES: dict[str, dict[str, Any]] = {"old": OLD_RECIPE, "new": {"memory": 0}}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "softmax": ("softmax", {}),
    "softmax, no memory": ("softmax", {"memory": 0}),
    "word2vec": ("word2vec", {}),
    "word2vec, no memory": ("word2vec", {"memory": 0}),
    "word2vec, old recipe": ("word2vec", OLD_RECIPE),
    "ease": ("ease", {}),
    "item-knn": ("item-knn", {}),
    "ials": ("ials", {}),
    "popularity": ("popularity", {}),
}
PROTOCOLS: dict[str, tuple[HeldOutProtocol, str]] = {
    "random": (RandomProtocol(), "ndcg@10"),
    "fold-in": (FoldInProtocol(), "ndcg@100"),
}
K = 100
PARTS = ("quality", "recipes", "core")
CORE_ITEMS, CORE_SIZE, CORE_USERS, CORE_EPOCHS = 4_000, 128, 8_192, 3


def split(path: Path, seed: int) -> tuple[Histories, Histories]:
    """Return training histories, and those of test users."""
    interactions = read_interactions([str(path)], **TABLES.get(path.parent.name, ("", {}))[1])
    training, held_out = split_users(interactions, seed=seed)
    histories = training.to_histories()
    return histories, held_out.to_histories(vocabulary=histories.vocabulary)


# -- 1. quality, time and memory ------------------------------------------------------------------


@dataclass(frozen=True)
class Remembered:
    """The stored recommendations of a model that was fitted in another process."""

    rows: Rows

    def recommend_rows(self, histories: Histories, k: int, *, keep_seen: bool = False) -> Rows:
        """Return the first `k` stored recommendations of each history."""
        return self.rows[:, :k]


def fit_alone(path: Path, model: str, protocol: str, output: Path) -> None:
    """Fit one model in this process; write what it recommends, and print time and memory."""
    training, held_out = split(path, 0)
    cases = PROTOCOLS[protocol][0].cases(held_out)
    name, parameters = MODELS[model]
    trainer = make(name, resolved(parameters, training), validation=PROTOCOLS[protocol][0])
    import gensim  # noqa: F401 - importing it is not part of training

    before, begun, cpu = peak_so_far(), time.perf_counter(), time.process_time()
    fitted = trainer.fit(training)
    seconds, cpu, now = time.perf_counter() - begun, time.process_time() - cpu, peak_so_far()
    np.save(output, fitted.recommend_rows(cases.inputs, K))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "before": before, "peak": now}))


def quality(path: Path, protocol: str) -> None:
    """Fit every model in a process of its own, and print the table."""
    cases = PROTOCOLS[protocol][0].cases(split(path, 0)[1])
    recommenders, costs = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for model in MODELS:
            output = Path(folder) / "rows.npy"
            alone = ["--alone", model, protocol, str(output)]
            command = [sys.executable, __file__, "--data", str(path), *alone]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            costs[model] = json.loads(done.stdout)
            recommenders[model] = Remembered(np.load(output))
    metric = PROTOCOLS[protocol][1]
    found = evaluate(recommenders, cases)
    print(f"\n{len(cases):,} held-out users, {PROTOCOLS[protocol][0].name}")
    print(f"{'':20}{'fit, s':>8}{'CPU, s':>8}{'peak, MB':>10}   {metric:22} softmax minus it")
    for model, cost in costs.items():
        mean, low, high = found.summary(model)[metric]
        line = f"{model:20}{cost['seconds']:8.1f}{cost['cpu']:8.1f}{cost['peak']:10,.0f}   "
        line += f"{mean:.4f} {f'({low:.4f} ... {high:.4f})':20}"
        if model != "softmax":
            line += "{:+.4f} ({:+.4f} ... {:+.4f})".format(
                *found.difference("softmax", model)[metric]
            )
        print(line)
    print(f"(peak: of the process, of which {costs['softmax']['before']:,.0f} MB before the fit)")


# -- 2. word2vec's recipes ------------------------------------------------------------------------


def recipes(path: Path, splits: int) -> None:
    """Print CPU time and scores of word2vec's vectors by its old recipe and by the new one."""
    print(f"\nword2vec, vectors alone, one worker, {splits} splits: the new recipe against the old")
    taken: dict[str, list[float]] = {name: [] for name in RECIPES}
    scores: dict[tuple[str, str], list[Values]] = {}
    for seed in range(splits):
        training, held_out = split(path, seed)
        for name, parameters in RECIPES.items():
            for trainer_seed in (seed, seed + splits):  # another seed, for comparison
                chosen = resolved(parameters, training) | {"workers": 1}
                trainer = make("word2vec", chosen, seed=trainer_seed)
                with blas_threads(1):
                    begun = time.process_time()
                    vectors = trainer.fit(training)
                    taken[name].append(time.process_time() - begun)
                for protocol, (drawn, metric) in PROTOCOLS.items():
                    found = evaluate({name: vectors}, drawn.cases(held_out, seed=seed))
                    of_cases = found.scores[name].values[metric]
                    which = name if trainer_seed == seed else f"{name}, again"
                    scores.setdefault((which, protocol), []).append(of_cases)
    seconds = {name: statistics.median(times) for name, times in taken.items()}
    pairs = sorted(old / new for old, new in zip(taken["old"], taken["new"], strict=True))
    print(
        f"CPU seconds {seconds['old']:.2f} and {seconds['new']:.2f}: "
        f"{statistics.median(pairs):.1f} times less ({pairs[0]:.1f} ... {pairs[-1]:.1f})"
    )
    for protocol, (_, metric) in PROTOCOLS.items():
        old, new, again = (
            np.concatenate(scores[name, protocol]) for name in ("old", "new", "new, again")
        )
        print(
            f"{protocol:8} {metric:9} old {old.mean():.4f}, new {new.mean():.4f}: "
            f"{relative(new - old, old)}; another seed of the new one: {relative(again - new, new)}"
        )


def resolved(parameters: dict[str, Any], training: Histories) -> dict[str, Any]:
    """Return the parameters; those of the old recipe with its number of epochs."""
    if parameters is OLD_RECIPE:
        return parameters | {"epochs": auto_epochs(OLD_EPOCHS, len(training.items))}
    return parameters


def relative(differences: Values, of: Values) -> str:
    """Return the mean of paired differences in percent of another mean, with its interval."""
    interval = to_interval(float(differences.mean()), resampled_means(differences[:, None])[:, 0])
    mean, low, high = (100 * value / of.mean() for value in interval)
    return f"{mean:+.1f} % ({low:+.1f} ... {high:+.1f})"


# -- 3. the core ----------------------------------------------------------------------------------


def sgemm_rate(pool: ThreadPoolExecutor, matrix: Any) -> float:
    """Return the operations per second of simultaneous sgemms, one in each thread."""
    begun = time.perf_counter()
    list(pool.map(lambda _: matrix @ matrix, range(available_cores())))
    return 2.0 * available_cores() * len(matrix) ** 3 / (time.perf_counter() - begun)


def core() -> None:
    """Print the speed of the softmax relative to sgemm, by batch size, over whole epochs."""
    histories = invented(CORE_USERS, CORE_ITEMS).without_repeats()
    matrix = np.random.default_rng(0).standard_normal((1024, 1024)).astype(np.float32)
    print(
        f"\n{CORE_ITEMS:,} items, {CORE_SIZE} dimensions, {len(histories):,} histories of "
        f"{len(histories.items) / len(histories):.0f} items, {available_cores()} cores"
    )
    for batch_size in (256, 512, 1024):
        trainer = Softmax(
            vector_size=CORE_SIZE, batch_size=batch_size, epochs=CORE_EPOCHS, memory=0
        )
        seconds = 0.0
        rates = []
        with (
            ThreadPool(available_cores()) as threads,
            ThreadPoolExecutor(available_cores()) as pool,
        ):
            training = trainer.training_loop(histories, threads, trainer.train(histories, epochs=0))
            for epoch in range(CORE_EPOCHS):
                taken = training.steps(epoch)
                while True:
                    begun = time.perf_counter()
                    if next(taken, None) is None:
                        break
                    seconds += time.perf_counter() - begun
                    with blas_threads(1):
                        rates.append(sgemm_rate(pool, matrix))
        work = 6.0 * CORE_EPOCHS * len(histories) * CORE_ITEMS * CORE_SIZE
        sgemm = len(rates) / sum(1 / rate for rate in rates)
        print(
            f"batches of {batch_size:4}: {work / seconds / 1e9:5.0f} GFLOP/s of sgemm's "
            f"{sgemm / 1e9:.0f}: {work / seconds / sgemm:.0%}"
        )


def main() -> None:
    """Run the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--splits", type=int, default=3, help="number of splits for the recipes")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    path = options.data
    if path.is_dir():
        path /= TABLES[path.resolve().name][0]
    if options.alone:
        model, protocol, output = options.alone
        return fit_alone(path, model, protocol, Path(output))
    print(f"{path.parent.name}/{path.name}, {available_cores()} cores")
    if "quality" in options.parts:
        for protocol in PROTOCOLS:
            quality(path, protocol)
    if "recipes" in options.parts:
        recipes(path, options.splits)
    if "core" in options.parts:
        core()
    return None


if __name__ == "__main__":
    main()
