"""What a comparison leaves out on request, and what fitting chose."""

import pytest

from item2vec.baselines.ease import EASE
from item2vec.data.interactions import Interactions
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.experiments.comparison import (
    compare_named,
    compare_repeatedly,
    with_defaults,
)
from item2vec.experiments.stored_models import compare_stored
from item2vec.reports.page_names import renamed, short_names
from item2vec.reports.records import to_json
from item2vec.reports.sentences import notes
from item2vec.trainers.word2vec.trainer import Word2Vec

PROTOCOL = RandomProtocol(inputs=2, labels=3)


@pytest.fixture(scope="module")
def interactions(cliques) -> Interactions:
    users = tuple(f"u{user:03}" for user in range(len(cliques)))
    return Interactions(cliques.items, cliques.offsets, cliques.vocabulary.ids, users)


def test_what_fitting_chose_is_listed_split_by_split(interactions):
    evaluation = compare_named(
        ["popularity", "item-knn", "ease", "word2vec"],
        fold_users(interactions, folds=2), PROTOCOL,
        parameters={"item-knn": {"neighbors": 20}, "word2vec": {"vector_size": 4, "workers": 1}},
    )  # fmt: skip
    resolved = {
        name: len(scores.resolved) for name, scores in evaluation.scores.items() if scores.resolved
    }
    assert resolved == {"item-knn": 2, "ease": 2, "word2vec": 2}
    for one in evaluation.scores["item-knn"].resolved:
        assert set(one) == {"shrinkage", "normalization"}, "what was given was not chosen"
        assert one["normalization"] in ("none", "sum")
    (_, second) = fold_users(interactions, folds=2)
    alone = EASE(validation=PROTOCOL).fit(second[0].to_histories())
    assert evaluation.scores["ease"].resolved[1] == {"l2": alone.parameters.l2}
    assert set(evaluation.scores["word2vec"].resolved[0]) == {"alpha", "epochs", "bias_weight"}
    told = to_json(evaluation, PROTOCOL)["chosen"]
    assert told["ease"] == [dict(one) for one in evaluation.scores["ease"].resolved]
    short = renamed(evaluation, {"ease": "e"})
    assert short.scores == {"e": evaluation.scores["ease"]}
    (sentence,) = [note for note in notes(evaluation) if note.startswith("ease: ")]
    assert sentence.startswith('ease: "auto" was resolved to l2 = ')


def test_repeats_are_listed_one_after_the_other(interactions):
    evaluation = compare_repeatedly(
        ["ease"], lambda seed: [split_users(interactions, seed=seed)], PROTOCOL, times=3
    )
    assert len(evaluation.scores["ease"].resolved) == 3


def test_what_was_given_was_not_chosen(interactions):
    parameters = {"ease": {"l2": 5.0}}
    splits = [split_users(interactions)]
    evaluation = compare_named(["ease"], splits, PROTOCOL, parameters=parameters)
    assert evaluation.scores["ease"].resolved == ()


def test_a_baseline_is_left_out_on_request_and_that_is_said(interactions):
    names = with_defaults(["popularity", "ease"], ["ease"])
    evaluation = compare_named(
        names, [split_users(interactions)], PROTOCOL, without=["ease", "ials"]
    )
    assert evaluation.models == ["popularity"]
    assert evaluation.left_out == {"ease": "on request", "ials": "on request"}
    assert "ease was left out on request." in list(notes(evaluation))


def test_beside_a_stored_model_too(interactions):
    training, held_out = split_users(interactions)
    vectors = Word2Vec(vector_size=4, epochs=1, workers=1, memory=0).fit(training.to_histories())
    models = {"m": vectors}
    found = compare_stored(models, held_out, PROTOCOL, training=training, without=["item-knn"])
    assert found.models == ["m", "popularity", "ease"]
    assert found.left_out == {"item-knn": "on request"}
    found = compare_stored(models, held_out, PROTOCOL, without=["popularity", "ease"])
    assert found.models == ["m"]
    assert found.left_out["ease"] == "on request"
    assert "training users" in found.left_out["item-knn"]
    baselines = ["popularity", "item-knn", "ease"]
    alone = compare_stored(models, held_out, PROTOCOL, training=training, without=baselines)
    assert alone.models == ["m"]


@pytest.mark.parametrize("without", [["eas"], "ease"])
def test_what_cannot_be_left_out_is_refused(interactions, without):
    with pytest.raises(ParameterError, match=r"without must be a list .* choose from word2vec"):
        compare_named(["popularity"], [split_users(interactions)], PROTOCOL, without=without)


def test_leaving_everything_out_is_refused(interactions):
    with pytest.raises(ParameterError, match="no recommender is left to evaluate"):
        compare_named(["ease"], [split_users(interactions)], PROTOCOL, without=["ease"])


def test_a_part_of_a_model_is_called_by_the_short_name_of_the_model():
    names = ["a/films.safetensors", "a/films.safetensors, memory alone"]
    assert list(short_names(names).values()) == ["films", "films, memory alone"]
