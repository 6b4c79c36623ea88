"""`item2vec evaluate` and `tune` on the same users, later: the commands that people type."""

import csv
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from invoking import error, run

PARAMS = (
    "[ease]\nl2 = 10.0\n[item-knn]\nneighbors = 20\nshrinkage = 5.0\n"
    "[word2vec]\nepochs = 2\nvector_size = 8\nworkers = 1\n"
)


def write(path: Path, rows, header=("user", "item", "time")) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *(row[: len(header)] for row in rows)])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Forty users with eight of thirty items each, on days 1 to 8; a and b split them on day 7."""
    folder = tmp_path_factory.mktemp("splits")
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user:02}", f"i{item:02}", f"2020-01-0{day}")
        for user in range(40)
        for day, item in enumerate(rng.permutation(30)[:8].tolist(), start=1)
    ]
    write(folder / "all.csv", rows)
    write(folder / "train part.csv", [row for row in rows if row[2] < "2020-01-07"])
    write(folder / "test.csv", [row for row in rows if row[2] >= "2020-01-07"])
    write(folder / "untimed.csv", sorted(rows), ("user", "item"))
    (folder / "params.toml").write_text(PARAMS)
    return folder


def evaluated(folder, *arguments, code=0):
    fixed = ("--params", folder / "params.toml", "--min-count", 1, "--recommender", "popularity")
    return run("evaluate", *arguments, *fixed, code=code)


def as_json(folder, *arguments):
    return json.loads(evaluated(folder, *arguments, "--json").stdout)


def test_train_and_test_of_the_same_users(folder):
    """The case: a refusal that prints the command that does what is wanted, and that command."""
    train, test, model = folder / "train part.csv", folder / "test.csv", folder / "m.safetensors"
    run("train", train, "-o", model, "--min-count", 1, "--epochs", 2, "--vector-size", 8)
    told = error(
        "evaluate", test, "--model", model, "--train-on", train, "--min-count", 1, "--inputs", 1,
        "--labels", 1, "--params", folder / "params.toml", code=1,
    )  # fmt: skip
    assert "40 of 40 held-out users" in told
    command = told[told.index("item2vec evaluate") :]
    words = shlex.split(command)
    assert words[:5] == ["item2vec", "evaluate", str(train), "--test", str(test)]
    result = json.loads(run(*words[1:], "--json").stdout)
    models = [name for name in result["models"] if not name.endswith(" alone")]
    assert models == [str(model), "popularity", "item-knn", "ease"]
    assert result["protocol"]["family"] == "same users, later"
    assert result["counts"]["ease"]["cases"] == 40
    assert result["counts"]["ease"]["labels"] == 80


def test_a_moment_gives_the_same_scores_as_the_parts_it_makes(folder):
    parts = as_json(folder, folder / "train part.csv", "--test", folder / "test.csv")
    moment = as_json(folder, folder / "all.csv", "--split-time", "2020-01-07")
    assert moment["models"] == parts["models"]
    assert moment["protocol"]["time"] == "2020-01-07"
    assert moment["protocol"]["label_share"] == parts["protocol"]["label_share"] == 0.25
    assert moment["split"]["users_only_later"] == 0


def test_what_only_the_test_has_is_said_and_counted(folder, tmp_path):
    rows = [
        ("u00", "new", "2020-02-01"),
        ("u01", "i00", "2020-02-01"),
        ("zoe", "i00", "2020-02-01"),
    ]
    test = write(tmp_path / "more.csv", rows)
    command = (folder / "train part.csv", "--test", folder / "test.csv", "--test", test)
    told = as_json(folder, *command)["split"]
    assert (told["users_only_later"], told["items_only_later"]) == (1, 1)
    stderr = evaluated(folder, *command).stderr
    assert "1 user was skipped" in stderr
    assert "1 item of the later part" in stderr


def test_leave_last_out_asks_for_one_item_of_each_user(folder):
    result = evaluated(folder, folder / "all.csv", "--protocol", "leave-last-out")
    text = " ".join(result.stdout.split())  # a narrow terminal folds titles
    assert text.count("(same users, later)") == 3, "every table names the family"
    assert text.startswith("leave-last-out (same users, later): all but the last item → the last")
    assert "held-out" not in result.stdout
    told = as_json(folder, folder / "all.csv", "--protocol", "leave-last-out")
    assert told["counts"]["ease"]["labels"] == told["counts"]["ease"]["cases"] == 40


def test_held_out_users_are_named_too(folder):
    result = evaluated(folder, folder / "all.csv", "--inputs", 2, "--labels", 2)
    assert " ".join(result.stdout.split()).count("held-out users") == 3
    told = as_json(folder, folder / "all.csv", "--inputs", 2, "--labels", 2)["protocol"]
    assert told == {
        "name": "random", "family": "held-out users", "inputs": 2, "labels": 2, "keep_seen": False
    }  # fmt: skip


@pytest.mark.parametrize("protocol", ["latest", "leave-last-out"])
def test_latest_without_times(folder, protocol):
    """The case: refused with both remedies; where file order was declared, a clear warning."""
    command = ("evaluate", folder / "untimed.csv", "--protocol", protocol)
    counts = ("--inputs", 1, "--labels", 1) if protocol == "latest" else ()
    told = error(*command, *counts, code=1)
    assert "--time COLUMN" in told
    assert "--time none" in told
    assert "order of time" not in run(*command, *counts, code=1).stderr.replace(told, "")
    declared = evaluated(folder, *command[1:], *counts, "--time", "none")
    assert "--time none" in declared.stderr
    assert "sorted by item" in declared.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--protocol", "leave-last-out", "--folds", "2"], "--folds can't be combined with"),
        (["--split-time", "2020-01-07", "--held-out", "0.3"], "--held-out can't be combined with"),
        (["--test", "x.csv", "--train-on", "y.csv"], "--train-on can't be combined with --test"),
        (["--test", "x.csv", "--labels", "2"], "--labels can't be combined with --test"),
        (["--protocol", "leave-last-out", "--inputs", "2"], "--inputs can't be combined with"),
        (["--split-time", "2020-01-07", "--test", "x.csv"], "are mutually exclusive"),
        (["--protocol", "random", "--test", "x.csv"], "are mutually exclusive"),
        (["--protocol", "leave-last-out", "--model", "m"], "--test LATER --model MODEL"),
        (["--protocol", "random", "--protocol", "latest"], "given 2 times (random, latest)"),
        (["--split-time", "soon"], "'soon' is not a time"),
        (["--keep-seen"], "can't be combined with the protocol random"),
        (["--keep-seen", "--protocol", "fold-in"], "can't be combined with the protocol fold-in"),
        (["--keep-seen", "--protocol", "latest", "--repeated", "first"], "leave --repeated first"),
    ],
)
def test_options_that_do_not_go_together_are_refused(folder, arguments, told):
    assert told in error("evaluate", folder / "all.csv", *arguments, code=2)


def test_a_moment_needs_a_column_of_times(folder):
    told = error("evaluate", folder / "untimed.csv", "--split-time", "2020-01-07", code=1)
    assert "--time COLUMN" in told


def test_tune_keeps_the_last_item_for_the_test_and_the_one_before_for_validation(folder, tmp_path):
    output = tmp_path / "best.toml"
    command = ("tune", folder / "all.csv", "--trainer", "ease", "--trials", 2, "--min-count", 1)
    result = run(*command, "--protocol", "leave-last-out", "-o", output)
    assert "leave-last-out (same users, later)" in result.stdout
    assert 'name = "leave-last-out"' in output.read_text()
    told = error(*command, "--protocol", "leave-last-out", "--held-out", 0.2, "-o", output, code=2)
    assert "--held-out can't be combined with" in told
    scored = ("--protocol", "leave-last-out", "--min-count", 1, "--recommender", "popularity")
    again = run("evaluate", folder / "all.csv", "--params", output, *scored)
    assert "was tuned on" not in again.stderr
    other = run(
        "evaluate",
        folder / "all.csv",
        "--params",
        output,
        "--split-time",
        "2020-01-06",
        *scored[2:],
    )
    assert "was tuned on another split" in other.stderr


def test_the_page_speaks_of_no_held_out_users_where_users_are_shared(folder, tmp_path):
    page = tmp_path / "page.html"
    command = (folder / "train part.csv", "--test", folder / "test.csv", "--report", page)
    evaluated(folder, *command)
    html = page.read_text(encoding="utf-8")
    assert "held-out" not in html.lower().replace("--held-out", "")
    assert "held out" not in html.lower()
    assert html.count("(same users, later)</span></caption>") == 3, (
        "every table of scores names the family"
    )
    assert "The split was given: its training part is training data and inputs" in html
    assert str(folder) not in html
    assert "would be overwritten" in error(
        "evaluate", folder / "all.csv", "--test", page, "--report", page, code=2
    )


def test_cutoffs_are_those_of_the_json_in_rising_order(folder):
    command = (folder / "all.csv", "--inputs", 2, "--labels", 5, "--cutoffs", "20, 3,3,10")
    models = as_json(folder, *command)["models"]
    for name in ("recall", "uncapped_recall", "ndcg", "mrr", "hit_rate"):
        at = [metric for metric in models["ease"] if metric.startswith(f"{name}@")]
        assert at == [f"{name}@{k}" for k in (3, 10, 20)]
    assert models["ease"]["novelty@10"]["mean"] > 0
    stored = folder / "cut.safetensors"
    run("train", folder / "train part.csv", "-o", stored, "--min-count", 1, "--epochs", 1)
    command = (folder / "train part.csv", "--test", folder / "test.csv", "--model", stored)
    models = as_json(folder, *command, "--cutoffs", 2)["models"]
    for model in models.values():
        assert [metric for metric in model if metric.startswith("ndcg@")] == ["ndcg@2"]


@pytest.mark.parametrize("cutoffs", ["0", "1001", "5,,10", "ten", "2.5", "-3", ""])
def test_cutoffs_that_are_none_are_refused(folder, cutoffs):
    told = error("evaluate", folder / "all.csv", f"--cutoffs={cutoffs}", code=2)
    assert "whole numbers from 1 to 1,000, such as 10,100" in told


def test_keep_seen_says_so_and_lets_items_come_again(folder, tmp_path):
    rows = [
        (f"u{user:02}", f"i{(user + day % 3) % 9}", f"2020-01-{day + 1:02}")
        for user in range(40)
        for day in range(12)
    ]
    habits = write(tmp_path / "habits.csv", rows)
    for way in (("--split-time", "2020-01-12"), ("--protocol", "leave-last-out")):
        told = as_json(folder, habits, *way, "--keep-seen")
        assert told["protocol"]["keep_seen"] is True
        assert told["split"]["labels_seen"] == 40, "everybody repeats themselves"
        result = evaluated(folder, habits, *way, "--keep-seen")
        assert "seen items may come again" in result.stdout
        assert "the same user had them before" in result.stderr
    counts = ("--inputs", 3, "--labels", 3)
    latest = as_json(folder, habits, "--protocol", "latest", *counts, "--keep-seen")
    assert latest["counts"]["ease"]["cases"] == 8
    told = error("evaluate", habits, "--protocol", "latest", *counts, "--min-count", 1, code=1)
    assert "has enough items" in told, "without it nobody has six different items"


def test_a_test_part_that_came_before_the_training_part_is_noticed(tmp_path):
    rows = [f"u{user},i{(user + n) % 20},{n}" for user in range(30) for n in range(12)]
    parts = {"first.csv": range(8), "later.csv": range(8, 12)}
    for name, times in parts.items():
        kept = [row for row in rows if int(row.split(",")[2]) in times]
        (tmp_path / name).write_text("user,item,time\n" + "\n".join(kept) + "\n")
    first, later = (tmp_path / name for name in parts)
    asked = ("--recommender", "popularity", "--min-count", 1)
    told = run("evaluate", later, "--test", first, *asked).stderr
    assert "240 of 240 interactions of the later part" in told
    assert "not one in time" not in run("evaluate", first, "--test", later, *asked).stderr


def test_last_items_that_share_their_time_are_noticed(tmp_path):
    rows = [f"u{user},i{(user + n) % 20},{n // 2}" for user in range(30) for n in range(12)]
    data = tmp_path / "days.csv"
    data.write_text("user,item,time\n" + "\n".join(rows) + "\n")
    asked = ("--protocol", "leave-last-out", "--recommender", "popularity", "--min-count", 1)
    told = run("evaluate", data, *asked).stderr
    assert "30 users of 30 has the same time" in told
    data.write_text("user,item,time\n" + "\n".join(f"{row}{n % 2}" for n, row in enumerate(rows)))
    assert "has the same time" not in run("evaluate", data, *asked).stderr


def test_a_test_part_with_other_names_of_columns_is_explained(tmp_path):
    """--user and --item hold for both parts, so that naming the columns of one is no remedy."""
    rows = "".join(f"{user},i{item},{item}\n" for user in range(6) for item in range(5))
    (tmp_path / "train.csv").write_text("user,item,time\n" + rows)
    (tmp_path / "test.csv").write_text("wer,artikel,wann\n1,i3,9\n2,i4,9\n")
    told = error("evaluate", tmp_path / "train.csv", "--test", tmp_path / "test.csv",
                 "--recommender", "popularity", "--min-count", 1, code=1)  # fmt: skip
    assert "test.csv: no column" in told
    assert "rename the columns as in" in told
    assert "(user, item, time)" in told
