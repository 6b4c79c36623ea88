"""The same users, later: what is trained on, shown and asked for, worked out by hand."""

import datetime

import numpy as np
import pandas as pd
import pytest

from item2vec._support.messages import command_line
from item2vec.baselines.ease import EASE
from item2vec.baselines.item_knn import ItemKNN
from item2vec.baselines.non_personalized import Popularity
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.splitting.held_out_protocols import LatestProtocol, RandomProtocol
from item2vec.evaluation.splitting.later_protocols import (
    LeaveLastOutProtocol,
    SplitTimeProtocol,
    TrainTestProtocol,
)
from item2vec.evaluation.splitting.later_splits import (
    split_by_protocol,
    split_by_time,
    split_last,
    split_train_test,
)
from item2vec.evaluation.splitting.split import Split
from item2vec.evaluation.splitting.users import split_users
from item2vec.evaluation.validation import hold_out
from item2vec.experiments.comparison import compare_named
from item2vec.experiments.stored_models import compare_stored
from item2vec.reading.interactions import read_interactions
from item2vec.trainers.word2vec.trainer import Word2Vec

DAY = 86_400


def read(rows: list[tuple[str, str, int]], **reading) -> Interactions:
    """Read (user, item, day) triples with their times."""
    frame = pd.DataFrame(rows, columns=["user", "item", "time"])
    frame["time"] *= DAY
    return read_interactions(frame, keep_times=True, **reading)


def lists(interactions: Interactions) -> dict[str, list[str]]:
    ids, offsets = np.array(interactions.item_ids, object), interactions.offsets
    return {
        user: ids[interactions.items[offsets[n] : offsets[n + 1]]].tolist()
        for n, user in enumerate(interactions.user_ids)
    }


def asked(split: Split) -> dict[str, tuple[list[str], list[str]]]:
    """Return what is shown and asked for of each scored user, in a vocabulary of all items."""
    ids = sorted({*split.training.item_ids, *split.source.later.item_ids})
    vocabulary = Histories.from_lists([ids]).vocabulary
    cases = split.cases(vocabulary)
    names = np.array(vocabulary.ids, object)
    return {
        split.source.user_ids[user]: (
            names[cases.inputs[case]].tolist(), names[cases.labels[case]].tolist()
        )
        for case, user in enumerate(cases.users.tolist())
    }  # fmt: skip


PLAYS = [
    ("ann", "a", 1), ("ann", "b", 2), ("ann", "a", 3), ("ann", "c", 4), ("ann", "b", 5),
    ("bob", "b", 1), ("bob", "b", 2),
    ("cid", "a", 1),
    ("dan", "c", 4), ("dan", "d", 6),
]  # fmt: skip


# -- leave-last-out -------------------------------------------------------------------------------


def test_the_last_new_item_is_asked_for_and_all_before_it_is_trained_on():
    split = split_last(read(PLAYS))
    assert lists(split.training) == {
        "ann": ["a", "b", "a"], "bob": ["b", "b"], "cid": ["a"], "dan": ["c"]
    }  # fmt: skip
    assert asked(split) == {"ann": (["a", "b"], ["c"]), "dan": (["c"], ["d"])}
    cases = split.cases(split.histories(min_count=1).vocabulary)
    assert cases.n_skipped == 2, "bob and cid have a single item"
    assert cases.lengths.tolist() == [3, 2]
    assert cases.n_unknown_labels == 1, "nobody has d before"
    assert split.family == "same users, later"


def test_the_very_last_interaction_is_asked_for_where_seen_items_are_kept():
    split = split_last(read(PLAYS), keep_seen=True)
    assert lists(split.training) == {
        "ann": ["a", "b", "a", "c"], "bob": ["b"], "cid": ["a"], "dan": ["c"]
    }  # fmt: skip
    assert asked(split) == {
        "ann": (["a", "b", "a", "c"], ["b"]), "bob": (["b"], ["b"]), "dan": (["c"], ["d"])
    }  # fmt: skip
    assert split.cases(split.histories(min_count=1).vocabulary).keep_seen


def test_counts_come_of_the_training_part_alone():
    split = split_last(
        read([(user, item, day) for user in "uvw" for day, item in enumerate("abz")])
    )
    vocabulary = split.histories(min_count=3).vocabulary
    assert dict(zip(vocabulary.ids, vocabulary.counts.tolist(), strict=True)) == {"a": 3, "b": 3}
    cases = split.cases(vocabulary)
    assert (len(cases), cases.n_labels, cases.n_unknown_labels) == (3, 3, 3)


