"""Progress callbacks for work that is done in several stages."""

from item2vec.types import Progress


def part_of(progress: Progress | None, place: int, n_parts: int) -> Progress:
    """Return a callback for one of several parts that are equally large.

    Its numbers are those of the part at `place`, from 0; `progress` is called with those of all
    parts, if there is one.
    """

    def report(done: int, total: int) -> None:
        if progress is not None:
            progress(place * total + done, n_parts * total)

    return report


def continued(progress: Progress | None, before: int) -> Progress:
    """Return a callback for work that continues after `before` finished units.

    It adds `before` to both numbers and calls `progress`, if there is one.
    """

    def count_on(done: int, total: int) -> None:
        if progress:
            progress(before + done, before + total)

    return count_on
