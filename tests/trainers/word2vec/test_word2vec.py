"""The word2vec trainer: what it learns, reproducibility, and the pitfalls of gensim."""

import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.validation import hold_out, mean_metric
from item2vec.trainers.initialization import spectral_initialization
from item2vec.trainers.word2vec.corpus import MAX_SENTENCE, ShuffledEpochs
from item2vec.trainers.word2vec.trainer import AUTO_EPOCHS, LARGEST_PRODUCT, Word2Vec

# Without the memory, which tests/trainers/stages/test_memory.py is about.
SMALL = Word2Vec(vector_size=8, epochs=40, workers=1, memory=0)


def test_neighbors_and_recommendations_come_from_the_same_clique(cliques):
    for architecture in ("cbow", "skipgram"):
        vectors = replace(SMALL, architecture=architecture).fit(cliques)
        near = [(item, n.id) for item in vectors.vocabulary for n in vectors.most_similar(item, 10)]
        assert np.mean([item[0] == other[0] for item, other in near]) > 0.95
        assert {r.id[0] for r in vectors.recommend(["a1", "a2", "a3"], k=10)} == {"a"}


def test_bias_is_the_exponent_times_log_count(cliques):
    vectors = replace(SMALL, start="random", epochs=1, ns_exponent=0.75).fit(cliques)
    expected = 0.75 * np.log(cliques.vocabulary.counts)
    np.testing.assert_allclose(vectors.bias, expected, rtol=1e-6)
    assert vectors.power == 0.5


def test_the_bias_begins_with_the_log_popularity(cliques):
    """The additional dimension has log p(j) - log(k q(j)), and the bias adds log q(j) back."""
    trainer = replace(SMALL, ns_exponent=0.75)
    vectors = trainer.vectors(trainer.train(cliques, epochs=0), cliques)
    assert vectors.item_vectors.shape == (60, 8), (
        "the additional dimension is not among the vectors"
    )
    log_counts = np.log(cliques.vocabulary.counts)
    differences = vectors.bias - log_counts
    np.testing.assert_allclose(differences, differences[0], atol=1e-4)


def test_one_worker_gives_the_same_vectors_and_another_seed_others(cliques):
    first, second = SMALL.fit(cliques), SMALL.fit(cliques)
    np.testing.assert_array_equal(first.item_vectors, second.item_vectors)
    np.testing.assert_array_equal(first.context_vectors, second.context_vectors)
    other = replace(SMALL, seed=1).fit(cliques)
    assert not np.array_equal(first.item_vectors, other.item_vectors)


@pytest.mark.parametrize("sample", [0.0, 0.01])
@pytest.mark.parametrize("start", ["random", "spectral"])
def test_it_equals_plain_gensim_on_the_same_lists(cliques, start, sample):
    """The reference is gensim's own class on the same shuffled lists, in one call of `train`."""
    from gensim.models import Word2Vec as Gensim

    epochs = ShuffledEpochs(cliques, shuffle=True, seed=3)
    fed = [[[cliques.vocabulary.ids[row] for row in rows] for rows in epochs] for _ in range(4)]

    class Replay:
        def __init__(self):
            self.epoch = 0

        def __iter__(self):
            self.epoch += 1
            return iter(fed[self.epoch - 1])

    size = 9 if start == "spectral" else 8  # one dimension for the bias
    bare = Gensim(vector_size=size, window=3, negative=10, ns_exponent=0.5, sample=sample,
                  alpha=0.05, seed=3, workers=1, min_count=1, sorted_vocab=0, sg=0)  # fmt: skip
    counts = cliques.vocabulary.counts.tolist()
    bare.build_vocab_from_freq(dict(zip(cliques.vocabulary.ids, counts, strict=True)))
    trainer = replace(SMALL, epochs=4, seed=3, alpha=0.05, start=start, sample=sample)
    if start == "spectral":
        begun = trainer.train(cliques, epochs=0)
        bare.wv.vectors, bare.syn1neg = begun.item_vectors.copy(), begun.context_vectors.copy()
    bare.train(Replay(), total_examples=len(cliques), epochs=4)
    ours = trainer.fit(cliques)
    items = bare.wv.vectors[:, :8] * np.float32(3**-0.5)
    np.testing.assert_array_equal(ours.item_vectors, items)
    np.testing.assert_array_equal(ours.context_vectors, bare.syn1neg[:, :8])
    bias = 0.5 * np.log(counts)
    if start == "spectral":
        bias += bare.syn1neg[:, 8] * bare.wv.vectors[:, 8].mean()
    np.testing.assert_allclose(ours.bias, bias, rtol=1e-5)


