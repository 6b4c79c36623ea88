"""Inputs of `fit`: many kinds of histories are accepted, others get a one-line remedy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import item2vec
from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate, score_held_out
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.experiments import registry
from item2vec.reading.conversion import as_histories
from item2vec.trainers.matrix_factorization.trainer import MatrixFactorization

LISTS = [["a", "b", "c"], ["b", "c", "d"], ["a", "c", "d"]] * 10
ROWS = [(f"{user:02}", item) for user, items in enumerate(LISTS) for item in items]
FRAME = pd.DataFrame(ROWS, columns=["user", "item"])
SMALL = {
    "word2vec": {"epochs": 1, "workers": 1, "vector_size": 4},
    "softmax": {"epochs": 1, "workers": 1, "vector_size": 4, "memory": 0},
    "ease": {"l2": 1.0},
    "item-knn": {"neighbors": 3, "shrinkage": 1.0},
    "ials": {"alpha": 1.0, "regularization": 1.0, "iterations": 1},
}


def named(name):
    return registry.make(name, SMALL.get(name))


def scores(recommender):
    asked = Histories.from_lists([["a"], ["d", "b"]], vocabulary=recommender.vocabulary)
    return recommender.score_rows(asked)


def as_array(lists):
    array = np.empty(len(lists), dtype=object)
    array[:] = lists
    return array


SOURCES = {
    "lists": LISTS,
    "generator": (iter(items) for items in LISTS),
    "tuples": tuple(map(tuple, LISTS)),
    "object array": as_array(LISTS),
    "array of text": np.array(LISTS),
    "column of a frame": FRAME.groupby("user")["item"].agg(list),
    "interactions": item2vec.read_interactions(FRAME),
    "frame": FRAME,
}


@pytest.mark.parametrize("name", registry.RECOMMENDERS)
def test_every_recommender_is_fitted_on_lists_interactions_and_frames(name):
    if name == "ials":
        pytest.importorskip("implicit")
    trainer = named(name)
    expected = scores(trainer.fit(Histories.from_lists(LISTS)))
    for source in (LISTS, FRAME, item2vec.read_interactions(FRAME)):
        np.testing.assert_array_equal(scores(named(name).fit(source)), expected)


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_of_source_gives_the_same_histories(kind):
    packed, expected = as_histories(SOURCES[kind]), Histories.from_lists(LISTS)
    assert packed.vocabulary.ids == expected.vocabulary.ids
    assert {type(item_id) for item_id in packed.vocabulary.ids} == {str}
    np.testing.assert_array_equal(packed.items, expected.items)
    np.testing.assert_array_equal(packed.offsets, expected.offsets)


def test_lists_keep_rare_items_and_interactions_drop_them_as_documented():
    rare = [*LISTS, ["a", "rare"]]
    rows = [(user, item) for user, items in enumerate(rare) for item in items]
    assert "rare" in as_histories(rare).vocabulary
    interactions = item2vec.read_interactions(pd.DataFrame(rows, columns=["user", "item"]))
    assert "rare" not in as_histories(interactions).vocabulary


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        (["a", "b"], r'\[\["a", "b"\], \["b", "c"\]\]'),  # one flat list
        ([[1, 2], [2, 3]], r"str\(item\)"),
        (np.array([[1, 2], [2, 3]]), r"str\(item\)"),
        ([1, 2, 3], "a history is a list of item ids"),
        ([["a", None]], r"None is no item id: leave missing values out"),
        ([["a", float("nan")]], r"nan is no item id: leave missing values out"),
        ([[b"a", b"b"]], r"item ids are strings; b'a'"),
        ([["a", "b"], None], "a history is a list of item ids"),
        ([{"a", "b"}], "a history is ordered"),
        ({"u": ["a", "b"]}, r"Histories\.from_lists\(histories\.values\(\)\)"),
        ({("a", "b")}, "a set is not ordered"),
        ("ratings.csv", r"read_interactions\('ratings\.csv'\)\.to_histories\(\)"),
        (Path("ratings.csv"), r"read_interactions\(.*\)\.to_histories\(\)"),
        (None, r"Histories\.from_lists\(lists\)"),
        (7, r"Histories\.from_lists\(lists\)"),
        ([], "no item occurs often enough"),
        ([[], []], "no item occurs often enough"),
        ([["a"], ["b"]], "only one item left"),
        ([["a" * 5000, 3.5]], "item ids are strings; 3.5"),
    ],
)
def test_wrong_histories_are_refused_in_one_line(source, remedy):
    with pytest.raises(DataError, match=remedy) as caught:
        named("word2vec").fit(source)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", registry.RECOMMENDERS)
@pytest.mark.parametrize("source", [[1, 2], None, "ratings.csv", [["a", 2]], [], [[]]])
def test_every_recommender_refuses_wrong_histories(name, source):
    with pytest.raises(DataError) as caught:
        named(name).fit(source)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", sorted(set(registry.RECOMMENDERS) - {"word2vec", "softmax"}))
def test_a_baseline_fitted_on_one_item_recommends_nothing_else(name):
    if name == "ials":
        pytest.importorskip("implicit")
    fitted = named(name).fit([["a"]])
    asked = Histories.from_lists([["a"]], vocabulary=fitted.vocabulary)
    assert fitted.recommend_rows(asked, 2).tolist() == [[-1, -1]]


def test_matrix_factorization_asks_for_ratings():
    with pytest.raises(DataError, match="read_ratings"):
        MatrixFactorization().fit(LISTS)


@pytest.mark.parametrize("few", [FRAME[:4], item2vec.read_interactions(FRAME[:4])])
def test_interactions_with_rare_items_alone_are_refused_with_a_remedy(few):
    with pytest.raises(DataError, match=r"pass interactions\.to_histories\(min_count=1\)"):
        named("popularity").fit(few)


@pytest.mark.parametrize("source", ["a", b"a", 3, None])
def test_a_single_history_is_a_list_of_items(source):
    model = named("word2vec").fit(LISTS)
    with pytest.raises(ParameterError, match="a history is a list of items: write"):
        model.recommend(source)
    expected = model.recommend(["a", "b"])
    for history in (("a", "b"), iter(["a", "b"]), np.array(["a", "b"]), pd.Series(["a", "b"])):
        assert model.recommend(history) == expected


# -- evaluating ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model():
    return named("word2vec").fit(LISTS)


@pytest.fixture(scope="module")
def cases(model):
    held_out = Histories.from_lists(LISTS, vocabulary=model.vocabulary)
    return RandomProtocol(inputs=1, labels=1).cases(held_out)


def test_a_model_without_a_name_is_refused(model, cases):
    with pytest.raises(ParameterError, match=r'evaluate\(\{"model": model\}, cases\)'):
        evaluate(model, cases)
    with pytest.raises(ParameterError, match=r'\{"word2vec": Word2Vec\(\)\}'):
        compare(named("word2vec"), [], RandomProtocol())


def test_a_trainer_that_is_not_fitted_is_refused(cases):
    with pytest.raises(ParameterError, match=r"mine is a Word2Vec.*fit it first"):
        evaluate({"mine": named("word2vec")}, cases)


@pytest.mark.parametrize("wrong", [Histories.from_lists(LISTS), LISTS, None])
def test_histories_instead_of_cases_are_refused(model, wrong):
    with pytest.raises(ParameterError, match=r"RandomProtocol\(\)\.cases\(histories\)"):
        evaluate({"mine": model}, wrong)


@pytest.mark.parametrize("wrong", [LISTS, FRAME, SOURCES["interactions"], None])
def test_lists_and_frames_have_no_cases_scores_or_recommendations(model, wrong):
    for ask in (
        RandomProtocol().cases,
        model.score_rows,
        model.fold_in_rows,
        lambda lists: model.recommend_rows(lists, 3),
    ):
        with pytest.raises(DataError, match=r"Histories\.from_lists\(lists, vocabulary="):
            ask(wrong)


@pytest.mark.parametrize("wrong", [LISTS, FRAME])
def test_data_without_users_is_not_split(wrong):
    with pytest.raises(DataError, match="read_interactions"):
        split_users(wrong)
    with pytest.raises(DataError, match="read_interactions"):
        list(fold_users(wrong))


def test_histories_instead_of_interactions_are_refused(model):
    histories = Histories.from_lists(LISTS)
    with pytest.raises(DataError, match=r"not Histories: .*read_interactions"):
        compare({"mine": named("word2vec")}, [(histories, histories)], RandomProtocol())
    with pytest.raises(DataError, match=r"not Histories: .*read_interactions"):
        score_held_out({"mine": model}, model.vocabulary, histories, RandomProtocol())
    with pytest.raises(ParameterError, match=r"\[split_users\(interactions\)\]"):
        compare({"mine": named("word2vec")}, SOURCES["interactions"], RandomProtocol())


# -- models that know none of the items --------------------------------------------------------


OTHER = item2vec.read_interactions(FRAME.assign(item=FRAME["item"] + ".0"))


def test_a_model_that_knows_none_of_the_items_is_not_scored(model):
    with pytest.raises(DataError, match=r"mine knows none of the 4 items: .* 'a', .* 'a\.0'"):
        score_held_out({"mine": model}, model.vocabulary, OTHER, RandomProtocol())
    protocol = RandomProtocol(inputs=1, labels=1)
    packed = OTHER.to_histories(vocabulary=model.vocabulary)
    with pytest.raises(DataError, match="no item of the cases is in the vocabulary"):
        evaluate({"mine": model}, protocol.cases(packed))


def test_training_users_without_any_of_the_items_are_refused():
    training = item2vec.read_interactions(FRAME)
    held_out = item2vec.read_interactions(
        pd.DataFrame([("x", "1.0"), ("x", "2.0"), ("y", "1.0")], columns=["user", "item"])
    )
    with pytest.raises(DataError, match=r"the training set knows none of the 2 items"):
        compare({"popularity": named("popularity")}, [(training, held_out)], RandomProtocol())
