"""`item2vec info`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from item2vec.cli.help import Command
from item2vec.cli.lookup_options import model_argument
from item2vec.cli.printing import OutputFormat, output_format_option, print_json, print_records
from item2vec.experiments.training import SELECTED
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors

# The metadata in each section; all others are listed under "Details".
MODEL = ("trainer", "items", "vector_size", "recency", "catalogue", "features", "verified")
TRAINING = ("histories", "interactions", "min_count", "repeated", "reproducible", "read")


@click.command(cls=Command)
@model_argument
@click.option("--verify", is_flag=True, help="Read the whole file and compare its checksum.")
@output_format_option
def info(model: str, verify: bool, output_format: OutputFormat) -> None:
    """Show what a model file contains and how the model was trained.

    \b
    Example:
      item2vec info movies.safetensors --verify
    """
    facts = _facts(model_file.load(model, verify=verify), verify)
    if output_format == "json":
        print_json(facts)
    elif output_format == "table":
        click.echo("\n".join(_lines(facts)))
    else:
        records = [{"name": name, "value": fact} for name, fact in _flat(facts)]
        print_records(records, output_format)


def _facts(vectors: ItemVectors, verified: bool) -> dict[str, Any]:
    """Return the facts about a model that JSON shows."""
    return {
        "items": len(vectors),
        "vector_size": vectors.vector_size,
        "catalogue": list(vectors.catalogue.columns),
        **model_file.metadata_of(vectors),
        **({"recency": vectors.recency} if vectors.recency else {}),
        **({} if vectors.sketch is None else {"sketch": vectors.sketch.to_dict()}),
        **({"verified": True} if verified else {}),
    }


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the facts in sections, the most important first."""
    yield from _section("Model", _rows(facts, MODEL))
    yield from _section("Training data", _rows(facts, TRAINING))
    yield from _section("Parameters", _flat(facts.get("parameters", {})))
    selected = {name: facts[name] for name in SELECTED if name in facts}
    if selected:
        yield from ("", "Selected on validation users:", *_selections(selected))
    shown = {*MODEL, *TRAINING, "parameters", *selected}
    yield from _section("Details", _rows(facts, [name for name in facts if name not in shown]))


def _section(title: str, rows: Sequence[tuple[str, Any]]) -> Iterator[str]:
    """Yield a title and aligned names and values."""
    width = max((len(name) for name, _ in rows), default=0)
    if rows:
        yield from ("", f"{title}:") if title != "Model" else (f"{title}:",)
    yield from (f"  {name:<{width}}  {fact}" for name, fact in rows)


def _rows(facts: Mapping[str, Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return some of the facts as names and values."""
    return _flat({name: facts[name] for name in names if name in facts})


def _selections(selected: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was selected, in sentences; JSON has all numbers."""
    for name, fact in selected.items():
        try:
            text = SELECTED[name](fact)
        except (KeyError, TypeError, ValueError, AttributeError):  # metadata of another version
            text = "\n".join(f"{key}  {value}" for key, value in _flat({name: fact}))
        yield from (f"  {line}" for line in text.splitlines())


def _flat(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return nested facts as dotted names and values."""
    flat: list[tuple[str, Any]] = []
    for name, fact in facts.items():
        if isinstance(fact, dict):
            flat += _flat(fact, f"{prefix}{name}.")
        else:
            shown = ", ".join(map(str, fact)) if isinstance(fact, list) else fact
            flat.append((prefix + name, shown))
    return flat
