"""How long work tells that it goes on."""

from typing import Protocol


class Progress(Protocol):
    """Called with how much of the work is done, and how much there is."""

    def __call__(self, done: int, total: int) -> None:
        """Take note that `done` of `total` units of work are finished."""
