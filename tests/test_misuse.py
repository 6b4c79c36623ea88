"""Wrong use in Python raises an Item2VecError of one line that names the correct call."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import item2vec
from item2vec import (
    Histories,
    ItemVectors,
    LeaveLastOutProtocol,
    Popularity,
    RandomProtocol,
    compare,
    evaluate,
    split_by_time,
    split_last,
    split_train_test,
    split_users,
)
from item2vec.errors import Item2VecError, ParameterError
from item2vec.evaluation.cold_start import hide_items
from item2vec.evaluation.splitting.later_protocols import SplitTimeProtocol

FRAME = pd.DataFrame(
    [(f"u{user}", f"i{item}", 10 * user + item) for user in range(9) for item in range(4)],
    columns=["user", "item", "time"],
)
SHORT = RandomProtocol(inputs=2, labels=1)


@pytest.fixture(scope="module")
def given():
    """A model, what it was made of, and cases of three held-out users."""
    interactions = item2vec.read_interactions(FRAME, keep_times=True)
    training, held_out = split_users(interactions, held_out=0.3)
    histories = training.to_histories(min_count=1)
    vocabulary = histories.vocabulary
    arrays = np.random.default_rng(0).random((2, len(vocabulary), 3), dtype=np.float32)
    model = ItemVectors(vocabulary, *arrays, np.zeros(len(vocabulary), np.float32), power=1.0)
    packed = held_out.to_histories(vocabulary=vocabulary)
    return SimpleNamespace(
        interactions=interactions,
        histories=histories,
        model=model,
        pair=(training, held_out),
        packed=packed,
        cases=SHORT.cases(packed),
        popular={"p": Popularity()},
        fitted={"m": model},
    )


# The wrong call, and a part of the remedy in its message.
CALLS = {
    "save swapped": (lambda g: item2vec.save("x.safetensors", g.model), "save(vectors, 'model"),
    "save nothing": (lambda g: item2vec.save(None, "x.safetensors"), "save(vectors, 'model"),
    "save nowhere": (lambda g: item2vec.save(g.model, None), "string or a pathlib.Path"),
    "load nothing": (lambda g: item2vec.load(None), "string or a pathlib.Path"),
    "load a frame": (lambda g: item2vec.load(FRAME), "string or a pathlib.Path"),
    "load a model": (lambda g: item2vec.load(g.model), "string or a pathlib.Path"),
    "last of a frame": (lambda g: split_last(FRAME), "read_interactions(...)"),
    "time of a frame": (lambda g: split_by_time(FRAME, "2018-01-01"), "read_interactions(...)"),
    "parts are frames": (lambda g: split_train_test(FRAME, FRAME), "read_interactions(...)"),
    "test is a frame": (lambda g: split_train_test(g.interactions, FRAME), "read_interactions"),
    "share is text": (lambda g: split_users(g.interactions, held_out="a"), "such as 0.2"),
    "share is missing": (lambda g: split_users(g.interactions, held_out=None), "such as 0.2"),
    "hidden share is text": (lambda g: hide_items(g.interactions, share="a"), "such as 0.2"),
    "seed of a split": (lambda g: split_users(g.interactions, seed="x"), "such as 5"),
    "seed below 0": (lambda g: split_users(g.interactions, seed=-1), "at least 0"),
    "folds are text": (lambda g: next(item2vec.fold_users(g.interactions, folds="2")), "such as"),
    "compare a model": (lambda g: compare(g.fitted, [g.pair], SHORT), "evaluate(models, cases)"),
    "compare a class": (lambda g: compare({"p": Popularity}, [g.pair], SHORT), "Popularity()"),
    "compare a word": (lambda g: compare({"p": "popularity"}, [g.pair], SHORT), "Word2Vec()"),
    "bare pair": (lambda g: compare(g.popular, g.pair, SHORT), "[split_users(interactions)]"),
    "words for pairs": (lambda g: compare(g.popular, ["a"], SHORT), "split_users(interactions)"),
    "protocol is a word": (lambda g: compare(g.popular, [g.pair], "random"), "RandomProtocol()"),
    "cutoffs of compare": (
        lambda g: compare(g.popular, [g.pair], SHORT, cutoffs=10),
        "such as (10,)",
    ),
    "seed of compare": (lambda g: compare(g.popular, [g.pair], SHORT, seed="x"), "such as 5"),
    "vocabulary is a model": (
        lambda g: g.interactions.to_histories(vocabulary=g.model),
        "vocabulary=model.vocabulary",
    ),
    "vocabulary of lists": (
        lambda g: Histories.from_lists([["i1"]], vocabulary=g.model),
        "vocabulary=model.vocabulary",
    ),
    "cases of later": (
        lambda g: LeaveLastOutProtocol().cases(g.packed),
        "split_last(interactions)",
    ),
    "cases by time": (
        lambda g: SplitTimeProtocol(time="2018").cases(g.packed),
        "split_by_time(interactions, time)",
    ),
    "seed of cases": (lambda g: SHORT.cases(g.packed, seed="x"), "such as 5"),
    "too few users": (lambda g: evaluate(g.fitted, g.cases, users=["a"]), "held_out.user_ids"),
    "users are a number": (lambda g: evaluate(g.fitted, g.cases, users=3), "held_out.user_ids"),
    "evaluate a class": (lambda g: evaluate({"m": ItemVectors}, g.cases), "give a fitted model"),
    "one cutoff": (lambda g: evaluate(g.fitted, g.cases, cutoffs=10), "such as (10,)"),
    "no cutoffs": (lambda g: evaluate(g.fitted, g.cases, cutoffs=None), "such as (10,)"),
    "cutoffs are text": (lambda g: evaluate(g.fitted, g.cases, cutoffs="10"), "such as (10,)"),
    "seed is text": (lambda g: evaluate(g.fitted, g.cases, seed="x"), "such as 5, not 'x'"),
    "seed is negative": (lambda g: evaluate(g.fitted, g.cases, seed=-1), "at least 0"),
    "only a number": (lambda g: g.model.recommend(["i1"], only=3), "only takes a list of items"),
    "exclude a number": (lambda g: g.model.recommend(["i1"], exclude=3), "write ['3']"),
    "similar to nothing": (lambda g: g.model.most_similar(None), "write 'i0'"),
    "similar to a number": (lambda g: g.model.most_similar(3), "write '3'"),
    "unlike a number": (lambda g: g.model.most_similar("i1", negative=3), "negative must be"),
    "rows in a list": (lambda g: g.model.similar_rows([0], 3), "vocabulary.rows(ids)"),
    "rows are floats": (lambda g: g.model.similar_rows(np.ones(1), 3), "vocabulary.rows(ids)"),
    "table to nowhere": (lambda g: g.interactions.write_csv(None), "string or a pathlib.Path"),
    "lists are missing": (lambda g: Histories.from_lists(None), '[["a", "b"], ["b", "c"]]'),
    "items for k": (lambda g: g.model.similar_frame(["i1"]), "items=['i1']"),
    "one item for k": (lambda g: g.model.similar_frame("i1"), "items=['i1']"),
    "scores of interactions": (lambda g: g.model.score_frame(g.interactions), '(["a", "b"], "c")'),
    "scores of lists": (lambda g: g.model.score_frame([["a"]]), '(["a", "b"], "c")'),
    "scores of text": (lambda g: g.model.score_frame(["ab"]), '(["a", "b"], "c")'),
    "unknown is a word": (lambda g: g.model.recommend(["i1"], unknown="x"), "'skip' or 'error'"),
    "unknown is None": (lambda g: g.model.recommend(["i1"], unknown=None), "'skip' or 'error'"),
}


@pytest.mark.parametrize("name", CALLS)
def test_wrong_use_is_an_error_of_one_line_with_its_remedy(name, given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, remedy = CALLS[name]
    with pytest.raises(Item2VecError) as caught:
        call(given)
    message = str(caught.value)
    assert remedy in message
    assert "\n" not in message
    assert os.listdir(tmp_path) == []


ASKS = {
    "recommend": lambda g, k: g.model.recommend(["i1"], k),
    "most_similar": lambda g, k: g.model.most_similar("i1", k),
    "recommend_rows": lambda g, k: g.model.recommend_rows(g.histories, k),
    "similar_rows": lambda g, k: g.model.similar_rows(np.array([0], dtype=np.int32), k),
    "recommend_frame": lambda g, k: g.model.recommend_frame([["i1"]], k),
    "similar_frame": lambda g, k: g.model.similar_frame(k),
    "rows of a baseline": lambda g, k: Popularity().fit(g.histories).recommend_rows(g.histories, k),
}


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("k", ["3", None, 1.5, True, 0, -1, np.float64(2)], ids=repr)
def test_k_is_a_whole_number_from_1_on(name, k, given):
    with pytest.raises(ParameterError, match=r"k must be|items=\['3'\]"):
        ASKS[name](given, k)


@pytest.mark.parametrize("name", ASKS)
def test_k_may_be_an_integer_of_numpy(name, given):
    assert len(ASKS[name](given, np.int64(1))) == len(ASKS[name](given, 1)) > 0


@pytest.mark.parametrize(
    "min_count", ["5", 2.5, True, None, 0, -(10**5000)], ids=lambda v: type(v).__name__
)
def test_min_count_is_a_whole_number_from_1_on(min_count, given):
    with pytest.raises(ParameterError, match="min_count must be"):
        given.interactions.to_histories(min_count=min_count)


def test_a_single_split_need_not_be_in_a_list(given):
    split = split_last(given.interactions)
    one, listed = (compare(given.popular, s, min_count=1) for s in (split, [split]))
    assert (
        one.scores["p"].values["recall@10"].tolist()
        == listed.scores["p"].values["recall@10"].tolist()
    )


def command_line(arguments, **settings):
    """Run the command line with another stdout; return its exit code and stderr."""
    result = subprocess.run(
        [sys.executable, "-m", "item2vec", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **settings,
    )
    return result.returncode, result.stderr


def test_a_table_for_a_closed_stdout_is_a_fault_of_the_command(given, tmp_path):
    item2vec.save(given.model, tmp_path / "m.safetensors")
    arguments = ["vectors", str(tmp_path / "m.safetensors")]
    code, error = command_line(arguments, preexec_fn=lambda: os.close(1))
    assert code == 2
    assert error.startswith("Error: stdout is closed")
    assert "-o" in error


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"]], ids=" ".join)
def test_help_for_a_full_disk_is_an_error_of_one_line(arguments):
    with open("/dev/full", "w") as full:
        code, error = command_line(arguments, stdout=full)
    assert code == 1
    assert error.startswith("Error: No space left on device")
    assert error.count("\n") == 1
