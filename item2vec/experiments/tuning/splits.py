"""Splits of the training users for tuning: one for the search, others to score its best again."""

from collections.abc import Callable
from functools import partial

import numpy as np

from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, Repeated
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol
from item2vec.evaluation.splitting.later_splits import split_by_protocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split, held_out_split
from item2vec.evaluation.splitting.users import split_users
from item2vec.evaluation.validation import SHARE
from item2vec.types import Lengths

SPLITS = (
    4  # parts of the users that the search does not score, each as large as the part that it scores
)
LATER_SPLITS = 2  # each shortens every history by one more item

# Returns histories to fit on and cases to score when it is called, so that one split is held at a
# time.
MakeSplit = Callable[[], tuple[Histories, Cases]]


def search_split(training: Interactions, protocol: SplitProtocol, *, seed: int = 0) -> Split:
    """Return the split of the training users on which a search scores its trials."""
    return split_by_protocol(training, protocol, held_out=SHARE, seed=seed)


def other_splits(
    training: Interactions,
    protocol: SplitProtocol,
    *,
    seed: int = 0,
    min_count: int = 5,
    repeated: Repeated = "first",
) -> list[MakeSplit]:
    """Return further splits of the same users, with other labels than those of the search.

    Where whole users are held out, the users that the search fitted on are divided into parts, and
    each part is held out once, so that different splits score different users. Where the last items
    of all users are predicted, each split predicts the item before those of the search and of the
    earlier splits (a rolling origin; Tashman, 2000).

    Parameters
    ----------
    training : Interactions
        Interactions of the training users.
    protocol : SplitProtocol
    seed : int
        The seed of `search_split`.
    min_count, repeated
        As in `Split.histories`.
    """
    makes: list[Callable[[], Split]]
    if isinstance(protocol, HeldOutProtocol):
        parts = _parts(training, seed)
        makes = [partial(_holding_out, training, part, protocol) for part in parts]
    else:
        makes = [partial(_earlier, training, protocol, 1 + n) for n in range(LATER_SPLITS)]
    return [
        partial(_prepared, make, min_count, repeated, seed + 1 + place)
        for place, make in enumerate(makes)
    ]


def _prepared(
    make: Callable[[], Split], min_count: int, repeated: Repeated, seed: int
) -> tuple[Histories, Cases]:
    split = make()
    histories = split.histories(min_count=min_count, repeated=repeated)
    return histories, split.source.validation_cases(histories.vocabulary, seed=seed)


def _earlier(training: Interactions, protocol: SplitProtocol, by: int) -> Split:
    """Return the split whose labels precede the last `by` parts."""
    for _ in range(by):
        training = split_by_protocol(training, protocol).training
    return split_by_protocol(training, protocol)


def _parts(training: Interactions, seed: int) -> list[Lengths]:
    """Return the positions of the users that the search does not score, in random parts."""
    _, searched = split_users(training, held_out=SHARE, seed=seed)
    scored = set(searched.user_ids)
    rest = [place for place, user in enumerate(training.user_ids) if user not in scored]
    drawn = np.random.default_rng([seed, 1]).permutation(np.array(rest, dtype=np.int64))
    return [np.sort(part) for part in np.array_split(drawn, min(SPLITS, len(rest)))]


def _holding_out(training: Interactions, part: Lengths, protocol: HeldOutProtocol) -> Split:
    """Return the split that holds out the users at these positions."""
    others = np.delete(np.arange(len(training)), part)
    return held_out_split(training.take(others), training.take(part), protocol)
