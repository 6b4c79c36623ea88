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
        contains the names of the options that were given on the command line.
    options : sequence of decorators
        In the order in which help shows them.
    """
    names = [field.name for field in fields(kind)]

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def collect(*args: Any, **values: Any) -> Any:
            own = {option: values.pop(option) for option in names if option != GIVEN}
            if GIVEN in names:
                own[GIVEN] = frozenset(filter(given_on_command_line, own))
            return command(*args, **values, **{name: kind(**own)})

        return decorated(collect, options)  # type: ignore[return-value]

    return decorate


def decorated(command: F, decorators: Sequence[Callable[[Any], Any]]) -> F:
    """Return a command with several decorators applied, the first of them outermost."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def given_on_command_line(name: str) -> bool:
    """Return whether the command's option of this name was given, and is not a default."""
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE
