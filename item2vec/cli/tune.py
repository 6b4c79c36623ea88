"""`item2vec tune`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from item2vec.cli.console import progress_bar, refuse_to_overwrite, say
from item2vec.cli.help import Command
from item2vec.cli.options import (
    CountingOptions,
    ProtocolOptions,
    counting_options,
    protocol_options,
)
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.cli.reading_options import ReadingOptions, interactions_arguments
from item2vec.cli.results import print_evaluation
from item2vec.cli.tune_options import TuneOptions, tune_options
from item2vec.cli.tuning_run import TuningRun
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.later_splits import split_by_protocol
from item2vec.evaluation.splitting.users import check_share
from item2vec.experiments.comparison import compare_named, with_baselines, with_defaults
from item2vec.experiments.registry import check_output
from item2vec.experiments.tuning.study_file import check_study, lock_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from item2vec.evaluation.results import Evaluation
    from item2vec.evaluation.splitting.split import Split
    from item2vec.experiments.tuning.verdict import Verdict


@click.command(cls=Command, options_metavar="-o FILE [OPTIONS]")
@interactions_arguments
@tune_options
@protocol_options
@counting_options
@output_format_option
def tune(
    interactions: tuple[str, ...],
    reading: ReadingOptions,
    options: TuneOptions,
    protocol: ProtocolOptions,
    counting: CountingOptions,
    output_format: OutputFormat,
) -> None:
    """Search for parameters that score better than the defaults.

    Trials are scored on validation users. The best of them owes part of its score to chance, so
    the best five and the defaults are trained and scored again on other users, which takes up to
    two fifths of --budget. The best trial is the result if it beats the defaults by more than 1.86
    standard errors of the difference (fewer if fewer than five are compared: one for a single
    trial); otherwise the defaults are.

    Test users are held out first and scored once, at the end: with the resulting parameters,
    with the defaults if these differ, and with the baselines for comparison. With --protocol
    leave-last-out, the last item of every user is kept for this test instead, and the ones
    before it for tuning. Ctrl-C keeps the results so far; run the same command to resume.

    \b
    Example:
      item2vec tune ratings.csv --budget 10m -o best.toml
      item2vec evaluate ratings.csv --params best.toml
    """
    from item2vec.reports.sentences import notes

    chosen = protocol.make_protocol()
    _check(interactions, options, protocol)
    known = reading.read(interactions)
    split = split_by_protocol(known, chosen, held_out=options.held_out, seed=options.seed)
    run = TuningRun(options=options, counting=counting, protocol=chosen)
    verdicts = run.search_all(split.training)
    evaluation = _score(split, verdicts, options, counting)
    say(notes(evaluation))
    tuned = {name: verdict.to_dict() for name, verdict in verdicts.items()}
    print_evaluation(evaluation, split.protocol, output_format, tuned=tuned)


def _check(interactions: tuple[str, ...], options: TuneOptions, protocol: ProtocolOptions) -> None:
    """Raise an error if options do not go together, or a file can't be written."""
    if protocol.predicts_last and "held_out" in options.given:
        raise ParameterError(
            f"--held-out can't be combined with --protocol {protocol.protocol}: no users are held "
            "out; leave it out"
        )
    study = options.study_path
    refuse_to_overwrite([Path(options.output), study, lock_of(study)], interactions)
    check_output(options.output)
    check_study(study)
    check_share(options.held_out)
    if options.sample != 1:
        check_share(options.sample)


def _score(
    split: "Split",
    verdicts: "Mapping[str, Verdict]",
    options: TuneOptions,
    counting: CountingOptions,
) -> "Evaluation":
    """Score the results, the defaults and the baselines on test users, once."""
    changed = [name for name, verdict in verdicts.items() if verdict.kept]
    with progress_bar("scoring on test users") as progress:
        return compare_named(
            with_defaults(with_baselines(verdicts), changed),
            [split],
            parameters={name: verdict.parameters() for name, verdict in verdicts.items()},
            min_count=counting.min_count,
            repeated=counting.repeated,
            seed=options.seed,
            progress=progress,
        )
