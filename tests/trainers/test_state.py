"""The state of a training run: continuing from it gives the same result as not stopping."""

from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.state import TrainerState, histories_digest, vocabulary_digest
from item2vec.trainers.state_file import load_state, save_state
from item2vec.trainers.word2vec.trainer import Word2Vec

WORD2VEC = Word2Vec(vector_size=8, epochs=7, workers=1, memory=0, seed=5)
SOFTMAX = Softmax(vector_size=8, epochs=7, workers=1, memory=0, seed=5, batch_size=32)
TRAINERS = {
    "word2vec": WORD2VEC,
    "word2vec, random start": replace(WORD2VEC, start="random"),
    "word2vec, downsampled": replace(WORD2VEC, sample=0.02),
    "skip-gram": replace(WORD2VEC, architecture="skipgram", shuffle=False),
    "softmax": SOFTMAX,
    # Candidates are drawn from a generator whose state is carried from epoch to epoch.
    "softmax, candidates": replace(SOFTMAX, candidates=20),
    "softmax, two workers": replace(SOFTMAX, workers=2),
}


def differences(one, other):
    return [
        name
        for name in ("item_vectors", "context_vectors", "bias")
        if not np.array_equal(getattr(one, name), getattr(other, name))
    ]


@pytest.mark.parametrize("name", TRAINERS)
def test_a_run_in_parts_gives_the_same_bits_as_one(cliques, name, tmp_path):
    trainer = TRAINERS[name]
    whole = trainer.fit(cliques)
    state = trainer.train(cliques, epochs=2)
    for epochs in (1, 0, 3):
        save_state(state, tmp_path / "state")  # as another process would continue it
        state = trainer.train(cliques, state=load_state(tmp_path / "state"), epochs=epochs)
    assert (state.epoch, state.epochs) == (6, 7)
    assert not differences(trainer.fit(cliques, state=state), whole)
    assert whole.metadata == trainer.fit(cliques, state=state).metadata


def test_every_part_of_a_state_changes_the_result(cliques):
    """Otherwise the test above would pass without it."""
    for trainer in (WORD2VEC, replace(SOFTMAX, candidates=20)):
        state = trainer.train(cliques, epochs=3)
        whole = trainer.fit(cliques, state=state)
        begun = trainer.train(cliques, epochs=0)
        changed = {"generator": begun.generator, "epoch": 2}
        if trainer.name == "softmax":
            changed |= {"optimizer": begun.optimizer, "steps": 0}
        for name, value in changed.items():
            other = trainer.fit(cliques, state=replace(state, **{name: value}))
            assert "item_vectors" in differences(other, whole), name


@pytest.mark.parametrize("trainer", [WORD2VEC, SOFTMAX], ids=["word2vec", "softmax"])
def test_later_epochs_leave_a_state_as_it_was(cliques, trainer):
    state = trainer.train(cliques, epochs=2)
    kept = state.copy()
    trainer.train(cliques, state=state)
    assert not differences(state, kept)
    for name, squares in kept.optimizer.items():
        np.testing.assert_array_equal(state.optimizer[name], squares)
    with pytest.raises(ValueError, match="read-only"):
        state.item_vectors[0] = 1


@pytest.mark.parametrize("trainer", [WORD2VEC, SOFTMAX], ids=["word2vec", "softmax"])
def test_the_vectors_of_a_state_are_those_of_fit(cliques, trainer):
    state = trainer.train(cliques)
    assert (state.epoch, state.epochs) == (7, 7)
    assert not differences(trainer.vectors(state, cliques), trainer.fit(cliques))
    assert trainer.train(cliques, state=state) is state, "no epoch is left"


def test_progress_counts_the_epochs_of_the_whole_run(cliques):
    seen = []
    state = WORD2VEC.train(cliques, epochs=5)
    WORD2VEC.train(cliques, state=state, epochs=1, progress=lambda *at: seen.append(at))
    assert seen == [(6, 7)]


@pytest.mark.parametrize("trainer", [WORD2VEC, SOFTMAX], ids=["word2vec", "softmax"])
def test_rounds_on_parts_of_the_users_can_be_averaged(cliques, trainer):
    """As in distributed training: parts continue from one state, and their arrays are averaged.

    Each part has the items of one clique alone, so only the average knows both.
    """
    trainer = replace(trainer, epochs=20)
    halves = [cliques.take(np.arange(first, 300, 2)) for first in (0, 1)]
    state = trainer.train(cliques, epochs=0)
    for _ in range(20):
        parts = [trainer.train(half, state=state.for_histories(half), epochs=1) for half in halves]
        arrays = {
            name: (parts[0].arrays()[name] + parts[1].arrays()[name]) / 2 for name in state.arrays()
        }
        state = replace(parts[0], **arrays)
    vectors = trainer.vectors(state.for_histories(cliques), cliques)
    assert {r.id[0] for r in vectors.recommend(["a1", "a2", "a3"], k=5)} == {"a"}
    assert {r.id[0] for r in vectors.recommend(["b1", "b2", "b3"], k=5)} == {"b"}


# -- states that belong to something else -------------------------------------------------------


def test_a_state_of_another_trainer_is_refused(cliques):
    state = SOFTMAX.train(cliques, epochs=1)
    with pytest.raises(ParameterError, match="'softmax', not 'word2vec'"):
        WORD2VEC.fit(cliques, state=state)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"window": 5}, "window=3, not 5"),
        ({"alpha": 0.03}, "alpha=0.005, not 0.03"),
        ({"epochs": 9}, "epochs=7, not 9: set epochs as it was"),
        ({"vector_size": 4}, "vector_size=8, not 4"),
        ({"seed": 6}, "seed=5, not 6"),
    ],
)
def test_a_state_of_other_parameters_is_refused(cliques, changed, message):
    state = WORD2VEC.train(cliques, epochs=1)
    for use in (replace(WORD2VEC, **changed).fit, replace(WORD2VEC, **changed).train):
        with pytest.raises(ParameterError, match=message):
            use(cliques, state=state)


