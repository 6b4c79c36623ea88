"""Splitting users at random into those to train on and those to hold out."""

from collections.abc import Iterator
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from item2vec._support.checks import check_between, check_seed, check_whole
from item2vec._support.messages import counted
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError, ParameterError, TooFewInteractionsError

HELD_OUT = 0.2  # share of the users


class _Users(Protocol):
    """Interactions or Histories: a sequence of users."""

    def __len__(self) -> int: ...

    def take(self, users: Any, /) -> Self: ...


Users = TypeVar("Users", bound=_Users)


def split_users(users: Users, *, held_out: float = HELD_OUT, seed: int = 0) -> tuple[Users, Users]:
    """Split users at random into those to train on and those to hold out.

    Split interactions rather than histories: the vocabulary and its counts are then made from
    training users alone, and `min_count` does not depend on the held-out users.

    Parameters
    ----------
    users : Interactions or Histories
    held_out : float
        Share of the users to hold out, between 0 and 1; at least one user is held out.
    seed : int
        Random seed.

    Returns
    -------
    training, held-out
        Both in the original order.
    """
    check_share(held_out)
    check_seed(seed)
    _check_users(users)
    if len(users) < 2:
        raise TooFewInteractionsError(
            f"{counted(len(users), 'user')} can't be split: at least 2 are needed"
        )
    order = np.random.default_rng(seed).permutation(len(users))
    n = min(len(users) - 1, max(1, round(held_out * len(users))))
    return users.take(np.sort(order[n:])), users.take(np.sort(order[:n]))


def fold_users(users: Users, *, folds: int = 5, seed: int = 0) -> Iterator[tuple[Users, Users]]:
    """Hold out every user once: yield (training, held-out) for each of `folds` random parts."""
    check_whole("folds", folds, 2)
    check_seed(seed)
    _check_users(users)
    if len(users) < folds:
        raise ParameterError(
            f"{counted(len(users), 'user')} can't be split into {folds} folds: use fewer folds"
        )
    part = np.random.default_rng(seed).permutation(len(users)) % folds
    for fold in range(folds):
        yield users.take(np.flatnonzero(part != fold)), users.take(np.flatnonzero(part == fold))


def check_share(held_out: float) -> None:
    """Raise ParameterError unless `held_out` is a share that leaves users on both sides."""
    check_between("held_out", held_out)


def _check_users(users: object) -> None:
    """Raise DataError for a DataFrame or lists, which do not name their users."""
    if not isinstance(users, Histories | Interactions):
        raise DataError(
            f"only Interactions or Histories can be split by user, not {type(users).__name__}: use "
            "read_interactions(...) or Histories.from_lists(lists)"
        )
