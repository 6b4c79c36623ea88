"""Item k-NN with both normalizations: the formulas in dense float64, and sparse as dense."""

import numpy as np
import pytest

from item2vec.baselines import item_knn, sparse_recommender
from item2vec.baselines.item_knn import ItemKNN
from item2vec.data.histories import Histories
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol

RULES = ("none", "sum")


def mixed(n_users=200, n_items=40, seed=0) -> Histories:
    """Return histories of 2 to 9 items, of which the first are the most popular."""
    rng = np.random.default_rng(seed)
    return Histories.from_lists(
        [
            [f"i{item:02}" for item in dict.fromkeys((n_items * rng.random(n) ** 2).astype(int))]
            for n in rng.integers(2, 10, n_users).tolist()
        ]
    )


def by_the_formula(histories, trainer):
    """Return the weights, a row for each input, in dense float64."""
    watched = np.zeros((len(histories), len(histories.vocabulary)))
    for row in range(len(histories)):
        watched[row, histories[row]] = 1
    together = watched.T @ watched
    roots = np.sqrt(together.diagonal())
    cosines = together / (np.outer(roots, roots) + trainer.shrinkage)
    np.fill_diagonal(cosines, 0)
    kept = np.zeros_like(cosines)
    for item, row in enumerate(cosines):
        best = np.argsort(-row, kind="stable")[: trainer.neighbors]
        kept[item, best] = row[best]
    if trainer.normalization == "none":
        return kept, cosines
    return (kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-300)).T, cosines


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("neighbors", "shrinkage"), [(3, 0.0), (10, 7.0), (100, 2.0)])
def test_weights_are_those_of_the_formula(rule, neighbors, shrinkage):
    histories = mixed()
    trainer = ItemKNN(normalization=rule, neighbors=neighbors, shrinkage=shrinkage)
    fitted = trainer.fit(histories)
    # At 0 many cosines are equal but for rounding, so sums are compared where a tie decides.
    expected, _ = by_the_formula(histories, trainer)
    found = fitted.weights.toarray()
    axis = 0 if rule == "sum" else 1
    np.testing.assert_allclose(found.sum(axis=axis), expected.sum(axis=axis), rtol=1e-5)
    same = np.isclose(found, expected, rtol=1e-5, atol=1e-7)
    assert same.mean() > (0.97 if shrinkage == 0 else 0.9999)


def test_the_weights_of_a_candidates_neighbors_sum_to_1():
    """Every neighbor of a rare item was shown: it scores 1, whatever a popular one reaches."""
    lists = [["rare", "a"]] * 5 + [["a", "b"], ["b", "c"], ["a", "c"]] * 30
    histories = Histories.from_lists(lists)
    fitted = ItemKNN(normalization="sum", neighbors=10, shrinkage=0.0).fit(histories)
    np.testing.assert_allclose(fitted.weights.sum(axis=0), 1, rtol=1e-6)
    asked = Histories.from_lists([["a"]], vocabulary=histories.vocabulary)
    best = fitted.recommend_rows(asked, 1)[0, 0]
    assert histories.vocabulary.ids[best] == "rare"
    plain = ItemKNN(normalization="none", neighbors=10, shrinkage=0.0).fit(histories)
    assert histories.vocabulary.ids[plain.recommend_rows(asked, 1)[0, 0]] != "rare"


@pytest.mark.parametrize("rule", RULES)
def test_similar_items_are_those_of_the_largest_cosines_by_either_rule(rule):
    histories = mixed()
    trainer = ItemKNN(normalization=rule, neighbors=20, shrinkage=3.0)
    rows = np.array([5, 0, 39], dtype=np.int32)
    near = trainer.fit(histories).similar_rows(rows, 5)
    _, cosines = by_the_formula(histories, trainer)
    for row, own in zip(rows.tolist(), near.tolist(), strict=True):
        best = np.sort(cosines[row])[::-1][:5]
        np.testing.assert_allclose(cosines[row][own], best, rtol=1e-6)


def test_an_item_without_neighbors_has_no_similar_items():
    histories = Histories.from_lists([["a", "b"], ["alone"]])
    fitted = ItemKNN(normalization="sum", neighbors=5, shrinkage=0.0).fit(histories)
    row = histories.vocabulary.row("alone")
    assert fitted.similar_rows(np.array([row], np.int32), 2).tolist() == [[-1, -1]]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("keep_seen", [False, True])
