"""Splitting users, and cases of inputs and labels: nobody is scored on what was shown."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import (
    PROTOCOLS,
    FoldInProtocol,
    LatestProtocol,
    RandomProtocol,
)
from item2vec.evaluation.splitting.users import fold_users, split_users

ALL = [protocol() for protocol in PROTOCOLS.values()]
ITEMS = [f"i{item:02}" for item in range(40)]
VOCABULARY = Histories.from_lists([ITEMS]).vocabulary

# Histories without repeats, some too short for any protocol; "new" items are in no vocabulary.
item_lists = st.lists(
    st.lists(st.sampled_from([*ITEMS, *(f"new{i}" for i in range(5))]), unique=True, max_size=25),
    max_size=8,
)


def named(n):
    """Users who can be told apart: user i watched item i alone."""
    return Histories.from_lists([[f"{user:04}"] for user in range(n)])


def who(users):
    return [int(users.vocabulary.ids[row]) for row in users.items]


def unpacked(histories):
    return [histories[place].tolist() for place in range(len(histories))]


def held_out(lists, vocabulary=VOCABULARY):
    return Histories.from_lists(lists, vocabulary=vocabulary)


# -- splitting users --------------------------------------------------------------------------


@given(
    st.integers(2, 60), st.floats(0, 1, exclude_min=True, exclude_max=True), st.integers(0, 2**32)
)
def test_every_user_is_either_trained_on_or_held_out(n, share, seed):
    training, kept_out = split_users(named(n), held_out=share, seed=seed)
    assert sorted(who(training) + who(kept_out)) == list(range(n))
    assert who(training) == sorted(who(training))
    assert who(kept_out) == sorted(who(kept_out))
    assert min(len(training), len(kept_out)) >= 1
    assert abs(len(kept_out) - share * n) <= 1


@pytest.mark.parametrize(
    ("n", "share", "expected"),
    [(10, 0.2, 2), (10, 1e-9, 1), (10, 1 - 1e-9, 9), (2, 0.01, 1), (2, 0.99, 1), (1000, 0.05, 50)],
)
def test_the_share_is_rounded_but_no_side_is_left_empty(n, share, expected):
    training, kept_out = split_users(named(n), held_out=share)
    assert (len(training), len(kept_out)) == (n - expected, expected)


def test_a_split_repeats_with_its_seed_and_changes_with_it():
    first, again, other = (who(split_users(named(100), seed=seed)[1]) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_every_user_is_held_out_equally_often():
    drawn = Counter(
        user
        for seed in range(500)
        for user in who(split_users(named(10), held_out=0.3, seed=seed)[1])
    )
    # 150 times is expected; the standard deviation is 10.
    assert all(abs(drawn[user] - 150) < 50 for user in range(10))


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, 20, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ParameterError, match="held_out must lie between 0 and 1"):
        split_users(named(10), held_out=share)


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_users_to_split_are_told(n):
    with pytest.raises(DataError, match=f"{n} users? can't be split"):
        split_users(named(n))


@given(st.integers(2, 8), st.integers(0, 30), st.integers(0, 99))
def test_folds_hold_out_every_user_exactly_once(folds, more, seed):
    n = folds + more
    splits = list(fold_users(named(n), folds=folds, seed=seed))
    assert len(splits) == folds
    assert sorted(user for _, kept_out in splits for user in who(kept_out)) == list(range(n))
    for training, kept_out in splits:
        assert sorted(who(training) + who(kept_out)) == list(range(n))
    sizes = [len(kept_out) for _, kept_out in splits]
    assert max(sizes) - min(sizes) <= 1


def test_folds_repeat_with_their_seed_and_change_with_it():
    first, again, other = (
        [who(kept_out) for _, kept_out in fold_users(named(50), seed=seed)] for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other


def test_folds_that_cannot_be_are_refused():
    with pytest.raises(ParameterError, match="folds must be at least 2, not 1"):
        next(fold_users(named(10), folds=1))
    with pytest.raises(ParameterError, match=r"4 users .* 5 folds: use fewer folds"):
        next(fold_users(named(4), folds=5))


# -- what every protocol promises -------------------------------------------------------------


@pytest.mark.parametrize("protocol", ALL, ids=PROTOCOLS)
@given(lists=item_lists, seed=st.integers(0, 2**32))
def test_inputs_and_labels_are_of_the_history_and_never_the_same(protocol, lists, seed):
    # A vocabulary that holds every item, so that each can be told from the others.
    everything = Histories.from_lists([*lists, ITEMS]).vocabulary
    cases = protocol.cases(held_out(lists, everything), seed=seed)
    enough = [user for user, items in enumerate(lists) if len(items) >= protocol.least]
    assert cases.users.tolist() == enough
    assert cases.n_skipped == len(lists) - len(enough)
    assert len(cases) == len(cases.labels) == len(enough)
    for user, inputs, labels in zip(
        enough, unpacked(cases.inputs), unpacked(cases.labels), strict=True
    ):
        both = [everything.ids[row] for row in inputs + labels]
        assert inputs
        assert labels
        assert len(set(both)) == len(both)
        assert set(both) <= set(lists[user])


@pytest.mark.parametrize("protocol", ALL, ids=PROTOCOLS)
@given(lists=item_lists, seed=st.integers(0, 2**32))
def test_the_same_users_give_the_same_cases_in_every_vocabulary(protocol, lists, seed):
    everything = Histories.from_lists([*lists, ITEMS]).vocabulary
    few = Histories.from_lists([ITEMS[::3]]).vocabulary
    full = protocol.cases(held_out(lists, everything), seed=seed)
    poor = protocol.cases(held_out(lists, few), seed=seed)
    for side in ("inputs", "labels"):
        ids = [[everything.ids[row] for row in rows] for rows in unpacked(getattr(full, side))]
        assert unpacked(getattr(poor, side)) == [few.rows(items).tolist() for items in ids]
    assert poor.n_labels == full.n_labels
    assert poor.n_unknown_labels == sum(
        item not in few for rows in unpacked(full.labels) for item in everything_ids(full, rows)
    )


def everything_ids(cases, rows):
    return [cases.labels.vocabulary.ids[row] for row in rows]


@pytest.mark.parametrize("protocol", ALL, ids=PROTOCOLS)
def test_items_that_training_never_saw_stay_among_the_cases(protocol):
    cases = protocol.cases(held_out([[f"new{item}" for item in range(10)]]))
    assert len(cases) == 1
    assert set(cases.inputs.items.tolist()) == set(cases.labels.items.tolist()) == {-1}
    assert cases.n_unknown_labels == cases.n_labels > 0


@pytest.mark.parametrize("protocol", ALL, ids=PROTOCOLS)
def test_an_item_watched_again_and_again_counts_once(protocol):
    watched = ITEMS[:12]
    repeated = [watched[0], *watched, watched[3], watched[0], watched[11]]
    once, often = (
        protocol.cases(held_out([items, ITEMS]), seed=5) for items in (watched, repeated)
    )
    assert unpacked(often.inputs) == unpacked(once.inputs)
    assert unpacked(often.labels) == unpacked(once.labels)
    assert protocol.cases(held_out([["i00"] * 50])).n_skipped == 1


@pytest.mark.parametrize("protocol", ALL, ids=PROTOCOLS)
def test_without_anyone_with_enough_items_there_is_no_case(protocol):
    assert len(protocol.cases(held_out([]))) == 0
    cases = protocol.cases(held_out([[], ["i00"]]))
    assert (len(cases), cases.n_skipped, cases.n_labels) == (0, 2, 0)


@pytest.mark.parametrize("protocol", [RandomProtocol(), FoldInProtocol()], ids=lambda p: p.name)
def test_a_draw_repeats_with_its_seed_and_changes_with_it(protocol):
    first, again, other = (protocol.cases(held_out([ITEMS] * 3), seed=seed) for seed in (7, 7, 8))
    assert unpacked(first.inputs) == unpacked(again.inputs)
    assert unpacked(first.labels) == unpacked(again.labels)
    assert unpacked(first.labels) != unpacked(other.labels)


def test_protocols_are_known_by_the_names_that_they_bear():
    assert {name: make().name for name, make in PROTOCOLS.items()} == {
        "random": "random",
        "latest": "latest",
        "fold-in": "fold-in",
    }


# -- random: 3 inputs, 7 labels ---------------------------------------------------------------


def test_the_courses_split_shows_three_and_asks_for_seven():
    cases = RandomProtocol().cases(held_out([ITEMS[:9], ITEMS[:10], ITEMS]))
    assert cases.inputs.lengths.tolist() == [3, 3]
    assert cases.labels.lengths.tolist() == [7, 7]
    assert (cases.users.tolist(), cases.n_skipped) == ([1, 2], 1)


def test_counts_are_options():
    cases = RandomProtocol(inputs=1, labels=2).cases(held_out([ITEMS[:3], ITEMS[:2]]))
    assert (cases.inputs.lengths.tolist(), cases.labels.lengths.tolist()) == ([1], [2])
    for wrong in ({"inputs": 0}, {"labels": 0}, {"inputs": 1.5}):
        with pytest.raises(ParameterError):
            RandomProtocol(**wrong)


def test_every_pair_of_input_and_label_is_drawn_equally_often():
    n = 6000
    cases = RandomProtocol(inputs=1, labels=1).cases(held_out([ITEMS[:4]] * n))
    pairs = Counter(zip(cases.inputs.items.tolist(), cases.labels.items.tolist(), strict=True))
    # 500 of each are expected; the standard deviation is 21.
    assert set(pairs) == set(itertools.permutations(range(4), 2))
    assert all(abs(count - n / 12) < 110 for count in pairs.values())


def test_every_place_of_a_history_is_an_input_equally_often():
    cases = RandomProtocol().cases(held_out([ITEMS[:12]] * 4000), seed=1)
    shown = np.bincount(cases.inputs.items, minlength=12)
    # 1000 times is expected; the standard deviation is 27.
    assert (np.abs(shown - 1000) < 140).all()


# -- latest: the first three of the last ten predict the next seven ---------------------------


def test_latest_takes_the_very_last_ten_in_the_order_of_time():
    backwards = ITEMS[::-1]
    cases = LatestProtocol().cases(held_out([ITEMS[:10], ITEMS[:9], backwards]))
    last = [*range(39, -1, -1)][-10:]
    assert unpacked(cases.inputs) == [[0, 1, 2], last[:3]]
    assert unpacked(cases.labels) == [[3, 4, 5, 6, 7, 8, 9], last[3:]]
    assert cases.n_skipped == 1


@given(item_lists, st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_latest_is_the_end_of_a_list_whatever_the_counts_and_the_seed(lists, inputs, labels, seed):
    everything = Histories.from_lists([*lists, ITEMS]).vocabulary
    protocol = LatestProtocol(inputs=inputs, labels=labels)
    cases = protocol.cases(held_out(lists, everything), seed=seed)
    ends = [items[-inputs - labels :] for items in lists if len(items) >= inputs + labels]
    expected = [everything.rows(items).tolist() for items in ends]
    assert unpacked(cases.inputs) == [rows[:inputs] for rows in expected]
    assert unpacked(cases.labels) == [rows[inputs:] for rows in expected]


def test_latest_takes_an_item_watched_again_at_its_first_place():
    again = [*ITEMS[:12], ITEMS[0]]
    cases = LatestProtocol().cases(held_out([again]))
    assert unpacked(cases.labels) == [[5, 6, 7, 8, 9, 10, 11]]


# -- fold-in: 80 % shown, 20 % asked for -------------------------------------------------------


@given(st.lists(st.integers(0, 40), max_size=10), st.one_of(st.just(0.2), st.floats(0.02, 0.9)))
def test_fold_in_asks_for_the_share_rounded_down_and_shows_the_rest(lengths, share):
    cases = FoldInProtocol(label_share=share).cases(held_out([ITEMS[:n] for n in lengths]))
    kept = [n for n in lengths if int(share * n) >= 1]
    assert cases.labels.lengths.tolist() == [int(share * n) for n in kept]
    assert cases.inputs.lengths.tolist() == [n - int(share * n) for n in kept]


def test_fold_in_is_that_of_liang_et_al():
    assert FoldInProtocol().least == 5
    cases = FoldInProtocol().cases(held_out([ITEMS[:n] for n in (4, 5, 9, 10, 40)]))
    assert cases.labels.lengths.tolist() == [1, 1, 2, 8]
    assert cases.inputs.lengths.tolist() == [4, 8, 8, 32]


def test_fold_in_leaves_an_input_and_a_label_to_everyone_at_any_share():
    for n in range(2, 3000):
        protocol = FoldInProtocol(label_share=1 / n)
        inputs, labels = (sizes[0] for sizes in protocol.sizes(np.array([protocol.least]))[1:])
        assert inputs >= 1, n
        assert labels >= 1, n


@pytest.mark.parametrize("share", [0, -0.2, 0.95, 1, 20, float("nan")])
def test_a_label_share_that_leaves_nothing_to_show_is_refused(share):
    with pytest.raises(ParameterError, match="label_share"):
        FoldInProtocol(label_share=share)
