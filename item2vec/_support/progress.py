"""Progress callbacks, by which long computations report how far they are."""

from typing import Protocol


class Progress(Protocol):
    """A callable that receives the number of finished units of work and the total number."""

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` units of work are finished."""


def continued(progress: Progress | None, before: int) -> Progress:
    """Return a callback for work that continues after `before` finished units.

    It adds `before` to both numbers and calls `progress`, if there is one.
    """

    def count_on(done: int, total: int) -> None:
        if progress:
            progress(before + done, before + total)

    return count_on
