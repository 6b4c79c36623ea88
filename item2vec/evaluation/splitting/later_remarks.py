"""Sentences on a split of the same users, later: which users and labels are left out, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from item2vec._support.messages import counted
from item2vec.evaluation.splitting.held_out_users import order_remarks
from item2vec.evaluation.splitting.later_protocols import TrainTestProtocol

if TYPE_CHECKING:
    from item2vec.evaluation.splitting.later_cases import LaterInteractions


def later_remarks(source: "LaterInteractions") -> Iterator[str]:
    """Yield sentences on later interactions that are not labels, and the reasons."""
    counts = source.counts
    if source.protocol.needs_order:
        yield from order_remarks(source.earlier)
        if n := source.n_tied:
            yield (
                f"The last item of {counted(n, 'user')} of {len(source.labels.users):,} has the "
                "same time as the one before; the order of the records decides which is the last."
            )
    if n := counts["users_too_short"]:
        different = "" if source.protocol.keep_seen else "different "
        yield (
            f"{counted(n, 'user')} with fewer than 2 {different}items {_were(n)} trained on, but "
            "skipped in scoring."
        )
    if n := counts["users_only_later"]:
        yield f"{counted(n, 'user')} {_were(n)} skipped: only the later part has them."
    if n := counts["users_without_labels"]:
        yield f"{counted(n, 'user')} {_were(n)} skipped: all their later items were seen before."
    if n := counts["items_only_later"]:
        yield f"{counted(n, 'item')} of the later part {_were(n)} not among those trained on."
    if n := counts["labels_seen"]:
        what = "kept as labels" if source.protocol.keep_seen else "not used as labels"
        yield (
            f"{counted(n, 'item')} of the later part {_were(n)} {what}: the same user had them "
            "before."
        )
    if n := counts["interactions_in_both"]:
        contained = f"both parts contain {'it' if n == 1 else 'them'}"
        yield f"{counted(n, 'interaction')} {_were(n)} dropped from the later part: {contained}."
    if n := counts["interactions_too_early"]:
        yield (
            f"{n:,} of {counted(len(source.later.items), 'interaction')} of the later part "
            f"{_were(n)} before the last training interaction of the same user: the parts are not "
            "split by time."
        )
    if isinstance(source.protocol, TrainTestProtocol) and not source.protocol.ordered:
        yield (
            "The training part has no times, so validation labels are drawn at random from each "
            "history."
        )


def _were(n: int) -> str:
    return "was" if n == 1 else "were"
