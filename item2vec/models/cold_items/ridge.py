"""Ridge regression of many targets on sparse features, its penalty chosen by leaving out.

The error on each row as if it had been left out comes of the same decomposition, without fitting
anew (Allen's PRESS; Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009,
section 7.10), so the penalty and what the features explain need no rows held out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from item2vec.types import Doubles, Floats

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
    r2 : float
        Share of the targets' variance that is explained, each row predicted without itself. Below
        0: predicting the mean of the others would have been better.
    residual_variance : float
        The mean of the squared errors, each row predicted without itself, summed over the targets.
    """

    weights: Floats
    intercept: Floats
    penalty: float
    r2: float
    residual_variance: float

    def predict(self, features: "Sparse") -> Floats:
        """Return the targets of rows of features, float32 (m, d)."""
        result: Floats = features @ self.weights + self.intercept
        return result


def fit_ridges(features: "Sparse", targets: Mapping[str, Floats]) -> dict[str, Ridge]:
    """Regress several targets on the same features, each with a penalty of its own.

    Parameters
    ----------
    features : sparse array of shape (n, n_features)
    targets : mapping of str to array of shape (n, d), float32
    """
    decomposition = _Decomposition(features)
    return {name: decomposition.fit(target) for name, target in targets.items()}


class _Decomposition:
    """The eigenvectors of centred features' covariance, and some rows of them in these terms."""

    def __init__(self, features: "Sparse") -> None:
        # In float32, sums over millions of rows would be off by more than what is wanted of them.
        self.features = features.astype(np.float64)
        self.n = features.shape[0]
        self.mean: Doubles = np.asarray(self.features.mean(axis=0))
        gram = (self.features.T @ self.features).toarray()
        gram -= self.n * np.outer(self.mean, self.mean)
        eigenvalues, self.eigenvectors = np.linalg.eigh(gram)
        self.eigenvalues = np.maximum(eigenvalues, 0)
        places = np.linspace(0, self.n - 1, min(self.n, MOST_ROWS))
        self.rows = np.unique(places.astype(np.int64))
        rotated = self.features[self.rows] @ self.eigenvectors
        self.rotated = rotated - self.mean @ self.eigenvectors

    def fit(self, targets: Floats) -> Ridge:
        """Regress targets, float32 (n, d), with the penalty whose errors are least."""
        mean = targets.mean(axis=0, dtype=np.float64)
        centered = targets - mean
        rotated = self.eigenvectors.T @ (self.features.T @ centered)
        some = centered[self.rows]
        errors = {penalty: self.left_out(some, rotated, penalty) for penalty in PENALTIES}
        # Of errors that are the same but for rounding, the larger penalty's: it claims less.
        least = min(errors.values()) * (1 + 1e-6)
        best = max(penalty for penalty, error in errors.items() if error <= least)
        weights = self.eigenvectors @ (rotated / (self.eigenvalues + best)[:, None])
        variance = float(np.square(some).sum()) * (self.n / max(1, self.n - 1)) ** 2
        r2 = 1 - errors[best] / variance if variance else 0.0
        intercept = mean - self.mean @ weights
        residual = errors[best] / len(some)
        return Ridge(weights.astype(np.float32), intercept.astype(np.float32), best, r2, residual)

    def left_out(self, centered: Doubles, rotated: Doubles, penalty: float) -> float:
        """Return the sum of the squared errors of rows, each as if it had been left out."""
        shrunk = 1 / (self.eigenvalues + penalty)
        leverage = np.square(self.rotated) @ shrunk + 1 / self.n
        errors = centered - self.rotated @ (rotated * shrunk[:, None])
        return float(np.square(errors / np.maximum(1 - leverage, 1e-9)[:, None]).sum())
