"""Ctrl-C where it does no harm: not while a library writes a file that is to be gone on with."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class HeldInterrupts:
    """While it is entered, Ctrl-C waits for the end or for a place where it is let through.

    Only the main thread of a program gets a Ctrl-C; in any other nothing is held.

    Examples
    --------
    >>> with HeldInterrupts() as held:
    ...     written = "whole"
    ...     with held.let_through():
    ...         trained = "or stopped"
    """

    def __init__(self) -> None:
        self.waits = False
        self.open = False

    def __enter__(self) -> "HeldInterrupts":
        self.usual = None
        if threading.current_thread() is threading.main_thread():
            self.usual = signal.getsignal(signal.SIGINT)
        if callable(self.usual):  # else Ctrl-C is not for us: it is ignored, or ends everything
            signal.signal(signal.SIGINT, self._see)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if callable(self.usual):
            signal.signal(signal.SIGINT, self.usual)
        if kind is None:
            self._raise_what_waits()

    @contextlib.contextmanager
    def let_through(self) -> Iterator[None]:
        """Raise KeyboardInterrupt inside, for one that waits too."""
        self._raise_what_waits()
        self.open = True
        try:
            yield
        finally:
            self.open = False
        self._raise_what_waits()

    def _raise_what_waits(self) -> None:
        if self.waits:
            self.waits = False
            raise KeyboardInterrupt

    def _see(self, number: int, frame: FrameType | None) -> None:
        at_once = self.open or self.waits  # who presses it twice means it
        self.waits = True
        if at_once:
            self._raise_what_waits()
