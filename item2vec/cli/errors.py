"""What becomes of errors: one line and an exit code."""

import io
import sys
from typing import Any

import click

from item2vec._support.messages import command_line
from item2vec.cli.printing import ASCII_ERRORS
from item2vec.errors import Item2VecError, ParameterError, UnknownItemError

DEBUG = "item2vec.debug"  # among what commands share
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class DataFailure(click.ClickException):
    """The data or the disk is wrong."""

    exit_code = 1


class CommandFailure(click.ClickException):
    """The command or a parameter is wrong, also when the library finds it."""

    exit_code = 2


class OneLine(click.Command):
    """Turns what the library raises into one line on stderr."""

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """Parse the arguments, and print the help where it is asked for; tell errors in a line."""
        try:
            return super().make_context(*args, **settings)
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # click's to end
                raise
            raise _failure(error) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; tell errors in a line, unless --debug asks for the traceback."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a sign without a code is no failure
                stream.reconfigure(errors=ASCII_ERRORS)
        try:
            with command_line():
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


class Main(OneLine, click.Group):
    """A group of commands whose errors are one line."""
