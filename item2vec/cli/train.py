"""`item2vec train`."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from item2vec._support.messages import counted
from item2vec._support.threads import blas_threads
from item2vec.cli.console import progress_bar, read, read_items, refuse_to_overwrite, say
from item2vec.cli.help import Command
from item2vec.cli.options import (
    LAST,
    READING,
    counting_options,
    features_option,
    given,
    interactions_arguments,
    params_option,
    trainer_options,
)
from item2vec.data.catalogue import Catalogue
from item2vec.data.interactions import Interactions, check_order
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.held_out_protocols import LatestProtocol
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.experiments.registry import TRAINERS, make, read_parameters
from item2vec.models import model_file
from item2vec.models.cold_items.features import Features
from item2vec.trainers import early_stopping
from item2vec.trainers.base import EpochTrainer
from item2vec.trainers.stages import bias, memory_selection, recency_selection
from item2vec.trainers.stages.selection_users import FOLD_IN, RANDOM

if TYPE_CHECKING:
    from item2vec.models.item_vectors import ItemVectors


# What `--protocol` names.
SELECTION: dict[str, tuple[SplitProtocol, ...]] = {
    "random": RANDOM,
    "fold-in": FOLD_IN,
    "latest": (LatestProtocol(),),
    LAST: (LeaveLastOutProtocol(),),
}

# What the metadata of a model hold of what was selected, and how it is told.
SELECTED: dict[str, Callable[[Any], str]] = {
    "bias": bias.describe,
    "memory": memory_selection.describe,
    "order": recency_selection.describe,
    "validation": early_stopping.describe,
}


@click.command(cls=Command)
@interactions_arguments
@click.option("-o", "--output", required=True, metavar="MODEL", help="Model file to write.")
@click.option("--items", metavar="FILE", help="Table of the items: ids, titles, genres, ...")
@features_option("Item columns from which vectors of new items are predicted (see `add`).")
@click.option(
    "--trainer",
    type=click.Choice(list(TRAINERS)),
    default="word2vec",
    show_default=True,
    help="Algorithm that learns the vectors.",
)
@params_option
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    type=click.Choice(list(SELECTION)),
    help="What the item-item memory and the weight of the bias are selected for (repeatable); if "
    "not given, random and fold-in, and for the memory leave-last-out where there are times.",
)
@click.option(
    "--reproducible",
    is_flag=True,
    help="Use one worker, so that the same input and seed give the same file.",
)
@click.option(
    "--no-sketch",
    is_flag=True,
    help="Leave out the sketch of training histories by which `evaluate` notices that a model is "
    "scored on its own training data.",
)
@counting_options
@trainer_options(TRAINERS)
def train(
    interactions: tuple[str, ...],
    output: str,
    items: str | None,
    features: tuple[str, ...] | None,
    trainer: str,
    params_file: str | None,
    protocols: tuple[str, ...],
    reproducible: bool,
    no_sketch: bool,
    min_count: int,
    repeated: Any,
    **options: Any,
) -> None:
    """Train item vectors on interactions and write them to a model file.

    INTERACTIONS are tables with a user, an item and, if possible, a time: CSV, TSV, Parquet or
    JSON lines, compressed or not; one file, several files or a glob pattern. Columns with
    well-known names are recognised.

    \b
    Example:
      item2vec train ratings.csv --items movies.csv -o movies.safetensors
    """
    if features and not items:
        raise ParameterError("--features are columns of the items: name their table with --items")
    reading = {name: options.pop(name) for name in READING}
    chosen = _chosen(trainer, params_file, reproducible, given(options))
    if protocols and not chosen.wants_memory:
        raise ParameterError(
            "--protocol names what a memory is selected for, and --memory 0 selects none: leave "
            "one of them out"
        )
    model_file.check_output(output)
    refuse_to_overwrite([Path(output)], (*interactions, *filter(None, (items, params_file))))
    told = read(interactions, reading | {"keep_times": True})
    chosen = replace(chosen, protocols=_protocols(protocols, told))
    catalogue = read_items(items, told.item_ids) if items else Catalogue((), {})
    histories = told.to_histories(min_count=min_count, repeated=repeated, in_order=True)
    say(
        f"{counted(len(histories.vocabulary), 'item')} of {len(told.item_ids):,} "
        f"{'is' if len(histories.vocabulary) == 1 else 'are'} seen at least "
        f"{counted(min_count, 'time')}; the others are left out."
    )
    if features:  # what is wrong with them is told before training
        Features.of(catalogue.aligned(histories.vocabulary.ids), features)
    if isinstance(chosen, EpochTrainer) and len(histories.items):
        say(chosen.plan(len(histories.vocabulary), len(histories.items)))
    with _threads(reproducible), progress_bar(f"training {trainer}") as progress:
        vectors: ItemVectors = chosen.fit(histories, progress=progress)
    for entry, describe in SELECTED.items():
        if entry in vectors.metadata:
            say(describe(vectors.metadata[entry]))
    counting = {"min_count": min_count, "repeated": repeated, "reproducible": reproducible}
    vectors = replace(
        vectors,
        metadata={
            **vectors.metadata,
            **counting,
            "read": told.report.to_dict() if told.report else {},
        },
        catalogue=catalogue,
        sketch=None if no_sketch else vectors.sketch,
    )
    if features:
        with _threads(reproducible):
            fit = vectors.feature_map(features).report()
        vectors = replace(vectors, feature_fit=fit)
        say(fit.describe())
    model_file.save(vectors, output)
    say(f"{counted(len(vectors), 'vector')} of {vectors.vector_size} dimensions in {output}.")


def _protocols(names: tuple[str, ...], told: Interactions) -> tuple[SplitProtocol, ...]:
    """Return the protocols that the memory is selected for."""
    if not names:
        names = ("random", "fold-in", *([LAST] if told.order == "time" else []))
    for protocol in (protocol for name in names for protocol in SELECTION[name]):
        if protocol.needs_order:
            check_order(told, protocol.name)
    return tuple(protocol for name in dict.fromkeys(names) for protocol in SELECTION[name])


def _threads(reproducible: bool) -> AbstractContextManager[object]:
    """Give BLAS one thread where that is asked for: what it rounds depends on how many it has."""
    return blas_threads(1) if reproducible else contextlib.nullcontext()


def _chosen(
    trainer: str, params_file: str | None, reproducible: bool, options: dict[str, Any]
) -> Any:
    """Make the trainer: its defaults, then the parameters file, then the options."""
    parameters = read_parameters(params_file).get(trainer, {}) if params_file else {}
    parameters |= options
    if reproducible and parameters.setdefault("workers", 1) != 1:
        where = "--workers" if "workers" in options else f"workers in {params_file}"
        raise ParameterError(f"--reproducible needs one worker: leave {where} out")
    return make(trainer, parameters)
