"""`keep_seen`: items of a history may be recommended to it again, by every recommender alike."""

import numpy as np
import pytest

from item2vec.histories import Histories
from item2vec.ranking import top_k
from item2vec.registry import BASELINES, TRAINERS, make
from item2vec.vectors import FEW_HISTORIES

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
