"""Ridge regression of many targets on sparse features, with leave-one-out choice of the penalty.

The leave-one-out error of each row follows from the same decomposition without another fit (the
PRESS statistic; Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009,
section 7.10), so no rows are held out to choose the penalty and to estimate the explained variance.
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
MOST_ROWS = 20_000  # maximum number of rows for which leave-one-out errors are computed


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fitted ridge regression: a linear function of features.

    Parameters
    ----------
    weights : array of shape (n_features, d), float32
    intercept : array of shape (d,), float32
    penalty : float
        The chosen one of `PENALTIES`.
    r2 : float
        Fraction of the variance of the targets that is explained (leave-one-out). If it is below 0,
        the mean of the other rows would have been a better prediction.
    residual_variance : float
        Mean squared error (leave-one-out), summed over the targets.
    """

    weights: Floats
    intercept: Floats
    penalty: float
    r2: float
    residual_variance: float

    def predict(self, features: "Sparse") -> Floats:
        """Return the predicted targets of features (m, n_features), float32 (m, d)."""
        result: Floats = features @ self.weights + self.intercept
        return result


def fit_ridges(features: "Sparse", targets: Mapping[str, Floats]) -> dict[str, Ridge]:
    """Fit a regression of each of several targets on the same features, with separate penalties.

    Parameters
    ----------
    features : CSR array of shape (n, n_features), float32
    targets : mapping of str to array of shape (n, d), float32
    """
    decomposition = _Decomposition(features)
    return {name: decomposition.fit(target) for name, target in targets.items()}


class _Decomposition:
    """The eigendecomposition of the Gram matrix of centered features, and rows in its basis."""

    def __init__(self, features: "Sparse") -> None:
        # In double precision: in float32, sums over millions of rows would be too inaccurate.
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
        """Regress targets, float32 (n, d), with the penalty of the smallest leave-one-out error."""
        mean = targets.mean(axis=0, dtype=np.float64)
        centered = targets - mean
        rotated = self.eigenvectors.T @ (self.features.T @ centered)
        some = centered[self.rows]
        errors = {
            penalty: self.leave_one_out_error(some, rotated, penalty) for penalty in PENALTIES
        }
        # Among penalties whose errors are equal up to rounding, take the largest.
        least = min(errors.values()) * (1 + 1e-6)
        best = max(penalty for penalty, error in errors.items() if error <= least)
        weights = self.eigenvectors @ (rotated / (self.eigenvalues + best)[:, None])
        variance = float(np.square(some).sum()) * (self.n / max(1, self.n - 1)) ** 2
        r2 = 1 - errors[best] / variance if variance else 0.0
        intercept = mean - self.mean @ weights
        residual = errors[best] / len(some)
        return Ridge(weights.astype(np.float32), intercept.astype(np.float32), best, r2, residual)

    def leave_one_out_error(self, centered: Doubles, rotated: Doubles, penalty: float) -> float:
        """Return the sum of squared leave-one-out errors.

        Parameters
        ----------
        centered : array of shape (r, d), float64
            Centered targets of the sampled rows.
        rotated : array of shape (n_features, d), float64
            Products of centered features and targets, in the basis of the eigenvectors.
        penalty : float
        """
        shrunk = 1 / (self.eigenvalues + penalty)
        leverage = np.square(self.rotated) @ shrunk + 1 / self.n
        errors = centered - self.rotated @ (rotated * shrunk[:, None])
        return float(np.square(errors / np.maximum(1 - leverage, 1e-9)[:, None]).sum())
