"""Files that people brought and that went wrong, made small, each as a test of its name.

In all of them 40 users have items of one of four cliques, and some have another item.
"""

import re
import shlex

import pandas as pd
import pytest
from gensim.models import KeyedVectors
from invoking import error, run

import item2vec
from item2vec.errors import DataError

HISTORIES = {
    str(user): [str((4 * k + user) % 20) for k in range(3 + user % 3)] for user in range(1, 41)
}
ROWS = [(user, item) for user, items in HISTORIES.items() for item in items]
FAST = ["-o", "case.safetensors", "--reproducible", "--epochs", "1", "--memory", "0"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The folder in which commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(name, header, row, encoding="utf-8"):
    """Write a file with a line for each user and item; `row` formats it."""
    lines = [header, *(row(user, item) for user, item in ROWS)] if header else [
        row(user, item) for user, item in ROWS
    ]  # fmt: skip
    with open(name, "w", encoding=encoding, newline="") as file:
        file.write("\n".join(lines) + "\n")


def kept(result):
    """Return the number of records that were kept."""
    return int(re.search(r"kept ([\d,]+)", result.stderr)[1].replace(",", ""))


def test_advice_lost_with_two_reasons():
    times = iter(["", *["14/03/2021 10:00", "01/03/2021 10:00"] * len(ROWS)])
    table("some_empty.csv", "user_id,item_id,time", lambda u, i: f"{u},{i},{next(times)}")
    assert kept(run("train", "some_empty.csv", *FAST)) == len(ROWS) - 1
    table("ambiguous.csv", "user_id,item_id,time", lambda u, i: f"{u},{i},01/03/2021 10:00")
    message = error("train", "ambiguous.csv", *FAST, code=1)
    for part in ("'01/03/2021 10:00'", "--time-format '%d/%m/%Y %H:%M'", "'%m/%d/%Y %H:%M'"):
        assert part in message
    table("all_empty.csv", "user_id,item_id,timestamp", lambda u, i: f"{u},{i},")
    message = error("train", "all_empty.csv", *FAST, code=1)
    assert "column 'timestamp' is empty" in message
    assert "--time none" in message
    table("commas.csv", "user;item;rating", lambda u, i: f"{u};{i};{3 if int(u) % 2 else 1},5")
    result = run("train", "commas.csv", "--min-rating", 3, "--min-count", 1, *FAST)
    assert kept(result) == sum(int(user) % 2 for user, _ in ROWS)
    assert "3.5" in result.stderr


def test_basket_per_line(place):
    baskets = [",".join(f"good {item}" for item in items) for items in HISTORIES.values()]
    (place / "baskets.csv").write_text("\n".join(baskets) + "\n")
    result = run("train", "baskets.csv", *FAST)
    assert kept(result) == len(ROWS)
    assert "--user column0" in result.stderr
    assert {"good 0", "good 19"} <= set(item2vec.read_interactions("baskets.csv").item_ids)


def test_fit_lists_traceback():
    lists = [["a", "b", "c"], ["b", "c", "d"]] * 20
    histories = item2vec.Histories.from_lists(lists)
    model = item2vec.Word2Vec(epochs=1, workers=1).fit(histories)
    frame = pd.DataFrame({"user": [1, 1, 2, 2], "item": list("abab")})
    cases = item2vec.RandomProtocol(inputs=1, labels=1).cases(histories)
    for trainer in (item2vec.Word2Vec(epochs=1, workers=1), item2vec.Softmax(epochs=1)):
        assert len(trainer.fit(lists)) == 4
    with pytest.raises(DataError, match=r"interactions\.to_histories\(min_count=1\)"):
        item2vec.Word2Vec(workers=1).fit(item2vec.read_interactions(frame))
    with pytest.raises(item2vec.Item2VecError, match=r'evaluate\(\{"model": model\}, cases\)'):
        item2vec.evaluate(model, cases)
    with pytest.raises(item2vec.Item2VecError, match=r"\.cases\(histories\)"):
        item2vec.evaluate({"mine": model}, histories)


def test_headerless_csv_asks_twice():
    table("ratings_only.csv", "", lambda u, i: f"A{u},B{int(i):06},5.0,{1252800000 + int(i)}")
    message = error("train", "ratings_only.csv", *FAST, code=1)
    for part in ("column0='A1'", "column2='5.0'", "column3='1252800001'"):
        assert part in message
    command = shlex.split(message.split("check is: ")[1])
    result = run(*command[1:])
    assert kept(result) == len(ROWS)
    assert item2vec.load("case.safetensors").metadata["read"]["columns"] == {
        "user": "column0", "item": "column1", "time": "column3",
    }  # fmt: skip


def test_ids_with_blanks_to_gensim():
    lists = [["Portal 2", "Dota 2", "Doom"]] * 20
    model = item2vec.Word2Vec(epochs=1, workers=1).fit(item2vec.Histories.from_lists(lists))
    with pytest.warns(UserWarning, match=r"'(Portal|Dota) 2'.*KeyedVectors\.save"):
        vectors = model.to_keyed_vectors()
    vectors.save("kv")
    assert set(KeyedVectors.load("kv").index_to_key) == {"Portal 2", "Dota 2", "Doom"}


def test_items_id_column_cannot_be_named(place):
    table("plays.tsv", "who\twhat", lambda u, i: f"{u}\t{i}")
    rows = "".join(f"{item}\tThing {item}\n" for item in range(20))
    (place / "things.tsv").write_text("what\ttitle\n" + rows)
    (place / "headless.tsv").write_text(rows)
    roles = ["--user", "who", "--item", "what"]
    run("train", "plays.tsv", *roles, "--items", "things.tsv", *FAST)
    assert "Thing" in run("similar", "case.safetensors", "Thing 3").stdout
    message = error("train", "plays.tsv", *roles, "--items", "headless.tsv", *FAST, code=1)
    assert "--items-id" in message
    names = ["--items-id", "column0", "--items-title", "column1"]
    run("train", "plays.tsv", *roles, "--items", "headless.tsv", *names, *FAST)
    assert "Thing" in run("similar", "case.safetensors", "Thing 3").stdout


def test_latest_without_times():
    table("sorted_by_item.csv", "user,item", lambda u, i: f"{u},{i}")
    options = ["--protocol", "latest", "--inputs", 1, "--labels", 1, "--min-count", 1]
    message = error("evaluate", "sorted_by_item.csv", *options, code=1)
    assert "--time COLUMN" in message
    assert "--time none" in message


def test_list_per_row_read_as_one_item(place):
    frame = pd.DataFrame({"user_id": list(HISTORIES), "items": list(HISTORIES.values())})
    frame.to_json("lists.jsonl", orient="records", lines=True)
    frame.assign(items=[f"[{', '.join(items)}]" for items in HISTORIES.values()]).to_csv(
        "lists.csv", index=False
    )
    for file in ("lists.csv", "lists.jsonl"):
        assert kept(run("train", file, "--item", "items", "--min-count", 1, *FAST)) == len(ROWS)
    assert len(item2vec.read_interactions(frame).item_ids) == 20


def test_model_knows_none_of_the_items():
    table("raw.csv", "user,item", lambda u, i: f"{u},{i}")
    table("other.csv", "user,item", lambda u, i: f"10{u},{i}.0")
    run("train", "raw.csv", *FAST)
    scored = ["--model", "case.safetensors", "--inputs", 2, "--labels", 1]
    message = error("evaluate", "other.csv", *scored, code=1)
    for part in ("none of the 20 items", "'0'", "'0.0'"):
        assert part in message


def test_model_scored_on_its_own_training_file():
    rows = [f"{user},{(7 * user + 13 * k * k) % 81}" for user in range(60) for k in range(8)]
    with open("plays.csv", "w", encoding="utf-8") as file:
        file.write("user,item\n" + "\n".join(rows) + "\n")
    run("train", "plays.csv", "--min-count", 1, *FAST)
    scored = ["--model", "case.safetensors", "--inputs", 3, "--labels", 2]
    message = error("evaluate", "plays.csv", *scored, code=1)
    assert "its own training data" in message
    assert "item2vec split" in message


def test_na_user_merges_sessions():
    table("clicks.csv", "sessionId;userId;itemId",
          lambda u, i: f"{u};{u if int(u) % 10 == 0 else 'NA'};{i}")  # fmt: skip
    message = error("train", "clicks.csv", *FAST, code=1)
    assert "'NA' has 90 % of the records" in message
    assert "--user sessionId" in message
    assert kept(run("train", "clicks.csv", "--user", "sessionId", *FAST)) == len(ROWS)


def test_space_separated_pairs():
    table("pairs.txt", "", lambda u, i: f"{u} {i}")
    message = error("train", "pairs.txt", *FAST, code=1)
    assert "column0='1', column1='1'" in message
    assert kept(run(*shlex.split(message.split("check is: ")[1])[1:])) == len(ROWS)


def test_train_and_test_of_the_same_users():
    table("train.csv", "user,item", lambda u, i: f"{u},{i}")
    with open("test.csv", "w", encoding="utf-8") as file:
        file.write("user,item\n")
        file.writelines(f"{user},{(int(user) + 3) % 20}\n" for user in HISTORIES)
    run("train", "train.csv", "--min-count", 1, *FAST)
    options = ["--min-count", 1, "--model", "case.safetensors"]
    message = error("evaluate", "test.csv", "--train-on", "train.csv", *options, code=1)
    assert "evaluate train.csv --test test.csv" in message
    result = run("evaluate", "train.csv", "--test", "test.csv", *options)
    assert "popularity" in result.stdout


def test_typed_headers(place):
    table("set.inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float",
          lambda u, i: f"{u}\t{i}\t4.0\t{1000 + int(i)}")  # fmt: skip
    rows = "".join(f"{item}\tFilm {item}\tDrama Comedy\n" for item in range(20))
    header = "item_id:token\tmovie_title:token_seq\tclass:token_seq\n"
    (place / "set.item").write_text(header + rows)
    run("train", "set.inter", "--items", "set.item", *FAST)
    model = item2vec.load("case.safetensors")
    assert model.metadata["read"]["columns"] == {
        "user": "user_id", "item": "item_id", "time": "timestamp",
    }  # fmt: skip
    assert "Film" in run("similar", "case.safetensors", "Film 3").stdout


def test_user_then_items_per_line(place):
    lines = "".join(" ".join([user, *items]) + "\n" for user, items in HISTORIES.items())
    (place / "train.txt").write_text(lines)
    named = ["--delimiter", " ", "--user", "column0", "--item", "column1", "--min-count", "1"]
    for options in ([], named):
        result = run("train", "train.txt", *options, *FAST)
        assert kept(result) == len(ROWS)
        assert "40" in run("info", "case.safetensors").stdout
    assert item2vec.read_interactions("train.txt").user_ids == tuple(sorted(HISTORIES))


def test_windows_1252(place):
    table("plays.csv", "userId,movie", lambda u, i: f"{u},“Film” {i} €", encoding="cp1252")
    assert "--encoding cp1252" in error("train", "plays.csv", *FAST, code=1)
    for encoding in ("cp1252", "latin-1"):
        assert kept(run("train", "plays.csv", "--encoding", encoding, *FAST)) == len(ROWS)
    assert "“Film” 3 €" in item2vec.load("case.safetensors").vocabulary.ids
    table("ids.csv", "userId,movieId", lambda u, i: f"{u},{i}")
    titles = "movieId,title\n" + "".join(f"{item},“Film” {item}\n" for item in range(20))
    (place / "titles.csv").write_text(titles, encoding="cp1252")
    result = run("train", "ids.csv", "--items", "titles.csv", *FAST)
    assert "Windows-1252" in result.stderr
    assert "“Film”" in run("similar", "case.safetensors", "“Film” 3").stdout
