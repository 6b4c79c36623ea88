"""A model is not scored on its own training data, unless that is asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sketch_helpers import draws, interactions

from item2vec.baselines.non_personalized import Popularity
from item2vec.data.histories import Histories
from item2vec.errors import DataError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate, score_held_out
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import split_users
from item2vec.experiments.stored_models import compare_stored
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.reading.catalogue import read_catalogue
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.word2vec.trainer import Word2Vec

PROTOCOL = RandomProtocol(inputs=3, labels=3)


TINY = Word2Vec(vector_size=4, epochs=1, workers=1)


def trained(lists: list[list[str]], **settings) -> ItemVectors:
    return TINY.fit(interactions(lists).to_histories(**{"min_count": 1, **settings}))


def test_every_trainer_keeps_a_sketch_and_model_files_store_it(tmp_path):
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
    evaluation = evaluate({"mine": vectors}, cases, in_sample=True)
    assert evaluation.in_sample
    few = PROTOCOL.cases(histories.take(np.arange(5)))
    with pytest.raises(DataError, match="5 of the 5 histories"):
        evaluate({"mine": vectors}, few)


def test_histories_of_other_users_are_scored():
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
    with pytest.raises(DataError, match="60 histories contain every item exactly as often"):
        compare_stored({"old": vectors}, interactions(lists), PROTOCOL)
    less = interactions(lists[1:])
    assert not compare_stored({"old": vectors}, less, PROTOCOL).in_sample, "no longer exactly"


def test_equal_counts_of_other_histories_are_no_training_data():
    """Exchanging items between users keeps all counts, but not the digests."""
    lists = draws(60)
    vectors = trained(lists)
    dealt = [items.copy() for items in lists]
    for one, two in zip(dealt[::2], dealt[1::2], strict=True):
        mine = next(item for item in one if item not in two)
        theirs = next(item for item in two if item not in one)
        one[one.index(mine)], two[two.index(theirs)] = theirs, mine
    assert not compare_stored({"m": vectors}, interactions(dealt), PROTOCOL).in_sample


def test_the_training_data_of_a_custom_recommender_can_be_given():
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


def test_the_training_data_of_a_model_with_cold_items_is_detected():
    lists = draws(60)
    vectors = trained(lists)
    ids = [*vectors.vocabulary.ids, "new"]
    frame = pd.DataFrame({"item": ids, "genres": [f"g{n % 3}" for n in range(len(ids))]})
    known = replace(vectors, catalogue=read_catalogue(frame[:-1]))
    cold = known.with_cold_items(frame, features=["genres"])
    assert cold.n_cold == 1
    with pytest.raises(DataError, match="30 of the 30"):
        score_held_out({"m": cold}, cold.vocabulary, interactions(lists[:30]), PROTOCOL)


def test_training_users_among_the_users_of_a_split_are_detected():
    everybody = interactions(draws(300, length=12))
    training, held_out = split_users(everybody)
    vectors = TINY.fit(training.to_histories())
    cases = PROTOCOL.cases(held_out.to_histories(vocabulary=vectors.vocabulary))
    assert not evaluate({"m": vectors}, cases).in_sample
    mixed = PROTOCOL.cases(everybody.to_histories(vocabulary=vectors.vocabulary))
    with pytest.raises(DataError, match=r"24\d of the 300"):
        evaluate({"m": vectors}, mixed)


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
        assert not evaluate({"popularity": Popularity().fit(training)}, cases).in_sample


def test_a_bundle_that_all_buy_is_no_training_data():
    """Both sides have nine items as often: one bundle, which ten users of each side have."""
    bundle = [[f"i{item}" for item in range(9)]] * 10
    training = Histories.from_lists(bundle)
    held_out = Histories.from_lists(bundle, vocabulary=training.vocabulary)
    cases = RandomProtocol(inputs=1, labels=1).cases(held_out)
    assert not evaluate({"popularity": Popularity().fit(training)}, cases).in_sample
