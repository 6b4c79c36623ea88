"""Results: slices, repeats and reach, worked out by hand; users are drawn, not cases."""

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.joining import end_to_end, side_by_side
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import fold_users
from item2vec.experiments.comparison import compare_repeatedly

# Nine interactions with item 0, and so on: a head (0), a middle (1, 2) and a tail (3, 4, 5).
VOCABULARY = Vocabulary.from_counts([f"i{n}" for n in range(6)], [9, 6, 3, 3, 3, 3])


class Fixed:
    """Recommends the same to everybody."""

    def __init__(self, *rows):
        self.rows = rows

    def recommend_rows(self, histories, k):
        return np.tile(np.array([*self.rows, *[-1] * k][:k], np.int32), (len(histories), 1))


def cases(labels: list[list[str]], lengths: list[int]) -> Cases:
    inputs = Histories.from_lists([["i5"]] * len(labels), vocabulary=VOCABULARY)
    asked = Histories.from_lists(labels, vocabulary=VOCABULARY)
    return Cases(inputs, asked, np.arange(len(labels)), np.array(lengths), n_skipped=0)


def test_labels_are_sliced_by_how_much_they_are_watched():
    told = evaluate({"m": Fixed(0, 3)}, cases([["i0", "i1"], ["i3", "i4"], ["gone"]], [5, 5, 5]))
    head, middle, tail = told.label_slices("m")
    assert [(part.name, part.cases) for part in (head, middle, tail)] == [
        ("head labels", 1), ("middle labels", 1), ("tail labels", 1),
    ]  # fmt: skip
    assert (head.score.mean, middle.score.mean, tail.score.mean) == (1.0, 0.0, 0.5)


def test_cases_are_sliced_by_the_length_of_the_history():
    labels = [["i0"]] * 3 + [["i1"]] * 6
    told = evaluate({"m": Fixed(0)}, cases(labels, [10, 10, 12, 20, 21, 25, 50, 60, 99]))
    slices = told.length_slices("m")
    assert sum(part.cases for part in slices) == 9, "each case is in one"
    assert slices[0].score.mean > slices[-1].score.mean == 0
    same = evaluate({"m": Fixed(0)}, cases(labels, [10] * 9)).length_slices("m")
    assert [(part.name, part.cases) for part in same] == [("histories of 10 items", 9)]


def test_reach_counts_what_anybody_is_shown_over_the_whole_catalogue():
    told = evaluate({"m": Fixed(0, 1, 2)}, cases([["i0"]] * 4, [5] * 4))
    assert told.scores["m"].exposure == {"i0": 4, "i1": 4, "i2": 4, "i3": 0, "i4": 0, "i5": 0}
    assert told.reach("m")["coverage@10"] == 0.5
    assert told.scores["m"].values["popularity@10"].tolist() == [6.0] * 4
    assert told.cohort.label_popularity.tolist() == [9.0] * 4, (
        "what is asked for, to hold it against"
    )


def test_a_curve_is_the_metric_at_every_k():
    told = evaluate({"m": Fixed(1, 0)}, cases([["i0"], ["i1"]], [5, 5]))
    assert told.curve("m", "recall")[:3].tolist() == [0.5, 1.0, 1.0]
    for k in (10, 100):
        for metric in ("recall", "ndcg", "mrr", "hit_rate"):
            expected = told.scores["m"].values[f"{metric}@{k}"].mean()
            assert told.curve("m", metric)[k - 1] == pytest.approx(expected)


def lists() -> Interactions:
    rng = np.random.default_rng(0)
    items = np.concatenate([rng.permutation(30)[:12] for _ in range(60)]).astype(np.int32)
    ids = tuple(f"{n:02}" for n in range(30))
    return Interactions(
        items, np.arange(0, 721, 12), ids, tuple(f"secret{n:02}" for n in range(60))
    )


def repeated(times: int):
    everybody = lists()
    return compare_repeatedly(
        ["popularity", "random"],
        lambda seed: fold_users(everybody, folds=2, seed=seed),
        RandomProtocol(),
        times=times,
        seed=7,
    )


def test_repeats_score_everybody_again_with_other_cases():
    told = repeated(3)
    assert told.n_repeats == 3
    assert (len(told.cohort), told.n_users) == (180, 60)
    means = told.over_repeats("random", "ndcg@10")
    assert len(set(means)) == 3, "other cases, and another seed for training"
    assert told.summary("random")["ndcg@10"].mean == pytest.approx(np.mean(means))
    assert repeated(1).summary("random") == repeated(1).summary("random")


def test_repeats_do_not_pretend_more_users():
    many = repeated(8)
    ndcg = many.scores["popularity"].values["ndcg@10"]
    as_if_cases_were_users = 3.92 * ndcg.std() / np.sqrt(len(ndcg))
    interval = many.summary("popularity")["ndcg@10"]
    of_users = [ndcg[many.cohort.users == user].mean() for user in set(many.cohort.users)]
    by_theory = 3.92 * np.std(of_users) / np.sqrt(60)
    assert interval.high - interval.low == pytest.approx(by_theory, rel=0.15)
    assert by_theory != pytest.approx(as_if_cases_were_users, rel=0.01)


def test_what_is_kept_names_no_user():
    told = repeated(1)
    assert "secret" not in repr(told)


def test_different_cases_are_never_put_side_by_side():
    one = evaluate({"a": Fixed(0)}, cases([["i0"]], [5]))
    two = evaluate({"b": Fixed(0)}, cases([["i0"], ["i1"]], [5, 5]))
    with pytest.raises(DataError, match=r"different cases can't be compared: \[1, 2\]"):
        side_by_side([one, two])
    for join in (side_by_side, end_to_end):
        with pytest.raises(DataError, match="there is nothing to"):
            join([])