# -- a moment -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        4 * DAY, f"{4 * DAY}", "1970-01-05", "1970-01-05T00:00:00Z",
        "1970-01-05 02:00:00+02:00", datetime.date(1970, 1, 5), np.datetime64("1970-01-05"),
        pd.Timestamp("1970-01-05"),
    ],
)  # fmt: skip
def test_what_happens_at_the_moment_or_later_is_asked_for(moment):
    split = split_by_time(read(PLAYS), moment)
    assert lists(split.training) == {"ann": ["a", "b", "a"], "bob": ["b", "b"], "cid": ["a"]}
    assert asked(split) == {"ann": (["a", "b"], ["c"])}, "b is not asked for again"
    counts = split.source.counts
    assert counts["users_only_later"] == 1, "dan came later"
    assert counts["items_only_later"] == 2, "c and d"
    assert counts["labels_seen"] == 1
    assert split.protocol.to_json() == {
        "name": "split-time", "family": "same users, later", "time": "1970-01-05",
        "label_share": pytest.approx(1 / 3, abs=1e-4), "keep_seen": False,
    }  # fmt: skip


def test_repeats_are_asked_for_once_where_seen_items_are_kept():
    plays = [*PLAYS, ("ann", "b", 6)]
    assert asked(split_by_time(read(plays), "1970-01-05", keep_seen=True)) == {
        "ann": (["a", "b", "a"], ["c", "b"])
    }


@pytest.mark.parametrize(
    ("moment", "kind", "told"),
    [
        ("1970-01-02", DataError, "lie at or after 1970-01-02, from 1970-01-02 to 1970-01-07"),
        ("1970-02-01", DataError, "lie before 1970-02-01"),
        ("soon", ParameterError, "'soon' is not a time"),
    ],
)
def test_moments_that_split_nothing_are_refused(moment, kind, told):
    with pytest.raises(kind, match=told):
        split_by_time(read(PLAYS), moment)


def test_times_are_needed_and_the_remedy_is_named():
    frame = pd.DataFrame(PLAYS, columns=["user", "item", "time"])
    with pytest.raises(DataError, match="keep_times=True"):
        split_by_time(read_interactions(frame), 3)
    with pytest.raises(DataError, match=r"name the column .* time='COLUMN'"):
        split_by_time(read_interactions(frame[["user", "item"]], keep_times=True), 3)


def test_times_follow_users_and_are_nanoseconds():
    told = read([("b", "x", 2), ("a", "y", 1), ("a", "x", 3)])
    assert told.times.tolist() == [day * DAY * 10**9 for day in (1, 3, 2)]
    assert told.take([1, 0]).times.tolist() == [day * DAY * 10**9 for day in (2, 1, 3)]
    assert (
        read_interactions(pd.DataFrame({"user": ["a"], "item": ["b"]}), keep_times=True).times
        is None
    )
    with pytest.raises(DataError, match="one for each interaction"):
        Interactions(told.items, told.offsets, told.item_ids, told.user_ids, times=told.times[:1])


# -- a split that somebody brings -----------------------------------------------------------------

TRAIN = [("ann", "a", 1), ("ann", "b", 2), ("bob", "b", 1), ("cid", "a", 1)]
TEST = [
    ("ann", "c", 3), ("ann", "a", 4), ("ann", "z", 5), ("bob", "b", 3), ("new", "a", 2)
]  # fmt: skip


def test_users_and_items_that_only_the_test_has_are_counted():
    split = split_train_test(read(TRAIN), read(TEST))
    assert asked(split) == {"ann": (["a", "b"], ["c", "z"])}
    assert split.source.counts == {
        "skipped_users": 2, "users_too_short": 0, "users_only_later": 1, "users_without_labels": 1,
        "items_only_later": 2, "labels_seen": 2, "interactions_in_both": 0,
        "interactions_too_early": 0,
    }  # fmt: skip
    assert split.source.remarks == (
        "1 user was skipped: only the later part has them.",
        "1 user was skipped: all their later items were seen before.",
        "2 items of the later part were not among those trained on.",
        "2 items of the later part were not used as labels: the same user had them before.",
    )
    again = split_train_test(read(TRAIN), read(TEST), keep_seen=True)
    assert asked(again) == {"ann": (["a", "b"], ["c", "a", "z"]), "bob": (["b"], ["b"])}
    assert any("kept as labels" in remark for remark in again.source.remarks)


