"""The group of all commands."""

import click

from item2vec._version import __version__
from item2vec.cli.add import add
from item2vec.cli.bulk import vectors
from item2vec.cli.evaluate import evaluate
from item2vec.cli.failures import DEBUG, Main
from item2vec.cli.inputs import download, sample, split
from item2vec.cli.lookup import index, info, recommend, similar
from item2vec.cli.train import train
from item2vec.cli.tune import tune


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="item2vec")
def main() -> None:
    """Judge an item by the company it keeps.

    Turns histories of (user, item, time) into item vectors, shows how good they are, and looks
    things up in them.

    \b
    Try it with no data at all:
      item2vec sample invented
      item2vec train invented/interactions.csv --items invented/items.csv -o model.safetensors
      item2vec evaluate invented/interactions.csv
    """


def _note_debug(ctx: click.Context, option: click.Parameter, is_set: bool) -> None:
    ctx.meta[DEBUG] = ctx.meta.get(DEBUG) or is_set


for command in (
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
):
    main.add_command(command)
for command in (main, *main.commands.values()):  # before the command's name and behind it
    command.params.append(
        click.Option(
            ["--debug"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_note_debug,
            help="Show the whole traceback of an error.",
        )
    )
