"""The softmax trainer: what it learns, reproducibility, and the network of Google's course."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.errors import DataError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.validation import hold_out, mean_metric
from item2vec.trainers.batches import HistoryBatches
from item2vec.trainers.initialization import random_initialization
from item2vec.trainers.softmax.trainer import Softmax

SMALL = Softmax(vector_size=8, epochs=40, workers=1, batch_size=16)


def test_neighbors_and_recommendations_come_from_the_same_clique(cliques):
    vectors = SMALL.fit(cliques)
    near = [(item, n.id) for item in vectors.vocabulary for n in vectors.most_similar(item, 10)]
    assert np.mean([item[0] == other[0] for item, other in near]) > 0.95
    assert {r.id[0] for r in vectors.recommend(["a1", "a2", "a3"], k=10)} == {"a"}


def test_3_inputs_and_7_labels_give_the_training_of_the_course():
    """A second implementation: dense one-hot rows, softmax, cross-entropy, RMSprop; float64."""
    course = Softmax(
        vector_size=4, epochs=2, batch_size=50, input_size=3, label_size=7, emphasis=0.0, workers=1,
        learning_rate=0.01, start="random",
    )  # fmt: skip
    histories = Histories.from_lists(
        [[f"i{(user * 7 + j) % 40}" for j in range(12)] for user in range(100)]
    )
    n = len(histories.vocabulary)
    shares = np.bincount(histories.items, minlength=n) / len(histories.items)
    theta = [
        a.astype(np.float64) for a in (*random_initialization(histories, 4, seed=0), np.log(shares))
    ]
    squares = [np.zeros(n) for _ in theta]
    batches = HistoryBatches(histories, 50, input_size=3, label_size=7)
    step = 0
    for epoch in range(2):
        for batch in batches.epoch(epoch):
            assert np.diff(batch.input_offsets).tolist() == [3] * 50
            assert np.diff(batch.label_offsets).tolist() == [7] * 50
            inputs, labels = np.zeros((2, 50, n))
            inputs[np.repeat(np.arange(50), 3), batch.inputs] = 1
            labels[np.repeat(np.arange(50), 7), batch.labels] = 1
            h = inputs @ theta[0] / np.sqrt(3)
            logits = np.where(inputs > 0, -np.inf, h @ theta[1].T + theta[2])
            p = np.exp(logits - logits.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            error = (p - labels / 7) / 50
            gradients = [inputs.T @ (error @ theta[1]) / np.sqrt(3), error.T @ h, error.sum(axis=0)]
            rate, step = 0.01 * (1 - step / 4), step + 1
            for array, gradient, square in zip(theta, gradients, squares, strict=True):
                rows, gradient = array.reshape(n, -1), gradient.reshape(n, -1)
                # An item that is no input has no gradient, and neither it nor its square changes.
                updated = inputs.any(axis=0) if array is theta[0] else np.ones(n, dtype=bool)
                square[updated] += 0.001 * ((gradient**2).mean(axis=1) - square)[updated]
                root = np.sqrt(square / (1 - 0.999**step)) + 1e-8
                rows[updated] -= (rate * gradient / root[:, None])[updated]
    vectors = course.fit(histories)
    assert step == 4
    np.testing.assert_allclose(vectors.item_vectors, theta[0], atol=1e-5)
    np.testing.assert_allclose(vectors.context_vectors, theta[1], atol=1e-5)
    np.testing.assert_allclose(vectors.bias, theta[2], atol=1e-5)


def test_scores_are_the_logits(cliques):
    vectors = replace(SMALL, memory=0).fit(cliques)
    history = cliques.take([0])
    h = vectors.item_vectors[history.items].sum(axis=0) / np.sqrt(8)
    expected = h @ vectors.context_vectors.T + vectors.bias
    np.testing.assert_allclose(vectors.score_rows(history)[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_gives_the_same_vectors_and_another_one_others(cliques, workers):
    trainer = replace(SMALL, workers=workers, epochs=5)
    one, two = trainer.fit(cliques), trainer.fit(cliques)
    for name in ("item_vectors", "context_vectors", "bias"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    other = replace(trainer, seed=1).fit(cliques)
    assert not np.allclose(one.item_vectors, other.item_vectors)


def test_an_item_repeated_in_a_history_is_never_input_and_label():
    histories = Histories.from_lists([["a", "b", "a", "c", "a"], ["c", "b", "c"]] * 20)
    vectors = SMALL.fit(histories)
    assert np.isfinite(vectors.item_vectors).all()
    assert vectors.metadata["interactions"] == 20 * 5


def test_progress_counts_epochs(cliques):
    calls = []
    replace(SMALL, epochs=3, memory=0).fit(cliques, progress=lambda *args: calls.append(args))
    assert calls == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("histories", "why"),
    [
        (Histories.from_lists([["a", "b"]], min_count=2), "occurs often enough"),
        (Histories.from_lists([["a"], ["b"]]), "only one item left"),
    ],
)
def test_histories_without_anything_to_learn_are_refused(histories, why):
    with pytest.raises(DataError, match=why):
        SMALL.fit(histories)


def test_histories_too_short_for_the_inputs_are_refused(cliques):
    with pytest.raises(DataError, match=r"more than 8 items: lower input_size"):
        replace(SMALL, input_size=8).fit(cliques)


def test_the_vectors_of_the_best_epoch_are_kept(cliques):
    trainer = replace(
        SMALL,
        epochs=12,
        validate=0.2,
        patience=12,
        validation=RandomProtocol(inputs=2, labels=4),
        bias_weight=1.0,
    )
    vectors = trainer.fit(cliques)
    validation = vectors.metadata["validation"]
    scores = validation["scores"]
    assert scores[validation["best_epoch"] - 1] == max(scores)
    _, cases = hold_out(cliques, 0.2, trainer.validation, seed=0)
    alone = replace(vectors, memory=None)
    assert mean_metric(alone, cases) == pytest.approx(max(scores), abs=1e-5)