def test_an_interaction_is_never_both_shown_and_asked_for():
    split = split_train_test(read(TRAIN), read([*TRAIN, *TEST]), keep_seen=True)
    assert asked(split) == {"ann": (["a", "b"], ["c", "a", "z"]), "bob": (["b"], ["b"])}
    counts = split.source.counts
    assert counts["interactions_in_both"] == 4
    assert (counts["skipped_users"], counts["users_without_labels"]) == (2, 1), "new and cid"
    with pytest.raises(DataError, match="every item of the test part"):
        split_train_test(read(TRAIN), read(TRAIN), keep_seen=True)


def test_without_times_a_part_that_holds_the_other_is_noticed():
    rows = [(f"u{user}", item, 0) for user in range(10) for item in "abc"]
    frame = pd.DataFrame(rows, columns=["user", "item", "time"])[["user", "item"]]
    told = read_interactions(frame)
    for test in (told, told.select(np.arange(30) % 3 > 0)):
        with pytest.raises(DataError, match="one part seems to contain the other"):
            split_train_test(told, test, keep_seen=True)
        with pytest.raises(DataError, match="every item of the test part"):
            split_train_test(told, test)


def test_nobody_in_both_is_an_error():
    with pytest.raises(DataError, match="none of 1 user has both an earlier item"):
        split_train_test(read(TRAIN), read([("x", "a", 1)]))


# -- order ----------------------------------------------------------------------------------------


def without_times(time: str | None = None) -> Interactions:
    frame = pd.DataFrame(
        [(f"u{n}", item) for n in range(30) for item in "abcde"], columns=["user", "item"]
    )
    return read_interactions(frame, time=time)


def test_latest_without_times():
    """The case: without times no item is the latest, unless the order is declared to be theirs."""
    unknown, declared = without_times(), without_times("none")
    assert (unknown.order, declared.order, read(PLAYS).order) == ("unknown", "declared", "time")
    protocol = LatestProtocol(inputs=1, labels=1)
    with pytest.raises(DataError, match=r"latest .* time='COLUMN'.* time='none'"):
        compare({"p": Popularity()}, [split_users(unknown)], protocol)
    with command_line(), pytest.raises(DataError, match=r"leave-last-out .* --time none"):
        split_last(unknown)
    random = compare(
        {"p": Popularity()}, [split_users(unknown)], RandomProtocol(inputs=1, labels=1)
    )
    assert random.remarks == ()
    warned = compare({"p": Popularity()}, [split_users(declared)], protocol)
    later = compare({"p": Popularity()}, [split_last(declared)])
    for evaluation in (warned, later):
        assert "If the file is sorted by item" in evaluation.remarks[0]


# -- validation -----------------------------------------------------------------------------------


def test_validation_repeats_the_cut_inside_the_training_part():
    histories = Histories.from_lists([list("abcd"), list("ba"), ["c"], list("aba")])
    names = np.array(histories.vocabulary.ids, object)
    fitted, cases = hold_out(histories, 0.2, LeaveLastOutProtocol(), seed=0)
    assert [names[fitted[n]].tolist() for n in range(4)] == [list("abc"), ["b"], ["c"], ["a"]]
    assert [names[row].tolist()[0] for row in map(cases.labels.__getitem__, range(3))] == list(
        "dab"
    )
    assert [names[cases.inputs[n]].tolist() for n in range(3)] == [list("abc"), ["b"], ["a"]]
    assert (cases.users.tolist(), cases.n_skipped) == ([0, 1, 3], 1)
    kept, again = hold_out(histories, 0.2, LeaveLastOutProtocol(keep_seen=True), seed=0)
    assert names[kept[3]].tolist() == list("ab")
    assert names[again.labels[2]].tolist() == ["a"]


