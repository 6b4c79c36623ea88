"""What matrix factorisation learns: a table of ratings without holes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from item2vec._support.did_you_mean import nearest_names
from item2vec._support.frozen_arrays import freeze_arrays
from item2vec._support.messages import shown
from item2vec._support.top_k import top_k
from item2vec.data.ratings import Ratings
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.models.lookup.recommendation_lookup import Recommendation
from item2vec.types import Floats, Rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class RatingModel:
    """Predicts what a user would give an item: their vectors' dot product, and their biases.

    With z = ``mean + user_biases[u] + item_biases[i] + user_vectors[u] @ item_vectors[i]`` the
    prediction is z, cut to the range; or, where `sigmoid` is set, z is squashed into the range. A
    user or an item that training saw no rating of has a bias and a vector of zeros: what is known
    of the other one predicts.

    Parameters
    ----------
    ratings : Ratings
        Those that it was trained on.
    mean : float
    user_biases, item_biases : array of shape (n,), float32
    user_vectors, item_vectors : array of shape (n, vector_size), float32
        The factors.
    low, high : float
        The range of predictions.
    sigmoid : bool
    validation_rmse : tuple of float
        After each epoch, on ratings held out to find when to stop; empty if none were.
    """

    ratings: Ratings
    mean: float
    user_biases: Floats
    item_biases: Floats
    user_vectors: Floats
    item_vectors: Floats
    low: float
    high: float
    sigmoid: bool = False
    validation_rmse: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        n_users, n_items = len(self.ratings.user_ids), len(self.ratings.item_ids)
        size = self.item_vectors.shape[-1]
        shapes = {
            "user_biases": (n_users,),
            "item_biases": (n_items,),
            "user_vectors": (n_users, size),
            "item_vectors": (n_items, size),
        }
        freeze_arrays(self, shapes)

    def __repr__(self) -> str:
        users, items = len(self.user_biases), len(self.item_biases)
        return f"RatingModel of {users} users and {items} items in {self.vector_size} dimensions"

    @property
    def vector_size(self) -> int:
        """The number of factors."""
        return int(self.item_vectors.shape[1])

    def predict(self, users: Sequence[str], items: Sequence[str]) -> Floats:
        """Return the rating predicted for each pair of a user and an item, float32 (n,).

        Parameters
        ----------
        users, items : sequence of str, equally long
            Ids: ``predict(["1", "1"], ["356", "318"])``.

        Raises
        ------
        UnknownItemError
            If an item is none of the ratings'.
        ParameterError
            If a user is none of the ratings', or there are more of the one than of the other.
        """
        if len(users) != len(items):
            raise ParameterError(f"{len(users)} users with {len(items)} items: give pairs")
        return self.predict_rows(self._user_rows(users), self._item_rows(items))

    def predict_rows(self, users: Rows, items: Rows) -> Floats:
        """Return the rating predicted for each pair of places, float32 (n,)."""
        products = np.einsum("ij,ij->i", self.user_vectors[users], self.item_vectors[items])
        biases = self.user_biases[users] + self.item_biases[items]
        return self._in_range(np.float32(self.mean) + biases + products)

    def rmse(self, ratings: Ratings) -> float:
        """Return the root of the mean squared error on ratings of the same users and items."""
        if (ratings.user_ids, ratings.item_ids) != (self.ratings.user_ids, self.ratings.item_ids):
            raise DataError("these ratings are of other users or items: split them off one reading")
        if len(ratings) == 0:
            raise DataError("there are no ratings to compare with: hold some out")
        errors = self.predict_rows(ratings.users, ratings.items) - ratings.values
        return float(np.sqrt(np.mean(np.square(errors, dtype=np.float64))))

    def filled_in(self, users: Sequence[str], items: Sequence[str]) -> "pd.DataFrame":
        """Return the table of these users and items without holes, everything predicted."""
        import pandas as pd

        rows, columns = self._user_rows(users), self._item_rows(items)
        table = self._in_range(self._scores(rows, columns))
        index, names = pd.Index(users, name="user"), pd.Index(items, name="item")
        return pd.DataFrame(table, index=index, columns=names)

    def recommend(self, user: str, k: int = 10, *, min_count: int = 1) -> list[Recommendation]:
        """Return the `k` items with the highest predictions among those that the user didn't rate.

        Parameters
        ----------
        user : str
            An id.
        k : int
            How many, at most.
        min_count : int
            Leave out items with fewer ratings, of which one enthusiast may have been all there was.

        Raises
        ------
        ParameterError
            If there is no such user, or `k` is below 1.
        """
        if k < 1:
            raise ParameterError(f"k must be at least 1, not {k}")
        rows = self._user_rows([user])
        scores = self._scores(rows, np.arange(len(self.item_biases), dtype=np.int32))
        scores[0, self.ratings.items[self.ratings.users == rows[0]]] = -np.inf
        scores[0, self.ratings.item_counts < min_count] = -np.inf
        best = top_k(scores, min(k, scores.shape[1]))[0]
        best = best[best >= 0]  # by scores, for several predictions may be cut to the same one
        ratings = self._in_range(scores[0, best])
        return [
            Recommendation(self.ratings.item_ids[item], None, rating)
            for item, rating in zip(best.tolist(), ratings.tolist(), strict=True)
        ]

    def item_factors(self) -> "pd.DataFrame":
        """Return the item vectors as a DataFrame: a row an item id, a column a factor."""
        import pandas as pd

        return pd.DataFrame(self.item_vectors, index=pd.Index(self.ratings.item_ids, name="item"))

    def _scores(self, users: Rows, items: Rows) -> Floats:
        """Return z for all pairs, float32 (users, items)."""
        scores: Floats = self.user_vectors[users] @ self.item_vectors[items].T
        scores += self.item_biases[items]
        scores += np.float32(self.mean) + self.user_biases[users][:, None]
        return scores

    def _in_range(self, z: Floats) -> Floats:
        if self.sigmoid:
            return squashed(z, self.low, self.high)
        clipped: Floats = np.clip(z, np.float32(self.low), np.float32(self.high))
        return clipped

    def _user_rows(self, users: Sequence[str]) -> Rows:
        _check_ids("users", users)
        places = self.ratings.user_places
        for user in users:
            if user not in places:
                raise ParameterError(f"user {shown(user)} has rated nothing here: name one who has")
        return np.array([places[user] for user in users], dtype=np.int32)

    def _item_rows(self, items: Sequence[str]) -> Rows:
        _check_ids("items", items)
        places = self.ratings.item_places
        for item in items:
            if item not in places:
                near = ", ".join(map(shown, nearest_names(item, self.ratings.item_ids)))
                hint = f": the nearest are {near}" if near else ""
                raise UnknownItemError(f"nobody rated item {shown(item)}{hint}")
        return np.array([places[item] for item in items], dtype=np.int32)


def _check_ids(what: str, ids: Sequence[str]) -> None:
    """Raise ParameterError unless these are several strings."""
    if isinstance(ids, str):
        raise ParameterError(f"{what} are a list of ids: write [{shown(ids)}]")
    for one in ids:
        if not isinstance(one, str):
            raise ParameterError(
                f"ids of {what} are strings: write {shown(str(one))}, not {shown(one)}"
            )


def squashed(z: Floats, low: float, high: float) -> Floats:
    """Return ``low + (high - low) * sigmoid(z)``, float32."""
    with np.errstate(over="ignore"):  # exp(-z) beyond float32 is infinite, and 1 / infinity is 0
        result = low + (high - low) / (1 + np.exp(-z))
    return result.astype(np.float32, copy=False)
