"""Metadata or embedding: both are no worse than either, and metadata ranks what nobody has seen."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

import item2vec
from item2vec.evaluation.splitting.users import split_users

ROOT = Path(__file__).resolve().parents[2]
NAME = "metadata_or_embedding"


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(ROOT / "pipelines" / f"{NAME}.py"))


@pytest.fixture(scope="module")
def films(program):
    return program["invent"]()


def test_hidden_films_are_ranked_by_what_is_told_of_them(program, films):
    hidden = program["score_hidden"](films, 2)
    for baseline in ("random", "popularity of genres", "predicted popularity"):
        difference = hidden.difference("predicted vectors", baseline)["ndcg@10"]
        assert difference.low > 0.05, baseline


def test_nothing_of_a_hidden_film_is_known_to_training(program, films):
    """Were all that was ever done with hidden films different, their vectors would be the same."""
    first = next(program["hide"](films, 2))
    cold = np.flatnonzero(first.embedding.vocabulary.counts == 0)
    ids = {first.embedding.vocabulary.ids[row] for row in cold.tolist()}
    known = films.interactions
    hidden = np.isin(np.array(known.item_ids, dtype=object), list(ids))
    items = known.items.copy()
    at = np.flatnonzero(hidden[items])
    items[at] = np.flatnonzero(hidden)[0]  # everybody watched one and the same instead
    again = next(program["hide"](replace(films, interactions=replace(known, items=items)), 2))
    assert 0.1 * len(first.embedding) < len(cold) < 0.3 * len(first.embedding)
    assert again.embedding.vocabulary.ids == first.embedding.vocabulary.ids
    np.testing.assert_allclose(
        again.embedding.context_vectors, first.embedding.context_vectors, atol=1e-4
    )


@pytest.mark.thorough
def test_scored_and_validation_users_tell_no_tags(program, films, monkeypatch):
    """A tag of everybody's own on what they watched would give it away."""
    user_ids, item_ids = films.interactions.user_ids, films.interactions.item_ids
    users = np.repeat(np.arange(len(user_ids)), np.diff(films.interactions.offsets))
    tags = pd.DataFrame(
        {
            "user": [user_ids[user] for user in users],
            "item": [item_ids[item] for item in films.interactions.items],
            "tag": [f"seen by {user}" for user in users],
        }
    )
    tagged = replace(films, tags=tags)
    told = []
    made = program["Metadata"]
    monkeypatch.setitem(
        program["compare"].__globals__, "Metadata", lambda *c: told.append(c) or made(*c)
    )
    program["compare"](tagged, 2)
    splits = item2vec.fold_users(films.interactions, folds=2)
    for (catalogue, without), (training, others) in zip(told, splits, strict=True):
        said = set("|".join(catalogue.columns["tags"]).split("|")) - {""}
        assert said == {f"seen by {user_ids.index(user)}" for user in training.user_ids}
        assert not said & {f"seen by {user_ids.index(user)}" for user in others.user_ids}
        histories = training.to_histories(min_count=1)
        fitted, _ = split_users(histories, held_out=0.2)
        less = set("|".join(without.columns["tags"]).split("|")) - {""}
        assert len(less) == len(fitted) < len(said)
        assert less < said


def test_weights_are_chosen_on_features_without_those_of_validation_users(
    program, films, monkeypatch
):
    histories = films.interactions.to_histories(min_count=1)
    tags = {"tags": ("told|by|them",) * len(films.catalogue)}
    told = replace(films.catalogue, columns={**films.catalogue.columns, **tags})
    metadata = program["Metadata"](told, films.catalogue)
    sizes = []
    monkeypatch.setitem(
        program["compare"].__globals__,
        "mean_metric",
        lambda vectors, _: sizes.append(vectors.vector_size) or 0.0,
    )
    for trainer, own in ((metadata, 0), (program["Both"](metadata), 128)):
        chosen = trainer.fit(histories)
        assert set(sizes) == {chosen.vector_size - 3}, "three tags more, when the choice is made"
        assert chosen.vector_size > own + 3
        sizes.clear()


def test_both_are_the_parts_side_by_side_and_score_as_their_sum(program, films):
    histories = films.interactions.to_histories(min_count=1)
    metadata = program["features_of"](histories, films.catalogue)
    embedding = item2vec.Softmax(memory=0, vector_size=8, epochs=2).fit(histories)
    both = program["concatenated"](embedding, program["weighted"](metadata, 0.3))
    asked = histories.slice(0, 5)
    alone = metadata.score_rows(asked) - metadata.bias
    expected = embedding.score_rows(asked) + 0.3 * alone
    np.testing.assert_allclose(both.score_rows(asked), expected, rtol=1e-3, atol=1e-3)
    assert both.vector_size == 8 + metadata.vector_size


@pytest.mark.thorough
def test_it_tells_and_draws_what_it_found(program, tmp_path):
    result = CliRunner().invoke(program["main"], ["--folds", "2", "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    for word in ("embedding  ", "both minus this", "20-49", "popularity of genres", "random"):
        assert word in result.output
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.png"]
    with Image.open(tmp_path / f"{NAME}.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50


@pytest.mark.thorough
@pytest.mark.real_data
def test_on_movielens_both_are_no_worse_and_metadata_helps_where_films_are_rare(
    program, shared_data
):
    films = program["read"](shared_data / "ml-latest-small")
    compared = program["compare"](films, 2)
    for part in ("embedding", "metadata"):
        assert compared.difference("both", part)["ndcg@10"].low > -0.005
    metadata, embedding = (compared.summary(name) for name in ("metadata", "embedding"))
    assert metadata["rank 1"].mean > embedding["rank 1"].mean + 0.05
    assert embedding["rank 50"].mean > metadata["rank 50"].mean + 0.02
    hidden = program["score_hidden"](films, 2)
    for baseline in ("random", "popularity of genres"):
        assert hidden.difference("predicted vectors", baseline)["ndcg@10"].low > 0


def test_what_is_no_movielens_folder_is_told_in_a_line(program, tmp_path):
    for folder, word in ((tmp_path, "ratings.csv"), (ROOT / "README.md", "is a file")):
        options = [str(folder), "--output", str(tmp_path / "out")]
        result = CliRunner().invoke(program["main"], options)
        assert result.exit_code in (1, 2)
        assert word in result.output
        assert isinstance(result.exception, SystemExit)
    many = CliRunner().invoke(program["main"], ["--folds", "5000", "--output", str(tmp_path)])
    assert many.exit_code == 2
    assert "use fewer folds" in many.output


@pytest.mark.real_data
def test_tags_of_those_who_are_scored_are_not_told(program, shared_data):
    films = program["read"](shared_data / "ml-latest-small")
    tags = dict(zip(films.catalogue.ids, films.tagged_by(("2",)).columns["tags"], strict=True))
    assert tags["60756"].split("|") == ["funny", "highly quotable", "will ferrell"]
    assert sum(map(bool, tags.values())) == 3
