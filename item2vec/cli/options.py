"""Options that several commands share, and the frozen values that the commands receive."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.config import CONFIG_PARAMETERS, sections_of_commands
from item2vec.cli.file_types import READ
from item2vec.cli.option_values import options_as
from item2vec.errors import ParameterError
from item2vec.evaluation.checks import check_cutoffs
from item2vec.evaluation.evaluate import CUTOFFS
from item2vec.evaluation.splitting.held_out_protocols import PROTOCOLS
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.experiments.registry import read_parameters

if TYPE_CHECKING:
    from item2vec.data.interactions import Repeated

F = TypeVar("F", bound=Callable[..., Any])
AnyDecorator = Callable[[Any], Any]

LAST = "leave-last-out"


@dataclass(frozen=True, kw_only=True)
class CountingOptions:
    """The options that decide which items and repeats are kept; see `Interactions.to_histories`.

    Parameters
    ----------
    min_count : int
        Items with fewer interactions are dropped.
    repeated : {"first", "keep"}
        Whether the first of repeated interactions is kept, or all of them.
    """

    min_count: int
    repeated: "Repeated"


@dataclass(frozen=True, kw_only=True)
class ProtocolOptions:
    """The options that name a protocol: how histories are split into inputs and labels.

    Parameters
    ----------
    protocol : str
        The name of a protocol.
    inputs, labels : int or None
        Numbers of inputs and of labels; None if not given.
    given : frozenset of str
        Names of the options that were given.
    """

    protocol: str
    inputs: int | None
    labels: int | None
    given: frozenset[str]

    @property
    def predicts_last(self) -> bool:
        """Whether the last item of every user is predicted, so that no user is held out."""
        return self.protocol == LAST

    def make_protocol(self, *, keep_seen: bool = False) -> SplitProtocol:
        """Make the protocol.

        Raises
        ------
        ParameterError
            If the options do not go together.
        """
        wanted = {"inputs": self.inputs, "labels": self.labels}
        counts: dict[str, Any] = {name: n for name, n in wanted.items() if n is not None}
        if counts and self.protocol in ("fold-in", LAST):
            why = "one item is predicted" if self.predicts_last else "fold-in takes shares"
            raise ParameterError(
                f"--{next(iter(counts))} can't be combined with --protocol {self.protocol} "
                f"({why}): leave it out, or choose random or latest"
            )
        if self.predicts_last:
            return LeaveLastOutProtocol(keep_seen=keep_seen)
        return PROTOCOLS[self.protocol](**counts, keep_seen=keep_seen)


def _only_one(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> str:
    """Return the value of an option that may be given once."""
    if len(values) > 1:
        raise ParameterError(
            f"{option.opts[0]} is given {len(values)} times ({', '.join(values)}): choose one"
        )
    return values[0]


COUNTING_OPTIONS: tuple[AnyDecorator, ...] = (
    click.option(
        "--min-count",
        type=click.IntRange(min=1),
        default=5,
        show_default=True,
        metavar="N",
        help="Drop items with fewer than N interactions among training users.",
    ),
    click.option(
        "--repeated",
        type=click.Choice(["first", "keep"]),
        default="first",
        show_default=True,
        help="What to do with repeated interactions of a user with an item: keep the first only, "
        "or keep all.",
    ),
)
PROTOCOL_OPTIONS: tuple[AnyDecorator, ...] = (
    click.option(
        "--protocol",
        type=click.Choice([*PROTOCOLS, LAST]),
        multiple=True,
        default=("random",),
        show_default=True,
        callback=_only_one,
        help="Which items of a user are inputs and which are to be predicted. random: 3 random "
        "items predict 7 others; latest: 3 predict the last 7; fold-in: a random 80 % predicts "
        f"the rest; {LAST}: all but the last item predict the last, for every user.",
    ),
    click.option(
        "--inputs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Inputs per user, for random and latest; 3 if not given.",
    ),
    click.option(
        "--labels",
        type=click.IntRange(min=1),
        metavar="N",
        help="Labels (items to predict) per user, for random and latest; 7 if not given.",
    ),
)


def counting_options(command: F) -> F:
    """Add the options that decide what is counted; the command receives `counting`."""
    return options_as("counting", CountingOptions, COUNTING_OPTIONS)(command)


def protocol_options(command: F) -> F:
    """Add the options that name a protocol; the command receives `protocol`."""
    return options_as("protocol", ProtocolOptions, PROTOCOL_OPTIONS)(command)


def params_option(command: F) -> F:
    """Add --params FILE, which the command receives as `params_file`.

    If it is not given, this is the file of --config, if that has parameters.
    """

    def or_config(ctx: click.Context, _: click.Parameter, path: str | None) -> str | None:
        return path or ctx.meta.get(CONFIG_PARAMETERS)

    return click.option(
        "--params",
        "params_file",
        type=READ,
        metavar="FILE",
        callback=or_config,
        help="TOML file of parameters, with a table [NAME] per trainer or baseline.",
    )(command)


def read_params(path: str | None) -> dict[str, dict[str, Any]]:
    """Read the file of --params, which may be a file for --config; {} if there is none."""
    return read_parameters(path, besides=sections_of_commands()) if path else {}


def cutoffs_option(command: F) -> F:
    """Add --cutoffs K,K,...; the command receives a tuple of numbers in ascending order."""

    def split(_: click.Context, __: click.Parameter, value: str) -> tuple[int, ...]:
        words = [word.strip() for word in value.split(",")]
        numbers: list[Any] = [int(word) if word.isdecimal() else word for word in words]
        return check_cutoffs(numbers)

    return click.option(
        "--cutoffs",
        metavar="K,...",
        default=",".join(map(str, CUTOFFS)),
        show_default=True,
        callback=split,
        help="Cutoffs k of the metrics, such as ndcg@k and recall@k. Tables show the metrics that "
        "fit; CSV and JSON contain all.",
    )(command)


def features_option(text: str) -> Callable[[F], F]:
    """Add --features COLUMN,COLUMN,...; the command receives a tuple, or None if not given."""

    def split(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(name.strip() for name in value.split(","))

    return click.option("--features", metavar="COLUMN,...", callback=split, help=text)


force_option = click.option(
    "--force", is_flag=True, help="Overwrite existing files, regardless of their content."
)


def seed_option(*, at_most: int | None = None) -> Callable[[F], F]:
    """Add --seed N."""
    return click.option(
        "--seed",
        type=click.IntRange(0, at_most),
        default=0,
        show_default=True,
        metavar="N",
        help="Random seed.",
    )
