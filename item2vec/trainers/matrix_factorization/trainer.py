"""Matrix factorisation of ratings: collaborative filtering as lessons tell it.

A user and an item each have a vector of factors, started at random; a rating is their dot product
and two biases. What the gradient of the squared error does to them is repeated until ratings held
out are predicted no better. Koren, Bell and Volinsky, "Matrix Factorization Techniques for
Recommender Systems" (2009); as a lesson, fast.ai's "Practical Deep Learning for Coders" on
collaborative filtering. Ratings are predicted here, not what a user will choose next, so this is
no trainer beside the others.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from item2vec._support.messages import counted
from item2vec._support.progress import Progress
from item2vec.data.ratings import Ratings
from item2vec.errors import DataError
from item2vec.models.embedding_bag import Bags
from item2vec.parameters import Parameters, parameter
from item2vec.trainers.matrix_factorization.rating_model import RatingModel, squashed
from item2vec.trainers.rmsprop import RowRMSprop
from item2vec.types import Floats, Positions, Rows

MOST_EPOCHS = 200  # for what never stops getting better
START = 0.05  # a vector's length at the start, about
BEYOND = 0.1  # the range of a sigmoid is so much wider than the ratings', at both ends


@dataclass(frozen=True, kw_only=True)
class MatrixFactorization(Parameters):
    """Factors of users and items whose products are ratings.

    Ratings are standardised first, so parameters mean the same on whatever scale they were given.

    Examples
    --------
    >>> import pandas as pd
    >>> from item2vec.reading.ratings import read_ratings
    >>> likes = {"cats": "abc", "dogs": "def"}  # every user gives 5 to one kind and 1 to the other
    >>> rows = [
    ...     (f"{kind} {n}", item, 5 if item in liked else 1)
    ...     for kind, liked in likes.items()
    ...     for n in range(20)
    ...     for item in "abcdef"
    ...     if not (n == 0 and item in "cf")
    ... ]
    >>> ratings = read_ratings(pd.DataFrame(rows, columns=["user", "item", "rating"]))
    >>> model = MatrixFactorization(vector_size=2, epochs=300, learning_rate=0.01).fit(ratings)
    >>> model.predict(["cats 0", "cats 0"], ["c", "f"]).round()
    array([5., 1.], dtype=float32)
    """

    vector_size: int = parameter(
        64, "factors of a user and an item; 0: their biases alone", at_least=0, at_most=10_000
    )
    epochs: int | Literal["auto"] = parameter(
        "auto",
        "passes over the ratings; auto: until ratings held out are predicted no better",
        at_least=1,
        at_most=100_000,
    )
    batch_size: int = parameter(1024, "ratings in a step", at_least=1, at_most=1_000_000)
    learning_rate: float = parameter(0.002, "of RMSprop", above=0, at_most=1)
    l2: float = parameter(
        0.1, "weight of the squares of the vectors, for each rating", at_least=0, at_most=1e6
    )
    bias_l2: float = parameter(0.02, "weight of the squares of the biases", at_least=0, at_most=1e6)
    sigmoid: bool = parameter(
        False, "squash predictions into a range somewhat wider than the ratings'"
    )
    held_out: float = parameter(0.1, "share of ratings that finds `epochs`", above=0, at_most=0.5)
    patience: int = parameter(3, "epochs without a better one that end the search", at_least=1)
    seed: int = parameter(0, "of the start and the order", at_least=0)

    def fit(self, ratings: Ratings, *, progress: Progress | None = None) -> RatingModel:
        """Learn factors of the users and items of `ratings`.

        With ``epochs="auto"`` there are two runs: one without the ratings held out, to see when
        their RMSE stops falling, and one with all.

        Raises
        ------
        DataError
            If there are no ratings, or too few to hold some out.
        """
        if not isinstance(ratings, Ratings):
            raise DataError(f"these are no Ratings but {type(ratings).__name__}: use read_ratings")
        if len(ratings) == 0:
            raise DataError("there are no ratings to learn from: bring some")
        scores = self._search(ratings, progress) if self.epochs == "auto" else []
        epochs = best_epoch(scores) if self.epochs == "auto" else self.epochs
        runs = self._epochs(ratings)
        for done in range(1, epochs + 1):
            run = next(runs)
            if progress:
                progress(len(scores) + done, len(scores) + epochs)
        return run.model(tuple(scores))

    def _search(self, ratings: Ratings, progress: Progress | None) -> list[float]:
        """Return the RMSE on ratings held out after each epoch, up to where it stops falling."""
        if round(self.held_out * len(ratings)) < 1:
            raise DataError(
                f"{counted(len(ratings), 'rating')}: too few to hold some out and find when to "
                "stop; bring more, or set epochs"
            )
        training, held_out = ratings.split(self.held_out, seed=self.seed)
        scores: list[float] = []
        for run in self._epochs(training):
            scores.append(run.model().rmse(held_out))
            if progress:
                progress(len(scores), 2 * MOST_EPOCHS)
            if len(scores) in (best_epoch(scores) + self.patience, MOST_EPOCHS):
                break
        return scores

    def _epochs(self, ratings: Ratings) -> Iterator["_Run"]:
        """Train without end, and return the state after each epoch: the same, changed in place."""
        rng = np.random.default_rng(self.seed)
        run = _Run(self, ratings, rng)
        while True:
            order = rng.permutation(len(ratings))
            for start in range(0, len(order), self.batch_size):
                run.step(order[start : start + self.batch_size])
            yield run


def best_epoch(scores: Sequence[float]) -> int:
    """Return the epoch with the lowest score, counted from 1."""
    return 1 + int(np.argmin(scores))


class _Side:
    """The factors of all users, or of all items, and where each rating has its own."""

    def __init__(self, places: Rows, n: int, vector_size: int, rng: np.random.Generator) -> None:
        self.places = places
        self.vectors = rng.standard_normal((n, vector_size), dtype=np.float32)
        self.vectors *= START / math.sqrt(max(1, vector_size))
        self.vectors[np.bincount(places, minlength=n) == 0] = 0  # nothing is known of them
        self.biases = np.zeros((n, 1), dtype=np.float32)
        self._of_vectors, self._of_biases = RowRMSprop(self.vectors), RowRMSprop(self.biases)

    def update(self, batch: Positions, of_vectors: Floats, of_biases: Floats, rate: float) -> None:
        """Take a step by the gradient that each rating of a batch has, (m, d) and (m, 1)."""
        one_each = np.arange(len(batch) + 1, dtype=np.int64)
        rows, ratings = Bags.of(self.places[batch], one_each, power=0).transposed()
        for optimizer, gradient in ((self._of_biases, of_biases), (self._of_vectors, of_vectors)):
            if gradient.shape[1]:
                optimizer.count_step()
                optimizer.update(rows, ratings.sums(gradient), rate)


class _Run:
    """One training run."""

    def __init__(
        self, parameters: MatrixFactorization, ratings: Ratings, rng: np.random.Generator
    ) -> None:
        self.parameters = parameters
        self.ratings = ratings
        size = parameters.vector_size
        self.users = _Side(ratings.users, len(ratings.user_ids), size, rng)
        self.items = _Side(ratings.items, len(ratings.item_ids), size, rng)
        values = ratings.values.astype(np.float64)
        self.center, self.scale = float(values.mean()), float(values.std()) or 1.0
        self.values = ((values - self.center) / self.scale).astype(np.float32)
        lowest, highest = float(values.min()), float(values.max())
        beyond = BEYOND * (highest - lowest or 1) * parameters.sigmoid
        self.range = lowest - beyond, highest + beyond  # in the units of the ratings
        self.low, self.high = ((end - self.center) / self.scale for end in self.range)
        # The mean of the standardised ratings is 0.
        self.mean = math.log(-self.low / self.high) if parameters.sigmoid else 0.0

    def step(self, batch: Positions) -> None:
        """Take a step on the ratings at these places."""
        of_users, of_items = self.gradients(batch)
        self.users.update(batch, *of_users, self.parameters.learning_rate)
        self.items.update(batch, *of_items, self.parameters.learning_rate)

    def gradients(self, batch: Positions) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Return what each rating's loss has for gradient by its user's and its item's parameters.

        Ratings are standardised here.

        The loss is ``(error ** 2 + l2 * (|p| ** 2 + |q| ** 2) + bias_l2 * (b ** 2 + c ** 2)) / 2``,
        with p and q the vectors and b and c the biases.
        """
        users, items = self.users.places[batch], self.items.places[batch]
        p, q = self.users.vectors[users], self.items.vectors[items]
        b, c = self.users.biases[users], self.items.biases[items]
        z = np.float32(self.mean) + b + c + np.einsum("ij,ij->i", p, q)[:, None]
        values = self.values[batch][:, None]
        if self.parameters.sigmoid:
            predicted = squashed(z, self.low, self.high)
            slope = (predicted - self.low) * (self.high - predicted) / (self.high - self.low)
            error = (predicted - values) * slope
        else:
            error = z - values
        l2, bias_l2 = np.float32(self.parameters.l2), np.float32(self.parameters.bias_l2)
        of_users = (error * q + l2 * p, error + bias_l2 * b)
        of_items = (error * p + l2 * q, error + bias_l2 * c)
        return of_users, of_items

    def model(self, validation_rmse: tuple[float, ...] = ()) -> RatingModel:
        """Return what has been learned so far, in the units of the ratings."""
        sigmoid = self.parameters.sigmoid
        scale = np.float32(1 if sigmoid else self.scale)
        return RatingModel(
            self.ratings,
            self.mean if sigmoid else self.center,
            scale * self.users.biases[:, 0],
            scale * self.items.biases[:, 0],
            np.sqrt(scale) * self.users.vectors,
            np.sqrt(scale) * self.items.vectors,
            low=self.range[0],
            high=self.range[1],
            sigmoid=sigmoid,
            validation_rmse=validation_rmse,
        )
