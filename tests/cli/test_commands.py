"""The command line as a person uses it: every command, its output, its errors and exit codes."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from invoking import error, run

from item2vec.cli import main
from item2vec.data.synthetic import invent
from item2vec.models import model_file
from item2vec.trainers.stages import memory_selection

TINY = ["--vector-size", "8", "--epochs", "3", "--workers", "1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("invented")
    run("sample", folder, "--users", 200)
    return folder


@pytest.fixture(scope="module")
def interactions(folder) -> Path:
    return folder / "interactions.csv"


@pytest.fixture(scope="module")
def model(folder, interactions) -> Path:
    path = folder / "model.safetensors"
    run("train", interactions, "--items", folder / "items.csv", "-o", path, *TINY)
    return path


# -- train ----------------------------------------------------------------------------------------


def test_train_says_what_it_read_and_writes_a_model(folder, interactions, model):
    result = run("train", interactions, "-o", folder / "again.safetensors", *TINY)
    assert result.stdout == ""
    assert "user_id is the user" in result.stderr
    assert "have at least 5 interactions; the others are dropped" in result.stderr
    assert f"to {folder / 'again.safetensors'}" in result.stderr
    vectors = model_file.load(model, verify=True)
    assert vectors.vector_size == 8
    assert vectors.metadata["parameters"]["epochs"] == 3
    assert vectors.metadata["min_count"] == 5
    assert vectors.catalogue.titles is not None


def test_two_reproducible_runs_give_the_same_bytes(folder, interactions):
    paths = [folder / "first.safetensors", folder / "second.safetensors"]
    for path in paths:
        run("train", interactions, "-o", path, "--reproducible", "--epochs", 2)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert model_file.load(paths[0]).metadata["parameters"]["workers"] == 1


def test_softmax_says_what_it_is_about_to_do_and_what_it_keeps(folder, interactions):
    path, again = folder / "softmax.safetensors", folder / "softmax_again.safetensors"
    options = ("--trainer", "softmax", "--epochs", 3, "--vector-size", 16)
    told = run("train", interactions, "-o", path, *options, "--reproducible").stderr
    vectors = model_file.load(path, verify=True)
    plan = (
        f"Training runs for 3 epochs on 1 worker. The softmax runs over all {len(vectors)} items."
    )
    assert plan in told
    selection = vectors.metadata["memory"]
    assert (vectors.memory is not None) == (selection["kept"] > 0)
    assert memory_selection.describe(selection) in told
    run("train", interactions, "-o", again, *options, "--reproducible")
    assert path.read_bytes() == again.read_bytes()
    drawn = run("train", interactions, "-o", path, *options, "--candidates", 20, "--memory", 0)
    assert f"the labels of a step and 20 items drawn from {len(vectors)}" in drawn.stderr
    assert model_file.load(path).memory is None


def test_train_stops_by_itself_and_says_which_epoch_it_keeps(folder, interactions):
    path = folder / "validated.safetensors"
    told = run("train", interactions, "-o", path, "--validate", "--epochs", 4).stderr
    validation = model_file.load(path).metadata["validation"]
    best = validation["best_epoch"]
    assert f"The vectors of epoch {best} of 4 are kept: ndcg@10 " in told
    assert 10 <= validation["users"] <= 20
    assert f"on {validation['users']} validation users." in told
    again = folder / "again.safetensors"
    for to in (path, again):
        run("train", interactions, "-o", to, "--validate", 0.3, "--epochs", 4, "--reproducible")
    assert path.read_bytes() == again.read_bytes()


def test_a_model_holds_no_user_path_host_or_time(folder, interactions, model):
    text = model.read_bytes()
    assert str(folder).encode() not in text
    words = text[8 : 8 + int.from_bytes(text[:8], "little")]  # two letters occur in any numbers
    assert not re.search(rb"\b%s\b" % re.escape(os.uname().nodename.encode()), words)
    users = {row.user_id for row in invent(n_users=200).interactions}
    long = {user for user in users if len(user) > 3}
    header = json.dumps(model_file.load(model).metadata)
    assert not [user for user in long if f'"{user}"' in header]


def test_options_win_over_the_parameters_file_and_that_over_defaults(folder, interactions):
    params = folder / "params.toml"
    params.write_text("[word2vec]\nwindow = 4\nvector_size = 6\nepochs = 1\n")
    path = folder / "params.safetensors"
    run("train", interactions, "-o", path, "--params", params, "--vector-size", 5)
    used = model_file.load(path).metadata["parameters"]
    assert (used["window"], used["vector_size"], used["negative"]) == (4, 5, 10)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[word2vec]\nwindow = 0\n", "window must be at least 1"),
        ("[word2vec]\nwide = 1\n", "no parameter 'wide'"),
        ("[other]\nwindow = 1\n", "[other]"),
    ],
)
def test_a_wrong_parameters_file_is_a_wrong_command(folder, interactions, text, told):
    params = folder / "wrong.toml"
    params.write_text(text)
    line = error("train", interactions, "-o", folder / "x", "--params", params, code=2)
    assert told in line
    assert "wrong.toml" in line


def test_a_parameters_file_that_cannot_be_read_is_wrong_data(folder, interactions):
    broken = folder / "broken.toml"
    broken.write_text("[word2vec\n")
    for file, told in ((broken, "is not TOML"), (folder / "none.toml", "can't be read")):
        assert told in error("train", interactions, "-o", folder / "x", "--params", file, code=1)


def test_reproducible_names_where_the_workers_come_from(folder, interactions):
    params = folder / "workers.toml"
    params.write_text("[word2vec]\nworkers = 2\n")
    command = ("train", interactions, "-o", folder / "x", "--reproducible")
    assert "workers.toml out" in error(*command, "--params", params, code=2)
    assert "leave --workers out" in error(*command, "--workers", 2, code=2)


def test_a_wrong_parameter_is_told_before_anything_is_read(folder):
    line = error("train", folder / "no_such.csv", "-o", folder / "x", "--window", 0, code=2)
    assert "window must be at least 1, not 0" in line


def test_a_missing_file_and_a_missing_column_are_told(folder, interactions):
    assert "no_such.csv" in error("train", folder / "no_such.csv", "-o", folder / "x", code=1)
    strange = folder / "strange.csv"
    strange.write_text("who,what\n1,2\n")
    line = error("train", strange, "-o", folder / "x", code=1)
    assert "strange.csv" in line
    assert "--user" in line
    assert "who, what" in line
    line = error("train", interactions, "-o", folder / "x", "--user", "usr_id", code=2)
    assert "usr_id" in line
    assert "user_id" in line


def test_an_empty_file_and_rare_items_are_told(folder):
    empty = folder / "empty.csv"
    empty.write_text("")
    assert "empty.csv" in error("train", empty, "-o", folder / "x", code=1)
    few = folder / "few.csv"
    few.write_text("user,item\n1,a\n2,b\n")
    assert "--min-count" in error("train", few, "-o", folder / "x", code=1)
    assert not (folder / "x").exists()


def test_an_output_that_cannot_be_written_is_told_before_anything_is_read(folder):
    missing = folder / "no_such.csv"
    line = error("train", missing, "-o", folder / "no" / "such" / "m", code=1)
    assert "can't be written" in line
    assert "is a folder" in error("train", missing, "-o", folder, code=1)


def test_an_output_is_never_one_of_the_inputs(folder, interactions):
    before = interactions.read_bytes()
    line = error("train", interactions, "-o", interactions, code=1)
    assert "would be lost" in line
    notes = folder / "notes.txt"
    notes.write_text("mine")
    assert "would be lost" in error("train", interactions, "-o", notes, code=1)
    link = folder / "link"
    link.symlink_to(folder / "nowhere")
    assert "is a link" in error("train", interactions, "-o", link, code=1)
    assert (interactions.read_bytes(), notes.read_text()) == (before, "mine")
    copy = folder / "training.csv"
    copy.write_bytes(before)
    assert "would be overwritten" in error("split", folder / "train*.csv", "-o", folder, code=2)
    assert copy.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_told(folder, interactions):
    assert "can't be made" in error("split", interactions, "-o", interactions / "x", code=1)


# -- look up --------------------------------------------------------------------------------------


def test_similar_lists_ids_titles_and_cosines(folder, model):
    vectors = model_file.load(model)
    title = vectors.title(0)
    found = json.loads(run("similar", model, title, "-k", 4, "--json").stdout)
    expected = [n._asdict() for n in vectors.most_similar(title, 4)]
    assert [{name: row[name] for name in expected[0]} for row in found] == [
        pytest.approx(row) for row in expected
    ]
    table = run("similar", model, vectors.vocabulary.ids[0], "-k", 4).stdout
    for row in expected:
        assert row["title"] in table


def test_rerank_shows_the_score_that_it_ranks_by(folder, interactions):
    path = folder / "reranked.safetensors"
    run("train", interactions, "--items", folder / "items.csv", "-o", path, "--memory", 20, *TINY)
    vectors = model_file.load(path)
    for items, signs in ((["1"], [1.0]), (["1", "2", "--not", "3"], [1.0, 1.0, -1.0])):
        asked = ["similar", path, *items, "--rerank"]
        found = json.loads(run(*asked, "--json").stdout)
        scores = [row["score"] for row in found]
        assert scores == sorted(scores, reverse=True)
        rows = vectors.vocabulary.rows([item for item in items if item != "--not"])
        similarities = vectors.reranked_neighbors.similarities[rows].toarray()
        for row in found:
            added = np.mean(signs * similarities[:, vectors.vocabulary.row(row["id"])])
            assert row["score"] == pytest.approx(row["cosine"] + added, abs=1e-6)
        header, first, *_ = run(*asked).stdout.splitlines()
        assert header.split()[:4] == ["rank", "score", "cosine", "id"]
        assert f"{scores[0]:.3f}" in first
    assert "score" not in json.loads(run("similar", path, "1", "--json").stdout)[0]


def test_recommend_lists_what_is_not_in_the_history(model):
    vectors = model_file.load(model)
    history = [vectors.title(0), vectors.title(1)]
    found = json.loads(run("recommend", model, *history, "-k", 3, "--json").stdout)
    assert [row["id"] for row in found] == [r.id for r in vectors.recommend(history, 3)]
    assert found[0]["title"] in run("recommend", model, *history, "-k", 3).stdout


def test_an_unknown_item_names_the_nearest(model):
    title = model_file.load(model).title(0)
    line = error("similar", model, title + "x", code=2)
    assert title in line
    assert "fewer than 5 times" in line


def test_info_tells_how_the_model_was_made(model):
    facts = json.loads(run("info", model, "--verify", "--json").stdout)
    assert facts["trainer"] == "word2vec"
    assert facts["verified"] is True
    assert facts["read"]["rows_kept"] == facts["read"]["rows_read"]
    text = run("info", model).stdout
    titles = re.findall(r"^(\S.*):$", text, flags=re.MULTILINE)
    assert titles[:3] == ["Model", "Training data", "Parameters"]
    parameters = text.partition("\nParameters:\n")[2].partition("\n\n")[0]
    assert re.search(r"^  window +3$", parameters, flags=re.MULTILINE)


def test_a_file_that_is_no_model_is_told(folder, interactions):
    assert "not an item2vec model" in error("similar", interactions, "a", code=1)
    assert "does not exist" in error("info", folder / "none", code=1)
    assert "is a folder" in error("info", folder, code=1)


def test_similar_uses_the_index_and_a_broken_one_is_passed_by(folder, model):
    exact = run("similar", model, "1", "--exact", "--json")
    assert "%" in run("index", model, "--trees", 20).stdout
    index = next(folder.glob("model.*.annoy"))
    with_index = run("similar", model, "1", "--json")
    assert with_index.stderr == ""
    assert json.loads(with_index.stdout)[0] == pytest.approx(json.loads(exact.stdout)[0])
    whole = index.read_bytes()
    for broken in (whole[:-40], whole[:-1] + b"x", b""):
        index.write_bytes(broken)
        result = run("similar", model, "1", "--json")
        assert "Searching exactly" in result.stderr
        assert "item2vec index" in result.stderr
        assert result.stdout == exact.stdout
    index.unlink()


# -- evaluate -------------------------------------------------------------------------------------


def test_an_index_takes_the_place_of_older_ones(folder, interactions, tmp_path):
    model, other = tmp_path / "m.safetensors", tmp_path / "m.two.safetensors"
    for seed, path in ((1, other), (1, model), (2, model)):
        run("train", interactions, "-o", path, *TINY, "--seed", seed)
        run("index", path)
    names = [path.name for path in tmp_path.glob("*.annoy*")]
    assert len([name for name in names if name.startswith("m.two.")]) == 2
    assert len(names) == 4, "one index and what describes it for each model"


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
    assert "related series@10: share of the related items" in page.read_text(encoding="utf-8")


def test_a_column_that_is_not_there_is_told_before_anything_is_trained(
    interactions, sagas, monkeypatch
):
    def fail(*args, **kwargs):
        raise AssertionError("trained")

    monkeypatch.setattr("item2vec.experiments.comparison.compare", fail)
    arguments = ["evaluate", interactions, "--items", sagas, "--related", "series"]
    told = error(*arguments, "--related", "saga", code=2)
    assert "no column 'saga': its columns are title, genres" in told
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
        (["--folds", "2", "--held-out", "0.5"], "exclude each other"),
        (["--held-out", "2"], "held_out must lie between 0 and 1"),
        (["--train-on", "x.csv"], "--train-on goes with --model"),
        (["--model", "x", "--folds", "2"], "no --folds"),
        (["--inputs", "3", "--protocol", "fold-in"], "--inputs"),
        (["--model", "x", "--min-count", "9"], "--min-count with --model needs --train-on"),
        (["--model", "x", "--params", "y"], "--params with --model needs --train-on"),
        (["--related", "series"], "--related series needs --items FILE"),
        (["--folds", "500"], "200 users can't be cut into 500 folds"),
    ],
)
def test_options_that_do_not_go_together_are_told(interactions, arguments, told):
    assert told in error("evaluate", interactions, *arguments, code=2)


def test_what_no_memory_is_selected_for_is_refused(interactions, tmp_path):
    output = tmp_path / "m"
    arguments = ["train", interactions, "-o", output, "--protocol", "random", "--memory", 0]
    assert "--memory 0" in error(*arguments, code=2)
    assert not output.exists()


def test_users_that_are_trained_on_are_not_scored(folder, interactions):
    run("split", interactions, "--held-out", 0.2, "-o", folder / "some")
    model = folder / "some" / "m"
    run("train", folder / "some" / "training.csv", "-o", model, *TINY)
    arguments = ("--model", model, "--train-on", interactions)
    told = error("evaluate", folder / "some" / "held_out.csv", *arguments, code=1)
    assert "40 users of the 40 held out are among those trained on" in told


def test_more_items_than_anybody_has_are_told_before_training(interactions, monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("trained")

    monkeypatch.setattr("item2vec.trainers.word2vec.trainer.Word2Vec.fit", fail)
    told = error("evaluate", interactions, "--inputs", 5000, code=1)
    assert "of 40 held-out users none has enough items" in told


def test_a_catalogue_of_other_items_is_told_before_training(folder, interactions):
    other = folder / "other.csv"
    other.write_text("item_id,title\nx1,Alien\nx2,Up\n")
    for command in (["train", interactions, "-o", folder / "n"], ["evaluate", interactions]):
        told = error(*command, "--items", other, code=1)
        assert "holds none of the" in told
        assert "'x1'" in told


def test_split_replaces_nothing_that_it_did_not_write(folder, interactions, tmp_path):
    (tmp_path / "held_out.csv").write_text("mine")
    told = error("split", interactions, "-o", tmp_path, code=1)
    assert "held_out.csv holds something else" in told
    assert [path.name for path in tmp_path.iterdir()] == ["held_out.csv"], "all or nothing"
    run("split", interactions, "-o", tmp_path, "--force")
    run("split", interactions, "-o", tmp_path)  # the same once more changes nothing
    assert len(list(tmp_path.iterdir())) == 2


# -- the whole ------------------------------------------------------------------------------------


def commands() -> list[str]:
    return sorted(main.commands)


@pytest.mark.parametrize("name", commands())
def test_every_help_holds_an_example_of_its_own_command(name):
    text = run(name, "--help").stdout
    assert f"item2vec {name} " in text.split("Example:")[1]


@pytest.mark.parametrize("name", sorted(set(commands()) - {"download"}))
def test_the_examples_of_every_help_run(name, folder, tmp_path, monkeypatch):
    """They run in a folder that holds the files they name."""
    monkeypatch.chdir(tmp_path)
    for file, source in {
        "ratings.csv": "interactions.csv", "movies.csv": "items.csv",
    }.items():  # fmt: skip
        Path(file).write_bytes((folder / source).read_bytes())
    series = (
        f"{line},{'series' if n == 0 else f'Saga {n // 4}'}\n"
        for n, line in enumerate(Path("movies.csv").read_text(encoding="utf-8").splitlines())
    )
    Path("movie_series.csv").write_text("".join(series), encoding="utf-8")
    Path("new_movies.csv").write_text("item_id,title,genres\nnew,Space Saloon,Sci-Fi|Western\n")
    run("split", "ratings.csv", "-o", ".", "--force", "--held-out", 0.3)
    header, *lines = Path("ratings.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for file, part in {"train.csv": lines[::2], "test.csv": lines[1::2]}.items():
        Path(file).write_text(header + "".join(part), encoding="utf-8")
    Path("fast.toml").write_text("[word2vec]\nepochs = 2\nvector_size = 8\n[ease]\nl2 = 100.0\n")
    run("train", "training.csv", "--items", "movies.csv", "-o", "movies.safetensors", *TINY)
    vectors = model_file.load("movies.safetensors")
    for words in example_lines(main.commands[name]):
        arguments = ["1" if "(19" in word else word for word in words]
        if arguments[0] == "evaluate":
            arguments += ["--params", "fast.toml"]
        if arguments[0] == "train":
            arguments += TINY
        if arguments[0] == "tune":
            arguments += ["--trials", 1, "--trainer", "ease"]
        run(*arguments)
    assert len(vectors) > 100


def example_lines(command: click.Command) -> list[list[str]]:
    text = (command.help or "").split("Example:")[1]
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("item2vec ")]
    return [shlex.split(line)[1:] for line in lines]


def test_examples_keep_their_lines():
    """Click's mark for that is one character: in a raw string it would be two, and be shown."""
    assert "\n    item2vec sample invented\n" in run("--help").stdout
    assert "\\b" not in run("--help").stdout + run("train", "--help").stdout


