"""`evaluate --model` on what the model was trained on: refused, or said aloud."""

import json

import numpy as np
import pytest
from invoking import error, run

from item2vec.models import model_file

SCORING = ("--inputs", 3, "--labels", 3)
TINY = ("--min-count", 1, "--epochs", 1, "--vector-size", 4, "--reproducible")


def write_plays(path, *, n_users=60, seed=0, first_user=0, length=8):
    """Write histories of random items: there is nothing to learn from them."""
    rng = np.random.default_rng(seed)
    lines = ["user,item"]
    for user in range(first_user, first_user + n_users):
        lines += [f"{user},{item}" for item in rng.choice(80, length, replace=False)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def plays(tmp_path):
    return write_plays(tmp_path / "plays.csv")


@pytest.fixture
def model(plays, tmp_path):
    run("train", plays, "-o", tmp_path / "own.safetensors", *TINY)
    return tmp_path / "own.safetensors"


def test_case_model_scored_on_its_own_training_file(plays, model):
    told = error("evaluate", plays, "--model", model, *SCORING, code=1)
    assert "own training data: 60 of the 60 histories" in told
    assert "item2vec split" in told
    assert "--in-sample" in told


def test_a_part_of_the_file_and_the_file_with_others_are_refused_too(plays, model, tmp_path):
    lines = plays.read_text().splitlines()
    part = tmp_path / "part.csv"
    part.write_text("\n".join(lines[: 1 + 8 * 5]) + "\n")
    assert "5 of the 5 histories" in error("evaluate", part, "--model", model, *SCORING, code=1)
    others = write_plays(tmp_path / "others.csv", n_users=300, seed=1, first_user=1000)
    asked = ("evaluate", plays, others, "--model", model, *SCORING)
    assert "60 of the 360 histories" in error(*asked, code=1)
    result = json.loads(run("evaluate", others, "--model", model, *SCORING, "--json").stdout)
    assert result["users"] == 300


def test_in_sample_scores_say_that_they_are(plays, model):
    asked = ("evaluate", plays, "--model", model, *SCORING, "--in-sample")
    result = run(*asked)
    assert "60 users, in-sample" in " ".join(result.stdout.split())
    assert "These scores are in-sample" in result.stderr
    assert json.loads(run(*asked, "--json").stdout)["in_sample"] is True


def test_held_out_scores_say_nothing_of_the_kind(model, tmp_path):
    others = write_plays(tmp_path / "others.csv", seed=1, first_user=1000)
    asked = ("evaluate", others, "--model", model, *SCORING)
    result = run(*asked)
    assert "60 held-out users" in " ".join(result.stdout.split())
    assert "in-sample" not in result.stderr
    assert json.loads(run(*asked, "--json").stdout)["in_sample"] is False


def test_no_sketch_leaves_it_out_of_the_file(plays, model, tmp_path):
    without = tmp_path / "without.safetensors"
    run("train", plays, "-o", without, *TINY, "--no-sketch")
    assert model_file.load(without).sketch is None
    assert "sketch" not in run("info", without).stdout
    assert json.loads(run("info", model, "--json").stdout)["sketch"]["n_histories"] == 60
    assert b"sketch" not in without.read_bytes()
    assert without.stat().st_size < model.stat().st_size
    told = error("evaluate", plays, "--model", without, *SCORING, code=1)
    assert "60 histories contain every item exactly as often" in told


def test_a_reproducible_model_has_the_same_bytes_with_its_sketch(plays, model, tmp_path):
    again = tmp_path / "again.safetensors"
    run("train", plays, "-o", again, *TINY)
    assert again.read_bytes() == model.read_bytes()


def test_short_histories_of_the_same_file_are_refused(tmp_path):
    plays = write_plays(tmp_path / "short.csv", length=6)
    run("train", plays, "-o", tmp_path / "m", *TINY)
    told = error("evaluate", plays, "--model", tmp_path / "m", *SCORING, code=1)
    assert "60 histories contain every item exactly as often as its training data" in told


def test_in_sample_needs_a_model(plays):
    assert "--in-sample goes with --model" in error("evaluate", plays, "--in-sample", code=2)


def test_the_page_says_that_scores_are_in_sample(plays, model, tmp_path):
    page = tmp_path / "page.html"
    run("evaluate", plays, "--model", model, *SCORING, "--in-sample", "--report", page)
    text = page.read_text()
    body = text[: text.index("<script>")]
    assert "60 users, in-sample" in body
    assert "These scores are in-sample" in body
    assert "held-out users" not in body
    assert "Training (in-sample) users were scored" in body


def test_seen_items_kept_hide_no_training_data(tmp_path):
    """With --keep-seen the cases are made in another way, and are compared all the same."""
    rows = [f"u{u},i{(u * 7 + n * n) % 40},{n}" for u in range(60) for n in range(12)]
    data = tmp_path / "plays.csv"
    data.write_text("user,item,time\n" + "\n".join(rows) + "\n")
    model = tmp_path / "m.safetensors"
    run("train", data, "-o", model, "--epochs", 1, "--workers", 1, "--repeated", "keep")
    asked = ["evaluate", data, "--model", model, "--protocol", "latest", "--keep-seen"]
    assert "own training data" in error(*asked, code=1)
    assert "in-sample" in run(*asked, "--in-sample").stdout


def halves(folder, plays):
    """Cut each history of a file in two: what came first, and what came later."""
    header, *rows = plays.read_text().splitlines()
    by_user = {}
    for row in rows:
        by_user.setdefault(row.split(",")[0], []).append(row)
    parts = {"first.csv": slice(0, 9), "later.csv": slice(9, None)}
    for name, part in parts.items():
        kept = [row for own in by_user.values() for row in own[part]]
        (folder / name).write_text("\n".join([header, *kept]) + "\n")
    return [folder / name for name in parts]


def test_a_model_that_was_trained_on_the_test_part_is_refused(tmp_path):
    plays = write_plays(tmp_path / "all.csv", length=14)
    first, later = halves(tmp_path, plays)
    for name, data in (("whole", plays), ("test", later), ("honest", first)):
        run("train", data, "-o", tmp_path / name, *TINY)
    asked = ["evaluate", first, "--test", later, "--min-count", 1, "--model"]
    told = error(*asked, tmp_path / "whole", code=1)
    assert "was trained on the labels" in told
    assert "Train it on the earlier part alone" in told
    run(*asked, tmp_path / "honest")
    assert "in-sample" in run(*asked, tmp_path / "whole", "--in-sample").stdout


def test_a_test_part_that_the_training_part_holds_is_named_as_that(tmp_path):
    plays = write_plays(tmp_path / "all.csv", length=14)
    told = error("evaluate", plays, "--test", halves(tmp_path, plays)[1], code=1)
    assert "every item of the test part" in told
