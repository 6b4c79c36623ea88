"""Values of a configuration file, checked against the options that they are for."""

import datetime
from typing import Any

import click

from item2vec._support.messages import shown
from item2vec.cli.trainer_options import ParameterType


class ConfigValueError(Exception):
    """A value that an option does not take."""


def value_of(parameter: click.Parameter, given: Any, ctx: click.Context) -> Any:
    """Return a value of a TOML file as click takes it for an option or argument.

    Parameters
    ----------
    parameter : click.Parameter
    given : object
        A list, if the option may be repeated or the argument may have several values, or one of
        them. For an option of values with commas, such as --cutoffs, also a number or a list.
    ctx : click.Context

    Raises
    ------
    ConfigValueError
        If it has another type, or is not one of the values that the option takes.
    """
    if isinstance(parameter, click.Option) and parameter.is_flag:
        if not isinstance(given, bool):
            raise ConfigValueError(f"must be true or false, not {shown(given)}")
        return given
    if parameter.multiple or parameter.nargs == -1:
        values = given if isinstance(given, list) else [given]
        return [_single(parameter, value, ctx) for value in values]
    if (parameter.metavar or "").endswith(",..."):
        return _with_commas(given)
    return _single(parameter, given, ctx)


def _with_commas(given: Any) -> str:
    """Return one or several texts or numbers as text with commas."""
    values = given if isinstance(given, list) else [given]
    for value in values or [given]:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise ConfigValueError(
                f"must be text in quotes, a number, or a list of these, not {shown(given)}"
            )
    return ",".join(map(str, values))


def _single(parameter: click.Parameter, given: Any, ctx: click.Context) -> Any:
    """Return one value, after checking its type and converting it as click will do."""
    if given is True and _may_be_bare(parameter):
        given = parameter.flag_value  # type: ignore[attr-defined]
    value = _of_type(parameter.type, given)
    try:
        parameter.type.convert(value, parameter, ctx)
    except click.BadParameter as error:
        raise ConfigValueError(error.message.rstrip(".")) from error
    return value


def _may_be_bare(parameter: click.Parameter) -> bool:
    """Return whether an option has a value that stands for its name alone, as --validate does."""
    value = getattr(parameter, "flag_value", None)
    return isinstance(value, str | int | float)


def _of_type(kind: click.ParamType[Any], given: Any) -> Any:
    """Return a value if a parameter of this type takes it, as text if click reads it from text."""
    if isinstance(kind, ParameterType):
        if isinstance(given, str | int | float) and not isinstance(given, bool):
            return str(given)
        raise ConfigValueError(f"must be {kind.name}, not {shown(given)}")
    whole = isinstance(given, int) and not isinstance(given, bool)
    if isinstance(kind, click.types.IntParamType):
        if not whole:
            raise ConfigValueError(f"must be a whole number, not {shown(given)}")
        return given
    if isinstance(kind, click.types.FloatParamType):
        if not whole and not isinstance(given, float):
            raise ConfigValueError(f"must be a number, not {shown(given)}")
        return given
    if isinstance(given, datetime.date | datetime.time):  # TOML has types of its own for them
        return given.isoformat()
    if not isinstance(given, str):
        raise ConfigValueError(f"must be text in quotes, not {shown(given)}")
    return given
