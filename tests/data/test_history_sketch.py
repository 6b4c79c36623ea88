"""Digests and sketches of histories: few false alarms, and training users are detected."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom
from sketch_helpers import draws, interactions

from item2vec.data.digests import Digests
from item2vec.data.histories import Histories
from item2vec.data.history_sketch import ALL, FALSE_ALARMS, HistorySketch, binomial_tail
from item2vec.errors import DataError


def sketch(lists: list[list[str]], **settings: int) -> HistorySketch:
    return HistorySketch.of(Digests.of_lists(lists), **settings)


def test_a_digest_is_that_of_the_set_of_items_as_they_were_read():
    one = interactions([["a", "b", "rare"], ["b", "a", "b", "rare"], ["a", "b"]])
    whole = one.to_histories(min_count=3)
    assert whole.vocabulary.ids == ("a", "b"), "rare is dropped, from what is trained on alone"
    first, same, other = whole.digests.values
    assert first == same != other
    assert whole.digests.n_items.tolist() == [3, 3, 2]
    others = Histories.from_lists([["rare", "x"], ["rare", "b", "a"]], min_count=2)
    assert others.digests.values[1] == first, "whatever else the file holds"
    kept = one.to_histories(repeated="keep", vocabulary=others.vocabulary)
    np.testing.assert_array_equal(kept.digests.values, whole.digests.values)


def test_a_digest_is_the_same_on_every_machine():
    """Model files store it, so it must never change; computed here with Python's integers."""
    mask = (1 << 64) - 1
    total = sum(
        int.from_bytes(hashlib.blake2b(item.encode(), digest_size=8).digest(), "little")
        for item in ("a", "é")
    )
    mixed = (total + 2 * 0x9E3779B97F4A7C15) & mask
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
    assert Digests.of_lists([["é", "a"]]).values.tolist() == [mixed ^ (mixed >> 31)]


def test_digests_follow_their_histories():
    histories = Histories.from_lists([["a"], ["a", "b"], [], ["c", "a", "b"]], min_count=2)
    every = histories.digests.values
    assert histories.take([3, 0]).digests.values.tolist() == every[[3, 0]].tolist()
    assert histories.slice(1, 3).digests.values.tolist() == every[1:3].tolist()
    for same in (histories.known(), histories.without_repeats(), histories.of_most_popular(1)):
        assert same.digests.values.tolist() == every.tolist()
    with pytest.raises(DataError, match="4 histories need as many digests, not 1"):
        replace(histories, digests=Digests.of_lists([["a"]]))


@pytest.mark.parametrize(
    ("least", "n", "p"), [(2, 2, 1 / 3000), (7, 1000, 1 / 2500), (40, 50, 0.5), (3, 10, 0.1)]
)
def test_the_tail_of_the_binomial_is_scipys(least, n, p):
    assert binomial_tail(least, n, p) == pytest.approx(binom.sf(least - 1, n, p), rel=1e-9)


def test_the_same_users_a_few_of_them_and_many_others_with_them_are_noticed():
    training, others = draws(1000), draws(20_000, seed=1)
    known = sketch(training)
    assert known.overlap(Digests.of_lists(training)).matched == 1000
    for some in (training, training[:3], training[:20] + others[:980], training[:150] + others):
        assert known.overlap(Digests.of_lists(some)).is_too_large


def test_few_training_users_are_noticed_among_many_others():
    training, others = draws(60, length=8), draws(5000, length=8, seed=1)
    known = sketch(training)
    assert known.overlap(Digests.of_lists(training + others)).is_too_large
    assert known.overlap(Digests.of_lists(training[:4])).is_too_large


def test_histories_that_training_did_not_have_match_as_often_as_they_should_by_chance():
    known = sketch(draws(2000))
    assert known.bits == 11 + 8
    overlap = known.overlap(Digests.of_lists(draws(100_000, seed=1)))
    expected = overlap.compared * len(known) / 2**known.bits
    assert abs(overlap.matched - expected) < 5 * np.sqrt(expected)
    assert not overlap.is_too_large


