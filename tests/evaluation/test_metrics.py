"""The metrics, against values worked out by hand, plain Python and scikit-learn."""

import math

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from item2vec.evaluation.metrics import METRICS, find_hits, hit_rate, mrr, ndcg, recall

N_ITEMS = 8


def pack(lists):
    return np.array([i for items in lists for i in items], np.int32), np.cumsum(
        [0, *map(len, lists)]
    )


def scored(metric, recommended, labels, k):
    """Score lists of recommended items against lists of labels."""
    hits = find_hits(np.array(recommended, np.int32), *pack(labels))
    return METRICS[metric](hits, np.array([len(own) for own in labels]), k).tolist()


@st.composite
def one_case(draw, width):
    """Some recommended items, then -1, and at least one label, of which some are unknown."""
    recommended = draw(st.lists(st.integers(0, N_ITEMS - 1), unique=True, max_size=width))
    known = draw(st.lists(st.integers(0, N_ITEMS - 1), unique=True, max_size=5))
    unknown = draw(st.integers(0 if known else 1, 4))
    labels = draw(st.permutations(known + [-1] * unknown))
    return recommended + [-1] * (width - len(recommended)), labels


many_cases = st.integers(1, N_ITEMS).flatmap(
    lambda width: st.lists(one_case(width), min_size=1, max_size=6)
)


def naive(recommended, labels, k):
    """All metrics of one case, as a textbook has them."""
    hits = [item >= 0 and item in labels for item in recommended[:k]]
    possible = min(k, len(labels))
    ideal = sum(1 / math.log2(1 + rank) for rank in range(1, possible + 1))
    gain = sum(1 / math.log2(1 + rank) for rank, hit in enumerate(hits, 1) if hit)
    first = next((rank for rank, hit in enumerate(hits, 1) if hit), math.inf)
    return {
        "recall": sum(hits) / possible,
        "uncapped_recall": sum(hits) / len(labels),
        "ndcg": gain / ideal,
        "mrr": 1 / first,
        "hit_rate": float(any(hits)),
    }


@given(many_cases, st.integers(1, 12))
def test_every_metric_is_what_plain_python_gives(cases, k):
    recommended, labels = zip(*cases, strict=True)
    expected = [naive(*case, k) for case in cases]
    for metric in METRICS:
        found = scored(metric, recommended, labels, k)
        assert found == pytest.approx([case[metric] for case in expected]), metric


@settings(deadline=None)
@given(st.permutations(range(N_ITEMS)), one_case(1), st.integers(1, N_ITEMS))
def test_ndcg_is_that_of_scikit_learn(ranking, case, k):
    _, labels = case
    # An unknown label is an item that is relevant and comes last in every ranking.
    n_unknown = labels.count(-1)
    gains = [float(item in labels) for item in range(N_ITEMS)] + [1.0] * n_unknown
    value = [-float(ranking.index(item)) for item in range(N_ITEMS)]
    value += [-100.0 - unknown for unknown in range(n_unknown)]
    assert scored("ndcg", [ranking], [labels], k) == pytest.approx(
        [ndcg_score([gains], [value], k=k)]
    )


@given(many_cases, st.integers(1, 12))
def test_every_metric_lies_in_0_to_1_and_a_perfect_ranking_gets_1(cases, k):
    recommended, labels = zip(*cases, strict=True)
    for metric in METRICS:
        assert all(0 <= value <= 1 for value in scored(metric, recommended, labels, k))
        best = min(1, k / 7) if metric == "uncapped_recall" else 1.0
        assert scored(metric, [range(7)], [range(7)], k) == [pytest.approx(best)]


