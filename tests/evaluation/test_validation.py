"""Resolving "auto" on validation users: the best of the values that were tried is chosen."""

from dataclasses import dataclass

import numpy as np
import pytest

from item2vec.errors import DataError, TooLargeError
from item2vec.evaluation import validation
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.validation import resolve_auto


@dataclass(frozen=True)
class Graded:
    """A trainer whose score is the better, the nearer its parameters are to a target."""

    target: tuple[float, ...]
    fits: list
    x: float | str = "auto"
    y: float | str = "auto"

    def fit(self, histories, *, progress=None):
        self.fits.append(histories)
        away = sum(abs(a - t) for a, t in zip((self.x, self.y), self.target, strict=True))
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


PROTOCOL = RandomProtocol(inputs=2, labels=5)
FIVE = [1, 2, 3, 4, 5]


@pytest.mark.parametrize("target", [1, 3, 5])
def test_a_single_parameter_reaches_its_best_value(cliques, target):
    fits: list = []
    best = resolve_auto(Graded((target, 0), fits, y=0), {"x": FIVE, "y": FIVE}, cliques, PROTOCOL)
    assert (best.x, best.y) == (target, 0), "a parameter with a value stays as it is"
    assert len(fits) <= 5, "every value is tried once at most"


@pytest.mark.parametrize("target", [(1, 5), (5, 1), (3, 3), (2, 4)])
def test_two_parameters_are_searched_in_turns(cliques, target):
    best = resolve_auto(Graded(target, []), {"x": FIVE, "y": FIVE}, cliques, PROTOCOL)
    assert (best.x, best.y) == target


def test_no_more_fits_are_made_than_the_budget_allows(cliques, monkeypatch):
    monkeypatch.setattr(validation, "BUDGET", 4)
    progress: list[tuple[int, int]] = []
    fits: list = []
    resolve_auto(
        Graded((9, 9), fits), {"x": list(range(10)), "y": list(range(10))}, cliques, PROTOCOL,
        progress=lambda done, total: progress.append((done, total)),
    )  # fmt: skip
    assert len(fits) == 4
    assert progress == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_validation_users_are_not_trained_on(cliques):
    fits: list = []
    resolve_auto(Graded((1, 0), fits, y=0), {"x": [1, 2, 3]}, cliques, PROTOCOL)
    assert {len(histories) for histories in fits} == {240}, "80 % of 300 users"


def test_without_auto_nothing_is_fitted(cliques):
    trainer = Graded((1, 1), [], x=2, y=3)
    assert resolve_auto(trainer, {"x": FIVE, "y": FIVE}, cliques, PROTOCOL) == trainer
    assert trainer.fits == []


@dataclass(frozen=True)
class Ruled:
    """A trainer whose best `x` depends on its rule."""

    rule: str = "auto"
    x: float | str = "auto"

    def fit(self, histories, *, progress=None):
        raise AssertionError("the prepared function fits")


def test_each_alternative_is_searched_by_itself(cliques):
    """Rule b is better than a, but only at a value of x that is poor for a."""
    prepared, progress = [], []

    def prepare(histories):
        prepared.append(len(histories))
        targets = {"a": (1, 0.5), "b": (3, 0.9), "c": (2, 0.9)}

        def fit(trainer):
            target, reached = targets[trainer.rule]
            return Grades(reached / (1 + abs(trainer.x - target)))

        return fit

    best = resolve_auto(
        Ruled(), {"x": [1, 2, 3]}, cliques, PROTOCOL, alternatives={"rule": ["a", "b", "c"]},
        prepare=prepare, progress=lambda done, total: progress.append((done, total)),
    )  # fmt: skip
    assert (best.rule, best.x) == ("b", 3), "c is as good, and b comes first"
    assert prepared == [240], "once for all fits, on the users who are not scored"
    assert [done for done, _ in progress] == list(range(1, len(progress) + 1))
    assert {total for _, total in progress} == {3 * validation.BUDGET}


def test_a_value_that_can_not_be_fitted_loses_and_too_large_data_are_an_error(cliques):
    def fit(trainer):
        if trainer.x == 2:
            raise DataError("singular")
        return Grades(0.5)

    best = resolve_auto(
        Ruled("a"), {"x": [1, 2, 3]}, cliques, PROTOCOL, prepare=lambda histories: fit
    )
    assert best.x in (1, 3)

    def too_large(trainer):
        raise TooLargeError("too large")

    with pytest.raises(TooLargeError):
        resolve_auto(Ruled("a"), {"x": [1]}, cliques, PROTOCOL, prepare=lambda histories: too_large)
