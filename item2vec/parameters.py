"""Declaration of parameters of trainers and baselines: default, description and allowed range.

A trainer or a baseline is a frozen dataclass of its parameters. Each parameter is declared once, by
`parameter`. The check of its value and its option on the command line are derived from that
declaration.
"""

import dataclasses
import math
import types
from collections.abc import Mapping
from typing import Any, Literal, Self, Union, get_args, get_origin, get_type_hints

import numpy as np

from item2vec._support.messages import shown
from item2vec.errors import ParameterError


@dataclasses.dataclass(frozen=True)
class Among:
    """Search space of a tuned parameter: a finite set of values."""

    values: tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Between:
    """Search space of a tuned parameter: the interval from `low` to `high`."""

    low: float
    high: float
    log: bool = False  # sample on a logarithmic scale


Search = Among | Between


def parameter(
    default: Any,
    doc: str,
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    when_bare: float | None = None,
    search: Search | None = None,
    reported: bool = False,
) -> Any:
    """Declare a parameter: a dataclass field with a default, a description and an allowed range.

    Parameters
    ----------
    default : object
    doc : str
        The description, which is also the help text of the command-line option.
    at_least, above, at_most : float, optional
        Bounds of the allowed range: inclusive lower, exclusive lower and inclusive upper bound.
    when_bare : float, optional
        The value to use if the command-line option is given without a value.
    search : Search, optional
        The search space of `item2vec tune`; parameters without one are not tuned.
    reported : bool
        Whether an evaluation reports the value that "auto" is resolved to. Parameters with a
        `search` are always reported.
    """
    limits = {"at_least": at_least, "above": above, "at_most": at_most}
    metadata = {"doc": doc, "when_bare": when_bare, "search": search, "reported": reported}
    metadata |= limits
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Parameters:
    """Base class of trainers and baselines, which checks the parameters on construction.

    Raises
    ------
    ParameterError
        If a value has the wrong type or lies outside its range.
    """

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.generic):  # such as np.int64(5), from a loop over np.arange
                value = value.item()
                object.__setattr__(self, field.name, value)
            _check(field.name, value, hints[field.name], field.metadata)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Return an object with these parameters, given by name.

        Raises
        ------
        ParameterError
            If a name is unknown, or a value has the wrong type or is outside its range.
        """
        known = [field.name for field in dataclasses.fields(cls) if field.metadata]
        for name in values:
            if name not in known:
                raise ParameterError(
                    f"{cls.__name__} has no parameter {shown(name)}: "
                    f"it has {', '.join(known) or 'no parameters'}"
                )
        return cls(**values)

    @classmethod
    def searched(cls) -> dict[str, Search]:
        """Return the search space of each parameter that is tuned."""
        return {
            field.name: field.metadata["search"]
            for field in dataclasses.fields(cls)
            if field.metadata.get("search")
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters by name."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.metadata
        }


def parameters_of(fitted: object) -> dict[str, Any]:
    """Return the parameters that a fitted model was trained with, or {} if it does not store them.

    They are its attribute `parameters`, or the entry "parameters" of its attribute `metadata`.
    """
    own = getattr(fitted, "parameters", None)
    if isinstance(own, Parameters):
        return own.to_dict()
    metadata = getattr(fitted, "metadata", None)
    stored = metadata.get("parameters") if isinstance(metadata, Mapping) else None
    return dict(stored) if isinstance(stored, Mapping) else {}


def resolved_parameters(trainer: object, fitted: object) -> dict[str, Any]:
    """Return the values that fitting chose for the parameters that are "auto" in a trainer.

    Only parameters with a search space, or declared as `reported`, are included.
    """
    if not isinstance(trainer, Parameters):
        return {}
    fitted_values = parameters_of(fitted)
    return {
        field.name: fitted_values[field.name]
        for field in dataclasses.fields(trainer)
        if (field.metadata.get("search") or field.metadata.get("reported"))
        and getattr(trainer, field.name) == "auto"
        and fitted_values.get(field.name, "auto") != "auto"
    }


def alternatives(hint: Any) -> tuple[list[type], list[Any]]:
    """Split a type annotation into types and literals.

    Examples
    --------
    >>> alternatives(int | Literal["auto"])
    ([<class 'int'>], ['auto'])
    """
    if get_origin(hint) in (Union, types.UnionType):
        parts = [alternatives(part) for part in get_args(hint)]
        return [t for kinds, _ in parts for t in kinds], [v for _, words in parts for v in words]
    if get_origin(hint) is Literal:
        return [], list(get_args(hint))
    return [get_origin(hint) or hint], []


def _check(name: str, value: Any, hint: Any, limits: Mapping[str, Any]) -> None:
    """Raise ParameterError unless a value matches its type annotation and its limits."""
    kinds, words = alternatives(hint)
    if isinstance(value, str | int | float) and value in words and not isinstance(value, bool):
        return
    if isinstance(value, bool):
        fits = bool in kinds
    else:
        accepted = tuple(kinds) + ((int,) if float in kinds else ())
        fits = isinstance(value, accepted)
    if not fits:
        allowed = [repr(word) for word in words] + [kind.__name__ for kind in kinds]
        raise ParameterError(f"{name} must be {' or '.join(allowed)}, not {shown(value)}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(name, value, limits)


def _check_range(name: str, value: float, limits: Mapping[str, Any]) -> None:
    """Raise ParameterError unless a number is finite and within its limits."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ParameterError(f"{name} must be a finite number, not {shown(value)}")
    if limits.get("at_least") is not None and value < limits["at_least"]:
        raise ParameterError(f"{name} must be at least {limits['at_least']}, not {shown(value)}")
    if limits.get("above") is not None and value <= limits["above"]:
        raise ParameterError(f"{name} must be above {limits['above']}, not {shown(value)}")
    if limits.get("at_most") is not None and value > limits["at_most"]:
        raise ParameterError(f"{name} must be at most {limits['at_most']}, not {shown(value)}")
