"""Formatting of counts, values and names of settings in messages.

The same error may be shown on the command line or in a Python session. Messages therefore name a
setting through `setting`, which writes an option in the first case and an argument in the second.
"""

import contextlib
import contextvars
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

MOST_QUOTED = 200  # maximum number of characters of a value in a message

_at_terminal = contextvars.ContextVar("at_terminal", default=False)
_arguments: contextvars.ContextVar[Sequence[str] | None] = contextvars.ContextVar(
    "arguments", default=None
)
_renamed: contextvars.ContextVar[Mapping[str, str] | None] = contextvars.ContextVar(
    "renamed", default=None
)


def counted(n: int, thing: str) -> str:
    """Return a number with its noun, in the plural unless the number is 1.

    Examples
    --------
    >>> counted(1, "user"), counted(2500, "user")
    ('1 user', '2,500 users')
    """
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


@contextlib.contextmanager
def command_line(arguments: Sequence[str] | None = None) -> Iterator[None]:
    """Make messages that are created in the block name command-line options, not arguments.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments of the command line, which messages may repeat with further options.
    """
    before = _at_terminal.set(True), _arguments.set(arguments)
    try:
        yield
    finally:
        _at_terminal.reset(before[0])
        _arguments.reset(before[1])


@contextlib.contextmanager
def renamed(names: Mapping[str, str]) -> Iterator[None]:
    """Make messages that are created in the block name some settings differently.

    A function may pass arguments on to another under other names: what `read_catalogue` calls
    ``item`` is ``items_id`` in a call that also reads interactions.

    Examples
    --------
    >>> with renamed({"item": "items_id"}):
    ...     setting("item", "isbn"), setting("title")
    ("items_id='isbn'", 'title')
    """
    before = _renamed.set(names)
    try:
        yield
    finally:
        _renamed.reset(before)


def setting(name: str, value: object = None) -> str:
    """Return a setting, and optionally its value, in the syntax that the reader uses.

    That is an option on the command line, and a keyword argument in Python.

    Parameters
    ----------
    name : str
        Name of the argument in Python, such as ``min_count``.
    value : optional
        The value to be set; True for a flag.

    Examples
    --------
    >>> setting("min_count"), setting("user", "session id"), setting("force", True)
    ('min_count', "user='session id'", 'force=True')
    >>> with command_line():
    ...     setting("min_count"), setting("user", "session id"), setting("force", True)
    ('--min-count', "--user 'session id'", '--force')
    >>> with command_line():
    ...     print(setting("where", "country = 'UK'"))
    --where "country = 'UK'"
    """
    name = (_renamed.get() or {}).get(name, name)
    if not _at_terminal.get():
        return name if value is None else f"{name}={shown(value)}"
    option = "--" + name.replace("_", "-")
    if value is None or value is True:
        return option
    return f"{option} {_for_the_shell(str(value))}"


def _for_the_shell(text: str) -> str:
    """Return a text quoted for the shell, in double quotes if that is easier to read."""
    quoted = shlex.quote(text)
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else quoted


def again(**settings: object) -> str:
    """Return the command that was run, with further options; in Python, the arguments alone.

    Examples
    --------
    >>> again(user="column0", item="column1")
    "user='column0', item='column1'"
    >>> with command_line(["train", "my ratings.csv"]):
    ...     again(user="column0")
    "item2vec train 'my ratings.csv' --user column0"
    >>> with command_line(["train", "--", "-x.csv"]):
    ...     again(user="column0")
    'item2vec train --user column0 -- -x.csv'
    """
    written = [setting(name, value) for name, value in settings.items()]
    arguments = _arguments.get()
    if arguments is None:
        return (" " if _at_terminal.get() else ", ").join(written)
    # Options have no effect after "--", and a process substitution can't be read again.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    words = [*map(shlex.quote, arguments[:end]), *written, *map(shlex.quote, arguments[end:])]
    return " ".join(["item2vec", *(re.sub(r"^/dev/fd/\d+$", "<(...)", word) for word in words)])


def either(terminal: str, python: str) -> str:
    """Return `terminal` if the message is for the command line, else `python`."""
    return terminal if _at_terminal.get() else python


def brief(text: str) -> str:
    """Return a text unchanged, or as `shown` writes it if it is long or has control characters.

    Examples
    --------
    >>> brief("Up (2009)"), len(brief("a" * 300)), brief(chr(9))[1:3] == chr(92) + "t"
    ('Up (2009)', 200, True)
    """
    return text if len(text) <= MOST_QUOTED and text.isprintable() else shown(text)


def shown(value: object) -> str:
    """Return the `repr` of a value in one line, truncated to `MOST_QUOTED` characters.

    Examples
    --------
    >>> len(shown("a" * 300)), shown("a" * 300)[-6:]
    (200, "aa...'")
    """
    try:
        text = repr(value)
    except ValueError:  # an integer with more digits than Python converts to text
        text = f"a number of type {type(value).__name__}"
    text = " ".join(line.strip() for line in text.splitlines())  # arrays have several lines
    if len(text) <= MOST_QUOTED:
        return text
    end = text[-1] if text[-1] in "'\")]}" else ""
    return text[: MOST_QUOTED - 3 - len(end)] + "..." + end
