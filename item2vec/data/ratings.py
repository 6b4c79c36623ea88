"""Explicit ratings: a sparse user-item matrix in coordinate (COO) form."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from item2vec._support.messages import counted
from item2vec.data.read_report import ReadReport
from item2vec.errors import DataError, ParameterError
from item2vec.types import Counts, Floats, Positions, Rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    """Explicit ratings of items by users, at most one for each pair of user and item.

    Parameters
    ----------
    users, items : array of shape (n,), int32
        The user and the item of each rating: positions in `user_ids` and `item_ids`.
    values : array of shape (n,), float32
        The ratings, on any scale; they must be finite.
    user_ids, item_ids : tuple of str
        The ids, each once. Some may have no rating, for instance after a split.
    report : ReadReport, optional
        The report of reading the ratings.

    Raises
    ------
    DataError
        If the arrays and ids do not match each other.

    Examples
    --------
    >>> import pandas as pd
    >>> from item2vec.reading.ratings import read_ratings
    >>> frame = pd.DataFrame({"user": ["Ann", "Ann", "Bob"], "item": ["Up", "Heat", "Up"]})
    >>> ratings = read_ratings(frame.assign(rating=[5, 2, 4]))
    >>> ratings.cross_tab().loc["Bob"].to_dict()
    {'Up': 4.0, 'Heat': nan}
    """

    users: Rows
    items: Rows
    values: Floats
    user_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    report: ReadReport | None = None

    _SIDES: ClassVar = (("users", "user_ids"), ("items", "item_ids"))

    def __post_init__(self) -> None:
        for name, ids_name in self._SIDES:
            object.__setattr__(self, ids_name, tuple(getattr(self, ids_name)))
            self._check_side(name, ids_name)
        if self.values.dtype != np.float32 or self.values.ndim != 1:
            raise DataError(f"values must be float32, one for each rating, not {self.values.dtype}")
        if not np.isfinite(self.values).all():
            value = self.values[~np.isfinite(self.values)][0]
            raise DataError(f"a rating must be a finite number, not {value}: leave it out")
        pairs = self.users.astype(np.int64) * len(self.item_ids) + self.items
        if len(np.unique(pairs)) < len(pairs):
            raise DataError("a user rated an item twice: keep one of the ratings")

    def _check_side(self, name: str, ids_name: str) -> None:
        """Raise DataError unless the users (or items) are positions in unique ids."""
        positions, ids = getattr(self, name), getattr(self, ids_name)
        if len(set(ids)) < len(ids) or not all(isinstance(each, str) for each in ids):
            raise DataError(f"{ids_name} must be strings without repeats: convert the ids")
        if positions.dtype != np.int32 or positions.shape != (len(self.values),):
            raise DataError(
                f"{name} must be int32 ({len(self.values)},), one for each rating, not "
                f"{positions.dtype} {positions.shape}"
            )
        if len(positions) and not 0 <= positions.min() <= positions.max() < len(ids):
            raise DataError(f"{name} must be positions in {ids_name}, which has {len(ids)} ids")

    def __len__(self) -> int:
        """Return the number of ratings."""
        return len(self.values)

    def __repr__(self) -> str:
        return f"Ratings of {len(self.user_ids)} users for {len(self.item_ids)} items: {len(self)}"

    def split(self, held_out: float = 0.1, *, seed: int = 0) -> tuple["Ratings", "Ratings"]:
        """Split the ratings at random into a training part and a held-out part.

        Both parts keep all user and item ids.

        Parameters
        ----------
        held_out : float
            Fraction of the ratings in the held-out part, between 0 and 1.
        seed : int
            Random seed.

        Raises
        ------
        ParameterError
            If `held_out` does not lie between 0 and 1.
        DataError
            If a part would be empty.
        """
        if not 0 < held_out < 1:
            raise ParameterError(f"held_out must lie between 0 and 1, not {held_out}")
        n = round(held_out * len(self))
        if not 0 < n < len(self):
            n_ratings = counted(len(self), "rating")
            raise DataError(f"{n_ratings}: too few to hold out {held_out:.0%}: provide more")
        order = np.random.default_rng(seed).permutation(len(self))
        return self.take(np.sort(order[n:])), self.take(np.sort(order[:n]))

    @cached_property
    def user_places(self) -> dict[str, int]:
        """The position of each user id in `user_ids`."""
        return {user: position for position, user in enumerate(self.user_ids)}

    @cached_property
    def item_places(self) -> dict[str, int]:
        """The position of each item id in `item_ids`."""
        return {item: position for position, item in enumerate(self.item_ids)}

    @cached_property
    def item_counts(self) -> Counts:
        """The number of ratings of each item, int64 (n_items,)."""
        return np.bincount(self.items, minlength=len(self.item_ids))

    def take(self, places: Positions) -> "Ratings":
        """Return the ratings at these positions; all ids are kept."""
        users, items, values = self.users[places], self.items[places], self.values[places]
        return Ratings(users, items, values, self.user_ids, self.item_ids, self.report)

    def cross_tab(self, n_users: int = 15, n_items: int = 15) -> "pd.DataFrame":
        """Return a table of users (rows) and items (columns), NaN where there is no rating.

        Parameters
        ----------
        n_users, n_items : int
            Number of users and of items shown: those with the most ratings, in descending order.
        """
        import pandas as pd

        users = _most_frequent(self.users, len(self.user_ids), n_users)
        items = _most_frequent(self.items, len(self.item_ids), n_items)
        rows = _positions(users, len(self.user_ids))
        columns = _positions(items, len(self.item_ids))
        row, column = rows[self.users], columns[self.items]
        shown = (row >= 0) & (column >= 0)
        table = np.full((len(users), len(items)), np.nan, dtype=np.float32)
        table[row[shown], column[shown]] = self.values[shown]
        return pd.DataFrame(
            table,
            index=pd.Index([self.user_ids[user] for user in users.tolist()], name="user"),
            columns=pd.Index([self.item_ids[item] for item in items.tolist()], name="item"),
        )


def _most_frequent(values: Rows, n_ids: int, k: int) -> Rows:
    """Return the `k` most frequent values, most frequent first; ties go to the lower value."""
    counts = np.bincount(values, minlength=n_ids)
    most = np.argsort(-counts, kind="stable")[:k]
    return most[counts[most] > 0].astype(np.int32)


def _positions(chosen: Rows, n_ids: int) -> Rows:
    """Return the position of each id among the chosen ones, int32 (n_ids,); -1 for all others."""
    positions = np.full(n_ids, -1, dtype=np.int32)
    positions[chosen] = np.arange(len(chosen), dtype=np.int32)
    return positions
