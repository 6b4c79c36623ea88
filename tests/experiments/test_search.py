"""Tuning: it finds what is better, can be gone on with, and never sees a test user."""

import signal
import sys
from dataclasses import replace

import numpy as np
import pytest

from item2vec.errors import DataError, MissingExtraError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.validation import hold_out, mean_metric
from item2vec.experiments.registry import (
    RECOMMENDERS,
    TRAINERS,
    make,
    read_origin,
    read_parameters,
    write_parameters,
)
from item2vec.experiments.tuning import search as search_module
from item2vec.experiments.tuning import study_file
from item2vec.experiments.tuning.first_trials import first_trials
from item2vec.experiments.tuning.search import opened, search, stored
from item2vec.experiments.tuning.study_file import Trial, read_mixture
from item2vec.experiments.tuning.task import (
    SEARCHED,
    Task,
    defaults_of,
    score_of_defaults,
    to_parameters,
)
from item2vec.trainers.stages import memory
from item2vec.trainers.word2vec.trainer import AUTO_EPOCHS

pytestmark = pytest.mark.thorough  # each search trains several times

PROTOCOL = RandomProtocol(inputs=2, labels=4)


@pytest.fixture
def task(cliques) -> Task:
    return Task("ease", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)


@pytest.fixture
def study(tmp_path):
    return tmp_path / "study"


def test_every_score_is_that_of_a_model_with_these_parameters(task, study):
    trials = search(task, study, trials=5)
    assert [trial.number for trial in trials] == [0, 1, 2, 3, 4]
    for trial in trials:
        fitted = make("ease", trial.parameters).fit(task.training)
        assert trial.score == pytest.approx(mean_metric(fitted, task.cases, "ndcg@10"))


def test_the_first_trial_takes_the_defaults(cliques, study):
    task = Task("ials", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)
    first = search(task, study, trials=1)[0]
    assert first.parameters["factors"] == 64


@pytest.mark.parametrize("name", TRAINERS)
def test_the_next_trials_change_one_parameter_of_the_defaults_each(cliques, name):
    task = Task(name, *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)
    begun = first_trials(task)
    defaults = make(name)
    assert begun[0].keys() == defaults.searched().keys(), "no parameter is left to chance"
    assert begun[0]["epochs"] == defaults.resolve(len(task.training.items))[0]
    for parameter, value in begun[0].items():
        assert value == getattr(defaults, parameter) or getattr(defaults, parameter) == "auto"
        assert value != "auto"
    assert len(begun) > len(begun[0])
    for changed in begun[1:]:
        assert sum(changed[parameter] != begun[0][parameter] for parameter in changed) == 1
        make(name, changed)  # inside every range


def test_the_first_trial_takes_what_a_baseline_chooses_itself(task, study):
    first = search(task, study, trials=1)[0]
    chosen = make("ease", validation=PROTOCOL).fit(task.training).parameters.l2
    assert first.parameters == {"l2": chosen}
    assert score_of_defaults(task, [first]) == first.score


def test_what_a_baseline_chooses_is_searched_from_inside_the_space(task, study, monkeypatch):
    """Item k-NN may choose a shrinkage of 0, which has no logarithm."""
    monkeypatch.setattr("item2vec.baselines.item_knn.SHRINKAGES", (0.0,))
    first = search(replace(task, name="item-knn"), study, trials=10)[0]
    assert first.parameters["shrinkage"] == 0.1, "the nearest value that is searched"


def test_a_search_is_gone_on_with(task, study):
    first = search(task, study, trials=3)
    seen: list[Trial] = []
    both = search(task, study, trials=5, on_trial=seen.append)
    assert both[:3] == first == stored(task, study)[:3]
    assert [trial.number for trial in seen] == [3, 4], "only what was left is tried"
    assert len({trial.parameters["l2"] for trial in both}) == 5, "none twice"
    assert search(task, study, trials=4) == both, "nothing is left to do"


def test_a_search_for_something_else_is_not_gone_on_with(task, study):
    search(task, study, trials=1)
    with pytest.raises(DataError, match="other metric: name another file"):
        search(replace(task, metric="recall@20"), study, trials=2)
    search(replace(task, name="item-knn"), study, trials=1)
    assert len(stored(task, study)) == 1, "one file holds the searches of several trainers"


def test_a_file_that_is_no_study_is_left_alone(task, study):
    study.write_text("my thesis")
    with pytest.raises(DataError, match="not an optuna study"):
        search(task, study, trials=1)
    assert study.read_text() == "my thesis"


def test_time_is_up_when_it_is_up(task, cliques, study):
    assert search(task, study, seconds=1.5)[0].score is not None
    under_way = replace(task, name="word2vec")
    assert search(under_way, study, seconds=0.01) == [], "it is as if never made"
    assert search(under_way, study, trials=1)[0].parameters["epochs"] == AUTO_EPOCHS


def test_a_trial_that_takes_too_long_or_lags_behind_is_given_up(cliques, study, monkeypatch):
    monkeypatch.setattr(search_module, "SLOWEST", 0.0)
    task = Task("word2vec", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)
    monkeypatch.setattr(
        "item2vec.experiments.tuning.first_trials.first_trials", lambda task: [
            defaults_of(task) | {"epochs": 5},
            defaults_of(task) | {"epochs": 6},
        ],
    )  # fmt: skip
    first, second = search(task, study, trials=2)
    assert first.score is not None, "the first has nothing to be held against"
    assert second.score is None


