"""Which rows `item2vec evaluate` shows: baselines left out, parts of a model, what was chosen."""

import csv
import json

import numpy as np
import pytest
from invoking import error, run

from item2vec import load


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write 120 users with twelve items each of one of two groups of 20."""
    folder = tmp_path_factory.mktemp("rows")
    rng = np.random.default_rng(0)
    with (folder / "all.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item"])
        for user in range(120):
            items = rng.permutation(20)[:12].tolist()
            rows.writerows((f"u{user:03}", f"{'ab'[user % 2]}{item:02}") for item in items)
    return folder


def evaluated(folder, *arguments):
    result = run("evaluate", folder / "all.csv", *arguments, "--json")
    return json.loads(result.stdout), result.stderr


def test_without_leaves_a_baseline_out_and_says_so(folder):
    told, notes = evaluated(
        folder, "--recommender", "popularity", "--without", "ease", "--without", "item-knn"
    )
    assert list(told["models"]) == ["popularity"]
    assert told["left_out"] == {"ease": "on request", "item-knn": "on request"}
    assert "ease was left out on request." in notes


def test_a_recommender_cannot_be_asked_for_and_left_out(folder):
    told = error(
        "evaluate", folder / "all.csv", "--recommender", "ease", "--without", "ease", code=2
    )
    assert "--recommender ease and --without ease are mutually exclusive" in told


def test_what_was_chosen_is_printed_and_in_the_json_fold_by_fold(folder):
    told, notes = evaluated(folder, "--recommender", "popularity", "--folds", 2)
    assert [set(one) for one in told["chosen"]["item-knn"]] == [
        {"neighbors", "shrinkage", "normalization"}
    ] * 2
    values = [f"{one['l2']:g}" for one in told["chosen"]["ease"]]
    (line,) = [line for line in notes.splitlines() if line.startswith('ease: "auto"')]
    assert all(value in line for value in values)


def test_a_model_with_a_memory_stands_beside_its_parts(folder):
    """Trained by name, and stored."""
    params = folder / "params.toml"
    params.write_text("[softmax]\nvector_size = 8\nworkers = 1\nmemory = 20\n[ease]\nl2 = 10.0\n")
    arguments = ("--recommender", "softmax", "--without", "item-knn", "--params", params)
    told, _ = evaluated(folder, *arguments)
    rows = ["softmax", "softmax, vectors alone", "softmax, memory alone", "popularity", "ease"]
    assert list(told["models"]) == rows
    run("split", folder / "all.csv", "-o", folder / "parts")
    training, model = folder / "parts" / "training.csv", folder / "m"
    run("train", training, "--trainer", "softmax", "--memory", 20, "--vector-size", 8, "-o", model)
    assert load(model).memory is not None
    result = run("evaluate", folder / "parts" / "held_out.csv", "--model", model, "--json")
    stored = json.loads(result.stdout)
    parts = [f"{model}, vectors alone", f"{model}, memory alone"]
    assert list(stored["models"]) == [str(model), *parts, "popularity"]
