"""`item2vec evaluate`."""

from typing import TYPE_CHECKING, Any

import click

from item2vec.cli.console import (
    progress_bar,
    read,
    read_items,
    say,
)
from item2vec.cli.help import Command
from item2vec.cli.options import (
    LAST,
    READING,
    counting_options,
    cutoffs_option,
    given,
    given_on_command_line,
    interactions_arguments,
    make_protocol,
    params_option,
    protocol_options,
    seed_option,
)
from item2vec.cli.page_option import check_page_option, page_option, write_page_option
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.cli.results import print_evaluation
from item2vec.cli.splitting import check_later, is_later, later_split, make_splits, read_apart
from item2vec.errors import ParameterError
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.users import HELD_OUT, check_share
from item2vec.experiments.comparison import (
    compare_repeatedly,
    compare_stored,
    with_baselines,
    with_defaults,
)
from item2vec.experiments.registry import RECOMMENDERS, TRAINERS, read_origin, read_parameters
from item2vec.models import model_file

if TYPE_CHECKING:
    from item2vec.data.interactions import Interactions
    from item2vec.evaluation.splitting.split import Split
    from item2vec.reports.showcase import Showcase

SETTINGS = ("min_count", "repeated", "cutoffs", "seed", "related", "without")
DEFAULT = ("word2vec", "popularity", "item-knn", "ease", "ials", "gensim-defaults", "random")


@click.command(cls=Command)
@interactions_arguments
@protocol_options
@click.option(
    "--split-time",
    metavar="TIME",
    help="Train on the interactions before TIME (a date, time or epoch) and predict later ones.",
)
@click.option(
    "--test",
    "tests",
    multiple=True,
    metavar="FILE",
    help="Train on INTERACTIONS and predict these, of the same users (repeatable).",
)
@click.option(
    "--keep-seen",
    is_flag=True,
    help="Let items that a user has seen be predicted again; needs a split in time order.",
)
@click.option(
    "--folds", type=click.IntRange(min=2), metavar="N", help="Hold out every user once, in N folds."
)
@click.option(
    "--held-out",
    type=float,
    metavar="SHARE",
    help="Share of the users to hold out; 0.2 if not given.",
)
@click.option(
    "--repeats",
    "times",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Repeat the evaluation N times with different splits and seeds.",
)
@click.option(
    "--recommender",
    "names",
    multiple=True,
    type=click.Choice(list(RECOMMENDERS)),
    metavar="NAME",
    help=f"Recommender to train and score (repeatable): {', '.join(RECOMMENDERS)}. All but softmax "
    "if none is given.",
)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(list(RECOMMENDERS)),
    metavar="NAME",
    help="Recommender to leave out, such as ease where it takes too long (repeatable).",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="FILE",
    help="Stored model to score on INTERACTIONS of users that it was not trained on (repeatable).",
)
@click.option(
    "--train-on",
    multiple=True,
    metavar="FILE",
    help="With --model: interactions to train the baselines on (repeatable).",
)
@click.option(
    "--in-sample",
    is_flag=True,
    help="With --model: score the model even on users that it was trained on.",
)
@click.option(
    "--items", metavar="FILE", help="Table of the items, whose genres are used to judge neighbours."
)
@click.option(
    "--related",
    multiple=True,
    metavar="COLUMN",
    help="Column of --items, or of the model's items, such as a series or an author: how many of "
    "the items that share a value are among an item's 10 nearest (repeatable).",
)
@cutoffs_option
@params_option
@click.option(
    "--validate",
    type=float,
    is_flag=False,
    flag_value=0.1,
    metavar="SHARE",
    help="Share of the training users held out to choose the best epoch; without a value: 0.1.",
)
@counting_options
@seed_option()
@page_option
@output_format_option
def evaluate(interactions: tuple[str, ...], output_format: OutputFormat, **options: Any) -> None:
    """Evaluate recommenders: given some of a user's items, predict others.

    By default, whole users of INTERACTIONS are held out. With --protocol leave-last-out,
    --split-time or --test, later interactions of the same users are predicted.

    Popularity, item k-NN and EASE are evaluated too, for comparison, unless --without leaves one
    out. A model with an item-item memory is also scored by its vectors alone and by its memory
    alone. Every number is a mean over users with its 95 % interval.

    \b
    Example:
      item2vec evaluate ratings.csv --folds 5
      item2vec evaluate held_out.csv --model movies.safetensors --train-on training.csv
      item2vec evaluate train.csv --test test.csv
      item2vec evaluate ratings.csv --items movie_series.csv --related series --report report.html
    """
    from item2vec.reports.sentences import notes

    reading = {name: options.pop(name) for name in READING}
    check_later(options)
    _check_options(options)
    check_page_option(interactions, options)
    parameters = read_parameters(options["params_file"]) if options["params_file"] else {}
    settings = {name: options[name] for name in SETTINGS}
    settings["parameters"] = _validating(parameters, options["validate"])
    if options["keep_seen"]:
        settings["repeated"] = "keep"
    run = _evaluate_stored if options["models"] else _evaluate_named
    evaluation, showcase, protocol = run(interactions, reading, options, settings)
    say(notes(evaluation))
    if options["page_file"]:
        write_page_option(evaluation, protocol, showcase, given(options))
    print_evaluation(evaluation, protocol, output_format)


