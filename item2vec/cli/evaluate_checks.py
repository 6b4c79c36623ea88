"""Checks of which options of `evaluate` go together, before anything is read."""

from item2vec.cli.evaluate_options import EvaluateOptions
from item2vec.cli.options import LAST
from item2vec.cli.split_options import SplitOptions
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.users import check_share


def check_together(options: EvaluateOptions) -> None:
    """Raise ParameterError if options do not go together."""
    given_first = (
        "repeated" in options.recommenders.given and options.recommenders.repeated == "first"
    )
    if options.split.keep_seen and given_first:
        raise ParameterError("--keep-seen keeps repeated items: leave --repeated first out")
    options.catalogue.check_needed(options.metrics.items)
    _check_split(options)
    _check_recommenders(options)
    if options.stored.models:
        _check_stored(options)
    else:
        _check_trained(options)


def _check_split(options: EvaluateOptions) -> None:
    """Raise ParameterError if options can't be combined with the kind of split."""
    split = options.split
    ways = _ways(split)
    if len(ways) > 1:
        raise ParameterError(f"{' and '.join(ways)} are mutually exclusive: choose one split")
    if not split.has_own_protocol:
        split.protocol_of_users()  # which raises if its options do not go together
    if not split.is_later:
        return
    way = f"--protocol {LAST}" if split.predicts_last else ways[0]
    for option, value, why in (
        ("--folds", split.folds, "no users are held out"),
        ("--held-out", split.held_out, "no users are held out"),
        ("--inputs", split.inputs, "all earlier items are inputs"),
        ("--labels", split.labels, "all later items are labels"),
        ("--train-on", options.stored.train_on, "the earlier part is trained on"),
    ):
        if value:
            raise ParameterError(f"{option} can't be combined with {way}: {why}; leave it out")
    if options.stored.models and not split.tests:
        raise ParameterError(
            f"--model can't be combined with {way}, because the model may have been trained on the "
            "items to predict: train it on the earlier part, and score it with "
            "item2vec evaluate EARLIER --test LATER --model MODEL"
        )


def _ways(split: SplitOptions) -> list[str]:
    """Return the options that determine the split."""
    ways = {
        "--protocol": split.predicts_last or "protocol" in split.given,
        "--split-time": split.split_time is not None,
        "--test": bool(split.tests),
    }
    return [option for option, is_chosen in ways.items() if is_chosen]


def _check_recommenders(options: EvaluateOptions) -> None:
    """Raise ParameterError if a recommender is both wanted and left out, or a share is wrong."""
    both = set(options.recommenders.names) & set(options.recommenders.without)
    if both:
        name = min(both)
        raise ParameterError(
            f"--recommender {name} and --without {name} are mutually exclusive: choose one"
        )
    split, metrics = options.split, options.metrics
    if split.folds and split.held_out is not None:
        raise ParameterError("--folds and --held-out are mutually exclusive: choose one")
    if split.held_out is not None:
        check_share(split.held_out)
    if metrics.related and not metrics.items and not options.stored.models:
        raise ParameterError(
            f"--related {metrics.related[0]} needs --items FILE, a table with this column"
        )


def _check_trained(options: EvaluateOptions) -> None:
    """Raise ParameterError if options for stored models are given without one."""
    if options.stored.in_sample:
        raise ParameterError(
            "--in-sample goes with --model: recommenders trained here are never scored on their "
            "training users; leave it out"
        )
    if options.stored.train_on:
        raise ParameterError(
            "--train-on goes with --model: without it, INTERACTIONS are split; leave it out"
        )


def _check_stored(options: EvaluateOptions) -> None:
    """Raise ParameterError if options can't be combined with --model."""
    split, recommenders = options.split, options.recommenders
    if split.folds or split.held_out is not None or split.times > 1:
        raise ParameterError(
            "--model is scored on all of INTERACTIONS: no --folds, no --held-out, no --repeats"
        )
    if options.trains:
        return
    without_effect = {
        "--recommender": recommenders.names,
        "--params": "params_file" in recommenders.given,
        "--validate": recommenders.validate,
        "--min-count": "min_count" in recommenders.given,
        "--repeated": "repeated" in recommenders.given,
    }
    for option, is_given in without_effect.items():
        if is_given:
            raise ParameterError(f"{option} with --model needs --train-on FILE to train on")
