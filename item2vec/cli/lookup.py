"""Commands on a stored model: `similar`, `recommend`, `info`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

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
    say_if_unordered,
    similar_to_all,
    unknown_option,
)
from item2vec.cli.console import say
from item2vec.cli.help import Command
from item2vec.cli.options import READING, reading_options
from item2vec.cli.printing import (
    OutputFormat,
    output_format_option,
    print_json,
    print_records,
    print_table,
)
from item2vec.errors import DataError, ParameterError
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.lookup.similar import most_similar
from item2vec.neighbors.exact import Neighbors

if TYPE_CHECKING:
    from rich.table import Table

model_argument = click.argument("model", metavar="MODEL")
k_option = click.option(
    "-k",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Number of items to return for each query.",
)
title_option = click.option(
    "--title", "title_only", is_flag=True, help="Treat every ITEM as a title, never as an id."
)


@click.command(cls=Command)
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
@unknown_option(
    "What to do with an ITEM that the model lacks: skip it, or stop; stop if not given."
)
@title_option
@click.option("--exact", is_flag=True, help="Ignore the index and search exactly.")
@click.option(
    "--rerank",
    is_flag=True,
    help="Rank by cosine and item-item memory together; the search is then exact.",
)
@output_format_option
def similar(
    model: str,
    items: tuple[str, ...],
    k: int,
    negative: tuple[str, ...],
    of_all: bool,
    output: str | None,
    exact: bool,
    rerank: bool,
    **options: Any,
) -> None:
    """List the items that are most similar to one or several items.

    An ITEM is an id or a title. Similarity is the cosine. The query is the mean of the items'
    unit vectors, minus those of --not. With --all, a table is written with a row for each
    neighbour of each item; without -o, it is printed as CSV, or as JSON lines with --json.

    \b
    Example:
      item2vec similar movies.safetensors "Toy Story (1995)"
      item2vec similar movies.safetensors "Alien (1979)" --not 2
      item2vec similar movies.safetensors "Toy Story (1995)" --rerank
      item2vec similar movies.safetensors --all -k 20 -o neighbours.csv
    """
    _check_forms(items + negative, "--all", of_all, output)
    if of_all:
        check_output(output, options["output_format"], [model, *files_of(options)])
    vectors, index = (model_file.load(model), None) if exact or rerank else _with_index(model)
    if of_all:
        similar_to_all(vectors, index, k, output, options, rerank=rerank)
    else:
        _print(
            _similar(vectors, items, negative, k, index, options, rerank=rerank),
            vectors,
            options["output_format"],
        )


def _similar(
    vectors: ItemVectors,
    items: tuple[str, ...],
    negative: tuple[str, ...],
    k: int,
    index: Neighbors | None,
    options: Mapping[str, Any],
    *,
    rerank: bool,
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
        rerank=rerank,
    )
    return [neighbor._asdict() for neighbor in vectors.neighbors(rows, cosines)]


@click.command(cls=Command)
@model_argument
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@k_option
@histories_option
@output_option
@filter_options
@click.option("--keep-seen", is_flag=True, help="Recommend items of the history, too.")
@click.option(
    "--next",
    is_flag=True,
    help="Recommend what comes next: later items weigh more. ITEMs are given in order, the last "
    "one is the latest; in --histories the times decide.",
)
@unknown_option(
    "What to do with items that the model lacks: skip and count them, or stop. If not given, those "
    "in --histories are skipped, and an unknown ITEM is an error."
)
@title_option
@output_format_option
@reading_options
def recommend(
    model: str,
    items: tuple[str, ...],
    k: int,
    histories: tuple[str, ...],
    output: str | None,
    **options: Any,
) -> None:
    """Recommend items for a history, or for many users.

    ITEMs are ids or titles of one history. With --histories, a table is written with a row for
    each recommendation to each user: user, rank, item, title (if the model has titles) and score.
    Without -o, it is printed as CSV, or as JSON lines with --json.

    \b
    Example:
      item2vec recommend movies.safetensors "Toy Story (1995)" "Aladdin (1992)"
      item2vec recommend movies.safetensors "Aladdin (1992)" "Heat (1995)" --next
      item2vec recommend movies.safetensors --histories ratings.csv -o recommendations.parquet
      item2vec recommend movies.safetensors "Heat (1995)" --items-where "genres like '%Comedy%'"
    """
    reading = {name: options.pop(name) for name in READING}
    _check_forms(items, "--histories FILE", bool(histories), output)
    check_reading(histories, reading)
    if histories:
        recommend_to_all(model, histories, k, output, options, reading)
        return
    vectors = model_file.load(model)
    known = known_items(vectors, items, options["title_only"], options["unknown"])
    history = vectors.history(known, title_only=False, in_order=options["next"])
    if options["next"]:
        say_if_unordered(vectors)
    rows = allowed(vectors, options, options["title_only"]).rows
    found = vectors.recommend_to(history, k, keep_seen=options["keep_seen"], allowed=rows)
    _print([each._asdict() for each in found], vectors, options["output_format"])


@click.command(cls=Command)
@model_argument
@click.option("--verify", is_flag=True, help="Read the whole file and compare its checksum.")
@output_format_option
def info(model: str, verify: bool, output_format: OutputFormat) -> None:
    """Show what a model file holds and how it was made.

    \b
    Example:
      item2vec info movies.safetensors --verify
    """
    vectors = model_file.load(model, verify=verify)
    facts = {
        "items": len(vectors),
        "vector_size": vectors.vector_size,
        "catalogue": list(vectors.catalogue.columns),
        **model_file.metadata_of(vectors),
        **({"recency": vectors.recency} if vectors.recency else {}),
        **({} if vectors.sketch is None else {"sketch": vectors.sketch.to_dict()}),
        **({"verified": True} if verify else {}),
    }
    if output_format == "json":
        print_json(facts)
    elif output_format == "table":
        for name, fact in _flat(facts):
            click.echo(f"{name:<28} {fact}")
    else:
        print_records([{"name": name, "value": fact} for name, fact in _flat(facts)], output_format)


def _check_forms(items: tuple[str, ...], many: str, is_many: bool, output: str | None) -> None:
    """Raise ParameterError unless either items are named or many are asked for."""
    if items and is_many:
        raise ParameterError(f"name ITEMs or give {many}, not both")
    if not items and not is_many:
        raise ParameterError(f"name at least one ITEM, or give {many}")
    if output is not None and not is_many:
        raise ParameterError(f"-o goes with {many}: a single result is printed")


def _with_index(model: str) -> tuple[ItemVectors, Neighbors | None]:
    """Return a model, and the index beside it if there is one that can be believed.

    Where there is one, the checksum is verified on the vectors that are returned.
    """
    from item2vec.neighbors.indexes import find_index, open_index

    vectors = model_file.load(model)
    if find_index(model, vectors.metadata["checksum"]) is None:
        return vectors, None
    try:
        vectors = model_file.load(model, verify=True)
        checksum = vectors.metadata["checksum"]
        path = find_index(model, checksum)
        index = path and open_index(path, vectors.item_vectors, model=checksum)
    except DataError as error:
        say(f"Searching exactly: {error}.")
        return vectors, None
    return vectors, index or None


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
        table.add_column(name, justify="left" if name == "id" else "right", no_wrap=name != "id")
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