def test_bundles_that_different_users_buy_raise_no_alarm():
    """Two customers in three have one of a few baskets; the others have one of their own."""
    bundles = draws(12, seed=7)

    def customers(n: int, seed: int) -> list[list[str]]:
        rng = np.random.default_rng(seed)
        own = draws(n, seed=seed)
        return [bundles[rng.integers(12)] if rng.random() < 2 / 3 else items for items in own]

    known = sketch(customers(400, 1))
    for n, seed in ((20, 2), (400, 3), (4000, 4)):
        overlap = known.overlap(Digests.of_lists(customers(n, seed)))
        assert overlap.matched >= 9, "there are matches, all honest"
        assert not overlap.is_too_large
    campaign = [bundles[0]] * 300 + draws(300, seed=5)
    assert not known.overlap(Digests.of_lists(campaign)).is_too_large, "one history, counted once"
    assert known.overlap(Digests.of_lists(customers(400, 1))).is_too_large, "the same file is one"


def test_false_alarms_are_as_rare_as_documented_for_any_rate_of_equal_histories():
    """Many honest pairs of files: a rule that was wrong by much would alarm in some of them."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(2000):
        n_train, n_test = rng.integers(20, 300, size=2)
        weights = rng.pareto(rng.uniform(0.5, 3), size=3000)
        people = rng.choice(3000, n_train + n_test, p=weights / weights.sum())
        values = rng.integers(0, 2**64, size=3000, dtype=np.uint64)[people]
        many = np.full(len(people), 9, dtype=np.int32)
        every = Digests(values, many)
        known = HistorySketch.of(every.take(slice(0, n_train)))
        overlap = known.overlap(every.take(slice(n_train, None)))
        alarms += overlap.probability < 1e-3
    assert alarms <= 2 * 2000 * 1e-3
    assert FALSE_ALARMS < 1e-5


def test_a_large_file_is_sampled_and_samples_of_two_files_are_compared_exactly():
    lists = draws(3000)
    known = sketch(lists, most=500)
    assert known.threshold < ALL
    assert 300 < len(known) < 500
    overlap = known.overlap(Digests.of_lists(lists[:300]))
    assert 15 < overlap.compared < 70
    assert overlap.matched == overlap.compared, "who is in the sample of one is in the other's"
    assert overlap.is_too_large


def test_short_histories_are_not_kept():
    known = sketch([["a", "b", "c"], [f"i{n}" for n in range(7)]])
    assert (len(known), known.n_histories) == (0, 0)
    assert not known.overlap(Digests.of_lists(draws(50))).is_too_large


def test_a_sketch_holds_a_few_bits_in_no_order_of_users():
    lists = draws(100)
    known, turned = sketch(lists), sketch(lists[::-1])
    np.testing.assert_array_equal(known.values, turned.values)
    assert known.bits == 7 + 8
    assert known.values.max() < 2**15


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": np.array([2, 1], np.int32)},
        {"values": np.array([1, 2], np.int64)},
        {"values": np.array([1, 1 << 20], np.int32)},
        {"bits": 32},
        {"bits": "18"},
        {"threshold": ALL + 1},
        {"n_repeated": 200},
    ],
)
def test_a_sketch_that_cannot_be_is_refused(wrong):
    with pytest.raises(DataError, match="sketch"):
        replace(sketch(draws(100)), **wrong)


def test_the_sketch_of_many_histories_is_bounded():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 1 << 64, size=300_000, dtype=np.uint64)
    known = HistorySketch.of(Digests(values, np.full(len(values), 20, np.int32)))
    assert 60_000 < len(known) <= 65_536
    assert known.values.nbytes <= 1 << 18
    some = Digests(values[:100], np.full(100, 20, np.int32))
    assert known.overlap(some).is_too_large
