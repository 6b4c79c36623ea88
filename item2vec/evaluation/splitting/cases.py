"""Cases: inputs, which models receive, and labels, which they should recommend."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from item2vec.data.digests import Digests
from item2vec.data.histories import Histories
from item2vec.models.recommender import Recommender
from item2vec.types import Lengths, Rows


@dataclass(frozen=True, eq=False)
class Cases:
    """Histories split into inputs, which a model receives, and labels, which it should recommend.

    Parameters
    ----------
    inputs, labels : Histories
        The inputs and the labels of each case, over one vocabulary; -1 is an unknown item.
    users : array of shape (m,), int64
        The position of each case's user among the held-out histories.
    lengths : array of shape (m,), int64
        The number of different items in the whole history of each case.
    n_skipped : int
        Number of held-out users with too few items.
    digests : Digests, optional
        Digests of the whole histories as they were read, by which a model that was trained on them
        is recognized; without them this is not checked. For the same users later, these are digests
        of all sets of interactions that contain the labels, several for each user.
    counts : array of shape (2, n_items), int64, optional
        The number of interactions of all held-out users, skipped ones included, with each item:
        counted once for each user, and with repeats.
    keep_seen : bool
        Whether inputs may be labels, and be recommended, too.
    """

    inputs: Histories
    labels: Histories
    users: Lengths
    lengths: Lengths
    n_skipped: int
    digests: Digests | None = None
    counts: npt.NDArray[np.int64] | None = None
    keep_seen: bool = False

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def n_labels(self) -> int:
        """The number of labels of all cases."""
        return len(self.labels.items)

    @property
    def n_unknown_labels(self) -> int:
        """The number of labels that are not in the vocabulary: misses for every model."""
        return int(np.count_nonzero(self.labels.items < 0))

    def recommended_by(self, recommender: Recommender, k: int) -> Rows:
        """Return `k` recommendations for the inputs of each case, int32 (m, k)."""
        if self.keep_seen:
            return recommender.recommend_rows(self.inputs, k, keep_seen=True)
        return recommender.recommend_rows(self.inputs, k)
