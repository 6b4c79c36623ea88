"""`--items-id`, `--items-title` and `--items-genres` name the columns of a table of items."""

import shlex
from pathlib import Path

import pytest
from invoking import TINY, error, run

from item2vec.models import model_file


@pytest.fixture
def things(tmp_path, monkeypatch) -> Path:
    """Return a folder with plays of 20 items and a table of these, both called `what`."""
    plays = [f"u{user}\t{(user * step) % 20}\n" for user in range(40) for step in range(1, 8)]
    Path(tmp_path / "plays.tsv").write_text("who\twhat\n" + "".join(plays), encoding="utf-8")
    rows = [f"{n}\tThing {n}\t{'A' if n % 2 else 'B'}\n" for n in range(20)]
    Path(tmp_path / "things.tsv").write_text("what\twords\tkind\n" + "".join(rows))
    Path(tmp_path / "bare.tsv").write_text("".join(rows))
    monkeypatch.chdir(tmp_path)
    return tmp_path


TRAIN = ["train", "plays.tsv", "--user", "who", "--item", "what", "-o", "m.safetensors", *TINY]


def test_the_column_of_the_interactions_is_tried_first(things):
    """The case of the issue: the ids of both tables have the same name, which is not known."""
    said = run(*TRAIN, "--items", "things.tsv").stderr
    assert "what is the item" in said
    assert "20 of the 20 items" in said


def test_a_missing_title_is_said_with_a_remedy_that_works(things):
    said = run(*TRAIN, "--items", "things.tsv").stderr
    (note,) = [line for line in said.splitlines() if "--items-title" in line]
    remedy = shlex.split(note.rpartition("as in ")[2])
    run(*TRAIN, "--items", "things.tsv", *remedy)
    assert model_file.load("m.safetensors").catalogue.titles


def test_a_table_without_a_header_is_read_by_position(things):
    names = ["--items-id", "column0", "--items-title", "column1", "--items-genres", "column2"]
    run(*TRAIN, "--items", "bare.tsv", *names)
    catalogue = model_file.load("m.safetensors").catalogue
    assert catalogue.find("Thing 3") == "3"
    assert set(catalogue.columns["genres"]) == {"A", "B"}
    scored = run(
        "evaluate", "plays.tsv", "--user", "who", "--item", "what", "--items", "bare.tsv", *names,
        "--recommender", "popularity", "--without", "ease", "--without", "item-knn",
        "--inputs", 1, "--labels", 1, "--held-out", 0.5,
    )  # fmt: skip
    assert "20 of the 20 items" in scored.stderr


def test_an_unknown_column_of_ids_is_named_by_the_option_of_the_catalogue(things):
    Path("other.tsv").write_text("thing\twords\n1\tx\n", encoding="utf-8")
    message = error(*TRAIN, "--items", "other.tsv", code=1)
    assert "--items-id thing" in message
    assert "--item " not in message
    message = error(*TRAIN, "--items", "things.tsv", "--items-id", "words", code=1)
    assert "--items-id" in message
    message = error(*TRAIN, "--items", "things.tsv", "--items-id", "whatt", code=2)
    assert "'what'" in message


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_name_without_a_table_is_refused(things, command):
    words = TRAIN if command == "train" else ["evaluate", "plays.tsv"]
    message = error(*words, "--items-title", "words", code=2)
    assert "--items-title describes --items FILE" in message


def test_add_takes_the_same_names(things):
    names = ["--items-id", "what", "--items-title", "words", "--items-genres", "kind"]
    run(*TRAIN, "--items", "things.tsv", *names, "--features", "genres")
    Path("new.tsv").write_text("what\twords\tkind\nn1\tA new one\tA\n", encoding="utf-8")
    run("add", "m.safetensors", "new.tsv", "-o", "more.safetensors", *names[2:])
    assert model_file.load("more.safetensors").catalogue.find("A new one") == "n1"
    Path("newer.tsv").write_text("nr\twords\tkind\nn2\tAnother\tB\n", encoding="utf-8")
    run("add", "m.safetensors", "newer.tsv", "-o", "more.safetensors", *names[2:], "--item", "nr")
    assert "n2" in model_file.load("more.safetensors").vocabulary


def test_the_encoding_of_the_table_is_its_own(things):
    """The interactions are UTF-8; the table of the items is not, nor Windows-1252."""
    rows = "".join(f"{n}\tΨωμί {n}\n" for n in range(20))
    Path("greek.tsv").write_bytes(f"what\ttitle\n{rows}".encode("iso8859-7"))
    run(*TRAIN, "--items", "greek.tsv", "--items-encoding", "iso8859-7")
    assert model_file.load("m.safetensors").catalogue.find("Ψωμί 7") == "7"
    message = error(*TRAIN, "--items", "greek.tsv", "--items-encoding", "koi9", code=2)
    assert "--items-encoding" in message
    assert "'koi9'" in message


def test_a_wrong_encoding_of_the_items_is_named_with_its_remedy(things):
    rows = "".join(f"{n}\tThüng {n}\n" for n in range(20))
    Path("latin.tsv").write_text("what\twords\n" + rows, encoding="cp1252")
    words = [*TRAIN, "--items", "latin.tsv", "--items-title", "words", "--items-encoding"]
    message = error(*words, "utf-8", code=1)
    assert "latin.tsv is not UTF-8" in message
    assert "--items-encoding cp1252" in message
    assert "20 of the 20 items" in run(*words, "cp1252").stderr
    # A file with one such record is read, except for this record.
    rows = rows.replace("ü", "i").encode().replace(b"Thing 7", b"Th\xfcng 7")
    Path("latin.tsv").write_bytes(b"what\twords\n" + rows)
    said = run(*words, "utf-8").stderr
    assert "1 malformed record is skipped" in said
    assert "latin.tsv is not UTF-8" in said
    assert "19 of the 20 items" in said


def test_the_column_that_has_the_ids_of_the_items_is_suggested(things):
    """As in a German catalogue: no name is known, and the ids come last."""
    rows = "".join(f"Thing {n}\t{n % 3}\t{n}\n" for n in range(20))
    Path("other.tsv").write_text("Bezeichnung\tPreis\tNummer\n" + rows, encoding="utf-8")
    message = error(*TRAIN, "--items", "other.tsv", code=1)
    assert message.endswith(
        "(it has Bezeichnung, Preis, Nummer): name it with --items-id, as in --items-id Nummer, "
        "which contains 20 of the 20 items that were read"
    )
    run(*TRAIN, "--items", "other.tsv", "--items-id", "Nummer", "--items-title", "Bezeichnung")
    title = ["--items-title", "Nummer"]  # which can't be the id, too
    assert "--items-id Preis" in error(*TRAIN, "--items", "other.tsv", *title, code=1)
