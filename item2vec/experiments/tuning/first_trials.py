"""The first trials of a search: the defaults, then one parameter changed at a time."""

from typing import Any

import numpy as np

from item2vec.errors import ParameterError
from item2vec.experiments.registry import RECOMMENDERS, make
from item2vec.experiments.tuning.study_file import Trial
from item2vec.experiments.tuning.task import Task, defaults_of
from item2vec.parameters import Among, Search, resolved_parameters


def next_first_trial(task: Task, made: list[Trial]) -> dict[str, Any] | None:
    """Return the parameters of the next of the first trials; None if all have been made."""
    if not made:
        return _first(task)
    for parameters in first_trials(task):
        if not any(parameters.items() <= trial.parameters.items() for trial in made):
            return parameters
    return None


def _first(task: Task) -> dict[str, Any]:
    """Return the defaults, with the values that fitting a baseline chooses for "auto"."""
    defaults = defaults_of(task)
    if defaults.keys() == RECOMMENDERS[task.name].searched().keys():
        return defaults
    trainer = make(task.name, validation=task.protocol, seed=task.seed)
    try:
        resolved = resolved_parameters(trainer, trainer.fit(task.training))
    except ParameterError:  # the trial will raise the error
        return defaults
    spaces = trainer.searched()
    return {name: _inside(value, spaces[name]) for name, value in resolved.items()} | defaults


def _inside(value: Any, what: Search) -> Any:
    """Return the nearest value in the range that is searched.

    A baseline may choose 0, which has no logarithm. Values of `Among` stay as they are.
    """
    return value if isinstance(what, Among) else min(max(value, what.low), what.high)


def first_trials(task: Task) -> list[dict[str, Any]]:
    """Return the defaults, then changes of one parameter at a time in random order.

    With some tens of trials and nine parameters, a search that begins at random finds less.
    """
    kind = RECOMMENDERS[task.name]
    defaults = defaults_of(task)
    changed = [
        defaults | {name: value}
        for name, what in kind.searched().items()
        if name in defaults
        for value in _beside(defaults[name], what)
    ]
    order = np.random.default_rng(task.seed).permutation(len(changed))
    return [defaults, *(changed[place] for place in order.tolist())]


def _beside(value: Any, what: Search) -> list[Any]:
    """Return the values on both sides of a value, inside the range that is searched."""
    if isinstance(what, Among):
        place = what.values.index(value)
        return [v for p, v in enumerate(what.values) if abs(p - place) == 1]
    step = (what.high - what.low) / 6
    sides = [value / 2, value * 2] if what.log else [value - step, value + step]
    sides = [round(side) if isinstance(value, int) else side for side in sides]
    return [side for side in sides if what.low <= side <= what.high and side != value]
