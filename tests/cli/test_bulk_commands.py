"""Bulk look-ups and filters on the command line."""

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from invoking import error, run

from item2vec.data.catalogue import Catalogue
from item2vec.data.vocabulary import Vocabulary
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.reading.interactions import read_interactions

N = 60


@pytest.fixture(scope="module")
def vectors() -> ItemVectors:
    """Return 60 items in random directions, every third a comedy."""
    rng = np.random.default_rng(5)
    items, contexts = rng.standard_normal((2, N, 8)).astype(np.float32)
    vocabulary = Vocabulary([f"{row:03}" for row in range(N)], np.full(N, 5))
    catalogue = Catalogue(
        vocabulary.ids,
        {
            "title": tuple(f"Film {row}, The" for row in range(N)),
            "genres": tuple("Comedy|War" if row % 3 == 0 else "Drama" for row in range(N)),
        },
    )
    return ItemVectors(vocabulary, items, contexts, np.zeros(N, np.float32), 0.5, catalogue)


@pytest.fixture(scope="module")
def model(vectors, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "films.safetensors"
    model_file.save(vectors, path)
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    """Return histories of three users, and of one whose only item the model lacks."""
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text(
        "user,item,time,stars\n"
        '"a,b",000,1,5\n"a,b",001,2,1\n'
        "007,003,1,5\n007,gone,2,5\n"
        "NA,005,1,5\n"
        "lost,gone,1,5\n"
    )
    return path


def expected(vectors, log, k=10, **options) -> list[tuple[str, str, str, str]]:
    """Return what the CSV file holds, but for the scores."""
    frame = vectors.recommend_frame(log, k, **options)
    rows = frame[["user", "rank", "item", "title"]].itertuples(index=False, name=None)
    return [tuple(map(str, row)) for row in rows]


def rows_of(text: str) -> list[tuple[str, ...]]:
    """Return the rows of CSV without the header and the last column."""
    header, *rows = csv.reader(io.StringIO(text))
    assert header[-1] in ("score", "cosine")
    assert all(np.isfinite(float(row[-1])) for row in rows)
    return [tuple(row[:-1]) for row in rows]


def test_recommendations_for_many_users_are_written_to_a_file(model, vectors, log, tmp_path):
    result = run("recommend", model, "--histories", log, "-k", 4, "-o", tmp_path / "out.csv")
    assert result.stdout == ""
    text = (tmp_path / "out.csv").read_text()
    assert rows_of(text) == expected(vectors, log, 4)
    assert {row[0] for row in rows_of(text)} == {"a,b", "007", "NA"}
    assert "12 rows to" in result.stderr
    assert "1 item that the model lacks, in 2 interactions" in result.stderr
    assert "Skipped 1 user without a known item." in result.stderr


def test_without_a_file_csv_or_json_lines_are_printed(model, vectors, log):
    for arguments in ([], ["-o", "-"]):
        result = run("recommend", model, "--histories", log, "-k", 2, *arguments)
        assert rows_of(result.stdout) == expected(vectors, log, 2)
        assert "Skipped 1 user" in result.stderr
    lines = run("recommend", model, "--histories", log, "-k", 2, "--json").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [(r["user"], str(r["rank"]), r["item"], r["title"]) for r in found] == expected(
        vectors, log, 2
    )


def test_where_is_about_histories_and_items_where_about_the_catalogue(model, vectors, log):
    """Without its record of one star, the history of a,b is another one."""
    arguments = ["--where", "stars > 3", "--items-where", "genres like '%Comedy%'"]
    found = rows_of(run("recommend", model, "--histories", log, "-k", 30, *arguments).stdout)
    comedies = {f"{row:03}" for row in range(0, N, 3)}
    assert found == expected(
        vectors, log, 30, where="stars > 3", items_where="genres like '%Comedy%'"
    )
    assert {row[2] for row in found if row[0] == "NA"} == comedies, "all that exist come back"
    assert {row[2] for row in found if row[0] == "007"} == comedies - {"003"}


def test_filters_serve_single_and_bulk_alike(model, log, tmp_path):
    ids = tmp_path / "stock.txt"
    ids.write_text("003\n006\n009\nnot in the model\n")
    filters = ["--only-from", ids, "--only", "Film 12, The", "--exclude", "009", "-k", 9]
    single = run("recommend", model, "003", *filters, "--json")
    assert {each["id"] for each in json.loads(single.stdout)} == {"006", "012"}
    assert "Skipped 1 id of" in single.stderr
    seen = run("recommend", model, "003", *filters, "--json", "--keep-seen")
    assert {each["id"] for each in json.loads(seen.stdout)} == {"003", "006", "012"}
    bulk = rows_of(run("recommend", model, "--histories", log, *filters).stdout)
    assert {row[2] for row in bulk if row[0] == "007"} == {"006", "012"}
    assert {row[2] for row in bulk if row[0] == "NA"} == {"003", "006", "012"}
    near = run("similar", model, "003", *filters, "--json")
    assert {each["id"] for each in json.loads(near.stdout)} == {"006", "012"}
    table = tmp_path / "out_of_stock.csv"
    table.write_text("name,item\nx,006\n")
    near = run("similar", model, "003", *filters, "--exclude-from", table, "--json")
    assert [each["id"] for each in json.loads(near.stdout)] == ["012"]


def test_similar_items_of_all_are_written(model, vectors, tmp_path):
    run("similar", model, "--all", "-k", 3, "-o", tmp_path / "near.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "near.parquet"), vectors.similar_frame(3)
    )
    found = rows_of(run("similar", model, "--all", "-k", 3, "--only", "000").stdout)
    assert len(found) == N - 1
    assert {row[2] for row in found} == {"000"}


def test_similar_takes_several_items_and_some_to_stay_away_from(model, vectors):
    found = json.loads(run("similar", model, "001", "Film 2, The", "--not", "003", "--json").stdout)
    near = vectors.most_similar(["001", "002"], negative=["003"])
    assert [(each["id"], each["cosine"]) for each in found] == [(n.id, n.cosine) for n in near]


def test_a_filtered_search_passes_the_index_by(model, vectors):
    """An index proposes the nearest of all items, among which the few allowed may not be."""
    run("index", model, "--trees", 2)
    found = json.loads(
        run("similar", model, "000", "--items-where", "item > '056'", "--json").stdout
    )
    assert {each["id"] for each in found} == {"057", "058", "059"}


def test_vectors_of_items_and_users_are_written(model, vectors, log, tmp_path):
    run("vectors", model, "-o", tmp_path / "items.parquet")
    items = pd.read_parquet(tmp_path / "items.parquet").set_index("item")
    assert items.index.tolist() == list(vectors)
    assert (items.to_numpy() == vectors.item_vectors).all()
    result = run("vectors", model, "--histories", log, "-o", tmp_path / "users.tsv")
    users = pd.read_csv(
        tmp_path / "users.tsv", sep="\t", dtype={"user": str}, keep_default_na=False
    ).set_index("user")
    frame = vectors.user_frame(log)
    assert users.index.tolist() == frame.index.tolist()
    assert users.to_numpy(dtype=np.float32) == pytest.approx(frame.to_numpy())
    assert "Skipped 1 user" in result.stderr


def test_items_that_the_model_lacks_are_skipped_or_an_error(model, vectors, log, tmp_path):
    told = error("recommend", model, "--histories", log, "--unknown", "error", "-o",
                 tmp_path / "o.csv", code=2)  # fmt: skip
    assert "'gone'" in told
    assert "--unknown skip" in told
    assert list(tmp_path.iterdir()) == []
    assert "'gone'" in error("recommend", model, "001", "gone", code=2)
    result = run("recommend", model, "001", "gone", "--unknown", "skip", "--json")
    expected = vectors.recommend(["001"])
    assert [row["id"] for row in json.loads(result.stdout)] == [each.id for each in expected]
    assert "1 item that the model lacks: 'gone'" in result.stderr
    told = error("recommend", model, "gone", "lost", "--unknown", "skip", code=2)
    assert "('gone', 'lost')" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["recommend", "{model}"], "name at least one ITEM, or give --histories"),
        (["recommend", "{model}", "001", "--histories", "{log}"], "not both"),
        (["recommend", "{model}", "001", "--where", "stars > 3"], "--where describes --histories"),
        (["recommend", "{model}", "001", "-o", "{tmp}/o.csv"], "-o goes with --histories"),
        (["recommend", "{model}", "--histories", "{log}", "-o", "{tmp}/o.xls"], "end the name"),
        (["recommend", "{model}", "--histories", "{log}", "-o", "{log}"], "would be overwritten"),
        (["recommend", "{model}", "--histories", "{log}", "-o", "{tmp}/o.csv", "--json"], "json"),
        (["recommend", "{model}", "001", "--only", "nope"], "nope"),
        (["recommend", "{model}", "001", "--only", "001"], "--keep-seen"),
        (["recommend", "{model}", "001", "--items-where", "genres = 'x'"], "leave none"),
        (["recommend", "{model}", "001", "--items-where", "x in (select 1)"], "--items-where"),
        (["similar", "{model}"], "name at least one ITEM, or give --all"),
        (["similar", "{model}", "001", "--all"], "not both"),
        (["similar", "{model}", "--all", "--not", "001"], "not both"),
        (["similar", "{model}", "--all", "-o", "{tmp}/near.txt"], "end the name"),
        (["similar", "{model}", "001", "--not", "001"], "cancel out"),
        (["vectors", "{model}", "--user", "user"], "--user describes --histories"),
        (["vectors", "{model}", "-o", "{tmp}/v.parquet.gz"], "end the name"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(model, log, tmp_path, arguments, message):
    before = log.read_bytes()
    filled = [each.format(model=model, log=log, tmp=tmp_path) for each in arguments]
    assert message in error(*filled, code=2)
    assert log.read_bytes() == before
    assert list(tmp_path.iterdir()) == []


def test_an_input_is_never_overwritten_by_another_name(model, log, tmp_path):
    """A link, a list of ids and the model itself are inputs, too."""
    os.symlink(log, tmp_path / "link.csv")
    told = error("recommend", model, "--histories", tmp_path / "link.csv", "-o", log, code=2)
    assert "would be overwritten" in told
    stock = tmp_path / "stock.csv"
    stock.write_text("item\n001\n")
    told = error("similar", model, "--all", "--only-from", stock, "-o", stock, code=2)
    assert "would be overwritten" in told
    assert stock.read_text() == "item\n001\n"


def test_missing_files_and_folders_are_noticed_before_any_work(model, log, tmp_path):
    missing = tmp_path / "missing.csv"
    told = error("recommend", model, "--histories", missing, "-o", tmp_path / "o.csv", code=1)
    assert "missing.csv does not exist" in told
    told = error("similar", model, "--all", "-o", tmp_path / "none" / "o.csv", code=1)
    assert "folder" in told
    told = error("similar", model, "001", "--only-from", missing, code=1)
    assert "missing.csv does not exist" in told


def test_histories_of_another_world_are_an_error(model, tmp_path):
    (tmp_path / "log.csv").write_text("user,item\nu,x\nu,y\n")
    told = error("recommend", model, "--histories", tmp_path / "log.csv", "-o",
                 tmp_path / "o.csv", code=1)  # fmt: skip
    assert "has none of the 2 items" in told
    assert not (tmp_path / "o.csv").exists()


def test_recommendations_can_be_read_as_interactions_again(vectors, tmp_path):
    """Ids with commas, quotes, line ends, zeros in front, and NA stay what they are."""
    odd = ["007", "NA", "a,b", 'say "x"', "two\nlines", "tab\tid"]
    vocabulary = Vocabulary.from_counts(odd, np.full(len(odd), 2))
    some = vectors.item_vectors[: len(odd)]
    model_file.save(
        ItemVectors(vocabulary, some, some, np.zeros(len(odd), np.float32), 1.0),
        tmp_path / "m.safetensors",
    )
    pd.DataFrame({"user": odd, "item": odd, "time": 1}).to_csv(tmp_path / "log.csv", index=False)
    for ending in ("csv", "tsv", "jsonl", "parquet"):
        out = tmp_path / f"out.{ending}"
        run("recommend", tmp_path / "m.safetensors", "--histories", tmp_path / "log.csv", "-o", out)
        read = read_interactions(out, time="rank")
        assert set(read.user_ids) == set(odd)
        assert set(read.item_ids) == set(odd)
        assert np.diff(read.offsets).tolist() == [len(odd) - 1] * len(odd)


def test_a_model_without_titles_gives_no_titles(vectors, tmp_path, log):
    plain = replace(vectors, catalogue=Catalogue((), {}))
    model_file.save(plain, tmp_path / "m.safetensors")
    out = run("recommend", tmp_path / "m.safetensors", "--histories", log).stdout
    assert out.splitlines()[0] == "user,rank,item,score"
    told = error("recommend", tmp_path / "m.safetensors", "001", "--items-where", "true", code=2)
    assert "--items-where needs columns" in told
