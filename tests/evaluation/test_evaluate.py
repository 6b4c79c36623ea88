"""Evaluation: known answers, honest splits, paired differences."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from item2vec.baselines.non_personalized import Popularity
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError, TooLargeError
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate, score_held_out
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.experiments.comparison import (
    compare_named,
    compare_repeatedly,
    with_baselines,
)
from item2vec.experiments.registry import make
from item2vec.experiments.stored_models import compare_stored
from item2vec.trainers.word2vec.trainer import Word2Vec


def interactions(lists: list[list[str]], *, users: str = "u") -> Interactions:
    ids = sorted({item for items in lists for item in items})
    place = {item: n for n, item in enumerate(ids)}
    items = np.array([place[item] for items in lists for item in items], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, lists)])
    return Interactions(
        items, offsets, tuple(ids), tuple(f"{users}{n:04}" for n in range(len(lists)))
    )


class Fixed:
    """A user's own recommender: all that evaluation asks for is one method."""

    def __init__(self, rows):
        self.rows = np.array(rows, dtype=np.int32)

    def recommend_rows(self, histories, k):
        rows = np.pad(self.rows[:k], (0, max(0, 10 - len(self.rows))), constant_values=-1)
        return np.tile(rows, (len(histories), 1))


def two_cases() -> Cases:
    vocabulary = Vocabulary([f"i{n}" for n in range(6)], np.ones(6))
    inputs = Histories.from_lists([["i0"], ["i0"]], vocabulary=vocabulary)
    labels = Histories.from_lists([["i1", "i3"], ["i5", "gone"]], vocabulary=vocabulary)
    return Cases(inputs, labels, np.arange(2), np.array([3, 3]), n_skipped=4)


def test_a_recommender_of_ones_own_gets_the_score_worked_out_by_hand():
    evaluation = evaluate({"mine": Fixed([1, 2, 3, 4])}, two_cases(), cutoffs=(3,))
    values = evaluation.scores["mine"].values
    assert values["recall@3"].tolist() == [1.0, 0.0]
    assert values["mrr@3"].tolist() == [1.0, 0.0]
    assert values["hit_rate@3"].tolist() == [1.0, 0.0]
    assert values["ndcg@3"][0] == pytest.approx((1 + 0.5) / (1 + 1 / np.log2(3)))
    counts = evaluation.scores["mine"].counts
    assert counts == (2, 4, 4, 1), "cases, skipped users, labels, unknown labels"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([1, 1, 2], "twice"),
        ([1, 0, 2], "history itself"),
        ([1, 2, 6], "of 6 items"),
        ([1, 2, -2], "of 6 items"),
        ([1, *[-1] * 10], r"instead of integers \(2, 12\)"),
    ],
)
def test_what_would_score_too_well_or_means_nothing_is_refused(rows, told):
    with pytest.raises(DataError, match=f"mine .*{told}"):
        evaluate({"mine": Fixed(rows)}, two_cases(), cutoffs=(12 if "12" in told else 3,))


def test_ndcg_of_a_real_model_equals_scikit_learns(cliques):
    vectors = Word2Vec(vector_size=8, epochs=3, workers=1).fit(cliques)
    cases = RandomProtocol(inputs=2, labels=3).cases(cliques, seed=1)
    scored = evaluate({"word2vec": vectors}, cases, cutoffs=(10,), in_sample=True)
    ours = scored.scores["word2vec"].values["ndcg@10"]
    scores = vectors.score_rows(cases.inputs)
    for case in range(len(cases)):
        others = np.setdiff1d(np.arange(60), cases.inputs[case])
        gains = np.isin(others, cases.labels[case]).astype(float)
        expected = ndcg_score([gains], [scores[case, others]], k=10)
        assert ours[case] == pytest.approx(expected)


def test_nothing_of_a_held_out_user_reaches_training():
    """Only held-out users have item z, often: training must not even know that it exists."""
    seen = {}

    class Spy(Popularity):
        def fit(self, histories, *, progress=None):
            seen["ids"] = histories.vocabulary.ids
            seen["counts"] = histories.vocabulary.counts.tolist()
            return super().fit(histories)

    training = interactions([["a", "b", "c", "d", "e"]] * 6)
    held_out = interactions([["a", "b", "z", "e"]] * 20, users="v")
    evaluation = compare(
        {"spy": Spy()}, [(training, held_out)], RandomProtocol(inputs=1, labels=3), min_count=5
    )
    assert seen == {"ids": ("a", "b", "c", "d", "e"), "counts": [6] * 5}
    counts = evaluation.scores["spy"].counts
    assert counts.cases == 20
    assert counts.unknown_labels > 0
    assert counts.labels == 60, "what training never saw stays in the denominators"


def test_folds_score_every_user_once(cliques):
    lists = [[cliques.vocabulary.ids[row] for row in cliques[i]] for i in range(len(cliques))]
    protocol = RandomProtocol(inputs=2, labels=3)
    evaluation = compare(
        {"popularity": Popularity()}, fold_users(interactions(lists), folds=4), protocol
    )
    assert evaluation.scores["popularity"].counts.cases == len(lists)
    assert len(evaluation.scores["popularity"].values["ndcg@10"]) == len(lists)