def test_the_courses_three_to_seven_by_hand():
    # 7 labels, of which training never saw 2; hits at the ranks 1, 3 and 10.
    labels = [[1, 2, 3, 4, 5, -1, -1]]
    recommended = [[1, 90, 2, 91, 92, 93, 94, 95, 96, 3]]
    log2 = math.log2
    ideal = sum(1 / log2(1 + rank) for rank in range(1, 8))
    assert scored("recall", recommended, labels, 10) == pytest.approx([3 / 7])
    assert scored("recall", recommended, labels, 5) == pytest.approx([2 / 5])
    assert scored("ndcg", recommended, labels, 10) == pytest.approx(
        [(1 + 1 / log2(4) + 1 / log2(11)) / ideal]
    )
    assert scored("mrr", recommended, labels, 10) == [1.0]
    assert scored("hit_rate", recommended, labels, 10) == [1.0]


def test_mrr_knows_the_first_hit_and_looks_no_further_than_k():
    assert scored("mrr", [[9, 9, 9, 1]], [[1]], 4) == [0.25]
    assert scored("mrr", [[9, 9, 9, 1]], [[1]], 3) == [0.0]
    assert scored("hit_rate", [[9, 9, 9, 1]], [[1]], 3) == [0.0]


def test_labels_that_training_never_saw_stay_in_the_denominators():
    assert scored("recall", [[0, 1]], [[0]], 2) == [1.0]
    assert scored("recall", [[0, 1]], [[0, -1]], 2) == [0.5]
    assert scored("ndcg", [[0, 1]], [[0, -1]], 2)[0] < 1


def test_a_filler_never_hits_an_unknown_label():
    assert not find_hits(np.full((2, 3), -1, np.int32), *pack([[-1], [-1, 4]])).any()
    # Nor does it reach into the case before, whose last item is the largest of all.
    assert not find_hits(np.array([[0], [-1]], np.int32), *pack([[4], [3]])).any()


def test_a_hit_counts_in_its_own_case_only():
    hits = find_hits(np.array([[5, 6], [5, 6]], np.int32), *pack([[6], [5]]))
    assert hits.tolist() == [[False, True], [True, False]]


def test_many_cases_of_many_items_do_not_run_over():
    # In 32 bits the last of 2 ** 16 + 1 cases of 2 ** 16 items would be taken for the first.
    n = 2**16
    labels = np.append(np.full(n, n - 1), 0).astype(np.int32)
    recommended = np.full((n + 1, 1), n - 1, dtype=np.int32)
    assert find_hits(recommended, labels, np.arange(n + 2))[:, 0].tolist() == [True] * n + [False]


@pytest.mark.parametrize("metric", [recall, ndcg, mrr, hit_rate])
def test_one_value_comes_back_for_every_case(metric):
    values = metric(np.zeros((4, 10), bool), np.full(4, 7), 10)
    assert values.tolist() == [0.0] * 4
    assert values.dtype == np.float64
    assert metric(np.zeros((0, 10), bool), np.zeros(0, np.int64), 10).shape == (0,)


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 20))
def test_metrics_equal_those_of_trec_eval(seed, n_labels, k):
    """The program that the field has used since 1992, over its binding for Python."""
    rng = np.random.default_rng(seed)
    listed = rng.permutation(30)[:k].astype(np.int32)
    labels = rng.permutation(30)[:n_labels].astype(np.int32)
    judge = pytrec_eval.RelevanceEvaluator(
        {"case": {f"i{item}": 1 for item in labels}},
        {f"ndcg_cut.{k}", f"success.{k}", f"recall.{k}", "recip_rank"},
    )
    run = {"case": {f"i{item}": float(-rank) for rank, item in enumerate(listed)}}
    theirs = judge.evaluate(run)["case"]
    hits = find_hits(listed[None], labels, np.array([0, n_labels]))
    n = np.array([n_labels])
    assert ndcg(hits, n, k)[0] == pytest.approx(theirs[f"ndcg_cut_{k}"])
    assert mrr(hits, n, k)[0] == pytest.approx(theirs["recip_rank"])
    assert hit_rate(hits, n, k)[0] == theirs[f"success_{k}"]
    # Its recall divides by all labels, ours by as many as k items can be.
    assert recall(hits, n, k)[0] * min(k, n_labels) / n_labels == pytest.approx(
        theirs[f"recall_{k}"]
    )
