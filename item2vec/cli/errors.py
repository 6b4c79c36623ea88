"""Errors on the command line: one line on stderr, and an exit code."""

import contextlib
import io
import sys
from contextlib import AbstractContextManager
from typing import Any

import click

from item2vec._support.messages import command_line
from item2vec.cli.printing import ASCII_ERRORS
from item2vec.cli.verbosity import messages_printed
from item2vec.errors import (
    Item2VecError,
    ParameterError,
    TooFewInteractionsError,
    UnknownItemError,
)

DEBUG = "item2vec.debug"  # key of click's `meta`, which the group and its commands share
ARGUMENTS = "item2vec.arguments"  # key of the arguments of the command line
LOSS = "item2vec.loss"  # key of the description of records that were dropped
INTERRUPTED = 130  # 128 + SIGINT, the convention of shells


class DataFailure(click.ClickException):
    """An error in the data, or of the disk or memory."""

    exit_code = 1


class CommandFailure(click.ClickException):
    """A wrong option or parameter, whether the command or the library reports it."""

    exit_code = 2


class OneLine(click.Command):
    """A command whose errors are shown as one line on stderr."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the arguments, or print the help; show errors in one line."""
        arguments = list(args[1])  # parsing empties the list
        try:
            context = super().make_context(*args, **extra)
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # click ends the program
                raise
            raise _failure(error) from error
        context.meta.setdefault(ARGUMENTS, arguments)
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; show errors in one line, or with a traceback if --debug is given."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # characters that it can't encode are replaced
                stream.reconfigure(errors=ASCII_ERRORS)
        try:
            with command_line(ctx.meta.get(ARGUMENTS)), _messages(ctx):
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted: existing files are unchanged.", err=True)
            ctx.exit(INTERRUPTED)
        except (Item2VecError, MemoryError, OSError) as error:
            if ctx.meta.get(DEBUG) or isinstance(error, BrokenPipeError):  # click ends the program
                raise
            raise _failure(error, ctx.meta.get(LOSS)) from error


def remember_loss(loss: str) -> None:
    """Remember that most records were dropped while reading, for errors about too few of them."""
    context = click.get_current_context(silent=True)
    if context is not None and loss:
        context.meta[LOSS] = loss


def _messages(ctx: click.Context) -> AbstractContextManager[None]:
    """Return the context in which messages are printed; a group leaves that to its commands."""
    if isinstance(ctx.command, click.Group):
        return contextlib.nullcontext()
    return messages_printed(ctx)


def _failure(error: Exception, loss: str | None = None) -> click.ClickException:
    """Return an error of the library as an error that click shows.

    Parameters
    ----------
    error : Exception
    loss : str, optional
        Why most records were dropped, which explains that there are too few of them.
    """
    if isinstance(error, MemoryError):
        what = f" ({error})" if str(error) else ""
        return DataFailure(
            f"out of memory{what}: reduce the rows, --vector-size or --trees, or raise --min-count"
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if isinstance(error, PermissionError):
            return DataFailure(
                f"{where}permission denied: give yourself access to it, or name another file"
            )
        return DataFailure(
            f"{where}{error.strerror or error}; free some space, or name another file"
        )
    kind = CommandFailure if isinstance(error, ParameterError | UnknownItemError) else DataFailure
    message = str(error)
    if isinstance(error, TooFewInteractionsError) and loss and loss not in message:
        message += f" ({loss})"
    return kind(message)


class Main(OneLine, click.Group):
    """A group of commands whose errors are one line."""
