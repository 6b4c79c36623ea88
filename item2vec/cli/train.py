"""`item2vec train`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from item2vec._support.messages import counted
from item2vec.cli.catalogue_options import CatalogueOptions, catalogue_options
from item2vec.cli.console import progress_bar, refuse_to_overwrite, say
from item2vec.cli.file_types import MODEL, READ
from item2vec.cli.help import Command
from item2vec.cli.option_values import options_as
from item2vec.cli.options import (
    LAST,
    CountingOptions,
    counting_options,
    features_option,
    params_option,
    read_params,
)
from item2vec.cli.reading_options import ReadingOptions, interactions_arguments
from item2vec.cli.trainer_options import trainer_options
from item2vec.cli.verbosity import LOG
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.held_out_protocols import LatestProtocol
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.experiments.registry import TRAINERS, make
from item2vec.experiments.training import check_protocols
from item2vec.experiments.training import train as train_vectors
from item2vec.models import model_file
from item2vec.trainers.stages.selection_users import FOLD_IN, RANDOM

if TYPE_CHECKING:
    from item2vec.trainers.base import EpochTrainer

# The names that `--protocol` takes.
SELECTION: Mapping[str, tuple[SplitProtocol, ...]] = {
    "random": RANDOM,
    "fold-in": FOLD_IN,
    "latest": (LatestProtocol(),),
    LAST: (LeaveLastOutProtocol(),),
}


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """The options of `train` that are neither about reading nor parameters of a trainer.

    Parameters
    ----------
    output : str
        Model file to write.
    items : str or None
        Table of the items.
    features : tuple of str or None
        Columns of that table.
    trainer : str
        Name of the trainer.
    params_file : str or None
        Parameters file.
    protocols : tuple of str
        Names of the protocols for which the memory is selected; empty if none was given.
    reproducible, no_sketch : bool
    """

    output: str
    items: str | None
    features: tuple[str, ...] | None
    trainer: str
    params_file: str | None
    protocols: tuple[str, ...]
    reproducible: bool
    no_sketch: bool

    def selection(self) -> tuple[SplitProtocol, ...] | None:
        """Return the protocols that were named, each once; None if none was."""
        names = dict.fromkeys(self.protocols)
        return tuple(each for name in names for each in SELECTION[name]) or None

    def make_trainer(self, parameters: Mapping[str, Any]) -> "EpochTrainer":
        """Make the trainer: its defaults, then the parameters file, then the options.

        Raises
        ------
        ParameterError
            If a value is wrong, or the options do not go together.
        """
        in_file = read_params(self.params_file).get(self.trainer, {})
        merged = {**in_file, **parameters}
        if self.reproducible and merged.setdefault("workers", 1) != 1:
            where = "--workers" if "workers" in parameters else f"workers in {self.params_file}"
            raise ParameterError(f"--reproducible needs one worker: leave {where} out")
        made: EpochTrainer = make(self.trainer, merged)
        check_protocols(made, self.selection())
        return made


@click.command(cls=Command, options_metavar="-o MODEL [OPTIONS]")
@interactions_arguments
@options_as(
    "options",
    TrainOptions,
    [
        click.option(
            "-o",
            "--output",
            required=True,
            type=MODEL,
            metavar="MODEL",
            help="Model file to write.",
        ),
        click.option(
            "--items",
            type=READ,
            metavar="FILE",
            help="Table of the items (ids, titles, genres, ...), to store with the model.",
        ),
        features_option("Item columns from which vectors of new items are predicted (see `add`)."),
        click.option(
            "--trainer",
            type=click.Choice(list(TRAINERS)),
            default="word2vec",
            show_default=True,
            help="Algorithm that learns the vectors.",
        ),
        params_option,
        click.option(
            "--protocol",
            "protocols",
            multiple=True,
            type=click.Choice(list(SELECTION)),
            help="Kind of prediction for which the item-item memory and the weight of the bias are "
            "selected (repeatable); if not given, random and fold-in, and for the memory also "
            f"{LAST} if there are times.",
        ),
        click.option(
            "--reproducible",
            is_flag=True,
            help="Use one worker, so that the same input and seed give the same file.",
        ),
        click.option(
            "--no-sketch",
            is_flag=True,
            help="Leave out the sketch of training histories by which `evaluate` notices that a "
            "model is scored on its own training data.",
        ),
    ],
)
@catalogue_options
@counting_options
@trainer_options(TRAINERS)
def train(
    interactions: tuple[str, ...],
    reading: ReadingOptions,
    options: TrainOptions,
    catalogue: CatalogueOptions,
    counting: CountingOptions,
    parameters: Mapping[str, Any],
) -> None:
    """Train item vectors on interactions and write them to a model file.

    INTERACTIONS are tables with a user, an item and, if possible, a time, or sequences of items:
    CSV, TSV, Parquet or JSON, compressed or not; one file, several files, a glob pattern, a folder
    of part files, or - for standard input. Columns with well-known names are recognized.

    \b
    Example:
      item2vec train ratings.csv --items movies.csv -o movies.safetensors
    """
    if options.features and not options.items:
        raise ParameterError("--features are columns of the items: name their table with --items")
    catalogue.check_needed(options.items)
    trainer = options.make_trainer(parameters)
    parameters_used = ", ".join(f"{name} {value}" for name, value in trainer.to_dict().items())
    LOG.debug("%s: %s", options.trainer, parameters_used)
    model_file.check_output(options.output)
    inputs = (*interactions, *filter(None, (options.items, options.params_file)))
    refuse_to_overwrite([Path(options.output)], inputs)
    known = reading.read(interactions, keep_times=True)
    with progress_bar(f"training {options.trainer}") as progress:
        result = train_vectors(
            known,
            trainer,
            items=options.items,
            **catalogue.names(),
            features=options.features or (),
            protocols=options.selection(),
            min_count=counting.min_count,
            repeated=counting.repeated,
            reproducible=options.reproducible,
            sketch=not options.no_sketch,
            progress=progress,
            on_remark=say,
        )
    model_file.save(result.model, options.output)
    size = f"{counted(len(result.model), 'vector')} of {result.model.vector_size} dimensions"
    say(f"Wrote {size} to {options.output}.")
