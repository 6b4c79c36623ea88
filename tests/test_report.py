"""The report: tables that fit a terminal, words that fit the numbers."""

import io

import numpy as np
import pytest
from rich.console import Console

from item2vec import report
from item2vec.heldout import RandomProtocol
from item2vec.metrics import METRICS
from item2vec.results import Cohort, Counts, Evaluation

LONG = "a/long/folder/name/and/the/model.safetensors"


@pytest.fixture
def evaluation() -> Evaluation:
    rng = np.random.default_rng(0)
    models = [LONG, "gensim-defaults", "popularity"]
    metrics = [f"{metric}@{k}" for k in (10, 100) for metric in METRICS]
    return Evaluation(
        {model: {metric: rng.random(50) for metric in metrics} for model in models},
        {model: Counts(50, 1, 350, 7) for model in models},
        Cohort(
            np.arange(50).astype(object),
            np.full(50, 20),
            np.full(50, 7),
            np.ones(50),
            np.zeros(50, int),
        ),
        per_item={model: {"genre_overlap@10": rng.random(9)} for model in models},
    )


def printed(table, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue()


def test_80_columns_hold_every_name_and_every_number(evaluation):
    text = printed(report.scores_table(evaluation, RandomProtocol()), 80)
    assert "…" not in text.replace(" … ", ""), "nothing is cut"
    assert LONG in "".join(line[:17].strip() for line in text.splitlines())
    for model in evaluation.models:
        summary = evaluation.summary(model)
        assert f"{summary['ndcg@10'].mean:.4f}" in text
        assert f"{summary['genre_overlap@10'].mean:.3f}" in text
    differences = printed(report.differences_table(evaluation), 80)
    assert differences.count("…") == 4, "one in each interval"


def test_notes_count_one_user_as_one(evaluation):
    first, second = report.notes(evaluation)
    assert first == "1 user was skipped for having too few items."
    assert second.startswith("7 of 350 labels (2.0%)")
