"""Types that many modules share: arrays, by dtype and meaning, and progress callbacks.

The shape of an array is written where it is used.
"""

from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = npt.NDArray[np.int32]  # rows of items in a vocabulary; -1 is an unknown item
Offsets: TypeAlias = npt.NDArray[np.int64]  # where packed lists begin: list i is [i] to [i + 1]
Lengths: TypeAlias = npt.NDArray[np.int64]  # numbers of items
Counts: TypeAlias = npt.NDArray[np.int64]  # numbers of interactions or cases
Positions: TypeAlias = npt.NDArray[np.intp]  # positions in another array
Moments: TypeAlias = npt.NDArray[np.int32]  # ordinal numbers of the distinct times of a history
Hashes: TypeAlias = npt.NDArray[np.uint64]
Mask: TypeAlias = npt.NDArray[np.bool_]

Scores: TypeAlias = npt.NDArray[np.float32]  # of items for histories; -inf where excluded
Vectors: TypeAlias = npt.NDArray[np.float32]  # one vector per row
Cosines: TypeAlias = npt.NDArray[np.float32]
Weights: TypeAlias = npt.NDArray[np.float32]
Floats: TypeAlias = npt.NDArray[np.float32]  # any other array in single precision
Values: TypeAlias = npt.NDArray[np.float64]  # of a metric, one per case or per user
Doubles: TypeAlias = npt.NDArray[np.float64]  # any other array in double precision


class Progress(Protocol):
    """A callable that receives the number of finished units of work and the total number."""

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` units of work are finished."""
