"""Frozen values that commands receive in place of many options."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

F = TypeVar("F", bound=Callable[..., Any])

GIVEN = "given"
CONFIG = "item2vec.config"  # key of click's `meta`: the file that --config names
SHARED = "item2vec.config.shared"  # the options that only its section for all commands gives


def options_as(
    name: str, kind: "type[DataclassInstance]", options: Sequence[Callable[[Any], Any]]
) -> Callable[[F], F]:
    """Return a decorator that adds options to a command, which receives them as one value.

    Parameters
    ----------
    name : str
        The argument of the command that receives the value.
    kind : type
        A frozen dataclass with a field for each of the options. If it has a field `given`, this
        contains the names of the options that were given, on the command line or by the section of
        the command in the file of --config.
    options : sequence of decorators
        In the order in which help shows them.
    """
    names = [field.name for field in fields(kind)]

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def collect(*args: Any, **values: Any) -> Any:
            own = {option: values.pop(option) for option in names if option != GIVEN}
            if GIVEN in names:
                own[GIVEN] = frozenset(
                    each for each in own if was_given(each) and not _is_shared(each)
                )
            return command(*args, **values, **{name: kind(**own)})

        return decorated(collect, options)  # type: ignore[return-value]

    return decorate


def decorated(command: F, decorators: Sequence[Callable[[Any], Any]]) -> F:
    """Return a command with several decorators applied, the first of them outermost."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def was_given(name: str) -> bool:
    """Return whether an option was given, on the command line or in the file of --config."""
    source = click.get_current_context().get_parameter_source(name)
    return source in {ParameterSource.COMMANDLINE, ParameterSource.DEFAULT_MAP}


def _is_shared(name: str) -> bool:
    """Return whether the value of an option comes from the section for all commands."""
    context = click.get_current_context()
    return (
        name in context.meta.get(SHARED, ())
        and context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP
    )


def words_of(parameter: click.Parameter, value: Any) -> list[str]:
    """Return an option or an argument with its value as words of a command line."""
    if isinstance(parameter, click.Argument):
        return [str(word) for word in (value if parameter.nargs == -1 else [value])]
    option = max(parameter.opts, key=len)
    if getattr(parameter, "is_flag", False) and isinstance(value, bool):
        negated = max(parameter.secondary_opts, key=len, default=option)
        return [option if value else negated]
    if isinstance(value, tuple) and parameter.multiple:
        return [word for each in value for word in (option, str(each))]
    if isinstance(value, tuple):  # --cutoffs
        return [option, ",".join(map(str, value))]
    return [option, str(value)]
