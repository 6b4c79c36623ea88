"""Ranks among items that were seen as often: against scikit-learn's area under the curve."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from item2vec.baselines.non_personalized import by_counts
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.rank_by_count import RankByCount
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.recommender import SameForAll


@pytest.fixture
def vocabulary():
    counts = np.array([9, 3, 3, 2, 1])
    return Vocabulary(["a", "b", "c", "d", "e"], counts)


@pytest.fixture
def cases(vocabulary):
    inputs = Histories.from_lists([["a"], ["a"]], vocabulary=vocabulary)
    labels = Histories.from_lists([["b", "d", "?"], ["c", "e"]], vocabulary=vocabulary)
    return Cases(inputs, labels, np.array([0, 1]), np.array([4, 3]), 0)


def test_a_rank_is_the_share_of_its_slice_that_it_stands_before(vocabulary, cases):
    scores = np.array([0, 3, 1, 2, 9], dtype=np.float32)
    ranks = RankByCount((1, 2, 5))
    assert ranks.names == {"rank 1": "1", "rank 2": "2-4", "rank 5": "5+"}
    ranks.observe("mine", SameForAll(vocabulary, scores), cases, np.zeros((2, 1), np.int32))
    (found,) = ranks.values["mine"]
    # Of b, c and d: b and d, both labels, stand before c; c, the other's label, behind both.
    np.testing.assert_allclose(found["rank 2"], [1, 0])
    assert np.isnan(found["rank 1"]).all(), "e is alone"
    assert np.isnan(found["rank 5"]).all()


def test_it_is_the_area_under_the_curve_slice_by_slice(monkeypatch):
    rng = np.random.default_rng(0)
    n = 400
    counts = np.repeat([30, 3], n // 2)
    vocabulary = Vocabulary([f"{row:03}" for row in range(n)], counts)
    arrays = [rng.standard_normal(s).astype(np.float32) for s in ((n, 5), (n, 5), (n,))]
    vectors = ItemVectors(vocabulary, *arrays, power=1.0)
    drawn = np.stack([rng.choice(n, 10, replace=False) for _ in range(30)]).astype(np.int32)
    inputs = Histories(drawn[:, :3].ravel(), np.arange(0, 91, 3), vocabulary)
    labels = Histories(drawn[:, 3:].ravel(), np.arange(0, 211, 7), vocabulary)
    cases = Cases(inputs, labels, np.arange(30), np.full(30, 10), 0)
    monkeypatch.setattr(
        "item2vec.evaluation.rank_by_count.BLOCK_SCORES", 7 * n * 4
    )  # four cases a block
    ranks = RankByCount((1, 10))
    ranks.observe("vectors", vectors, cases, np.zeros((30, 1), np.int32))
    scores = vectors.score_rows(inputs)
    for metric, least, end in (("rank 1", 0, 10), ("rank 10", 10, 99)):
        found = ranks.values["vectors"][0][metric]
        for case in range(30):
            judged = (counts >= least) & (counts < end)
            judged[drawn[case, :3]] = False
            wanted = np.isin(np.arange(n), drawn[case, 3:])[judged]
            if wanted.any():
                oracle = roc_auc_score(wanted, scores[case, judged])
                assert found[case] == pytest.approx(oracle, abs=1e-9)
            else:
                assert np.isnan(found[case])


def test_popularity_ranks_by_chance_among_what_is_as_popular_and_gets_an_interval(
    vocabulary, cases
):
    ranks = RankByCount((1, 3))
    found = evaluate({"popularity": by_counts(vocabulary)}, cases, observers=[ranks])
    told = ranks.added_to(found).summary("popularity")
    # b and c tie, and a, which was shown, counts for nothing; d is before e.
    assert told["rank 3"].mean == pytest.approx(0.5)
    assert told["rank 1"].mean == pytest.approx(0.5)
    assert told["rank 1"].low == 0
    assert told["rank 1"].high == 1
    assert "ndcg@10" in told


def test_what_has_no_scores_is_an_error(cases):
    with pytest.raises(DataError, match="no scores"):
        RankByCount().observe("mine", object(), cases, np.zeros((2, 1), np.int32))
