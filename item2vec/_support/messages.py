"""How messages write numbers of things, values, and the settings that a person can change.

The same error reaches people at a terminal and people in a notebook. A message therefore names a
setting through `setting`, which writes an option for the former and an argument for the latter.
"""

import contextlib
import contextvars
import shlex
from collections.abc import Iterator

MOST_QUOTED = 200  # characters of a value that a message shows

_at_terminal = contextvars.ContextVar("at_terminal", default=False)


def counted(n: int, thing: str) -> str:
    """Write a number with what it counts.

    Examples
    --------
    >>> counted(1, "user"), counted(2500, "user")
    ('1 user', '2,500 users')
    """
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


@contextlib.contextmanager
def command_line() -> Iterator[None]:
    """Let messages made in the block name options rather than arguments."""
    before = _at_terminal.set(True)
    try:
        yield
    finally:
        _at_terminal.reset(before)


def setting(name: str, value: object = None) -> str:
    """Name a setting, and optionally a value for it, as the reader of the message would write it.

    Parameters
    ----------
    name : str
        As an argument in Python, such as ``min_count``.
    value : optional
        What to set it to; True for a flag.

    Examples
    --------
    >>> setting("min_count"), setting("user", "session id"), setting("force", True)
    ('min_count', "user='session id'", 'force=True')
    >>> with command_line():
    ...     setting("min_count"), setting("user", "session id"), setting("force", True)
    ('--min-count', "--user 'session id'", '--force')
    """
    if not _at_terminal.get():
        return name if value is None else f"{name}={shown(value)}"
    option = "--" + name.replace("_", "-")
    if value is None or value is True:
        return option
    return f"{option} {shlex.quote(str(value))}"


def either(terminal: str, python: str) -> str:
    """Return the one of two wordings that suits whoever reads the message."""
    return terminal if _at_terminal.get() else python


def brief(text: str) -> str:
    """Return a text as it is, or as `shown` writes it if it is long or has control characters.

    Examples
    --------
    >>> brief("Up (2009)"), len(brief("a" * 300)), brief(chr(9))[1:3] == chr(92) + "t"
    ('Up (2009)', 200, True)
    """
    return text if len(text) <= MOST_QUOTED and text.isprintable() else shown(text)


def shown(value: object) -> str:
    """Write a value as Python does, in one line, cut where that is too long for a message.

    Examples
    --------
    >>> len(shown("a" * 300)), shown("a" * 300)[-6:]
    (200, "aa...'")
    """
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        text = f"a number of type {type(value).__name__}"
    text = " ".join(line.strip() for line in text.splitlines())  # an array or a DataFrame has many
    if len(text) <= MOST_QUOTED:
        return text
    end = text[-1] if text[-1] in "'\")]}" else ""
    return text[: MOST_QUOTED - 3 - len(end)] + "..." + end
