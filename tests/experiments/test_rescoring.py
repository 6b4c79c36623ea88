"""The best trials are scored again on other users: luck goes, what matters stays."""

import dataclasses
import signal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.validation import hold_out, mean_metric
from item2vec.experiments.registry import RECOMMENDERS, make
from item2vec.experiments.tuning import rescoring
from item2vec.experiments.tuning import search as search_module
from item2vec.experiments.tuning.rescoring import (
    CANDIDATES,
    candidates,
    score_again,
    search_seconds,
    stored_verdict,
)
from item2vec.experiments.tuning.search import search
from item2vec.experiments.tuning.study_file import Trial
from item2vec.experiments.tuning.task import Task, defaults_of, to_parameters
from item2vec.parameters import Between, Parameters, parameter

PROTOCOL = RandomProtocol(inputs=2, labels=4)
NAME = "ease"  # the name that the trainers of these tests stand under
N_SPLITS = 3


@dataclasses.dataclass(frozen=True)
class Guessing:
    """Recommends at random, or, with some probability, items of the history's own clique."""

    vocabulary: Any
    right: float
    rng: np.random.Generator

    def recommend_rows(self, histories, k, *, keep_seen=False):
        clique = np.array([item_id[0] for item_id in self.vocabulary.ids])
        rows = np.empty((len(histories), k), dtype=np.int32)
        for place in range(len(histories)):
            own = clique == clique[histories[place][0]]
            weights = self.right * own / own.sum() + (1 - self.right) / len(own)
            rows[place] = self.rng.choice(len(own), size=k, replace=False, p=weights)
        return rows


@dataclasses.dataclass(frozen=True, kw_only=True)
class Noise(Parameters):
    """A trainer with a parameter that does nothing, and scores at random."""

    knob: float = parameter(1.0, "does nothing", search=Between(0.1, 10, log=True))
    seed: int = parameter(0, "seed")

    def right(self) -> float:
        return 0.0

    def fit(self, histories, *, progress=None):
        drawn = np.random.default_rng([self.seed, round(1e6 * self.knob)])
        return Guessing(histories.vocabulary, self.right(), drawn)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mattering(Noise):
    """The same with a parameter that is best above 3; the default is 1."""

    def right(self) -> float:
        return 0.6 if self.knob > 3 else 0.1


@pytest.fixture(scope="module")
def splits(cliques):
    some = cliques.take(np.arange(160))
    return [lambda seed=seed: hold_out(some, 0.2, PROTOCOL, seed=seed) for seed in range(N_SPLITS)]


def a_task(cliques, seed: int = 0) -> Task:
    return Task(NAME, *hold_out(cliques, 0.1, PROTOCOL, seed=99), PROTOCOL, seed=seed)


@pytest.fixture
def study(tmp_path):
    return tmp_path / "study"


@pytest.fixture
def counted_fits(monkeypatch):
    """Let Mattering stand for a trainer; return the list of (knob, seed) that is fitted."""
    fits: list[tuple[float, int]] = []
    fit = Mattering.fit

    def counting(self, histories, *, progress=None):
        fits.append((self.knob, self.seed))
        return fit(self, histories)

    monkeypatch.setattr(Mattering, "fit", counting)
    monkeypatch.setitem(RECOMMENDERS, NAME, Mattering)
    return fits


@pytest.mark.thorough
def test_a_search_over_pure_noise_returns_the_defaults(cliques, splits, tmp_path, monkeypatch):
    monkeypatch.setitem(RECOMMENDERS, NAME, Noise)
    chased, kept = 0, 0
    for seed in range(20):
        task = a_task(cliques, 1000 * seed)
        trials = search(task, tmp_path / f"{seed}", trials=8)
        chased += max(trial.score for trial in trials) > trials[0].score
        verdict = score_again(task, tmp_path / f"{seed}", splits)
        kept += verdict.kept is not None
    assert chased >= 15, "the best trial of the search seems better than the defaults"
    assert kept <= 2, "and is not"


