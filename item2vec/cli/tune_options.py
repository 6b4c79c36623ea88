"""The options of `tune` that no other command has, and the frozen value that it receives."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from item2vec.cli.file_types import PARAMETERS, STUDY
from item2vec.cli.option_values import options_as
from item2vec.cli.options import seed_option
from item2vec.evaluation.metrics import MAIN_METRIC
from item2vec.evaluation.splitting.users import HELD_OUT
from item2vec.experiments.tuning.task import SEARCHED

F = TypeVar("F", bound=Callable[..., Any])

UNITS = {"s": 1, "m": 60, "h": 3600}


class Duration(click.ParamType[float]):
    """Seconds, written as 90s, 10m or 2h."""

    name = "TIME"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Turn text into seconds."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", str(value))
        if not found or float(found[1]) == 0:
            self.fail(f"{value!r} is not a duration: write it as in 90s, 10m or 2h", param, ctx)
        return float(found[1]) * UNITS[found[2]]


@dataclass(frozen=True, kw_only=True)
class TuneOptions:
    """The options of `tune` that are neither about reading, nor counting, nor the protocol.

    Parameters
    ----------
    output : str
        Parameters file to write.
    names : tuple of str
        Trainers and baselines to tune.
    budget : float or None
        Seconds for each of them.
    trials : int or None
        Number of trials after which a search ends.
    sample : float
        Share of the training users on which the search is run.
    metric : str
        Metric to maximize.
    held_out : float
        Share of the users held out as test users.
    study : str or None
        File of the trials.
    seed : int
    given : frozenset of str
        Names of the options that were given.
    """

    output: str
    names: tuple[str, ...]
    budget: float | None
    trials: int | None
    sample: float
    metric: str
    held_out: float
    study: str | None
    seed: int
    given: frozenset[str]

    @property
    def study_path(self) -> Path:
        """The file of the trials."""
        return Path(self.study or f"{self.output}.study")


def tune_options(command: F) -> F:
    """Add the options of `tune`; the command receives `options`."""
    return options_as("options", TuneOptions, _OPTIONS)(command)


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "-o",
        "--output",
        required=True,
        type=PARAMETERS,
        metavar="FILE",
        help="Parameters file to write (TOML).",
    ),
    click.option(
        "--trainer",
        "names",
        multiple=True,
        default=("word2vec",),
        show_default=True,
        type=click.Choice(SEARCHED),
        help="Trainer or baseline to tune (repeatable; each gets the same budget).",
    ),
    click.option(
        "--budget",
        type=Duration(),
        help="Time per trainer, e.g. 90s, 10m or 2h; 10m if neither it nor --trials is given.",
    ),
    click.option(
        "--trials",
        type=click.IntRange(min=1),
        metavar="N",
        help="Number of trials after which the search ends.",
    ),
    click.option(
        "--sample",
        type=float,
        default=1.0,
        show_default=True,
        metavar="SHARE",
        help="Share of the training users on which the search is run.",
    ),
    click.option(
        "--metric",
        default=MAIN_METRIC,
        show_default=True,
        metavar="METRIC",
        help="Metric to maximize on validation users.",
    ),
    click.option(
        "--held-out",
        type=float,
        default=HELD_OUT,
        show_default=True,
        metavar="SHARE",
        help="Share of the users held out as test users.",
    ),
    click.option(
        "--study",
        type=STUDY,
        metavar="FILE",
        help="File that stores the trials, so that a search can be resumed; OUTPUT.study if "
        "not given.",
    ),
    seed_option(),
)
