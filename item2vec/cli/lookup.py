"""Commands on a stored model: `similar`, `recommend`, `info`, `index`."""

from typing import TYPE_CHECKING, Any

import click

from item2vec import store
from item2vec.cli.console import progress_bar, say
from item2vec.cli.help import Command
from item2vec.cli.options import seed_option
from item2vec.cli.printing import (
    OutputFormat,
    output_format_option,
    print_json,
    print_records,
    print_table,
)
from item2vec.errors import DataError
from item2vec.neighbors import Neighbors
from item2vec.vectors import ItemVectors
from item2vec.wording import counted

if TYPE_CHECKING:
    from rich.table import Table

GOOD_RECALL = 0.8  # below, one of five neighbours is missing, and a person is told

model_argument = click.argument("model", metavar="MODEL")
k_option = click.option(
    "-k", type=click.IntRange(min=1), default=10, show_default=True, help="How many items."
)
title_option = click.option(
    "--title", "title_only", is_flag=True, help="Take names as titles even where they are ids."
)


@click.command(cls=Command)
@model_argument
@click.argument("item")
@k_option
@title_option
@click.option("--exact", is_flag=True, help="Search exactly even where there is an index.")
@output_format_option
def similar(
    model: str, item: str, k: int, title_only: bool, exact: bool, output_format: OutputFormat
) -> None:
    """List the items whose vectors have the largest cosine with ITEM's, an id or a title.

    \b
    Example:
      item2vec similar movies.safetensors "Toy Story (1995)"
    """
    vectors, index = (store.load(model), None) if exact else _with_index(model)
    found = vectors.most_similar(item, k, title_only=title_only, index=index)
    _print([neighbor._asdict() for neighbor in found], vectors, output_format)


@click.command(cls=Command)
@model_argument
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@k_option
@title_option
@output_format_option
def recommend(
    model: str, items: tuple[str, ...], k: int, title_only: bool, output_format: OutputFormat
) -> None:
    """List the items that a history of ITEMs, ids or titles, suggests.

    \b
    Example:
      item2vec recommend movies.safetensors "Toy Story (1995)" "Aladdin (1992)"
    """
    vectors = store.load(model)
    found = vectors.recommend(items, k, title_only=title_only)
    _print([recommendation._asdict() for recommendation in found], vectors, output_format)


@click.command(cls=Command)
@model_argument
@click.option("--verify", is_flag=True, help="Read the whole file and compare its checksum.")
@output_format_option
def info(model: str, verify: bool, output_format: OutputFormat) -> None:
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
        **({"verified": True} if verify else {}),
    }
    if output_format == "json":
        print_json(facts)
    elif output_format == "table":
        for name, fact in _flat(facts):
            click.echo(f"{name:<28} {fact}")
    else:
        print_records([{"name": name, "value": fact} for name, fact in _flat(facts)], output_format)


@click.command(cls=Command)
@model_argument
@click.option(
    "--trees", type=click.IntRange(min=1), default=50, show_default=True, help="More find more."
)
@seed_option(at_most=2**31 - 1)
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


def _with_index(model: str) -> tuple[ItemVectors, Neighbors | None]:
    """Return a model, and the index beside it if there is one that can be believed.

    Where there is one, the checksum is verified on the vectors that are returned.
    """
    from item2vec.annoy_index import AnnoyNeighbors, index_path

    vectors = store.load(model)
    if not index_path(model, vectors.metadata["checksum"]).exists():
        return vectors, None
    try:
        vectors = store.load(model, verify=True)
        checksum = vectors.metadata["checksum"]
        path = index_path(model, checksum)
        return vectors, AnnoyNeighbors.open(path, vectors.item_vectors, model=checksum)
    except DataError as error:
        say(f"Searching exactly: {error}.")
        return vectors, None


def _print(found: list[dict[str, Any]], vectors: ItemVectors, output_format: OutputFormat) -> None:
    """Print items, best first, with their ranks and, where they are known, titles and genres."""
    genres = vectors.catalogue.columns.get("genres")
    records = [{"rank": rank, **item} for rank, item in enumerate(found, 1)]
    if genres:
        for record in records:
            record["genres"] = genres[vectors.vocabulary.row(record["id"])]
    if output_format == "table":
        print_table(_table(records, vectors))
    else:
        print_records(records, output_format)


def _table(records: list[dict[str, Any]], vectors: ItemVectors) -> "Table":
    from rich.table import Table
    from rich.text import Text

    value = "score" if records and "score" in records[0] else "cosine"
    table = Table()
    for name in ("rank", value, "id"):
        table.add_column(name, justify="left" if name == "id" else "right", no_wrap=True)
    texts = [name for name in ("title", "genres") if name in vectors.catalogue.columns]
    for name in texts:
        table.add_column(name)
    for record in records:
        cells = [str(record["rank"]), f"{record[value]:.3f}", record["id"]]
        cells += [record[name] or "" for name in texts]
        table.add_row(*map(Text, cells))  # Text: a title such as "Song [live]" is no markup
    return table


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
