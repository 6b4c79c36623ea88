"""Hiding items: training sees nothing of them, and they are ranked among themselves."""

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.cold_start import AmongColdItems, cold_cases, hide_items
from item2vec.models.recommender import SameForAll


def interactions(n_users=40, n_items=100, length=20, seed=0):
    rng = np.random.default_rng(seed)
    rows = [rng.choice(n_items, length, replace=False) for _ in range(n_users)]
    ids = tuple(f"i{n:03}" for n in range(n_items))
    offsets = np.arange(0, n_users * length + 1, length)
    return Interactions(
        np.concatenate(rows).astype(np.int32), offsets, ids, tuple(map(str, range(n_users)))
    )


def test_hidden_items_are_gone_and_all_else_is_as_it_was():
    whole = interactions()
    rest, hidden = hide_items(whole, share=0.3, seed=1)
    assert 15 < len(hidden) < 45
    assert (rest.item_ids, rest.user_ids) == (whole.item_ids, whole.user_ids)
    for user in range(len(whole)):
        before = [whole.item_ids[i] for i in whole.items[whole.offsets[user] :][:20]]
        after = rest.items[rest.offsets[user] : rest.offsets[user + 1]].tolist()
        kept = [item for item in before if item not in hidden]
        assert [rest.item_ids[item] for item in after] == kept
    assert hide_items(whole, share=0.3, seed=1)[1] == hidden
    assert hide_items(whole, share=0.3, seed=2)[1] != hidden
    with pytest.raises(ParameterError, match="share must lie"):
        hide_items(whole, share=1.0)


@pytest.fixture
def vocabulary():
    return Vocabulary(["a", "b", "c", "d", "x", "y", "z"], np.array([5, 4, 3, 2, 0, 0, 0]))


def packed(lists):
    ids = tuple(sorted({item for items in lists for item in items}))
    rows = np.array([ids.index(item) for items in lists for item in items], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, lists)])
    return Interactions(rows, offsets, ids, tuple(map(str, range(len(lists)))))


def test_cases_show_what_was_seen_and_ask_for_all_that_was_hidden(vocabulary):
    lists = [
        ["a", "x", "b", "c", "y", "d", "rare", "untold"],
        ["a", "b", "c"],  # nothing hidden
        ["a", "b", "x"],  # too few inputs
        ["c", "x", "b", "x", "a", "a"],
    ]
    hidden = ["x", "y", "z", "untold"]
    cases = cold_cases(packed(lists), vocabulary, hidden, inputs=3)
    assert cases.users.tolist() == [0, 3]
    assert cases.n_skipped == 2
    ids = [*vocabulary.ids, "untold"]  # -1, the last, is a label nobody can find
    shown = [{ids[row] for row in cases.inputs[case]} for case in range(2)]
    asked = [sorted(ids[row] for row in cases.labels[case]) for case in range(2)]
    assert len(shown[0]) == 3
    assert shown[0] < {"a", "b", "c", "d"}
    assert shown[1] == {"a", "b", "c"}
    assert asked == [["untold", "x", "y"], ["x"]]
    assert cases.n_unknown_labels == 1
    with pytest.raises(ParameterError, match="inputs"):
        cold_cases(packed(lists), vocabulary, hidden, inputs=0)


def test_inputs_are_drawn_evenly(vocabulary):
    cases = cold_cases(packed([list("abcdx")] * 4000), vocabulary, ["x"], inputs=2, seed=3)
    counts = np.bincount(cases.inputs.items, minlength=4)
    np.testing.assert_allclose(counts, 2000, rtol=0.1)


def test_only_cold_items_are_ranked(vocabulary):
    scores = np.array([9, 8, 7, 6, 1, 3, 2], dtype=np.float32)
    among = AmongColdItems(SameForAll(vocabulary, scores))
    asked = Histories.from_lists([["a"], ["b", "c"]], vocabulary=vocabulary)
    assert among.recommend_rows(asked, 4).tolist() == [[5, 6, 4, -1]] * 2
    holds = Histories.from_lists([["a", "y"]], vocabulary=vocabulary)
    assert among.recommend_rows(holds, 3).tolist() == [[6, 4, -1]], "no input is recommended"
    other = Histories.from_lists([["a", "b"]])
    with pytest.raises(DataError, match="another vocabulary"):
        among.recommend_rows(other, 1)