def test_a_model_that_knows_the_cliques_beats_popularity_beyond_doubt(cliques):
    lists = [[cliques.vocabulary.ids[row] for row in cliques[i]] for i in range(len(cliques))]
    trainers = {
        "word2vec": Word2Vec(vector_size=8, epochs=40, workers=1),
        "popularity": Popularity(),
    }
    splits = [split_users(interactions(lists), held_out=0.3)]
    evaluation = compare(trainers, splits, RandomProtocol(inputs=3, labels=3))
    difference = evaluation.difference("word2vec", "popularity")["ndcg@10"]
    assert difference.low > 0.05
    back = evaluation.difference("popularity", "word2vec")["ndcg@10"]
    assert back.mean == pytest.approx(-difference.mean)
    assert back.low == pytest.approx(-difference.high)


def test_intervals_hold_the_mean_and_repeat(cliques):
    training, held_out = split_users(cliques)
    cases = RandomProtocol(inputs=2, labels=3).cases(held_out)
    popular = Popularity().fit(training)
    first, second = evaluate({"p": popular}, cases), evaluate({"p": popular}, cases)
    assert first.summary("p") == second.summary("p")
    for interval in first.summary("p").values():
        assert interval.low <= interval.mean <= interval.high


def test_without_a_case_it_says_what_to_do(cliques):
    with pytest.raises(DataError, match=r"300 held-out users has enough .*inputs"):
        evaluate({}, RandomProtocol(inputs=30).cases(cliques))


def test_a_fold_in_which_nobody_can_be_scored_is_skipped_and_counted():
    training = interactions([["a", "b", "c"]] * 4)
    long, short = interactions([["a", "b", "c"]], users="v"), interactions([["a"]] * 2, users="w")
    protocol = RandomProtocol(inputs=1, labels=2)
    splits = [(training, short), (training, long)]
    evaluation = compare({"p": Popularity()}, splits, protocol, min_count=1)
    assert evaluation.scores["p"].counts[:2] == (1, 2), "cases, skipped"
    with pytest.raises(DataError, match="none of 2 held-out users has enough"):
        compare({"p": Popularity()}, splits[:1], protocol, min_count=1)


def test_somebody_trained_on_is_no_held_out_user():
    everybody = interactions([["a", "b", "c"]] * 4)
    with pytest.raises(DataError, match=r"1 of 1 held-out user is among .* 'u0002'"):
        compare({"p": Popularity()}, [(everybody, everybody.take([2]))], RandomProtocol())


def test_the_seed_reaches_training_too():
    lists = [[str(n) for n in np.random.default_rng(u).permutation(50)[:12]] for u in range(200)]
    splits = [split_users(interactions(lists), held_out=0.3)]
    means = [
        compare_named(["random"], splits, RandomProtocol(), seed=seed)
        .summary("random")["ndcg@10"].mean
        for seed in (0, 1)
    ]  # fmt: skip
    assert means[0] != means[1]
    assert make("random", seed=3).seed == 3
    assert make("gensim-defaults", seed=3).seed == 4, "counted from its own default"
    assert make("random", {"seed": 8}, seed=3).seed == 8, "what is written wins"


def test_items_that_are_all_too_rare_are_told():
    splits = [(interactions([["a", "b"]] * 3), interactions([["a", "b"]] * 3, users="v"))]
    with pytest.raises(DataError, match="lower min_count"):
        compare({"p": Popularity()}, splits, RandomProtocol(inputs=1, labels=1), min_count=9)


def test_what_does_not_fit_is_left_out_of_all_folds(cliques):
    class Large(Popularity):
        def fit(self, histories, *, progress=None):
            if "a0" in histories.vocabulary.ids[:1]:
                return super().fit(histories)
            raise TooLargeError("too large")

    lists = [[cliques.vocabulary.ids[row] for row in cliques[i]] for i in range(len(cliques))]
    splits = list(fold_users(interactions(lists), folds=3))
    trainers = {"popularity": Popularity(), "large": Large()}
    evaluation = compare(trainers, splits, RandomProtocol(inputs=2, labels=3))
    assert evaluation.models == ["popularity"]
    assert evaluation.left_out == {"large": "too large"}


def test_neighbours_are_judged_by_genres_where_there_are_some(cliques):
    lists = [[cliques.vocabulary.ids[row] for row in cliques[i]] for i in range(len(cliques))]
    ids = tuple(cliques.vocabulary.ids)
    catalogue = Catalogue(ids, {"genres": tuple(item[0].upper() for item in ids)})
    evaluation = compare(
        {"word2vec": Word2Vec(vector_size=8, epochs=40, workers=1), "popularity": Popularity()},
        [split_users(interactions(lists))],
        RandomProtocol(inputs=2, labels=3),
        catalogue=catalogue,
    )
    assert evaluation.summary("word2vec")["genre_overlap@10"].mean == 1.0
    assert "genre_overlap@10" not in evaluation.summary("popularity")


