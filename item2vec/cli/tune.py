"""`item2vec tune`."""

import re
import time
from pathlib import Path
from typing import Any

import click

from item2vec._support.messages import counted
from item2vec.cli.console import (
    progress_bar,
    read,
    refuse_to_overwrite,
    say,
)
from item2vec.cli.help import Command
from item2vec.cli.options import (
    LAST,
    READING,
    counting_options,
    given_on_command_line,
    interactions_arguments,
    make_protocol,
    protocol_options,
    seed_option,
)
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.cli.results import print_evaluation
from item2vec.data.interactions import Interactions
from item2vec.errors import ParameterError
from item2vec.evaluation.metrics import MAIN_METRIC
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.later_splits import split_by_protocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split
from item2vec.evaluation.splitting.users import HELD_OUT, check_share, split_users
from item2vec.experiments.comparison import compare_named, with_baselines, with_defaults
from item2vec.experiments.registry import check_output, write_parameters
from item2vec.experiments.tuning import rescoring, search
from item2vec.experiments.tuning.splits import MakeSplit, other_splits, search_split
from item2vec.experiments.tuning.study_file import Trial, check_study, lock_of
from item2vec.experiments.tuning.task import SEARCHED, Task, score_of_defaults, to_parameters
from item2vec.experiments.tuning.verdict import Verdict
from item2vec.reports.sentences import notes

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
            self.fail(f"{value!r} is no time: write it as in 90s, 10m or 2h", param, ctx)
        return float(found[1]) * UNITS[found[2]]


@click.command(cls=Command)
@interactions_arguments
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="Parameters file to write (TOML)."
)
@click.option(
    "--trainer",
    "names",
    multiple=True,
    default=("word2vec",),
    show_default=True,
    type=click.Choice(SEARCHED),
    help="Trainer or baseline to tune (repeatable; each gets the same budget).",
)
@click.option(
    "--budget", type=Duration(), help="Time per trainer, e.g. 90s, 10m or 2h; 10m if not given."
)
@click.option(
    "--trials",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of trials after which the search ends.",
)
@click.option(
    "--sample",
    type=float,
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="Share of the training users on which the search is run.",
)
@protocol_options
@click.option(
    "--metric",
    default=MAIN_METRIC,
    show_default=True,
    metavar="METRIC",
    help="Metric to maximise on validation users.",
)
@click.option(
    "--held-out",
    type=float,
    default=HELD_OUT,
    show_default=True,
    metavar="SHARE",
    help="Share of the users held out as test users.",
)
@click.option(
    "--study",
    metavar="FILE",
    help="File that stores the trials, so that a search can be resumed; OUTPUT.study if not given.",
)
@counting_options
@seed_option()
@output_format_option
def tune(
    interactions: tuple[str, ...],
    output: str,
    names: tuple[str, ...],
    output_format: OutputFormat,
    **options: Any,
) -> None:
    """Search for parameters that score better than the defaults.

    Trials are scored on validation users. The best of them is partly a lucky one, so the best
    five and the defaults are trained and scored again on other users, which takes up to two
    fifths of --budget. The result is the best trial if it beats the defaults by more than 1.86
    standard errors of the difference (fewer if fewer than five are compared: one for a single
    trial), and otherwise the defaults.

    Test users are held out first and scored once, at the end: with the resulting parameters,
    with the defaults where these differ, and beside the baselines. With --protocol
    leave-last-out, the last item of every user is kept for this test instead, and the ones
    before it for tuning. Ctrl-C keeps the results so far; run the same command to resume.

    \b
    Example:
      item2vec tune ratings.csv --budget 10m -o best.toml
      item2vec evaluate ratings.csv --params best.toml
    """
    protocol = make_protocol(options)
    if options["protocol"] == LAST and given_on_command_line("held_out"):
        raise ParameterError(
            f"--held-out does not go with --protocol {LAST}: no users are held out"
        )
    study = Path(options["study"] or f"{output}.study")
    refuse_to_overwrite([Path(output), study, lock_of(study)], interactions)
    check_output(output)
    check_study(study)
    for share in (options["held_out"], *([options["sample"]] if options["sample"] != 1 else [])):
        check_share(share)
    told = read(interactions, {name: options.pop(name) for name in READING})
    split = split_by_protocol(told, protocol, held_out=options["held_out"], seed=options["seed"])
    verdicts = _search(split.training, protocol, names, Path(output), study, options)
    evaluation = _score(split, verdicts, options)
    say(notes(evaluation))
    tuned = {name: verdict.to_dict() for name, verdict in verdicts.items()}
    print_evaluation(evaluation, split.protocol, output_format, tuned=tuned)


