"""EASE's dual: the same numbers as the primal, and as a solution in float64."""

import numpy as np
import pytest

from item2vec.baselines import ease
from item2vec.baselines.ease import EASE, EASERecommender, is_dual
from item2vec.baselines.ease_dual import DualEASERecommender
from item2vec.data.histories import Histories
from item2vec.errors import DataError, TooLargeError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol


@pytest.fixture(scope="module")
def wide() -> Histories:
    """Return 40 histories over some 120 items."""
    rng = np.random.default_rng(0)
    lists = [[f"{i}" for i in rng.permutation(150)[: rng.integers(2, 30)]] for _ in range(40)]
    return Histories.from_lists(lists)


def exact(histories, l2):
    """Return B in float64 by a general inverse."""
    matrix = histories.to_csr().toarray().astype(float)
    precision = np.linalg.inv(matrix.T @ matrix + l2 * np.eye(matrix.shape[1]))
    weights = -precision / precision.diagonal()
    np.fill_diagonal(weights, 0)
    return weights


def asked_of(histories):
    return Histories.from_lists(
        [["0", "7"], [], ["149", "unknown"], ["3"], ["3", "3", "5"]],
        vocabulary=histories.vocabulary,
    )


@pytest.mark.parametrize("l2", [0.05, 1.0, 300.0])
def test_scores_are_those_of_the_exact_weights(wide, l2):
    fitted = EASE(l2=l2).fit(wide)
    assert isinstance(fitted, DualEASERecommender)
    weights, asked = exact(wide, l2), asked_of(wide)
    for histories in (asked, wide):
        expected = histories.to_csr().toarray() @ weights
        scores = fitted.score_rows(histories)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("l2", [1.0, 30.0])
def test_the_primal_gives_the_same(wide, monkeypatch, l2):
    dual = EASE(l2=l2).fit(wide)
    monkeypatch.setattr(ease, "MOST_USERS", 0)
    primal = EASE(l2=l2).fit(wide)
    assert isinstance(primal, EASERecommender)
    asked = asked_of(wide)
    np.testing.assert_allclose(dual.score_rows(asked), primal.score_rows(asked), atol=1e-4)
    rows = np.array([0, 50, 3], dtype=np.int32)
    np.testing.assert_array_equal(dual.similar_rows(rows, 5), primal.similar_rows(rows, 5))


def test_repeated_items_add_up_and_histories_stay_as_they_are():
    histories = Histories.from_lists([["a", "b", "a", "c"], ["c", "d", "e", "d", "d"]])
    dual = EASE(l2=2.0).fit(histories)
    weights, items = exact(histories, 2.0), histories.items.copy()
    np.testing.assert_allclose(
        dual.score_rows(histories), histories.to_csr().toarray() @ weights, atol=1e-6
    )
    np.testing.assert_array_equal(histories.items, items)


def test_more_items_than_a_matrix_of_items_could_hold_are_fitted_in_the_dual():
    ids = [f"{n}" for n in range(150_000)]  # 90 GB
    lists = [ids[start : start + 5_000] for start in range(0, 150_000, 4_990)]
    histories = Histories.from_lists(lists)
    assert is_dual(histories)
    fitted = EASE(l2=1.0).fit(histories)
    asked = Histories.from_lists([["0"]], vocabulary=histories.vocabulary)
    first = {histories.vocabulary.ids[row] for row in fitted.recommend_rows(asked, 10)[0]}
    assert first <= set(ids[:5_000]), "items of the one history that holds it"


def test_the_smaller_of_the_two_sizes_decides_what_is_too_large(wide, cliques, monkeypatch):
    assert not is_dual(cliques), "300 users, 60 items"
    monkeypatch.setattr(ease, "MOST_ITEMS", 59)
    with pytest.raises(TooLargeError, match=r"60 x 60 .* at most 59 items"):
        EASE().fit(cliques)
    assert EASE(l2=1.0).fit(wide).n_items > 59
    monkeypatch.setattr(ease, "MOST_USERS", 39)
    with pytest.raises(TooLargeError, match="at most 39 users"):
        EASE(l2=1.0).fit(wide)


def test_a_resolved_model_equals_a_fit_with_its_l2(wide, cliques):
    """Fits that share a matrix must not change it."""
    for histories in (wide, cliques):
        tuned = EASE().fit(histories)
        alone = EASE(l2=tuned.parameters.l2).fit(histories)
        np.testing.assert_array_equal(tuned.score_rows(histories), alone.score_rows(histories))
        prepared = ease._prepare(histories)
        first = prepared(EASE(l2=3.0)).score_rows(histories)
        prepared(EASE(l2=1000.0))
        np.testing.assert_array_equal(prepared(EASE(l2=3.0)).score_rows(histories), first)


class Graded:
    """Recommends a right item to more of the cases, the smaller l2 is."""

    def __init__(self, trainer):
        self.share = 1 / (1 + np.log10(trainer.l2))

    def recommend_rows(self, histories, k):
        rows = np.full((len(histories), k), -1, np.int32)
        for case in range(round(self.share * len(histories))):
            group = histories.vocabulary.ids[histories[case][0]][0]
            own = [r for r, item in enumerate(histories.vocabulary) if item.startswith(group)]
            rows[case] = [r for r in own if r not in histories[case]][:k]
        return rows


def test_the_search_reaches_the_smallest_l2(cliques, monkeypatch):
    prepare = ease._prepare

    def graded(histories, *, shared=True):
        return Graded if shared else prepare(histories, shared=False)

    monkeypatch.setattr(ease, "_prepare", graded)
    tuned = EASE(validation=RandomProtocol(inputs=2, labels=5)).fit(cliques)
    assert tuned.parameters.l2 == 1.0


def test_an_l2_with_which_the_matrix_is_singular_is_refused():
    same = Histories.from_lists([["a", "b", "c"]] * 2)
    with pytest.raises(DataError, match="raise l2"):
        EASE(l2=1e-30).fit(same)