def test_titles_are_no_markup(tmp_path):
    lines = [f"u{u},{i}" for u in range(8) for i in ("[/red]", "[rec] 3", ":heart:")]
    (tmp_path / "songs.csv").write_text("user,item\n" + "\n".join(lines) + "\n")
    run("train", tmp_path / "songs.csv", "-o", tmp_path / "m", *TINY)
    table = run("similar", tmp_path / "m", ":heart:").stdout
    assert "[/red]" in table
    assert "[rec] 3" in table


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_knows_few_letters_is_no_reason_to_fail(encoding, folder, model):
    base = [sys.executable, "-m", "item2vec"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    for arguments in (["similar", model, "1"], ["similar", model, "1", "--json"]):
        done = subprocess.run(
            [*base, *map(str, arguments)], capture_output=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr


def test_a_full_disk_under_stdout_is_one_line(model):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "item2vec", "info", str(model)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


@pytest.mark.parametrize("words", [["--debug", "info", "none"], ["info", "none", "--debug"]])
def test_debug_shows_the_traceback(words):
    result = CliRunner().invoke(main, words)
    assert isinstance(result.exception, Exception)
    assert not isinstance(result.exception, SystemExit)


# Runs a command with a progress callback that prints, so that a test sees the end of each epoch.
PRINTING_PROGRESS = """
import contextlib, sys
from item2vec.cli import main

@contextlib.contextmanager
def progress_bar(description):
    yield lambda done, total: print("epoch", done, file=sys.stderr, flush=True)

sys.modules["item2vec.cli.train"].progress_bar = progress_bar
main()
"""


def test_ctrl_c_exits_with_130_and_leaves_the_old_model(folder, interactions, model):
    """The signal is sent when training is under way.

    Sent earlier, it may meet an import, and an extension module that is interrupted while it is
    imported may end the process, or print to stderr, in a way of its own.
    """
    before = model.read_bytes()
    command = ["train", interactions, "-o", model, "--epochs", "99999", "--memory", "0"]
    with subprocess.Popen(
        [sys.executable, "-c", PRINTING_PROGRESS, *command],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert any(line.startswith("epoch ") for line in process.stderr), "training has begun"
        process.send_signal(signal.SIGINT)
        lines = [line for line in process.stderr if not line.startswith("epoch ")]
    assert process.returncode == 130
    assert lines == ["Interrupted: existing files are unchanged.\n"]
    assert model.read_bytes() == before
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_ids_stay_strings_from_file_to_table(tmp_path):
    lines = [f"u{u},{i}" for u in range(8) for i in ("007", "1e5", "NA", "a b", "7")]
    path = tmp_path / "odd.csv"
    path.write_text("user,item\n" + "\n".join(lines) + "\n")
    run("train", path, "-o", tmp_path / "m", *TINY)
    found = json.loads(run("similar", tmp_path / "m", "007", "--json").stdout)
    assert {row["id"] for row in found} == {"1e5", "NA", "a b", "7"}
