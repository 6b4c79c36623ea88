"""Arrays of value objects: checked once, and then read alone."""

from collections.abc import Mapping

import numpy as np

from item2vec.errors import DataError


def freeze_arrays(owner: object, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Make arrays of a frozen dataclass views that can't be written.

    Parameters
    ----------
    owner : dataclass
    shapes : mapping of str to tuple of int
        Of each array, by the name of its field; all are float32.

    Raises
    ------
    DataError
        If an array has another shape or type.
    """
    for name, shape in shapes.items():
        array = getattr(owner, name)
        if array.shape != shape or array.dtype != np.float32:
            raise DataError(f"{name} must be float32 {shape}, not {array.dtype} {array.shape}")
        view = array.view()
        view.flags.writeable = False
        object.__setattr__(owner, name, view)