def test_a_parameter_that_matters_is_found(cliques, splits, study, counted_fits):
    task = a_task(cliques)
    search(task, study, trials=12)
    verdict = score_again(task, study, splits)
    assert verdict.kept is not None
    assert verdict.parameters()["knob"] > 3
    evidence = verdict.to_dict()
    assert evidence["difference"] > 5 * evidence["standard_error"]
    assert (evidence["splits"], evidence["users"]) == (N_SPLITS, N_SPLITS * 32)
    assert 1 <= evidence["trials_compared"] <= CANDIDATES


def test_the_scores_are_means_over_models_trained_anew_with_other_seeds(
    cliques, splits, study, counted_fits
):
    task = a_task(cliques, seed=7)
    trials = search(task, study, trials=12)
    counted_fits.clear()
    best = score_again(task, study, splits).best
    assert {seed for _, seed in counted_fits} == {8, 9, 10}, "the search had the seed 7"
    expected = [
        mean_metric(make(NAME, parameters, seed=8 + place).fit(training), cases)
        for parameters in (to_parameters(task, trials[best.trial.number]), {})
        for place, (training, cases) in enumerate(split() for split in splits)
    ]
    assert best.score == pytest.approx(np.mean(expected[:N_SPLITS]), abs=1e-5)
    assert best.defaults_score == pytest.approx(np.mean(expected[N_SPLITS:]), abs=1e-5)


def test_what_was_scored_again_is_not_scored_once_more(cliques, splits, study, counted_fits):
    task = a_task(cliques)
    search(task, study, trials=12)
    whole = score_again(task, study, splits)
    counted_fits.clear()
    assert score_again(task, study, splits) == whole == stored_verdict(task, study, N_SPLITS)
    assert counted_fits == []


