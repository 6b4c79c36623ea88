"""`--config FILE`: a TOML file with the options and arguments of commands."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from invoking import TINY, error, run

from item2vec.cli import main
from item2vec.models import model_file


@pytest.fixture
def place(tmp_path, monkeypatch, folder, model) -> Path:
    """Return a working directory with interactions, items and a model."""
    for file, source in {"ratings.csv": "interactions.csv", "movies.csv": "items.csv"}.items():
        (tmp_path / file).write_bytes((folder / source).read_bytes())
    (tmp_path / "m.safetensors").write_bytes(model.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(text: str, name: str = "nightly.toml") -> str:
    """Write a configuration file, and return its name."""
    Path(name).write_text(text, encoding="utf-8")
    return name


TRAIN = """
[train]
interactions = "ratings.csv"
items = "movies.csv"
output = "made.safetensors"
min-count = 2
vector_size = 6
shuffle = false
reproducible = true

[word2vec]
epochs = 3
window = 4
vector_size = 5
"""


@pytest.mark.parametrize("before", [True, False])
def test_a_file_is_all_that_training_needs(place, before):
    given = ["--config", config(TRAIN)]
    run(*given, "train") if before else run("train", *given)
    made = model_file.load("made.safetensors")
    parameters = made.metadata["parameters"]
    assert (made.metadata["min_count"], made.vector_size) == (2, 6)
    assert (parameters["epochs"], parameters["window"], parameters["shuffle"]) == (3, 4, False)
    assert made.catalogue.titles


def test_the_command_line_wins(place):
    run("train", "--config", config(TRAIN), "-o", "other.safetensors", "--min-count", 3,
        "--window", 2, "--shuffle")  # fmt: skip
    made = model_file.load("other.safetensors")
    assert made.metadata["min_count"] == 3
    assert (made.metadata["parameters"]["window"], made.metadata["parameters"]["shuffle"]) == (
        2, True,
    )  # fmt: skip
    assert not Path("made.safetensors").exists()


def test_params_is_an_alias_of_the_sections_of_trainers(place):
    config("[word2vec]\nepochs = 2\n", "mine.toml")
    run("train", "--config", config(TRAIN), "--params", "mine.toml")
    assert model_file.load("made.safetensors").metadata["parameters"]["epochs"] == 2
    run("train", "ratings.csv", "--params", config(TRAIN), "-o", "x.safetensors")
    made = model_file.load("x.safetensors")
    assert made.metadata["parameters"]["epochs"] == 3
    assert made.metadata["min_count"] == 5, "the section of the command is skipped"
    message = error("train", "ratings.csv", "--params", config("[traim]\n"), "-o", "x", code=2)
    assert "[traim]" in message


def test_parameters_in_the_file_do_not_stand_in_the_way_of_stored_models(place):
    text = '[evaluate]\ninteractions = "ratings.csv"\nmodel = "m.safetensors"\nin-sample = true\n'
    scored = run("evaluate", "--config", config(text + "[word2vec]\nepochs = 2\n"), "--json")
    assert json.loads(scored.stdout)["models"]


def test_values_of_all_kinds(place):
    text = """
    [evaluate]
    interactions = ["ratings.csv"]
    recommender = ["popularity", "random"]
    without = "ease"
    cutoffs = [5, 10]
    held-out = 0.3
    seed = 1
    validate = true
    output-format = "csv"
    split-time = 2030-01-31
    [tune]
    interactions = "ratings.csv"
    output = "best.toml"
    budget = "10m"
    [similar]
    model = "m.safetensors"
    item = ["1", "2"]
    k = 3
    json = true
    """
    message = error("evaluate", "--config", config(text), code=2)
    assert "--held-out" in message
    assert "--split-time" in message, "both are as if they had been given on the command line"
    config(text.replace("split-time = 2030-01-31", ""))
    scored = run("evaluate", "--config", "nightly.toml", "--without", "item-knn").stdout
    rows = list(csv.DictReader(io.StringIO(scored)))
    assert {row["model"] for row in rows} >= {"popularity", "random", "ease"}, "lists are replaced"
    assert len(json.loads(run("--config", "nightly.toml", "similar").stdout)) == 3
    assert run("similar", "--config", "nightly.toml", "--output-format", "tsv").stdout.startswith(
        "rank\t"
    )


@pytest.mark.parametrize("written", ["7", "[7]", '"7"', '["7"]'])
def test_values_with_commas_may_be_one_value_or_a_list(place, written):
    text = f'[evaluate]\nmodel = "m.safetensors"\nin-sample = true\ncutoffs = {written}\n'
    told = run("evaluate", "ratings.csv", "--config", config(text), "--json")
    assert "ndcg@7" in json.loads(told.stdout)["models"]["m.safetensors"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[traim]\nx = 1", ["[traim]", "did you mean train?"]),
        ("[readin]\nuser = 'a'", ["[readin]", "did you mean reading?"]),
        ("[reading]\nusr = 'a'", ["[reading]", "'usr'", "did you mean user?"]),
        ("[reading]\nmin-count = 3", ["[reading]", "'min-count'"]),
        ("[reading]\nlayout = 'row'", ["[reading] layout", "'row'"]),
        ("[word2vek]\n", ["[word2vek]", "did you mean word2vec?"]),
        ("[train]\nmin_cuont = 3", ["[train]", "'min_cuont'", "did you mean min-count?"]),
        ("[evaluate]\nepochs = 3", ["[evaluate]", "'epochs'"]),
        ("output = 'x'", ["output", "[train]"]),
        ("[train]\nepochs = 'many'", ["[train] epochs", "'many'"]),
        ("[train]\nepochs = 2.5", ["[train] epochs", "'2.5'"]),
        ("[train]\nepochs = true", ["[train] epochs", "True"]),
        ("[train]\nmin-count = '5'", ["[train] min-count", "whole number", "'5'"]),
        ("[train]\nmin-count = 0", ["[train] min-count", "0"]),
        ("[train]\nreproducible = 'yes'", ["[train] reproducible", "true or false", "'yes'"]),
        ("[train]\nuser = 5", ["[train] user", "in quotes", "5"]),
        ("[train]\nuser = ['a', 'b']", ["[train] user", "['a', 'b']"]),
        ("[train]\ninteractions = 5", ["[train] interactions", "in quotes", "5"]),
        ("[train]\nmin-rating = 'a'", ["[train] min-rating", "number", "'a'"]),
        ("[train]\ntrainer = 'sofmax'", ["[train] trainer", "'sofmax'", "softmax"]),
        ("[train]\nmin-count = 2\nmin_count = 3", ["[train] min_count", "twice"]),
        ("[train]\nshuffle = true\nno-shuffle = true", ["[train] no-shuffle", "twice"]),
        ("[train]\noutput = '-'", ["[train] output", "model.safetensors"]),
        ("[evaluate]\ncutoffs = true", ["[evaluate] cutoffs", "a number, or a list", "True"]),
        ("[evaluate]\ncutoffs = [[5], 10]", ["[evaluate] cutoffs", "a number, or a list", "[[5]"]),
        ("[evaluate]\ncutoffs = []", ["[evaluate] cutoffs", "a number, or a list", "[]"]),
        ("[train]\nfeatures = 2020-01-01", ["[train] features", "text in quotes", "2020"]),
        ("[train]\nconfig = 'x'", ["[train]", "'config'"]),
        ("[tune]\nbudget = 'long'", ["[tune] budget", "'long'", "10m"]),
        ("[word2vec]\nepoch = 3", ["[word2vec]", "'epoch'", "epochs"]),
        ("[train]\n[train.word2vec]\n", ["[train]", "'word2vec'"]),
    ],
)
def test_what_is_wrong_in_the_file_is_one_line_with_its_place(place, text, parts):
    words = ["train", "ratings.csv", "-o", "x.safetensors", "--config", config(text)]
    message = error(*words, code=2)
    for part in ["nightly.toml", *parts]:
        assert part in message


def test_a_file_that_is_missing_or_no_toml_is_named(place):
    assert "none.toml" in error("train", "--config", "none.toml", code=1)
    assert "nightly.toml is not TOML" in error("train", "--config", config("a b"), code=1)


def test_a_missing_argument_is_still_missing(place):
    result = run("train", "--config", config("[train]\noutput = 'x'"), code=2)
    assert "INTERACTIONS" in result.stderr


def test_the_home_folder_is_found(place, monkeypatch):
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("USERPROFILE", str(place))
    text = '[train]\ninteractions = "~/ratings.csv"\noutput = "~/deep.safetensors"\n'
    run("train", "--config=~/nightly.toml" if config(text) else "", *TINY)
    assert (place / "deep.safetensors").is_file()


def test_the_command_that_is_suggested_has_what_the_file_gave(place):
    """Training on all users, whose later interactions are then to be scored."""
    text = '[evaluate]\nmodel = "m.safetensors"\ntrain-on = "ratings.csv"\nseed = 3\n'
    message = error("evaluate", "ratings.csv", "--config", config(text), code=1)
    assert "--seed 3" in message
    assert "--model m.safetensors" in message


ODD = """
[reading]
user = "wer"
item = "was"
time = "wann"
where = "menge > 0"
[train]
interactions = "odd.csv"
output = "odd.safetensors"
min-count = 2
[evaluate]
interactions = "odd.csv"
recommender = "popularity"
"""


@pytest.fixture
def odd(place):
    """Write interactions with column names that no program knows; every third one is void."""
    rows = Path("ratings.csv").read_text().splitlines()[1:]
    lines = [f"{row},{n % 3}" for n, row in enumerate(rows)]
    Path("odd.csv").write_text("\n".join(["wer,was,wann,menge", *lines]) + "\n")
    return len(rows)


def test_the_section_of_reading_holds_for_every_command(odd):
    kept = f"kept {odd - (odd + 2) // 3:,}, dropped"
    config(ODD)
    assert kept in run("train", "--config", "nightly.toml", *TINY).stderr
    assert kept in run("evaluate", "--config", "nightly.toml").stderr
    assert kept in run("split", "odd.csv", "-o", "parts", "--config", "nightly.toml").stderr
    words = ["odd.safetensors", "--histories", "odd.csv", "-o", "out.csv"]
    assert kept in run("recommend", *words, "--config", "nightly.toml").stderr
    # Commands that read no interactions don't need it; its item is not the argument of `similar`.
    run("recommend", "m.safetensors", "1", "--config", "nightly.toml")
    run("similar", "m.safetensors", "1", "--config", "nightly.toml")


def test_the_section_of_a_command_and_the_command_line_win_over_reading(odd):
    config(ODD + 'where = "menge > 1"\n')
    assert f"kept {odd // 3:,}, dropped" in run("evaluate", "--config", "nightly.toml").stderr
    told = run("evaluate", "--config", "nightly.toml", "--where", "menge >= 0").stderr
    assert f"kept {odd:,}, dropped 0" in told
    own = '[recommend]\nmodel = "m.safetensors"\nitems = "1"\nuser = "wer"\n'
    message = error("recommend", "--config", config(own), code=2)
    assert "--user describes --histories" in message


def test_params_skips_the_section_of_reading(place):
    config("[reading]\nuser = 'wer'\n[word2vec]\nepochs = 2\n")
    run("train", "ratings.csv", "-o", "x", "--params", "nightly.toml", *TINY)


# One of these values is right for each option.
VALUES = ["true", "3", "0.5", '"text"', '"10m"', '"random"', '"word2vec"', '"utf-8"', '"first"',
          '"skip"', '"error"', '"annoy"', '"table"', '"rows"', '"cbow"', '"spectral"']  # fmt: skip


@pytest.mark.parametrize("name", main.commands)
def test_every_option_of_every_command_may_stand_in_the_file(place, name):
    """All sections are checked, whichever command runs."""
    other = "info" if name != "info" else "vectors"
    for parameter in main.commands[name].params:
        key = max(parameter.opts, key=len).lstrip("-")
        if key in {"config", "help"}:
            continue
        taken = [
            CliRunner().invoke(main, [other, "m.safetensors", "--config", config(text)])
            for text in (f"[{name}]\n{key} = {value}\n" for value in VALUES)
        ]
        assert any(result.exit_code == 0 for result in taken), f"{name} {key}"
