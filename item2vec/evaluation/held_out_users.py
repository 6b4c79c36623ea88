"""Held-out histories: whole users kept out of training, each split into inputs and labels."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from item2vec._support.checks import check_between, check_seed, check_whole
from item2vec._support.messages import counted, setting
from item2vec.data.digests import Digests
from item2vec.data.histories import Histories, check_histories
from item2vec.data.interactions import Interactions
from item2vec.data.packed import shuffled_within
from item2vec.errors import DataError, ParameterError
from item2vec.models.recommender import Recommender
from item2vec.parameters import Parameters, parameter
from item2vec.types import Lengths, Rows

Family = Literal["held-out users", "same users, later"]

HELD_OUT = 0.2  # share of the users
MOST = 2**31 - 1  # items of a history that a protocol can ask for
MOST_VALIDATION_CASES = 2000
MOST_DRAWS = 10  # cases of the same validation user


class _Users(Protocol):
    """Interactions, or Histories: whatever is a row of users."""

    def __len__(self) -> int: ...

    def take(self, users: Any, /) -> Self: ...


Users = TypeVar("Users", bound=_Users)


def split_users(users: Users, *, held_out: float = HELD_OUT, seed: int = 0) -> tuple[Users, Users]:
    """Split users into those to train on and a random share to hold out.

    Split interactions, before anything is counted: then the vocabulary, its counts and `min_count`
    know nothing of the held-out users.

    Parameters
    ----------
    users : Interactions or Histories
    held_out : float
        Share of the users to hold out, between 0 and 1; at least one is.
    seed : int
        Of the draw.

    Returns
    -------
    training, held-out
        Both in the order they had.
    """
    check_share(held_out)
    check_seed(seed)
    _check_users(users)
    if len(users) < 2:
        raise DataError(f"{counted(len(users), 'user')} can't be split: bring at least 2")
    order = np.random.default_rng(seed).permutation(len(users))
    n = min(len(users) - 1, max(1, round(held_out * len(users))))
    return users.take(np.sort(order[n:])), users.take(np.sort(order[:n]))


def _check_users(users: object) -> None:
    """Raise DataError for a DataFrame or lists, which have no users to hold out."""
    if not isinstance(users, Histories | Interactions):
        raise DataError(
            f"users are split of Interactions or Histories, not of {type(users).__name__}: write "
            "read_interactions(...) or Histories.from_lists(lists)"
        )


def check_share(held_out: float) -> None:
    """Raise ParameterError unless `held_out` is a share that leaves users on both sides."""
    check_between("held_out", held_out)


def fold_users(users: Users, *, folds: int = 5, seed: int = 0) -> Iterator[tuple[Users, Users]]:
    """Hold out every user once: yield (training, held-out) for each of `folds` random parts."""
    check_whole("folds", folds, 2)
    check_seed(seed)
    _check_users(users)
    if len(users) < folds:
        raise ParameterError(
            f"{counted(len(users), 'user')} can't be cut into {folds} folds: ask for fewer folds"
        )
    part = np.random.default_rng(seed).permutation(len(users)) % folds
    for fold in range(folds):
        yield users.take(np.flatnonzero(part != fold)), users.take(np.flatnonzero(part == fold))


@dataclass(frozen=True, eq=False)
class Cases:
    """Held-out histories split into what is shown and what is asked for.

    Parameters
    ----------
    inputs, labels : Histories
        One of each a case, over one vocabulary; -1 is an item that training never saw.
    users : array of shape (m,), int64
        The places of the cases' users among the held-out histories.
    lengths : array of shape (m,), int64
        How many different items their whole histories have.
    n_skipped : int
        How many held-out users had too few items.
    digests : Digests, optional
        Digests of the cases' whole histories as they were read, so that a model that was trained on
        them is noticed. Without them this is not checked. Where the same users are asked for what
        they did later, these are digests of whatever holds the labels, several of each user.
    counts : array of shape (2, n_items), int64, optional
        How often all held-out users together, skipped ones included, have each item: counted once
        for each user, and with repeats.
    keep_seen : bool
        Whether items that were shown may be labels, and be recommended, too.
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
        """How many labels there are in all."""
        return len(self.labels.items)

    @property
    def n_unknown_labels(self) -> int:
        """How many labels training never saw: misses for every model."""
        return int(np.count_nonzero(self.labels.items < 0))

    def recommended_by(self, recommender: Recommender, k: int) -> Rows:
        """Return `k` recommendations for the inputs of each case, int32 (m, k)."""
        if self.keep_seen:
            return recommender.recommend_rows(self.inputs, k, keep_seen=True)
        return recommender.recommend_rows(self.inputs, k)


