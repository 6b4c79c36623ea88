"""What commands share: options that read interactions, and options made of a trainer's fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import click

from item2vec.errors import ParameterError
from item2vec.heldout import PROTOCOLS, HeldOutProtocol
from item2vec.parameters import Parameters, alternatives

F = TypeVar("F", bound=Callable[..., Any])

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
)


def interactions_arguments(command: F) -> F:
    """Add the argument INTERACTIONS... and the options that say how to read it."""
    argument = click.argument("interactions", nargs=-1, required=True, metavar="INTERACTIONS...")
    return argument(reading_options(command))


def reading_options(command: F) -> F:
    """Add the options that say how to read interactions."""
    decorators = [
        click.option("--user", metavar="COLUMN", help="Column of user ids."),
        click.option("--item", metavar="COLUMN", help="Column of item ids."),
        click.option("--time", metavar="COLUMN", help="Column of times; 'none': file order."),
        click.option("--rating", metavar="COLUMN", help="Column of ratings, for --min-rating."),
        click.option("--min-rating", type=float, help="Leave out what is rated lower."),
        click.option("--where", metavar="SQL", help='Leave out other rows, e.g. "Quantity > 0".'),
        click.option("--time-format", help="Of times, e.g. '%d/%m/%Y %H:%M' [default: found out]."),
        click.option(
            "--delimiter", help="Between the columns of a text file [default: found out]."
        ),
        click.option(
            "--encoding",
            type=click.Choice(["utf-8", "latin-1"]),
            default="utf-8",
            show_default=True,
            help="Of text files.",
        ),
    ]
    return _decorated(command, decorators)


def counting_options(command: F) -> F:
    """Add the options that say what counts as a history."""
    decorators = [
        click.option(
            "--min-count",
            type=click.IntRange(min=1),
            default=5,
            show_default=True,
            help="Leave out items that training users have less often.",
        ),
        click.option(
            "--repeated",
            type=click.Choice(["first", "keep"]),
            default="first",
            show_default=True,
            help="Keep an item repeated in a history once, at its first place, or every time.",
        ),
    ]
    return _decorated(command, decorators)


def params_option(command: F) -> F:
    """Add --params FILE."""
    return click.option(
        "--params",
        "params_file",
        metavar="FILE",
        help="TOML file of parameters: a table [NAME] for each trainer or baseline.",
    )(command)


def protocol_options(command: F) -> F:
    """Add the options that say how held-out histories are split."""
    decorators = [
        click.option(
            "--protocol",
            type=click.Choice(list(PROTOCOLS)),
            default="random",
            show_default=True,
            help="How a held-out history is split.",
        ),
        click.option("--inputs", type=click.IntRange(min=1), help="Items shown of each user [3]."),
        click.option(
            "--labels", type=click.IntRange(min=1), help="Items asked for of each user [7]."
        ),
    ]
    return _decorated(command, decorators)


def make_protocol(options: Mapping[str, Any]) -> HeldOutProtocol:
    """Make the protocol of `protocol_options`, with the counts that were given."""
    counts = {name: options[name] for name in ("inputs", "labels") if options[name] is not None}
    if counts and options["protocol"] == "fold-in":
        raise ParameterError(
            "--inputs and --labels go with --protocol random and latest: fold-in takes shares"
        )
    return PROTOCOLS[options["protocol"]].from_mapping(counts)


def features_option(doc: str) -> Callable[[F], F]:
    """Add --features COLUMN,COLUMN,...; None where it is not given."""

    def split(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(name.strip() for name in value.split(","))

    return click.option("--features", metavar="COLUMN,...", callback=split, help=doc)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
force_option = click.option(
    "--force", is_flag=True, help="Replace what is there, whatever it holds."
)


def seed_option(of_what: str, *, at_most: int | None = None) -> Callable[[F], F]:
    """Add --seed N."""
    return click.option(
        "--seed",
        type=click.IntRange(0, at_most),
        default=0,
        show_default=True,
        metavar="N",
        help=f"Of {of_what}: the same gives the same.",
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
    told = ", ".join(f"{trainer}: {default}" for trainer, default in defaults.items())
    text = f"{field.metadata['doc'].capitalize()} [{told}]."
    if hint is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", default=None, help=text)
    if field.metadata["when_bare"] is not None:
        text = f"{text[:-1]}, {flag} alone: {field.metadata['when_bare']}."
        return click.option(
            flag,
            type=ParameterType(hint),
            is_flag=False,
            flag_value=field.metadata["when_bare"],
            default=None,
            help=text,
        )
    return click.option(flag, type=ParameterType(hint), default=None, help=text)


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
