"""Which split a command evaluates on: what its options say, read from its files."""

import shlex
from collections.abc import Callable
from typing import Any

import click

from item2vec.cli.console import read
from item2vec.cli.options import LAST, given_on_command_line, make_protocol
from item2vec.data.interactions import Interactions
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.later_splits import split_by_time, split_last, split_train_test
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import SharedUsersError, Split, check_apart
from item2vec.evaluation.splitting.users import fold_users, split_users

Splits = Callable[[int], list[Split | tuple[Interactions, Interactions]]]


def is_later(options: dict[str, Any]) -> bool:
    """Tell whether the same users are asked for what they did later."""
    return bool(options["protocol"] == LAST or _needs_no_protocol(options))


def _needs_no_protocol(options: dict[str, Any]) -> bool:
    """Tell whether other options than --protocol say how to split."""
    return options["split_time"] is not None or bool(options["tests"])


def check_later(options: dict[str, Any]) -> None:
    """Raise ParameterError where options do not go with the family of the split."""
    first = options["repeated"] == "first" and given_on_command_line("repeated")
    if options["keep_seen"] and first:
        raise ParameterError("--keep-seen keeps repeated items: leave --repeated first out")
    ways = {
        "--protocol": options["protocol"] == LAST or given_on_command_line("protocol"),
        "--split-time": options["split_time"] is not None,
        "--test": bool(options["tests"]),
    }
    chosen = [option for option, is_chosen in ways.items() if is_chosen]
    if len(chosen) > 1:
        raise ParameterError(f"{' and '.join(chosen)} exclude each other: choose one split")
    if not _needs_no_protocol(options):
        make_protocol(options)  # which raises where its options do not go together
    if not is_later(options):
        return
    way = f"--protocol {LAST}" if options["protocol"] == LAST else chosen[0]
    for name, why in (
        ("folds", "no users are held out"),
        ("held_out", "no users are held out"),
        ("inputs", "all that came before is shown"),
        ("labels", "all that came later is asked for"),
        ("train_on", "the earlier part is trained on"),
    ):
        if options[name]:
            raise ParameterError(f"--{name.replace('_', '-')} does not go with {way}: {why}")
    if options["models"] and not options["tests"]:
        raise ParameterError(
            f"--model does not go with {way}, for the model may have been trained on what is asked "
            "for: train it on the earlier part alone, and score it with "
            "item2vec evaluate EARLIER --test LATER --model MODEL"
        )


def make_splits(
    interactions: tuple[str, ...],
    reading: dict[str, Any],
    options: dict[str, Any],
) -> tuple[Splits, tuple[str, ...], SplitProtocol]:
    """Read the interactions; return the splits by seed, the ids of the items, and the protocol."""
    if is_later(options):
        later = later_split(interactions, reading, options)
        return lambda seed: [later], later.training.item_ids, later.protocol
    protocol = make_protocol(options)
    everybody = read(interactions, reading | {"keep_times": protocol.in_order})

    def splits(seed: int) -> list[Split | tuple[Interactions, Interactions]]:
        if options["folds"]:
            return list(fold_users(everybody, folds=options["folds"], seed=seed))
        return [split_users(everybody, held_out=options["held_out"], seed=seed)]

    return splits, everybody.item_ids, protocol


def later_split(
    interactions: tuple[str, ...], reading: dict[str, Any], options: dict[str, Any]
) -> Split:
    """Read the interactions and split them into an earlier and a later part of the same users."""
    keep_seen = options["keep_seen"]
    with_times = reading | {"keep_times": True}
    if options["tests"]:
        training = read(interactions, with_times)
        return split_train_test(training, read(options["tests"], with_times), keep_seen=keep_seen)
    if options["split_time"] is not None:
        told = read(interactions, with_times)
        return split_by_time(told, options["split_time"], keep_seen=keep_seen)
    return split_last(read(interactions, with_times), keep_seen=keep_seen)


def read_apart(
    interactions: tuple[str, ...],
    held_out: Interactions,
    reading: dict[str, Any],
    options: dict[str, Any],
) -> Interactions | None:
    """Read what --train-on names; where it has users of the others, say how to score them."""
    if not options["train_on"]:
        return None
    training = read(options["train_on"], reading)
    try:
        check_apart(training, held_out)
    except SharedUsersError as error:
        command = _test_command(options["train_on"], interactions)
        raise SharedUsersError(f"{error}: {command}") from error
    return training


def _test_command(train: tuple[str, ...], test: tuple[str, ...]) -> str:
    """Return this command as it would be with --test, quoted for the shell."""
    context = click.get_current_context()
    words = [*context.command_path.split(), *train]
    words += [word for file in test for word in ("--test", file)]
    for parameter in context.command.params:
        name = parameter.name or ""
        if not given_on_command_line(name) or name in (
            "interactions",
            "train_on",
            "in_sample",
            "protocol",
            "inputs",
            "labels",
        ):
            continue
        option = max(parameter.opts, key=len)
        values = context.params[name]
        if isinstance(parameter, click.Option) and parameter.is_flag and values is True:
            words.append(option)
            continue
        if name == "cutoffs":
            values = ",".join(map(str, values))
        for value in values if parameter.multiple else [values]:
            words += [option, str(value)]
    return shlex.join(words)
