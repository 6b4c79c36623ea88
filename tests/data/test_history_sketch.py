"""Nobody is scored on what a model learned from without a word; honest users raise no alarm."""

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from item2vec.baselines.non_personalized import Popularity
from item2vec.data.digests import Digests
from item2vec.data.histories import Histories
from item2vec.data.history_sketch import ALL, FALSE_ALARMS, HistorySketch, binomial_tail
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError
from item2vec.evaluation.evaluate import compare, evaluate, score_held_out
from item2vec.evaluation.held_out_users import RandomProtocol, split_users
from item2vec.experiments.stored_models import compare_stored
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.reading.catalogue import read_catalogue
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.word2vec.trainer import Word2Vec

PROTOCOL = RandomProtocol(inputs=3, labels=3)
TINY = Word2Vec(vector_size=4, epochs=1, workers=1)


def draws(n_users: int, *, length: int = 10, n_items: int = 80, seed: int = 0) -> list[list[str]]:
    """Return histories of random items: different users' are never the same."""
    rng = np.random.default_rng(seed)
    return [
        [f"i{item}" for item in rng.choice(n_items, length, replace=False)] for _ in range(n_users)
    ]


def interactions(lists: list[list[str]], *, users: str = "u") -> Interactions:
    ids = sorted({item for items in lists for item in items})
    place = {item: n for n, item in enumerate(ids)}
    items = np.array([place[item] for items in lists for item in items], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, lists)])
    return Interactions(items, offsets, tuple(ids), tuple(f"{users}{n}" for n in range(len(lists))))


def sketch(lists: list[list[str]], **settings: int) -> HistorySketch:
    return HistorySketch.of(Digests.of_lists(lists), **settings)


def trained(lists: list[list[str]], **settings) -> ItemVectors:
    return TINY.fit(interactions(lists).to_histories(**{"min_count": 1, **settings}))


# -- digests --------------------------------------------------------------------------------------


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
    """It stands in model files, so it must never change; worked out here with Python's integers."""
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


# -- the rule -------------------------------------------------------------------------------------


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


def test_bundles_that_different_people_buy_raise_no_alarm():
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


def test_false_alarms_are_as_rare_as_promised_whatever_the_rate_of_equal_histories():
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


# -- models ---------------------------------------------------------------------------------------


def test_every_trainer_keeps_a_sketch_and_the_file_gives_it_back(tmp_path):
    histories = Histories.from_lists(draws(100))
    for trainer in (TINY, replace(TINY, validate=0.2), Softmax(vector_size=4, epochs=2, workers=1)):
        vectors = trainer.fit(histories)
        assert len(vectors.sketch) == 100
        model_file.save(vectors, tmp_path / "m")
        loaded = model_file.load(tmp_path / "m", verify=True).sketch
        np.testing.assert_array_equal(loaded.values, vectors.sketch.values)
        assert loaded.to_dict() == vectors.sketch.to_dict()
        model_file.save(replace(vectors, sketch=None), tmp_path / "m")
        assert model_file.load(tmp_path / "m", verify=True).sketch is None


def test_a_model_is_not_scored_on_the_histories_of_its_fit():
    histories = interactions(draws(60)).to_histories(min_count=1)
    vectors = TINY.fit(histories)
    cases = PROTOCOL.cases(histories)
    with pytest.raises(DataError, match=r"mine .*60 of the 60 histories .*in_sample=True"):
        evaluate({"mine": vectors}, cases)
    told = evaluate({"mine": vectors}, cases, in_sample=True)
    assert told.in_sample
    few = PROTOCOL.cases(histories.take(np.arange(5)))
    with pytest.raises(DataError, match="5 of the 5 histories"):
        evaluate({"mine": vectors}, few)


def test_other_peoples_histories_are_scored_without_a_word():
    vectors = trained(draws(60))
    held_out = interactions(draws(60, seed=1))
    evaluation = score_held_out({"mine": vectors}, vectors.vocabulary, held_out, PROTOCOL)
    assert not evaluation.in_sample
    assert not compare_stored({"mine": vectors}, held_out, PROTOCOL).in_sample


@pytest.mark.parametrize("repeated", ["first", "keep"])
def test_the_same_data_is_noticed_without_a_sketch_and_in_short_histories(repeated):
    """All counts agree, and with them the number of users: models of older versions too."""
    lists = [items + items[:1] for items in draws(60, length=6)]
    vectors = replace(trained(lists, repeated=repeated, min_count=5), sketch=None)
    with pytest.raises(DataError, match="60 histories hold every item exactly as often"):
        compare_stored({"old": vectors}, interactions(lists), PROTOCOL)
    less = interactions(lists[1:])
    assert not compare_stored({"old": vectors}, less, PROTOCOL).in_sample, "no longer exactly"


