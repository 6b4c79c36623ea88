"""A stored model that knows none of the items is not scored: zeros would look like a result."""

import pytest
from invoking import error, run


def write(path, suffix=""):
    rows = [
        f"u{user:02},{(user % 4 + 4 * place) % 20}{suffix}\n"
        for user in range(40)
        for place in range(5)
    ]
    path.write_text("user,item\n" + "".join(rows))
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ids")
    raw = write(folder / "raw.csv")
    model = folder / "raw.safetensors"
    run("train", raw, "-o", model, "--reproducible", "--epochs", 2, "--min-count", 2)
    return model, raw, write(folder / "other.csv", suffix=".0")


ASKED = ("--inputs", 2, "--labels", 2)


def test_a_model_that_knows_none_of_the_items_is_an_error_that_shows_both_ids(files):
    model, _, other = files
    told = error("evaluate", other, "--model", model, *ASKED, code=1)
    assert "none of the 20 items: its ids are like '0', theirs like '0.0'" in told


def test_a_training_set_that_knows_none_of_the_items_is_one_too(files, tmp_path):
    model, raw, other = files
    people = tmp_path / "people.csv"
    people.write_text(raw.read_text().replace("\nu", "\nv"))
    told = error(
        "evaluate", people, "--model", model, "--train-on", other, "--in-sample", *ASKED, code=1
    )
    assert "none of the 20 items: its ids are like '0.0', theirs like '0'" in told


def test_a_model_that_knows_few_of_the_items_is_scored_and_that_is_said(files, tmp_path):
    model, _, other = files
    mixed = tmp_path / "mixed.csv"
    mixed.write_text(other.read_text() + "w,0\nw,4\nw,8\nw,12\n")
    said = run("evaluate", mixed, "--model", model, *ASKED).stderr
    assert "80 of 82 labels (97.6%)" in said
