"""The showcase: of the first split alone, by item ids, and nothing of who the users are."""

import numpy as np
import pytest

from item2vec.baselines.item_knn import ItemKNN
from item2vec.baselines.non_personalized import Popularity
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.models.item_vectors import ItemVectors
from item2vec.reports.showcase import Example, Showcase
from item2vec.trainers.word2vec.trainer import Word2Vec


def cases_of(inputs: list[list[str]], labels: list[list[str]], vocabulary: Vocabulary) -> Cases:
    sides = [Histories.from_lists(lists, vocabulary=vocabulary) for lists in (inputs, labels)]
    lengths = np.array([len(a) + len(b) for a, b in zip(inputs, labels, strict=True)])
    return Cases(*sides, np.arange(len(inputs)), lengths, n_skipped=0)


def vocabulary_of(*ids: str) -> Vocabulary:
    return Vocabulary(ids, np.arange(len(ids), 0, -1))


def test_it_shows_five_evenly_spaced_cases_with_what_was_recommended(cliques):
    cases = RandomProtocol(inputs=2, labels=3).cases(cliques)
    model = ItemKNN(neighbors=20, shrinkage=5.0).fit(cliques)
    recommended = model.recommend_rows(cases.inputs, 10)
    showcase = Showcase()
    showcase.observe("item-knn", model, cases, recommended)
    ids = cliques.vocabulary.ids
    assert len(showcase.examples) == 5
    for example, case in zip(showcase.examples, (0, 74, 149, 224, 299), strict=True):
        assert example.inputs == [ids[row] for row in cases.inputs[case]]
        assert example.labels == [ids[row] for row in cases.labels[case]]
        assert example.recommended["item-knn"] == [ids[row] for row in recommended[case]]
        labels = set(example.labels)
        assert example.hits("item-knn") == len(labels & set(example.recommended["item-knn"]))


def test_neighbours_are_those_of_the_most_counted_items(cliques):
    cases = RandomProtocol(inputs=2, labels=3).cases(cliques)
    showcase = Showcase()
    models = {"popularity": Popularity(), "item-knn": ItemKNN(neighbors=20, shrinkage=5.0)}
    fitted = {name: trainer.fit(cliques) for name, trainer in models.items()}
    for name, model in fitted.items():
        showcase.observe(name, model, cases, model.recommend_rows(cases.inputs, 10))
    ids = cliques.vocabulary.ids
    assert list(showcase.neighbors) == list(ids[:6])
    near = fitted["item-knn"].similar_rows(np.arange(6, dtype=np.int32), 5)
    for row, item_id in enumerate(ids[:6]):
        assert list(showcase.neighbors[item_id]) == ["item-knn"], "popularity knows no neighbours"
        assert showcase.neighbors[item_id]["item-knn"] == [ids[other] for other in near[row]]
    assert showcase.n_items == 60


def test_other_splits_are_passed_by_even_for_a_model_that_the_first_one_left_out():
    vocabulary = vocabulary_of("a", "b", "c", "d")
    rows = np.array([[2, 3], [2, 3]], dtype=np.int32)
    first = cases_of([["a"], ["b"]], [["c"], ["d"]], vocabulary)
    second = cases_of([["b"], ["a"]], [["d"], ["c"]], vocabulary)
    longer = cases_of([["a"]], [["c"]], vocabulary)
    showcase = Showcase()
    showcase.observe("m", object(), first, rows)
    showcase.observe("m", object(), second, rows[:, ::-1])
    showcase.observe("late", object(), second, rows)
    showcase.observe("longer", object(), longer, rows[:1])
    assert [example.inputs for example in showcase.examples] == [["a"], ["b"]]
    assert [example.recommended for example in showcase.examples] == [{"m": ["c", "d"]}] * 2


def test_vocabularies_complete_each_other_and_what_none_knows_stays_unknown():
    inputs, labels = [["a", "x"]], [["b", "y", "nobody"]]
    showcase = Showcase()
    for name, vocabulary in (("m", vocabulary_of("b", "a")), ("n", vocabulary_of("x", "y", "b"))):
        cases = cases_of(inputs, labels, vocabulary)
        showcase.observe(name, object(), cases, np.array([[0, -1]], dtype=np.int32))
    (example,) = showcase.examples
    assert example == Example(["a", "x"], ["b", "y", None], {"m": ["b"], "n": ["x"]})
    assert (example.hits("m"), example.hits("n"), example.hits("no such model")) == (1, 0, 0)


def test_it_knows_the_training_curve_and_the_parameters_in_use(cliques):
    cases = RandomProtocol(inputs=2, labels=3).cases(cliques)
    validation = RandomProtocol(inputs=2, labels=3)
    vectors = Word2Vec(vector_size=4, epochs=3, workers=1, validate=0.2, validation=validation).fit(
        cliques
    )
    knn = ItemKNN(shrinkage=5.0, validation=validation).fit(cliques)
    showcase = Showcase()
    for name, model in (("word2vec", vectors), ("item-knn", knn)):
        showcase.observe(name, model, cases, model.recommend_rows(cases.inputs, 10))
    assert showcase.training == {"word2vec": vectors.metadata["validation"]}
    assert showcase.parameters["word2vec"]["epochs"] == 3
    assert showcase.parameters["item-knn"]["neighbors"] == knn.parameters.neighbors != "auto"


@pytest.mark.parametrize(
    "validation",
    [
        3,
        {"scores": "high", "best_epoch": 1, "metric": "ndcg@10", "users": 3},
        {"scores": [0.1], "best_epoch": 2, "metric": "ndcg@10", "users": 3},
        {"scores": [0.1, None], "best_epoch": 1, "metric": "ndcg@10", "users": 3},
        {"scores": [0.1], "best_epoch": 1},
    ],
)
def test_strange_metadata_of_a_stored_model_are_passed_by(validation, small_vectors):
    vectors = ItemVectors(
        small_vectors.vocabulary, small_vectors.item_vectors, small_vectors.context_vectors,
        small_vectors.bias, power=1.0, metadata={"validation": validation, "parameters": 7},
    )  # fmt: skip
    cases = cases_of([["a"]], [["b"]], vectors.vocabulary)
    showcase = Showcase()
    showcase.observe("stored", vectors, cases, vectors.recommend_rows(cases.inputs, 2))
    assert (showcase.training, showcase.parameters) == ({}, {})


def test_items_are_named_by_title_where_there_is_one():
    showcase = Showcase(Catalogue(("1", "2"), {"title": ("Alien", "")}))
    assert [showcase.title(item_id) for item_id in "123"] == ["Alien", "2", "3"]
    assert Showcase(Catalogue(("1",), {"genres": ("Horror",)})).title("1") == "1"
    assert Showcase().title("1") == "1"


def test_renaming_leaves_the_showcase_itself_as_it_is():
    showcase = Showcase()
    cases = cases_of([["a"]], [["b"]], vocabulary_of("a", "b"))
    for name in ("folder/m", "other"):
        showcase.observe(name, object(), cases, np.array([[1]], dtype=np.int32))
    renamed = showcase.renamed({"folder/m": "m"})
    assert renamed.examples == [Example(["a"], ["b"], {"m": ["b"]})]
    assert set(showcase.examples[0].recommended) == {"folder/m", "other"}
