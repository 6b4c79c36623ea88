"""Ridge regression of many targets on sparse features, its penalty chosen by leaving out.

The error on each row as if it had been left out comes of the same decomposition, without fitting
anew (Allen's PRESS; Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009,
section 7.10), so the penalty and what the features explain need no rows held out.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.embedding_bag import Floats

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

PENALTIES = tuple(10.0 ** (power / 2) for power in range(-4, 11))
MOST_ROWS = 20_000  # of which the errors are looked at, where there are more


@dataclass(frozen=True, eq=False)
class Ridge:
    """A linear function of features.

    Parameters
    ----------
    weights : array of shape (n_features, d), float32
    intercept : array of shape (d,), float32
    penalty : float
        That was best of those tried.
    explained : float
        Share of the targets' variance, each row predicted without itself. Below 0: predicting the
        mean of the others would have been better.
    """

    weights: Floats
    intercept: Floats
    penalty: float
    explained: float

    @classmethod
    def fit(cls, features: "Sparse", targets: Floats) -> "Ridge":
        """Regress targets, float32 (n, d), on features, (n, n_features)."""
        n = features.shape[0]
        center = np.asarray(features.mean(axis=0), dtype=np.float64)
        mean = targets.mean(axis=0, dtype=np.float64)
        gram = (features.T @ features).toarray() - n * np.outer(center, center)
        squares, directions = np.linalg.eigh(gram.astype(np.float64))
        squares = np.maximum(squares, 0)
        centered = targets - mean
        along = directions.T @ (features.T @ centered - np.outer(center, centered.sum(axis=0)))
        rows = _spread(n)
        moved = features[rows] @ directions - center @ directions
        errors = {
            penalty: _left_out(moved, centered[rows], along, squares, penalty, n)
            for penalty in PENALTIES
        }
        best = min(errors, key=lambda penalty: errors[penalty])
        weights = directions @ (along / (squares + best)[:, None])
        variance = float(np.square(centered[rows]).sum()) * (n / max(1, n - 1)) ** 2
        explained = 1 - errors[best] / variance if variance else 0.0
        intercept = mean - center @ weights
        return cls(weights.astype(np.float32), intercept.astype(np.float32), best, explained)

    def predict(self, features: "Sparse") -> Floats:
        """Return the targets of rows of features, float32 (m, d)."""
        result: Floats = features @ self.weights + self.intercept
        return result


def _spread(n: int) -> npt.NDArray[np.int64]:
    """Return all places, or so many of them evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST_ROWS)).astype(np.int64))


def _left_out(
    moved: npt.NDArray[np.float64],
    centered: npt.NDArray[np.float64],
    along: npt.NDArray[np.float64],
    squares: npt.NDArray[np.float64],
    penalty: float,
    n: int,
) -> float:
    """Return the sum of the squared errors of rows, each as if it had been left out."""
    shrunk = 1 / (squares + penalty)
    leverage = np.square(moved) @ shrunk + 1 / n
    errors = centered - moved @ (along * shrunk[:, None])
    return float(np.square(errors / np.maximum(1 - leverage, 1e-9)[:, None]).sum())
