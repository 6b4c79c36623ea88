"""Scores on a published split: `train.txt` and `test.txt` with lines "user item item ...".

    python benchmarks/published.py FOLDER [--recommender NAME ...]

This is the form in which papers on graph recommenders publish their splits. Every item counts,
however rare; the items of a user's training line are the inputs, those of the test line the labels.
Printed are recall@20 (hits / number of labels, as in those papers) and ndcg@20, and hit rate
and ndcg at 5, 10 and 20: means over all users with a test item that is not in their training line.
Parameters "auto" of baselines are selected on items drawn from the training lines.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from item2vec.data.interactions import Interactions
from item2vec.data.packed import pack_lengths
from item2vec.data.read_report import ReadReport
from item2vec.errors import DataError, Item2VecError
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.later_splits import split_train_test
from item2vec.experiments.comparison import ALWAYS, compare_named
from item2vec.experiments.registry import RECOMMENDERS

CUTOFFS = (5, 10, 20)
COLUMNS = {
    "recall@20": "uncapped_recall@20",
    "ndcg@20": "ndcg@20",
    **{f"hit@{k}": f"hit_rate@{k}" for k in CUTOFFS},
    **{f"ndcg@{k}": f"ndcg@{k}" for k in (5, 10)},
}


def read_lines(path: Path) -> Interactions:
    """Read a file of lines "user item item ..."; lines of the same user are joined.

    Raises
    ------
    DataError
        If the file can't be read or holds no item.
    """
    histories: dict[str, list[str]] = {}
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                user, *items = line.split() or [""]
                if items:
                    histories.setdefault(user, []).extend(items)
    except (OSError, UnicodeError) as error:
        raise DataError(f"{path} can't be read ({error}): name a folder with it") from error
    if not histories:
        raise DataError(f'{path} holds no line "user item item ...": give one for each user')
    users = sorted(histories)
    ids, places = np.unique(
        np.array([item for user in users for item in histories[user]], dtype=object),
        return_inverse=True,
    )
    n = len(places)
    return Interactions(
        places.astype(np.int32),
        pack_lengths([len(histories[user]) for user in users]),
        tuple(ids.tolist()),
        tuple(users),
        ReadReport(n, n, columns={"user": "first", "item": "others"}),  # without times
    )


def score(folder: Path, names: Sequence[str]) -> Evaluation:
    """Train the recommenders of these names on a folder's `train.txt`, score on its `test.txt`."""
    parts = (read_lines(folder / name) for name in ("train.txt", "test.txt"))
    return compare_named(names, [split_train_test(*parts)], min_count=1, cutoffs=CUTOFFS)


def lines(evaluation: Evaluation) -> list[str]:
    """Return the table of all scores, and remarks on the split."""
    width = max(len(name) for name in evaluation.models)
    table = [" ".join(["recommender".ljust(width), *(name.rjust(9) for name in COLUMNS)])]
    for name in evaluation.models:
        means = (evaluation.scores[name].values[metric].mean() for metric in COLUMNS.values())
        table.append(" ".join([name.ljust(max(width, 11)), *(f"{mean:9.4f}" for mean in means)]))
    counts = next(iter(evaluation.scores.values())).counts
    notes = [f"{counts.cases:,} users with {counts.labels:,} test items", *evaluation.remarks]
    notes += [f"{name} was left out: {reason}" for name, reason in evaluation.left_out.items()]
    return [*table, *notes]


def main(arguments: Sequence[str] | None = None) -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with train.txt and test.txt")
    parser.add_argument(
        "--recommender", action="append", choices=list(RECOMMENDERS), help="repeatable"
    )
    options = parser.parse_args(arguments)
    try:
        evaluation = score(options.folder, options.recommender or list(ALWAYS))
    except Item2VecError as error:
        sys.exit(f"Error: {error}")
    print("\n".join(lines(evaluation)))


if __name__ == "__main__":
    main()