@pytest.mark.parametrize(("share", "expected"), [(0.3, 3), (0.01, 1), (0.9, 9)])
def test_validation_of_a_given_split_cuts_off_as_large_a_part(share, expected):
    histories = Histories.from_lists([[f"i{n:02}" for n in range(10)], ["i00", "i01"]])
    protocol = SplitTimeProtocol(time="2018-01-01", label_share=share)
    fitted, cases = hold_out(histories, 0.2, protocol)
    assert cases.labels.lengths.tolist() == [expected, 1]
    assert fitted.lengths.tolist() == [10 - expected, 1]
    names = np.array(histories.vocabulary.ids, object)
    assert names[cases.labels[0]].tolist() == [f"i{n:02}" for n in range(10 - expected, 10)]


def test_validation_draws_items_where_their_order_is_not_known():
    histories = Histories.from_lists([[f"i{n:02}" for n in range(40)]] * 20)
    _, cases = hold_out(histories, 0.2, TrainTestProtocol(ordered=False, label_share=0.5))
    assert len({tuple(sorted(cases.labels[n].tolist())) for n in range(20)}) > 10


def test_validation_has_2000_cases_at_most_and_fits_on_everybody():
    histories = Histories.from_lists([["a", "b"]] * 2100)
    fitted, cases = hold_out(histories, 0.2, LeaveLastOutProtocol(), seed=1)
    assert (len(fitted), len(cases)) == (2100, 2000)
    other = hold_out(histories, 0.2, LeaveLastOutProtocol(), seed=2)[1]
    assert set(cases.users.tolist()) != set(other.users.tolist())


def test_named_recommenders_are_tuned_by_the_kind_of_their_split(monkeypatch):
    seen = []

    def fit(self, histories, *, progress=None):
        seen.append(self.validation)
        return Popularity().fit(histories)

    monkeypatch.setattr(EASE, "fit", fit)
    monkeypatch.setattr(ItemKNN, "fit", fit)
    split = split_by_time(read(PLAYS), "1970-01-05")
    compare_named(["ease", "item-knn"], [split], min_count=1)
    assert seen == [split.protocol] * 2


def test_a_trainer_validates_on_the_ends_of_histories(cliques):
    trainer = Word2Vec(
        vector_size=8, epochs=3, workers=1, validate=0.1, validation=LeaveLastOutProtocol()
    )
    told = trainer.fit(cliques).metadata["validation"]
    assert told["users"] == len(cliques), "each of them, whatever the share"


# -- scores ---------------------------------------------------------------------------------------


def test_a_comparison_takes_both_families_alike():
    """The best next item is known: users go round a circle of 12 items."""
    rows = [(f"u{n:02}", f"i{(n + day) % 12:02}", day) for n in range(48) for day in range(6)]
    told = read(rows)
    later = compare({"p": Popularity(), "ease": EASE(l2=1.0)}, [split_last(told)], cutoffs=(1, 6))
    assert later.family == "same users, later"
    assert later.scores["p"].counts == (48, 0, 48, 0)
    assert later.scores["ease"].values["hit_rate@6"].mean() == 1.0
    held_out = compare({"p": Popularity()}, [split_users(told)], RandomProtocol(inputs=2, labels=2))
    assert held_out.family == "held-out users"
    with pytest.raises(ParameterError, match="need the protocol by which"):
        compare({"p": Popularity()}, [split_users(told)])
    with pytest.raises(ParameterError, match="protocol of its own, leave-last-out: leave random"):
        compare({"p": Popularity()}, [split_last(told)], RandomProtocol())
    with pytest.raises(ParameterError, match="call split_by_time or split_train_test"):
        split_by_protocol(told, SplitTimeProtocol(time="2018-01-01"))


def test_a_stored_model_is_scored_on_later_interactions_like_one_trained_here():
    rows = [(f"u{n:02}", f"i{(n * 7 + day) % 30:02}", day) for n in range(60) for day in range(8)]
    split = split_by_time(read(rows), 6 * DAY)
    trainer = Word2Vec(vector_size=8, epochs=2, workers=1, memory=0)
    model = trainer.fit(split.histories())
    here = compare({"w": trainer}, [split]).scores["w"].values["ndcg@10"]
    stored = compare_stored({"w": model}, split, names=["popularity"])
    np.testing.assert_array_equal(stored.scores["w"].values["ndcg@10"], here)
    assert stored.models == ["w", "popularity"]
    alone = evaluate({"w": model}, split.cases(model.vocabulary))
    np.testing.assert_array_equal(alone.scores["w"].values["ndcg@10"], here)
    with pytest.raises(ParameterError, match="contains its training part"):
        compare_stored({"w": model}, split, training=split.training)
