"""`-v` and `-q`: how much a command prints on stderr besides errors.

All messages go through one logger. -q disables it; with -v its lines have times, and it also gets
what a log of a nightly run needs: versions, the options in effect and where each of them came from,
the time of each stage, and the peak of the memory.
"""

import contextlib
import logging
import platform
import shlex
import sys
import time
import warnings
from collections.abc import Iterator

import click
from click.core import ParameterSource

from item2vec._version import __version__
from item2vec.cli.option_values import CONFIG, words_of
from item2vec.errors import ParameterError

LOG = logging.getLogger("item2vec.cli")
_GIVEN = "item2vec.verbosity"  # key of click's `meta`, which the group and its commands share
VERBOSE, QUIET = "verbose", "quiet"


def verbosity_options() -> list[click.Option]:
    """Return the options -v and -q."""
    return [
        click.Option(
            ["-v", f"--{VERBOSE}"],
            is_flag=True,
            expose_value=False,
            callback=_note,
            help="Also print, with the time of day, the options in effect and their origin, the "
            "duration of each stage, and the peak memory.",
        ),
        click.Option(
            ["-q", f"--{QUIET}"],
            is_flag=True,
            expose_value=False,
            callback=_note,
            help="Print nothing on stderr but errors.",
        ),
    ]


def _note(ctx: click.Context, option: click.Parameter, is_set: bool) -> None:
    """Note that an option is set, and whether that was done on the command line."""
    if is_set:
        source = ctx.get_parameter_source(option.name or "")
        given = ctx.meta.setdefault(_GIVEN, {})
        given.setdefault(source is ParameterSource.COMMANDLINE, set()).add(option.name)


def _level(ctx: click.Context) -> int:
    """Return the least level of the messages to print; the command line wins over --config."""
    given = ctx.meta.get(_GIVEN, {})
    chosen = given.get(True) or given.get(False) or set()
    if len(chosen) > 1:
        raise ParameterError("--verbose and --quiet are mutually exclusive: choose one")
    return logging.DEBUG if VERBOSE in chosen else logging.ERROR if chosen else logging.INFO


class _Stderr(logging.Handler):
    """Prints messages on what is stderr at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message, above a progress bar if one is drawn."""
        # With err=True, click would pass the stream by that rich puts in place of stderr.
        click.echo(self.format(record), file=sys.stderr)


@contextlib.contextmanager
def messages_printed(ctx: click.Context) -> Iterator[None]:
    """Print the messages of a command, as many as it is asked for.

    Raises
    ------
    ParameterError
        If both -v and -q are given.
    """
    handler, level = _Stderr(), _level(ctx)
    if level == logging.DEBUG:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    LOG.addHandler(handler)
    LOG.setLevel(level)
    begun = time.monotonic()
    try:
        with _silence() if level == logging.ERROR else contextlib.nullcontext():
            _log_options(ctx)
            yield
    finally:
        LOG.debug("%s: %.1f s in all%s", ctx.info_name, time.monotonic() - begun, _peak_memory())
        LOG.removeHandler(handler)
        LOG.setLevel(logging.NOTSET)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Suppress warnings, also those of libraries."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _log_options(ctx: click.Context) -> None:
    """Log the versions, and the arguments and options in effect with the origin of each."""
    LOG.debug("item2vec %s, Python %s", __version__, platform.python_version())
    config = ctx.meta.get(CONFIG)
    for parameter in ctx.command.params:
        name = parameter.name or ""
        value, source = ctx.params.get(name), ctx.get_parameter_source(name)
        origin = "command line" if source is ParameterSource.COMMANDLINE else config
        is_default = source is ParameterSource.DEFAULT and (value != config or value is None)
        if value is None or (is_default and (value is False or value == ())):
            continue
        words = shlex.join(words_of(parameter, value))
        if isinstance(parameter, click.Argument):
            words = f"{name}: {words}"
        LOG.debug("%s (%s)", words, "default" if is_default else origin)


def _peak_memory() -> str:
    """Return the peak of the resident memory for a message; "" where it can't be measured."""
    try:
        import resource
    except ImportError:  # Windows
        return ""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, else KiB
    return f", peak memory {peak >> (20 if sys.platform == 'darwin' else 10):,} MB"
