"""`item2vec add`, and the features that `item2vec train` notes for it."""

import csv
import json
import re
from pathlib import Path

import pytest
from invoking import error, run

from item2vec.models import model_file

TINY = ["--trainer", "softmax", "--memory", "0", "--vector-size", "16", "--workers", "1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("invented")
    run("sample", folder, "--users", 300)
    return folder


@pytest.fixture(scope="module")
def train(folder):
    def train(path, *options):
        tables = (folder / "interactions.csv", "--items", folder / "items.csv")
        return run("train", *tables, "-o", path, *TINY, *options)

    return train


@pytest.fixture(scope="module")
def model(folder, train) -> Path:
    """Return a model that knows its features, and leaves what is rare out."""
    path = folder / "model.safetensors"
    train(path, "--features", "genres, year", "--min-count", 20)
    return path


def ids(path):
    with open(path, newline="") as file:
        return [row["item_id"] for row in csv.DictReader(file)]


def test_train_notes_features_and_says_what_they_explain(folder, train, model):
    again = folder / "again.safetensors"
    told = train(again, "--features", "genres,year").stderr
    assert re.search(r"Genres and year explain \d+%", told)
    fit = model_file.load(model).feature_fit
    assert fit is not None
    assert fit.features == ("genres", "year")
    assert 0 < fit.r2["item_vectors"] <= 1


def test_what_training_left_out_is_added_and_found(folder, model):
    out = folder / "more.safetensors"
    told = run("add", model, folder / "items.csv", "-o", out)
    assert told.stdout == ""
    old, new = model_file.load(model), model_file.load(out, verify=True)
    every = ids(folder / "items.csv")
    assert set(new.vocabulary.ids) == set(every)
    n_added = len(every) - len(old)
    assert n_added > 0
    assert f"{n_added} items added, {len(old)} already in the model" in told.stderr
    assert f"{len(new)} vectors to {out}" in told.stderr
    cold = new.vocabulary.ids[-1]
    assert cold not in old
    near = json.loads(run("similar", out, cold, "-k", 10, "--json").stdout)
    genres = new.catalogue.genres()
    shared = [
        bool(genres[new.vocabulary.row(each["id"])] & genres[new.vocabulary.row(cold)])
        for each in near
    ]
    assert sum(shared) >= 8
    facts = json.loads(run("info", out, "--json").stdout)
    assert facts["cold_items"] == n_added
    assert facts["items"] == len(every)


def test_a_model_is_replaced_whole_by_one_with_more(folder, model, tmp_path):
    copy = tmp_path / "model.safetensors"
    copy.write_bytes(model.read_bytes())
    run("add", copy, folder / "items.csv", "-o", copy)
    assert len(model_file.load(copy, verify=True)) > len(model_file.load(model))


@pytest.mark.thorough
def test_the_rest_goes_on_with_a_model_that_has_cold_items(folder, model):
    out, training = folder / "more.safetensors", folder / "interactions.csv"
    run("add", model, folder / "items.csv", "-o", out)
    assert "index the model without them" in error("index", out, code=1)
    people = folder / "people"
    run("split", training, "-o", people, "--held-out", 0.3)
    rest = people / "training.csv"
    features = ("--items", folder / "items.csv", "--features", "genres", "--min-count", 20)
    run("train", rest, *features, "-o", out, *TINY)
    run("add", out, folder / "items.csv", "-o", out)
    assert model_file.load(out).metadata["cold_items"] > 0
    asked = ("--model", out, "--train-on", rest, "--recommender", "popularity")
    scores = json.loads(run("evaluate", people / "held_out.csv", *asked, "--json").stdout)
    ndcg = {name: told["ndcg@10"] for name, told in scores["models"].items()}
    assert len(ndcg) >= 2
    assert all(0 < score["mean"] < 1 for score in ndcg.values())


def test_wrong_input_is_one_line(folder, train, model, tmp_path):
    items, out = folder / "items.csv", tmp_path / "out.safetensors"
    plain = tmp_path / "plain.safetensors"
    train(plain)
    assert "--features" in error("add", plain, items, "-o", out, code=2)
    told = error("add", plain, items, "-o", out, "--features", "color", code=2)
    assert "no column 'color'" in told
    assert "title" in told
    whole = tmp_path / "whole.safetensors"
    run("add", model, items, "-o", whole)
    assert "already" in error("add", whole, items, "-o", out, code=1)
    empty = tmp_path / "none.csv"
    empty.write_text("item_id,genres,year\nnew1,,\nnew2,Polka,\n")
    nameless = tmp_path / "nameless.csv"
    nameless.write_text("code,genres\nnew1,Comedy\nnew2,Horror\n")
    assert "name it with --item" in error("add", model, nameless, "-o", out, code=1)
    told = error("add", model, nameless, "--item", "code", "-o", out, code=1)
    assert "no column 'year'" in told
    assert "--features" in told
    named = ("--item", "code", "--features", "genres")
    run("add", model, nameless, *named, "-o", tmp_path / "named.safetensors")
    assert "none of the 2 new items has" in error("add", model, empty, "-o", out, code=1)
    assert "would be lost" in error("add", model, items, "-o", items, code=1)
    assert "does not exist" in error("add", tmp_path / "no", items, "-o", out, code=1)
    assert not out.exists()
    training = ("train", folder / "interactions.csv", "-o", out, *TINY)
    assert "--items" in error(*training, "--features", "genres", code=2)
    assert "no column 'color'" in error(*training, "--items", items, "--features", "color", code=2)
    assert not out.exists()
