"""`item2vec recommend`."""

from dataclasses import dataclass

import click

from item2vec.cli.console import progress_bar, say
from item2vec.cli.help import Command
from item2vec.cli.lookup_items import allowed_rows, named_items
from item2vec.cli.lookup_options import (
    FilterOptions,
    ItemOptions,
    check_one_or_many,
    check_reading,
    filter_options,
    histories_option,
    item_options,
    items_argument,
    k_option,
    model_argument,
    output_option,
)
from item2vec.cli.lookup_output import TableOutput, print_items
from item2vec.cli.many_users import read_users
from item2vec.cli.option_values import options_as
from item2vec.cli.printing import OutputFormat, output_format_option
from item2vec.cli.reading_options import ReadingOptions, reading_options
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.lookup import bulk
from item2vec.models.lookup.skipped import Skipped


@dataclass(frozen=True, kw_only=True)
class RecommendOptions:
    """The options that decide what is recommended.

    Parameters
    ----------
    k : int
        Number of items for each history.
    keep_seen : bool
        Whether items of the history may be recommended.
    next : bool
        Whether later items of the history weigh more.
    """

    k: int
    keep_seen: bool
    next: bool


@click.command(cls=Command)
@model_argument
@items_argument
@options_as(
    "options",
    RecommendOptions,
    [
        k_option,
        click.option(
            "--keep-seen", is_flag=True, help="Allow items of the history to be recommended."
        ),
        click.option(
            "--next",
            is_flag=True,
            help="Recommend what comes next: later items of the history weigh more. ITEMs are "
            "given from the earliest to the latest; --histories are ordered by time.",
        ),
    ],
)
@histories_option
@output_option
@filter_options
@item_options(
    "What to do with items that the model lacks: skip and count them, or report an error. If not "
    "given, those in --histories are skipped, and an unknown ITEM is an error."
)
@output_format_option
@reading_options
def recommend(
    model: str,
    items: tuple[str, ...],
    options: RecommendOptions,
    histories: tuple[str, ...],
    output: str | None,
    filters: FilterOptions,
    naming: ItemOptions,
    output_format: OutputFormat,
    reading: ReadingOptions,
) -> None:
    """Recommend items for a history, or for many users.

    ITEMs are the ids or titles of one history. With --histories, a table is written with a row for
    each recommendation to each user: user, rank, item, title (if the model has titles) and score.
    Without -o, it is printed as CSV, or as JSON lines with --json.

    \b
    Example:
      item2vec recommend movies.safetensors "Toy Story (1995)" "Aladdin (1992)"
      item2vec recommend movies.safetensors "Aladdin (1992)" "Heat (1995)" --next
      item2vec recommend movies.safetensors --histories ratings.csv -o recommendations.parquet
      item2vec recommend movies.safetensors "Heat (1995)" --items-where "genres like '%Comedy%'"
    """
    check_one_or_many(items, "--histories FILE", bool(histories), output)
    check_reading(histories, reading)
    table = TableOutput(output, output_format)
    if histories:
        table.check([model, *histories, *filters.files])
        _write_all(model, histories, options, filters, naming, reading, table)
        return
    vectors = model_file.load(model)
    known = named_items(vectors, items, naming)
    history = vectors.history(known, title_only=False, in_order=options.next)
    _say_if_unordered(vectors, options)
    allowed = allowed_rows(vectors, filters, naming)
    found = vectors.recommend_to(history, options.k, keep_seen=options.keep_seen, allowed=allowed)
    print_items([each._asdict() for each in found], vectors, output_format)


def _write_all(
    model: str,
    histories: tuple[str, ...],
    options: RecommendOptions,
    filters: FilterOptions,
    naming: ItemOptions,
    reading: ReadingOptions,
    table: TableOutput,
) -> None:
    """Write recommendations for many users."""
    vectors = model_file.load(model)
    allowed = allowed_rows(vectors, filters, naming)
    users = read_users(vectors, histories, reading, naming.unknown, in_order=options.next)
    _say_if_unordered(vectors, options)
    skipped = Skipped()
    with progress_bar("recommending") as progress:
        chunks = bulk.recommended(
            vectors,
            users,
            options.k,
            rows=allowed,
            keep_seen=options.keep_seen,
            skipped=skipped,
            progress=progress,
        )
        table.write(chunks, skipped)


def _say_if_unordered(vectors: ItemVectors, options: RecommendOptions) -> None:
    """Print that --next makes no difference with a model, if it does not."""
    if options.next and vectors.recency == 0:
        say(
            "--next makes no difference: this model gives all items of a history the same weight. "
            "Training on interactions with times lets later items weigh more, if that improves "
            "validation scores."
        )
