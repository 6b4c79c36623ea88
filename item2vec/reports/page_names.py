"""Names of models on the page: without the folder and the extension of a model file."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PureWindowsPath
from typing import TypeVar

from item2vec.evaluation.results import Evaluation

T = TypeVar("T")


def short_names(models: Iterable[str]) -> dict[str, str]:
    """Return a short name for each model: a file name without its folder and extension.

    Examples
    --------
    >>> short_names(["ease", "a/films.safetensors", "b/films.safetensors"])
    {'ease': 'ease', 'a/films.safetensors': 'films', 'b/films.safetensors': 'films (2)'}
    """
    short: dict[str, str] = {}
    for name in models:
        # PureWindowsPath accepts both kinds of slashes. A path without a name becomes "model".
        stem = PureWindowsPath(name).name.removesuffix(".safetensors") or "model"
        stem = stem.replace(".safetensors, ", ", ")  # a part of a model, such as its vectors
        free, n = stem, 1
        while free in short.values():
            n += 1
            free = f"{stem} ({n})"
        short[name] = free
    return short


def renamed(evaluation: Evaluation, names: Mapping[str, str]) -> Evaluation:
    """Return an evaluation with renamed models; `names` maps old names to new ones."""
    return replace(
        evaluation,
        scores=keyed(evaluation.scores, names),
        item_metrics={
            metric: replace(found, values=keyed(found.values, names))
            for metric, found in evaluation.item_metrics.items()
        },
    )


def keyed(of_models: Mapping[str, T], names: Mapping[str, str]) -> dict[str, T]:
    """Return the entries of the models in `names`, keyed by their new names."""
    return {short: of_models[name] for name, short in names.items() if name in of_models}
