"""The options of `evaluate` that describe how interactions are split."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from item2vec.cli.file_types import READ
from item2vec.cli.options import PROTOCOL_OPTIONS, ProtocolOptions
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.users import HELD_OUT


@dataclass(frozen=True, kw_only=True)
class SplitOptions(ProtocolOptions):
    """The options that describe how interactions are split for training and scoring.

    Parameters
    ----------
    protocol, inputs, labels, given
        As in `ProtocolOptions`.
    split_time : str or None
        Time from which on interactions are predicted.
    tests : tuple of str
        Files of interactions to predict, of the users that are trained on.
    keep_seen : bool
        Whether items that a user has seen may be predicted again.
    folds : int or None
        Number of parts of the users, each of which is held out once.
    held_out : float or None
        Share of the users to hold out; None if not given.
    times : int
        Number of repeats, with different splits and seeds.
    """

    split_time: str | None
    tests: tuple[str, ...]
    keep_seen: bool
    folds: int | None
    held_out: float | None
    times: int

    @property
    def has_own_protocol(self) -> bool:
        """Whether other options than --protocol describe the split."""
        return self.split_time is not None or bool(self.tests)

    @property
    def is_later(self) -> bool:
        """Whether later interactions of the same users are predicted, and no users held out."""
        return self.predicts_last or self.has_own_protocol

    def protocol_of_users(self) -> SplitProtocol:
        """Make the protocol that --protocol names."""
        return self.make_protocol(keep_seen=self.keep_seen)


SPLIT_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    *PROTOCOL_OPTIONS,
    click.option(
        "--split-time",
        metavar="TIME",
        help="Train on the interactions before TIME, a date, a date with a time or a Unix time, "
        "and predict those from then on.",
    ),
    click.option(
        "--test",
        "tests",
        multiple=True,
        type=READ,
        metavar="FILE",
        help="Train on INTERACTIONS and predict the interactions of the same users in FILE "
        "(repeatable).",
    ),
    click.option(
        "--keep-seen",
        is_flag=True,
        help="Allow items that a user has already seen as labels and recommendations; requires a "
        "split by time.",
    ),
    click.option(
        "--folds",
        type=click.IntRange(min=2),
        metavar="N",
        help="Hold out every user once, in N folds.",
    ),
    click.option(
        "--held-out",
        type=float,
        metavar="SHARE",
        help=f"Share of the users to hold out; {HELD_OUT} if not given.",
    ),
    click.option(
        "--repeats",
        "times",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Repeat the evaluation N times with different splits and seeds.",
    ),
)
