"""`item2vec add`."""

import click

from item2vec._support.messages import counted
from item2vec.cli.console import say
from item2vec.cli.help import Command
from item2vec.cli.lookup import model_argument
from item2vec.cli.options import features_option
from item2vec.models import model_file


@click.command(cls=Command)
@model_argument
@click.argument("items", metavar="ITEMS")
@click.option("-o", "--output", required=True, metavar="MODEL2", help="Model file to write.")
@click.option(
    "--item", metavar="COLUMN", help="Column of item ids; found by its name if not given."
)
@features_option("Item columns to predict from; those of training if not given.")
def add(
    model: str, items: str, output: str, item: str | None, features: tuple[str, ...] | None
) -> None:
    """Predict vectors for new items from their features.

    ITEMS is a table of items. Those that MODEL does not have yet get vectors predicted from their
    features, such as genres and year, and MODEL2 holds both. `similar` then finds the new items;
    `recommend` lists them where few other items fit.

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
    n_known = sum(known in vectors.vocabulary for known in catalogue.ids)
    n_added = len(added) - len(vectors)
    n_blank = len(catalogue) - n_known - n_added
    if added.feature_fit is not None:
        say(added.feature_fit.describe())
    model_file.save(added, output)
    say(
        f"{counted(n_added, 'item')} added, {n_known:,} in the model already"
        + f", {n_blank:,} left out, of which no feature is known" * (n_blank > 0)
        + f": {counted(len(added), 'vector')} in {output}."
    )
