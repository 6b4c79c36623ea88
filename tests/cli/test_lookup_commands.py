"""`item2vec similar`, `recommend`, `info` and `index` on one model."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from invoking import TINY, error, run

from item2vec.models import model_file


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
    assert "fewer than 5 interactions" in line


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


def test_info_shows_the_selection_in_a_model_of_another_version():
    """What version 0.1.0 noted has other entries, which have no sentence."""
    golden = Path(__file__).parents[1] / "golden" / "0.1.0" / "softmax-memory.safetensors"
    text = run("info", golden).stdout
    selected = text.partition("\nSelected on validation users:\n")[2].partition("\n\n")[0]
    assert "memory.loudness  16.0" in selected


def test_a_file_that_is_no_model_is_told(folder, interactions):
    told = error("similar", interactions, "a", code=1)
    assert "not an item2vec model" in told
    assert "header" not in told
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


def test_an_index_takes_the_place_of_older_ones(folder, interactions, tmp_path):
    model, other = tmp_path / "m.safetensors", tmp_path / "m.two.safetensors"
    for seed, path in ((1, other), (1, model), (2, model)):
        run("train", interactions, "-o", path, *TINY, "--seed", seed)
        run("index", path)
    names = [path.name for path in tmp_path.glob("*.annoy*")]
    assert len([name for name in names if name.startswith("m.two.")]) == 2
    assert len(names) == 4, "one index and what describes it for each model"


def test_titles_are_no_markup(tmp_path):
    lines = [f"u{u},{i}" for u in range(8) for i in ("[/red]", "[rec] 3", ":heart:")]
    (tmp_path / "songs.csv").write_text("user,item\n" + "\n".join(lines) + "\n")
    run("train", tmp_path / "songs.csv", "-o", tmp_path / "m", *TINY)
    table = run("similar", tmp_path / "m", ":heart:").stdout
    assert "[/red]" in table
    assert "[rec] 3" in table


def test_ids_stay_strings_from_file_to_table(tmp_path):
    lines = [f"u{u},{i}" for u in range(8) for i in ("007", "1e5", "NA", "a b", "7")]
    path = tmp_path / "odd.csv"
    path.write_text("user,item\n" + "\n".join(lines) + "\n")
    run("train", path, "-o", tmp_path / "m", *TINY)
    found = json.loads(run("similar", tmp_path / "m", "007", "--json").stdout)
    assert {row["id"] for row in found} == {"1e5", "NA", "a b", "7"}
