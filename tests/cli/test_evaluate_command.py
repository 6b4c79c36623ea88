"""`item2vec evaluate`: results, options that are mutually exclusive, and errors before training."""

import json
from pathlib import Path

import pytest
from invoking import TINY, error, run


def test_evaluate_prints_models_differences_and_counts_as_json(folder, interactions):
    params = folder / "quick.toml"
    params.write_text("[word2vec]\nepochs = 3\nvector_size = 8\n[ease]\nl2 = 100.0\n")
    result = run(
        "evaluate", interactions, "--folds", 2, "--json", "--recommender", "word2vec",
        "--params", params, "--items", folder / "items.csv",
    )  # fmt: skip
    told = json.loads(result.stdout)
    parts = ["word2vec, vectors alone", "word2vec, memory alone"]
    assert list(told["models"]) == ["word2vec", *parts, "popularity", "item-knn", "ease"]
    assert set(told["models"]["ease"]["ndcg@10"]) == {"mean", "low", "high"}
    assert told["protocol"] == {
        "name": "random", "family": "held-out users", "inputs": 3, "labels": 7, "keep_seen": False
    }  # fmt: skip
    assert told["counts"]["ease"]["cases"] == 200
    difference = told["differences"]["word2vec"]["popularity"]["ndcg@10"]["mean"]
    means = [told["models"][name]["ndcg@10"]["mean"] for name in ("word2vec", "popularity")]
    assert difference == pytest.approx(means[0] - means[1])
    assert "genre_overlap@10" in told["models"]["word2vec"]


def test_tables_have_whole_words_in_their_headers_and_are_not_repeated_in_sentences(
    folder, interactions, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "120")
    params = folder / "fixed.toml"
    params.write_text("[ease]\nl2 = 100.0\n[item-knn]\nneighbors = 20\nshrinkage = 5.0\n")
    asked = ["--recommender", "ease", "--params", params]
    lines = run("evaluate", interactions, *asked).stdout.splitlines()
    assert {"coverage", "Gini", "count", "similarity"} <= set(" ".join(lines).split())
    assert not [line for line in lines if line.endswith("-") or "- " in line]
    assert "unclear" in lines[-1] + lines[-2], "the last table ends the output"


@pytest.fixture(scope="module")
def sagas(folder) -> Path:
    """Return the table of the items with a series of four items each."""
    path = folder / "sagas.csv"
    lines = (folder / "items.csv").read_text(encoding="utf-8").splitlines()
    path.write_text(
        "".join(
            f"{line},{'series' if n == 0 else f'Saga {n // 4}'}\n" for n, line in enumerate(lines)
        ),
        encoding="utf-8",
    )
    return path


def test_neighbours_are_judged_by_the_columns_that_are_named(folder, interactions, sagas):
    model = folder / "sagas.safetensors"
    parts = folder / "parts of sagas"
    run("split", interactions, "--held-out", 0.25, "-o", parts)
    run("train", parts / "training.csv", "--items", sagas, "-o", model, *TINY)
    arguments = ["evaluate", parts / "held_out.csv", "--model", model, "--related", "series"]
    table = run(*arguments)
    assert "related_series@10" in table.stdout
    assert "related_series@10 is the mean over " in table.stderr
    told = json.loads(run(*arguments, "--items", sagas, "--json").stdout)
    interval = told["models"][str(model)]["related_series@10"]
    assert 0 <= interval["low"] <= interval["mean"] <= interval["high"] <= 1
    assert f"{interval['mean']:.3f}" in table.stdout, "the model's own items serve as well"
    assert told["related"]["related_series@10"]["values"] > 2
    assert "related_series@10" not in told["models"]["popularity"], "it has no neighbours"
    page = folder / "sagas.html"
    run(*arguments, "--report", page)
    assert "related_series@10: share of the related items" in page.read_text(encoding="utf-8")


def test_a_column_that_is_not_there_is_told_before_anything_is_trained(
    interactions, sagas, monkeypatch
):
    def fail(*args, **kwargs):
        raise AssertionError("trained")

    monkeypatch.setattr("item2vec.experiments.comparison.compare", fail)
    arguments = ["evaluate", interactions, "--items", sagas, "--related", "series"]
    told = error(*arguments, "--related", "saga", code=2)
    assert "no column 'saga': its columns are" in told
    assert "series" in told


def test_split_train_evaluate_on_people_the_model_never_saw(folder, interactions):
    parts = folder / "parts"
    run("split", interactions, "--held-out", 0.25, "-o", parts)
    run("train", parts / "training.csv", "-o", parts / "m", *TINY)
    arguments = ["evaluate", parts / "held_out.csv", "--model", parts / "m"]
    alone = run(*arguments)
    assert "ease was left out" in alone.stderr
    beside = run(*arguments, "--train-on", parts / "training.csv", "--protocol", "latest", "--json")
    told = json.loads(beside.stdout)
    model = str(parts / "m")
    rows = [model, f"{model}, vectors alone", f"{model}, memory alone"]
    assert list(told["models"]) == [*rows, "popularity", "item-knn", "ease"]
    assert told["counts"]["ease"]["cases"] == 50


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--folds", "2", "--held-out", "0.5"], "are mutually exclusive"),
        (["--held-out", "2"], "held_out must lie between 0 and 1"),
        (["--train-on", "x.csv"], "--train-on goes with --model"),
        (["--model", "x", "--folds", "2"], "no --folds"),
        (["--inputs", "3", "--protocol", "fold-in"], "--inputs"),
        (["--model", "x", "--min-count", "9"], "--min-count with --model needs --train-on"),
        (["--model", "x", "--params", "y"], "--params with --model needs --train-on"),
        (["--related", "series"], "--related series needs --items FILE"),
        (["--folds", "500"], "200 users can't be split into 500 folds"),
    ],
)
def test_options_that_do_not_go_together_are_told(interactions, arguments, told):
    assert told in error("evaluate", interactions, *arguments, code=2)


def test_users_that_are_trained_on_are_not_scored(folder, interactions):
    run("split", interactions, "--held-out", 0.2, "-o", folder / "some")
    model = folder / "some" / "m"
    run("train", folder / "some" / "training.csv", "-o", model, *TINY)
    arguments = ("--model", model, "--train-on", interactions)
    told = error("evaluate", folder / "some" / "held_out.csv", *arguments, code=1)
    assert "40 of 40 held-out users" in told
    assert "`item2vec split`" in told


def test_more_items_than_anybody_has_are_told_before_training(interactions, monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("trained")

    monkeypatch.setattr("item2vec.trainers.word2vec.trainer.Word2Vec.fit", fail)
    told = error("evaluate", interactions, "--inputs", 5000, code=1)
    assert "none of 40 held-out users" in told


def test_a_catalogue_of_other_items_is_told_before_training(folder, interactions):
    other = folder / "other.csv"
    other.write_text("item_id,title\nx1,Alien\nx2,Up\n")
    for command in (["train", interactions, "-o", folder / "n"], ["evaluate", interactions]):
        told = error(*command, "--items", other, code=1)
        assert "contains none of the" in told
        assert "'x1'" in told
