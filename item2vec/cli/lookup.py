"""Commands on a stored model: `similar`, `recommend`, `info`, `index`."""

from typing import Any

import click

from item2vec import store
from item2vec.cli.console import print_json, print_table, progress_bar, say
from item2vec.cli.options import json_option, seed_option
from item2vec.errors import DataError
from item2vec.neighbors import Neighbors
from item2vec.vectors import ItemVectors
from item2vec.wording import counted

GOOD_RECALL = 0.8  # below, one of five neighbours is missing, and a person is told

model_argument = click.argument("model", metavar="MODEL")
k_option = click.option(
    "-k", type=click.IntRange(min=1), default=10, show_default=True, help="How many items."
)
title_option = click.option(
    "--title", "title_only", is_flag=True, help="Take names as titles even where they are ids."
)


@click.command()
@model_argument
@click.argument("item")
@k_option
@title_option
@click.option("--exact", is_flag=True, help="Search exactly even where there is an index.")
@json_option
def similar(model: str, item: str, k: int, title_only: bool, exact: bool, as_json: bool) -> None:
    """List the items whose vectors have the largest cosine with ITEM's, an id or a title.

    \b
    Example:
      item2vec similar movies.safetensors "Toy Story (1995)"
    """
    vectors = store.load(model)
    index = None if exact else _index(model, vectors)
    found = vectors.most_similar(item, k, title_only=title_only, index=index)
    _print([neighbor._asdict() for neighbor in found], vectors, as_json)


@click.command()
@model_argument
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@k_option
@title_option
@json_option
def recommend(model: str, items: tuple[str, ...], k: int, title_only: bool, as_json: bool) -> None:
    """List the items that a history of ITEMs, ids or titles, suggests.

    \b
    Example:
      item2vec recommend movies.safetensors "Toy Story (1995)" "Aladdin (1992)"
    """
    vectors = store.load(model)
    found = vectors.recommend(items, k, title_only=title_only)
    _print([recommendation._asdict() for recommendation in found], vectors, as_json)


@click.command()
@model_argument
@click.option("--verify", is_flag=True, help="Read the whole file and compare its checksum.")
@json_option
def info(model: str, verify: bool, as_json: bool) -> None:
    """Tell what a MODEL file holds and how it was made.

    \b
    Example:
      item2vec info movies.safetensors --verify
    """
    vectors = store.load(model, verify=verify)
    facts = {
        "items": len(vectors),
        "vector_size": vectors.vector_size,
        "catalogue": list(vectors.catalogue.columns),
        **vectors.metadata,
        **({} if vectors.sketch is None else {"sketch": vectors.sketch.to_dict()}),
        **({"verified": True} if verify else {}),
    }
    if as_json:
        print_json(facts)
    else:
        for name, fact in _flat(facts):
            click.echo(f"{name:<28} {fact}")


@click.command()
@model_argument
@click.option(
    "--trees", type=click.IntRange(min=1), default=50, show_default=True, help="More find more."
)
@seed_option("the trees", at_most=2**31 - 1)
def index(model: str, trees: int, seed: int) -> None:
    """Build an Annoy index beside MODEL, which `similar` then uses.

    Worth it from some hundred thousand items on; below that, exact search is as fast.

    \b
    Example:
      item2vec index movies.safetensors --trees 100
    """
    from item2vec.annoy_index import (
        AnnoyNeighbors,
        index_path,
        recall_against_exact,
        remove_older,
    )

    vectors = store.load(model, verify=True)
    if vectors.n_cold:
        raise DataError(
            f"{counted(vectors.n_cold, 'item')} of {model} came by `add`: `similar` searches such "
            "a model exactly; index the one without them"
        )
    checksum = vectors.metadata["checksum"]
    with progress_bar("building the index"):
        built = AnnoyNeighbors.build(vectors.item_vectors, trees=trees, seed=seed)
        path = index_path(model, checksum)
        built.save(path, model=checksum)
    remove_older(path)
    recall = recall_against_exact(built)
    click.echo(f"{path.name}: {trees} trees find {recall:.1%} of the exact 10 nearest items.")
    if recall < GOOD_RECALL:
        say("That is few: `similar` would miss the others. Build it with more --trees.")


def _index(model: str, vectors: ItemVectors) -> Neighbors | None:
    """Return the index beside the model if there is one that can be believed."""
    from item2vec.annoy_index import AnnoyNeighbors, index_path

    checksum = vectors.metadata["checksum"]
    path = index_path(model, checksum)
    if not path.exists():
        return None
    try:
        store.load(model, verify=True)
        return AnnoyNeighbors.open(path, vectors.item_vectors, model=checksum)
    except DataError as error:
        say(f"Searching exactly: {error}.")
        return None


def _print(rows: list[dict[str, Any]], vectors: ItemVectors, as_json: bool) -> None:
    """Print items with a number each, as JSON or as a table."""
    if as_json:
        print_json(rows)
        return
    from rich.table import Table
    from rich.text import Text

    genres = vectors.catalogue.columns.get("genres")
    value = next(name for name in ("cosine", "score") if not rows or name in rows[0])
    table = Table("", value, "id", *(["title"] if vectors.catalogue.titles else []))
    if genres:
        table.add_column("genres")
    for rank, row in enumerate(rows, 1):
        cells = [str(rank), f"{row[value]:.3f}", row["id"]]
        cells += [row["title"] or ""] if vectors.catalogue.titles else []
        cells += [genres[vectors.vocabulary.row(row["id"])]] if genres else []
        table.add_row(*map(Text, cells))  # Text: a title such as "Song [live]" is no markup
    print_table(table)


def _flat(facts: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return nested facts as dotted names and values."""
    flat: list[tuple[str, Any]] = []
    for name, fact in facts.items():
        if isinstance(fact, dict):
            flat += _flat(fact, f"{prefix}{name}.")
        else:
            shown = ", ".join(map(str, fact)) if isinstance(fact, list) else fact
            flat.append((prefix + name, shown))
    return flat