def test_the_vocabulary_is_the_one_that_gensim_would_build():
    """For counts over a wide range, the noise distribution and downsampling are gensim's."""
    from gensim.models import Word2Vec as Gensim

    from item2vec.trainers.word2vec.gensim_model import StoppableWord2Vec, generator_state

    counts = np.random.default_rng(0).zipf(1.4, 3000).clip(max=10**7).astype(np.int64)
    vectors = np.zeros((3000, 4), dtype=np.float32)
    parameters = {"vector_size": 4, "sample": 1e-3, "ns_exponent": 0.37}
    bare = Gensim(**parameters, min_count=1, sorted_vocab=0, negative=10)
    bare.build_vocab_from_freq(dict(enumerate(counts.tolist())))
    ours = StoppableWord2Vec(
        ShuffledEpochs(Histories.from_lists([["a", "b"]]), shuffle=True, seed=0), counts,
        vectors=(vectors, vectors), generator=generator_state(np.random.RandomState(0)),
        n_epochs=1, **parameters, negative=10,
    )  # fmt: skip
    np.testing.assert_array_equal(ours.cum_table, bare.cum_table)
    for name in ("count", "sample_int"):
        np.testing.assert_array_equal(ours.wv.expandos[name], bare.wv.expandos[name])
    assert ours.wv.key_to_index == bare.wv.key_to_index


def test_training_begins_with_the_initialization(cliques):
    begun = SMALL.train(cliques, epochs=0)
    items, contexts = spectral_initialization(
        cliques, 8, seed=0, context_ridge=25.0, largest=LARGEST_PRODUCT
    )
    np.testing.assert_array_equal(begun.item_vectors[:, :8], items)
    np.testing.assert_array_equal(begun.context_vectors[:, :8], contexts)
    random = replace(SMALL, start="random").train(cliques, epochs=0)
    assert not random.context_vectors.any()
    assert np.abs(random.item_vectors).max() <= 1 / 8, "gensim's own"


def test_a_history_of_three_items_scores_as_their_mean(cliques):
    """gensim trains with means; with p = 1/2, `ITEM_SCALE` makes three items score like these."""
    state = SMALL.train(cliques)
    vectors = SMALL.vectors(state, cliques)
    history = cliques.take([0]).slice(0, 1)
    three = Histories(history.items[:3], np.array([0, 3]), cliques.vocabulary)
    mean = state.item_vectors[three.items].mean(axis=0)
    expected = mean[:8] @ state.context_vectors[:, :8].T + vectors.bias
    np.testing.assert_allclose(vectors.score_rows(three)[0], expected, rtol=1e-4, atol=1e-5)


def test_every_epoch_holds_every_history_in_a_new_order(cliques):
    epochs = ShuffledEpochs(cliques, shuffle=True, seed=0)
    first, second = list(epochs), list(epochs)
    expected = sorted(sorted(cliques[i].tolist()) for i in range(len(cliques)))
    assert sorted(map(sorted, first)) == sorted(map(sorted, second)) == expected
    assert first != second
    again = ShuffledEpochs(cliques, shuffle=True, seed=0, epoch=1)
    assert list(again) == second, "an epoch's order depends on (seed, epoch) alone"


def test_without_shuffle_histories_keep_their_order(cliques):
    expected = [cliques[i].tolist() for i in range(len(cliques))]
    assert list(ShuffledEpochs(cliques, shuffle=False, seed=0)) == expected


