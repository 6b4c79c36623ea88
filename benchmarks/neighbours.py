"""The quality of nearest neighbors: trainers with both initializations, and baselines.

    python benchmarks/neighbours.py --data FOLDER [--seeds N] [--rows NAME ...]

FOLDER is ml-latest-small or goodbooks-10k. Every row of the table at the top of this file is fitted
on all users, because no interactions are predicted: the ground truth is in the catalogue. How many
of the other books of the same series (or author), or of the other films of the same series, are
among the 10 nearest? The metric is ``related_series@10``, found / min(10, others), with the series
of `benchmarks/series.py`. Values of an item are averaged over the seeds; the interval is over
series, and the spread is the smallest and the largest mean of a single seed.

A model is judged by its vectors. If it has an item-item memory, two more rows judge the neighbors
by the memory alone, and by vectors and memory together (``similar --rerank``). Each of the three is
then compared with the best baseline, paired by item.

Tuned baselines are tuned for ndcg, which does not give the best neighbors: the rows with fixed
parameters are the reference for vectors.

A new row is one line in `ROWS`: a name, and a function of histories and a seed that returns any
object with ``similar_rows(rows, k)``.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import series

from item2vec._support.threads import blas_threads
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.evaluation.bootstrap import (
    Interval,
    resampled_means,
    resampled_means_by_value,
    to_interval,
)
from item2vec.evaluation.neighbor_quality import RERANKED, NeighborQuality
from item2vec.experiments.registry import make
from item2vec.models.recommender import HasParts
from item2vec.reading.interactions import read_interactions
from item2vec.types import Values

Fit = Callable[[Histories, int], object]


class Row(NamedTuple):
    """A row of the table: its name, what is fitted, and whether it depends on the seed."""

    name: str
    fit: Fit
    is_random: bool = True


def trained(name: str, **parameters: Any) -> Fit:
    """Return a function that fits the recommender of this name with these parameters."""

    def fit(histories: Histories, seed: int) -> object:
        return make(name, parameters, seed=seed).fit(histories)

    return fit


ROWS = [
    Row("item k-NN, cosine", trained("item-knn", neighbors=200, shrinkage=0.0), False),
    Row("item k-NN, tuned", trained("item-knn"), False),
    Row("EASE, tuned", trained("ease"), False),
    Row("EASE, l2 = 300", trained("ease", l2=300.0), False),
    Row("word2vec", trained("word2vec", workers=1)),
    Row("softmax", trained("softmax", workers=1)),
    Row("word2vec, random start", trained("word2vec", workers=1, memory=0, start="random")),
    Row("softmax, random start", trained("softmax", workers=1, memory=0, start="random")),
    Row("gensim's defaults", trained("gensim-defaults")),
]
DATA: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "ml-latest-small": ("ratings.csv", "movies.csv", ("series",)),
    "goodbooks-10k": ("ratings_5pct_users.csv", "books.csv", ("series", "author")),
}
MEMORY = "memory alone"
WIDTH = 34


def read_items(path: Path) -> Catalogue:
    """Return the items with their series, as `series.py` writes them."""
    items = series.read(path)
    item, *columns = items[0]
    return Catalogue(
        tuple(each[item] for each in items),
        {column: tuple(each[column] for each in items) for column in columns},
    )


def measure(
    row: Row, histories: Histories, quality: NeighborQuality, seeds: int
) -> tuple[float, int, list[str]]:
    """Fit a row with each seed, judge all of them, and return CPU seconds, fits and views.

    A view is a suffix of a name: empty for the fitted model; for a model with a memory also those
    of its memory alone, and of the ranking by both, which `quality` judges without a call.
    """
    seconds, times = 0.0, seeds if row.is_random else 1
    views: dict[str, None] = {"": None}
    for seed in range(times):
        begun = time.process_time()
        fitted = row.fit(histories, seed)
        seconds += time.process_time() - begun
        memory = fitted.parts().get(MEMORY) if isinstance(fitted, HasParts) else None
        for name in (row.name, f"{row.name} {seed}"):
            quality.add(name, fitted, histories.vocabulary)
            if memory is not None:
                quality.add(f"{name}, {MEMORY}", memory, histories.vocabulary)
                views |= {f", {MEMORY}": None, RERANKED: None}
    return seconds / times, times, list(views)


def report(
    quality: NeighborQuality, metric: str, row: Row, view: str, times: int, best: str | None
) -> str:
    """Return the mean of a view with its interval, the spread, and its difference from the best."""
    found = quality.metrics()[metric]
    name = row.name + view

    def interval(of_items: Values) -> Interval:
        own, groups = of_items[:, None], found.groups
        means = resampled_means(own) if groups is None else resampled_means_by_value(own, groups)
        return to_interval(float(own.mean()), means[:, 0])

    own = found.values[name]
    mean, low, high = interval(own)
    line = f"{metric:20}{mean:.3f} ({low:.3f} ... {high:.3f})"
    if times > 1:
        single = [float(found.values[f"{row.name} {seed}{view}"].mean()) for seed in range(times)]
        line += f"  {times} seeds: {min(single):.3f} ... {max(single):.3f}"
    if best is not None:
        mean, low, high = interval(own - found.values[best])
        line += f"  minus {best}: {mean:+.3f} ({low:+.3f} ... {high:+.3f})"
    return line


def main() -> None:
    """Print the table row by row."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--seeds", type=int, default=3, help="number of fits of every row that depends on the seed"
    )
    parser.add_argument("--rows", nargs="+", choices=[row.name for row in ROWS], metavar="NAME")
    options = parser.parse_args()
    ratings, items, columns = DATA[options.data.resolve().name]
    histories = read_interactions([str(options.data / ratings)]).to_histories()
    quality = NeighborQuality.of(read_items(options.data / items), columns)
    print(f"{options.data.resolve().name}: {len(histories.vocabulary):,} items")
    rows = [row for row in ROWS if not options.rows or row.name in options.rows]
    fixed: list[str] = []  # the baselines that every other row is compared with
    for row in rows:
        with blas_threads(1):
            seconds, times, views = measure(row, histories, quality, options.seeds)
        fixed += [] if row.is_random else [row.name]
        for view in views:
            name = row.name + view
            begin = f"{name:{WIDTH}}{seconds:7.1f} CPU s  "
            for metric, found in quality.metrics().items():
                if name not in found.values:
                    continue
                means = {each: float(found.values[each].mean()) for each in fixed}
                best = max(means, key=means.__getitem__) if row.is_random and means else None
                print(f"{begin}{report(quality, metric, row, view, times, best)}", flush=True)
                begin = " " * len(begin)
    print(*quality.remarks(), sep="\n")


if __name__ == "__main__":
    main()
