"""Metadata or embedding: both are no worse than either, and metadata ranks what nobody has seen."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import item2vec

ROOT = Path(__file__).resolve().parents[2]
NAME = "metadata_or_embedding"


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(ROOT / "pipelines" / f"{NAME}.py"))


@pytest.fixture(scope="module")
def films(program, tmp_path_factory):
    return program["invent"](tmp_path_factory.mktemp("invented"))


def test_hidden_films_are_ranked_by_what_is_told_of_them(program, films):
    hidden = program["score_hidden"](films, 2)
    for baseline in ("random", "popularity of genres", "popularity by metadata"):
        difference = hidden.difference("vectors of metadata", baseline)["ndcg@10"]
        assert difference.low > 0.05, baseline


def test_nothing_of_a_hidden_film_is_known_to_training(program, films):
    for vectors, cases in program["hide"](films, 2):
        counts = vectors.vocabulary.counts
        cold = vectors.metadata["cold_items"]
        assert 0.1 * len(counts) < cold < 0.3 * len(counts)
        assert counts[cases.inputs.items].min() > 0
        assert counts[cases.labels.items].max() == 0
        assert set(cases.inputs.lengths.tolist()) == {3}


def test_both_are_the_parts_side_by_side_and_score_as_their_sum(program, films):
    histories = films.interactions.to_histories(min_count=1)
    metadata = program["Metadata"](films.catalogue).features(histories)
    embedding = item2vec.Softmax(memory=0, vector_size=8, epochs=2).fit(histories)
    both = program["concatenated"](embedding, program["weighted"](metadata, 0.3))
    asked = histories.slice(0, 5)
    alone = metadata.score_rows(asked) - metadata.bias
    expected = embedding.score_rows(asked) + 0.3 * alone
    np.testing.assert_allclose(both.score_rows(asked), expected, rtol=1e-3, atol=1e-4)
    assert both.vector_size == 8 + metadata.vector_size


def test_it_tells_and_draws_what_it_found(program, tmp_path):
    result = CliRunner().invoke(program["main"], ["--folds", "2", "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    for word in ("embedding  ", "both minus it", "20-49", "popularity of genres", "random"):
        assert word in result.output
    with Image.open(tmp_path / f"{NAME}.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50


@pytest.mark.real_data
def test_on_movielens_both_are_no_worse_and_metadata_helps_where_films_are_rare(
    program, shared_data
):
    films = program["read"](shared_data / "ml-latest-small")
    compared = program["compare"](films, 2)
    assert compared.difference("both", "embedding")["ndcg@10"].low > -0.005
    assert compared.difference("both", "metadata")["ndcg@10"].low > 0
    metadata, embedding = (compared.summary(name) for name in ("metadata", "embedding"))
    assert metadata["rank 1"].mean > embedding["rank 1"].mean + 0.05
    assert embedding["rank 50"].mean > metadata["rank 50"].mean + 0.02
    hidden = program["score_hidden"](films, 2)
    for baseline in ("random", "popularity of genres"):
        assert hidden.difference("vectors of metadata", baseline)["ndcg@10"].low > 0


@pytest.mark.real_data
def test_tags_of_those_who_are_scored_are_not_told(program, shared_data):
    films = program["read"](shared_data / "ml-latest-small")
    tags = dict(zip(films.catalogue.ids, films.told_by(("2",)).columns["tags"], strict=True))
    assert tags["60756"].split("|") == ["funny", "highly quotable", "will ferrell"]
    assert sum(map(bool, tags.values())) == 3
