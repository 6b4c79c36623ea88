"""Shared types: array aliases, named by dtype and meaning, and the progress callback.

The aliases do not include shapes; these are documented where an array is used.
"""

from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = npt.NDArray[np.int32]  # row of each item in a vocabulary; -1: unknown
Offsets: TypeAlias = npt.NDArray[np.int64]  # of packed lists: list i is offsets[i]:offsets[i + 1]
Lengths: TypeAlias = npt.NDArray[np.int64]  # number of items in each history
Counts: TypeAlias = npt.NDArray[np.int64]  # number of interactions or evaluation cases
Positions: TypeAlias = npt.NDArray[np.intp]  # positions in another array
Moments: TypeAlias = npt.NDArray[np.int32]  # index of each item's time among the distinct times
Hashes: TypeAlias = npt.NDArray[np.uint64]
Mask: TypeAlias = npt.NDArray[np.bool_]

Scores: TypeAlias = npt.NDArray[np.float32]  # score of each item per history; -inf: excluded
Vectors: TypeAlias = npt.NDArray[np.float32]  # one vector per row
Cosines: TypeAlias = npt.NDArray[np.float32]
Weights: TypeAlias = npt.NDArray[np.float32]
Floats: TypeAlias = npt.NDArray[np.float32]  # any other array in single precision
Values: TypeAlias = npt.NDArray[np.float64]  # values of a metric, one per case or per user
Doubles: TypeAlias = npt.NDArray[np.float64]  # any other array in double precision


class Progress(Protocol):
    """A callable that receives the number of finished units of work and the total number."""

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` units of work are finished."""