def test_ctrl_c_waits_while_the_study_is_written_and_loses_no_trial(task, study, monkeypatch):
    import optuna

    tell = optuna.Study.tell

    def interrupted(*args, **kwargs):
        signal.raise_signal(signal.SIGINT)
        return tell(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(optuna.Study, "tell", interrupted)
        with pytest.raises(KeyboardInterrupt):
            search(task, study, trials=3)
    assert len(stored(task, study)) == 1, "the trial that was told when it came is kept"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert len(search(task, study, trials=3)) == 3


def test_ctrl_c_ends_a_trial_at_once_as_if_it_was_never_made(task, study, monkeypatch):
    def interrupted(self, histories, **kwargs):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("it goes on")

    with monkeypatch.context() as patch:
        patch.setattr(RECOMMENDERS["ease"], "fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            search(task, study, trials=3)
    assert stored(task, study) == []
    assert len(search(task, study, trials=2)) == 2


def test_parameters_that_make_training_diverge_end_a_trial_and_not_the_search(task, study):
    class Diverging(RECOMMENDERS["ease"]):
        def fit(self, histories, *, progress=None):
            raise ParameterError("training diverged")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECOMMENDERS, "ease", Diverging)
        trials = search(task, study, trials=2)
    assert [trial.score for trial in trials] == [None, None]


def test_what_is_tuned_is_better_on_validation_users_than_a_bad_default(cliques, study):
    """A shrinkage of a thousand makes all cosines alike; the search finds its way out."""
    task = Task("item-knn", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL, metric="recall@5")
    best = max(trial.score for trial in search(task, study, trials=12))
    worst = make("item-knn", {"neighbors": 10, "shrinkage": 1000.0}).fit(task.training)
    assert best >= mean_metric(worst, task.cases, "recall@5")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "popularity"}, "'popularity' has nothing to tune"),
        ({"metric": "accuracy"}, "metric must be one of"),
        ({"metric": "ndcg@0"}, "metric must be one of"),
        ({"metric": "ndcg"}, "such as ndcg@10"),
    ],
)
def test_a_wrong_task_is_told_when_it_is_made(task, change, told):
    with pytest.raises(ParameterError, match=told):
        replace(task, **change)


def test_nobody_to_validate_on_is_told(cliques):
    cases = RandomProtocol(inputs=90).cases(cliques)
    with pytest.raises(DataError, match="no validation user has enough items"):
        Task("ease", cliques, cases, PROTOCOL)


def test_a_search_without_an_end_is_refused(task, study):
    with pytest.raises(ParameterError, match="seconds or trials"):
        search(task, study)


def test_without_optuna_it_says_what_to_install(task, study, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'item2vec\[tune\]'"):
        search(task, study, trials=1)


def test_every_space_lies_in_the_range_of_its_parameter():
    for name in SEARCHED:
        for field, what in RECOMMENDERS[name].searched().items():
            ends = what.values if hasattr(what, "values") else (what.low, what.high)
            for value in ends:
                is_whole = isinstance(value, int) and not isinstance(value, bool)
                whole = int(value) if is_whole or field in {"window", "negative"} else value
                assert make(name, {field: whole}).to_dict()[field] == whole


def test_a_parameters_file_comes_back_and_tells_where_it_comes_from(tmp_path):
    path = tmp_path / "best.toml"
    found = {"word2vec": {"alpha": 0.01235, "window": 5, "epochs": "auto", "shuffle": True}}
    write_parameters(path, found, {"metric": "ndcg@10", "seed": 3})
    assert read_parameters(path) == found
    assert read_origin(path) == {"metric": "ndcg@10", "seed": 3}
    (tmp_path / "plain.toml").write_text("[ease]\nl2 = 5.0\n")
    assert read_origin(tmp_path / "plain.toml") == {}


def test_validation_users_say_nothing_in_training(cliques):
    training, cases = hold_out(cliques, 0.3, PROTOCOL)
    assert len(training) + len(np.unique(cases.users)) == len(cliques)


def test_what_is_written_is_rounded_and_a_default_stays_one(cliques):
    task = Task("word2vec", *hold_out(cliques, 0.3, PROTOCOL), PROTOCOL)
    defaults = defaults_of(task)
    assert to_parameters(task, Trial(0, defaults, 0.1))["epochs"] == "auto"
    changed = to_parameters(task, Trial(1, defaults | {"epochs": 7, "alpha": 0.0123456}, 0.1))
    assert (changed["epochs"], changed["alpha"], changed["window"]) == (7, 0.01235, 3)
    assert make("word2vec", changed).epochs == 7


def test_all_trials_mix_the_memory_as_the_first_one_selected(groups, study, monkeypatch):
    task = Task("softmax", *hold_out(groups, 0.2, PROTOCOL), PROTOCOL)
    selections, mixtures, weights = [], [], []
    select, balance = memory.select_memory, memory.balanced_memory

    def counted(*args, **options):
        selections.append(select(*args, **options))
        return selections[-1]

    def noted(vectors, histories, n, *, crossover):
        mixtures.append(crossover)
        weights.append(vectors.metadata["parameters"]["bias_weight"])
        return balance(vectors, histories, n, crossover=crossover)

    monkeypatch.setattr(memory, "select_memory", counted)
    search(task, study, trials=2)
    monkeypatch.setattr(memory, "balanced_memory", noted)
    search(task, study, trials=4)  # another sitting
    assert len(selections) == 1
    assert set(mixtures) <= {selections[0].mixture.crossover}
    kept = read_mixture(opened(task, study))
    assert kept[:2] == selections[0].mixture
    assert set(weights) <= {kept[2]}


@pytest.mark.parametrize("kept", [None, "10", [1], [1, 2], [1, "2", 1], [1, 1, None], {"x": 1}])
def test_a_memory_of_a_damaged_study_is_none(task, study, kept):
    of_file = opened(task, study)
    of_file.set_user_attr(study_file.MIXTURE, kept)
    assert read_mixture(of_file) is None
