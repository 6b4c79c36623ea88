"""`item2vec split`, `sample` and `download`: commands that write interactions."""

from pathlib import Path

import click

from item2vec._support.atomic_files import make_folder, replaced_together
from item2vec._support.messages import counted, setting
from item2vec.cli.console import progress_bar, refuse_to_overwrite, say
from item2vec.cli.file_types import FOLDER
from item2vec.cli.help import Command
from item2vec.cli.options import force_option, seed_option
from item2vec.cli.reading_options import ReadingOptions, interactions_arguments
from item2vec.evaluation.splitting.users import check_share, split_users


@click.command(cls=Command, options_metavar="-o DIR [OPTIONS]")
@interactions_arguments
@click.option(
    "--held-out",
    type=float,
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="Share of the users to hold out.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=FOLDER,
    metavar="DIR",
    help="Folder for training.csv and held_out.csv.",
)
@force_option
@seed_option()
def split(
    interactions: tuple[str, ...],
    reading: ReadingOptions,
    held_out: float,
    output: str,
    force: bool,
    seed: int,
) -> None:
    """Split users at random into a training file and a held-out file.

    No user is in both, so that a model trained on training.csv can be scored on held_out.csv.

    \b
    Example:
      item2vec split ratings.csv --held-out 0.1 -o parts
      item2vec train parts/training.csv -o model.safetensors
      item2vec evaluate parts/held_out.csv --model model.safetensors --train-on parts/training.csv
    """
    check_share(held_out)
    files = [Path(output) / name for name in ("training.csv", "held_out.csv")]
    refuse_to_overwrite(files, interactions)
    known = reading.read(interactions, keep_times=True)
    parts = split_users(known, held_out=held_out, seed=seed)
    make_folder(output)
    with replaced_together(files, force=force) as besides:
        for part, beside in zip(parts, besides, strict=True):
            part.write_csv(beside)
    for part, file in zip(parts, files, strict=True):
        say(f"Wrote {counted(len(part), 'user')} to {file}.")
    if known.order == "declared":
        say(
            "Both files are in time order, but have no times: use "
            f"{setting('time', 'none')} with them, too."
        )


@click.command(cls=Command)
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--users",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Number of users.",
)
@force_option
@seed_option()
def sample(folder: str, users: int, force: bool, seed: int) -> None:
    """Write synthetic interactions and items to try the program with.

    DIR then contains interactions.csv and items.csv.

    \b
    Example:
      item2vec sample invented
    """
    from item2vec.data.synthetic import invent

    interactions, items = invent(n_users=users, seed=seed).write(folder, force=force)
    say(f"Wrote {interactions} and {items}: synthetic users and movies.")


@click.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.argument("folder", type=FOLDER, metavar="DIR")
@force_option
def download(name: str, folder: str, force: bool) -> None:
    """Download a MovieLens data set.

    NAME is ml-latest-small, ml-1m, ml-25m or ml-32m. Their license, in the README that comes with
    each, allows research use but not commercial use.

    \b
    Example:
      item2vec download ml-latest-small data
    """
    from item2vec.data.movielens import download as fetch
    from item2vec.data.movielens import find

    there = None if force else find(name, folder)
    if there is None:
        with progress_bar(name) as progress:
            there = fetch(name, folder, force=force, progress=progress)
        say(f"{name} is in {there}.")
    else:
        say(f"{name} is already in {there}; --force downloads it again.")
