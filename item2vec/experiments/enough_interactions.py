"""The check that histories are enough for training."""

from item2vec._support.messages import counted, setting
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import TooFewInteractionsError


def check_enough(interactions: Interactions, histories: Histories, min_count: int) -> None:
    """Raise TooFewInteractionsError unless some history has two items.

    The message names the main reason for dropping if most records were dropped while reading.
    """
    often = f"at least {counted(min_count, 'interaction')}"
    lower = f"lower {setting('min_count')}" if min_count > 1 else ""
    if len(histories.items) == 0:
        problem, remedies = f"no item has {often}", [lower, "provide more interactions"]
    elif histories.lengths.max() < 2:
        kept = f" that has {often}" if min_count > 1 else ""
        problem, remedies = f"every user has only one item{kept}", ["use longer histories", lower]
    else:
        return
    loss = interactions.report.main_loss() if interactions.report is not None else ""
    raise TooFewInteractionsError(
        f"{problem}: {', or '.join(filter(None, remedies))}{f' ({loss})' * bool(loss)}"
    )
