"""`item2vec add`."""

from typing import TYPE_CHECKING

import click

from item2vec._support.messages import counted
from item2vec.cli.catalogue_options import CATALOGUE_OPTIONS, CatalogueOptions
from item2vec.cli.console import say
from item2vec.cli.file_types import MODEL, READ
from item2vec.cli.help import Command
from item2vec.cli.lookup_options import model_argument
from item2vec.cli.option_values import options_as
from item2vec.cli.options import features_option
from item2vec.models import model_file

if TYPE_CHECKING:
    from item2vec.data.catalogue import Catalogue
    from item2vec.models.item_vectors import ItemVectors


# --item is the name that --items-id had in 0.2.
_ID_OPTION = click.option(
    "--items-id",
    "--item",
    "items_id",
    metavar="COLUMN",
    help="Column of ids in ITEMS. If not given: the column named like the item column of the "
    "training interactions, else one with a well-known name.",
)


@click.command(cls=Command, options_metavar="-o MODEL2 [OPTIONS]")
@model_argument
@click.argument("items", type=READ, metavar="ITEMS")
@click.option(
    "-o", "--output", required=True, type=MODEL, metavar="MODEL2", help="Model file to write."
)
@options_as("catalogue", CatalogueOptions, (_ID_OPTION, *CATALOGUE_OPTIONS[1:]))
@features_option("Item columns to predict from; if not given, those named in training.")
def add(
    model: str,
    items: str,
    output: str,
    catalogue: CatalogueOptions,
    features: tuple[str, ...] | None,
) -> None:
    """Predict vectors for new items from their features.

    ITEMS is a table of items. For those that MODEL lacks, vectors are predicted from their
    features, such as genres and year; MODEL2 contains the items of MODEL and the new ones.
    `similar` then finds the new items; `recommend` lists them if few other items fit.

    \b
    Example:
      item2vec train ratings.csv --items movies.csv --features genres,year -o movies.safetensors
      item2vec add movies.safetensors new_movies.csv -o more.safetensors
    """
    from item2vec.experiments.item_tables import read_items

    model_file.check_output(output)
    vectors = model_file.load(model, verify=True)
    table = read_items(items, catalogue.form(as_in=_item_column(vectors)))
    say(table.notes)
    added = vectors.with_cold_items(table, features=features)
    if added.feature_fit is not None:
        say(added.feature_fit.describe())
    model_file.save(added, output)
    say(_summary(vectors, added, table))
    say(f"Wrote {counted(len(added), 'vector')} to {output}.")


def _item_column(vectors: "ItemVectors") -> str | None:
    """Return the name of the column of items in the interactions that a model was trained on."""
    read = vectors.metadata.get("read")
    columns = read.get("columns") if isinstance(read, dict) else None
    column = columns.get("item") if isinstance(columns, dict) else None
    return column if isinstance(column, str) else None


def _summary(before: "ItemVectors", after: "ItemVectors", catalogue: "Catalogue") -> str:
    """Return the numbers of items that were added, already known, and left out."""
    n_known = sum(item_id in before.vocabulary for item_id in catalogue.ids)
    n_added = len(after) - len(before)
    n_without = len(catalogue) - n_known - n_added
    left_out = f", {n_without:,} left out because none of their features is known"
    return (
        f"{counted(n_added, 'item')} added, {n_known:,} already in the model"
        f"{left_out if n_without else ''}."
    )
