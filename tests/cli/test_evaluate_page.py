"""`item2vec evaluate --report`: the page is written, and what can't be is told before training."""

import csv
import re
import sys
from pathlib import Path

import pytest
from invoking import error, run

from item2vec.data.synthetic import invent

FAST = "[word2vec]\nepochs = 2\nvector_size = 8\n[item-knn]\nneighbors = 20\nshrinkage = 5.0\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    invent(n_users=150).write(folder)
    (folder / "fast.toml").write_text(FAST + "[ease]\nl2 = 100.0\n")
    return folder


@pytest.fixture
def not_trained(monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("trained")

    monkeypatch.setattr("item2vec.experiments.comparison.compare", fail)


def test_the_page_tells_titles_options_and_where_it_is(folder):
    page = folder / "report.html"
    result = run(
        "evaluate", folder / "interactions.csv", "--items", folder / "items.csv", "--validate",
        0.2, "--recommender", "word2vec", "--params", folder / "fast.toml", "--report", page,
    )  # fmt: skip
    assert f"Wrote the page {page}" in result.stderr
    html = page.read_text(encoding="utf-8")
    assert "plot-training" in html
    assert "<dt>--held-out</dt><dd>0.2</dd>" in html
    assert "<dt>--validate</dt><dd>0.2</dd>" in html
    with (folder / "items.csv").open(encoding="utf-8") as file:
        titles = {row["title"] for row in csv.DictReader(file)}
    shown = re.findall(r"<span>Most similar to ([^<]+)</span>", html)
    assert len(shown) == 6
    assert set(shown) <= titles
    assert str(folder) not in html


def test_a_stored_models_page_names_no_folder(folder):
    parts = folder / "parts"
    run("split", folder / "interactions.csv", "--held-out", 0.3, "-o", parts)
    training = parts / "training.csv"
    model = parts / "films.safetensors"
    run("train", training, "--items", folder / "items.csv", "-o", model, "--epochs", 2)
    command = ["evaluate", parts / "held_out.csv", "--model", model]
    page = folder / "stored.html"
    run(*command, "--report", page)
    alone = page.read_text(encoding="utf-8")
    assert "ease was left out: it needs training users" in alone
    assert '<th scope="col">popularity' in alone, "its lists are shown, too"
    run(*command, "--train-on", training, "--params", folder / "fast.toml", "--report", page)
    beside = page.read_text(encoding="utf-8")
    for html in (alone, beside):
        assert "<h1>films compared with" in html
        assert str(folder) not in html
        assert "parts/" not in html
    assert "<dt>--min-count</dt>" in beside
    assert "<dt>--min-count</dt>" not in alone


@pytest.mark.usefixtures("not_trained")
def test_what_cannot_be_written_is_told_before_training(folder):
    interactions = folder / "interactions.csv"
    before = interactions.read_bytes()
    for path, told in (
        (interactions, "is not an HTML page, and would be lost"),
        (folder / "no" / "such.html", "does not exist"),
    ):
        assert told in error("evaluate", interactions, "--report", path, code=1)
    assert interactions.read_bytes() == before
    items = folder / "items.html"
    items.write_text("<!doctype html>\n")
    command = ("evaluate", interactions, "--items", items, "--report", items)
    assert "would be overwritten" in error(*command, code=2)


@pytest.mark.usefixtures("not_trained")
@pytest.mark.parametrize("library", ["plotly", "jinja2"])
def test_a_missing_extra_is_told_before_training(library, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    page = folder / "missing.html"
    told = error("evaluate", folder / "interactions.csv", "--report", page, code=1)
    assert "pip install 'item2vec[viz]'" in told
    assert not page.exists()
