"""Cutoffs: numbers are of as many items as their names say, and progress ends where it should."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from item2vec.baselines.non_personalized import Popularity
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import ParameterError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.metrics import recall, uncapped_recall
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.scores import Cohort, Counts, ItemMetric
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import FoldInProtocol, RandomProtocol
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.experiments.comparison import compare_repeatedly
from item2vec.experiments.stored_models import compare_stored
from item2vec.reports import tables
from item2vec.reports.records import to_json
from item2vec.reports.terminal import scores_table
from item2vec.trainers.word2vec.trainer import Word2Vec

PROTOCOL = RandomProtocol(inputs=2, labels=3)


def interactions(n_users: int = 40, length: int = 6) -> Interactions:
    rng = np.random.default_rng(0)
    items = np.concatenate([rng.permutation(20)[:length] for _ in range(n_users)])
    return Interactions(
        items.astype(np.int32),
        np.arange(0, n_users * length + 1, length),
        tuple(f"i{n:02}" for n in range(20)),
        tuple(f"u{n:02}" for n in range(n_users)),
    )


class Reports(list):
    """The progress that was reported."""

    def __call__(self, done: int, total: int) -> None:
        self.append((done, total))

    def check(self, total: int) -> None:
        done = [n for n, _ in self]
        assert done == sorted(done)
        assert {n for _, n in self} == {total}
        assert done[-1] == total


def test_what_is_called_at_10_is_of_ten_items_whatever_the_cutoffs():
    """Item i has 2**(12 - i) interactions; the ten best but the input are items 1 to 10."""
    counts = 2 ** np.arange(12, 0, -1)
    vocabulary = Vocabulary([f"i{n:02}" for n in range(12)], counts)
    inputs = Histories.from_lists([["i00"]], vocabulary=vocabulary)
    labels = Histories.from_lists([["i10", "i01"]], vocabulary=vocabulary)
    cases = Cases(inputs, labels, np.arange(1), np.array([3]), n_skipped=0)
    fitted = Popularity().fit(inputs)
    evaluation = evaluate({"p": fitted}, cases, cutoffs=(2,), training=inputs)
    values = evaluation.scores["p"].values
    assert values["popularity@10"].tolist() == [counts[1:11].mean()]
    information = -np.log2(counts[1:11] / counts.sum())
    assert values["novelty@10"] == pytest.approx([information.mean()])
    assert evaluation.reach("p")["coverage@10"] == pytest.approx(10 / 12)
    tail = [part for part in evaluation.label_slices("p") if part.name == "tail labels"]
    assert [part.score.mean for part in tail] == [1.0], "i10 is the tenth of the list"
    assert evaluation.scores["p"].hits.shape == (1, 2), "as wide as the largest cutoff"
    assert len(evaluation.curve("p", "recall")) == 2
    assert values["recall@2"].tolist() == [0.5]


@pytest.mark.parametrize("cutoffs", [(), (0,), (5, 1001), (2.5,), (True,), ("5",)])
def test_cutoffs_that_are_none_are_refused(cutoffs):
    vocabulary = Vocabulary(["a", "b"], [1, 1])
    histories = Histories.from_lists([["a"]], vocabulary=vocabulary)
    cases = Cases(histories, histories, np.arange(1), np.ones(1, int), n_skipped=0)
    with pytest.raises(ParameterError, match="whole numbers from 1 to 1,000, such as"):
        evaluate({}, cases, cutoffs=cutoffs)


def test_cutoffs_reach_stored_models_and_what_stands_beside_them():
    training, held_out = split_users(interactions())
    model = Word2Vec(vector_size=4, epochs=1, workers=1).fit(training.to_histories(min_count=1))
    for beside in (None, training):
        evaluation = compare_stored(
            {"m": model}, held_out, PROTOCOL, training=beside, names=["popularity"],
            cutoffs=(7, 3, 7), min_count=1,
        )  # fmt: skip
        for name in ("m", "popularity"):
            at = [metric for metric in evaluation.scores[name].values if metric.startswith("ndcg@")]
            assert at == ["ndcg@3", "ndcg@7"]
        assert evaluation.main_metric == "ndcg@3"
    with pytest.raises(TypeError, match="cutofs"):
        compare_stored({"m": model}, held_out, PROTOCOL, cutofs=(3,))


def test_metrics_are_those_that_every_model_has():
    training, held_out = split_users(interactions())
    histories = training.to_histories(min_count=1)
    model = Word2Vec(vector_size=4, epochs=1, workers=1).fit(histories)
    evaluation = compare_stored(
        {"m": model}, held_out, PROTOCOL, training=training, names=["popularity"], min_count=1
    )
    assert "similarity@10" in evaluation.scores["popularity"].values
    assert "similarity@10" not in evaluation.scores["m"].values
    assert "similarity@10" not in evaluation.metrics
    assert evaluation.metrics[:2] == ["recall@10", "ndcg@10"]
    last = compare(
        {"a": Popularity(), "b": Popularity()}, [(training, held_out)], PROTOCOL, min_count=1
    )
    assert "similarity@10" in last.metrics


def test_progress_of_a_comparison_ends_at_its_total():
    told = Reports()
    trainers = {"a": Popularity(), "b": Popularity()}
    compare(trainers, fold_users(interactions(), folds=3), PROTOCOL, min_count=1, progress=told)
    told.check(6)


def test_splits_in_which_nobody_is_scored_count_as_done():
    told = Reports()
    everybody, short = interactions(), interactions(8, 2)
    short = Interactions(
        short.items, short.offsets, short.item_ids, tuple(f"s{n}" for n in range(8))
    )
    training, held_out = split_users(everybody)
    splits = [(training, short), (training, held_out), (training, short)]
    compare({"a": Popularity()}, splits, PROTOCOL, min_count=1, progress=told)
    told.check(3)


def test_progress_of_repeats_ends_at_its_total():
    told, everybody = Reports(), interactions()
    compare_repeatedly(
        ["popularity", "random"], lambda seed: fold_users(everybody, folds=2, seed=seed), PROTOCOL,
        times=3, min_count=1, progress=told,
    )  # fmt: skip
    told.check(12)


@pytest.mark.parametrize("beside", [False, True])
def test_progress_counts_stored_models(beside):
    training, held_out = split_users(interactions())
    model = Word2Vec(vector_size=4, epochs=1, workers=1).fit(training.to_histories(min_count=1))
    told = Reports()
    names = ["popularity", "random"]
    compare_stored(
        {"m": model, "n": model}, held_out, PROTOCOL, names=names, min_count=1, progress=told,
        training=training if beside else None,
    )  # fmt: skip
    told.check(4 if beside else 3)


# -- recall in both definitions, and what stands in the table -------------------------------------


def test_recall_is_found_over_what_could_be_found_and_uncapped_over_all_labels():
    """Three of five labels are among the first four of a list."""
    hits, n_labels = np.array([[True, False, True, True, False, False]]), np.array([5])
    assert recall(hits, n_labels, 4).tolist() == [3 / 4]
    assert uncapped_recall(hits, n_labels, 4).tolist() == [3 / 5]
    assert recall(hits, n_labels, 6).tolist() == uncapped_recall(hits, n_labels, 6).tolist()


def test_both_recalls_are_values_under_names_of_their_own():
    training, held_out = split_users(interactions(length=12))
    protocol = RandomProtocol(inputs=2, labels=8)
    evaluation = compare(
        {"p": Popularity()}, [(training, held_out)], protocol, min_count=1, cutoffs=(4, 10)
    )
    told = to_json(evaluation, protocol)["models"]["p"]
    assert told["uncapped_recall@4"]["mean"] == pytest.approx(told["recall@4"]["mean"] / 2)
    assert told["uncapped_recall@10"] == told["recall@10"]


def scored(cutoffs, *, n_labels: int, genres: bool = False) -> Evaluation:
    """Return an evaluation of one model that finds every label at the first ranks."""
    histories = Histories.from_lists([["a"]])
    cases = Cases(histories, histories, np.arange(1), np.ones(1, int), n_skipped=0)
    evaluation = evaluate({"p": Popularity().fit(histories)}, cases, cutoffs=cutoffs)
    hits, n = np.arange(max(cutoffs))[None] < n_labels, np.array([n_labels])
    scores = evaluation.scores["p"]
    values = dict(scores.values)
    for k in cutoffs:
        values[f"recall@{k}"] = recall(hits, n, k)
        values[f"uncapped_recall@{k}"] = uncapped_recall(hits, n, k)
    overlap = {"genre_overlap@10": ItemMetric({"p": np.ones(3)})} if genres else {}
    cohort = Cohort(evaluation.cohort.users, np.ones(1, int), n, np.ones(1), np.zeros(1, int))
    scores = replace(scores, values=values, counts=Counts(1, 0, 1, 0))
    return Evaluation({"p": scores}, cohort, item_metrics=overlap)


@pytest.mark.parametrize(
    ("cutoffs", "n_labels", "genres", "columns"),
    [
        ((10, 100), 7, True, "recall@10 mrr@10 hit_rate@10 ndcg@100 genre_overlap@10"),
        ((10, 100), 30, False, "recall@10 uncapped_recall@10 mrr@10 hit_rate@10 ndcg@100"),
        ((10, 100), 30, True, "recall@10 uncapped_recall@10 hit_rate@10 ndcg@100 genre_overlap@10"),
        ((5, 10, 20, 100), 4, False, "recall@10 mrr@10 hit_rate@10 ndcg@20 ndcg@100"),
        ((20,), 7, False, "recall@20 mrr@20 hit_rate@20"),
        ((5, 20), 5, False, "recall@5 mrr@5 hit_rate@5 ndcg@20"),
    ],
)
def test_the_table_shows_what_fits_and_says_most(cutoffs, n_labels, genres, columns):
    evaluation = scored(cutoffs, n_labels=n_labels, genres=genres)
    assert tables.shown_metrics(evaluation) == columns.split()
    file = io.StringIO()
    Console(file=file, width=80).print(scores_table(evaluation, FoldInProtocol()))
    last_header = file.getvalue().splitlines()
    (row,) = (line for line in last_header if line.strip().startswith("p "))
    assert len(row.rstrip()) <= 80
    assert len(row.split()) == 5 + len(columns.split()), "name, main, low … high, and the others"
