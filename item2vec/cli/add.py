"""`item2vec add`."""

from typing import TYPE_CHECKING

import click

from item2vec._support.messages import counted
from item2vec.cli.console import say
from item2vec.cli.help import Command
from item2vec.cli.lookup_options import model_argument
from item2vec.cli.options import features_option
from item2vec.models import model_file

if TYPE_CHECKING:
    from item2vec.data.catalogue import Catalogue
    from item2vec.models.item_vectors import ItemVectors


@click.command(cls=Command, options_metavar="-o MODEL2 [OPTIONS]")
@model_argument
@click.argument("items", metavar="ITEMS")
@click.option("-o", "--output", required=True, metavar="MODEL2", help="Model file to write.")
@click.option(
    "--item", metavar="COLUMN", help="Column of item ids; found by its name if not given."
)
@features_option("Item columns to predict from; if not given, those named in training.")
def add(
    model: str, items: str, output: str, item: str | None, features: tuple[str, ...] | None
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
    from item2vec.reading.catalogue import read_catalogue

    model_file.check_output(output)
    vectors = model_file.load(model, verify=True)
    catalogue = read_catalogue(items, item=item)
    say(catalogue.notes)
    added = vectors.with_cold_items(catalogue, features=features)
    if added.feature_fit is not None:
        say(added.feature_fit.describe())
    model_file.save(added, output)
    say(_summary(vectors, added, catalogue))
    say(f"Wrote {counted(len(added), 'vector')} to {output}.")


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
