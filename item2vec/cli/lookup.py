"""Commands on a stored model: `similar`, `recommend`, `info`, `index`."""

from collections.abc import Mapping
from typing import Any

import click

from item2vec import store
from item2vec.candidates import recommend_one
from item2vec.cli.bulk import (
    allowed,
    check_output,
    check_reading,
    files_of,
    filter_options,
    histories_option,
    known_items,
    output_option,
    recommend_to_all,
    similar_to_all,
    unknown_option,
)
from item2vec.cli.console import print_json, print_table, progress_bar, say
from item2vec.cli.options import READING, json_option, reading_options, seed_option
from item2vec.errors import DataError, ParameterError
from item2vec.neighbors import Neighbors
from item2vec.similar_query import most_similar
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
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@k_option
@click.option(
    "--not",
    "negative",
    multiple=True,
    metavar="ITEM",
    help="Search away from this item (repeatable).",
)
@click.option("--all", "of_all", is_flag=True, help="List the nearest items of every item.")
@output_option
@filter_options
@unknown_option
@title_option
@click.option("--exact", is_flag=True, help="Search exactly even where there is an index.")
@json_option
def similar(
    model: str,
    items: tuple[str, ...],
    k: int,
    negative: tuple[str, ...],
    of_all: bool,
    output: str | None,
    exact: bool,
    **options: Any,
) -> None:
    """List the items whose vectors have the largest cosine with those of ITEMs.

    An ITEM is an id or a title. Several are searched by the mean of their unit vectors, those of
    --not times -1. --all writes a table with a row for each neighbor of each item.

    \b
    Example:
      item2vec similar movies.safetensors "Toy Story (1995)"
      item2vec similar movies.safetensors "Alien (1979)" --not 2
      item2vec similar movies.safetensors --all -k 20 -o neighbours.csv
    """
    _check_forms(items + negative, "--all", of_all, output)
    if of_all:
        check_output(output, options["as_json"], [model, *files_of(options)])
    vectors = store.load(model)
    index = None if exact else _index(model, vectors)
    if of_all:
        similar_to_all(vectors, index, k, output, options)
    else:
        _print(_similar(vectors, items, negative, k, index, options), vectors, options["as_json"])


def _similar(
    vectors: ItemVectors,
    items: tuple[str, ...],
    negative: tuple[str, ...],
    k: int,
    index: Neighbors | None,
    options: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return the neighbors of one item or several."""
    title_only, unknown = options["title_only"], options["unknown"]
    rows, cosines = most_similar(
        vectors,
        known_items(vectors, items, title_only, unknown),
        known_items(vectors, negative, title_only, unknown),
        k,
        index=index,
        among=allowed(vectors, options, title_only).rows,
    )
    return [neighbor._asdict() for neighbor in vectors.neighbors(rows, cosines)]


@click.command()
@model_argument
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@k_option
@histories_option
@output_option
@filter_options
@click.option("--keep-seen", is_flag=True, help="Recommend items of the history, too.")
@unknown_option
@title_option
@json_option
@reading_options
def recommend(
    model: str,
    items: tuple[str, ...],
    k: int,
    histories: tuple[str, ...],
    output: str | None,
    **options: Any,
) -> None:
    """Recommend items for a history of ITEMs, ids or titles, or for every user of --histories.

    With --histories a table is written with a row for each recommendation: user, rank, item, title
    (if the model has titles) and score. Its columns are found as `train` finds them.

    \b
    Example:
      item2vec recommend movies.safetensors "Toy Story (1995)" "Aladdin (1992)"
      item2vec recommend movies.safetensors --histories ratings.csv -o recommendations.parquet
      item2vec recommend movies.safetensors "Heat (1995)" --items-where "genres like '%Comedy%'"
    """
    reading = {name: options.pop(name) for name in READING}
    _check_forms(items, "--histories FILE", bool(histories), output)
    check_reading(histories, reading)
    if histories:
        recommend_to_all(model, histories, k, output, options, reading)
        return
    vectors = store.load(model)
    history = vectors.history(
        known_items(vectors, items, options["title_only"], options["unknown"]), title_only=False
    )
    rows = allowed(vectors, options, options["title_only"]).rows
    found = recommend_one(vectors, history, k, rows, options["keep_seen"])
    listed = [each._asdict() for each in vectors.recommendations(*found)]
    _print(listed, vectors, options["as_json"])


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


def _check_forms(items: tuple[str, ...], many: str, is_many: bool, output: str | None) -> None:
    """Raise ParameterError unless either items are named or many are asked for."""
    if items and is_many:
        raise ParameterError(f"name ITEMs or give {many}, not both")
    if not items and not is_many:
        raise ParameterError(f"name at least one ITEM, or give {many}")
    if output is not None and not is_many:
        raise ParameterError(f"-o goes with {many}: a single result is printed")


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
