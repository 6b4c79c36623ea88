"""`item2vec train`: the model, what it reports, its errors and exit codes."""

import json
import os
import re

import pytest
from invoking import TINY, error, run

from item2vec.data.synthetic import invent
from item2vec.models import model_file
from item2vec.trainers.stages import memory_selection


def test_train_says_what_it_read_and_writes_a_model(folder, interactions, model):
    result = run("train", interactions, "-o", folder / "again.safetensors", *TINY)
    assert result.stdout == ""
    assert "user_id is the user" in result.stderr
    assert "have at least 5 interactions" in result.stderr
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
    assert "3 epochs on 1 worker" in told
    assert f"all {len(vectors)} items" in told
    selection = vectors.metadata["memory"]
    assert (vectors.memory is not None) == (selection["kept"] > 0)
    assert memory_selection.describe(selection) in told
    run("train", interactions, "-o", again, *options, "--reproducible")
    assert path.read_bytes() == again.read_bytes()
    drawn = run("train", interactions, "-o", path, *options, "--candidates", 20, "--memory", 0)
    assert f"20 items drawn from {len(vectors)}" in drawn.stderr
    assert model_file.load(path).memory is None


def test_train_stops_by_itself_and_says_which_epoch_it_keeps(folder, interactions):
    path = folder / "validated.safetensors"
    told = run("train", interactions, "-o", path, "--validate", "--epochs", 4).stderr
    validation = model_file.load(path).metadata["validation"]
    best = validation["best_epoch"]
    assert f"epoch {best} of 4" in told
    assert 10 <= validation["users"] <= 20
    assert f"{validation['users']} validation users" in told
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
    assert "who='1', what='2'" in line
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


def test_what_no_memory_is_selected_for_is_refused(interactions, tmp_path):
    output = tmp_path / "m"
    arguments = ["train", interactions, "-o", output, "--protocol", "random", "--memory", 0]
    assert "--memory 0" in error(*arguments, code=2)
    assert not output.exists()


def test_errors_about_too_few_interactions_say_why_most_were_dropped(tmp_path):
    path = tmp_path / "a.csv"
    ratings = "".join(f"u{n % 30},p{n % 9},{'' if n % 10 else 5}\n" for n in range(90))
    path.write_text(f"user,item,rating\n{ratings}")
    why = "(81 of 90 records were dropped: rating missing)"
    for command in (("train", "-o", tmp_path / "m.safetensors"), ("evaluate",)):
        assert error(*command, path, "--min-rating", 4, "-q", code=1).endswith(why)
    told = error("train", path, "-o", tmp_path / "m.safetensors", "--min-rating", 4, code=1)
    assert "no item has at least 5 interactions: lower --min-count" in told
    path.write_text("user,item,time\n" + "".join(f"u{n},a,{n}x\n" for n in range(9)) + "u,a,1\n")
    told = error("train", path, "-o", tmp_path / "m.safetensors", "--min-count", 1, "-q", code=1)
    assert "every user has only one item" in told
    assert "--min-count" not in told
    assert "9 of 10 records were dropped: time not understood" in told
