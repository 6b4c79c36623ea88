"""`--config FILE`: options and arguments of commands, read from a TOML file.

::

    [train]
    interactions = "ratings.csv"
    output = "model.safetensors"

    [reading]
    user = "customer"

    [word2vec]
    epochs = 20

A section that is called like a command contains its options and arguments; they become click's
default map, so that what is given on the command line takes precedence. The section [reading]
contains the options of reading for all commands that have them; the section of a command takes
precedence. A section that is called like a trainer or baseline contains its parameters, as in a
file for --params.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from item2vec._support.messages import shown
from item2vec._support.toml_file import read_toml
from item2vec.cli.config_values import ConfigValueError, value_of
from item2vec.cli.file_types import READ
from item2vec.cli.option_values import CONFIG, SHARED
from item2vec.cli.reading_options import READING, reading_options
from item2vec.errors import ParameterError
from item2vec.experiments.registry import ORIGIN, RECOMMENDERS

# Key of click's `meta`, which the group and its commands share: the file, if it has parameters.
CONFIG_PARAMETERS = "item2vec.config.parameters"
NOT_IN_FILE = {"config", "help"}

# The section of the options of reading that hold for all commands, as the command that it is not.
SHARED_OPTIONS = click.command("reading")(reading_options(lambda reading: reading))
SHARED_SECTION = "reading"


def config_option() -> click.Option:
    """Return the option --config FILE, which must come before other eager options."""
    return click.Option(
        ["--config"],
        type=READ,
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_apply,
        help="TOML file with options and arguments: a section [COMMAND] for each command, and a "
        "section [NAME] per trainer or baseline. The command line takes precedence.",
    )


def sections_of_commands() -> tuple[str, ...]:
    """Return the names of the sections that --params skips: of all commands, and [reading]."""
    commands = _commands(click.get_current_context())
    return (*(command.name or "" for command in commands), SHARED_SECTION)


def _apply(ctx: click.Context, option: click.Parameter, path: str | None) -> None:
    """Make the values of the file the defaults of the command."""
    if ctx.resilient_parsing:
        return
    if path:
        ctx.meta[CONFIG] = path
    path = ctx.meta.get(CONFIG)
    if path is None or isinstance(ctx.command, click.Group):
        return
    tables = _read(path, ctx)
    own = tables.get(ctx.command.name or "", {})
    shared = tables.get(SHARED_SECTION, {}) if _reads(ctx.command) else {}
    ctx.default_map = shared | own
    ctx.meta[SHARED] = shared.keys() - own.keys()
    if tables.keys() & RECOMMENDERS.keys():
        ctx.meta[CONFIG_PARAMETERS] = path


def _reads(command: click.Command) -> bool:
    """Return whether a command has the options of reading."""
    return {parameter.name for parameter in command.params}.issuperset(READING)


def _commands(ctx: click.Context) -> list[click.Command]:
    """Return all commands; only the one of the context if it is run without its group."""
    root = ctx.find_root().command
    return list(root.commands.values()) if isinstance(root, click.Group) else [root]


def _read(path: str, ctx: click.Context) -> dict[str, dict[str, Any]]:
    """Read the file; return its sections, those of commands with values by parameter.

    Raises
    ------
    ParameterError
        If a section or an option does not exist, or a value has the wrong type.
    """
    commands = {command.name or "": command for command in [*_commands(ctx), SHARED_OPTIONS]}
    sections = {}
    for name, table in read_toml(path).items():
        if not isinstance(table, dict):
            raise ParameterError(
                f"{path}: {name} is outside any section: put it under [{ctx.command.name}] or "
                "another command"
            )
        if name in commands:
            sections[name] = _values(f"{path}: [{name}]", table, commands[name], ctx)
        elif name in RECOMMENDERS or name == ORIGIN:
            sections[name] = table
        else:
            known = [*commands, *RECOMMENDERS]
            raise ParameterError(
                f"{path}: [{name}] is neither [reading] nor a command, trainer or baseline: "
                f"{_hint(name, known, 'choose one of')}"
            )
    return sections


def _values(
    place: str, table: Mapping[str, Any], command: click.Command, ctx: click.Context
) -> dict[str, Any]:
    """Return the values of a section by the names of the parameters of its command."""
    parameters = _by_name(command)
    values: dict[str, Any] = {}
    for key, given in table.items():
        name = key.replace("-", "_")
        if name not in parameters:
            hint = _hint(key, [each.replace("_", "-") for each in parameters], "it has")
            raise ParameterError(f"{place} has no option {shown(key)}: {hint}")
        parameter, is_negated = parameters[name]
        if parameter.name in values:
            raise ParameterError(f"{place} {key} is given twice: leave one of them out")
        try:
            value = value_of(parameter, given, ctx)
        except (ConfigValueError, ParameterError) as error:
            raise ParameterError(f"{place} {key}: {error}") from error
        values[parameter.name or ""] = not value if is_negated else value
    return values


def _by_name(command: click.Command) -> dict[str, tuple[click.Parameter, bool]]:
    """Return the parameters of a command by each of their names, and whether that negates it."""
    found: dict[str, tuple[click.Parameter, bool]] = {}
    for parameter in sorted(command.params, key=lambda each: isinstance(each, click.Argument)):
        for name, is_negated in _names(parameter):
            if name not in NOT_IN_FILE:
                found.setdefault(name, (parameter, is_negated))
    return found


def _names(parameter: click.Parameter) -> Iterator[tuple[str, bool]]:
    """Yield the names of a parameter in the file, and whether each of them negates it."""
    if isinstance(parameter, click.Argument):
        yield parameter.name or "", False
        yield (parameter.metavar or "").strip("[].").lower(), False
        return
    for names, is_negated in ((parameter.opts, False), (parameter.secondary_opts, True)):
        for option in sorted(names, key=len, reverse=True):
            yield option.lstrip("-").replace("-", "_"), is_negated


def _hint(name: str, names: Iterable[str], otherwise: str) -> str:
    """Return the names that are similar to a wrong one, or else all of them."""
    names = list(names)
    nearest = difflib.get_close_matches(name.replace("_", "-"), names, n=1, cutoff=0.5)
    return f"did you mean {nearest[0]}?" if nearest else f"{otherwise} {', '.join(names)}"
