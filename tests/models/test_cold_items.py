"""Cold items: their vectors are predicted from features, and trained items stay unchanged."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import RidgeCV

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.models import model_file
from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.cold_items.features import Features
from item2vec.models.cold_items.ridge import PENALTIES
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.softmax.trainer import Softmax

GROUPS = {"a": "Comedy", "b": "Horror"}
FIT = FeatureFit(("genres",))


@pytest.fixture(scope="module")
def vectors(cliques):
    trained = Softmax(vector_size=8, epochs=10, memory=0, workers=1).fit(cliques)
    ids = trained.vocabulary.ids
    columns = {"genres": tuple(GROUPS[item[0]] for item in ids), "title": tuple(ids)}
    return replace(trained, catalogue=Catalogue(ids, columns), metadata={}, feature_fit=FIT)


def films(**genres):
    return pd.DataFrame({"item": list(genres), "genres": list(genres.values())})


def test_a_cold_item_is_near_items_of_its_genre(vectors):
    both = vectors.with_cold_items(films(x="Comedy", y="Horror"))
    assert {neighbor.id[0] for neighbor in both.most_similar("x", k=30)} == {"a"}
    assert {neighbor.id[0] for neighbor in both.most_similar("y", k=30)} == {"b"}
    suggested = [each.id for each in both.recommend(["a0", "a1"], k=len(both) - 2)]
    assert suggested.index("x") < suggested.index("y")
    assert [each.id[0] for each in both.recommend(["y"], k=5)] == ["b"] * 5


def test_cosines_with_cold_items_are_expected_cosines(vectors):
    added = vectors.with_cold_items(films(x="Comedy", y="Comedy"))
    variance = added.feature_fit.residual_variance["item_vectors"]
    x, a = added["x"].astype(float), added["a0"].astype(float)
    expected = x @ a / np.sqrt((x @ x + variance) * (a @ a))
    assert added.similarity("x", "a0") == pytest.approx(expected, rel=1e-4)
    assert added.similarity("x", "y") == pytest.approx(x @ x / (x @ x + variance), rel=1e-4)
    assert added.similarity("x", "x") == 1
    found = {near.id: near.cosine for near in added.most_similar("x", k=61)}
    assert found["a0"] == pytest.approx(expected, rel=1e-4)


def test_many_cold_items_do_not_displace_trained_neighbors(vectors):
    many = {f"x{n}": "Comedy" for n in range(300)}
    added = vectors.with_cold_items(films(**many))
    for item in ("a0", "a7"):
        before = {near.id for near in vectors.most_similar(item, k=10)}
        after = {near.id for near in added.most_similar(item, k=10)}
        assert len(before & after) >= 8
    assert sum(near.id.startswith("a") for near in added.most_similar("x5", k=10)) >= 5


def test_predicted_vectors_are_those_of_ridge_regression():
    rng = np.random.default_rng(0)
    ids = tuple(f"i{n:03}" for n in range(200))
    kinds = np.array(["A", "B", "C", "D"])[rng.integers(4, size=200)]
    years = rng.integers(1980, 2020, size=200)
    catalogue = Catalogue(ids, {"genres": tuple(kinds), "year": tuple(map(str, years))})
    arrays = [rng.standard_normal(s).astype(np.float32) for s in ((200, 3), (200, 3), (200,))]
    arrays[0] += (kinds == "A")[:, None]
    vectors = ItemVectors(Vocabulary(ids, np.full(200, 9)), *arrays, power=0.5, catalogue=catalogue)
    new = Catalogue(("new",), {"genres": ("A",), "year": ("1999",)})
    added = vectors.with_cold_items(new, features=["genres", "year"])
    features = Features.of(catalogue, ["genres", "year"])
    known, asked = (features.encode(each).toarray().astype(float) for each in (catalogue, new))
    row = added.vocabulary.row("new")
    for ours, old in zip(
        (added.item_vectors, added.context_vectors, added.bias[:, None]),
        (arrays[0], arrays[1], arrays[2][:, None]),
        strict=True,
    ):
        oracle = RidgeCV(alphas=PENALTIES).fit(known, old.astype(float))
        np.testing.assert_allclose(ours[row], oracle.predict(asked).ravel(), atol=1e-4)


def test_trained_items_stay_unchanged(vectors):
    both = vectors.with_cold_items(films(a="Comedy", zz="Horror", a0="Horror"))
    assert len(both) == len(vectors) + 2
    assert both.vocabulary.ids[: len(vectors)] == vectors.vocabulary.ids
    np.testing.assert_array_equal(both.vocabulary.counts[-2:], [0, 0])
    for name in ("item_vectors", "context_vectors", "bias"):
        np.testing.assert_array_equal(getattr(both, name)[:60], getattr(vectors, name))
    assert both.catalogue.columns["genres"][both.find("a0")] == "Comedy"
    assert both.title(both.find("zz")) is None
    assert both.metadata["cold_items"] == 2
    assert vectors.metadata == {}
    assert vectors.feature_fit == FIT


def test_adding_items_in_two_steps_gives_the_same_model(vectors):
    once = vectors.with_cold_items(films(c="Comedy", d="Horror", e="Comedy"))
    twice = vectors.with_cold_items(films(d="Horror")).with_cold_items(
        films(e="Comedy", c="Comedy", d="Horror")
    )
    assert once.vocabulary.ids == twice.vocabulary.ids
    np.testing.assert_allclose(once.context_vectors, twice.context_vectors, atol=1e-6)
    assert twice.metadata["cold_items"] == 3


def test_years_from_titles_and_from_a_column_can_be_combined():
    rng = np.random.default_rng(0)
    ids = tuple(f"i{n:02}" for n in range(40))
    titles = tuple(f"Film ({1980 + n})" for n in range(40))
    arrays = [rng.standard_normal(s).astype(np.float32) for s in ((40, 3), (40, 3), (40,))]
    vocabulary = Vocabulary(ids, np.full(40, 9))
    trained = ItemVectors(
        vocabulary, *arrays, power=1.0, catalogue=Catalogue(ids, {"title": titles})
    )
    new = pd.DataFrame({"item": ["x", "y"], "year": [1990, 2001]})
    added = trained.with_cold_items(new.iloc[:1], features=["year"])
    again = added.with_cold_items(new)
    assert {"x", "y"} <= set(again)
    row = again.find("x")
    np.testing.assert_allclose(again.item_vectors[row], added.item_vectors[added.find("x")])


def test_the_memory_follows_its_items_to_new_rows(vectors):
    dense = np.random.default_rng(0).standard_normal((60, 60)).astype(np.float32)
    remembering = replace(vectors, memory=Memory.of_largest([dense], 20))
    cold = remembering.with_cold_items(films(z="Comedy"))
    cold = cold.with_cold_items(films(b="Horror", zz="Comedy"))  # between the two cold ones
    lists = [["a0", "b3"], ["a7"]]
    before = remembering.score_rows(Histories.from_lists(lists, vocabulary=vectors.vocabulary))
    after = cold.score_rows(Histories.from_lists(lists, vocabulary=cold.vocabulary))
    np.testing.assert_allclose(after[:, :60], before, rtol=1e-5, atol=1e-5)
    assert np.diff(cold.memory.short.offsets)[60:].tolist() == [0, 0, 0]


def test_a_model_with_cold_items_is_stored_and_opened(vectors, tmp_path):
    both = vectors.with_cold_items(films(x="Comedy"))
    model_file.save(both, tmp_path / "model")
    opened = model_file.load(tmp_path / "model", verify=True)
    assert opened.most_similar("x", k=3) == both.most_similar("x", k=3)
    assert opened.feature_fit.r2["item_vectors"] > 0.5
    assert len(opened.with_cold_items(films(y="Horror"))) == 62


def test_items_without_a_known_feature_are_left_out(vectors):
    both = vectors.with_cold_items(films(x="Comedy", y="", z="Western"))
    assert "x" in both
    assert "y" not in both
    assert "z" not in both


@pytest.mark.parametrize(
    ("frame", "features", "kind", "told"),
    [
        (films(a0="Comedy", b1="Horror"), None, DataError, "already has all 2 items"),
        (films(x="Western", y=""), None, DataError, "none of the 2 new items has a known feature"),
        (films(x="Comedy"), ["director"], ParameterError, "no column 'director'"),
        (
            films(x="Comedy").rename(columns={"genres": "x"}),
            None,
            DataError,
            "catalogue of the new items",
        ),
    ],
)
def test_items_that_can_not_be_added_are_an_error(vectors, frame, features, kind, told):
    with pytest.raises(kind, match=told):
        vectors.with_cold_items(frame, features=features)


def test_a_model_trained_without_features_needs_their_names(vectors):
    plain = replace(vectors, feature_fit=None)
    with pytest.raises(ParameterError, match="features="):
        plain.with_cold_items(films(x="Comedy"))
    for told in (["genres"], ("genres",), pd.Index(["genres"])):
        assert "x" in plain.with_cold_items(films(x="Comedy"), features=told)
    with pytest.raises(ParameterError, match="one or more"):
        plain.with_cold_items(films(x="Comedy"), features="genres")
    unknown = replace(plain, catalogue=Catalogue((), {}))
    with pytest.raises(ParameterError, match="no column 'genres'"):
        unknown.with_cold_items(films(x="Comedy"), features=["genres"])
