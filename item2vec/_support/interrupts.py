"""Deferring Ctrl-C, for instance while a library writes a file that must stay intact."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class HeldInterrupts:
    """Context manager that defers Ctrl-C to its end, or to the next `let_through` block.

    Pressing Ctrl-C a second time interrupts at once. Only the main thread of a program receives
    Ctrl-C; in other threads the context manager has no effect.

    Examples
    --------
    >>> with HeldInterrupts() as held:
    ...     written = "whole"
    ...     with held.let_through():
    ...         trained = "or stopped"
    """

    def __init__(self) -> None:
        self.is_pending = False
        self.is_open = False

    def __enter__(self) -> "HeldInterrupts":
        self.previous = None
        if threading.current_thread() is threading.main_thread():
            self.previous = signal.getsignal(signal.SIGINT)
        # Without a Python handler, Ctrl-C is ignored or ends the process; leave that as it is.
        if callable(self.previous):
            signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if callable(self.previous):
            signal.signal(signal.SIGINT, self.previous)
        if kind is None:
            self._raise_pending()

    @contextlib.contextmanager
    def let_through(self) -> Iterator[None]:
        """Let Ctrl-C interrupt the block; a deferred Ctrl-C takes effect at its start."""
        self._raise_pending()
        self.is_open = True
        try:
            yield
        finally:
            self.is_open = False
        self._raise_pending()

    def _raise_pending(self) -> None:
        if self.is_pending:
            self.is_pending = False
            raise KeyboardInterrupt

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        at_once = self.is_open or self.is_pending
        self.is_pending = True
        if at_once:
            self._raise_pending()
