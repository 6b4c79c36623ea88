"""`item2vec tune`, as a person uses it."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass

import pytest
from invoking import error, run

from item2vec.baselines.ease import EASE
from item2vec.data.synthetic import invent
from item2vec.evaluation.splitting.users import split_users
from item2vec.experiments.registry import RECOMMENDERS
from item2vec.experiments.tuning import search
from item2vec.parameters import Between, parameter
from item2vec.reading.interactions import read_interactions


@pytest.fixture(scope="module")
def interactions(tmp_path_factory):
    return invent(n_users=200).write(tmp_path_factory.mktemp("invented"))[0]


@dataclass(frozen=True, kw_only=True)
class PoorEASE(EASE):
    """EASE with a default that is far too small."""

    l2: float = parameter(1e-3, "", search=Between(1e-3, 1e5, log=True))


def test_what_is_found_is_written_scored_and_taken_by_evaluate(interactions, tmp_path, monkeypatch):
    monkeypatch.setitem(RECOMMENDERS, "ease", PoorEASE)
    best = tmp_path / "best.toml"
    told = run("tune", interactions, "--trainer", "ease", "--trials", 4, "-o", best)
    tables = tomllib.loads(best.read_text())
    assert set(tables) == {"ease", "tuned"}
    assert tables["tuned"]["ease"]["trials"] == 4
    assert tables["tuned"]["protocol"] == {"name": "random", "inputs": 3, "labels": 7}
    assert "Trial 1: ndcg@10 " in told.stderr
    assert "4 trials of ease so far" in told.stderr
    assert "40 held-out users" in told.stdout
    assert "ease (defaults)" in told.stdout, "tuned stands against untuned"
    evidence = tables["tuned"]["ease"]
    assert evidence["difference"] > 2 * evidence["standard_error"]
    assert (evidence["splits"], evidence["users"]) == (4, 128)
    assert f"{evidence['kept'].capitalize()} of ease is better than the defaults" in told.stderr
    assert tables["ease"]["l2"] > 1
    evaluated = run("evaluate", interactions, "--params", best, "--recommender", "ease", "--json")
    models = json.loads(evaluated.stdout)["models"]
    assert list(models)[:2] == ["ease", "ease (defaults)"]
    first = f"{models['ease']['ndcg@10']['mean']:.4f}"
    assert first in told.stdout, "evaluate scores the users that tune held out"
    assert "was tuned on" not in evaluated.stderr
    folds = run("evaluate", interactions, "--params", best, "--recommender", "ease", "--folds", 2)
    assert "use --held-out 0.2 --seed 0 alone" in folds.stderr


@pytest.mark.thorough
def test_without_a_better_trial_the_defaults_are_written_and_scored_once(interactions, tmp_path):
    best = tmp_path / "best.toml"
    told = run("tune", interactions, "--trainer", "ease", "--trials", 3, "-o", best, "--json")
    tables = tomllib.loads(best.read_text())
    assert tables["ease"] == {"l2": "auto"}, "EASE chooses it on validation users by itself"
    assert tables["tuned"]["ease"]["kept"] == "defaults"
    assert "The defaults of ease are kept" in told.stderr
    result = json.loads(told.stdout)
    assert set(result["tuned"]["ease"].items()) <= set(tables["tuned"]["ease"].items())
    assert "ease (defaults)" not in result["models"]
    evaluated = run("evaluate", interactions, "--params", best, "--recommender", "ease", "--json")
    models = json.loads(evaluated.stdout)["models"]
    assert "ease (defaults)" not in models
    assert models["ease"] == result["models"]["ease"]


def test_the_same_users_later_are_tuned_for_and_tested_on_other_items(interactions, tmp_path):
    best = tmp_path / "best.toml"
    later = ("--protocol", "leave-last-out")
    run("tune", interactions, *later, "--trainer", "item-knn", "--trials", 5, "-o", best)
    evidence = tomllib.loads(best.read_text())["tuned"]["item-knn"]
    assert evidence.get("splits", 2) == 2


@pytest.mark.thorough
def test_two_trainers_get_the_same_number_of_trials(interactions, tmp_path):
    best = tmp_path / "best.toml"
    names = ("--trainer", "ease", "--trainer", "item-knn")
    run("tune", interactions, *names, "--trials", 2, "-o", best)
    tuned = tomllib.loads(best.read_text())["tuned"]
    assert (tuned["ease"]["trials"], tuned["item-knn"]["trials"]) == (2, 2)
    again = run("tune", interactions, *names, "--trials", 3, "-o", best)
    assert "3 trials of ease so far" in again.stderr, "it is gone on with"


def test_test_users_are_not_searched_on(interactions, tmp_path, monkeypatch):
    """Nothing that only a test user has may reach the search, nor any of their histories."""
    seen = {}
    searched = search.search

    def spy(task, *args, **kwargs):
        seen["task"] = task
        return searched(task, *args, **kwargs)

    monkeypatch.setattr(search, "search", spy)
    run("tune", interactions, "--trainer", "ease", "--trials", 1, "-o", tmp_path / "b", "--seed", 5)
    training, _ = split_users(read_interactions(interactions), held_out=0.2, seed=5)
    fitted, validation = split_users(training, held_out=0.2, seed=5)
    histories = fitted.to_histories()
    assert seen["task"].training.items.tolist() == histories.items.tolist()
    assert seen["task"].training.vocabulary.counts.tolist() == histories.vocabulary.counts.tolist()
    assert seen["task"].cases.users.max() < len(validation)


def test_ctrl_c_keeps_what_was_found(interactions, tmp_path):
    best = tmp_path / "best.toml"
    command = [
        sys.executable,
        "-m",
        "item2vec",
        "tune",
        interactions,
        "--budget",
        "10m",
        "-o",
        best,
    ]
    lines = []
    with subprocess.Popen(
        [*command, "--trainer", "ease"], stderr=subprocess.PIPE, text=True
    ) as process:
        while "Trial 1:" not in "".join(lines[-1:]):
            lines.append(process.stderr.readline())
            assert lines[-1], "".join(lines)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "run the same command to resume" in rest
    tables = tomllib.loads(best.read_text())
    assert tables["tuned"]["ease"]["trials"] >= 1
    assert tables["ease"] == {"l2": "auto"}, "no trial has been scored again yet"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--budget", "ten"], "write it as in 90s, 10m or 2h"),
        (["--budget", "0m"], "is not a duration"),
        (["--metric", "accuracy"], "metric must be one of"),
        (["--sample", "2"], "must lie between 0 and 1"),
        (["--protocol", "fold-in", "--inputs", "3"], "--inputs can't be combined with"),
    ],
)
def test_a_wrong_command_is_told(interactions, tmp_path, arguments, told):
    line = error("tune", interactions, "-o", tmp_path / "b.toml", "--trials", 1, *arguments, code=2)
    assert told in line
    assert not list(tmp_path.iterdir())


def test_outputs_that_are_inputs_or_somebodys_file_are_refused(interactions, tmp_path):
    assert "would be overwritten" in error("tune", interactions, "-o", interactions, code=2)
    mine = tmp_path / "thesis.toml.study"
    mine.write_text("mine")
    output = tmp_path / "thesis.toml"
    assert "not an optuna study" in error("tune", interactions, "-o", output, "--trials", 1, code=1)
    assert mine.read_text() == "mine"
    output.write_text("[word2vec]\nwindow = 5\n")
    assert "would be lost" in error("tune", interactions, "-o", output, "--trials", 1, code=1)


def test_a_sample_of_the_training_users_is_searched_on(interactions, tmp_path):
    best = tmp_path / "b"
    run("tune", interactions, "-o", best, "--trainer", "ease", "--trials", 1, "--sample", 0.5)
    study = (tmp_path / "b.study").read_text()
    first = json.loads(study.splitlines()[1])["user_attr"]["item2vec"]
    whole = tmp_path / "w"
    run("tune", interactions, "-o", whole, "--trainer", "ease", "--trials", 1)
    other = json.loads((tmp_path / "w.study").read_text().splitlines()[1])["user_attr"]["item2vec"]
    assert 0.15 < first["interactions"] / other["interactions"] < 0.7