def test_another_start_is_named_before_the_parameters_that_it_changes(cliques):
    state = WORD2VEC.train(cliques, epochs=1)
    with pytest.raises(ParameterError, match="trained with start='spectral', not 'random'"):
        replace(WORD2VEC, start="random").fit(cliques, state=state)


def test_parameters_that_training_does_not_depend_on_may_change(cliques):
    state = WORD2VEC.train(cliques, epochs=6)
    last = replace(WORD2VEC, workers=2, memory=5, patience=3).train(cliques, state=state)
    assert last.epoch == 7
    assert differences(last, state)


def test_a_state_of_other_histories_is_refused(cliques):
    state = WORD2VEC.train(cliques, epochs=1)
    fewer = cliques.slice(0, 299)
    with pytest.raises(DataError, match=r"other histories than these 299: .*for_histories"):
        WORD2VEC.fit(fewer, state=state)
    continued = WORD2VEC.fit(fewer, state=state.for_histories(fewer))
    assert continued.metadata["histories"] == 299
    with pytest.raises(DataError, match="other histories"):
        WORD2VEC.vectors(state, fewer)
    other = Histories.from_lists([["a", "b"]] * 9)
    for use in (state.for_histories, lambda histories: WORD2VEC.fit(histories, state=state)):
        with pytest.raises(DataError, match=r"another vocabulary, of 60 items, .* of 2"):
            use(other)


def test_vectors_of_another_shape_are_refused(cliques):
    """gensim would read beyond their end."""
    state = WORD2VEC.train(cliques, epochs=1)
    short = {name: np.ascontiguousarray(array[:30]) for name, array in state.arrays().items()}
    with pytest.raises(DataError, match=r"shape \(30, 9\), not \(60, 9\)"):
        WORD2VEC.fit(cliques, state=replace(state, **short))


@pytest.mark.parametrize("kept", [(), ("item_vectors", "bias")])
def test_an_optimizer_of_other_arrays_is_refused(cliques, kept):
    state = SOFTMAX.train(cliques, epochs=1)
    changed = replace(state, optimizer={name: state.optimizer[name] for name in kept})
    listed = ", ".join(sorted(kept)) or "nothing"
    with pytest.raises(DataError, match=f"mean squares for {listed}, .*: train without the state"):
        SOFTMAX.train(cliques, state=changed)


def test_a_state_is_not_continued_with_validation(cliques):
    state = WORD2VEC.train(cliques, epochs=1)
    with pytest.raises(ParameterError, match=r"validate is 0\.2.*continue with validate=0"):
        replace(WORD2VEC, validate=0.2).fit(cliques, state=state)


def test_wrong_epochs_and_wrong_states_are_refused(cliques):
    with pytest.raises(ParameterError, match=r"epochs .* at least 0, not -1"):
        WORD2VEC.train(cliques, epochs=-1)
    with pytest.raises(ParameterError, match="epochs must be a whole number"):
        WORD2VEC.train(cliques, epochs=True)
    with pytest.raises(ParameterError, match=r"not 'state.safetensors': .*load_state"):
        WORD2VEC.fit(cliques, state="state.safetensors")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"epoch": 8}, "after epoch 8 of 7"),
        ({"epoch": -1}, "after epoch -1 of 7"),
        ({"steps": -1}, "-1 steps"),
        ({"bias": np.zeros(3, np.float32)}, "item_vectors must be float32"),
        ({"bias": np.zeros(60)}, "bias must be float32"),
        ({"optimizer": {"bias": np.zeros(3, np.float32)}}, "'bias'.* must be float32"),
    ],
)
def test_a_state_with_wrong_values_is_refused_when_it_is_made(cliques, changed, message):
    state: TrainerState = WORD2VEC.train(cliques, epochs=1)
    with pytest.raises(DataError, match=message):
        replace(state, **changed)


def test_digests_depend_on_ids_counts_and_orders():
    vocabularies = [
        Vocabulary(ids, np.array(counts))
        for ids, counts in ((("a", "b"), (2, 1)), (("ab", ""), (2, 1)), (("a", "b"), (3, 1)))
    ]
    assert len(set(map(vocabulary_digest, vocabularies))) == 3
    lists = [[["a", "b"], ["b"]], [["a"], ["b", "b"]], [["b", "a"], ["b"]], [["b"], ["a", "b"]]]
    packed = [Histories.from_lists(histories) for histories in lists]
    assert len({histories_digest(histories) for histories in packed}) == 4
    assert histories_digest(packed[0]) == histories_digest(Histories.from_lists(lists[0]))


@pytest.mark.parametrize("trainer", [WORD2VEC, SOFTMAX], ids=["word2vec", "softmax"])
@pytest.mark.parametrize("value", [1e20, np.nan])
def test_numbers_too_large_to_train_on_are_refused(cliques, trainer, value):
    """gensim crashes the process when products of vectors overflow."""
    state = trainer.train(cliques, epochs=1)
    broken = replace(state, item_vectors=np.full_like(state.item_vectors, value))
    with pytest.raises(DataError, match="not finite or too large"):
        trainer.train(cliques, state=broken)


def test_negative_mean_squares_are_refused(cliques):
    state = SOFTMAX.train(cliques, epochs=1)
    squares = {name: array - 1 for name, array in state.optimizer.items()}
    with pytest.raises(DataError, match="none of them negative"):
        replace(state, optimizer=squares)
