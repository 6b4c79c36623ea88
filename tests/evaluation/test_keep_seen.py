"""`keep_seen`: items of a history may be recommended to it again, by every recommender alike."""

import numpy as np
import pytest

from item2vec._support.top_k import top_k
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import ParameterError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.rank_by_count import RankByCount
from item2vec.evaluation.splitting.held_out_protocols import (
    FoldInProtocol,
    LatestProtocol,
    RandomProtocol,
)
from item2vec.evaluation.splitting.held_out_users import HeldOutUsers
from item2vec.evaluation.splitting.later_splits import split_last
from item2vec.evaluation.splitting.users import split_users
from item2vec.evaluation.validation import hold_out, mean_metric
from item2vec.experiments.registry import BASELINES, TRAINERS, make
from item2vec.models.scoring_law import FEW_HISTORIES
from item2vec.reports.records import to_json
from item2vec.reports.sentences import notes, title

FAST = {
    "softmax": {"epochs": 2},
    "word2vec": {"epochs": 2},
    "ials": {"alpha": 1.0, "regularization": 1.0},
}


@pytest.mark.parametrize("name", [*TRAINERS, *BASELINES])
@pytest.mark.parametrize("n", [4, FEW_HISTORIES + 6])
def test_with_keep_seen_the_whole_catalogue_is_ranked(name, n, cliques):
    """Few histories and many take different paths through item vectors."""
    fitted = make(name, FAST.get(name)).fit(cliques)
    asked = cliques.take(np.arange(n))
    found = fitted.recommend_rows(asked, 65, keep_seen=True)
    assert found.shape == (n, 65)
    assert (np.sort(found[:, :60], axis=1) == np.arange(60)).all(), "inputs among them"
    assert (found[:, 60:] == -1).all()
    if name != "random":  # whose scores differ at each call
        best = top_k(fitted.score_rows(asked), 5)
        agreement = (found[:, :5] == best).mean()
        assert agreement > 0.99, "the order is that of the scores, with nothing taken out"


def test_by_default_inputs_are_not_recommended():
    histories = Histories.from_lists([["a", "b"], ["a", "c"], ["a"]])
    popular = make("popularity").fit(histories)
    first = popular.recommend_rows(histories, 1)[:, 0].tolist()
    again = popular.recommend_rows(histories, 1, keep_seen=True)[:, 0].tolist()
    row = {item: place for place, item in enumerate(histories.vocabulary.ids)}
    assert first == [row["c"], row["b"], row["b"]]
    assert again == [row["a"]] * 3


# -- in evaluation --------------------------------------------------------------------------------


def habits(n_users: int = 40) -> Interactions:
    """Return users with ten interactions each with three items of their own, over and over."""
    items = np.concatenate([np.resize(3 * n + np.arange(3), 10) for n in range(n_users)])
    return Interactions(
        items.astype(np.int32),
        np.arange(0, 10 * n_users + 1, 10),
        tuple(f"i{n:03}" for n in range(3 * n_users)),
        tuple(f"u{n:02}" for n in range(n_users)),
    )


class OnceMore:
    """Recommends what was shown, where that is allowed, and nothing else."""

    def fit(self, histories, *, progress=None):
        return self

    def recommend_rows(self, histories, k, *, keep_seen=False):
        rows = np.full((len(histories), k), -1, np.int32)
        if keep_seen:
            for case in range(len(histories)):
                own = np.unique(histories[case])[:k]
                rows[case, : len(own)] = own
        return rows


