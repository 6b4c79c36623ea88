"""Ratings: who gave which item how much, as a table with holes."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import counted
from item2vec.data.interactions import ReadReport
from item2vec.errors import DataError, ParameterError
from item2vec.types import Floats, Positions, Rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    """Ratings that users gave to items, each pair at most once.

    Parameters
    ----------
    users, items : array of shape (n,), int32
        Places in `user_ids` and `item_ids`.
    values : array of shape (n,), float32
        On whatever scale; finite.
    user_ids, item_ids : tuple of str
        Every id once. Some may have no rating, as those of a part that was split off.
    report : ReadReport, optional
        How they were read.

    Raises
    ------
    DataError
        If these do not fit each other.

    Examples
    --------
    >>> import pandas as pd
    >>> from item2vec.reading.ratings import read_ratings
    >>> given = pd.DataFrame({"user": ["Ann", "Ann", "Bob"], "item": ["Up", "Heat", "Up"]})
    >>> ratings = read_ratings(given.assign(rating=[5, 2, 4]))
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
            places, ids = getattr(self, name), tuple(getattr(self, ids_name))
            object.__setattr__(self, ids_name, ids)
            if len(set(ids)) < len(ids) or not all(isinstance(one, str) for one in ids):
                raise DataError(f"{ids_name} are strings, every one once: make them so")
            if places.dtype != np.int32 or places.shape != (len(self.values),):
                raise DataError(
                    f"{name} are int32, one a rating, not {places.dtype} {places.shape}"
                )
            if len(places) and not 0 <= places.min() <= places.max() < len(ids):
                raise DataError(f"{name} are places in {ids_name}, of which there are {len(ids)}")
        if self.values.dtype != np.float32 or self.values.ndim != 1:
            raise DataError(f"values are float32, one a rating, not {self.values.dtype}")
        if not np.isfinite(self.values).all():
            raise DataError("a rating is not finite: leave it out")
        pairs = self.users.astype(np.int64) * len(self.item_ids) + self.items
        if len(np.unique(pairs)) < len(pairs):
            raise DataError("a user rated an item twice: keep one of the ratings")

    def __len__(self) -> int:
        """Return the number of ratings."""
        return len(self.values)

    def __repr__(self) -> str:
        return f"Ratings of {len(self.user_ids)} users for {len(self.item_ids)} items: {len(self)}"

    def split(self, held_out: float = 0.1, *, seed: int = 0) -> tuple["Ratings", "Ratings"]:
        """Return the ratings in two parts, the second a random share; both keep all ids.

        Parameters
        ----------
        held_out : float
            Share of the ratings in the second part, between 0 and 1.
        seed : int

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
            few = counted(len(self), "rating")
            raise DataError(f"{few}: too few to hold {held_out:.0%} of them out: bring more")
        order = np.random.default_rng(seed).permutation(len(self))
        return self.take(np.sort(order[n:])), self.take(np.sort(order[:n]))

    @cached_property
    def user_places(self) -> dict[str, int]:
        """The place of each user id."""
        return {user: place for place, user in enumerate(self.user_ids)}

    @cached_property
    def item_places(self) -> dict[str, int]:
        """The place of each item id."""
        return {item: place for place, item in enumerate(self.item_ids)}

    @cached_property
    def item_counts(self) -> npt.NDArray[np.int64]:
        """How many ratings each item has, int64 (n_items,)."""
        return np.bincount(self.items, minlength=len(self.item_ids))

    def take(self, places: Positions) -> "Ratings":
        """Return the ratings at these places; all ids stay."""
        users, items, values = self.users[places], self.items[places], self.values[places]
        return Ratings(users, items, values, self.user_ids, self.item_ids, self.report)

    def cross_tab(self, n_users: int = 15, n_items: int = 15) -> "pd.DataFrame":
        """Return the table of users and items, NaN where there is no rating: nearly everywhere.

        Parameters
        ----------
        n_users, n_items : int
            Only those with most ratings, most first.
        """
        import pandas as pd

        users = _most_frequent(self.users, len(self.user_ids), n_users)
        items = _most_frequent(self.items, len(self.item_ids), n_items)
        rows, columns = _places(users, len(self.user_ids)), _places(items, len(self.item_ids))
        row, column = rows[self.users], columns[self.items]
        shown = (row >= 0) & (column >= 0)
        table = np.full((len(users), len(items)), np.nan, dtype=np.float32)
        table[row[shown], column[shown]] = self.values[shown]
        return pd.DataFrame(
            table,
            index=pd.Index([self.user_ids[user] for user in users.tolist()], name="user"),
            columns=pd.Index([self.item_ids[item] for item in items.tolist()], name="item"),
        )


def _most_frequent(places: Rows, n_ids: int, k: int) -> Rows:
    """Return the `k` that occur most often, ties to the lower."""
    counts = np.bincount(places, minlength=n_ids)
    most = np.argsort(-counts, kind="stable")[:k]
    return most[counts[most] > 0].astype(np.int32)


def _places(chosen: Rows, n_ids: int) -> Rows:
    """Return for each of all ids its place among those chosen, or -1."""
    places = np.full(n_ids, -1, dtype=np.int32)
    places[chosen] = np.arange(len(chosen), dtype=np.int32)
    return places
