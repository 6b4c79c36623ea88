"""`item2vec evaluate`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from item2vec.cli.catalogue_options import CatalogueOptions
from item2vec.cli.console import progress_bar, read_items, say
from item2vec.cli.evaluate_checks import check_together
from item2vec.cli.evaluate_options import (
    EvaluateOptions,
    MetricOptions,
    RecommenderOptions,
    StoredOptions,
    evaluate_options,
)
from item2vec.cli.help import Command
from item2vec.cli.options import LAST
from item2vec.cli.page_option import check_page, page_option, write_page
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.cli.reading_options import ReadingOptions, interactions_arguments
from item2vec.cli.results import print_evaluation
from item2vec.cli.split_options import SplitOptions
from item2vec.cli.splitting import read_later_split, read_splits, read_training
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split
from item2vec.experiments.comparison import (
    compare_repeatedly,
    with_baselines,
    with_defaults,
)
from item2vec.experiments.item_tables import item_column
from item2vec.experiments.registry import RECOMMENDERS, read_origin
from item2vec.experiments.stored_models import compare_stored
from item2vec.models import model_file

if TYPE_CHECKING:
    from item2vec.data.catalogue import Catalogue
    from item2vec.data.interactions import Interactions
    from item2vec.reports.showcase import Showcase

DEFAULT = ("word2vec", "popularity", "item-knn", "ease", "ials", "gensim-defaults", "random")


@dataclass(frozen=True)
class _Result:
    """An evaluation with what its page shows."""

    evaluation: Evaluation
    protocol: SplitProtocol
    showcase: "Showcase"


@click.command(cls=Command)
@interactions_arguments
@evaluate_options
@page_option
@output_format_option
def evaluate(
    interactions: tuple[str, ...],
    reading: ReadingOptions,
    split: SplitOptions,
    recommenders: RecommenderOptions,
    stored: StoredOptions,
    metrics: MetricOptions,
    catalogue: CatalogueOptions,
    page_file: str | None,
    output_format: OutputFormat,
) -> None:
    """Evaluate recommenders on held-out users: given some of a user's items, predict others.

    By default, whole users of INTERACTIONS are held out. With --protocol leave-last-out,
    --split-time or --test, later interactions of the same users are predicted.

    Popularity, item k-NN and EASE are always evaluated for comparison, unless --without leaves one
    out. A model with an item-item memory is also scored by its vectors alone and by its memory
    alone. Every number is a mean over users; the main metric has its 95 % interval.

    \b
    Example:
      item2vec evaluate ratings.csv --folds 5
      item2vec evaluate held_out.csv --model movies.safetensors --train-on training.csv
      item2vec evaluate train.csv --test test.csv
      item2vec evaluate ratings.csv --items movie_series.csv --related series --report report.html
    """
    from item2vec.reports.sentences import notes

    options = EvaluateOptions(
        interactions=interactions,
        reading=reading,
        split=split,
        recommenders=recommenders,
        stored=stored,
        metrics=metrics,
        catalogue=catalogue,
        page_file=page_file,
    )
    check_together(options)
    check_page(options)
    result = _score_stored(options) if stored.models else _train_and_score(options)
    say(notes(result.evaluation))
    write_page(result.evaluation, result.protocol, result.showcase, options)
    print_evaluation(result.evaluation, result.protocol, output_format)


def _train_and_score(options: EvaluateOptions) -> _Result:
    """Split the interactions, and train and score recommenders on the parts."""
    from item2vec.reports.showcase import Showcase

    recommenders = options.recommenders
    parameters = recommenders.parameters()
    splits = read_splits(options)
    catalogue = _catalogue(options, splits.item_ids, splits.item_column)
    names = with_defaults(with_baselines(recommenders.names or DEFAULT), _tuned(options))
    showcase = Showcase(catalogue)
    with progress_bar("training and scoring") as progress:
        evaluation = compare_repeatedly(
            names,
            splits.by_seed,
            splits.protocol,
            times=options.split.times,
            without=recommenders.without,
            parameters=parameters,
            min_count=recommenders.min_count,
            repeated=options.repeated,
            cutoffs=options.metrics.cutoffs,
            catalogue=catalogue,
            related=options.metrics.related,
            observers=[showcase] if options.page_file else [],
            seed=options.metrics.seed,
            progress=progress,
        )
    return _Result(evaluation, splits.protocol, showcase)


def _score_stored(options: EvaluateOptions) -> _Result:
    """Score stored models, and train and score recommenders where there is a training part."""
    from item2vec.reports.showcase import Showcase

    recommenders = options.recommenders
    parameters = recommenders.parameters()
    models = {path: model_file.load(path) for path in options.stored.models}
    held_out, protocol, training = _read_for_stored(options)
    item_ids = {item_id for vectors in models.values() for item_id in vectors}
    known = held_out.training if isinstance(held_out, Split) else held_out
    catalogue = _catalogue(options, item_ids, item_column(known))
    showcase = Showcase(catalogue or next(iter(models.values())).catalogue)
    with progress_bar("training and scoring") as progress:
        evaluation = compare_stored(
            models,
            held_out,
            protocol,
            training=training,
            names=with_baselines(recommenders.names),
            without=recommenders.without,
            parameters=parameters,
            min_count=recommenders.min_count,
            repeated=options.repeated,
            cutoffs=options.metrics.cutoffs,
            catalogue=catalogue,
            related=options.metrics.related,
            observers=[showcase] if options.page_file else [],
            seed=options.metrics.seed,
            progress=progress,
            in_sample=options.stored.in_sample,
        )
    return _Result(evaluation, protocol, showcase)


def _read_for_stored(
    options: EvaluateOptions,
) -> tuple["Interactions | Split", SplitProtocol, "Interactions | None"]:
    """Read what stored models are scored on, and what baselines are trained on."""
    if options.split.tests:
        later = read_later_split(options)
        return later, later.protocol, None
    protocol = options.split.protocol_of_users()
    held_out = options.reading.read(options.interactions, keep_times=protocol.in_order)
    return held_out, protocol, read_training(options, held_out)


def _catalogue(options: EvaluateOptions, item_ids: Any, column: str | None) -> "Catalogue | None":
    """Read the table of items, if there is one.

    Parameters
    ----------
    options : EvaluateOptions
    item_ids : collection of str
        The ids of the items that should be in it.
    column : str or None
        The column of items in the interactions.
    """
    path = options.metrics.items
    if not path:
        return None
    return read_items(path, item_ids, options.catalogue.form(as_in=column))


def _tuned(options: EvaluateOptions) -> list[str]:
    """Return the recommenders that were tuned, and print if users scored here were used for it."""
    path, split = options.recommenders.params_file, options.split
    origin = read_origin(path) if path else {}
    same = (origin.get("held_out"), origin.get("seed")) == (options.held_out, options.metrics.seed)
    if origin and split.is_later:
        if origin.get("protocol", {}).get("name") != LAST or not split.predicts_last:
            say(
                f"{path} was tuned on another split: tuning used some of the interactions that are "
                "predicted here."
            )
    elif origin and (not same or split.times > 1):
        say(
            f"{path} was tuned on some of the users who are scored here: to score others, use "
            f"--held-out {origin.get('held_out')} --seed {origin.get('seed')} alone."
        )
    return [
        name
        for name in RECOMMENDERS
        if isinstance(origin.get(name), dict) and origin[name].get("kept") != "defaults"
    ]
