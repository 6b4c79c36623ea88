"""`item2vec index`."""

from typing import TYPE_CHECKING, Any

import click

from item2vec._support.messages import counted
from item2vec.cli.console import progress_bar, say
from item2vec.cli.help import Command
from item2vec.cli.lookup_options import model_argument
from item2vec.cli.options import seed_option
from item2vec.cli.printing import (
    OutputFormat,
    output_format_option,
    print_json,
    print_records,
)
from item2vec.errors import DataError, ParameterError
from item2vec.models import model_file
from item2vec.neighbors.index_file import ANNOY, HNSW, KINDS

if TYPE_CHECKING:
    from item2vec.neighbors.index_recall import Speeds
    from item2vec.neighbors.indexes import AnyIndex


@click.command(cls=Command)
@model_argument
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default=ANNOY.name,
    show_default=True,
    help="Kind of index; hnsw is faster and needs faiss (pip install 'item2vec[index]').",
)
@click.option(
    "--recall",
    type=float,
    default=0.95,
    show_default=True,
    metavar="X",
    help="Share of the exact 10 nearest items that the index must find.",
)
@click.option(
    "--trees",
    type=click.IntRange(1, ANNOY.largest),
    metavar="N",
    help="Number of trees, for annoy; more trees: higher recall, larger index.  [default: 50, or "
    "up to 200 if --recall needs them]",
)
@click.option(
    "--connections",
    type=click.IntRange(2, HNSW.largest),
    metavar="N",
    help="Links per item, for hnsw.  [default: 48, or 96 if --recall needs them]",
)
@seed_option(at_most=2**31 - 1)
@output_format_option
def index(
    model: str,
    kind: str,
    recall: float,
    trees: int | None,
    connections: int | None,
    seed: int,
    output_format: OutputFormat,
) -> None:
    """Build an index of a model, with which `similar` answers faster.

    The index is written beside MODEL and replaces an older one. Its search width is the smallest
    that reaches --recall, measured as recall@10 against exact search on sampled items. An index is
    useful for hundreds of thousands of items; for fewer, exact search is often as fast, and in bulk
    exact search can be faster than annoy at any size.

    \b
    Example:
      item2vec index movies.safetensors --recall 0.95
      item2vec index movies.safetensors --kind hnsw --recall 0.99
    """
    from item2vec.neighbors.index_recall import measure_speeds
    from item2vec.neighbors.indexes import build_index, write_index

    size = _size(kind, trees, connections)
    vectors = model_file.load(model, verify=True)
    if vectors.n_cold:
        raise DataError(
            f"{counted(vectors.n_cold, 'item')} of {model} were added by `add`, and such a model "
            "is always searched exactly: index the model without them"
        )
    with progress_bar("building the index") as progress:
        built = build_index(
            vectors.item_vectors, kind, recall=recall, size=size, seed=seed, progress=progress
        )
        path = write_index(built, model, model=vectors.metadata["checksum"])
        speeds = measure_speeds(built)
    facts = _facts(built, speeds)
    if output_format == "json":
        print_json({"index": path.name, **facts})
    elif output_format != "table":
        print_records([{"index": path.name, **facts}], output_format)
    else:
        click.echo("\n".join(_sentences(path.name, facts, speeds)))
    say(_advice(kind, speeds))


def _size(kind: str, trees: int | None, connections: int | None) -> int | None:
    """Return --trees or --connections; raise ParameterError if it is that of another kind."""
    for name, value, owner in (
        ("--trees", trees, ANNOY.name),
        ("--connections", connections, HNSW.name),
    ):
        if value is not None and kind != owner:
            raise ParameterError(
                f"{name} goes with --kind {owner}, not with --kind {kind}: leave it out"
            )
    return trees if kind == ANNOY.name else connections


def _facts(built: "AnyIndex", speeds: "Speeds") -> dict[str, Any]:
    """Return the size, recall and speed of an index, as JSON shows them."""
    measured = built.recall
    size = built.trees if hasattr(built, "trees") else built.connections
    return {
        "kind": built.kind.name,
        built.kind.size: size,
        "search_width": built.search_width,
        "recall": None if measured is None else measured.measured,
        "recall_asked": None if measured is None else measured.asked,
        "items_sampled": None if measured is None else measured.items,
        "single_queries_per_cpu_second": round(speeds.single),
        "single_queries_per_cpu_second_exact": round(speeds.exact_single),
        "bulk_queries_per_cpu_second": round(speeds.bulk),
        "bulk_queries_per_cpu_second_exact": round(speeds.exact_bulk),
    }


def _sentences(name: str, facts: dict[str, Any], speeds: "Speeds") -> list[str]:
    """Return the size, recall and speed of an index in sentences."""
    size = KINDS[facts["kind"]].size
    return [
        f"{name}: {facts[size]:,} {size} and a search width of {facts['search_width']:,} find "
        f"{facts['recall']:.1%} of the exact 10 nearest items (--recall {facts['recall_asked']:g}; "
        f"measured on {counted(facts['items_sampled'], 'item')}).",
        f"Queries per CPU second, one at a time: {speeds.single:,.0f} (exact search: "
        f"{speeds.exact_single:,.0f}); in bulk: {speeds.bulk:,.0f} (exact search: "
        f"{speeds.exact_bulk:,.0f}).",
    ]


def _advice(kind: str, speeds: "Speeds") -> list[str]:
    """Return advice for models for which exact search is as fast, or faster."""
    other = " --kind hnsw may be faster." if kind == ANNOY.name else ""
    if not speeds.is_useful:
        return [
            "Exact search is at least as fast for this model, one query at a time and in bulk: use "
            f"`similar --exact`, or remove the index.{other}"
        ]
    if speeds.bulk <= speeds.exact_bulk:
        return [
            f"In bulk, exact search is {speeds.exact_bulk / speeds.bulk:.1f} times as fast: write "
            f"the neighbors of all items with `similar --all --exact`.{other}"
        ]
    return []
