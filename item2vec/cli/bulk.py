"""Bulk look-ups: filters, histories of many users, and files of results."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from item2vec._support.atomic_files import check_place
from item2vec._support.messages import counted, shown
from item2vec.cli.console import progress_bar, read, refuse_to_overwrite, say
from item2vec.cli.help import Command
from item2vec.cli.options import reading_options
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.errors import DataError, ParameterError
from item2vec.models import model_file
from item2vec.models.lookup import item_filter
from item2vec.models.lookup.item_filter import Allowed, Found, Unknown, combine, find_items

if TYPE_CHECKING:
    from item2vec.data.interactions import Interactions
    from item2vec.models.item_vectors import ItemVectors
    from item2vec.models.lookup.columns import Chunk
    from item2vec.models.lookup.skipped import Skipped
    from item2vec.models.lookup.user_histories import UserHistories
    from item2vec.neighbors.exact import Neighbors

F = TypeVar("F", bound=Callable[..., Any])

STDOUT = "-"
# How a result of many rows is printed; in a table, columns could not be aligned before its end.
PRINTED = {"table": ".csv", "csv": ".csv", "tsv": ".tsv", "json": ".jsonl"}

histories_option = click.option(
    "--histories",
    multiple=True,
    metavar="FILE",
    help="Interactions of many users, read as `train` reads them (repeatable; globs work).",
)
output_option = click.option(
    "-o",
    "--output",
    metavar="OUT",
    help="File to write, in the format of its ending: .csv, .tsv, .jsonl, .ndjson (each also .gz) "
    "or .parquet; '-' prints it.",
)


def unknown_option(text: str) -> Callable[[F], F]:
    """Add --unknown, with a help text that says what is done by default."""
    return click.option("--unknown", type=click.Choice(["skip", "error"]), help=text)


def filter_options(command: F) -> F:
    """Add the options that say which items may be returned."""
    decorators = [
        click.option(
            "--only", multiple=True, metavar="ITEM", help="Return this item only (repeatable)."
        ),
        click.option(
            "--only-from",
            metavar="FILE",
            help="Return only the items in FILE: an id on each line, or a table with item ids.",
        ),
        click.option(
            "--exclude", multiple=True, metavar="ITEM", help="Never return this item (repeatable)."
        ),
        click.option("--exclude-from", metavar="FILE", help="Never return the items in FILE."),
        click.option(
            "--items-where",
            metavar="SQL",
            help="Return only items whose catalogue columns match this condition, e.g. "
            "\"genres like '%Comedy%'\".",
        ),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def allowed(
    vectors: "ItemVectors", filters: Mapping[str, Any], title_only: bool = False
) -> Allowed:
    """Return the items that pass the filters, and say which ids in files the model lacks.

    Raises
    ------
    UnknownItemError
        If an item that is named on the command line is unknown.
    ParameterError
        If no item is left.
    """
    found = {name: _found(vectors, filters, name, title_only) for name in ("only", "exclude")}
    return combine(vectors, found["only"], found["exclude"], filters["items_where"])


def _found(
    vectors: "ItemVectors", filters: Mapping[str, Any], name: str, title_only: bool
) -> Found | None:
    """Return the items of --only and --only-from, or of --exclude and --exclude-from."""
    names, path = filters[name], filters[f"{name}_from"]
    if not names and path is None:
        return None
    found = find_items(vectors, names, name, title_only)
    if path is None:
        return found
    from item2vec.reading.item_ids import read_item_ids

    ids = read_item_ids(path)
    rows = [row for row in vectors.vocabulary.rows(ids).tolist() if row >= 0]
    missing = tuple(item_id for item_id in ids if item_id not in vectors.vocabulary)
    if missing:
        say(
            f"Skipped {counted(len(missing), 'id')} of {path} that the model lacks, such as "
            f"{shown(missing[0])}."
        )
    return Found((*found.rows, *rows), missing)


def known_items(
    vectors: "ItemVectors", names: Iterable[str], title_only: bool, unknown: Unknown | None
) -> list[str]:
    """Return the ids of items that a person named, and say which are skipped as unknown."""
    if unknown != "skip":
        rows = find_items(vectors, names, "item", title_only).rows
        return [vectors.vocabulary.ids[row] for row in rows]
    found = item_filter.known_items(vectors, tuple(names), title_only)
    if found.unknown:
        listed = ", ".join(shown(name) for name in found.unknown[:3])
        more = ", ..." if len(found.unknown) > 3 else ""
        say(f"Skipped {counted(len(found.unknown), 'item')} that the model lacks: {listed}{more}.")
    return [vectors.vocabulary.ids[row] for row in found.rows]


def check_output(
    output: str | None, output_format: OutputFormat, inputs: Iterable[str | None]
) -> None:
    """Raise an error, before any work, unless the output can be written and is no input."""
    from item2vec.models.lookup.output_file import TableFormat

    if output is None or output == STDOUT:
        return
    if output_format != "table":
        raise ParameterError(
            f"--output-format {output_format} is for what is printed: leave it out, and name the "
            f"format by the ending of {output}"
        )
    TableFormat.of(output)
    refuse_to_overwrite([Path(output)], [path for path in inputs if path is not None])
    check_place(output)


def write(
    output: str | None,
    output_format: OutputFormat,
    chunks: Iterable["Chunk"],
    skipped: "Skipped | None" = None,
) -> None:
    """Write a result to a file or to stdout, and say what was skipped."""
    from item2vec.models.lookup.output_file import stream_table, write_table

    if output is None or output == STDOUT:
        if sys.stdout is None:
            raise ParameterError("stdout is closed: name a file with -o")
        stream_table(sys.stdout.buffer, chunks, PRINTED[output_format])
    else:
        n_rows = write_table(output, chunks)
        say(f"{counted(n_rows, 'row')} in {output}.")
    if skipped is not None:
        say(skipped.lines())


def read_users(
    vectors: "ItemVectors",
    histories: tuple[str, ...],
    reading: dict[str, Any],
    unknown: Unknown | None,
    in_order: bool = False,
) -> "UserHistories":
    """Read the histories of many users in the rows of a model."""
    from item2vec.models.lookup.user_histories import user_histories

    if in_order:
        reading = reading | {"keep_times": True}
    interactions = _read_sparingly(histories, reading)
    return user_histories(
        interactions, vectors.vocabulary, unknown=unknown or "skip", in_order=in_order
    )


def _read_sparingly(histories: tuple[str, ...], reading: dict[str, Any]) -> "Interactions":
    """Read interactions with little memory; with more where records are too large for that."""
    from item2vec.reading.duckdb_session import QueryError, little_memory

    try:
        with little_memory():
            return read(histories, reading)
    except DataError as error:
        cause = error if isinstance(error, QueryError) else error.__cause__
        if not isinstance(cause, QueryError) or cause.kind != "Out of Memory":
            raise
    return read(histories, reading)


def check_reading(histories: tuple[str, ...], reading: Mapping[str, Any]) -> None:
    """Raise ParameterError where options say how to read histories, and there are none to read."""
    context = click.get_current_context()
    given = [
        name
        for name in reading
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given and not histories:
        option = "--" + given[0].replace("_", "-")
        raise ParameterError(f"{option} says how to read --histories FILE: give that too")


@click.command(cls=Command)
@click.argument("model", metavar="MODEL")
@histories_option
@output_option
@unknown_option(
    "What to do with items that the model lacks: skip and count them, or stop; skip if not given."
)
@output_format_option
@reading_options
def vectors(
    model: str,
    histories: tuple[str, ...],
    output: str | None,
    unknown: Unknown | None,
    output_format: OutputFormat,
    **reading: Any,
) -> None:
    """Export the vectors of items or users to a table.

    There is a row for each item of MODEL or, with --histories, for each user. The columns are item
    or user, v0, v1, ...; without -o, the table is printed as CSV, or as JSON lines with --json.
    Scores are products of user vectors with context vectors, which are not exported: `recommend`
    ranks by them.

    \b
    Example:
      item2vec vectors movies.safetensors -o vectors.parquet
      item2vec vectors movies.safetensors --histories ratings.csv -o users.parquet
    """
    from item2vec.models.lookup import bulk
    from item2vec.models.lookup.skipped import Skipped

    check_reading(histories, reading)
    check_output(output, output_format, [model, *histories])
    loaded = model_file.load(model)
    if not histories:
        write(output, output_format, bulk.item_vectors(loaded))
        return
    users = read_users(loaded, histories, reading, unknown)
    skipped = Skipped()
    with progress_bar("vectors") as progress:
        chunks = bulk.user_vectors(loaded, users, skipped=skipped, progress=progress)
        write(output, output_format, chunks, skipped)


def recommend_to_all(
    model: str,
    histories: tuple[str, ...],
    k: int,
    output: str | None,
    options: Mapping[str, Any],
    reading: dict[str, Any],
) -> None:
    """Write recommendations for the users of `histories`."""
    from item2vec.models.lookup import bulk
    from item2vec.models.lookup.skipped import Skipped

    output_format = options["output_format"]
    check_output(output, output_format, [model, *histories, *files_of(options)])
    loaded = model_file.load(model)
    rows = allowed(loaded, options, options["title_only"]).rows
    users = read_users(loaded, histories, reading, options["unknown"], options["next"])
    if options["next"]:
        say_if_unordered(loaded)
    skipped = Skipped()
    with progress_bar("recommending") as progress:
        chunks = bulk.recommended(
            loaded,
            users,
            k,
            rows=rows,
            keep_seen=options["keep_seen"],
            skipped=skipped,
            progress=progress,
        )
        write(output, output_format, chunks, skipped)


def say_if_unordered(vectors: "ItemVectors") -> None:
    """Say so where --next makes no difference with a model."""
    if vectors.recency == 0:
        say(
            "--next makes no difference: this model weighs all items of a history the same. "
            "Training on interactions with times lets later items weigh more, if that improves "
            "validation scores."
        )


def similar_to_all(
    loaded: "ItemVectors",
    index: "Neighbors | None",
    k: int,
    output: str | None,
    options: Mapping[str, Any],
    *,
    rerank: bool,
) -> None:
    """Write the nearest items of all items."""
    from item2vec.models.lookup import bulk

    rows = allowed(loaded, options, options["title_only"]).rows
    with progress_bar("searching") as progress:
        chunks = bulk.similar(loaded, k, rows=rows, index=index, rerank=rerank, progress=progress)
        write(output, options["output_format"], chunks)


def files_of(options: Mapping[str, Any]) -> list[str | None]:
    """Return the files that filters are read from."""
    return [options["only_from"], options["exclude_from"]]