def test_long_histories_are_divided_and_nothing_is_dropped():
    """gensim silently drops all words of a sentence beyond 10,000."""
    long = [f"i{n % 50}" for n in range(2 * MAX_SENTENCE + 7)]
    histories = Histories.from_lists([long, ["i1"], []])
    epochs = ShuffledEpochs(histories, shuffle=False, seed=0)
    sentences = list(epochs)
    assert [len(s) for s in sentences] == [MAX_SENTENCE, MAX_SENTENCE, 7, 1]
    assert [histories.vocabulary.ids[row] for s in sentences for row in s] == [*long, "i1"]
    assert epochs.n_sentences == 4


def test_auto_epochs_are_few_and_given_ones_are_kept():
    assert Word2Vec(workers=1).resolve(100) == (AUTO_EPOCHS, 1)
    assert Word2Vec(workers=1).resolve(10**9)[0] == AUTO_EPOCHS
    assert Word2Vec(epochs=7, workers=2).resolve(10**9) == (7, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 0},  # gensim hangs
        {"window": 3_000_000_000},  # more than a C int
        {"negative": 3_000_000_000},
        {"workers": 100_000},
        {"alpha": 1e-5},  # below gensim's min_alpha the rate would rise
        {"workers": 0},  # gensim returns an untrained model
        {"workers": -1},
        {"negative": 0},  # nothing would be trained
        {"epochs": 0},
        {"epochs": "many"},
        {"alpha": float("nan")},  # gensim crashes the process
        {"alpha": float("inf")},
        {"alpha": 0},
        {"vector_size": 0},
        {"vector_size": 8.0},
        {"seed": -1},
        {"sample": -0.1},
        {"ns_exponent": float("nan")},
        {"architecture": "sg"},
        {"shuffle": 1},
    ],
)
def test_wrong_parameters_are_refused_when_the_trainer_is_made(wrong):
    name = next(iter(wrong))
    with pytest.raises(ParameterError, match=name):
        Word2Vec(**wrong)


def test_histories_without_anything_to_learn_are_refused():
    empty = Histories.from_lists([["a"], ["b"]], min_count=2)
    with pytest.raises(DataError, match="min_count"):
        SMALL.fit(empty)


@pytest.mark.parametrize("start", ["spectral", "random"])
def test_histories_that_change_no_vector_are_refused(start):
    """gensim would return the initialization."""
    with pytest.raises(DataError, match="only one item left"):
        SMALL.fit(Histories.from_lists([["a"], ["a"], ["b"]]))
    with pytest.raises(ParameterError, match=r"sample=1e-300 .*: raise it"):
        replace(SMALL, sample=1e-300, start=start).fit(Histories.from_lists([["a", "b"]] * 9))


def test_ids_may_hold_spaces_and_look_like_numbers():
    histories = Histories.from_lists([["7", "007", "7 8"], ["NA", "1e5", ""]] * 30)
    vectors = SMALL.fit(histories)
    assert {r.id for r in vectors.recommend(["007"], k=2)} == {"7", "7 8"}