def test_equal_counts_of_other_histories_are_no_training_data():
    """Items dealt out anew leave every count as it was; the sketch knows better."""
    lists = draws(60)
    vectors = trained(lists)
    dealt = [items.copy() for items in lists]
    for one, two in zip(dealt[::2], dealt[1::2], strict=True):
        mine = next(item for item in one if item not in two)
        theirs = next(item for item in two if item not in one)
        one[one.index(mine)], two[two.index(theirs)] = theirs, mine
    assert not compare_stored({"m": vectors}, interactions(dealt), PROTOCOL).in_sample


def test_what_a_recommender_of_ones_own_was_trained_on_can_be_told():
    training = interactions(draws(60)).to_histories(min_count=1)
    cases = PROTOCOL.cases(training.take(np.arange(20)))
    popular = Popularity().fit(training)
    with pytest.raises(DataError, match="20 of the 20 histories"):
        evaluate({"p": popular}, cases, training=training)


def test_comparing_on_splits_takes_two_users_with_one_history_as_they_are():
    """Users are apart there by their ids; that some have the same history is honest."""
    lists = draws(30) * 2
    training, held_out = interactions(lists[:30]), interactions(lists[30:], users="v")
    evaluation = compare({"m": TINY}, [(training, held_out)], PROTOCOL, min_count=1)
    assert not evaluation.in_sample


def test_models_with_cold_items_still_know_their_training_data():
    lists = draws(60)
    vectors = trained(lists)
    ids = [*vectors.vocabulary.ids, "new"]
    frame = pd.DataFrame({"item": ids, "genres": [f"g{n % 3}" for n in range(len(ids))]})
    known = replace(vectors, catalogue=read_catalogue(frame[:-1]))
    cold = known.with_cold_items(frame, features=["genres"])
    assert cold.n_cold == 1
    with pytest.raises(DataError, match="30 of the 30"):
        score_held_out({"m": cold}, cold.vocabulary, interactions(lists[:30]), PROTOCOL)


def test_users_of_a_split_are_told_apart_from_each_other():
    everybody = interactions(draws(300, length=12))
    training, held_out = split_users(everybody)
    vectors = TINY.fit(training.to_histories())
    cases = PROTOCOL.cases(held_out.to_histories(vocabulary=vectors.vocabulary))
    assert not evaluate({"m": vectors}, cases).in_sample
    mixed = PROTOCOL.cases(everybody.to_histories(vocabulary=vectors.vocabulary))
    with pytest.raises(DataError, match=r"24\d of the 300"):
        evaluate({"m": vectors}, mixed)


def test_the_sketch_of_many_histories_is_bounded():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 1 << 64, size=300_000, dtype=np.uint64)
    known = HistorySketch.of(Digests(values, np.full(len(values), 20, np.int32)))
    assert 60_000 < len(known) <= 65_536
    assert known.values.nbytes <= 1 << 18
    some = Digests(values[:100], np.full(100, 20, np.int32))
    assert known.overlap(some).is_too_large


class Fixed:
    """A recommender that was trained elsewhere, and has no vocabulary."""

    def recommend_rows(self, histories, k):
        return np.full((len(histories), k), -1, dtype=np.int32)


def test_cases_in_a_vocabulary_of_their_own_are_not_taken_for_training_data():
    held_out = interactions(draws(60, seed=1)).to_histories(min_count=1)
    cases = PROTOCOL.cases(held_out)
    assert not evaluate({"elsewhere": Fixed()}, cases).in_sample
    with pytest.raises(DataError, match="vocabulary"):  # as before: rows mean other items
        evaluate({"m": trained(draws(60))}, cases)


@pytest.mark.parametrize(
    ("n_users", "n_items", "size"), [(10, 3, 2), (4, 4, 2), (3, 4, 3), (5, 5, 4), (10, 3, 3)]
)
def test_a_few_short_baskets_that_agree_by_chance_are_no_training_data(n_users, n_items, size):
    rng = np.random.default_rng(0)

    def baskets():
        return [
            [f"i{item}" for item in rng.permutation(n_items)[:size].tolist()]
            for _ in range(n_users)
        ]

    for _ in range(100):
        training = Histories.from_lists(baskets())
        if len(training.vocabulary) < n_items:
            continue
        held_out = Histories.from_lists(baskets(), vocabulary=training.vocabulary)
        cases = RandomProtocol(inputs=1, labels=1).cases(held_out)
        evaluate({"popularity": Popularity().fit(training)}, cases)


def test_a_bundle_that_all_buy_is_no_training_data():
    """Both sides have nine items as often: one bundle, which ten users of each side have."""
    bundle = [[f"i{item}" for item in range(9)]] * 10
    training = Histories.from_lists(bundle)
    held_out = Histories.from_lists(bundle, vocabulary=training.vocabulary)
    cases = RandomProtocol(inputs=1, labels=1).cases(held_out)
    evaluate({"popularity": Popularity().fit(training)}, cases)