def test_ctrl_c_keeps_the_scores_so_far(cliques, splits, study, counted_fits, monkeypatch):
    task = a_task(cliques)
    search(task, study, trials=12)
    counted_fits.clear()
    n_done = 3
    fit = Mattering.fit

    def interrupted(self, histories, *, progress=None):
        if len(counted_fits) == n_done:
            signal.raise_signal(signal.SIGINT)
        return fit(self, histories)

    with monkeypatch.context() as patch:
        patch.setattr(Mattering, "fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            score_again(task, study, splits)
    before = stored_verdict(task, study, N_SPLITS)
    assert before.kept is None, "one split is not enough"
    assert "were not scored again on enough users" in before.sentence()
    done = list(counted_fits)
    counted_fits.clear()
    assert score_again(task, study, splits).kept is not None
    assert not set(done) & set(counted_fits), "only what was left is done"


def test_no_fit_begins_when_the_time_is_over(cliques, splits, study, counted_fits, monkeypatch):
    task = a_task(cliques)
    search(task, study, trials=12)
    counted_fits.clear()
    # Each fit of this clock takes 10 seconds.
    clock = SimpleNamespace(monotonic=lambda: 10.0 * len(counted_fits))
    monkeypatch.setattr(rescoring, "time", clock)
    verdict = score_again(task, study, splits, seconds=35)
    assert len(counted_fits) == 4
    assert verdict.kept is None, "at worst the defaults are returned"
    assert score_again(task, study, splits, seconds=1e6).kept is not None


def test_a_fit_that_is_under_way_is_given_up_when_the_time_is_over(cliques, study, monkeypatch):
    some = cliques.take(np.arange(60))
    split = lambda: hold_out(some, 0.3, PROTOCOL)  # noqa: E731
    task = Task("word2vec", *split(), PROTOCOL)
    monkeypatch.setattr(rescoring, "candidates", lambda *_: [Trial(0, {"window": 2}, 0.5)])
    ticks = iter([0.0, 1.0, *[99.0] * 1000])
    monkeypatch.setattr(rescoring, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    ended: list[int] = []
    verdict = score_again(
        task, study, [split, split], seconds=50, on_score=lambda done, _: ended.append(done)
    )
    assert (ended, verdict.best) == ([], None)


def test_the_candidates_are_the_best_that_beat_the_defaults_and_fit_into_the_time(cliques):
    task = Task("ials", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)
    defaults = defaults_of(task)
    searched = [0.3, 0.1, None, 0.4, 0.35, 0.5, 0.31, 0.32, 0.3]
    trials = [
        Trial(n, defaults if n == 0 else {"factors": n}, score, 10.0)
        for n, score in enumerate(searched)
    ]

    def numbers(**time) -> list[int]:
        return [trial.number for trial in candidates(task, trials, 2, **time)]

    assert numbers() == [5, 3, 4, 7, 6]
    assert numbers(seconds=2 * 40.0) == [5, 3, 4], "the defaults take their share"
    assert numbers(seconds=1.0) == [5], "one is tried in any case"
    assert candidates(task, trials[:2], 2) == [], "nothing seems better"


def test_a_trial_scored_again_selects_a_memory_as_only_the_first_trial_did(cliques):
    task = Task("softmax", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)
    trials = [
        Trial(
            n, defaults_of(task) if n == 0 else {"epochs": n}, 0.3 + n / 10, 30.0 if n == 0 else 5.0
        )
        for n in range(3)
    ]
    assert len(candidates(task, trials, 2, seconds=2 * (30.0 + 2 * 35.0))) == 2
    assert len(candidates(task, trials, 2, seconds=2 * (30.0 + 2 * 34.0))) == 1


def test_the_search_leaves_the_time_for_the_fits_that_are_needed():
    first = Trial(0, {}, 0.5, seconds=30.0)
    left = 300 - search_seconds(300, [first])
    assert left >= 30 * 2 * 2, "the defaults and a trial, on two splits"
    assert search_seconds(3000, [first]) == 3000 * 0.6
    assert search_seconds(60, [first]) == pytest.approx(60 * 0.2), "some time is searched"


def test_where_nothing_seems_better_the_defaults_are_kept_at_once(
    cliques, splits, study, counted_fits, monkeypatch
):
    task = a_task(cliques)
    search(task, study, trials=1)
    counted_fits.clear()
    verdict = score_again(task, study, splits)
    assert counted_fits == []
    assert verdict.kept is None
    assert "only the defaults were tried" in verdict.sentence()
    best = a_task(cliques, seed=1)
    monkeypatch.setattr(rescoring, "score_of_defaults", lambda *_: 1.0)
    search(best, study.with_name("other"), trials=3)
    verdict = score_again(best, study.with_name("other"), splits)
    assert "no trial scored higher than the defaults" in verdict.sentence()


def test_splits_that_leave_nobody_to_score_are_passed_over(cliques, splits, study, counted_fits):
    task = a_task(cliques)
    search(task, study, trials=12)

    def impossible():
        raise DataError("no item occurs 5 times among the training users")

    def nobody():
        training, _ = splits[0]()
        return training, RandomProtocol(inputs=90).cases(training)

    verdict = score_again(task, study, [impossible, nobody, *splits])
    assert verdict.to_dict()["splits"] == N_SPLITS


def test_parameters_that_make_training_diverge_lose(cliques, splits, study, monkeypatch):
    class Diverging(Mattering):
        def fit(self, histories, *, progress=None):
            if self.knob > 3 and self.seed > 0:  # the search has the seed 0
                raise ParameterError("training diverged")
            return super().fit(histories)

    monkeypatch.setitem(RECOMMENDERS, NAME, Diverging)
    task = a_task(cliques)
    search(task, study, trials=12)
    assert score_again(task, study, splits).kept is None


def test_scores_of_other_defaults_or_of_a_damaged_study_do_not_count(
    cliques, splits, study, counted_fits, monkeypatch
):
    task = a_task(cliques)
    search(task, study, trials=12)
    score_again(task, study, splits)

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Later(Mattering):
        knob: float = parameter(2.0, "", search=Between(0.1, 10, log=True))

    with monkeypatch.context() as patch:
        patch.setitem(RECOMMENDERS, NAME, Later)
        assert stored_verdict(task, study, N_SPLITS).best is None
    names = [
        name
        for name in search_module.opened(task, study).user_attrs
        if name.startswith("item2vec ")
    ]
    odd: list[Any] = [None, 3, {"parameters": {}, "scores": 3}, {"scores": [float("nan")]}]
    for name, value in zip(names, odd * len(names), strict=False):
        search_module.opened(task, study).set_user_attr(name, value)
    assert stored_verdict(task, study, N_SPLITS).best is None
    assert score_again(task, study, splits).kept is not None, "they are made anew"
