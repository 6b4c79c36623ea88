"""Item co-occurrences, against counts by hand."""

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.models import co_occurrences as module
from item2vec.models.co_occurrences import co_occurrences, short_first


@pytest.fixture
def histories():
    rng = np.random.default_rng(0)
    return Histories.from_lists(
        [[f"i{item:02d}" for item in rng.choice(15, size, replace=False)] for size in [1, 3, 8] * 9]
    )


@pytest.fixture(params=["dense, in blocks", "sparse"])
def either_way(request, monkeypatch):
    monkeypatch.setattr(module, "DENSE_IS_CHEAPER", 0 if request.param == "sparse" else 10**9)
    monkeypatch.setattr(module, "BLOCK", 15 * 4)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("most_items", [None, 4, 100])
def test_pairs_are_counted(histories, most_items):
    some = histories.of_most_popular(most_items) if most_items else histories
    counts = co_occurrences(some)
    rows = [set(history.tolist()) for history in histories]
    for i, j in np.ndindex(*counts.shape):
        assert counts[i, j] == sum({i, j} <= row for row in rows)
    assert counts.shape[0] == min(15, most_items or 15)
    assert counts.dtype == np.float32


@pytest.mark.usefixtures("either_way")
def test_a_history_counts_with_its_weight(histories):
    weights = short_first(histories)
    assert weights.tolist() == pytest.approx(histories.lengths**-0.5)
    expected = sum(
        weight * np.isin(np.arange(15), history)[:, None] * np.isin(np.arange(15), history)
        for weight, history in zip(weights, histories, strict=True)
    )
    np.testing.assert_allclose(co_occurrences(histories, weights), expected, rtol=1e-5)
