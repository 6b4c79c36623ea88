"""Matrix factorization of ratings, with biases, trained by stochastic gradient descent.

Each user and each item has a vector of factors and a bias. A predicted rating is the dot product of
both vectors plus both biases. See Koren, Bell and Volinsky, "Matrix Factorization Techniques for
Recommender Systems" (2009), and as a lesson the chapter on collaborative filtering of fast.ai's
"Practical Deep Learning for Coders". It predicts ratings, not which item a user takes next, so it
does not share the interface of the other trainers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from item2vec._support.messages import counted, setting
from item2vec.data.ratings import Ratings
from item2vec.errors import DataError
from item2vec.parameters import Parameters, parameter
from item2vec.trainers.matrix_factorization.rating_model import RatingModel
from item2vec.trainers.matrix_factorization.training_run import RunSettings, TrainingRun
from item2vec.types import Progress

MOST_EPOCHS = 200  # limit for a run whose validation error keeps falling


@dataclass(frozen=True, kw_only=True)
class MatrixFactorization(Parameters):
    """Learns factors of users and items whose dot products predict ratings.

    Ratings are standardized first, so the parameters do not depend on the scale of the ratings. The
    defaults were found on validation ratings of MovieLens small (docs/experiments.md).

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
        64,
        "number of factors of a user and of an item; 0: biases alone",
        at_least=0,
        at_most=10_000,
    )
    epochs: int | Literal["auto"] = parameter(
        "auto",
        "passes over the ratings; auto: as many as give the lowest error on held-out ratings",
        at_least=1,
        at_most=100_000,
    )
    batch_size: int = parameter(1024, "ratings per training step", at_least=1, at_most=1_000_000)
    learning_rate: float = parameter(0.002, "learning rate of RMSprop", above=0, at_most=1)
    l2: float = parameter(
        0.1,
        "L2 penalty on the vectors, applied for each rating",
        at_least=0,
        at_most=1e6,
    )
    bias_l2: float = parameter(
        0.02, "L2 penalty on the biases, applied for each rating", at_least=0, at_most=1e6
    )
    sigmoid: bool = parameter(
        False, "map predictions through a sigmoid to a range somewhat wider than that of ratings"
    )
    held_out: float = parameter(
        0.1, "with epochs=auto: share of the ratings held out", above=0, at_most=0.5
    )
    patience: int = parameter(
        3, "with epochs=auto: stop after this many epochs without improvement", at_least=1
    )
    seed: int = parameter(0, "random seed of the initialization and of the order", at_least=0)

    def fit(self, ratings: Ratings, *, progress: Progress | None = None) -> RatingModel:
        """Learn factors of the users and items of `ratings`.

        With ``epochs="auto"`` there are two runs: one without the held-out ratings, to find the
        epoch with the lowest RMSE on them, and one with this number of epochs on all ratings.

        Parameters
        ----------
        ratings : Ratings
        progress : Progress, optional
            Called with the number of epochs done and in total.

        Raises
        ------
        DataError
            If there are no ratings, or too few to hold some out.
        """
        if not isinstance(ratings, Ratings):
            raise DataError(
                f"fit takes Ratings, not {type(ratings).__name__}: use read_ratings to make them"
            )
        if len(ratings) == 0:
            raise DataError("there are no ratings to learn from: provide some")
        scores = self._validation_rmse(ratings, progress) if self.epochs == "auto" else []
        epochs = best_epoch(scores) if self.epochs == "auto" else self.epochs
        run_epochs = self._run_epochs(ratings)
        for done in range(1, epochs + 1):
            run = next(run_epochs)
            if progress:
                progress(len(scores) + done, len(scores) + epochs)
        return run.model(tuple(scores))

    def _validation_rmse(self, ratings: Ratings, progress: Progress | None) -> list[float]:
        """Return the RMSE on held-out ratings after each epoch, until it stops falling."""
        if round(self.held_out * len(ratings)) < 1:
            raise DataError(
                f"{counted(len(ratings), 'rating')} are too few to hold some out and find the "
                f"number of epochs: provide more, or set {setting('epochs')}"
            )
        training, held_out = ratings.split(self.held_out, seed=self.seed)
        scores: list[float] = []
        for run in self._run_epochs(training):
            scores.append(run.model().rmse(held_out))
            if progress:
                progress(len(scores), 2 * MOST_EPOCHS)
            if len(scores) in (best_epoch(scores) + self.patience, MOST_EPOCHS):
                break
        return scores

    def _run_epochs(self, ratings: Ratings) -> Iterator[TrainingRun]:
        """Train indefinitely, and yield the run after each epoch: one object, changed in place."""
        rng = np.random.default_rng(self.seed)
        run = TrainingRun(
            RunSettings(
                vector_size=self.vector_size,
                learning_rate=self.learning_rate,
                l2=self.l2,
                bias_l2=self.bias_l2,
                sigmoid=self.sigmoid,
            ),
            ratings,
            rng,
        )
        while True:
            order = rng.permutation(len(ratings))
            for start in range(0, len(order), self.batch_size):
                run.step(order[start : start + self.batch_size])
            yield run


def best_epoch(scores: Sequence[float]) -> int:
    """Return the epoch with the lowest RMSE, counted from 1."""
    return 1 + int(np.argmin(scores))