def test_a_stored_model_is_scored_like_the_same_model_trained_here(cliques):
    lists = [[cliques.vocabulary.ids[row] for row in cliques[i]] for i in range(len(cliques))]
    training, held_out = split_users(interactions(lists), held_out=0.3)
    protocol = RandomProtocol(inputs=2, labels=3)
    trainer = Word2Vec(vector_size=8, epochs=5, workers=1, memory=0)
    vectors = trainer.fit(training.to_histories())
    here = compare({"m": trainer}, [(training, held_out)], protocol)
    stored = score_held_out({"m": vectors}, vectors.vocabulary, held_out, protocol)
    np.testing.assert_array_equal(
        here.scores["m"].values["ndcg@10"], stored.scores["m"].values["ndcg@10"]
    )
    alone = compare_stored({"m": vectors}, held_out, protocol)
    assert alone.models == ["m", "popularity"]
    assert set(alone.left_out) == {"item-knn", "ease"}
    beside = compare_stored({"m": vectors}, held_out, protocol, training=training)
    assert beside.models == ["m", "popularity", "item-knn", "ease"]
    np.testing.assert_array_equal(
        alone.scores["popularity"].values["ndcg@10"], beside.scores["popularity"].values["ndcg@10"]
    )


def test_stored_models_of_different_vocabularies_are_judged_by_the_items_of_both(cliques):
    lists = [[cliques.vocabulary.ids[row] for row in cliques[i]] for i in range(len(cliques))]
    lists += [["rare", "a1", "a2", "a3", "a4", "a5"]] * 2
    training, held_out = split_users(interactions(lists), held_out=0.3)
    ids = tuple(sorted({item for items in lists for item in items}))
    catalogue = Catalogue(ids, {"genres": tuple(item[0].upper() for item in ids)})
    trainer = Word2Vec(vector_size=8, epochs=3, workers=1)
    models = {
        f"from {count}": trainer.fit(training.to_histories(min_count=count)) for count in (1, 30)
    }
    assert len(models["from 1"]) > len(models["from 30"])
    protocol = RandomProtocol(inputs=2, labels=3)
    both = compare_stored(models, held_out, protocol, training=training, catalogue=catalogue)
    for name in ("from 1", "from 30", "item-knn"):
        assert 0 < both.summary(name)["genre_overlap@10"].mean <= 1


def test_neighbours_that_share_a_value_are_compared_with_intervals_by_value(cliques):
    lists = [[cliques.vocabulary.ids[row] for row in cliques[i]] for i in range(len(cliques))]
    training, held_out = split_users(interactions(lists), held_out=0.3)
    ids = tuple(sorted({item for items in lists for item in items}))
    catalogue = Catalogue(
        ids,
        {
            "within": tuple(f"{item[0]}{int(item[1:]) // 3}" for item in ids),
            "across": tuple(str(int(item[1:])) for item in ids),
        },
    )
    asked = {"catalogue": catalogue, "related": ["within", "across"], "min_count": 1}
    protocol = RandomProtocol(inputs=2, labels=3)
    names = {"parameters": {"word2vec": {"vector_size": 8, "epochs": 20, "workers": 1}}}
    named = compare_named(
        ["word2vec", "item-knn", "popularity"], [(training, held_out)], protocol, **names, **asked
    )
    assert "related_within@10" not in named.summary("popularity")
    for name in ("word2vec", "item-knn"):
        summary = named.summary(name)
        assert summary["related_across@10"].mean == 0, "nobody mixes the groups"
        within = summary["related_within@10"]
        assert 0.1 < within.low < within.mean < within.high < 0.7, "10 of 29 are near: about 1/3"
    assert {metric: one.groups.n_values for metric, one in named.item_metrics.items()} == {
        "related_within@10": 20,
        "related_across@10": 30,
    }
    again = compare_repeatedly(
        ["word2vec", "item-knn"], lambda _: [(training, held_out)], protocol, **names, **asked
    )
    for model in ("word2vec", "item-knn"):
        assert (
            again.summary(model)["related_within@10"] == (named.summary(model)["related_within@10"])
        )
    vectors = Word2Vec(vector_size=8, epochs=20, workers=1).fit(training.to_histories(min_count=1))
    stored = compare_stored({"m": vectors}, held_out, protocol, training=training, **asked)
    assert (
        stored.summary("m")["related_within@10"] == named.summary("word2vec")["related_within@10"]
    )
    own = {"related": ["within"]}
    titled = vectors.with_catalogue(catalogue)
    assert compare_stored({"m": titled}, held_out, protocol, **own).item_metrics.keys() == {
        "related_within@10"
    }
    with pytest.raises(ParameterError, match="no column 'series': its columns are within, across"):
        compare_stored({"m": titled}, held_out, protocol, related=["series"])


def test_a_model_called_like_a_baseline_is_refused(small_vectors):
    with pytest.raises(ParameterError, match="'ease'"):
        compare_stored({"ease": small_vectors}, interactions([["a"]]), RandomProtocol())


def test_baselines_always_stand_beside_a_model():
    assert with_baselines(["word2vec"]) == ["word2vec", "popularity", "item-knn", "ease"]
    assert with_baselines(["ease"]) == ["ease", "popularity", "item-knn"]