def _validating(
    parameters: dict[str, dict[str, Any]], share: float | None
) -> dict[str, dict[str, Any]]:
    """Return the parameters with --validate for every trainer."""
    if share is None:
        return parameters
    return parameters | {name: parameters.get(name, {}) | {"validate": share} for name in TRAINERS}


def _tuned(path: str | None, options: dict[str, Any]) -> list[str]:
    """Return what the parameters file was tuned for; say where that sees users scored here."""
    origin = read_origin(path) if path else {}
    same = all(origin.get(name) == options[name] for name in ("held_out", "seed"))
    if origin and is_later(options):
        if origin.get("protocol", {}).get("name") != LAST or options["protocol"] != LAST:
            say(f"{path} was tuned on another split: some of what is scored here was seen then.")
    elif origin and (not same or options["times"] > 1):
        say(
            f"{path} was tuned on users some of whom are scored here: for a score on none of them "
            f"take --held-out {origin.get('held_out')} --seed {origin.get('seed')} alone."
        )
    return [
        name
        for name in RECOMMENDERS
        if isinstance(origin.get(name), dict) and origin[name].get("kept") != "defaults"
    ]


def _check_options(options: dict[str, Any]) -> None:
    """Raise ParameterError where options do not go together; decide what they leave open."""
    for name in options["names"]:
        if name in options["without"]:
            raise ParameterError(
                f"--recommender {name} and --without {name} exclude each other: choose one"
            )
    if options["folds"] and options["held_out"] is not None:
        raise ParameterError("--folds and --held-out exclude each other: choose one")
    if options["held_out"] is not None:
        check_share(options["held_out"])
    if options["related"] and not options["items"] and not options["models"]:
        raise ParameterError(
            f"--related {options['related'][0]} needs --items FILE, a table with this column"
        )
    if not options["models"]:
        if options["in_sample"]:
            raise ParameterError(
                "--in-sample goes with --model: without it, nobody is scored who was trained on"
            )
        if options["train_on"]:
            raise ParameterError("--train-on goes with --model: without it, INTERACTIONS are split")
        if not options["folds"] and options["held_out"] is None and not is_later(options):
            options["held_out"] = HELD_OUT
        return
    if options["folds"] or options["held_out"] is not None or options["times"] > 1:
        raise ParameterError(
            "--model is scored on all of INTERACTIONS: no --folds, no --held-out, no --repeats"
        )
    if not options["train_on"] and not options["tests"]:
        ignored = {"--recommender": options["names"], "--params": options["params_file"]}
        ignored["--validate"] = options["validate"]
        for name in ("min_count", "repeated"):
            ignored[f"--{name.replace('_', '-')}"] = given_on_command_line(name)
        for option, is_set in ignored.items():
            if is_set:
                raise ParameterError(f"{option} beside --model needs --train-on FILE to learn from")


def _evaluate_named(
    interactions: tuple[str, ...],
    reading: dict[str, Any],
    options: dict[str, Any],
    settings: dict[str, Any],
) -> tuple[Evaluation, "Showcase", SplitProtocol]:
    """Split the interactions as the options say, and train and score on the parts."""
    from item2vec.reports.showcase import Showcase

    splits, item_ids, protocol = make_splits(interactions, reading, options)
    if options["items"]:
        settings["catalogue"] = read_items(options["items"], item_ids)
    names = with_baselines(options["names"] or DEFAULT)
    names = with_defaults(names, _tuned(options["params_file"], options))
    showcase = Showcase(settings.get("catalogue"))
    with progress_bar("training and scoring") as progress:
        evaluation = compare_repeatedly(
            names,
            splits,
            protocol,
            times=options["times"],
            observers=[showcase] if options["page_file"] else [],
            progress=progress,
            **settings,
        )
    return evaluation, showcase, protocol


def _evaluate_stored(
    interactions: tuple[str, ...],
    reading: dict[str, Any],
    options: dict[str, Any],
    settings: dict[str, Any],
) -> tuple[Evaluation, "Showcase", SplitProtocol]:
    """Score stored models, and beside them what --train-on, or --test, lets be trained."""
    from item2vec.reports.showcase import Showcase

    models = {path: model_file.load(path) for path in options["models"]}
    scored: Interactions | Split
    protocol: SplitProtocol
    if options["tests"]:
        scored = later_split(interactions, reading, options)
        protocol = scored.protocol
    else:
        settings["protocol"] = protocol = make_protocol(options)
        reading = reading | {"keep_times": protocol.in_order}
        scored = read(interactions, reading)
        settings["training"] = read_apart(interactions, scored, reading, options)
    if options["items"]:
        known = {item_id for vectors in models.values() for item_id in vectors}
        settings["catalogue"] = read_items(options["items"], known)
    showcase = Showcase(settings.get("catalogue") or next(iter(models.values())).catalogue)
    with progress_bar("training and scoring") as progress:
        evaluation = compare_stored(
            models,
            scored,
            names=with_baselines(options["names"]),
            in_sample=options["in_sample"],
            observers=[showcase] if options["page_file"] else [],
            progress=progress,
            **settings,
        )
    return evaluation, showcase, protocol
