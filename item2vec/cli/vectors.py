"""`item2vec vectors`."""

import click

from item2vec.cli.console import progress_bar
from item2vec.cli.help import Command
from item2vec.cli.lookup_options import (
    check_reading,
    histories_option,
    model_argument,
    output_option,
    unknown_option,
)
from item2vec.cli.lookup_output import TableOutput
from item2vec.cli.many_users import read_users
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.cli.reading_options import ReadingOptions, reading_options
from item2vec.models import model_file
from item2vec.models.lookup import bulk
from item2vec.models.lookup.item_filter import Unknown
from item2vec.models.lookup.skipped import Skipped


@click.command(cls=Command)
@model_argument
@histories_option
@output_option
@unknown_option(
    "What to do with items that the model lacks: skip and count them (the default), or report an "
    "error."
)
@output_format_option
@reading_options
def vectors(
    model: str,
    histories: tuple[str, ...],
    output: str | None,
    unknown: Unknown | None,
    output_format: OutputFormat,
    reading: ReadingOptions,
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
    check_reading(histories, reading)
    table = TableOutput(output, output_format)
    table.check([model, *histories])
    loaded = model_file.load(model)
    if not histories:
        table.write(bulk.item_vectors(loaded))
        return
    users = read_users(loaded, histories, reading, unknown)
    skipped = Skipped()
    with progress_bar("vectors") as progress:
        chunks = bulk.user_vectors(loaded, users, skipped=skipped, progress=progress)
        table.write(chunks, skipped)
