"""Progress callbacks for work that is done in several stages."""

from item2vec.types import Progress


def continued(progress: Progress | None, before: int) -> Progress:
    """Return a callback for work that continues after `before` finished units.

    It adds `before` to both numbers and calls `progress`, if there is one.
    """

    def count_on(done: int, total: int) -> None:
        if progress:
            progress(before + done, before + total)

    return count_on