@dataclass(frozen=True, kw_only=True)
class SplitProtocol(Parameters, ABC):
    """How interactions are split into what is trained on, shown and asked for.

    There are two families: whole users are held out, or the same users are asked for what they
    did later.

    Parameters
    ----------
    keep_seen : bool
        Let labels repeat what was shown; every recommender may then recommend it again.
    """

    keep_seen: bool = False

    family: ClassVar[Family]
    needs_order: ClassVar[bool] = False  # whether it makes sense only with items in time order
    can_keep_seen: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.keep_seen and not self.can_keep_seen:
            raise ParameterError(
                f"{setting('keep_seen', True)} does not go with the protocol {self.name}, which "
                "draws items without order: an item that is shown can't be asked for again. Take "
                "latest, or a split by time"
            )

    @property
    @abstractmethod
    def name(self) -> str:
        """The protocol's name."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What is shown and what is asked for, in a few words."""

    @abstractmethod
    def hold_out(
        self, histories: Histories, share: float, *, seed: int = 0
    ) -> tuple[Histories, Cases]:
        """Split training histories once more, in the same way, to choose parameters by.

        Parameters
        ----------
        histories : Histories
            The training histories.
        share : float
            Share of the users to validate on, where whole users are held out.
        seed : int
            Seed of the draws.

        Returns
        -------
        fitted, cases
            What to fit on, and validation cases in the same vocabulary, about 2,000 at most.
        """

    @property
    def in_order(self) -> bool:
        """Whether histories are in time order, and what comes next is asked for."""
        return self.needs_order

    def no_case(self, n_skipped: int) -> DataError:
        """Return the error for a split of which nobody can be scored."""
        return DataError(f"none of {counted(n_skipped, 'user')} has enough items to be scored")

    def to_json(self) -> dict[str, Any]:
        """Return name, family and parameters."""
        return {
            "name": self.name,
            "family": self.family,
            **self.to_dict(),
            "keep_seen": self.keep_seen,
        }

    def identity(self) -> dict[str, Any]:
        """Return what tells it from other protocols, as studies hold it."""
        return {
            "name": self.name,
            **self.to_dict(),
            **({"keep_seen": True} if self.keep_seen else {}),
        }


