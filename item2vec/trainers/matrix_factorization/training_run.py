"""Stochastic gradient descent on the factors of users and items.

For a rating of item i by user u, with the vectors p[u] and q[i] and the biases b[u] and c[i]::

    z          = mean + b[u] + c[i] + p[u] · q[i]
    prediction = z, or low + (high - low) · sigmoid(z)
    error      = prediction - rating
    loss       = (error² + l2 · (|p[u]|² + |q[i]|²) + bias_l2 · (b[u]² + c[i]²)) / 2

    slope      = d prediction / d z = 1, or (prediction - low) · (high - prediction) / (high - low)
    d loss / d p[u] = error · slope · q[i] + l2 · p[u]
    d loss / d q[i] = error · slope · p[u] + l2 · q[i]
    d loss / d b[u] = error · slope + bias_l2 · b[u]
    d loss / d c[i] = error · slope + bias_l2 · c[i]

The ratings are standardized: their mean is 0 and their standard deviation 1.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from item2vec.data.ratings import Ratings
from item2vec.models.embedding_bag import Bags
from item2vec.trainers.matrix_factorization.rating_model import RatingModel, scaled_sigmoid
from item2vec.trainers.rmsprop import RowRMSprop
from item2vec.types import Floats, Positions, Rows

# Approximate length of a random vector. It is small, so that predictions begin with the biases.
INITIAL_LENGTH = 0.05
# The range of the sigmoid is wider than that of the ratings by this share, at both ends, because a
# sigmoid comes close to its ends only for very large z.
MARGIN = 0.1


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """The settings of a training run; see `MatrixFactorization`."""

    vector_size: int
    learning_rate: float
    l2: float
    bias_l2: float
    sigmoid: bool


class Gradients(NamedTuple):
    """The gradient of each rating's loss with respect to the parameters of its user or item."""

    vectors: Floats  # (m, d) float32
    biases: Floats  # (m, 1) float32


class Factors:
    """The vectors and biases of all users, or of all items, with their optimizers.

    Parameters
    ----------
    rows : array of shape (n_ratings,), int32
        The user, or the item, of each rating.
    n : int
        The number of users, or of items.
    vector_size : int
    rng : Generator
        Draws the initial vectors.
    """

    def __init__(self, rows: Rows, n: int, vector_size: int, rng: np.random.Generator) -> None:
        self.rows = rows
        self.vectors = rng.standard_normal((n, vector_size), dtype=np.float32)  # (n, d)
        self.vectors *= INITIAL_LENGTH / math.sqrt(max(1, vector_size))
        self.vectors[np.bincount(rows, minlength=n) == 0] = 0  # without ratings
        self.biases = np.zeros((n, 1), dtype=np.float32)
        self._vector_optimizer = RowRMSprop(self.vectors)
        self._bias_optimizer = RowRMSprop(self.biases)

    def update(self, batch: Positions, gradients: Gradients, rate: float) -> None:
        """Take one step on the ratings of a batch.

        The gradient of a row is the sum over its ratings.

        Parameters
        ----------
        batch : array of shape (m,), intp
            Positions of ratings.
        gradients : Gradients
            The gradients of these ratings.
        rate : float
            The learning rate.
        """
        one_each = np.arange(len(batch) + 1, dtype=np.int64)
        rows, ratings = Bags.of(self.rows[batch], one_each, power=0).transposed()  # (u,), u bags
        for optimizer, gradient in (
            (self._bias_optimizer, gradients.biases),
            (self._vector_optimizer, gradients.vectors),
        ):
            if gradient.shape[1]:
                optimizer.count_step()
                optimizer.update(rows, ratings.sums(gradient), rate)


class TrainingRun:
    """One training run, which begins with random factors.

    Parameters
    ----------
    settings : RunSettings
    ratings : Ratings
        The ratings to train on.
    rng : Generator
        Draws the initial vectors.
    """

    def __init__(self, settings: RunSettings, ratings: Ratings, rng: np.random.Generator) -> None:
        self.settings, self.ratings = settings, ratings
        size = settings.vector_size
        self.users = Factors(ratings.users, len(ratings.user_ids), size, rng)
        self.items = Factors(ratings.items, len(ratings.item_ids), size, rng)
        values = ratings.values.astype(np.float64)
        self.center, self.scale = float(values.mean()), float(values.std()) or 1.0
        self.values = ((values - self.center) / self.scale).astype(np.float32)  # (n_ratings,)
        lowest, highest = float(values.min()), float(values.max())
        margin = MARGIN * (highest - lowest or 1) * settings.sigmoid
        self.range = lowest - margin, highest + margin  # in the units of the ratings
        self.low, self.high = ((end - self.center) / self.scale for end in self.range)
        # The z of the mean rating, which is 0 after standardization.
        self.mean = math.log(-self.low / self.high) if settings.sigmoid else 0.0

    def step(self, batch: Positions) -> None:
        """Take one step on the ratings at these positions, (m,)."""
        user_gradients, item_gradients = self.gradients(batch)
        self.users.update(batch, user_gradients, self.settings.learning_rate)
        self.items.update(batch, item_gradients, self.settings.learning_rate)

    def gradients(self, batch: Positions) -> tuple[Gradients, Gradients]:
        """Return the gradients of users and of items; this module has the formulas."""
        users, items = self.users.rows[batch], self.items.rows[batch]  # (m,)
        p, q = self.users.vectors[users], self.items.vectors[items]  # (m, d)
        b, c = self.users.biases[users], self.items.biases[items]  # (m, 1)
        z = np.float32(self.mean) + b + c + np.einsum("ij,ij->i", p, q)[:, None]
        values = self.values[batch][:, None]
        if self.settings.sigmoid:
            predicted = scaled_sigmoid(z, self.low, self.high)
            slope = (predicted - self.low) * (self.high - predicted) / (self.high - self.low)
            grad_z = (predicted - values) * slope  # (m, 1)
        else:
            grad_z = z - values
        l2, bias_l2 = np.float32(self.settings.l2), np.float32(self.settings.bias_l2)
        return (
            Gradients(grad_z * q + l2 * p, grad_z + bias_l2 * b),
            Gradients(grad_z * p + l2 * q, grad_z + bias_l2 * c),
        )

    def model(self, validation_rmse: tuple[float, ...] = ()) -> RatingModel:
        """Return the current model, in the units of the ratings."""
        sigmoid = self.settings.sigmoid
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
