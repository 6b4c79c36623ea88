"""How long work tells that it goes on."""

from typing import Protocol


class Progress(Protocol):
    """Called with how much of the work is done, and how much there is."""

    def __call__(self, done: int, total: int) -> None:
        """Take note that `done` of `total` units of work are finished."""


def continued(progress: Progress | None, before: int) -> Progress:
    """Return progress that counts on from the units of work that were done `before`."""

    def count_on(done: int, total: int) -> None:
        if progress:
            progress(before + done, before + total)

    return count_on
