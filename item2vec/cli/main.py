"""The command `item2vec`: the group of all commands."""

import click

from item2vec._version import __version__
from item2vec.cli.add import add
from item2vec.cli.config import config_option
from item2vec.cli.data import download, sample, split
from item2vec.cli.errors import DEBUG
from item2vec.cli.evaluate import evaluate
from item2vec.cli.help import Commands
from item2vec.cli.index import index
from item2vec.cli.info import info
from item2vec.cli.recommend import recommend
from item2vec.cli.similar import similar
from item2vec.cli.train import train
from item2vec.cli.tune import tune
from item2vec.cli.vectors import vectors
from item2vec.cli.verbosity import verbosity_options


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="item2vec")
def main() -> None:
    """Train item vectors on interactions, evaluate them, and look up items.

    An interaction is a user with an item, such as a purchase or a rating, with a time if possible.

    \b
    Try it on synthetic data:
      item2vec sample invented
      item2vec train invented/interactions.csv --items invented/items.csv -o model.safetensors
      item2vec evaluate invented/interactions.csv
    """


def _note_debug(ctx: click.Context, option: click.Parameter, is_set: bool) -> None:
    ctx.meta[DEBUG] = ctx.meta.get(DEBUG) or is_set


COMMANDS: tuple[click.Command, ...] = (
    train,
    evaluate,
    tune,
    split,
    similar,
    recommend,
    vectors,
    info,
    index,
    add,
    sample,
    download,
)
for command in COMMANDS:
    main.add_command(command)
for command in (main, *main.commands.values()):  # these are taken before and after the name
    command.params.insert(0, config_option())  # before other eager options, which it may contain
    command.params += verbosity_options()
    command.params.append(
        click.Option(
            ["--debug"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_note_debug,
            help="Show the traceback of an error.",
        )
    )
