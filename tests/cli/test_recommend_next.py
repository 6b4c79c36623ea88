"""What comes next, on the command line: `train`, `recommend --next`, `evaluate`."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from invoking import error, run

from item2vec.models import model_file

N_USERS = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a log of users whose first six items are of one group, and the last four of another.

    log.csv has a day for each item; orders.csv has one for the first six, and one for the rest.
    """
    rng = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("order")
    daily, orders, unordered = (["user,item,time"] for _ in range(3))
    for user in range(N_USERS):
        old, new = rng.choice(8, 2, replace=False)
        items = [f"{old}-{place}" for place in rng.choice(12, 6, replace=False)]
        items += [f"{new}-{place}" for place in rng.choice(12, 4, replace=False)]
        for day, item in enumerate(items, 1):
            daily.append(f"u{user},{item},{day * 86_400}")
            orders.append(f"u{user},{item},{86_400 * (1 + (day > 6))}")
            unordered.append(f"u{user},{item},")
    (path / "log.csv").write_text("\n".join(daily) + "\n")
    (path / "orders.csv").write_text("\n".join(orders) + "\n")
    (path / "unordered.csv").write_text(
        "\n".join(line.rsplit(",", 1)[0] for line in unordered) + "\n"
    )
    return path


SMALL = ("--vector-size", 8, "--epochs", 3, "--reproducible", "--memory", 0, "--min-count", 1)


@pytest.fixture(scope="module")
def model(folder) -> Path:
    path = folder / "m.safetensors"
    told = run("train", folder / "log.csv", "-o", path, *SMALL).stderr
    assert "(1 + age)^-" in told
    return path


def groups(*arguments) -> str:
    """Return the groups of the recommended items."""
    found = json.loads(run("recommend", *arguments, "-k", 4, "--json").stdout)
    return "".join(each["id"][0] for each in found)


def test_next_recommends_more_of_the_group_of_the_latest_items(model):
    items = [*(f"0-{place}" for place in range(6)), "1-0", "1-1"]
    assert model_file.load(model).recency > 0
    plain, following = groups(model, *items), groups(model, *items, "--next")
    assert following.count("1") > plain.count("1")
    assert plain == groups(model, *items[::-1]), "without --next, order does not matter"


def read_csv(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(text)):
        found[row["user"]] = found.get(row["user"], "") + row["item"][0]
    return found


def test_next_for_many_users_goes_by_the_times_of_the_file(model, folder, tmp_path):
    shuffled = tmp_path / "shuffled.csv"
    first, *lines = (folder / "log.csv").read_text().splitlines()
    shuffled.write_text("\n".join([first, *lines[::-1]]) + "\n")
    asked = ("recommend", model, "-k", 4, "--next", "--histories")
    found = read_csv(run(*asked, folder / "log.csv").stdout)
    assert found == read_csv(run(*asked, shuffled).stdout)
    plain = read_csv(run(*(a for a in asked if a != "--next"), folder / "log.csv").stdout)
    latest = {line.split(",")[0]: line.split(",")[1][0] for line in lines}
    assert share(found, latest) > share(plain, latest)


def share(found: dict[str, str], latest: dict[str, str]) -> float:
    return float(np.mean([found[user].count(latest[user]) for user in latest]))


def test_next_needs_times_or_a_declared_order(model, folder):
    asked = ("recommend", model, "--next", "--histories", folder / "unordered.csv")
    told = error(*asked, code=1)
    assert "--next needs the interactions of each user in time order" in told
    assert "--time COLUMN" in told
    assert "u7" in run(*asked, "--time", "none").stdout


def test_a_model_without_order_says_that_next_makes_no_difference(folder, tmp_path):
    path = tmp_path / "m.safetensors"
    run("train", folder / "unordered.csv", "-o", path, *SMALL)
    assert model_file.load(path).recency == 0
    items = [path, "1-1", "2-2"]
    assert "--next makes no difference" in run("recommend", *items, "--next").stderr
    assert "--next" not in run("recommend", *items).stderr
    assert groups(*items) == groups(*items, "--next")


def test_lines_of_one_order_have_one_age(folder, tmp_path):
    path = tmp_path / "m.safetensors"
    run("train", folder / "orders.csv", "-o", path, *SMALL)
    report = model_file.load(path).metadata["order"]
    assert set(report["scores"]) == {"next item", "next moment"}
    assert report["recency"] > 0, "the next item is of the order under way"


def test_info_shows_the_recency(model):
    found = json.loads(run("info", model, "--json").stdout)
    assert found["recency"] == model_file.load(model).recency == found["order"]["recency"]


@pytest.mark.parametrize(("protocol", "gains"), [("leave-last-out", True), ("random", False)])
def test_evaluate_lets_late_items_weigh_more_where_what_is_next_is_asked(
    folder, tmp_path, protocol, gains
):
    asked = (
        "evaluate",
        folder / "log.csv",
        "--protocol",
        protocol,
        "--recommender",
        "word2vec",
        "--without",
        "ease",
        "--without",
        "item-knn",
    )
    settings = "vector_size = 8\nepochs = 3\nworkers = 1\nmemory = 0\n"
    scores = []
    for recency in ('"auto"', "0"):
        parameters = tmp_path / "p.toml"
        parameters.write_text(f"[word2vec]\n{settings}recency = {recency}\n")
        result = json.loads(run(*asked, "--params", parameters, "--json").stdout)
        scores.append(result["models"]["word2vec"]["ndcg@10"])
        chosen = result["chosen"].get("word2vec", [{}])[0]
        assert ("recency" in chosen) == (gains and recency == '"auto"')
    if gains:
        assert scores[0]["mean"] > scores[1]["mean"]
    else:
        assert scores[0] == scores[1]
