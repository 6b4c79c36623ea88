"""Read-only arrays of frozen dataclasses."""

from collections.abc import Mapping

import numpy as np

from item2vec.errors import DataError


def freeze_arrays(owner: object, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check float32 arrays of a frozen dataclass, and replace them with read-only views.

    Parameters
    ----------
    owner : dataclass
    shapes : mapping of str to tuple of int
        The required shape of each array, by field name.

    Raises
    ------
    DataError
        If an array has another shape or dtype.
    """
    for name, shape in shapes.items():
        array = getattr(owner, name)
        if array.shape != shape or array.dtype != np.float32:
            raise DataError(f"{name} must be float32 {shape}, not {array.dtype} {array.shape}")
        view = array.view()
        view.flags.writeable = False
        object.__setattr__(owner, name, view)
