"""A sweep over random histories and parameters: no trainer fails, whatever it is given."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from item2vec.data.histories import Histories
from item2vec.errors import Item2VecError
from item2vec.evaluation.splitting.held_out_protocols import FoldInProtocol, RandomProtocol
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.models import model_file
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.word2vec.trainer import Word2Vec

pytestmark = pytest.mark.sweep

PROTOCOLS = (RandomProtocol(inputs=1, labels=1), FoldInProtocol(), LeaveLastOutProtocol())


@st.composite
def histories(draw):
    """Return histories of a few items up to hundreds of users, skewed, repeated, tiny or long."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_items = draw(st.sampled_from([1, 2, 3, 7, 40, 300]))
    n_users = draw(st.sampled_from([1, 2, 5, 130, 400]))
    longest = draw(st.sampled_from([1, 2, 5, 30]))
    skew = draw(st.sampled_from([0.0, 1.0, 3.0]))
    shares = (1.0 + np.arange(n_items)) ** -skew
    draws = rng.choice(n_items, (n_users, longest), p=shares / shares.sum())
    lengths = rng.integers(1, longest + 1, n_users)
    rows = zip(draws.tolist(), lengths.tolist(), strict=True)
    return Histories.from_lists([[f"i{item}" for item in row[:n]] for row, n in rows])


shared = {
    "vector_size": st.sampled_from([1, 2, 8, 130]),
    "start": st.sampled_from(["spectral", "random"]),
    "epochs": st.sampled_from([1, 3]),
    "memory": st.sampled_from(["auto", 0, 1, 7]),
    "bias_weight": st.sampled_from(["auto", 0.0, 2.5]),
    "seed": st.integers(0, 5),
    "workers": st.sampled_from([1, 2]),
    "protocols": st.lists(st.sampled_from(PROTOCOLS), min_size=1, max_size=3, unique=True).map(
        tuple
    ),
}
trainers = st.one_of(
    st.builds(
        Word2Vec,
        **shared,
        architecture=st.sampled_from(["cbow", "skipgram"]),
        negative=st.sampled_from([1, 10]),
    ),
    st.builds(
        Softmax,
        **shared,
        batch_size=st.sampled_from([1, 64]),
        candidates=st.sampled_from(["auto", "all", 3]),
        emphasis=st.sampled_from([0.0, 1.0]),
    ),
)


@settings(max_examples=4_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(trainer=trainers, given_histories=histories())
def test_every_trainer_gives_answers_or_says_what_is_wrong(trainer, given_histories):
    try:
        vectors = trainer.fit(given_histories)
    except Item2VecError as error:
        event(f"{type(error).__name__}: {str(error)[:40]}")
        return
    assert all(np.isfinite(array).all() for array in vectors.arrays().values())
    some = given_histories.slice(0, min(20, len(given_histories)))
    rows = vectors.recommend_rows(some, 5)
    for history, recommended in zip(some, rows, strict=True):
        assert not set(history.tolist()) & set(recommended.tolist())
    with tempfile.TemporaryDirectory() as folder:
        model_file.save(vectors, Path(folder) / "model")
        loaded = model_file.load(Path(folder) / "model", verify=True)
        np.testing.assert_array_equal(loaded.recommend_rows(some, 5), rows)
    first = vectors.vocabulary.ids[0]
    assert all(np.isfinite(near.cosine) for near in vectors.most_similar(first, k=3))
    if vectors.memory is not None:
        vectors.most_similar(first, k=3, rerank=True)


@settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck))
@given(trainer=trainers, given_histories=histories(), cut=st.integers(0, 3))
def test_a_run_that_is_interrupted_ends_as_one_run_does(trainer, given_histories, cut):
    trainer = replace(trainer, workers=1, memory=0)
    try:
        whole = trainer.train(given_histories)
    except Item2VecError:
        return
    part = trainer.train(given_histories, epochs=min(cut, whole.epochs)).copy()
    for name, array in trainer.train(given_histories, state=part).arrays().items():
        np.testing.assert_array_equal(array, getattr(whole, name))
