"""Cases of the same users, later: earlier interactions are inputs, later ones are labels."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from item2vec.data.digests import Digests, item_hashes
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.packed import take_packed
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.splitting.case_source import CaseSource
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import MOST_VALIDATION_CASES
from item2vec.evaluation.splitting.later_labels import (
    LaterLabels,
    common_rows,
    concatenate_histories,
    distinct_items,
    find_labels,
    places_of,
)
from item2vec.evaluation.splitting.later_protocols import LaterProtocol
from item2vec.evaluation.splitting.later_remarks import later_remarks

LEAST_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class LaterInteractions(CaseSource):
    """Earlier interactions of users, which are inputs, and later ones of the same users.

    Items that are only in `later` are labels that no model can recommend; users who are only in
    `later` are skipped. Without ``protocol.keep_seen`` a user's earlier items are not labels.

    Parameters
    ----------
    earlier, later : Interactions
    protocol : LaterProtocol
    n_too_short : int
        Number of users with too few items to be split.
    n_repeated : int
        Number of interactions that were dropped from `later` because `earlier` contains them too.
    n_users_repeated : int
        Number of users whose later interactions were all dropped for this reason.
    """

    earlier: Interactions
    later: Interactions
    protocol: LaterProtocol
    n_too_short: int = 0
    n_repeated: int = 0
    n_users_repeated: int = 0

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The ids of the users of the later part."""
        return self.later.user_ids

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The ids of the items of the later part."""
        return self.later.item_ids

    def cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return a case of each user who has both an earlier item and a label; nothing is drawn."""
        return replace(self._cases(vocabulary, self.labels.users), digests=self.digests)

    def validation_cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return the cases of 2,000 users at most, drawn at random."""
        users = self.labels.users
        if len(users) > MOST_VALIDATION_CASES:
            drawn = np.random.default_rng(seed).permutation(users)[:MOST_VALIDATION_CASES]
            users = np.sort(drawn)
        return self._cases(vocabulary, users)

    def _cases(self, vocabulary: Vocabulary, users: npt.NDArray[np.int64]) -> Cases:
        keep_seen = self.protocol.keep_seen
        labels = self.labels
        earlier = self.earlier.to_histories(
            vocabulary=vocabulary,
            repeated="keep" if keep_seen else "first",
            in_order=self.protocol.in_order,
        )
        places, offsets = take_packed(labels.items, labels.offsets, users)
        rows = vocabulary.rows(self.later.item_ids)[places]
        return Cases(
            earlier.take(labels.places[users]),
            Histories(rows, offsets, vocabulary),
            users,
            labels.lengths[users],
            self.counts["skipped_users"],
            keep_seen=keep_seen,
        )

    @cached_property
    def labels(self) -> "LaterLabels":
        """The labels of each user, and the users who are scored."""
        return find_labels(self.earlier, self.later, keep_seen=self.protocol.keep_seen)

    @cached_property
    def digests(self) -> Digests:
        """Digests of each scored user's items in both parts together, and in the later part alone.

        A model that was trained on one of these sets of items has seen the labels. The first digest
        is left out if the later part adds no item: it is then also that of the earlier part.
        """
        users = self.labels.users
        rows = common_rows(self.earlier, self.later)[0]
        shown = distinct_items(self.earlier.items, self.earlier.offsets, self.labels.places[users])
        later = distinct_items(rows, self.later.offsets, users)
        both = distinct_items(*concatenate_histories(shown, later), np.arange(len(users)))
        # `common_rows` numbers the earlier ids first and then the ids that only the later part has.
        hashes = item_hashes(self.earlier.item_ids)
        if self.earlier.item_ids != self.later.item_ids:
            hashes = np.append(hashes, item_hashes(self.later.item_ids))
        adds = np.flatnonzero(np.diff(both[1]) > np.diff(shown[1]))
        whole = Digests.of_packed(hashes, *both).take(adds)
        alone = Digests.of_packed(hashes, *later)
        return Digests(
            np.append(whole.values, alone.values), np.append(whole.n_items, alone.n_items)
        )

    @property
    def label_share(self) -> float:
        """The mean share of labels among the different items of a scored user."""
        labels = self.labels
        if len(labels.users) == 0:
            return 0.5
        n_labels = np.diff(labels.offsets)[labels.users]
        return float(min(1.0, (n_labels / labels.lengths[labels.users]).mean()))

    @property
    def counts(self) -> dict[str, int]:
        """Counts of users and items only in the later part, of seen labels and skipped users."""
        labels = self.labels
        skipped = len(self.later) - len(labels.users) + self.n_too_short + self.n_users_repeated
        return {
            "skipped_users": skipped,
            "users_too_short": self.n_too_short,
            "users_only_later": labels.n_new_users,
            "users_without_labels": skipped - self.n_too_short - labels.n_new_users,
            "items_only_later": labels.n_new_items,
            "labels_seen": labels.n_seen,
            "interactions_in_both": self.n_repeated,
            "interactions_too_early": self.n_too_early,
        }

    @cached_property
    def n_too_early(self) -> int:
        """The number of later interactions before the last earlier one of the same user.

        0 where times are missing.
        """
        times = self._times
        return 0 if times is None else int(np.count_nonzero(times[0] < times[1]))

    @cached_property
    def n_tied(self) -> int:
        """The number of later interactions at the time of the user's last earlier one."""
        times = self._times
        return 0 if times is None else int(np.count_nonzero(times[0] == times[1]))

    @cached_property
    def _times(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
        """The time of each later interaction, and of the last earlier one of the same user."""
        earlier, later = self.earlier, self.later
        if earlier.times is None or later.times is None or len(earlier.times) == 0:
            return None
        ends = np.maximum(earlier.offsets[1:], 1)
        last = np.where(np.diff(earlier.offsets) > 0, earlier.times[ends - 1], LEAST_TIME)
        last = np.append(last, LEAST_TIME)[places_of(earlier, later)]  # the last is for place -1
        return later.times, np.repeat(last, np.diff(later.offsets))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on later interactions that are not labels, and the reasons."""
        return tuple(later_remarks(self))
