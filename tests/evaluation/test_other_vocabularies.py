"""Rows mean items of one vocabulary: histories of another one are refused wherever rows go in."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.cold_start import AmongColdItems
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.experiments import registry
from item2vec.models.memory.item_item_memory import Memory

LISTS = [["a", "b", "c"], ["b", "c", "d"], ["a", "c", "d"]] * 10
SMALL = {
    "word2vec": {"epochs": 1, "workers": 1, "vector_size": 4},
    "softmax": {"epochs": 1, "workers": 1, "vector_size": 4, "memory": 0},
    "ease": {"l2": 1.0},
    "item-knn": {"neighbors": 3, "shrinkage": 1.0},
    "ials": {"alpha": 1.0, "regularization": 1.0, "iterations": 1},
}
OTHERS = {
    "fewer items": Histories.from_lists([["c", "d"]]),
    "as many items": Histories.from_lists([["w", "x", "y", "z"]]),
    "the same items in another order": Histories.from_lists([["d"], ["d", "a"], ["a", "b", "c"]]),
}


@pytest.fixture(scope="module", params=registry.RECOMMENDERS)
def fitted(request):
    if request.param == "ials":
        pytest.importorskip("implicit")
    return registry.make(request.param, SMALL.get(request.param)).fit(LISTS)


@pytest.mark.parametrize("kind", OTHERS)
def test_histories_of_another_vocabulary_are_refused(fitted, kind):
    other = OTHERS[kind]
    asks = [fitted.score_rows, lambda histories: fitted.recommend_rows(histories, 2)]
    if hasattr(fitted, "fold_in_rows"):
        asks += [fitted.fold_in_rows, AmongColdItems(fitted).score_rows]
    for ask in asks:
        with pytest.raises(DataError, match="over another vocabulary"):
            ask(other)


def test_an_equal_vocabulary_is_not_another_one(fitted):
    own = fitted.vocabulary
    again = Vocabulary(list(own.ids), own.counts)
    asked = Histories.from_lists([["a", "nobody has this"]], vocabulary=again)
    assert fitted.score_rows(asked).shape == (1, 4)
    assert fitted.score_rows(asked.slice(0, 1)).shape == (1, 4)


def test_nothing_is_measured_against_histories_of_another_vocabulary(fitted):
    held_out = Histories.from_lists(LISTS, vocabulary=fitted.vocabulary)
    cases = RandomProtocol(inputs=1, labels=1).cases(held_out)
    other = RandomProtocol(inputs=1, labels=1).cases(
        Histories.from_lists([["y", "x"]] * len(LISTS))
    )
    with pytest.raises(DataError, match="over another vocabulary"):
        evaluate({"m": fitted}, cases, training=OTHERS["as many items"])
    with pytest.raises(DataError, match="over another vocabulary"):
        evaluate({"m": fitted}, replace(cases, labels=other.labels))


@pytest.mark.parametrize("n", [3, 5])
def test_a_memory_scores_histories_over_its_items_alone(n):
    memory = Memory.of_largest([np.ones((4, 4), dtype=np.float32)], 2)
    histories = Histories.from_lists([list("abcde"[:n])])
    with pytest.raises(DataError, match=f"over {n} items"):
        memory.score_rows(histories, power=1.0)
