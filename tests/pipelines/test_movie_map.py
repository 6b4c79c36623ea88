"""The map: principal components are those of scikit-learn, and it says what it loses."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

import item2vec

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(ROOT / "pipelines" / "movie_map.py"))


@pytest.fixture(scope="module")
def vectors(program):
    interactions, catalogue = program["invent"]()
    trained = item2vec.Softmax(memory=0, vector_size=32).fit(interactions.to_histories())
    return replace(trained, catalogue=catalogue)


@pytest.fixture(scope="module")
def components(program, vectors):
    return program["Components"].of(vectors)


def test_components_are_those_of_scikit_learn(vectors, components):
    unit = vectors.item_vectors / np.linalg.norm(vectors.item_vectors, axis=1, keepdims=True)
    oracle = PCA().fit(unit)
    np.testing.assert_allclose(components.shares, oracle.explained_variance_ratio_, rtol=1e-3)
    expected = np.abs(oracle.transform(unit)[:, :2])
    np.testing.assert_allclose(np.abs(components.coordinates[:, :2]), expected, atol=1e-3)
    assert components.kept(8) == pytest.approx(oracle.explained_variance_ratio_[:8].sum(), rel=1e-3)


def test_neighbours_kept_are_counted_as_scikit_learn_finds_them(components):
    def found(points):
        return NearestNeighbors(n_neighbors=11).fit(points).kneighbors(points)[1][:, 1:].tolist()

    before, after = found(components.coordinates), found(components.coordinates[:, :8])
    kept = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(before, after, strict=True)])
    assert components.neighbors_kept(8) == pytest.approx(kept, abs=0.01)


def test_few_dimensions_lose_neighbours_and_all_keep_them(components):
    kept = [components.neighbors_kept(size) for size in (2, 8, 32)]
    assert kept[0] < 0.7 * kept[1] < 0.7 * kept[2] == 0.7
    assert components.kept(2) < components.kept(8) < components.kept(32) == pytest.approx(1)


def test_films_of_one_genre_lie_together_on_the_map(vectors, components):
    genres = [min(names) for names in vectors.catalogue.genres()]
    places = components.coordinates[:, :2]
    near = NearestNeighbors(n_neighbors=11).fit(places).kneighbors(places)[1][:, 1:]
    same = np.mean([[genres[a] == genres[b] for b in row] for a, row in enumerate(near)])
    shares = np.array([genres.count(genre) for genre in set(genres)]) / len(genres)
    assert same > 1.5 * np.square(shares).sum(), "more than by chance"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Alien (1979)", "Alien"),
        ("Matrix, The (1999)", "The Matrix"),
        ("Seven (a.k.a. Se7en) (1995)", "Seven"),
        ("Lord of the Rings: The Return of the King, The (2003)", "The Return of the King"),
        ("Star Wars: Episode V - The Empire Strikes Back (1980)", "The Empire Strikes Back"),
        ("no year", "no year"),
    ],
)
def test_titles_are_shortened_to_what_tells_them_apart(program, title, shown):
    assert program["short"](title) == shown


@pytest.mark.thorough
def test_it_tells_what_dimensions_pay_and_draws_a_map(program, tmp_path, monkeypatch):
    monkeypatch.setitem(program["main"].callback.__globals__, "SIZES", (2, 8, 32))
    result = CliRunner().invoke(program["main"], ["--folds", "2", "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    told = result.output.partition("ndcg@10 by number of dimensions")[2].splitlines()[1:5]
    scores = {line.split()[0]: float(line.split()[1]) for line in told}
    floor = scores.pop("popularity")
    scores = {int(size): score for size, score in scores.items()}
    assert list(scores) == [2, 8, 32]
    assert scores[32] > 1.2 * scores[2] > 1.2 * floor
    assert result.output.count("    on the map: ") == 4
    assert result.output.count("  ←→  ") == 2
    with Image.open(tmp_path / "movie_map.png") as picture:
        assert picture.size[0] > 1200
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50


@pytest.mark.thorough
@pytest.mark.real_data
def test_on_movielens_two_dimensions_are_beaten_by_many(program, shared_data):
    interactions, _ = program["read"](shared_data / "ml-latest-small")
    evaluation = program["try_sizes"](interactions, 3, (2, 128))
    assert evaluation.difference("128", "2")["ndcg@10"].low > 0
