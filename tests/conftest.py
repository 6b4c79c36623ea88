"""What tests share: small histories whose neighbours are certain, and where the real data lie."""

import os
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.models.item_vectors import ItemVectors

# A loaded machine is slow now and then; that is no failure.
hypothesis.settings.register_profile("item2vec", deadline=None)
hypothesis.settings.load_profile("item2vec")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets; tests that take it are marked ``real_data``."""
    return Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def cliques() -> Histories:
    """Return 300 histories of 8 items out of two groups that nobody mixes: a0 ... a29, b0 ... b29.

    The groups are large, because an item never predicts itself: in a group of a few items that
    alone would set their vectors apart.
    """
    rng = np.random.default_rng(0)
    return Histories.from_lists(
        [
            [f"{'ab'[user % 2]}{item}" for item in rng.permutation(30)[:8].tolist()]
            for user in range(300)
        ]
    )


@pytest.fixture(scope="session")
def groups() -> Histories:
    """Return 400 histories of 8 items out of one of ten groups of twelve: a0 ... a11, ..., j11."""
    rng = np.random.default_rng(0)
    return Histories.from_lists(
        [
            [f"{'abcdefghij'[user % 10]}{item}" for item in rng.choice(12, 8, replace=False)]
            for user in range(400)
        ]
    )


@pytest.fixture
def small_vectors() -> ItemVectors:
    """Return four items whose cosines and scores can be worked out by hand."""
    item_vectors = np.array([[2, 0], [3, 4], [0, 1], [-1, 0]], dtype=np.float32)
    context_vectors = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=np.float32)
    bias = np.array([0.5, 0.0, 0.0, -1.0], dtype=np.float32)
    vocabulary = Vocabulary(["a", "b", "c", "d"], np.array([9, 7, 5, 5]))
    return ItemVectors(vocabulary, item_vectors, context_vectors, bias, power=1.0)