def _search(
    training: Interactions,
    protocol: SplitProtocol,
    names: tuple[str, ...],
    output: Path,
    study: Path,
    options: dict[str, Any],
) -> dict[str, Verdict]:
    """Tune one trainer after the other, and write the result after each."""
    if options["sample"] != 1:
        _, training = split_users(training, held_out=options["sample"], seed=options["seed"])
    result = _Result(output, protocol, options)
    for name in names:
        task = _task(name, training, protocol, options)
        counting = {setting: options[setting] for setting in ("seed", "min_count", "repeated")}
        splits = other_splits(training, protocol, **counting)
        seconds = options["budget"] or (None if options["trials"] else 600.0)
        begun = time.monotonic()
        try:
            _watched(task, study, seconds, options["trials"])
            left = seconds and max(0.0, seconds - (time.monotonic() - begun))
            verdict = _rescored(task, study, splits, left)
        except KeyboardInterrupt:
            verdict = rescoring.stored_verdict(task, study, len(splits))
            result.add(verdict, search.stored(task, study))
            say("Interrupted: run the same command to resume.")
            raise click.exceptions.Exit(130) from None
        result.add(verdict, search.stored(task, study))
    return result.verdicts


def _task(
    name: str, training: Interactions, protocol: SplitProtocol, options: dict[str, Any]
) -> Task:
    """Split once more, for validation, before anything is counted."""
    seed = options["seed"]
    inner = search_split(training, protocol, seed=seed)
    histories = inner.histories(min_count=options["min_count"], repeated=options["repeated"])
    cases = inner.source.validation_cases(histories.vocabulary, seed=seed)
    return Task(name, histories, cases, protocol, options["metric"], seed)


def _watched(task: Task, study: Path, seconds: float | None, trials: int | None) -> None:
    """Search for the part of the time that is not kept, and report every trial that is best yet."""
    best = max((trial.score or 0.0 for trial in search.stored(task, study)), default=0.0)
    begun = time.monotonic()
    done = 0
    with progress_bar(f"tuning {task.name}") as progress:

        def on_trial(trial: Trial) -> None:
            nonlocal best, done
            done += 1
            if seconds:
                progress(round(time.monotonic() - begun), round(seconds))
            elif trials:
                progress(done, trials)
            if trial.score is not None and trial.score > best:
                best = trial.score
                written = _written(to_parameters(task, trial))
                say(f"trial {trial.number + 1}: {task.metric} {best:.4f}, {written}")

        if seconds is not None:
            first_part = rescoring.search_seconds(seconds, [])
            made = search.search(task, study, seconds=first_part, trials=1, on_trial=on_trial)
            seconds = rescoring.search_seconds(seconds, made)
        left = seconds and max(1e-3, seconds - (time.monotonic() - begun))
        search.search(task, study, seconds=left, trials=trials, on_trial=on_trial)


def _rescored(task: Task, study: Path, splits: list[MakeSplit], seconds: float | None) -> Verdict:
    """Score the best trials and the defaults again, on other users."""
    with progress_bar(f"scoring the best trials of {task.name} again") as progress:
        return rescoring.score_again(task, study, splits, seconds=seconds, on_score=progress)


def _written(parameters: dict[str, Any]) -> str:
    """Write parameters in a line."""
    return ", ".join(f"{name} {value}" for name, value in parameters.items())


class _Result:
    """The parameters file, written anew with every trainer that was tuned."""

    def __init__(self, output: Path, protocol: SplitProtocol, options: dict[str, Any]) -> None:
        self.output = output
        self.verdicts: dict[str, Verdict] = {}
        self.origin: dict[str, Any] = {
            "protocol": protocol.identity(),
            **{name: options[name] for name in ("metric", "held_out", "seed", "sample")},
            **{name: options[name] for name in ("min_count", "repeated")},
        }

    def add(self, verdict: Verdict, trials: list[Trial]) -> None:
        """Write the file with one trainer more, and say what is kept and why."""
        name = verdict.task.name
        self.verdicts[name] = verdict
        kept = verdict.kept
        score = kept.score if kept else score_of_defaults(verdict.task, trials)
        self.origin[name] = {
            "trials": len(trials),
            "validation_score": round(score or 0.0, 6),
            **verdict.to_dict(),
        }
        parameters = {name: verdict.parameters() for name, verdict in self.verdicts.items()}
        write_parameters(self.output, parameters, self.origin)
        n_given_up = sum(trial.score is None for trial in trials)
        say(
            f"{counted(len(trials), 'trial')} of {name} so far, {n_given_up:,} given up early. "
            f"{verdict.sentence()}"
        )
        say(f"{self.output} holds: {_written(parameters[name])}.")


def _score(split: Split, verdicts: dict[str, Verdict], options: dict[str, Any]) -> Evaluation:
    """Score the result on test users, once, beside the defaults and the baselines."""
    changed = [name for name, verdict in verdicts.items() if verdict.kept]
    with progress_bar("scoring on test users") as progress:
        return compare_named(
            with_defaults(with_baselines(verdicts), changed),
            [split],
            parameters={name: verdict.parameters() for name, verdict in verdicts.items()},
            progress=progress,
            **{name: options[name] for name in ("min_count", "repeated", "seed")},
        )
