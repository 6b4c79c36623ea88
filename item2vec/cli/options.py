"""What commands share: options that read interactions, and options made of a trainer's fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import click
from click.core import ParameterSource

from item2vec.errors import ParameterError
from item2vec.evaluation.checks import check_cutoffs
from item2vec.evaluation.evaluate import CUTOFFS
from item2vec.evaluation.splitting.held_out_protocols import PROTOCOLS
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.parameters import Parameters, alternatives

F = TypeVar("F", bound=Callable[..., Any])

LAST = "leave-last-out"
READING = (
    "user",
    "item",
    "time",
    "rating",
    "min_rating",
    "where",
    "time_format",
    "delimiter",
    "encoding",
    "anonymous",
)


def interactions_arguments(command: F) -> F:
    """Add the argument INTERACTIONS... and the options that say how to read it."""
    argument = click.argument("interactions", nargs=-1, required=True, metavar="INTERACTIONS...")
    return argument(reading_options(command))


def reading_options(command: F) -> F:
    """Add the options that say how to read interactions."""
    decorators = [
        _column_option("user", "Column of user ids; found by its name if not given."),
        _column_option("item", "Column of item ids; found by its name if not given."),
        _column_option(
            "time", "Column of times; found by its name if not given. 'none': file order."
        ),
        _column_option(
            "rating", "Column of ratings, for --min-rating; found by its name if not given."
        ),
        click.option("--min-rating", type=float, help="Drop ratings below this value."),
        click.option(
            "--where",
            metavar="SQL",
            help='Keep only the rows that match this SQL condition, e.g. "Quantity > 0".',
        ),
        click.option(
            "--time-format",
            metavar="FORMAT",
            help="Timestamp format, e.g. '%d/%m/%Y %H:%M'; detected if not given.",
        ),
        click.option(
            "--delimiter",
            metavar="TEXT",
            help="Column separator of text files; detected if not given.",
        ),
        click.option(
            "--encoding",
            type=click.Choice(["utf-8", "latin-1"]),
            default="utf-8",
            show_default=True,
            help="Text encoding.",
        ),
        click.option(
            "--anonymous",
            type=click.Choice(["error", "drop", "keep"]),
            default="error",
            show_default=True,
            help="What to do with a placeholder user, such as NA, that stands for many visitors: "
            "stop, drop its records, or keep them as one user.",
        ),
    ]
    return _decorated(command, decorators)


def _column_option(role: str, text: str) -> Callable[[F], F]:
    return click.option(f"--{role}", metavar="COLUMN", help=text)


def counting_options(command: F) -> F:
    """Add the options that say what counts as a history."""
    decorators = [
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
            help="Keep the first of repeated interactions of a user with an item, or all of them.",
        ),
    ]
    return _decorated(command, decorators)


def params_option(command: F) -> F:
    """Add --params FILE."""
    return click.option(
        "--params",
        "params_file",
        metavar="FILE",
        help="TOML file of parameters, with a table [NAME] per trainer or baseline.",
    )(command)


def protocol_options(command: F) -> F:
    """Add the options that say how held-out histories are split."""
    decorators = [
        click.option(
            "--protocol",
            type=click.Choice([*PROTOCOLS, LAST]),
            default="random",
            show_default=True,
            help=f"How histories of held-out users are split; {LAST}: predict the last item of "
            "every user.",
        ),
        click.option(
            "--inputs",
            type=click.IntRange(min=1),
            metavar="N",
            help="Items shown per user; 3 if not given.",
        ),
        click.option(
            "--labels",
            type=click.IntRange(min=1),
            metavar="N",
            help="Items to predict per user; 7 if not given.",
        ),
    ]
    return _decorated(command, decorators)


def make_protocol(options: Mapping[str, Any]) -> SplitProtocol:
    """Make the protocol of `protocol_options`, with the counts that were given."""
    counts = {name: options[name] for name in ("inputs", "labels") if options[name] is not None}
    name, keep_seen = options["protocol"], bool(options.get("keep_seen"))
    if counts and name in ("fold-in", LAST):
        why = "fold-in takes shares" if name == "fold-in" else "the last item is asked for"
        raise ParameterError(f"--inputs and --labels go with --protocol random and latest: {why}")
    if name == LAST:
        return LeaveLastOutProtocol(keep_seen=keep_seen)
    kind = PROTOCOLS[name]
    return kind(**counts, keep_seen=keep_seen)


def given_on_command_line(name: str) -> bool:
    """Tell whether the command's option of this name was given, and is no default."""
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE


