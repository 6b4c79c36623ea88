"""`item2vec similar`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click
import numpy as np

from item2vec.cli.console import progress_bar, say
from item2vec.cli.help import Command
from item2vec.cli.lookup_items import allowed_rows, named_items
from item2vec.cli.lookup_options import (
    FilterOptions,
    ItemOptions,
    check_one_or_many,
    filter_options,
    item_options,
    items_argument,
    k_option,
    model_argument,
    output_option,
)
from item2vec.cli.lookup_output import TableOutput, print_items
from item2vec.cli.option_values import options_as
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.errors import DataError
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.lookup import bulk
from item2vec.models.lookup.similar import most_similar
from item2vec.models.memory.reranking import added_similarities
from item2vec.neighbors.exact import Neighbors
from item2vec.types import Cosines, Rows


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """The options of a search.

    Parameters
    ----------
    k : int
        Number of items to return for each query.
    negative : tuple of str
        Items to search away from.
    of_all : bool
        Whether every item of the model is a query.
    exact : bool
        Whether to search without the index.
    rerank : bool
        Whether to rank by the cosine and the item-item memory together.
    """

    k: int
    negative: tuple[str, ...]
    of_all: bool
    exact: bool
    rerank: bool


@click.command(cls=Command)
@model_argument
@items_argument
@options_as(
    "search",
    SearchOptions,
    [
        k_option,
        click.option(
            "--not",
            "negative",
            multiple=True,
            metavar="ITEM",
            help="Search away from this item (repeatable).",
        ),
        click.option("--all", "of_all", is_flag=True, help="List the nearest items of every item."),
        click.option("--exact", is_flag=True, help="Search exactly, without the index."),
        click.option(
            "--rerank",
            is_flag=True,
            help="Rank by a score, the cosine plus the similarity by the item-item memory; the "
            "search is then exact.",
        ),
    ],
)
@output_option
@filter_options
@item_options(
    "What to do with an ITEM that the model lacks: skip it, or report an error (the default)."
)
@output_format_option
def similar(
    model: str,
    items: tuple[str, ...],
    search: SearchOptions,
    output: str | None,
    filters: FilterOptions,
    naming: ItemOptions,
    output_format: OutputFormat,
) -> None:
    """List the items that are most similar to one or several items.

    An ITEM is an id or a title. Similarity is the cosine. The query is the mean of the items'
    unit vectors, minus those of --not. With --all, a table is written with a row for each neighbor
    of each item; without -o, it is printed as CSV, or as JSON lines with --json.

    \b
    Example:
      item2vec similar movies.safetensors "Toy Story (1995)"
      item2vec similar movies.safetensors "Alien (1979)" --not 2
      item2vec similar movies.safetensors "Toy Story (1995)" --rerank
      item2vec similar movies.safetensors --all -k 20 -o neighbors.csv
    """
    check_one_or_many(items + search.negative, "--all", search.of_all, output)
    table = TableOutput(output, output_format)
    if search.of_all:
        table.check([model, *filters.files])
    is_exact = search.exact or search.rerank
    vectors, index = (model_file.load(model), None) if is_exact else _with_index(model)
    allowed = allowed_rows(vectors, filters, naming)
    if search.of_all:
        _write_all(vectors, index, search, allowed, table)
        return
    positive = named_items(vectors, items, naming)
    negative = named_items(vectors, search.negative, naming)
    found = _similar(vectors, positive, negative, index, search, allowed)
    print_items(found, vectors, output_format)


def _with_index(model: str) -> tuple[ItemVectors, Neighbors | None]:
    """Return a model, and the index beside it if there is one that fits and is not damaged.

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


def _similar(
    vectors: ItemVectors,
    positive: list[str],
    negative: list[str],
    index: Neighbors | None,
    search: SearchOptions,
    allowed: Rows | None,
) -> Iterator[dict[str, Any]]:
    """Yield the neighbors of one item or several; with --rerank, each with its score."""
    rows, cosines = most_similar(
        vectors, positive, negative, search.k, index=index, among=allowed, rerank=search.rerank
    )
    neighbors = vectors.neighbors(rows, cosines)
    if not search.rerank:
        yield from (neighbor._asdict() for neighbor in neighbors)
        return
    scores = _scores(vectors, positive, negative, rows, cosines)
    for neighbor, score in zip(neighbors, scores.tolist(), strict=False):
        yield {**neighbor._asdict(), "score": score}


def _scores(
    vectors: ItemVectors, positive: list[str], negative: list[str], rows: Rows, cosines: Cosines
) -> Cosines:
    """Return the scores by which --rerank ranks: cosines plus mean similarities by the memory."""
    queries = vectors.vocabulary.rows([*positive, *negative])
    signs = np.repeat([1.0, -1.0], [len(positive), len(negative)])
    added = added_similarities(vectors.reranked_neighbors.similarities, queries, signs)
    found = rows[rows >= 0]
    scores: Cosines = cosines[rows >= 0] + added.toarray()[0, found]
    return scores


def _write_all(
    vectors: ItemVectors,
    index: Neighbors | None,
    search: SearchOptions,
    allowed: Rows | None,
    table: TableOutput,
) -> None:
    """Write the nearest items of every item."""
    with progress_bar("searching") as progress:
        table.write(
            bulk.similar(
                vectors,
                search.k,
                rows=allowed,
                index=index,
                rerank=search.rerank,
                progress=progress,
            )
        )
