"""NaN and infinity in a model are errors in every computation that would use them."""

import time
from dataclasses import replace

import numpy as np
import pytest

from item2vec.baselines.ease import EASE
from item2vec.baselines.ials import IALS
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, Item2VecError, ParameterError
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.trainers.base import EpochTrainer
from item2vec.trainers.state import Initialization, LearnedArrays
from item2vec.trainers.state_trainer import RunSize

VALUES = [np.nan, np.inf, -np.inf]
LISTS = [["a", "c"], ["c", "d"], ["a", "d"]] * 40


def damaged(vectors, name, value, row=1):
    """Return the vectors with a number of item b that is not finite."""
    if name == "memory":
        weights = np.ones((4, 4), dtype=np.float32)
        weights[0, 2] = value  # counted for histories with a
        return replace(vectors, memory=Memory.of_largest([weights], 4))
    if name == "long weights":
        short = ItemWeights.of_largest([np.ones((4, 4), dtype=np.float32)], 4)
        long = short.weights.copy()
        long[2] = value
        both = Memory(short, replace(short, weights=long), crossover=1.0)
        return replace(vectors, memory=both)
    array = getattr(vectors, name).copy()
    array.reshape(len(array), -1)[row, -1] = value
    return replace(vectors, **{name: array})


def packed(vectors, lists=LISTS):
    return Histories.from_lists(lists, vocabulary=vectors.vocabulary)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", ["context_vectors", "bias", "memory", "long weights"])
def test_no_score_is_computed_from_such_numbers(small_vectors, name, value):
    broken = damaged(small_vectors, name, value)
    histories = packed(broken)
    asks = {
        "recommend": lambda: broken.recommend(["a"]),
        "score_rows": lambda: broken.score_rows(histories.slice(0, 3)),
        "few histories": lambda: broken.recommend_rows(histories.slice(0, 3), 2),
        "many histories": lambda: broken.recommend_rows(histories, 2),
        "evaluate": lambda: evaluate(
            {"m": broken}, RandomProtocol(inputs=1, labels=1).cases(histories)
        ),
    }
    for ask in asks.values():
        with pytest.raises(DataError, match=r"the model is damaged: .* finite numbers"):
            ask()


@pytest.mark.parametrize("value", VALUES)
def test_no_neighbor_is_found_with_such_numbers(small_vectors, value):
    broken = damaged(small_vectors, "item_vectors", value)
    asks = [
        lambda: broken.most_similar("a"),
        lambda: broken.most_similar("b"),
        lambda: broken.similarity("a", "b"),
        lambda: broken.similarity("b", "b"),
        lambda: broken.similar_rows(np.array([0], np.int32), 2),
        lambda: broken["b"],
        broken.to_frame,
        broken.to_keyed_vectors,
        lambda: broken.feature_map(["genres"]),
    ]
    for ask in asks:
        with pytest.raises(DataError, match="is damaged: item_vectors must contain finite"):
            ask()


@pytest.mark.parametrize("value", VALUES)
def test_only_histories_with_the_damaged_item_are_refused(small_vectors, value):
    broken = damaged(small_vectors, "item_vectors", value)
    for ask in (
        lambda: broken.fold_in(["b"]),
        lambda: broken.recommend(["a", "b"]),
        lambda: broken.recommend_rows(packed(broken, [["a"]] * 100 + [["b"]]), 2),
        lambda: broken.score_rows(packed(broken, [["a"], ["b"]])),
    ):
        with pytest.raises(
            DataError, match=r"item_vectors must contain finite numbers.* \(item 'b'\)"
        ):
            ask()
    assert broken.recommend(["a"]) == small_vectors.recommend(["a"])


def test_numbers_with_infinite_products_are_refused(small_vectors):
    huge = replace(small_vectors, item_vectors=small_vectors.item_vectors * np.float32(1e30))
    with pytest.raises(DataError, match=r"finite numbers below 1e\+15"):
        huge.recommend(["a"])
    assert [n.id for n in huge.most_similar("a")] == [n.id for n in small_vectors.most_similar("a")]
    huge = replace(small_vectors, context_vectors=np.full((4, 2), 3e38, dtype=np.float32))
    with pytest.raises(DataError, match="context_vectors must contain finite numbers"):
        huge.recommend(["a"])


def test_new_items_are_not_predicted_from_such_numbers(small_vectors):
    genres = {"genres": ("Drama", "Comedy", "Drama", "Comedy")}
    broken = replace(
        damaged(small_vectors, "bias", np.nan), catalogue=Catalogue(tuple("abcd"), genres)
    )
    new = Catalogue(("e",), {"genres": ("Drama",)})
    with pytest.raises(DataError, match="bias must contain finite numbers"):
        broken.with_cold_items(new, features=["genres"])


def test_the_check_costs_little_beside_a_single_answer():
    """It reads context vectors and bias once; an answer does so each time."""
    rng = np.random.default_rng(0)
    n, size = 50_000, 64
    arrays = rng.standard_normal((2, n, size), dtype=np.float32)
    vocabulary = Vocabulary([f"{row:06}" for row in range(n)], np.ones(n, dtype=np.int64))
    vectors = ItemVectors(vocabulary, *arrays, np.zeros(n, np.float32), power=1.0)
    begun = time.process_time()
    assert vectors._is_scorable
    assert time.process_time() - begun < 0.2  # measured: 3 ms


# -- training -----------------------------------------------------------------------------------


class Diverging(EpochTrainer):
    """A trainer whose vectors are not numbers."""

    name = "diverging"

    def resolve(self, n_interactions):
        return RunSize(epochs=1, workers=1)

    def _initialize(self, histories):
        n = len(histories.vocabulary)
        vectors = np.zeros((n, self.vector_size), dtype=np.float32)
        arrays = LearnedArrays(vectors, vectors, vectors[:, 0])
        return Initialization(arrays, optimizer={}, generator={})

    def _run_epochs(self, histories, state):
        yield replace(state, epoch=1, item_vectors=np.full_like(state.item_vectors, np.nan))


def test_a_training_that_diverged_gives_no_vectors():
    with pytest.raises(ParameterError, match=r"diverged \(NaN or infinity in item_vectors"):
        Diverging(vector_size=2).fit(LISTS)


@pytest.mark.parametrize(
    "trainer",
    [
        EASE(l2=1e39),
        IALS(alpha=1e38, regularization=0.0, iterations=1),
        IALS(alpha=1.0, regularization=1e38, iterations=1),
    ],
)
def test_a_baseline_that_overflows_names_the_parameter(trainer):
    if isinstance(trainer, IALS):
        pytest.importorskip("implicit")
    with pytest.raises(Item2VecError, match=r"l2|regularization"):
        trainer.fit(LISTS)
