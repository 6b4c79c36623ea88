"""The searches of `tune`, one recommender after the other, and the file of their results."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from item2vec._support.messages import counted
from item2vec.cli.console import progress_bar, say
from item2vec.cli.errors import INTERRUPTED
from item2vec.cli.options import CountingOptions
from item2vec.cli.tune_options import TuneOptions
from item2vec.data.interactions import Interactions
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.users import split_users
from item2vec.experiments.registry import write_parameters
from item2vec.experiments.tuning import rescoring, search
from item2vec.experiments.tuning.splits import MakeSplit, other_splits, search_split
from item2vec.experiments.tuning.study_file import Trial
from item2vec.experiments.tuning.task import Task, score_of_defaults, to_parameters
from item2vec.experiments.tuning.verdict import Verdict
from item2vec.types import Progress

DEFAULT_SECONDS = 600.0


@dataclass(frozen=True)
class TuningRun:
    """A search for parameters of one recommender after the other.

    Parameters
    ----------
    options : TuneOptions
    counting : CountingOptions
    protocol : SplitProtocol
        How validation users are split.
    """

    options: TuneOptions
    counting: CountingOptions
    protocol: SplitProtocol

    def search_all(self, training: Interactions) -> dict[str, Verdict]:
        """Tune the recommenders on training users, and write the result after each of them.

        Returns
        -------
        dict of str to Verdict
            By the name of the recommender.
        """
        options = self.options
        if options.sample != 1:
            _, training = split_users(training, held_out=options.sample, seed=options.seed)
        file = _ResultsFile(Path(options.output), self._origin())
        for name in options.names:
            task = self._task(name, training)
            splits = self._other_splits(training)
            try:
                verdict = self._tune(task, splits)
            except KeyboardInterrupt:
                verdict = rescoring.stored_verdict(task, options.study_path, len(splits))
                file.add(verdict, self._stored(task))
                say("Interrupted: run the same command to resume.")
                raise click.exceptions.Exit(INTERRUPTED) from None
            file.add(verdict, self._stored(task))
        return file.verdicts

    def _origin(self) -> dict[str, Any]:
        """Return a record of how the values were found, for the parameters file."""
        options, counting = self.options, self.counting
        return {
            "protocol": self.protocol.identity(),
            "metric": options.metric,
            "held_out": options.held_out,
            "seed": options.seed,
            "sample": options.sample,
            "min_count": counting.min_count,
            "repeated": counting.repeated,
        }

    def _task(self, name: str, training: Interactions) -> Task:
        """Split the training users once more, for validation, before anything is counted."""
        seed, counting = self.options.seed, self.counting
        inner = search_split(training, self.protocol, seed=seed)
        histories = inner.histories(min_count=counting.min_count, repeated=counting.repeated)
        cases = inner.source.validation_cases(histories.vocabulary, seed=seed)
        return Task(name, histories, cases, self.protocol, self.options.metric, seed)

    def _other_splits(self, training: Interactions) -> list[MakeSplit]:
        """Return the splits on which the best trials are scored again."""
        return other_splits(
            training,
            self.protocol,
            seed=self.options.seed,
            min_count=self.counting.min_count,
            repeated=self.counting.repeated,
        )

    def _stored(self, task: Task) -> Sequence[Trial]:
        return search.stored(task, self.options.study_path)

    def _tune(self, task: Task, splits: list[MakeSplit]) -> Verdict:
        """Search for a part of the time, and score the best trials again in the rest."""
        options = self.options
        seconds = options.budget or (None if options.trials else DEFAULT_SECONDS)
        begun = time.monotonic()
        self._search(task, seconds)
        left = seconds and max(0.0, seconds - (time.monotonic() - begun))
        with progress_bar(f"scoring the best trials of {task.name} again") as progress:
            return rescoring.score_again(
                task, options.study_path, splits, seconds=left, on_score=progress
            )

    def _search(self, task: Task, seconds: float | None) -> None:
        """Run trials in the part of the time that is reserved for them.

        The first trial shows how much time must be left to score the best trials again.
        """
        study, trials = self.options.study_path, self.options.trials
        begun = time.monotonic()
        with progress_bar(f"tuning {task.name}") as progress:
            on_trial = _reporter(task, self._stored(task), begun, seconds, trials, progress)
            if seconds is not None:
                first_part = rescoring.search_seconds(seconds, [])
                made = search.search(task, study, seconds=first_part, trials=1, on_trial=on_trial)
                seconds = rescoring.search_seconds(seconds, made)
                on_trial = _reporter(task, made, begun, seconds, trials, progress)
            left = seconds and max(1e-3, seconds - (time.monotonic() - begun))
            search.search(task, study, seconds=left, trials=trials, on_trial=on_trial)


def _reporter(
    task: Task,
    stored: Sequence[Trial],
    begun: float,
    seconds: float | None,
    trials: int | None,
    progress: Progress,
) -> Callable[[Trial], None]:
    """Return a callback that moves the progress bar and prints each new best trial."""
    best = max((trial.score or 0.0 for trial in stored), default=0.0)
    done = 0

    def on_trial(trial: Trial) -> None:
        nonlocal best, done
        done += 1
        if seconds:
            progress(round(time.monotonic() - begun), round(seconds))
        elif trials:
            progress(done, trials)
        if trial.score is not None and trial.score > best:
            best = trial.score
            found = _in_words(to_parameters(task, trial))
            say(f"Trial {trial.number + 1}: {task.metric} {best:.4f} with {found}")

    return on_trial


class _ResultsFile:
    """The parameters file, written again with every recommender that was tuned."""

    def __init__(self, path: Path, origin: dict[str, Any]) -> None:
        self.path = path
        self.verdicts: dict[str, Verdict] = {}
        self._origin = origin

    def add(self, verdict: Verdict, trials: Sequence[Trial]) -> None:
        """Write the file with one more recommender, and print which parameters are kept and why."""
        name, kept = verdict.task.name, verdict.kept
        self.verdicts[name] = verdict
        score = kept.score if kept else score_of_defaults(verdict.task, trials)
        self._origin[name] = {
            "trials": len(trials),
            "validation_score": round(score or 0.0, 6),
            **verdict.to_dict(),
        }
        parameters = {name: verdict.parameters() for name, verdict in self.verdicts.items()}
        write_parameters(self.path, parameters, self._origin)
        n_stopped = sum(trial.score is None for trial in trials)
        say(f"{counted(len(trials), 'trial')} of {name} so far, {n_stopped:,} stopped early.")
        say(verdict.sentence())
        say(f"Wrote {self.path}: {_in_words(parameters[name])}.")


def _in_words(parameters: Mapping[str, Any]) -> str:
    """Return parameters as one line of text."""
    return ", ".join(f"{name} {value}" for name, value in parameters.items())