@dataclass(frozen=True, kw_only=True)
class HeldOutProtocol(SplitProtocol, ABC):
    """How a held-out history is split into inputs and labels."""

    family = "held-out users"

    def cases(self, histories: Histories, *, seed: int = 0) -> Cases:
        """Split each history; skip users with too few items.

        Parameters
        ----------
        histories : Histories
            Of held-out users, in the vocabulary of training, with -1 for what it does not hold.
        seed : int
            Of the draw. The draw depends on the histories' lengths alone, so that the same users
            give the same cases in every vocabulary.
        """
        check_histories(histories)
        check_seed(seed)
        repeated, once = histories, histories.without_repeats()
        if not self.keep_seen:
            histories = once
        users = np.flatnonzero(histories.lengths >= self.least)
        chosen = histories.take(users)
        dealt = replace(
            chosen,
            items=self.ordered(chosen, np.random.default_rng(seed)),
            moments=chosen.moments if self.in_order else None,
        )
        begins, n_inputs, n_labels = self.sizes(chosen.lengths)
        begins = begins + chosen.offsets[:-1]
        return Cases(
            dealt.cut(begins, n_inputs),
            dealt.cut(begins + n_inputs, n_labels).without_repeats(),
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
        """Return cases of validation users: several of each where there are few, 2,000 at most.

        With up to ten cases of each user, a choice depends less on chance.
        """
        n = min(MOST_VALIDATION_CASES, len(held_out))
        times = max(1, min(MOST_DRAWS, MOST_VALIDATION_CASES // n))
        cases = self.cases(held_out.take(np.tile(np.arange(n), times)), seed=seed)
        return replace(cases, users=cases.users % n, n_skipped=cases.n_skipped // times)

    def no_case(self, n_skipped: int) -> DataError:
        """Return the error for held-out users who all have too few items."""
        return DataError(
            f"of {counted(n_skipped, 'held-out user')} none has enough items to be scored: bring "
            "longer histories or, where inputs and labels are counted, ask for fewer "
            f"({setting('inputs')}, {setting('labels')})"
        )

    @property
    @abstractmethod
    def least(self) -> int:
        """The fewest items that a user must have."""

    def ordered(self, histories: Histories, rng: np.random.Generator) -> npt.NDArray[np.int32]:
        """Return the items of all histories in the order in which they are dealt out."""
        return shuffled_within(histories.items, histories.offsets, rng)

    @abstractmethod
    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Return, for each history, where its inputs begin, how many they are, how many labels."""


def _item_counts(histories: Histories) -> Lengths:
    """Return how often the histories hold each known item, int64 (n_items,)."""
    return np.bincount(histories.items + 1, minlength=len(histories.vocabulary) + 1)[1:]


@dataclass(frozen=True, kw_only=True)
class RandomProtocol(HeldOutProtocol):
    """Items drawn without order, inputs and labels: 3 → 7, as in Google's crash course.

    Examples
    --------
    >>> vocabulary = Histories.from_lists([list("abcdefghijkl")]).vocabulary
    >>> held_out = Histories.from_lists([list("abcdefghijkl"), ["a"]], vocabulary=vocabulary)
    >>> cases = RandomProtocol().cases(held_out)
    >>> cases.inputs.lengths, cases.labels.lengths, cases.n_skipped
    (array([3]), array([7]), 1)
    """

    inputs: int = parameter(3, "items shown per held-out history", at_least=1, at_most=MOST)
    labels: int = parameter(7, "items to predict per held-out history", at_least=1, at_most=MOST)

    @property
    def description(self) -> str:
        """What is shown and what is asked for."""
        return f"{self.inputs} items → {self.labels} others"

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "random"

    @property
    def least(self) -> int:
        """The fewest items that a user must have."""
        return self.inputs + self.labels

    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Begin at the front of the shuffled history."""
        ones = np.ones_like(lengths)
        return 0 * ones, self.inputs * ones, self.labels * ones


@dataclass(frozen=True, kw_only=True)
class LatestProtocol(RandomProtocol):
    """The last items in the order of time: the first of them predict the next.

    With `keep_seen` an item counts each time that it occurs, so that labels may repeat inputs; each
    label then counts once.
    """

    needs_order = True
    can_keep_seen = True

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "latest"

    def ordered(self, histories: Histories, rng: np.random.Generator) -> npt.NDArray[np.int32]:
        """Keep the order of time."""
        return histories.items

    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Begin so that the labels end with the history."""
        _, inputs, labels = super().sizes(lengths)
        return lengths - self.least, inputs, labels


@dataclass(frozen=True, kw_only=True)
class FoldInProtocol(HeldOutProtocol):
    """A random 80 % of each history is shown, 20 % asked for (Liang et al., 2018, section 4.1).

    They draw ``int(0.2 * n)`` labels of users with at least 5 items; so does this.
    """

    label_share: float = parameter(0.2, "share of a history to predict", above=0, at_most=0.9)

    @property
    def description(self) -> str:
        """What is shown and what is asked for."""
        return f"{1 - self.label_share:.0%} of the items → the others"

    @property
    def name(self) -> str:
        """The protocol's name."""
        return "fold-in"

    @property
    def least(self) -> int:
        """The fewest items that a user must have, so that one of them is a label."""
        least = max(2, int(np.ceil(1 / self.label_share)))
        return least + (int(self.label_share * least) < 1)  # 1 / 161 * 161 is just below 1

    def sizes(self, lengths: Lengths) -> tuple[Lengths, Lengths, Lengths]:
        """Begin at the front of the shuffled history."""
        labels = (self.label_share * lengths).astype(np.int64)
        return np.zeros_like(lengths), lengths - labels, labels


PROTOCOLS: dict[str, type[HeldOutProtocol]] = {
    "random": RandomProtocol,
    "latest": LatestProtocol,
    "fold-in": FoldInProtocol,
}
