"""The split that `evaluate` scores on, read from the files that its options name."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass

import click

from item2vec._support.messages import setting
from item2vec.cli.evaluate_options import EvaluateOptions
from item2vec.cli.option_values import was_given, words_of
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError
from item2vec.evaluation.splitting.later_splits import split_by_time, split_last, split_train_test
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import SharedUsersError, Split, check_apart
from item2vec.evaluation.splitting.users import HELD_OUT, fold_users, split_users
from item2vec.experiments.item_tables import item_column
from item2vec.reading.columns import ColumnNotFoundError

Splits = Callable[[int], list[Split | tuple[Interactions, Interactions]]]

# Options of `evaluate` that don't go with --test, or move to another place in that command.
NOT_WITH_TEST = ("interactions", "train_on", "in_sample", "protocol", "inputs", "labels")


@dataclass(frozen=True)
class ReadSplits:
    """Splits of interactions that were read.

    Parameters
    ----------
    by_seed : callable
        Returns the splits for a seed.
    item_ids : tuple of str
        The ids of the items that were read.
    protocol : SplitProtocol
        How cases are made.
    item_column : str or None
        The column of items.
    """

    by_seed: Splits
    item_ids: tuple[str, ...]
    protocol: SplitProtocol
    item_column: str | None


def read_splits(options: EvaluateOptions) -> ReadSplits:
    """Read the interactions, and return how they are split."""
    split = options.split
    if split.is_later:
        later = read_later_split(options)
        column = item_column(later.training)
        return ReadSplits(lambda seed: [later], later.training.item_ids, later.protocol, column)
    protocol = split.protocol_of_users()
    known = options.reading.read(options.interactions, keep_times=protocol.in_order)

    def by_seed(seed: int) -> list[Split | tuple[Interactions, Interactions]]:
        if split.folds:
            return list(fold_users(known, folds=split.folds, seed=seed))
        return [split_users(known, held_out=options.held_out or HELD_OUT, seed=seed)]

    return ReadSplits(by_seed, known.item_ids, protocol, item_column(known))


def read_later_split(options: EvaluateOptions) -> Split:
    """Read the interactions, and split them into an earlier and a later part of the same users."""
    split, keep_seen = options.split, options.split.keep_seen
    known = options.reading.read(options.interactions, keep_times=True)
    if split.tests:
        later = _read_further(options, split.tests, known)
        return split_train_test(known, later, keep_seen=keep_seen)
    if split.split_time is not None:
        return split_by_time(known, split.split_time, keep_seen=keep_seen)
    return split_last(known, keep_seen=keep_seen)


def _read_further(
    options: EvaluateOptions,
    files: tuple[str, ...],
    first: Interactions,
    *,
    keep_times: bool = True,
) -> Interactions:
    """Read further files; raise DataError if they lack columns that those before have.

    The options of columns hold for all files, so that another guess would not help.
    """
    try:
        return options.reading.read(files, keep_times=keep_times)
    except ColumnNotFoundError as error:
        columns = ", ".join(first.report.columns.values() if first.report else ())
        raise DataError(
            f"{', '.join(files)}: no column has a well-known name for the user or the item: rename "
            f"the columns as in {', '.join(options.interactions)} ({columns}), because "
            f"{setting('user')} and {setting('item')} hold for all files"
        ) from error


def read_training(options: EvaluateOptions, held_out: Interactions) -> Interactions | None:
    """Read the interactions of --train-on, if any.

    Raises
    ------
    SharedUsersError
        If they contain held-out users; the message gives the command that scores these users on
        later interactions.
    """
    files = options.stored.train_on
    if not files:
        return None
    training = _read_further(options, files, held_out, keep_times=False)
    try:
        check_apart(training, held_out)
    except SharedUsersError as error:
        command = _test_command(files, options.interactions)
        raise SharedUsersError(f"{error}: {command}") from error
    return training


def _test_command(train: tuple[str, ...], test: tuple[str, ...]) -> str:
    """Return this command rewritten with --test, quoted for the shell."""
    context = click.get_current_context()
    words = [*context.command_path.split(), *train]
    words += [word for file in test for word in ("--test", file)]
    for parameter in context.command.params:
        name = parameter.name or ""
        if was_given(name) and name in context.params and name not in NOT_WITH_TEST:
            words += words_of(parameter, context.params[name])
    return shlex.join(words)
