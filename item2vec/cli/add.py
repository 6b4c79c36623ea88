"""`item2vec add`."""

import click

from item2vec import feature_map, store
from item2vec.cli.console import say
from item2vec.cli.lookup import model_argument
from item2vec.cli.options import features_option
from item2vec.wording import counted


@click.command()
@model_argument
@click.argument("items", metavar="ITEMS")
@click.option("-o", "--output", required=True, metavar="MODEL2", help="The model file to write.")
@click.option("--item", metavar="COLUMN", help="Column of item ids [default: found out].")
@features_option("Columns that tell of items [default: those of training].")
def add(
    model: str, items: str, output: str, item: str | None, features: tuple[str, ...] | None
) -> None:
    """Give new items vectors by what ITEMS, a table, tells of them, and write MODEL2.

    For what nobody has watched yet, or too few: genres, year and the like say where it lies among
    the items of MODEL. `similar` then finds them, and `recommend` names them where little that
    people watched fits. Items that MODEL has already are passed over.

    \b
    Example:
      item2vec train ratings.csv --items movies.csv --features genres,year -o movies.safetensors
      item2vec add movies.safetensors new_movies.csv -o more.safetensors
    """
    from item2vec.reading.catalogue import read_catalogue

    store.check_output(output)
    vectors = store.load(model, verify=True)
    catalogue = read_catalogue(items, item=item)
    say(catalogue.notes)
    added = vectors.with_cold_items(catalogue, features=features)
    n_known = sum(known in vectors.vocabulary for known in catalogue.ids)
    n_added = len(added) - len(vectors)
    n_blank = len(catalogue) - n_known - n_added
    say(feature_map.said(added.metadata))
    store.save(added, output)
    say(
        f"{counted(n_added, 'item')} added, {n_known:,} in the model already"
        + f", {n_blank:,} left out, of which no feature is known" * (n_blank > 0)
        + f": {counted(len(added), 'vector')} in {output}."
    )
