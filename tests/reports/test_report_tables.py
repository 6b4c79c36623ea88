"""The report: tables that fit a terminal, words that fit the numbers."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from item2vec.evaluation.bootstrap import Groups
from item2vec.evaluation.metrics import METRICS
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.scores import Cohort, Counts, ItemMetric, ModelScores
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.reports import tables
from item2vec.reports.records import to_json
from item2vec.reports.sentences import notes
from item2vec.reports.terminal import differences_table, rendered, scores_table

LONG = "a/long/folder/name/and/the/model.safetensors"


@pytest.fixture
def evaluation() -> Evaluation:
    rng = np.random.default_rng(0)
    models = [LONG, "gensim-defaults", "popularity"]
    metrics = [f"{metric}@{k}" for k in (10, 100) for metric in METRICS]
    return Evaluation(
        {
            model: ModelScores(
                values={metric: rng.random(50) for metric in metrics},
                counts=Counts(50, 1, 350, 7),
                hits=np.zeros((50, 100), dtype=bool),
                recall_by_popularity={"head": rng.random(50)},
                exposure={"a": 3, "b": 0},
            )
            for model in models
        },
        Cohort(
            np.arange(50).astype(object),
            np.full(50, 20),
            np.full(50, 7),
            np.ones(50),
            np.zeros(50, int),
        ),
        item_metrics={"genre_overlap@10": ItemMetric({m: rng.random(9) for m in models})},
    )


def printed(table, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue()


def test_80_columns_hold_every_name_and_every_number(evaluation):
    text = printed(scores_table(evaluation, RandomProtocol()), 80)
    assert "…" not in text.replace(" … ", ""), "nothing is cut"
    assert LONG in "".join(line.split()[0] for line in text.splitlines() if line.strip())
    for model in evaluation.models:
        summary = evaluation.summary(model)
        assert f"{summary['ndcg@10'].mean:.4f}" in text
        assert f"{summary['genre_overlap@10'].mean:.3f}" in text
    differences = printed(differences_table(evaluation), 80)
    assert differences.count("…") == 4, "one in each interval"


def test_neighbours_that_share_values_have_a_table_of_their_own_in_80_columns(evaluation):
    groups = Groups(np.array([0, 1, 2, 2]), np.array([0, 0, 0, 1]))
    found = {LONG: [0.5, 1.0, 0.0], "gensim-defaults": [1.0, 1.0, 0.9]}
    series = ItemMetric({name: np.array(values) for name, values in found.items()}, groups)
    told = replace(
        evaluation, item_metrics={**evaluation.item_metrics, "related_series@10": series}
    )
    (table,) = tables.neighbors(told)
    text = printed(rendered(table), 80)
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    assert "(3 items, 2 values)" in flat
    rows = [line for line in text.splitlines() if " … " in line]
    assert rows[0].split()[0] == "gensim-defaults", "the best stands first"
    assert rows[0].split()[1] == "0.967"
    assert "-0.467" in rows[0], "the first model minus this one"
    assert rows[0].split()[-1] in {"worse", "unclear"}
    assert rows[1].split()[1] == "0.500"
    json = to_json(told, RandomProtocol())
    related = json["related"]["related_series@10"]
    assert (related["items"], related["values"]) == (3, 2)
    means = {name: interval["mean"] for name, interval in related["models"].items()}
    assert means == pytest.approx({LONG: 0.5, "gensim-defaults": 2.9 / 3})
    assert json["models"][LONG]["related_series@10"]["mean"] == pytest.approx(0.5)
    back = json["differences"]["gensim-defaults"][LONG]["related_series@10"]
    assert back["mean"] == pytest.approx(1.4 / 3)
    assert "related_series@10" not in printed(scores_table(told, RandomProtocol()), 80)


def test_notes_count_one_user_as_one(evaluation):
    first, second = notes(evaluation)
    assert first == "1 user was skipped for having too few items."
    assert second.startswith("7 of 350 labels (2.0%)")


def test_notes_count_one_label_as_one(evaluation):
    (name, scores), *_ = evaluation.scores.items()
    counts = scores.counts._replace(unknown_labels=1)
    one = replace(evaluation, scores={name: replace(scores, counts=counts)})
    assert (
        "1 of 350 labels (0.3%) is an item that is not in the vocabulary; it counts as a miss."
        in list(notes(one))
    )
