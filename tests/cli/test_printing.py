"""What is printed: nothing is lost on narrow terminals, in pipes and where there is only ASCII."""

import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from invoking import error, run
from rich.table import Table
from rich.text import Text

from item2vec.cli import main
from item2vec.cli.printing import print_table
from item2vec.data.synthetic import invent

NAMES = ["popularity", "item-knn", "ease", "gensim-defaults"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("printing")
    invent(n_users=120, n_items=100).write(folder)
    model = folder / "m.safetensors"
    run("train", folder / "interactions.csv", "--items", folder / "items.csv", "-o", model,
        "--epochs", 2, "--workers", 1)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def evaluated(folder):
    return ["evaluate", folder / "interactions.csv", "--recommender", "gensim-defaults"]


def numbers(text: str) -> set[str]:
    return set(re.findall(r"[+-]?\d+\.\d+", text))


def test_at_50_columns_no_model_and_no_number_is_lost(evaluated, monkeypatch):
    wide = run(*evaluated).stdout
    monkeypatch.setenv("COLUMNS", "50")
    narrow = run(*evaluated).stdout
    tables = narrow[: narrow.rindex("gensim-defaults and")] if " and " in narrow else narrow
    assert max(map(len, tables.splitlines())) <= 50
    assert numbers(narrow) == numbers(wide)
    assert all(name in narrow for name in NAMES)


def test_a_table_in_a_pipe_is_plain_text(evaluated, folder):
    for arguments in (evaluated, ["similar", folder / "m.safetensors", "1"]):
        text = run(*arguments).stdout
        assert not set(text) & set("─━│┃╇┏\x1b")
        assert not re.search(r" $", text, flags=re.MULTILINE)


def test_messages_stand_above_the_progress_bar(folder):
    first, second = pty.openpty()
    command = ["train", folder / "interactions.csv", "-o", folder / "b.safetensors"]
    options = ["--epochs", "2", "--workers", "1"]
    environment = os.environ | {"COLUMNS": "120", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "item2vec", *command, *options], stderr=second, env=environment
    )
    os.close(second)
    text = b""
    with contextlib.suppress(OSError):  # Linux says in this way that the other side is closed
        while part := os.read(first, 1 << 16):
            text += part
    os.close(first)
    assert process.wait() == 0
    lines = [line.split("\x1b[2K")[-1] for line in text.decode().split("\n")]
    bars = [re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", line).strip() for line in lines if "━" in line]
    assert bars
    assert all(re.fullmatch(r".+━ [\d:%\s-]+", bar) for bar in bars)


def test_a_terminal_of_50_columns_gets_lines_and_every_number(folder):
    first, second = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "item2vec",
        "similar",
        folder / "m.safetensors",
        "1",
        "-k",
        "3",
    ]
    environment = os.environ | {"COLUMNS": "50", "TERM": "xterm"}
    subprocess.run(command, stdout=second, env=environment, check=True)
    os.close(second)
    text = os.read(first, 1 << 16).decode()
    os.close(first)
    assert "─" in text
    plain = run("similar", folder / "m.safetensors", "1", "-k", 3).stdout
    assert numbers(plain) <= numbers(text)


def test_where_the_encoding_lacks_a_sign_there_are_ascii_words(evaluated):
    runner = CliRunner(charset="ascii")
    text = runner.invoke(main, list(map(str, evaluated))).stdout
    assert text.isascii()
    assert "3 items -> 7 others" in text
    assert re.search(r"0\.\d{4} to 0\.\d{4}", text)
    assert "?" not in text


def test_names_are_folded_and_not_cut(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    table = Table("model", "score")
    table.add_row(Text("a/very/long/folder/and/the/model.safetensors"), "0.1234")
    print_table(table)
    text = capsys.readouterr().out
    pieces = "".join(line[:23].strip() for line in text.splitlines()[1:])
    assert pieces == "a/very/long/folder/and/the/model.safetensors"
    assert "0.1234" in text


def test_an_evaluation_as_csv_holds_what_the_json_holds(evaluated):
    rows = list(csv.DictReader(io.StringIO(run(*evaluated, "--output-format", "csv").stdout)))
    told = json.loads(run(*evaluated, "--json").stdout)
    assert {row["model"] for row in rows} == set(NAMES)
    by_name = {(row["model"], row["compared_with"], row["metric"]): row for row in rows}
    assert len(by_name) == len(rows)
    for name, metrics in told["models"].items():
        for metric, interval in metrics.items():
            row = by_name[name, "", metric]
            assert [float(row[key]) for key in ("mean", "low", "high")] == pytest.approx(
                [interval["mean"], interval["low"], interval["high"]]
            )
    difference = told["differences"]["ease"]["item-knn"]["ndcg@10"]
    assert float(by_name["ease", "item-knn", "ndcg@10"]["mean"]) == pytest.approx(
        difference["mean"]
    )
    assert difference["in_words"] in {"better", "worse", "unclear"}
    assert told["label_popularity"] > 1


def test_similar_items_as_tsv_and_json_hold_what_the_table_holds(folder):
    asked = ["similar", folder / "m.safetensors", "1", "-k", 3]
    records = json.loads(run(*asked, "--output-format", "json").stdout)
    assert json.loads(run(*asked, "--json").stdout) == records
    rows = list(
        csv.DictReader(io.StringIO(run(*asked, "--output-format", "tsv").stdout), delimiter="\t")
    )
    table = run(*asked).stdout
    assert [row["id"] for row in rows] == [record["id"] for record in records]
    for rank, record in enumerate(records, 1):
        assert record["rank"] == rank
        assert record["title"] in table
        assert record["genres"] in table


def test_info_as_csv_names_every_fact(folder):
    rows = csv.reader(
        io.StringIO(run("info", folder / "m.safetensors", "--output-format", "csv").stdout)
    )
    facts = dict(rows)
    assert facts["trainer"] == "word2vec"
    assert facts["parameters.epochs"] == "2"


def test_json_and_another_format_exclude_each_other(folder):
    told = error("info", folder / "m.safetensors", "--json", "--output-format", "csv", code=2)
    assert "--json and --output-format csv" in told
