"""Protocols for held-out users: each history is split into inputs and labels."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_seed
from item2vec._support.messages import counted, setting
from item2vec.data.histories import Histories, check_histories
from item2vec.data.packed import shuffled_within
from item2vec.errors import DataError
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.users import split_users
from item2vec.parameters import parameter
from item2vec.types import Lengths

MOST = 2**31 - 1  # largest number of inputs, or of labels, of a case
MOST_VALIDATION_CASES = 2000
MOST_DRAWS = 10  # largest number of cases of one validation user


@dataclass(frozen=True, kw_only=True)
class HeldOutProtocol(SplitProtocol, ABC):
    """A protocol that splits the history of a held-out user into inputs and labels."""

    family = "held-out users"

    def cases(self, histories: Histories, *, seed: int = 0) -> Cases:
        """Split each history into a case, and skip users with too few items.

        Parameters
        ----------
        histories : Histories
            Histories of held-out users in the vocabulary of training, with -1 for other items.
        seed : int
            Random seed. The draw depends only on the lengths of the histories, so the same users
            give the same cases in every vocabulary.
        """
        check_histories(histories)
        check_seed(seed)
        repeated, once = histories, histories.without_repeats()
        if not self.keep_seen:
            histories = once
        users = np.flatnonzero(histories.lengths >= self.least)
        chosen = histories.take(users)
        ordered = replace(
            chosen,
            items=self.ordered(chosen, np.random.default_rng(seed)),
            moments=chosen.moments if self.in_order else None,
        )
        begins, n_inputs, n_labels = self.sizes(chosen.lengths)
        begins = begins + chosen.offsets[:-1]
        return Cases(
            ordered.cut(begins, n_inputs),
            ordered.cut(begins + n_inputs, n_labels).without_repeats(),
            users,
            chosen.without_repeats().lengths,
            len(histories) - len(users),
            chosen.digests,
            np.stack([_item_counts(once), _item_counts(repeated)]),
            self.keep_seen,
        )

    def hold_out(
        self, histories: Histories, share: float, *, seed: int = 0
    ) -> tuple[Histories, Cases]:
        """Hold out a share of the users; see `SplitProtocol.hold_out` and `validation_cases`."""
        training, held_out = split_users(histories, held_out=share, seed=seed)
        return training, self.validation_cases(held_out, seed=seed)

    def validation_cases(self, held_out: Histories, *, seed: int = 0) -> Cases:
        """Return cases of validation users: several of each if there are few users, 2,000 at most.

        With up to ten cases of each user, a selection depends less on chance.
        """
        n = min(MOST_VALIDATION_CASES, len(held_out))
        times = max(1, min(MOST_DRAWS, MOST_VALIDATION_CASES // n))
        cases = self.cases(held_out.take(np.tile(np.arange(n), times)), seed=seed)
        return replace(cases, users=cases.users % n, n_skipped=cases.n_skipped // times)

    def no_case(self, n_skipped: int) -> DataError:
        """Return the error for held-out users who all have too few items."""
        return DataError(
            f"none of {counted(n_skipped, 'held-out user')} has enough items to be scored: use "
            "longer histories or, if inputs and labels are counted, fewer of them "
            f"({setting('inputs')}, {setting('labels')})"
        )

    @property
    @abstractmethod
    def least(self) -> int:
        """The smallest number of items that a user must have."""

    def ordered(self, histories: Histories, rng: np.random.Generator) -> npt.NDArray[np.int32]:
        """Return the items of all histories in the order in which they become inputs and labels."""
        return shuffled_within(histories.items, histories.offsets, rng)

    @abstractmethod
    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Return where the inputs of each history begin, and the numbers of inputs and labels."""


def _item_counts(histories: Histories) -> Lengths:
    """Return the number of occurrences of each item of the vocabulary, int64 (n_items,)."""
    return np.bincount(histories.items + 1, minlength=len(histories.vocabulary) + 1)[1:]


@dataclass(frozen=True, kw_only=True)
class RandomProtocol(HeldOutProtocol):
    """Inputs and labels drawn at random, 3 and 7 as in Google's machine-learning crash course.

    Examples
    --------
    >>> vocabulary = Histories.from_lists([list("abcdefghijkl")]).vocabulary
    >>> held_out = Histories.from_lists([list("abcdefghijkl"), ["a"]], vocabulary=vocabulary)
    >>> cases = RandomProtocol().cases(held_out)
    >>> cases.inputs.lengths, cases.labels.lengths, cases.n_skipped
    (array([3]), array([7]), 1)
    >>> RandomProtocol(inputs=1, labels=2).description
    '1 item → 2 others'
    """

    inputs: int = parameter(3, "inputs per held-out history", at_least=1, at_most=MOST)
    labels: int = parameter(7, "labels per held-out history", at_least=1, at_most=MOST)

    @property
    def description(self) -> str:
        """Inputs and labels in a few words."""
        return f"{counted(self.inputs, 'item')} → {counted(self.labels, 'other')}"

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "random"

    @property
    def least(self) -> int:
        """The smallest number of items that a user must have."""
        return self.inputs + self.labels

    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Take the first items of the shuffled history."""
        ones = np.ones_like(lengths)
        return 0 * ones, self.inputs * ones, self.labels * ones


@dataclass(frozen=True, kw_only=True)
class LatestProtocol(RandomProtocol):
    """The last items of each history in time order: inputs, and the labels that follow them.

    With `keep_seen` every occurrence of an item counts, so labels may repeat inputs; a label that
    occurs several times counts once.
    """

    needs_order = True
    can_keep_seen = True

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "latest"

    def ordered(self, histories: Histories, rng: np.random.Generator) -> npt.NDArray[np.int32]:
        """Return the items in time order, as they are."""
        return histories.items

    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Take the last items of the history: inputs, then labels."""
        _, inputs, labels = super().sizes(lengths)
        return lengths - self.least, inputs, labels


@dataclass(frozen=True, kw_only=True)
class FoldInProtocol(HeldOutProtocol):
    """A random 80 % of each history as inputs, 20 % as labels (Liang et al., 2018, section 4.1).

    As in the paper, ``int(0.2 * n)`` labels are drawn from users with at least 5 items.
    """

    label_share: float = parameter(0.2, "share of a history to predict", above=0, at_most=0.9)

    @property
    def description(self) -> str:
        """Inputs and labels in a few words."""
        return f"{1 - self.label_share:.0%} of the items → the others"

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "fold-in"

    @property
    def least(self) -> int:
        """The smallest number of items of a user that gives at least one label."""
        least = max(2, int(np.ceil(1 / self.label_share)))
        return least + (int(self.label_share * least) < 1)  # 1 / 161 * 161 is just below 1

    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Take the first items of the shuffled history."""
        labels = (self.label_share * lengths).astype(np.int64)
        return np.zeros_like(lengths), lengths - labels, labels


PROTOCOLS: dict[str, type[HeldOutProtocol]] = {
    "random": RandomProtocol,
    "latest": LatestProtocol,
    "fold-in": FoldInProtocol,
}