def test_progress_counts_epochs(cliques):
    seen = []
    replace(SMALL, epochs=3).fit(cliques, progress=lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def comes_down_to(threads, seconds=10):
    """Return whether at most so many threads are left within some seconds."""
    end = time.monotonic() + seconds
    while threading.active_count() > threads and time.monotonic() < end:
        time.sleep(0.05)
    return threading.active_count() <= threads


def in_time(action, seconds=60):
    """Return the result of an action, or its error; fail the test if the action hangs."""
    outcome = []

    def run():
        try:
            outcome.append(action())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"
    return outcome[0]


def test_an_error_in_the_corpus_is_raised(cliques, monkeypatch):
    def broken(self, rng):
        yield [0, 1]
        raise RuntimeError("the disk went away")

    monkeypatch.setattr(ShuffledEpochs, "_sentences", broken)
    error = in_time(lambda: SMALL.fit(cliques))
    assert isinstance(error, RuntimeError)
    assert "the disk went away" in str(error)


def test_an_error_in_a_worker_is_raised(cliques, monkeypatch):
    from gensim.models import Word2Vec as Gensim

    def broken(self, *args):
        raise MemoryError("no room")

    monkeypatch.setattr(Gensim, "_do_train_job", broken)
    assert isinstance(in_time(lambda: SMALL.fit(cliques)), MemoryError)


def test_an_error_that_ends_a_worker_is_raised(cliques, monkeypatch):
    from gensim.models import Word2Vec as Gensim

    def broken(self):
        raise MemoryError("no room for a worker")

    before = threading.active_count()
    monkeypatch.setattr(Gensim, "_get_thread_working_mem", broken)
    error = in_time(lambda: replace(SMALL, epochs=50, workers=2).fit(cliques))
    assert isinstance(error, MemoryError)
    assert comes_down_to(before)


def test_an_error_in_progress_is_raised_and_ends_the_threads(cliques):
    def broken(done, total):
        raise ValueError("the bar broke")

    before = threading.active_count()
    trainer = replace(SMALL, epochs=2000, workers=2)
    assert isinstance(in_time(lambda: trainer.fit(cliques, progress=broken)), ValueError)
    assert comes_down_to(before)


def test_an_interruption_ends_the_threads(cliques):
    before = threading.active_count()
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        replace(SMALL, epochs=100_000, workers=2).fit(cliques)
    assert time.monotonic() - begun < 60
    timer.join()
    assert comes_down_to(before)


def test_an_interruption_while_the_thread_starts_stays_an_interruption(cliques, monkeypatch):
    def interrupted(thread):
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        SMALL.fit(cliques)


# -- early stopping -----------------------------------------------------------------------------


class Stop:
    """Ends training after some epochs."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.seen = 0

    def on_epoch_end(self, vectors) -> bool:
        self.seen += 1
        return self.seen == self.after


VALIDATING = Word2Vec(
    vector_size=8, epochs=12, workers=1, memory=0, validate=0.2, patience=12,
    validation=RandomProtocol(inputs=2, labels=4),
)  # fmt: skip


def test_the_vectors_of_the_best_epoch_are_kept(cliques):
    vectors = VALIDATING.fit(cliques)
    validation = vectors.metadata["validation"]
    best, scores = validation["best_epoch"], validation["scores"]
    assert len(scores) == 12
    assert scores[best - 1] == max(scores)
    assert validation["users"] == 60
    # The same users held out by hand, and training ended at that epoch.
    training, _ = hold_out(cliques, 0.2, VALIDATING.validation, seed=0)
    stopped = replace(VALIDATING, validate=0.0).fit(training, watcher=Stop(best))
    np.testing.assert_array_equal(vectors.item_vectors, stopped.item_vectors)
    np.testing.assert_array_equal(vectors.context_vectors, stopped.context_vectors)


def test_the_reported_score_is_that_of_the_kept_vectors(cliques):
    """Their bias is refitted to all users afterwards, which is undone here."""
    kept = VALIDATING.fit(cliques)
    training, cases = hold_out(cliques, 0.2, VALIDATING.validation, seed=0)
    counts = [np.maximum(np.bincount(h.items, minlength=60), 1) for h in (training, cliques)]
    added = 0.5 * (np.log(counts[1]) - np.log(counts[0]))
    scored = replace(kept, bias=(kept.bias - added).astype(np.float32))
    expected = max(kept.metadata["validation"]["scores"])
    assert mean_metric(scored, cases) == pytest.approx(expected, abs=1e-5)


def test_training_ends_without_improvement(cliques):
    trainer = replace(VALIDATING, epochs=5000, patience=3)
    validation = in_time(lambda: trainer.fit(cliques)).metadata["validation"]
    assert len(validation["scores"]) < 1000
    assert len(validation["scores"]) == validation["best_epoch"] + 3


def test_a_watcher_can_end_training_and_its_errors_are_raised(cliques):
    watcher = Stop(3)
    replace(SMALL, epochs=50).fit(cliques, watcher=watcher)
    assert watcher.seen == 3

    class Broken:
        def on_epoch_end(self, vectors):
            raise OSError("no more room")

    error = in_time(lambda: SMALL.fit(cliques, watcher=Broken()))
    assert isinstance(error, OSError)


def test_too_short_histories_of_validation_users_are_refused():
    histories = Histories.from_lists([["a", "b", "c"]] * 20)
    with pytest.raises(DataError, match=r"none of 4 validation users .*: raise validate"):
        replace(SMALL, validate=0.2).fit(histories)
