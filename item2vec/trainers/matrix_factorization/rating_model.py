"""The model that matrix factorization learns: it predicts the rating of any user for any item."""

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
    """Predicts ratings by the dot product of the vectors of a user and an item, and their biases.

    With z = ``mean + user_biases[u] + item_biases[i] + user_vectors[u] @ item_vectors[i]`` the
    prediction is z, clipped to the range of ratings, or ``low + (high - low) * sigmoid(z)`` if
    `sigmoid` is set. A user or an item without a rating in training has a bias and a vector of
    zeros, so that the prediction depends on the other one alone.

    Parameters
    ----------
    ratings : Ratings
        The ratings that it was trained on.
    mean : float
        The prediction for a user and an item without ratings; with `sigmoid`, its z.
    user_biases, item_biases : arrays of shape (n_users,) and (n_items,), float32
    user_vectors, item_vectors : arrays of shape (n_users, d) and (n_items, d), float32
        The factors.
    low, high : float
        The range of predictions.
    sigmoid : bool
        Whether predictions go through a sigmoid.
    validation_rmse : tuple of float
        The RMSE after each epoch on ratings that were held out to find the number of epochs; empty
        if none were.
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
        users, items : sequences of str, equally long
            Ids, such as ``predict(["1", "1"], ["356", "318"])``.

        Raises
        ------
        UnknownItemError
            If an item is not among the ratings.
        ParameterError
            If a user is not among the ratings, or `users` and `items` differ in length.
        """
        if len(users) != len(items):
            raise ParameterError(
                f"predict got {len(users)} users and {len(items)} items: give one item for "
                "each user"
            )
        return self.predict_rows(self._user_rows(users), self._item_rows(items))

    def predict_rows(self, users: Rows, items: Rows) -> Floats:
        """Return the rating predicted for each pair of rows, float32 (n,)."""
        # (n,) float32
        products = np.einsum("ij,ij->i", self.user_vectors[users], self.item_vectors[items])
        biases = self.user_biases[users] + self.item_biases[items]
        return self._in_range(np.float32(self.mean) + biases + products)

    def rmse(self, ratings: Ratings) -> float:
        """Return the root mean squared error (RMSE) on ratings of the same users and items.

        Raises
        ------
        DataError
            If there are no ratings, or the ratings are of other users or items.
        """
        if (ratings.user_ids, ratings.item_ids) != (self.ratings.user_ids, self.ratings.item_ids):
            raise DataError(
                "these ratings are of other users or items: take both from one Ratings with split"
            )
        if len(ratings) == 0:
            raise DataError("there are no ratings to compare with: hold out a larger share")
        errors = self.predict_rows(ratings.users, ratings.items) - ratings.values
        return float(np.sqrt(np.mean(np.square(errors, dtype=np.float64))))

    def filled_in(self, users: Sequence[str], items: Sequence[str]) -> "pd.DataFrame":
        """Return the predicted ratings of these users (rows) for these items (columns)."""
        import pandas as pd

        rows, columns = self._user_rows(users), self._item_rows(items)
        table = self._in_range(self._scores(rows, columns))
        index, names = pd.Index(users, name="user"), pd.Index(items, name="item")
        return pd.DataFrame(table, index=index, columns=names)

    def recommend(self, user: str, k: int = 10, *, min_count: int = 1) -> list[Recommendation]:
        """Return the `k` items with the highest predictions among those the user has not rated.

        Parameters
        ----------
        user : str
            The id of a user.
        k : int
            The largest number of items.
        min_count : int
            Leave out items with fewer ratings: their predictions may depend on a single user.

        Raises
        ------
        ParameterError
            If the user is not among the ratings, or `k` is below 1.
        """
        if k < 1:
            raise ParameterError(f"k must be at least 1, not {k}")
        rows = self._user_rows([user])
        all_items = np.arange(len(self.item_biases), dtype=np.int32)
        scores = self._scores(rows, all_items)  # (1, n_items) float32
        scores[0, self.ratings.items[self.ratings.users == rows[0]]] = -np.inf
        scores[0, self.ratings.item_counts < min_count] = -np.inf
        best = top_k(scores, min(k, scores.shape[1]))[0]
        best = best[best >= 0]  # ranked by z, since several may be clipped to the same rating
        ratings = self._in_range(scores[0, best])
        return [
            Recommendation(self.ratings.item_ids[item], None, rating)
            for item, rating in zip(best.tolist(), ratings.tolist(), strict=True)
        ]

    def item_factors(self) -> "pd.DataFrame":
        """Return the item vectors as a DataFrame: a row per item id, a column per factor."""
        import pandas as pd

        return pd.DataFrame(self.item_vectors, index=pd.Index(self.ratings.item_ids, name="item"))

    def _scores(self, users: Rows, items: Rows) -> Floats:
        """Return z for all pairs, float32 (n_users, n_items)."""
        scores: Floats = self.user_vectors[users] @ self.item_vectors[items].T
        scores += self.item_biases[items]
        scores += np.float32(self.mean) + self.user_biases[users][:, None]
        return scores

    def _in_range(self, z: Floats) -> Floats:
        if self.sigmoid:
            return scaled_sigmoid(z, self.low, self.high)
        clipped: Floats = np.clip(z, np.float32(self.low), np.float32(self.high))
        return clipped

    def _user_rows(self, users: Sequence[str]) -> Rows:
        _check_ids("users", users)
        rows = self.ratings.user_places
        for user in users:
            if user not in rows:
                raise ParameterError(
                    f"user {shown(user)} is not among the ratings: name one that is"
                )
        return np.array([rows[user] for user in users], dtype=np.int32)

    def _item_rows(self, items: Sequence[str]) -> Rows:
        _check_ids("items", items)
        rows = self.ratings.item_places
        for item in items:
            if item not in rows:
                near = ", ".join(map(shown, nearest_names(item, self.ratings.item_ids)))
                hint = f": did you mean {near}?" if near else ": name one that is"
                raise UnknownItemError(f"item {shown(item)} is not among the ratings{hint}")
        return np.array([rows[item] for item in items], dtype=np.int32)


def _check_ids(what: str, ids: Sequence[str]) -> None:
    """Raise ParameterError unless this is a sequence of strings."""
    if isinstance(ids, str):
        raise ParameterError(
            f"{what} must be a list of ids, not {shown(ids)}: write [{shown(ids)}]"
        )
    for one in ids:
        if not isinstance(one, str):
            raise ParameterError(
                f"ids of {what} must be strings: write {shown(str(one))}, not {shown(one)}"
            )


def scaled_sigmoid(z: Floats, low: float, high: float) -> Floats:
    """Return ``low + (high - low) * sigmoid(z)``, float32, shaped as `z`."""
    with np.errstate(over="ignore"):  # exp(-z) beyond float32 is infinite, and 1 / infinity is 0
        result = low + (high - low) / (1 + np.exp(-z))
    return result.astype(np.float32, copy=False)
