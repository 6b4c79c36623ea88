"""On real data: the recipe is worth its name, and look-ups make sense to who knows films."""

import re
from dataclasses import replace

import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.evaluation.evaluate import score_source
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.later_splits import split_last
from item2vec.evaluation.splitting.users import fold_users
from item2vec.experiments.comparison import compare_named
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.word2vec.trainer import Word2Vec

pytestmark = pytest.mark.real_data


@pytest.mark.thorough
def test_the_recipe_beats_popularity_and_gensim_by_hand_and_its_neighbours_share_genres_and_series(
    shared_data,
):
    folder = shared_data / "ml-latest-small"
    evaluation = compare_named(
        ["word2vec", "popularity", "item-knn", "gensim-defaults"],
        fold_users(read_interactions(folder / "ratings.csv"), folds=2),
        RandomProtocol(inputs=3, labels=7),
        parameters={"word2vec": {"workers": 1}},  # the same vectors on every run
        catalogue=with_series(read_catalogue(folder / "movies.csv")),
        related=["series"],
    )
    for other in ("popularity", "gensim-defaults"):
        assert evaluation.difference("word2vec", other)["ndcg@10"].low > 0
    assert evaluation.difference("word2vec", "gensim-defaults")["related_series@10"].low > 0
    difference = evaluation.difference("word2vec", "item-knn")
    assert difference["genre_overlap@10"].low > 0
    assert difference["ndcg@10"].high > 0, "it is not worse than item k-NN beyond doubt"


def with_series(catalogue: Catalogue) -> Catalogue:
    """Return the films with what their titles begin with, which the films of a series share."""
    starts = tuple(
        re.split(r":| \d+ | \(", title)[0].replace(",", "") for title in catalogue.titles
    )
    return replace(catalogue, columns={**catalogue.columns, "series": starts})


@pytest.mark.thorough
@pytest.mark.parametrize("memory", ["auto", 0])
def test_the_network_beats_popularity_with_a_memory_or_without(shared_data, memory):
    folder = shared_data / "ml-latest-small"
    evaluation = compare_named(
        ["softmax", "popularity", "item-knn"],
        fold_users(read_interactions(folder / "ratings.csv"), folds=2),
        RandomProtocol(inputs=3, labels=7),
        parameters={"softmax": {"workers": 1, "memory": memory}},
        catalogue=read_catalogue(folder / "movies.csv"),
    )
    assert evaluation.difference("softmax", "popularity")["ndcg@10"].low > 0
    difference = evaluation.difference("softmax", "item-knn")
    assert difference["genre_overlap@10"].low > 0
    assert difference["ndcg@10"].high > 0, "it is not worse than item k-NN beyond doubt"


@pytest.mark.thorough
@pytest.mark.parametrize(
    "trainer", [Word2Vec(workers=1), Softmax(workers=1)], ids=["word2vec", "softmax"]
)
def test_films_keep_sensible_company(shared_data, trainer):
    folder = shared_data / "ml-latest-small"
    histories = read_interactions(folder / "ratings.csv").to_histories()
    vectors = trainer.fit(histories)
    vectors = replace(vectors, catalogue=read_catalogue(folder / "movies.csv"))
    wars, rings, potter = "Star Wars: Episode ", "Lord of the Rings: The ", "Harry Potter and the "
    near = {
        wars + "IV - A New Hope (1977)": wars + "V - The Empire Strikes Back (1980)",
        rings + "Fellowship of the Ring, The (2001)": rings + "Two Towers, The (2002)",
        potter + "Chamber of Secrets (2002)": potter + "Prisoner of Azkaban (2004)",
    }
    for film, sequel in near.items():
        assert sequel in [neighbor.title for neighbor in vectors.most_similar(film, k=5)]
        recommended = [r.title for r in vectors.recommend([film], k=10)]
        assert sequel in recommended


def test_on_movielens_the_next_film_follows_from_the_latest_more_than_from_old_ones(shared_data):
    ratings = read_interactions(shared_data / "ml-latest-small" / "ratings.csv", keep_times=True)
    split = split_last(ratings)
    vectors = Word2Vec(memory=0, workers=1).fit(split.histories())
    assert vectors.recency > 0, "chosen on users whose histories the vectors had not seen"
    models = {"by age": vectors, "all alike": replace(vectors, recency=0.0)}
    scored = score_source(models, vectors.vocabulary, split.source, in_sample=None)
    assert scored.difference("by age", "all alike")["ndcg@10"].low > 0
