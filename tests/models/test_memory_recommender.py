"""The item-item memory as a recommender, and the parts of a model in comparisons."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.experiments.comparison import compare_named
from item2vec.experiments.stored_models import compare_stored
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.recommender import MemoryRecommender
from item2vec.models.recommender import with_parts
from item2vec.reports import tables
from item2vec.reports.records import to_json
from item2vec.trainers.word2vec.trainer import Word2Vec

PROTOCOL = RandomProtocol(inputs=2, labels=3)
WEIGHTS = np.array(
    [[0, 0, 2, 0, 0], [1, 0, 0, 0, 1], [0, -3, 0, 1, 0], [0, 0, 0, 0, 0], [0, 1, 0, 0, 0]],
    dtype=np.float32,
)
VOCABULARY = Vocabulary.from_counts(list("abcde"), [5, 4, 3, 2, 1])


@pytest.fixture
def alone() -> MemoryRecommender:
    return MemoryRecommender(VOCABULARY, Memory.of_largest([WEIGHTS], 5), power=0.5)


def test_it_ranks_by_weights_and_ties_by_row(alone):
    asked = Histories.from_lists([["b"], ["d"], ["c", "b", "?"]], vocabulary=VOCABULARY)
    expected = np.array([WEIGHTS[1], WEIGHTS[3], (WEIGHTS[2] + WEIGHTS[1]) / np.sqrt(2)])
    np.testing.assert_allclose(alone.score_rows(asked), expected, rtol=1e-6)
    ranked = [[0, 4, 2, 3], [0, 1, 2, 4], [0, 3, 4, -1]]
    np.testing.assert_array_equal(alone.recommend_rows(asked, 4), ranked)
    with pytest.raises(DataError, match="another vocabulary"):
        alone.recommend_rows(Histories.from_lists([["x"]]), 1)


def test_similar_items_have_the_largest_sum_of_weights_in_both_directions(alone):
    near = alone.similar_rows(np.arange(5, dtype=np.int32), 3)
    # a-c 2, a-b 1; b-e 2, b-a 1, b-c -3; c-a 2, c-d 1; d-c 1; e-b 2.
    assert near.tolist() == [[2, 1, -1], [4, 0, -1], [0, 3, -1], [2, -1, -1], [1, -1, -1]]
    rng = np.random.default_rng(0)
    weights = rng.random((70, 70)).astype(np.float32)
    symmetric = weights + weights.T
    np.fill_diagonal(symmetric, -np.inf)
    memory = Memory.of_largest([weights], 70)
    expected = np.argsort(-symmetric, axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(memory.similar_rows(np.arange(70, dtype=np.int32), 7), expected)


@pytest.fixture(scope="module")
def interactions(cliques) -> Interactions:
    ids = cliques.vocabulary.ids
    users = tuple(f"u{user:03}" for user in range(len(cliques)))
    return Interactions(cliques.items, cliques.offsets, ids, users)


@pytest.fixture
def model(small_vectors):
    weights = np.array([[0, 0, 0, 9], [0] * 4, [0] * 4, [9, 0, 0, 0]], dtype=np.float32)
    return replace(small_vectors, memory=Memory.of_largest([weights], 4))


def test_the_scores_of_the_two_parts_sum_to_those_of_the_model(model):
    parts = model.parts()
    assert list(parts) == ["vectors alone", "memory alone"]
    asked = Histories.from_lists([["a", "d"], ["b"]], vocabulary=model.vocabulary)
    total = sum(part.score_rows(asked) for part in parts.values())
    np.testing.assert_allclose(model.score_rows(asked), total, rtol=1e-6)
    rows = np.array([0, 1], dtype=np.int32)
    np.testing.assert_array_equal(
        parts["vectors alone"].similar_rows(rows, 3), model.similar_rows(rows, 3)
    )


def test_without_a_memory_there_are_no_parts(small_vectors):
    assert small_vectors.parts() == {}
    assert with_parts({"m": small_vectors}) == {"m": small_vectors}


def test_parts_follow_their_model_and_never_replace_another(model, small_vectors):
    taken = {"m": model, "m, memory alone": small_vectors, "n": small_vectors}
    found = with_parts(taken)
    assert list(found) == ["m", "m, vectors alone", "m, memory alone", "n"]
    assert found["m, memory alone"] is small_vectors


class WithMemory:
    """A trainer of vectors with a memory that counts its fits."""

    def __init__(self):
        self.fits = 0

    def fit(self, histories, *, progress=None):
        self.fits += 1
        vectors = Word2Vec(vector_size=4, epochs=1, workers=1, start="random", memory=0).fit(
            histories
        )
        weights = histories.to_csr().T @ histories.to_csr()
        return replace(vectors, memory=Memory.of_largest([weights.toarray()], 20))


def test_a_comparison_scores_the_parts_without_training_again(interactions):
    trainer, progress = WithMemory(), []
    splits = list(fold_users(interactions, folds=2))
    evaluation = compare(
        {"m": trainer}, splits, PROTOCOL,
        progress=lambda done, total: progress.append((done, total)),
    )  # fmt: skip
    assert evaluation.models == ["m", "m, vectors alone", "m, memory alone"]
    assert trainer.fits == 2
    assert progress == [(1, 2), (2, 2)]
    assert all(len(scores.values["ndcg@10"]) == 300 for scores in evaluation.scores.values())
    assert evaluation.difference("m, memory alone", "m, vectors alone")["ndcg@10"].low > 0.05


def test_related_items_have_a_row_for_reranking(interactions, monkeypatch):
    monkeypatch.setattr("item2vec.evaluation.neighbor_quality.FEWEST_VALUES", 1)
    monkeypatch.setattr("item2vec.evaluation.related_items.FEWEST_VALUES", 1)
    ids = interactions.item_ids
    catalogue = Catalogue(ids, {"group": tuple(item_id[0] for item_id in ids)})
    split = [split_users(interactions)]
    found = compare({"m": WithMemory()}, split, PROTOCOL, catalogue=catalogue, related=["group"])
    metric = "related_group@10"
    names = ["m", "m, memory alone", "m, re-ranked", "m, vectors alone"]
    (table,) = tables.neighbors(found)
    assert sorted(row.name for row in table.rows) == names
    told = to_json(found, PROTOCOL)["related"][metric]["models"]
    assert sorted(told) == names
    assert told["m, re-ranked"]["mean"] > told["m"]["mean"] + 0.1
    assert found.difference("m, re-ranked", "m")[metric].low > 0


def test_parts_of_a_stored_model_are_scored_as_if_alone(interactions):
    training, held_out = split_users(interactions)
    vectors = WithMemory().fit(training.to_histories())
    progress = []
    found = compare_stored(
        {"m": vectors}, held_out, PROTOCOL,
        progress=lambda done, total: progress.append((done, total)),
    )  # fmt: skip
    assert found.models == ["m", "m, vectors alone", "m, memory alone", "popularity"]
    assert progress == [(1, 2), (2, 2)]
    cases = PROTOCOL.cases(held_out.to_histories(vocabulary=vectors.vocabulary))
    for part, alone in vectors.parts().items():
        own = evaluate({part: alone}, cases).scores[part].values
        np.testing.assert_array_equal(found.scores[f"m, {part}"].values["ndcg@10"], own["ndcg@10"])


def test_observers_are_called_for_parts(model):
    seen = []

    class Noting:
        def observe(self, name, recommender, cases, recommended):
            seen.append(name)

    held_out = Histories.from_lists([["a", "b", "c", "d"]], vocabulary=model.vocabulary)
    cases = RandomProtocol(inputs=1, labels=2).cases(held_out)
    evaluate({"m": model}, cases, observers=[Noting()], in_sample=None)
    assert seen == ["m", "m, vectors alone", "m, memory alone"]


def test_a_model_without_a_memory_has_no_rows_for_parts(interactions):
    found = compare_named(
        ["word2vec"], [split_users(interactions)], PROTOCOL,
        parameters={"word2vec": {"vector_size": 4, "epochs": 1, "workers": 1, "memory": 0}},
    )  # fmt: skip
    assert found.models == ["word2vec"]