def test_who_only_repeats_can_be_predicted_where_seen_items_are_kept():
    """Asked for the last of ten interactions with three items: it is one of those shown."""
    trainers = {"again": OnceMore(), "popularity": make("popularity")}
    kept = split_last(habits(), keep_seen=True)
    evaluation = compare(trainers, [kept], min_count=1, cutoffs=(3,))
    assert evaluation.scores["again"].counts == (40, 0, 40, 0)
    assert evaluation.scores["again"].values["hit_rate@3"].mean() == 1.0
    assert evaluation.cohort.lengths.tolist() == [3] * 40
    new = compare(trainers, [split_last(habits())], min_count=1, cutoffs=(3,))
    assert new.scores["again"].values["hit_rate@3"].mean() == 0.0
    assert to_json(evaluation, kept.protocol)["protocol"]["keep_seen"] is True
    assert "seen items may come again" in title(evaluation, kept.protocol)
    assert any("kept as labels" in note for note in notes(evaluation))


def test_training_counts_every_repeat_where_seen_items_are_kept():
    split = split_last(habits(), keep_seen=True)
    counts = split.histories(min_count=1, repeated="first").vocabulary.counts
    assert counts.tolist() == [3] * 120, "nine of each user"


def test_latest_asks_for_repeats_once_each():
    protocol = LatestProtocol(inputs=4, labels=5, keep_seen=True)
    histories = Histories.from_lists([list("abcabcabca"), list("abababab")])
    names = np.array(histories.vocabulary.ids, object)
    cases = protocol.cases(histories)
    assert (len(cases), cases.n_skipped, cases.lengths.tolist()) == (1, 1, [3])
    assert names[cases.inputs[0]].tolist() == list("bcab")
    assert names[cases.labels[0]].tolist() == list("cab"), "c a b c a, each once"
    evaluation = evaluate({"again": OnceMore()}, cases, cutoffs=(3,))
    assert evaluation.scores["again"].values["recall@3"].tolist() == [1.0]
    assert mean_metric(OnceMore(), cases, "recall@3") == 1.0, "validation gives the same right"


def test_latest_keeps_repeats_of_held_out_users_and_of_training():
    evaluation = compare(
        {"again": OnceMore()}, [split_users(habits())],
        LatestProtocol(inputs=3, labels=3, keep_seen=True), min_count=1, cutoffs=(3,),
    )  # fmt: skip
    assert evaluation.scores["again"].counts.cases == 8
    _, cases = hold_out(
        habits().to_histories(min_count=1, repeated="keep"), 0.2,
        LatestProtocol(inputs=3, labels=3, keep_seen=True),
    )  # fmt: skip
    assert mean_metric(OnceMore(), cases, "recall@3") == 1.0


@pytest.mark.parametrize("protocol", [RandomProtocol, FoldInProtocol])
def test_protocols_without_order_cannot_keep_what_was_seen(protocol):
    with pytest.raises(ParameterError, match=r"keep_seen=True .*: use latest"):
        protocol(keep_seen=True)


def test_ranks_are_among_seen_items_too():
    """b was shown, and scores above the label a where it may be recommended again."""
    histories = Histories.from_lists([["b", "b", "a"], ["b"]])
    cases = LatestProtocol(inputs=2, labels=1, keep_seen=True).cases(histories.take([0]))
    ranks = RankByCount(slices=(1,))
    popular = make("popularity").fit(histories)
    ranks.observe("p", popular, cases, np.empty((1, 0), np.int32))
    assert ranks.values["p"][0]["rank 1"].tolist() == [0.0]


def test_cases_are_the_same_in_every_vocabulary_where_seen_items_are_kept():
    """A label that repeats an item counts once, whether the model holds the item or not."""
    source = HeldOutUsers(habits(4), LatestProtocol(inputs=3, labels=5, keep_seen=True))
    everything = habits(4).to_histories(min_count=1).vocabulary
    nothing = Histories.from_lists([["other"]]).vocabulary
    for make_cases in (source.cases, source.validation_cases):
        whole, empty = make_cases(everything), make_cases(nothing)
        assert whole.labels.lengths.tolist() == empty.labels.lengths.tolist()
        assert set(whole.labels.lengths.tolist()) == {3}, "five interactions with three items"
        assert empty.n_unknown_labels == empty.n_labels == whole.n_labels