def cutoffs_option(command: F) -> F:
    """Add --cutoffs K,K,...; a tuple of numbers in rising order."""

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
        help="Cutoffs k of the metrics ndcg@k, recall@k and others. Tables show those that fit; "
        "CSV and JSON hold all.",
    )(command)


def features_option(doc: str) -> Callable[[F], F]:
    """Add --features COLUMN,COLUMN,...; None where it is not given."""

    def split(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(name.strip() for name in value.split(","))

    return click.option("--features", metavar="COLUMN,...", callback=split, help=doc)


force_option = click.option(
    "--force", is_flag=True, help="Overwrite existing files, whatever they hold."
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


def trainer_options(kinds: Mapping[str, type[Parameters]]) -> Callable[[F], F]:
    """Add an option for each parameter of any of the trainers; unset ones are None."""

    def decorate(command: F) -> F:
        first: dict[str, tuple[Any, Any]] = {}
        defaults: dict[str, dict[str, Any]] = {}
        for trainer, kind in kinds.items():
            hints = get_type_hints(kind)
            for field in fields(kind):
                if field.metadata:
                    first.setdefault(field.name, (field, hints[field.name]))
                    defaults.setdefault(field.name, {})[trainer] = field.default
        return _decorated(command, [_option(*first[name], defaults[name]) for name in first])

    return decorate


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were set; the trainer accepts or refuses them."""
    return {name: value for name, value in values.items() if value is not None}


def _option(field: Any, hint: Any, defaults: Mapping[str, Any]) -> Callable[[F], F]:
    flag = "--" + field.name.replace("_", "-")
    text = _sentence(field.metadata["doc"]) + _defaults(defaults, field.metadata["when_bare"])
    if hint is bool:
        words = {value: flag[2:] if value else f"no-{flag[2:]}" for value in (True, False)}
        shown = {trainer: words[value] for trainer, value in defaults.items()}
        text = _sentence(field.metadata["doc"]) + _defaults(shown, None)
        return click.option(f"{flag}/--no-{flag[2:]}", default=None, help=text)
    if field.metadata["when_bare"] is not None:
        return click.option(
            flag,
            type=ParameterType(hint),
            is_flag=False,
            flag_value=field.metadata["when_bare"],
            default=None,
            help=text,
        )
    return click.option(flag, type=ParameterType(hint), default=None, help=text)


def _sentence(doc: str) -> str:
    return f"{doc[0].upper()}{doc[1:]}."


def _defaults(defaults: Mapping[str, Any], when_bare: Any) -> str:
    """Write the default of each trainer, once where they agree, as click writes defaults."""
    values = list(defaults.values())
    if all(value == values[0] for value in values):
        text = f"default: {values[0]}"
    else:
        text = "default: " + ", ".join(f"{value} ({name})" for name, value in defaults.items())
    without_value = f"; without a value: {when_bare}" if when_bare is not None else ""
    return f"  [{text}{without_value}]"


class ParameterType(click.ParamType[Any]):
    """A parameter's own type: words, numbers. Its range is the trainer's to check."""

    def __init__(self, hint: Any) -> None:
        self.kinds, self.words = alternatives(hint)
        self.name = "|".join([*self.words, *("N" if k is int else "X" for k in self.kinds)])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show what may be written."""
        return self.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Turn text into a word or a number."""
        if value in self.words:
            return value
        for kind in self.kinds:
            try:
                return kind(value)
            except ValueError:
                continue
        return self.fail(f"{value!r} is none of {self.name}", param, ctx)


def _decorated(command: F, decorators: Sequence[Callable[[F], F]]) -> F:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command
