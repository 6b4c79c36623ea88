"""Weights of items by age: against explicit sums, and only if the next item is to be predicted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.histories import Histories
from item2vec.data.moments import moments_of
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.evaluate import score_held_out
from item2vec.evaluation.splitting.held_out_protocols import (
    FoldInProtocol,
    LatestProtocol,
    RandomProtocol,
)
from item2vec.evaluation.splitting.later_protocols import (
    LeaveLastOutProtocol,
    SplitTimeProtocol,
    TrainTestProtocol,
)
from item2vec.evaluation.splitting.later_splits import split_by_time, split_last, split_train_test
from item2vec.models import model_file, scoring_law
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory import item_item_memory as memory_module
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights
from item2vec.reading.interactions import read_interactions

N, SIZE, RECENCY = 40, 6, 0.7
RNG = np.random.default_rng(3)
VOCABULARY = Vocabulary([f"{row:02}" for row in range(N)], np.full(N, 5))
SHORT, LONG = RNG.standard_normal((2, N, N)).astype(np.float32)


def a_memory(kind: str) -> Memory | None:
    if kind == "none":
        return None
    short, long = (ItemWeights.of_largest([weights], N) for weights in (SHORT, LONG))
    return Memory(short) if kind == "one weight" else Memory(short, long, crossover=4.0)


def model(kind: str = "two weights", power: float = 0.5) -> ItemVectors:
    items, contexts = np.random.default_rng(4).standard_normal((2, N, SIZE)).astype(np.float32)
    bias = np.linspace(-1, 1, N).astype(np.float32)
    return ItemVectors(
        VOCABULARY, items, contexts, bias, power, memory=a_memory(kind), recency=RECENCY
    )


def expected_scores(fitted: ItemVectors, rows: list[int], times: list[int]) -> np.ndarray:
    """Return the scores of all items by the scoring law, in float64."""
    weights = [(1 + len({t for t in times if t > time})) ** -RECENCY for time in times]
    total = sum(weights) or 1.0
    weighted = list(zip(weights, rows, strict=True))
    h = sum(w * fitted.item_vectors[row].astype(float) for w, row in weighted)
    scores = fitted.bias.astype(float)
    if rows:
        scores = scores + fitted.context_vectors.astype(float) @ (h / total**fitted.power)
    if fitted.memory is not None and rows:
        share = float(fitted.memory.long_share(np.array([len(rows)]))[0])
        mixed = (1 - share) * SHORT + share * (LONG if share else SHORT)
        sums = sum(w * mixed[row].astype(float) for w, row in weighted)
        scores = scores + sums / total**fitted.power
    return scores


histories_with_times = st.lists(
    st.lists(
        st.tuples(st.integers(0, N - 1), st.integers(0, 4)), max_size=9, unique_by=lambda p: p[0]
    ).map(lambda pairs: sorted(pairs, key=lambda pair: pair[1])),
    min_size=1,
    max_size=4,
)


def packed(pairs: list[list[tuple[int, int]]]) -> Histories:
    offsets = np.cumsum([0, *map(len, pairs)], dtype=np.int64)
    flat = np.array([pair for history in pairs for pair in history], dtype=np.int64).reshape(-1, 2)
    return Histories(
        flat[:, 0].astype(np.int32), offsets, VOCABULARY, moments=moments_of(flat[:, 1], offsets)
    )


@pytest.mark.parametrize("kind", ["none", "one weight", "two weights"])
@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@given(histories_with_times, st.integers(1, 60))
def test_scores_equal_the_sums_of_the_scoring_law(kind, power, pairs, block):
    fitted, histories = model(kind, power), packed(pairs)
    expected = [expected_scores(fitted, *zip(*each, strict=True)) if each else fitted.bias
                for each in pairs]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_module, "BLOCK_WEIGHTS", block)
        patch.setattr(scoring_law, "FOLD_IN_ITEMS", block)
        found = fitted.score_rows(histories)
        patch.setattr(memory_module, "FEW_HISTORIES", 0)  # and by scipy
        by_scipy = fitted.score_rows(histories)
    np.testing.assert_allclose(found, expected, atol=2e-5)
    np.testing.assert_allclose(by_scipy, expected, atol=2e-5)


@pytest.mark.parametrize("kind", ["none", "one weight", "two weights"])
def test_many_histories_are_ranked_like_few(kind, monkeypatch):
    fitted = model(kind)
    pairs = [[(row, time) for time, row in enumerate(RNG.permutation(N)[:7].tolist())]
             for _ in range(150)]  # fmt: skip
    histories = packed(pairs)
    rows, scores = fitted.recommend_scored(histories, 5)
    monkeypatch.setattr(scoring_law, "FEW_HISTORIES", 1000)
    few_rows, few_scores = fitted.recommend_scored(histories, 5)
    np.testing.assert_array_equal(rows, few_rows)
    np.testing.assert_allclose(scores, few_scores, atol=1e-5)
    unordered = replace(histories, moments=None)
    assert (rows != fitted.recommend_rows(unordered, 5)).any(), "order makes a difference here"


def test_recency_has_no_effect_without_order():
    fitted = model()
    before = replace(fitted, recency=0.0)
    histories = Histories.from_lists(
        [RNG.permutation(VOCABULARY.ids)[:7].tolist() for _ in range(150)], vocabulary=VOCABULARY
    )
    np.testing.assert_array_equal(fitted.score_rows(histories), before.score_rows(histories))
    for found, was in zip(
        fitted.recommend_scored(histories, 5), before.recommend_scored(histories, 5), strict=True
    ):
        np.testing.assert_array_equal(found, was)
    np.testing.assert_array_equal(
        before.score_rows(histories.in_order()), before.score_rows(histories)
    )
    assert fitted.recommend(["01", "02"], 5) == before.recommend(["01", "02"], 5)


@pytest.fixture
def fitted() -> ItemVectors:
    """Return a model in which a predicts A and b predicts B, which is slightly more popular."""
    eye = np.eye(4, dtype=np.float32)
    contexts = np.array([eye[2], eye[3], [0] * 4, [0] * 4], dtype=np.float32)
    vocabulary = Vocabulary(["A", "B", "a", "b"], np.full(4, 5))
    bias = np.array([0, 0.01, 0, 0], np.float32)
    return ItemVectors(vocabulary, eye, contexts, bias, 1.0, recency=1.0)


def test_next_recommends_by_the_latest_item_first(fitted):
    assert [r.id for r in fitted.recommend(["b", "a"], 1)] == ["B"], "a little more popular"
    assert [r.id for r in fitted.recommend(["b", "a"], 1, next=True)] == ["A"]
    assert [r.id for r in fitted.recommend(["a", "b"], 1, next=True)] == ["B"]
    score = fitted.recommend(["b", "a"], 1, next=True)[0].score
    assert score == pytest.approx(1 / 1.5), "weights 1 and 1/2, a mean"


LINES = pd.DataFrame(
    [("u", "a", 1), ("u", "b", 2), ("v", "b", 1), ("v", "a", 2), ("w", "b", 1), ("w", "a", 1)],
    columns=["user", "item", "time"],
)


def best(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["user"], frame["item"], strict=True))


def test_next_for_many_users_goes_by_their_times(fitted):
    days = LINES.assign(time=LINES["time"] * 86_400)
    assert best(fitted.recommend_frame(days, 1)) == {"u": "B", "v": "B", "w": "B"}
    found = best(fitted.recommend_frame(days, 1, next=True))
    assert found == {"u": "B", "v": "A", "w": "B"}, "w has both at one time: neither is later"
    kept = read_interactions(days, keep_times=True)
    assert best(fitted.recommend_frame(kept, 1, next=True)) == found
    lists = {"u": ["a", "b"], "v": ["b", "a"]}
    assert best(fitted.recommend_frame(lists, 1, next=True)) == {"u": "B", "v": "A"}


def test_next_is_refused_if_the_order_is_unknown(fitted):
    with pytest.raises(DataError, match=r"next=True needs .* there are no times"):
        fitted.recommend_frame(LINES[["user", "item"]], 1, next=True)
    read = read_interactions(LINES.assign(time=LINES["time"] * 86_400))
    with pytest.raises(DataError, match=r"without them: .*keep_times=True"):
        fitted.recommend_frame(read, 1, next=True)


def log(n: int = 30) -> pd.DataFrame:
    """Return interactions of users with 12 items, one per day."""
    rows = [
        (f"u{user:02}", f"{item:02}", day * 86_400)
        for user in range(n)
        for day, item in enumerate(np.random.default_rng(user).permutation(N)[:12].tolist(), 1)
    ]
    return pd.DataFrame(rows, columns=["user", "item", "time"])


class Asked:
    """A recommender that records whether histories are in order."""

    def __init__(self):
        self.in_order = []

    def recommend_rows(self, histories, k):
        self.in_order.append(histories.moments is not None)
        return np.full((len(histories), k), -1, np.int32)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [(RandomProtocol(), False), (FoldInProtocol(), False), (LatestProtocol(), True)],
)
def test_held_out_inputs_are_in_order_only_if_the_protocol_predicts_the_next_item(
    protocol, expected
):
    interactions = read_interactions(log(), keep_times=True)
    asked = Asked()
    score_held_out({"it": asked}, VOCABULARY, interactions, protocol)
    assert asked.in_order == [expected]
    cases = protocol.cases(interactions.to_histories(vocabulary=VOCABULARY, in_order=True))
    assert (cases.inputs.moments is not None) == expected


def test_inputs_of_the_latest_protocol_have_ages_2_1_0():
    interactions = read_interactions(log(2), keep_times=True)
    histories = interactions.to_histories(vocabulary=VOCABULARY, in_order=True)
    inputs = LatestProtocol().cases(histories).inputs
    np.testing.assert_allclose(inputs.age_weights(1.0), [1 / 3, 1 / 2, 1] * 2)


def test_inputs_of_later_splits_are_in_order_if_times_are_known():
    interactions = read_interactions(log(), keep_times=True)
    without = read_interactions(log()[["user", "item"]])
    for split, expected in (
        (split_last(interactions), True),
        (split_by_time(interactions, 7 * 86_400), True),
        (split_train_test(*halves(interactions)), True),
        (split_train_test(*halves(without)), False),
    ):
        assert (split.cases(VOCABULARY).inputs.moments is not None) == expected
        assert (split.histories(min_count=1).moments is not None) == expected


def halves(interactions):
    even = np.arange(len(interactions.items)) % 12 < 6
    return interactions.select(even), interactions.select(~even)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (LeaveLastOutProtocol(), True),
        (SplitTimeProtocol(time="2020"), True),
        (TrainTestProtocol(), True),
        (TrainTestProtocol(ordered=False), False),
        (RandomProtocol(), False),
        (LatestProtocol(), True),
    ],
)
def test_validation_inputs_are_in_order_if_those_of_the_evaluation_are(protocol, expected):
    histories = read_interactions(log(), keep_times=True).to_histories(min_count=1, in_order=True)
    _, cases = protocol.hold_out(histories, 0.5)
    assert (cases.inputs.moments is not None) == expected


def test_evaluation_scores_a_model_by_its_recency_and_each_of_its_parts():
    split = split_last(read_interactions(log(), keep_times=True))
    fitted, cases = model(), split.cases(VOCABULARY)
    for name, part in {"both": fitted, **fitted.parts()}.items():
        without_order = part.recommend_rows(replace(cases.inputs, moments=None), 10)
        assert (cases.recommended_by(part, 10) != without_order).any(), name
        plain = cases.recommended_by(replace(part, recency=0.0), 10)
        np.testing.assert_array_equal(plain, without_order)


def test_a_model_file_holds_the_recency_only_if_it_is_not_0(tmp_path):
    path = tmp_path / "model.safetensors"
    model_file.save(model(), path)
    assert model_file.load(path, verify=True).recency == RECENCY
    model_file.save(replace(model(), recency=0.0), path)
    assert b"recency" not in path.read_bytes()
    assert model_file.load(path, verify=True).recency == 0


@pytest.mark.parametrize("recency", [-0.1, np.inf, np.nan, 11, "1", True])
def test_a_recency_out_of_range_is_refused(recency):
    with pytest.raises(DataError, match=r"recency must be a number in 0 \.\.\. 10"):
        replace(model(), recency=recency)


def test_the_age_of_a_repeated_item_is_that_of_its_last_position():
    fitted = model("none")
    alone = fitted.recommend(["01", "00"], k=5, next=True)
    assert fitted.recommend(["00", "01", "00"], k=5, next=True) == alone
    assert fitted.recommend(["00", "01", "00", "none"], k=5, next=True, unknown="skip") == alone
    assert fitted.recommend(["00", "01"], k=5, next=True) != alone
    frame = fitted.recommend_frame({"u": ["00", "01", "00"]}, k=5, next=True)
    assert frame["item"].tolist() == [each.id for each in alone]