@pytest.mark.parametrize("allowed", [None, np.arange(1, 40, 3, dtype=np.int32)])
def test_sparse_scores_rank_as_dense_ones(monkeypatch, rule, keep_seen, allowed):
    histories = mixed()
    fitted = ItemKNN(normalization=rule, neighbors=4, shrinkage=1.0).fit(histories)
    asked = Histories.from_lists(
        [["i00", "i05"], [], ["unknown"], ["i39", "unknown"], ["i01"] * 3, ["i02", "i07", "i30"]],
        vocabulary=histories.vocabulary,
    )
    settings = {"keep_seen": keep_seen, "allowed": allowed}
    dense = fitted.recommend_scored(asked, 45, **settings)
    monkeypatch.setattr(sparse_recommender, "MOST_DENSE_ITEMS", 0)
    monkeypatch.setattr(sparse_recommender, "BLOCK_WEIGHTS", 10)
    sparse = fitted.recommend_scored(asked, 45, **settings)
    np.testing.assert_array_equal(sparse[0], dense[0])
    np.testing.assert_allclose(sparse[1], dense[1], rtol=1e-6)


def test_a_large_catalogue_needs_no_dense_scores(monkeypatch):
    n = 60_000
    ids = [f"{n:06}" for n in range(n)]
    histories = Histories.from_lists([ids[start : start + 4] for start in range(0, n, 3)])
    fitted = ItemKNN(normalization="sum", neighbors=2, shrinkage=0.0).fit(histories)
    monkeypatch.setattr(type(fitted), "score_rows", None)  # which would make them
    found = fitted.recommend_rows(histories.slice(0, 20), 5)
    assert (found >= 0).all()


def test_an_item_repeated_in_a_history_counts_once():
    once = [["a", "b"], ["a", "c"], ["b", "c", "d"]]
    trainer = ItemKNN(normalization="none", neighbors=5, shrinkage=1.0)
    expected = trainer.fit(Histories.from_lists(once))
    vocabulary = expected.vocabulary
    repeated = Histories.from_lists([items + items[:1] for items in once], vocabulary=vocabulary)
    np.testing.assert_allclose(
        trainer.fit(repeated).weights.toarray(), expected.weights.toarray(), rtol=1e-6
    )


def test_both_rules_are_tuned_and_the_better_one_is_used(cliques, monkeypatch):
    made, protocol = [], RandomProtocol(inputs=2, labels=5)

    def prepare(histories):
        return lambda trainer: made.append(trainer) or Graded(trainer)

    monkeypatch.setattr(item_knn, "_prepare", prepare)
    assert ItemKNN(validation=protocol).fit(cliques).parameters.normalization == "sum"
    assert {trainer.normalization for trainer in made} == set(RULES)
    made.clear()
    fitted = ItemKNN(normalization="none", validation=protocol).fit(cliques)
    assert fitted.parameters.normalization == "none"
    assert {trainer.normalization for trainer in made} == {"none"}


class Graded:
    """Recommends items of the right group by one rule, and nothing by the other."""

    def __init__(self, trainer):
        self.is_good = trainer.normalization == "sum"

    def recommend_rows(self, histories, k):
        rows = np.full((len(histories), k), -1, np.int32)
        for case in range(len(histories) if self.is_good else 0):
            group = histories.vocabulary.ids[histories[case][0]][0]
            own = [r for r, item in enumerate(histories.vocabulary) if item.startswith(group)]
            rows[case] = [r for r in own if r not in histories[case]][:k]
        return rows


def test_tuning_uses_a_sample_and_the_final_fit_all_users(cliques, monkeypatch):
    monkeypatch.setattr(item_knn, "TUNED_PAIRS", 64 * 30)  # of histories of 8 items
    sizes = []
    counted = item_knn.pair_counts

    def noted(histories):
        sizes.append(len(histories))
        return counted(histories)

    monkeypatch.setattr(item_knn, "pair_counts", noted)
    fitted = ItemKNN().fit(cliques)
    assert sizes == [30, 300], "the pairs of the sample are counted once for all fits"
    alone = fitted.parameters.fit(cliques)
    np.testing.assert_array_equal(alone.weights.toarray(), fitted.weights.toarray())


def test_another_normalization_is_refused():
    with pytest.raises(ParameterError, match=r"normalization must be .*'auto'"):
        ItemKNN(normalization="cosine")
