"""Options generated from the parameters of trainers, which declare type, range and meaning."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields
from typing import Any, TypeVar, get_type_hints

import click

from item2vec.cli.option_values import decorated
from item2vec.parameters import Parameters, alternatives

F = TypeVar("F", bound=Callable[..., Any])


def trainer_options(kinds: Mapping[str, type[Parameters]]) -> Callable[[F], F]:
    """Add an option for each parameter of any of the trainers.

    The command receives `parameters`, a dict of those that were given, by name. The trainer checks
    their range, and refuses those that it does not have.

    Parameters
    ----------
    kinds : mapping of str to type
        The trainers by name. A parameter that several of them have is one option.
    """
    parameters = _parameters(kinds)

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def collect(*args: Any, **values: Any) -> Any:
            found = {name: values.pop(name) for name in parameters}
            given = {name: value for name, value in found.items() if value is not None}
            return command(*args, **values, parameters=given)

        options = [_option(parameter) for parameter in parameters.values()]
        return decorated(collect, options)  # type: ignore[return-value]

    return decorate


@dataclass(frozen=True)
class _Parameter:
    """A parameter of one or several trainers.

    Parameters
    ----------
    field : dataclasses.Field
        As the first trainer that has it declares it.
    hint : type
        Its annotation there.
    defaults : mapping of str to object
        Its default by the name of the trainer.
    """

    field: "Field[Any]"
    hint: Any
    defaults: Mapping[str, Any]

    @property
    def option(self) -> str:
        """The name of its option, without the dashes in front."""
        return self.field.name.replace("_", "-")

    @property
    def help(self) -> str:
        """Its meaning as a sentence, and its default for each trainer, as click writes defaults."""
        doc = self.field.metadata["doc"]
        bare = self.field.metadata["when_bare"]
        without_value = "" if bare is None else f"; without a value: {bare}"
        return f"{doc[0].upper()}{doc[1:]}.  [default: {self._default()}{without_value}]"

    def _default(self) -> str:
        words: Mapping[Any, Any] = {}
        if self.hint is bool:
            words = {True: self.option, False: f"no-{self.option}"}
        shown = {trainer: words.get(value, value) for trainer, value in self.defaults.items()}
        values = list(shown.values())
        if all(value == values[0] for value in values):
            return str(values[0])
        return ", ".join(f"{value} ({trainer})" for trainer, value in shown.items())


def _parameters(kinds: Mapping[str, type[Parameters]]) -> dict[str, _Parameter]:
    """Return the parameters of all trainers by name, those of the first trainer first."""
    declared = {
        trainer: {field.name: field for field in fields(kind) if field.metadata}
        for trainer, kind in kinds.items()
    }
    found: dict[str, _Parameter] = {}
    for trainer, kind in kinds.items():
        hints = get_type_hints(kind)
        for name, field in declared[trainer].items():
            defaults = {other: own[name].default for other, own in declared.items() if name in own}
            found.setdefault(name, _Parameter(field, hints[name], defaults))
    return found


def _option(parameter: _Parameter) -> Callable[[F], F]:
    """Return the option of a parameter; None means that it is not given."""
    name = parameter.option
    if parameter.hint is bool:
        return click.option(f"--{name}/--no-{name}", default=None, help=parameter.help)
    kind, bare = ParameterType(parameter.hint), parameter.field.metadata["when_bare"]
    if bare is None:
        return click.option(f"--{name}", type=kind, default=None, help=parameter.help)
    return click.option(
        f"--{name}", type=kind, is_flag=False, flag_value=bare, default=None, help=parameter.help
    )


class ParameterType(click.ParamType[Any]):
    """The type of a parameter: words, numbers or both. The trainer checks the range.

    Parameters
    ----------
    hint : type
        The annotation of the parameter, such as ``int | Literal["auto"]``.
    """

    def __init__(self, hint: Any) -> None:
        self.kinds, self.words = alternatives(hint)
        self.name = "|".join([*self.words, *("N" if k is int else "X" for k in self.kinds)])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what may be written, for the help."""
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
        return self.fail(f"{value!r} is not one of {self.name}", param, ctx)
