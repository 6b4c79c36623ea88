"""The group of all commands, and what becomes of errors: one line and an exit code."""

import io
import sys
from typing import Any

import click

from item2vec._version import __version__
from item2vec.cli.add import add
from item2vec.cli.evaluate import evaluate
from item2vec.cli.inputs import download, sample, split
from item2vec.cli.lookup import index, info, recommend, similar
from item2vec.cli.train import train
from item2vec.cli.tune import tune
from item2vec.errors import Item2VecError, ParameterError, UnknownItemError

DEBUG = "item2vec.debug"  # among what commands share
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class DataFailure(click.ClickException):
    """The data or the disk is wrong."""

    exit_code = 1


class CommandFailure(click.ClickException):
    """The command or a parameter is wrong, also when the library finds it."""

    exit_code = 2


class Main(click.Group):
    """A group that turns what the library raises into one line on stderr."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; tell errors in a line, unless --debug asks for the traceback."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # what it can't write is no reason to fail
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted: what was there is as before.", err=True)
            ctx.exit(INTERRUPTED)
        except (Item2VecError, MemoryError, OSError) as error:
            if ctx.meta.get(DEBUG) or isinstance(error, BrokenPipeError):  # click's to end
                raise
            raise _failure(error) from error


def _failure(error: Exception) -> click.ClickException:
    """Return an error of the library as click shows errors."""
    if isinstance(error, MemoryError):
        what = f" ({error})" if str(error) else ""
        return DataFailure(
            f"out of memory{what}: bring fewer rows, or ask for less "
            "(a higher --min-count, a smaller --vector-size, fewer --trees)"
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return DataFailure(f"{where}{error.strerror or error}; make room, or name another place")
    kind = CommandFailure if isinstance(error, ParameterError | UnknownItemError) else DataFailure
    return kind(str(error))


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
