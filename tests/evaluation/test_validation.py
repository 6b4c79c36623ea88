"""Choosing on validation users: what is chosen is the best of what was tried, and honest."""

from dataclasses import dataclass

import numpy as np
import pytest

from item2vec.errors import DataError, TooLargeError
from item2vec.evaluation import validation
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.validation import best_on_validation_users, best_trainer


@dataclass(frozen=True)
class Graded:
    """A trainer that is the better, the nearer its parameters are to a target."""

    at: tuple[float, ...]
    target: tuple[float, ...]
    seen: list

    def fit(self, histories, *, progress=None):
        self.seen.append((self.at, histories))
        away = sum(abs(a - t) for a, t in zip(self.at, self.target, strict=True))
        return Grades(1 / (1 + away))


@dataclass(frozen=True)
class Grades:
    """Recommends a label to as many of the cases as its grade says, so that this is its ndcg."""

    grade: float

    def recommend_rows(self, histories, k):
        right = np.arange(len(histories)) < self.grade * len(histories)
        rows = np.full((len(histories), k), -1, np.int32)
        for case in np.flatnonzero(right):
            group = histories.vocabulary.ids[histories[case][0]][0]
            own = [r for r, item in enumerate(histories.vocabulary) if item.startswith(group)]
            rows[case] = [r for r in own if r not in histories[case]][:k]
        return rows


def chosen(cliques, target, choices, **settings):
    seen: list = []
    best = best_on_validation_users(
        lambda **at: Graded(tuple(at.values()), target, seen), choices, cliques,
        RandomProtocol(inputs=2, labels=5), **settings,
    )  # fmt: skip
    return best.at, seen


@pytest.mark.parametrize("target", [1, 3, 5])
def test_a_single_parameter_is_climbed_to_its_best_value(cliques, target):
    at, seen = chosen(cliques, (target,), {"x": [1, 2, 3, 4, 5]})
    assert at == (target,)
    assert len(seen) <= 5, "every value is tried once at most"


@pytest.mark.parametrize("target", [(1, 5), (5, 1), (3, 3), (2, 4)])
def test_two_parameters_are_climbed_in_turns(cliques, target):
    at, _ = chosen(cliques, target, {"x": [1, 2, 3, 4, 5], "y": [1, 2, 3, 4, 5]})
    assert at == target


def test_no_more_is_tried_than_the_budget_has(cliques, monkeypatch):
    monkeypatch.setattr(validation, "BUDGET", 4)
    progress: list[tuple[int, int]] = []
    _, seen = chosen(
        cliques, (9, 9), {"x": list(range(10)), "y": list(range(10))},
        progress=lambda done, total: progress.append((done, total)),
    )  # fmt: skip
    assert len(seen) == 4
    assert progress == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_validation_users_are_not_trained_on(cliques):
    _, seen = chosen(cliques, (1,), {"x": [1, 2, 3]})
    assert {len(histories) for _, histories in seen} == {240}, "four fifths of 300"


@dataclass(frozen=True)
class Ruled:
    """Parameters of which `x` is best at another value by each rule."""

    rule: str
    x: float | str = "auto"
    best: float = 0.5

    def fit(self, histories, *, progress=None):
        raise AssertionError("what was prepared fits")


PROTOCOL = RandomProtocol(inputs=2, labels=5)


def test_the_best_of_several_trainers_each_tuned_by_itself(cliques):
    """The second is the better one, but only at a value that is poor for the first."""
    prepared, progress = [], []

    def prepare(histories):
        prepared.append(len(histories))
        targets = {"a": (1, 0.5), "b": (3, 0.9), "c": (2, 0.9)}

        def fit(trainer):
            target, reached = targets[trainer.rule]
            return Grades(reached / (1 + abs(trainer.x - target)))

        return fit

    best = best_trainer(
        [Ruled("a"), Ruled("b"), Ruled("c")], {"x": [1, 2, 3]}, cliques, PROTOCOL,
        prepare=prepare, progress=lambda done, total: progress.append((done, total)),
    )  # fmt: skip
    assert (best.rule, best.x) == ("b", 3), "of equally good ones the first"
    assert prepared == [240], "once for all fits, on the users who are not scored"
    assert [done for done, _ in progress] == list(range(1, len(progress) + 1))
    assert {total for _, total in progress} == {3 * validation.BUDGET}


def test_a_choice_that_cannot_be_fitted_loses_and_what_cannot_be_fitted_at_all_is_told(cliques):
    def fit(trainer):
        if trainer.x == 2:
            raise DataError("singular")
        return Grades(0.5)

    chosen_x = best_trainer(
        [Ruled("a")], {"x": [1, 2, 3]}, cliques, PROTOCOL, prepare=lambda histories: fit
    ).x
    assert chosen_x in (1, 3)

    def too_large(trainer):
        raise TooLargeError("too large")

    with pytest.raises(TooLargeError):
        best_trainer(
            [Ruled("a")], {"x": [1]}, cliques, PROTOCOL, prepare=lambda histories: too_large
        )
